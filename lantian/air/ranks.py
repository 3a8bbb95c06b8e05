"""Ranks of a place in a list of places: computed when all of them have data, else from published ranks that people entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _

from lantian.air import known
from lantian.air.assessing.places import bare
from lantian.air.assessing.scopes import FILE as SCOPES
from lantian.air.assessing.scopes import read_scopes
from lantian.air.targets.days import PlaceDays
from lantian.air.targets.model import (
    CITY_SCOPES,
    Statistic,
    Target,
    likelihood_rules,
    statistic_named,
    statistics,
    statistics_version,
)
from lantian.air.targets.progress import figure
from lantian.city.models import Place
from lantian.indicators.context import Context
from lantian.indicators.period import Period
from lantian.indicators.series import number_of
from lantian.indicators.value import Note, ReasonCode, Ref, Value
from lantian.observations.model import InputVersion
from lantian.standards.ranking import rank_by_index
from lantian.standards.regimes import regime_at

_DAY = dt.timedelta(days=1)
_AREAS = "areas"


def is_of_cities(one: Statistic) -> bool:
    """Tell whether only the city stands in the ranking, not its areas."""
    return one.scope in CITY_SCOPES


def value(one: Statistic, place: Place, period: Period, context: Context) -> Value:
    """Return a rank or the places gained on the same days of the year before; a reason where the list is not complete."""
    if is_of_cities(one) != (place.kind == Place.Kind.CITY):
        of_cities = _("Only the city stands in this ranking.")
        text = of_cities if is_of_cities(one) else _("The city does not stand in this ranking; its areas do.")
        return _none(one, ReasonCode.NOT_HERE, text)
    last = min(period.end, context.today - _DAY)
    if last < period.start:
        return _none(one, ReasonCode.NO_DATA_YET, _("The period has no day that is over."))
    computed = _computed(one, place, (period.start, last), context)
    if computed.number is not None or one.kind != "rank_gain":
        return computed
    return _from_entries(one, place, period, context, computed)


def places_of(one: Statistic, context: Context) -> tuple[str, ...]:
    """Names of the places that are ranked; empty when no list is known for the role."""
    if one.scope == _AREAS:
        return tuple(area.name for area in context.areas)
    return context.memo(("air scope", one.scope), lambda: _scope(one.scope, context))


def _scope(role: str, context: Context) -> tuple[str, ...]:
    root = known.pack_root(context)
    if root is None or not (root / SCOPES).is_file():
        return ()
    named = known.pack_targets(root).scopes.get(role, role)
    return next((scope.places for scope in read_scopes(root / SCOPES) if scope.id == named), ())


def _computed(one: Statistic, place: Place, span: tuple[dt.date, dt.date], context: Context) -> Value:
    names = places_of(one, context)
    mine = next((name for name in names if bare(name) == bare(place.name)), None)
    if mine is None:
        return _none(
            one, ReasonCode.NO_DATA_YET, _("No list of places is known for this ranking (targets.toml, scopes.toml).")
        )
    spans = [span] if one.kind == "rank" else [span, _year_before(span)]
    days = known.days_of(names, context, dt.date(span[0].year - 1, 1, 1))
    if days.version is None:
        return _none(one, ReasonCode.NO_DATA_YET, _("No data yet: nothing has been imported."))
    ranks = [context.memo(("air ranks", names, each), partial(_ranks, days.deducted, *each)) for each in spans]
    ranked = min(len(each) for each in ranks)
    if ranked < len(names):
        text = _("Only %(n)s of %(expected)s places of the list have enough data: a rank among some would be wrong.")
        words = {"n": ranked, "expected": len(names)}
        return _none(one, ReasonCode.NO_DATA_YET, text % words, n=ranked, n_expected=len(names))
    number = ranks[0][mine] if one.kind == "rank" else ranks[1][mine] - ranks[0][mine]
    notes = [] if one.kind == "rank" else [Note("ranks", _gained(ranks[1][mine], ranks[0][mine]))]
    return Value.of(
        number, one.unit, n=ranked, n_expected=len(names), as_of=span[1], lineage=(_ref(days.version),),
        rule_version=statistics_version(), notes=notes,
    )  # fmt: skip


def _year_before(span: tuple[dt.date, dt.date]) -> tuple[dt.date, dt.date]:
    first, last = (day.replace(day=28) if (day.month, day.day) == (2, 29) else day for day in span)
    return first.replace(year=first.year - 1), last.replace(year=last.year - 1)


def _ranks(days: Mapping[str, PlaceDays], first: dt.date, last: dt.date) -> dict[str, int]:
    """Ranks of the places that have enough valid days of all six pollutants."""
    law = regime_at(last)
    index = statistics()["composite_index"]
    target = Target("", "", last.year, index, index.comparator, Decimal(0), "")
    indices = {}
    for name, one in days.items():
        number, n = figure(target, one.cut(first, last), law)
        enough = n * 100 >= ((last - first).days + 1) * likelihood_rules().least_to_date
        if number is not None and enough:
            indices[name] = number
    return {one.place: one.rank for one in rank_by_index(law, indices)}


def _from_entries(one: Statistic, place: Place, period: Period, context: Context, computed: Value) -> Value:
    """Places gained out of the published ranks of two years that people entered; `computed` when one is missing."""
    rank = next(each for each in statistics().values() if each.kind == "rank" and each.scope == one.scope)
    year = period.start.year
    now, before = (_entered(rank.code, place, each, year, context) for each in (year, year - 1))
    if now is None or before is None:
        return computed
    (number, first), (former, second) = now, before
    notes = [
        Note("stated", _("From published ranks that were entered: %(ranks)s.") % {"ranks": _gained(former, number)})
    ]
    return Value.of(
        former - number, one.unit, n=2, n_expected=2, lineage=(first, second), rule_version=statistics_version(),
        notes=notes,
    )  # fmt: skip


def _entered(code: str, place: Place, year: int, last: int, context: Context) -> tuple[Decimal, Ref] | None:
    """The published rank of a year, out of those of the last year and the one before (read together)."""
    span = Period(dt.date(last - 1, 1, 1), dt.date(last, 12, 31), "day", "span")
    for entry in context.entries(code, span):
        if entry.place_id == place.pk and entry.period_from.year == year:
            ref = Ref("entry", str(entry.pk), f"#{entry.pk}", "indicators:entry")
            return number_of(entry, statistic_named(code).unit), ref
    return None


def _gained(before: object, now: object) -> str:
    return _("rank %(before)s a year before, %(now)s now") % {"before": before, "now": now}


def _ref(version: InputVersion) -> Ref:
    words = {"rows": version.observations, "flags": version.flags}
    return Ref("observations", str(version.observations), _("observations, version %(rows)s, flags %(flags)s") % words)


def _none(one: Statistic, code: ReasonCode, text: str, n: int | None = None, n_expected: int | None = None) -> Value:
    return Value.none(code, text, one.unit, rule_version=statistics_version(), n=n, n_expected=n_expected)
