"""lantian air: files into the store, assessment of a place, ranking of a scope. No database; slow parts load late."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantian.air.synthetic.cli import synthesize

if TYPE_CHECKING:
    from lantian.air.reading.faults import Fault
    from lantian.air.reading.importing import Import
    from lantian.observations.model import Receipt

_SHOWN = 20


class _Day(click.ParamType[dt.date]):
    """A local date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        try:
            return value if isinstance(value, dt.date) else dt.datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 (a local date)
        except ValueError:
            self.fail(f"{value!r} is no date: write YYYY-MM-DD, e.g. 2020-01-01", param, ctx)


class _Month(click.ParamType[dt.date]):
    """A month, YYYY-MM, as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        try:
            return value if isinstance(value, dt.date) else dt.datetime.strptime(value, "%Y-%m").date()  # noqa: DTZ007 (a local month)
        except ValueError:
            self.fail(f"{value!r} is no month: write YYYY-MM, e.g. 2020-05", param, ctx)


_data = click.option(
    "--data", type=click.Path(path_type=Path), help="Data folder (default: LANTIAN_DATA, else ./data)."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON (UTF-8).")
_lang = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of names."
)
_format = click.option("--format", "form", default="cnemc-city-hourly", show_default=True, help="What the file is.")
_regime = click.option("--regime", help="Assess under this regime (2012, 2026-transition, …), not under the days' own.")


@click.group()
def air() -> None:
    """Air quality: import hours, assess places, rank them."""


@contextmanager
def _said() -> Iterator[None]:
    """Say what cannot be done as a sentence instead of a traceback."""
    from lantian.observations.errors import StoreError

    try:
        yield
    except (StoreError, ValueError, LookupError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _print_json(data: object) -> None:
    sys.stdout.buffer.write((json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())
    sys.stdout.flush()


@air.command("formats")
@_lang
def formats_(lang: str) -> None:
    """List the formats of files that can be imported."""
    from lantian.air.reading.formats import formats

    for one in formats():
        click.echo(f"{one.name}  {one.zh if lang == 'zh' else one.en}")
        click.echo(f"  {one.time_zone}, {one.hour_label}, {one.time_format}, {', '.join(one.encodings)}")
        click.echo(f"  {one.time}, {one.place}, " + ", ".join(f"{each.column} ({each.unit})" for each in one.values))


@air.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_format
@_data
@click.option("--encoding", default="utf-8", show_default=True, help="The file's encoding; never guessed.")
@click.option("--time-format", default="", help="The form of its times, e.g. '%Y/%m/%d %H:%M'; else the format's own.")
@click.option("--dry-run", is_flag=True, help="Only look: what would be written and what is wrong.")
@click.option("--skip-bad", is_flag=True, help="Write the good values though others are bad.")
@click.option("--actor", default="", help="Who imports it (default: the login name).")
@_lang
@_json
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
        with _said(), _progress(file, as_json) as tell:
            found = look(file, form, encoding=encoding, time_format=time_format, progress=tell)
    except click.ClickException as error:
        if isinstance(error.__cause__, FileFaultError):
            _refuse_file(file, error.__cause__.faults, lang, as_json)
        raise
    bad = bool(found.reading.faults.total)
    if not dry_run and (skip_bad or not bad):
        with _said():
            who = actor or os.environ.get("USER", "")
            receipt = write(found, store_in(data), actor=who, skip_bad=skip_bad)
    _tell_import(found, receipt, lang, as_json)
    sys.exit(1 if bad and receipt is None else 0)


def _refuse_file(file: Path, faults: tuple[Fault, ...], lang: str, as_json: bool) -> None:
    if as_json:
        _print_json(
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
        _print_json(summary | done | {"list": [one.as_json(lang) for one in faults.in_order()]})
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


@air.command()
@click.option("--place", required=True, help="Name of the place, with or without 市.")
@click.option("--from", "first", type=_Day(), required=True, help="First day.")
@click.option("--to", "last", type=_Day(), required=True, help="Last day (included).")
@_regime
@click.option("--grade", type=click.Choice(["I", "II"]), default="II", show_default=True, help="Limits of which grade.")
@_format
@_data
@_lang
@click.option("--sources", is_flag=True, help="With --json: every number and rule of the law that was used.")
@_json
def assess(
    place: str, first: dt.date, last: dt.date, regime: str | None, grade: str, form: str, data: Path | None,
    lang: str, sources: bool, as_json: bool,
) -> None:  # fmt: skip
    """Assess a place over a period under the law of its days: figures, good days, attainment, composite index."""
    from lantian.air.assessing import plain
    from lantian.air.assessing.ask import assess_place

    with _said():
        found, version = assess_place(data, place, first, last, regime=regime, grade=grade, form=form)
    if as_json:
        _print_json(plain.assessment(found, version, sources=sources))
    else:
        from lantian.air.assessing.text import assessment_text

        click.echo(assessment_text(found, lang))


@air.command()
@click.option("--scope", required=True, help="Which places: a scope of a city pack, e.g. shanxi-cities.")
@click.option("--month", type=_Month(), required=True, help="Month, YYYY-MM.")
@click.option("--pack", help="City pack with the scope (default: any).")
@_regime
@_format
@_data
@_lang
@_json
def rank(
    scope: str,
    month: dt.date,
    pack: str | None,
    regime: str | None,
    form: str,
    data: Path | None,
    lang: str,
    as_json: bool,
) -> None:
    """Rank the places of a scope by the composite index of a month, best first; equal ones share a rank."""
    from lantian.air.assessing import plain
    from lantian.air.assessing.ask import rank_scope

    with _said():
        found = rank_scope(data, scope, month, pack=pack, regime=regime, form=form)
    if found.lacking:
        click.echo(f"not ranked, no data for all six pollutants: {', '.join(found.lacking)}", err=True)
    if as_json:
        _print_json(plain.ranking(found.law, found.places, found.expected))
    else:
        from lantian.air.assessing.text import ranking_text

        click.echo(ranking_text(found, lang))


air.add_command(synthesize)
