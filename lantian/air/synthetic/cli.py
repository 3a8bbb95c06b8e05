"""lantian air synthesize: invented hours for trying things out."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click


@click.command()
@click.option("--pack", "city", help="City pack (default: the one in cities/default).")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day (included).")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another number, other data.")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: LANTIAN_DATA, else ./data).")
def synthesize(city: str | None, first: dt.datetime, last: dt.datetime, seed: int, data: Path | None) -> None:
    """Write invented hourly data of a pack's stations and cities, marked as synthetic, for trying things out.

    The same pack, seed and first day give the same numbers; a later --to adds the hours that are lacking. Where faults
    were planted stands in synthetic/faults.csv of the data folder.
    """
    from lantian.air.synthetic.sites import NoSitesError
    from lantian.air.synthetic.writing import FAULTS, FOLDER, OtherPlanError, synthesize
    from lantian.city.pack import PackError, default_pack, find_pack, load_pack
    from lantian.observations.errors import StoreError

    if last < first:
        raise click.BadParameter(f"the period ends ({last:%F}) before it begins ({first:%F})", param_hint="--to")
    folder = data or Path(os.environ.get("LANTIAN_DATA", "data"))
    try:
        pack = load_pack(find_pack(city or default_pack()))
        until = _end_of(last, folder)
        found = synthesize(folder, pack, start=first.date(), until=until, seed=seed, actor=os.environ.get("USER", ""))
    except (OtherPlanError, NoSitesError, PackError, StoreError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if found.last is None:
        click.echo("Nothing to add: these hours are in the store already.")
    else:
        click.echo(f"{found.values:,} invented values of {found.sources} stations and cities written.")
    click.echo(f"planted faults: {folder / FOLDER / FAULTS}")


def _end_of(day: dt.datetime, folder: Path) -> dt.datetime:
    """The end of a day on the store's clock."""
    from lantian.air.reading.importing import store_in

    return day.replace(tzinfo=dt.timezone(store_in(folder).offset)) + dt.timedelta(days=1)
