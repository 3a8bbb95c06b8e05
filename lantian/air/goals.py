"""The targets of the air as pages and API show them: those of the plans in force and of the pack, each with how it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lantian.air import known
from lantian.air.targets.days import PlaceDays
from lantian.air.targets.model import CITY_SCOPES, Target, statistics
from lantian.air.targets.path import Month
from lantian.air.targets.standing import Standing, months_of, stand, stand_with
from lantian.city.models import Place
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.period import Period
from lantian.indicators.queries import evaluate
from lantian.indicators.registry import TargetLine
from lantian.indicators.value import Value


@dataclass(frozen=True, slots=True)
class Goal:
    """A target at a place with its standing; `value` is its indicator's over the same days, with notes and lineage."""

    standing: Standing
    place: Place
    value: Value
    url: str = ""

    @property
    def target(self) -> Target:
        return self.standing.target

    @property
    def id(self) -> str:
        return self.target.id


@dataclass(frozen=True, slots=True)
class Board:
    """The targets of a year, the most endangered first; `years` are all that there are targets of."""

    year: int
    years: tuple[int, ...]
    goals: tuple[Goal, ...]
    days: dict[str, tuple[PlaceDays, PlaceDays]]

    def months(self, goal: Goal) -> tuple[Month, ...]:
        return months_of(goal.standing, self.days.get(goal.target.place))

    def parts_of(self, goal: Goal) -> tuple[Goal, ...]:
        """Targets that are parts of another."""
        return tuple(one for one in self.goals if one.target.parent == goal.id)


def targets_in_force(context: Context) -> list[tuple[Target, str]]:
    """Return every target with the address of its sentence ("" for those that the pack lists)."""
    said = [pair for line in context.target_lines for pair in _of_line(line, context)]
    root = known.pack_root(context)
    listed = known.pack_targets(root, demonstration=known.is_demonstration()).targets if root else ()
    return [*said, *((one, one.url) for one in listed)]


def _of_line(line: TargetLine, context: Context) -> list[tuple[Target, str]]:
    """A sentence of a plan, as one target for each place that owes it."""
    one = statistics().get(line.indicator)
    city = context.city
    if one is None or one.kind == "entered" or line.target is None or line.until is None or city is None:
        return []
    codes = line.place_codes if one.scope not in CITY_SCOPES and line.place_codes else (city.code,)
    return [
        (
            Target(
                id=f"plan-{line.indicator}-{code}-{line.until.year}-{line.nature or 'binding'}",
                place=code,
                year=line.until.year,
                statistic=one,
                comparator=line.comparator,
                value=line.target,
                source=line.document,
                confidence="V",
                nature=line.nature or "binding",
                origin="plan",
                note=line.note,
                sentence=line.sentence,
            ),
            line.url,
        )
        for code in codes
    ]


def board(context: Context, year: int | None = None) -> Board:
    """Return how the targets of a year stand at the beginning of today (default: this year, else the last one)."""
    everything = targets_in_force(context)
    years = tuple(sorted({one.year for one, _url in everything}, reverse=True))
    chosen = year or next((one for one in years if one <= context.today.year), context.today.year)
    wanted = [(one, url) for one, url in everything if one.year == chosen]
    places = {place.code: place for place in (context.city, *context.areas) if place}
    days = _days(context, chosen)
    prints = {code: tuple(one.fingerprint() for one in both) for code, both in days.items()}
    context.preload({one.statistic.code for one, _url in wanted}, _span(chosen))
    goals = [
        _goal(one, url, places[one.place], days.get(one.place), prints.get(one.place), context)
        for one, url in wanted
        if one.place in places
    ]
    order = {code: at for at, code in enumerate(places)}
    goals.sort(key=lambda one: (*one.standing.danger, order[one.place.code], one.id))
    return Board(chosen, years, tuple(goals), days)


def _span(year: int) -> Period:
    """With the year before, whose ranks count too."""
    return Period(dt.date(year - 1, 1, 1), dt.date(year, 12, 31), "day", "span")


def _days(context: Context, year: int) -> dict[str, tuple[PlaceDays, PlaceDays]]:
    if dt.date(year, 1, 1) >= context.today:
        return {}
    found = known.days_of(known.home_names(context), context)
    places = [place for place in (context.city, *context.areas) if place and place.name in found.raw]
    return {place.code: (found.raw[place.name], found.deducted[place.name]) for place in places}


def period_of(year: int, context: Context) -> Period:
    """The year to date, or the whole year when it is over."""
    if year < context.today.year:
        return periods.year(dt.date(year, 1, 1))
    return periods.to_date(context.today) if year == context.today.year else periods.year(dt.date(year, 1, 1))


def _goal(
    target: Target,
    url: str,
    place: Place,
    days: tuple[PlaceDays, PlaceDays] | None,
    prints: tuple[bytes, ...] | None,
    context: Context,
) -> Goal:
    value = evaluate(target.statistic.code, place, period_of(target.year, context), context)
    # What a standing follows from is the target and the place's days: one place's correction leaves the others' standing.
    key = ("standing", target, context.today, prints)
    standing = known.remember_small(key, lambda: stand(target, days, context.today))
    if standing.state.status in {"no_data", "not_here"} and value.number is not None:
        said = value.number
        standing = stand_with(target, said, value.n, value.n_expected, context.today, synthetic=standing.synthetic)
    return Goal(standing, place, value, url)
