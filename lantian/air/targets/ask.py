"""The door: how the targets of a city pack stand on a day, out of the store of a data folder. No database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from lantian.air.targets.days import PlaceDays
from lantian.air.targets.model import OF_DAYS, Target, likelihood_rules
from lantian.air.targets.path import Month
from lantian.air.targets.reading import read_targets, targets_of_bindings
from lantian.air.targets.source import days_of_places
from lantian.air.targets.standing import Standing, months_of, stand_all
from lantian.city.pack import CityPack, find_pack, load_pack


@dataclass(frozen=True, slots=True)
class Standings:
    """The targets' standings, the most endangered first, with names by code of place and what is needed for details."""

    pack: CityPack
    rows: tuple[Standing, ...]
    days: dict[str, tuple[PlaceDays, PlaceDays]]

    def names(self, lang: str) -> dict[str, str]:
        """Names of the pack's city and areas by code."""
        places = (self.pack.places.city, *self.pack.places.areas)
        return {one.code: one.name_zh if lang == "zh" else one.name_en for one in places}

    def months(self, one: Standing) -> tuple[Month, ...]:
        """A standing's year month by month."""
        return months_of(one, self.days.get(one.target.place))


def targets_of_pack(pack: CityPack, *, demonstration: bool = False) -> tuple[Target, ...]:
    """Return the targets of a pack: those of its plans' sentences and those of targets.toml."""
    said = targets_of_bindings(pack.bindings, pack.documents, pack.places)
    return (*said, *read_targets(pack.root, demonstration=demonstration).targets)


def stand_of_pack(
    data: Path | None,
    today: dt.date,
    *,
    pack: str,
    year: int | None = None,
    place: str | None = None,
    demonstration: bool = False,
) -> Standings:
    """Return how the targets of a year (default: that of `today`) stand at the beginning of `today`.

    Raises FileNotFoundError for an unknown pack, PackError for a faulty one, LookupError for a place that has no target.
    """
    loaded = load_pack(find_pack(pack))
    wanted = [one for one in targets_of_pack(loaded, demonstration=demonstration) if one.year == (year or today.year)]
    names = {one.code: one.name_zh for one in (loaded.places.city, *loaded.places.areas)}
    if place is not None:
        wanted = [one for one in wanted if place in {one.place, names[one.place]}]
        if not wanted:
            raise LookupError(f"no target of {place!r} in {year or today.year}; give its name or its code")
    codes = {one.place for one in wanted if one.statistic.kind in OF_DAYS}
    first = dt.date((year or today.year) - likelihood_rules().most_years, 1, 1)
    last = min(today - dt.timedelta(days=1), dt.date(year or today.year, 12, 31))
    known = days_of_places(data, [names[code] for code in sorted(codes)], first, last, pack=loaded.root)
    by_code = {
        code: (known.raw[names[code]], known.deducted[names[code]]) for code in codes if names[code] in known.raw
    }
    rows = stand_all(
        wanted,
        {code: both[0] for code, both in by_code.items()},
        {code: both[1] for code, both in by_code.items()},
        today,
        known.version,
    )
    return Standings(loaded, tuple(rows), by_code)
