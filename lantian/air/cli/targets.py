"""lantian air targets: how the targets stand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from lantian.air.cli.common import data_option, json_option, lang_option, print_json, said
from lantian.standards.clicktypes import Day


@click.command("targets")
@click.option("--pack", help="City pack (default: the one in cities/default).")
@click.option("--place", help="Only targets of this place (name or code).")
@click.option("--year", type=int, help="Year of the targets (default: that of --on).")
@click.option("--on", "today", type=Day(), help="As it stood at the beginning of this day (default: today).")
@click.option("--demo", is_flag=True, help="With the pack's invented targets of the demonstration.")
@data_option
@lang_option
@click.option("--months", is_flag=True, help="With --json: the year month by month, done and needed.")
@json_option
def targets(
    pack: str | None, place: str | None, year: int | None, today: dt.date | None, demo: bool, data: Path | None,
    lang: str, months: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say how the targets of the air stand: to date, distance, what the rest of the year may have, how likely that is."""
    from lantian.air.targets import plain
    from lantian.air.targets.ask import stand_of_pack
    from lantian.city.pack import default_pack

    with said():
        day = today or dt.datetime.now(dt.UTC).astimezone().date()
        found = stand_of_pack(data, day, pack=pack or default_pack(), year=year, place=place, demonstration=demo)
    names = found.names(lang)
    if as_json:
        print_json([plain.standing(one, names, found.months(one) if months else ()) for one in found.rows])
        return
    for one in found.rows:
        click.echo(plain.text(one, names, lang))
    if not found.rows:
        click.echo(f"no target for {year or day.year}", err=True)
