"""`lantian air formats | import`: files into the store."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantian.air.cli.common import data_option, format_option, json_option, lang_option, print_json, said

if TYPE_CHECKING:
    from lantian.air.reading.faults import Fault
    from lantian.air.reading.importing import Import
    from lantian.observations.model import Receipt

_SHOWN = 20


@click.command("formats")
@lang_option
def formats_(lang: str) -> None:
    """List the formats of files that can be imported."""
    from lantian.air.reading.formats import formats

    for one in formats():
        click.echo(f"{one.name}  {one.zh if lang == 'zh' else one.en}")
        click.echo(f"  {one.time_zone}, {one.hour_label}, {one.time_format}, {', '.join(one.encodings)}")
        click.echo(f"  {one.time}, {one.place}, " + ", ".join(f"{each.column} ({each.unit})" for each in one.values))


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option
@data_option
@click.option("--encoding", default="utf-8", show_default=True, help="The file's encoding; never guessed.")
@click.option("--time-format", default="", help="The form of its times, e.g. '%Y/%m/%d %H:%M'; else the format's own.")
@click.option("--dry-run", is_flag=True, help="Only look: what would be written and what is wrong.")
@click.option("--skip-bad", is_flag=True, help="Write the good values though others are bad.")
@click.option("--actor", default="", help="Who imports it (default: the login name).")
@lang_option
@json_option
def import_(
    file: Path, form: str, data: Path | None, encoding: str, time_format: str,
    dry_run: bool, skip_bad: bool, actor: str, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Write a file's hourly values into the observation store, once: the same content again changes nothing.

    Exit status 1 when values are bad; without --skip-bad nothing is written then.
    """
    from lantian.air.reading.faults import FileFaultError
    from lantian.air.reading.importing import look, store_in, write

    receipt = None
    try:
        with said(), _progress(file, as_json) as tell:
            found = look(file, form, encoding=encoding, time_format=time_format, progress=tell)
    except click.ClickException as error:
        if isinstance(error.__cause__, FileFaultError):
            _refuse_file(file, error.__cause__.faults, lang, as_json)
        raise
    bad = bool(found.reading.faults.total)
    if not dry_run and (skip_bad or not bad):
        with said():
            who = actor or os.environ.get("USER", "")
            receipt = write(found, store_in(data), actor=who, skip_bad=skip_bad)
    _tell_import(found, receipt, lang, as_json)
    sys.exit(1 if bad and receipt is None else 0)


def _refuse_file(file: Path, faults: tuple[Fault, ...], lang: str, as_json: bool) -> None:
    if as_json:
        print_json(
            {"file": file.name, "written": False, "faults": len(faults), "list": [one.as_json(lang) for one in faults]}
        )
    for one in faults:
        click.echo(f"{file.name}: {one.sentence(lang)}", err=True)
    sys.exit(1)


@contextmanager
def _progress(file: Path, quiet: bool) -> Iterator[Any]:
    """Show a bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda at, of: None
        return
    with click.progressbar(length=file.stat().st_size, label=file.name, file=sys.stderr) as bar:
        yield lambda at, of: bar.update(max(0, at - bar.pos))


def _tell_import(found: Import, receipt: Receipt | None, lang: str, as_json: bool) -> None:
    summary = found.summary()
    faults = found.reading.faults
    if as_json:
        done = {
            "written": receipt is not None and not receipt.repeated,
            "repeated": receipt is not None and receipt.repeated,
            "version": receipt and receipt.version,
            "rows_in_store": receipt and receipt.rows,
        }
        print_json(summary | done | {"list": [one.as_json(lang) for one in faults.in_order()]})
        return
    click.echo(
        f"{summary['file']}: {summary['rows']:,} rows, {summary['values']:,} values, {len(summary['places'])} places"
    )
    click.echo(
        f"{summary['first']} … {summary['last']} ({summary['time_zone']}, label = {summary['hour_label']} of the hour)"
    )
    click.echo("  ".join(f"{code} {one['n']:,} (-{one['missing']})" for code, one in summary["items"].items()))
    if summary["columns_unknown"]:
        click.echo(f"columns that nobody knows, passed over: {', '.join(summary['columns_unknown'])}")
    for one in faults.in_order()[:_SHOWN]:
        click.echo(one.sentence(lang), err=True)
    if faults.total > _SHOWN:
        click.echo(f"… {faults.total - _SHOWN} more (--json lists up to {faults.most})", err=True)
    click.echo(_outcome(faults.total, receipt))


def _outcome(faults: int, receipt: Receipt | None) -> str:
    if receipt is None:
        return f"Nothing was written; {faults} faults."
    if receipt.repeated:
        return f"This content is in the store already (version {receipt.version}); nothing was written."
    return f"{receipt.rows:,} values written (version {receipt.version}); {faults} faults."


commands = (formats_, import_)
