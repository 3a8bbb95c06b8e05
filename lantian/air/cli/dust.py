"""lantian air dust: the list of dust hours, what the rule proposes, import of the official list, taking back."""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantian.air.cli.common import data_option, json_option, lang_option, print_json, said
from lantian.standards.clicktypes import Day

if TYPE_CHECKING:
    from lantian.air.assessing.dust_list import Written

_pack = click.option("--pack", help="City pack that knows the places and stations (default: cities/default).")
_first = click.option("--from", "first", type=Day(), required=True, help="First day.")
_last = click.option("--to", "last", type=Day(), required=True, help="Last day (included).")
_actor = click.option("--actor", default="", help="Who does it (default: the login name).")
_places = click.option("--place", "places", multiple=True, help="Only this place (may be given again).")


@click.group()
def dust() -> None:
    """Dust hours: which are left out, which the rule proposes; import the official list, take hours back."""


@dust.command("list")
@_first
@_last
@_places
@_pack
@data_option
@json_option
def list_(
    first: dt.date, last: dt.date, places: tuple[str, ...], pack: str | None, data: Path | None, as_json: bool
) -> None:
    """Say which hours of which place are in the list, by which document and whom."""
    from lantian.air.assessing.dust_list import listed
    from lantian.air.assessing.periods import Period
    from lantian.air.assessing.shelf import open_shelf

    with said():
        shelf = open_shelf(data, pack)
        found = listed(shelf, Period(first, last), [shelf.find(one) for one in places] or None)
    rows = [
        {
            "place": one.subject.name, "from": one.begin.isoformat(), "to": one.end.isoformat(), "hours": one.hours,
            "document": one.reason, "by": one.who, "at": one.at.isoformat(),
        }
        for one in found
    ]  # fmt: skip
    _tell(rows, as_json)


@dust.command()
@_first
@_last
@_places
@_pack
@data_option
@json_option
def propose(
    first: dt.date, last: dt.date, places: tuple[str, ...], pack: str | None, data: Path | None, as_json: bool
) -> None:
    """Say which hours look like dust by the rule on hourly PM10; changes nothing. The official list decides."""
    from lantian.air.assessing.dust_list import proposals
    from lantian.air.assessing.periods import Period
    from lantian.air.assessing.series import STATION
    from lantian.air.assessing.shelf import open_shelf

    with said():
        shelf = open_shelf(data, pack)
        asked = [shelf.find(one) for one in places] or [one for one in shelf.subjects if one.kind != STATION]
        found = proposals(shelf, asked, Period(first, last))
    rows = [
        {
            "place": one.subject.name, "from": one.begin.isoformat(), "to": one.end.isoformat(), "hours": one.hours,
            "highest_pm10": one.highest, "mean_before": one.before, "listed_hours": one.listed,
        }
        for one in found
    ]  # fmt: skip
    _tell(rows, as_json)


@dust.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), default="utf-8", show_default=True)
@click.option("--document", default="", help="The source document, where the file has no such column.")
@_actor
@_pack
@data_option
@lang_option
@json_option
def import_(
    file: Path, encoding: str, document: str, actor: str, pack: str | None, data: Path | None, lang: str, as_json: bool
) -> None:
    """Put the official list into the store: columns place, from, to, document. Doing it again adds what is new."""
    from lantian.air.assessing.dust_file import ListFileError, read_list
    from lantian.air.assessing.dust_list import write_entries
    from lantian.air.assessing.shelf import open_shelf, store_of

    content = file.read_bytes()
    with said():
        store, shelf = store_of(data), open_shelf(data, pack)
        try:
            entries = read_list(content, offset=shelf.offset, encoding=encoding, document=document)
        except ListFileError as error:
            for fault in error.faults:
                click.echo(f"{file.name}: {fault.sentence(lang)}", err=True)
            sys.exit(1)
        version = shelf.version
        key = f"{hashlib.sha256(content).hexdigest()}:{version.observations}:{version.flags}"
        done, _ = write_entries(store, shelf, entries, actor=actor or getpass.getuser(), key=key)
    _tell([_written(one) for one in done], as_json)


@dust.command()
@click.option("--place", required=True, help="Name or code of the place.")
@_first
@_last
@click.option("--reason", required=True, help="Why the hours are taken back.")
@_actor
@_pack
@data_option
@json_option
def withdraw(
    place: str,
    first: dt.date,
    last: dt.date,
    reason: str,
    actor: str,
    pack: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Take hours of a place off the list: appended as such, nothing is overwritten."""
    from lantian.air.assessing.dust_list import Entry, write_entries
    from lantian.air.assessing.shelf import open_shelf, store_of

    with said():
        store, shelf = store_of(data), open_shelf(data, pack)
        begin = dt.datetime.combine(first, dt.time(), dt.timezone(shelf.offset))
        end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.timezone(shelf.offset))
        key = f"withdraw:{place}:{first}:{last}:{shelf.version.flags}"
        done, _ = write_entries(
            store, shelf, [Entry(place, begin, end, reason)],
            actor=actor or getpass.getuser(), key=key, retract=True, reason=reason,
        )  # fmt: skip
    _tell([_written(one) for one in done], as_json)


def _written(one: Written) -> dict[str, Any]:
    return {
        "place": one.entry.place, "from": one.entry.begin.isoformat(), "to": one.entry.end.isoformat(),
        "document": one.entry.document, "values": one.flags, "already": one.already, "days_kept": one.days_kept,
        "no_data": one.nothing,
    }  # fmt: skip


def _tell(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo("  ".join(f"{key}={value}" for key, value in row.items()))
