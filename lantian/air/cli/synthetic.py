"""lantian air synthesize: invented hours for trying things out."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from lantian.air.cli.common import data_option, said
from lantian.standards.clicktypes import Day


@click.command()
@click.option("--pack", "city", help="City pack (default: the one in cities/default).")
@click.option("--from", "first", type=Day(), required=True, help="First day.")
@click.option("--to", "last", type=Day(), required=True, help="Last day (included).")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another number, other data.")
@data_option
def synthesize(city: str | None, first: dt.date, last: dt.date, seed: int, data: Path | None) -> None:
    """Write invented hourly data of a pack's stations and cities, marked as synthetic, for trying things out.

    The same pack, seed and first day give the same numbers; a later --to adds the hours that are lacking. Where faults
    were planted stands in synthetic/faults.csv of the data folder.
    """
    from lantian.air.reading.importing import store_in
    from lantian.air.synthetic import writing
    from lantian.city.pack import default_pack, find_pack

    if last < first:
        raise click.BadParameter(f"the period ends ({last}) before it begins ({first})", param_hint="--to")
    folder = data or Path(os.environ.get("LANTIAN_DATA", "data"))
    with said():
        pack = find_pack(city or default_pack())
        end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.timezone(store_in(folder).offset))
        found = writing.synthesize(folder, pack, start=first, until=end, seed=seed, actor=os.environ.get("USER", ""))
    if found.last is None:
        click.echo("Nothing to add: these hours are in the store already.")
    else:
        click.echo(f"{found.values:,} invented values of {found.sources} stations and cities written.")
    click.echo(f"planted faults: {folder / writing.FOLDER / writing.FAULTS}")


commands = (synthesize,)
