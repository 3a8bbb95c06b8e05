"""Which targets rest on observations that were corrected: asked by the store whenever figures are recomputed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from lantian.air import queries
from lantian.air.goals import targets_in_force
from lantian.air.targets.model import OF_DAYS, Target
from lantian.indicators.context import Context
from lantian.observations.dependency import Affected, Dependant, register_dependants

_ALL_ITEMS = ""


def register() -> None:
    register_dependants("targets of the air", targets_resting_on)


def targets_resting_on(changed: Sequence[Affected]) -> Iterator[Dependant]:
    """Yield the targets of the years and places whose observations changed; ranks are left out (all places count there)."""
    context = Context()
    names = {place.code: place.name for place in (context.city, *context.areas) if place}
    sources = _sources(names)
    for target, _url in targets_in_force(context):
        if target.statistic.kind in OF_DAYS and any(_rests(target, one, sources) for one in changed):
            label = f"{names.get(target.place, target.place)} {target.year} {target.statistic.zh}"
            yield Dependant("target", target.id, label, "air:target")


def _sources(names: dict[str, str]) -> dict[str, set[str]]:
    """Sources that each place's values may come from, by the place's code; what the store holds now."""
    found: dict[str, set[str]] = {}
    by_name = {one.name: one for one in queries.all_subjects()}
    by_code = {one.code: one for one in queries.all_subjects() if one.code}
    for code, name in names.items():
        one = by_code.get(code) or by_name.get(name)
        found[code] = {source for origin in one.origins for source in origin.sources.values()} if one else set()
    return found


def _rests(target: Target, one: Affected, sources: dict[str, set[str]]) -> bool:
    year = dt.date(target.year, 1, 1), dt.date(target.year + 1, 1, 1)
    item = target.statistic.pollutant
    return (
        one.source in sources.get(target.place, set())
        and item in {_ALL_ITEMS, one.quantity}
        and one.period_from < year[1]
        and one.period_to > year[0]
    )
