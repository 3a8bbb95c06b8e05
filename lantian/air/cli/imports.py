"""`lantian air formats | import | watch`: files into the store."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantian.air.cli.common import data_option, format_option, json_option, lang_option, print_json, said, words_of

if TYPE_CHECKING:
    from lantian.air.reading.faults import Fault
    from lantian.air.reading.formats import Format
    from lantian.air.reading.importing import Import
    from lantian.observations.model import Receipt

_SHOWN = 20
_DECLARED = ("series", "time_zone", "hour_label", "place", "units", "sheet")


def declaring(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options by which a caller declares how a file is to be read."""
    options = [
        click.option("--encoding", default="utf-8", show_default=True, help="The file's encoding; never guessed."),
        click.option("--time-format", default="", help="The form of its times, e.g. '%Y/%m/%d %H:%M'; else the format's own."),
        click.option("--series", default="", help="Which series the values are (formats that leave it open)."),
        click.option("--time-zone", default="", help="The clock of its times, e.g. Asia/Shanghai, UTC."),
        click.option("--hour-label", default="", help="Which moment of the hour a time names: begin or end."),
        click.option("--place", default="", help="The place that the whole file is about."),
        click.option("--units", default="", help="Units that no column says: 'CO=µg/m3,SO2=mg/m3', or one for all."),
        click.option("--sheet", default="", help="Which sheet of a workbook."),
        click.option(
            "--declare", multiple=True, metavar="NAME=VALUE",
            help="More: hours=1-24, header_row=3, missing=-99, time_column=…, place_column=…, leave_out=AQI,O3_8h.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def declared_of(options: dict[str, Any]) -> dict[str, str]:
    """Return what was declared beyond encoding and form of times; takes its options out of `options`."""
    found = {name: options.pop(name) for name in _DECLARED}
    for text in options.pop("declare"):
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r}: write NAME=VALUE", param_hint="--declare")
        found[name.strip()] = value
    return {name: text for name, text in found.items() if text.strip()}


@click.command("formats")
@lang_option
@json_option
def formats_(lang: str, as_json: bool) -> None:
    """List the formats of files that can be imported, and what has to be declared with each."""
    from lantian.air.reading.formats import formats

    if as_json:
        print_json([_format_as_json(one) for one in formats()])
        return
    words = words_of("formats", lang)
    for one in formats():
        click.echo(f"{one.name}  {one.title(lang)}")
        series = one.series or "|".join(one.series_choices)
        label = words[one.hour_label or "open"] if one.step == "hour" else words["day"]
        zone = one.time_zone or words["zone"]
        click.echo(f"  {series}; {zone}, {label}, {one.time_format}; {', '.join(one.encodings)}")
        columns = [one.time, one.hour, one.place, one.pollutant, one.value, one.unit]
        named = ["/".join(each[:3]) for each in columns if each]
        click.echo("  " + ", ".join([*named, *(f"{'/'.join(each.columns[:2])} ({each.unit})" for each in one.values)]))
        if one.must:
            click.echo(f"  {words['must']}: {', '.join(one.must)}")
        if one.asks:
            click.echo(f"  {words['may']}: {', '.join(name for name in one.asks if name not in one.must)}")


def _format_as_json(one: Format) -> dict[str, Any]:
    return {
        "name": one.name, "zh": one.zh, "en": one.en, "files": list(one.files), "step": one.step, "series": one.series,
        "series_choices": list(one.series_choices), "time_zone": one.time_zone, "hour_label": one.hour_label,
        "time_format": one.time_format, "encodings": list(one.encodings), "asks": list(one.asks), "must": list(one.must),
    }  # fmt: skip


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option
@data_option
@declaring
@click.option("--dry-run", is_flag=True, help="Only look: what would be written and what is wrong.")
@click.option("--skip-bad", is_flag=True, help="Write the good values though others are bad.")
@click.option("--actor", default="", help="Who imports it (default: the login name).")
@lang_option
@json_option
def import_(
    file: Path, form: str, data: Path | None, encoding: str, time_format: str, dry_run: bool, skip_bad: bool,
    actor: str, lang: str, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Write a file's values into the observation store, once: the same content again changes nothing.

    A large file is written in parts; the same command goes on where an interrupted one stopped. Exit status 1 when
    values are bad; without --skip-bad nothing is written then.
    """
    from lantian.air.reading.faults import FileFaultError
    from lantian.air.reading.importing import look, store_in, write

    receipt, declared = None, declared_of(options)
    try:
        with said(), _progress(file, as_json) as tell:
            found = look(
                file, form, encoding=encoding, time_format=time_format, declared=declared, progress=tell
            )  # fmt: skip
    except click.ClickException as error:
        if isinstance(error.__cause__, FileFaultError):
            _refuse_file(file, error.__cause__.faults, lang, as_json)
        raise
    bad = bool(found.faults.total)
    if not dry_run and (skip_bad or not bad):
        with said(), _progress(file, as_json) as tell:
            who = actor or os.environ.get("USER", "")
            receipt = write(found, store_in(data), actor=who, skip_bad=skip_bad, progress=tell)
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
    summary, faults = found.summary(), found.faults
    if as_json:
        done = {
            "written": receipt is not None and not receipt.repeated,
            "repeated": receipt is not None and receipt.repeated,
            "version": receipt and receipt.version,
            "rows_in_store": receipt and receipt.rows,
        }
        print_json(summary | done | {"list": [one.as_json(lang) for one in faults.in_order()]})
        return
    from lantian.air.reading.report import fault_lines, summary_lines

    for line in summary_lines(summary):
        click.echo(line)
    for line in fault_lines(faults, lang, _SHOWN):
        click.echo(line, err=True)
    click.echo(outcome(faults.total, receipt, len(found.parts)))


def outcome(faults: int, receipt: Receipt | None, parts: int) -> str:
    """How an import ended, in one line."""
    if receipt is None:
        return f"Nothing was written; {faults} faults."
    if receipt.repeated:
        return f"This content is in the store already (version {receipt.version}); nothing was written."
    of_parts = f" in {parts} parts" if parts > 1 else ""
    return f"{receipt.rows:,} values written{of_parts} (version {receipt.version}); {faults} faults."


@click.command("watch")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@format_option
@data_option
@declaring
@click.option("--skip-bad", is_flag=True, help="Write the good values though others are bad.")
@click.option("--actor", default="", help="Who imports it (default: the login name).")
@click.option(
    "--interval", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help="Seconds between looks."
)
@click.option(
    "--settle", type=click.FloatRange(min=0.0), default=5.0, show_default=True, help="Seconds without change."
)
@click.option("--once", is_flag=True, help="Import what is there, then end (status 1 if something failed).")
@lang_option
def watch(
    folder: Path, form: str, data: Path | None, encoding: str, time_format: str, skip_bad: bool, actor: str,
    interval: float, settle: float, once: bool, lang: str, **options: Any,
) -> None:  # fmt: skip
    """Import every file that is put into a folder; then it lies in done/ or failed/ with a report beside it.

    Ends with SIGINT or SIGTERM, after the file at hand. A file is never imported twice and never lost: what was being
    imported lies in working/ and is taken up again.
    """
    from lantian.air.reading.declaring import declare
    from lantian.air.reading.formats import format_named
    from lantian.air.reading.importing import store_in
    from lantian.air.reading.watching import Watched, Watcher

    declared = declared_of(options)
    with said():
        declare(format_named(form), encoding=encoding, time_format=time_format, declared=declared)
    who = actor or os.environ.get("USER", "")
    watcher = Watcher(Watched(folder, form, encoding, time_format, declared, skip_bad, who, lang), settle=settle)
    store, stopping = store_in(data), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopping.set())
    failed = looks = 0
    while not stopping.is_set():
        with said():
            for outcome in watcher.scan(store):
                failed += outcome.state != "done"
                click.echo(f"{outcome.name}: {outcome.state}: {outcome.text}", err=outcome.state != "done")
                if stopping.is_set():
                    break
        looks += 1
        if once and looks > 1:
            break
        stopping.wait(settle if once else interval)
    sys.exit(1 if once and failed else 0)


commands = (formats_, import_, watch)
