"""`lantian air check`: the rules of quality control over the store. No database."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from lantian.air.cli.common import data_option, json_option, lang_option, print_json, said
from lantian.standards.clicktypes import Day


@click.command("check")
@click.option(
    "--from", "first", type=Day(), help="First day (with --to; without both: what is new since the last check)."
)
@click.option("--to", "last", type=Day(), help="Last day (included).")
@click.option("--place", multiple=True, help="Only this place or station (name or code; several times).")
@click.option("--dry-run", is_flag=True, help="Only say what would be flagged; nothing is written.")
@data_option
@lang_option
@json_option
def check(
    first: dt.date | None, last: dt.date | None, place: tuple[str, ...], dry_run: bool, data: Path | None, lang: str, as_json: bool
) -> None:  # fmt: skip
    """Flag what the rules of quality control find odd, once: the same data again change nothing."""
    from lantian.air.assessing.shelf import open_shelf, store_of
    from lantian.air.quality.flags import flags
    from lantian.air.quality.near import near_of
    from lantian.air.quality.running import check_new, check_store

    if (first is None) != (last is None):
        raise click.UsageError("--from and --to go together.")
    if first is None and (place or dry_run):
        raise click.UsageError("--place and --dry-run need --from and --to.")
    with said():
        shelf = open_shelf(data)
        places = {one.code: one.place for one in shelf.network.stations}

        def near(sources: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
            return near_of(shelf.pack, places, sources)

        store = store_of(data)
        if first is None or last is None:
            done = check_new(store, near=near)
        else:
            wanted = [source for name in place for one in shelf.find(name).origins for source in one.sources.values()]
            done = check_store(store, first, last, sources=wanted, near=near, write=not dry_run)
    if as_json:
        print_json({"written": not dry_run, **done.plain()})
        return
    click.echo(f"{done.values:,} values, {done.first or '–'} … {done.last or '–'}")
    for name, n in sorted(done.set.items()):
        click.echo(f"  + {n:>6,}  {name}  {flags()[name].label(lang)}")
    for name, n in sorted(done.withdrawn.items()):
        click.echo(f"  - {n:>6,}  {name}  {flags()[name].label(lang)}")
    if dry_run:
        click.echo("Nothing was written.", file=sys.stderr)


commands = (check,)
