"""Targets of the pack that rest on figures which changed: asked by `observations.dependency` after a decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from lantian.air.assessing.series import STATION, split_source
from lantian.air.assessing.subjects import RELEASE
from lantian.air.control.data import lang
from lantian.air.known import is_demonstration
from lantian.air.queries import all_subjects, pack_root, shelf
from lantian.air.targets.ask import targets_of_pack
from lantian.air.targets.model import Target
from lantian.city.pack import load_pack
from lantian.observations.dependency import Affected, Dependant

_SO2 = "SO2"


def targets(changed: Sequence[Affected]) -> Iterator[Dependant]:
    """Yield the targets of the pack whose place, year and pollutant a change touches."""
    root = pack_root()
    if root is None or not changed:
        return
    pack = load_pack(root)
    names = {one.code: one.name_zh if lang() == "zh" else one.name_en for one in (pack.places.city, *pack.places.areas)}
    touched = {(code, one.quantity, year) for one in changed for code in places_of(one.source) for year in _years(one)}
    for target in targets_of_pack(pack, demonstration=is_demonstration()):
        if any(_rests(target, *one) for one in touched):
            label = f"{names.get(target.place, target.place)} {target.year}: {target.statistic.name(lang())}"
            yield Dependant("target", target.id, label, "air:targets")


def _years(one: Affected) -> range:
    return range(one.period_from.year, (one.period_to - dt.timedelta(days=1)).year + 1)


def _rests(target: Target, place: str, quantity: str, year: int) -> bool:
    if (target.place, target.year) != (place, year) or target.statistic.kind == "entered":
        return False
    if target.statistic.kind == "so2_class":
        return quantity == _SO2
    return target.statistic.pollutant in ("", quantity)


def places_of(source: str) -> set[str]:
    """Return the codes of the places whose values rest on a source: its own, and of a station those that it counts for."""
    series, name = split_source(source)
    found = {
        one.code
        for one in all_subjects()
        for origin in one.origins
        if origin.basis == RELEASE and source in origin.sources.values() and one.code
    }
    if series is not None and series.kind == STATION:
        station = shelf().network.station(name)
        found |= set(station.counts_for) if station else set()
    return found
