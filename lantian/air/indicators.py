"""What the air room registers: every statistic that a target can be set for, computed from the observations.

A figure is judged on the basis that the rules on dust say; the other one stands beside it in a note. Too few valid
days make it partial, no data make it a reason, and what people have entered is shown beside it or, without data, instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.air import known, ranks
from lantian.air.targets.days import PlaceDays
from lantian.air.targets.model import Statistic, Target, likelihood_rules, statistics, statistics_version
from lantian.air.targets.progress import decimals_of, figure, shown
from lantian.air.targets.standing import judged_by
from lantian.city.models import Place
from lantian.indicators import series
from lantian.indicators.context import Context
from lantian.indicators.period import KINDS, Period
from lantian.indicators.registry import indicator, registry
from lantian.indicators.series import bilingual
from lantian.indicators.value import Freshness, Note, ReasonCode, Ref, Value
from lantian.indicators.words import amount
from lantian.observations.model import InputVersion
from lantian.standards.means import year_validity
from lantian.standards.regimes import Regime, regime_at, split_by_regime

_DAY = dt.timedelta(days=1)
_DIRECTION = {"<=": "down", ">=": "up", ">": "up"}
_DECIMALS = {"good_share": 1, "composite": 2, "entered": 1}
_MEASURED = gettext_lazy(
    "hourly observations in the store, under the law of their days; what people entered beside them"
)
_SAMPLED = gettext_lazy("values entered by hand, with proof")
Rule = Callable[[Place, Period, Context], Value]


def _declare(one: Statistic) -> None:
    """Register a statistic as an indicator: people may enter it where there are no data."""
    entered = one.kind == "entered"

    def rule(place: Place, period: Period, context: Context) -> Value:
        own = registry.get(one.code)
        if own is None:
            raise LookupError(f"the indicator {one.code} is not registered")
        if entered:
            return series.evaluate(own, place, period, context)
        if place.kind != Place.Kind.CITY and place.kind not in Place.AREA_KINDS:
            return _none(one, ReasonCode.NOT_HERE, _("This figure is kept for the city and its areas."))
        return series.beside(own, _computed(one, place, period, context), place, period, context)

    indicator(
        one.code,
        title=bilingual(one.zh, one.en),
        unit=one.unit,
        direction=_DIRECTION[one.comparator],
        level="city" if ranks.is_of_cities(one) else "area",
        evidence=_SAMPLED if entered else _MEASURED,
        rule_version=statistics_version(),
        periods=KINDS,
        definition=_definition(one),
        frequency="month" if entered else "year",
        decimals=1 if one.code == "co_p95" else _DECIMALS.get(one.kind, 0),
        room="hand" if entered else "air",
        by_hand=True,
        computes=not entered,
        low=one.low,
        high=one.high,
        aggregate="mean" if entered else "none",
    )(rule)


def _definition(one: Statistic) -> Any:
    """Say in both languages what the number is."""
    texts = {
        "mean": gettext_lazy("Mean of the valid daily means of the period; dust hours are left out."),
        "percentile": gettext_lazy("Percentile of the valid daily values that the assessment asks for."),
        "good_share": gettext_lazy("Good days over the days with an index; days of dust count."),
        "good_days": gettext_lazy("Days whose index makes them good days; days of dust count."),
        "heavy_days": gettext_lazy("Days of heavy pollution and worse; days of dust count."),
        "composite": gettext_lazy(
            "Sum over six pollutants of the period's figure over its limit, from unrounded figures. Dust hours are left out."
        ),
        "so2_class": gettext_lazy("1 or 2: the grade whose limit of the year the mean of SO2 keeps; 3: none."),
        "rank": gettext_lazy(
            "Place by the composite index of the same period, 1 is best; computed only when all of the list have data."
        ),
        "rank_gain": gettext_lazy("Rank in the same period of the year before minus the rank now; above 0 is better."),
        "entered": gettext_lazy("Mean of the month's dustfall over the area's sampling points."),
    }
    return texts[one.kind]


def _computed(one: Statistic, place: Place, period: Period, context: Context) -> Value:
    if one.kind in {"rank", "rank_gain"}:
        return ranks.value(one, place, period, context)
    last = min(period.end, context.today - _DAY)
    if last < period.start:
        return _none(one, ReasonCode.NO_DATA_YET, _("The period has no day that is over."))
    days = known.days_of(known.home_names(context), context, _reach(period, context))
    if days.version is None:
        return _none(one, ReasonCode.NO_DATA_YET, _("No data yet: nothing has been imported."))
    if place.name not in days.raw:
        return _none(
            one, ReasonCode.NO_DATA_YET, _("No data yet: the store has no hours of %(place)s.") % {"place": place}
        )
    return _figure(one, days.raw[place.name], days.deducted[place.name], period, last, context, days.version)


def _reach(period: Period, context: Context) -> dt.date | None:
    """The first day to read: the usual one unless the period begins before."""
    usual = context.today.year - likelihood_rules().most_years
    return dt.date(period.start.year, 1, 1) if period.start.year < usual else None


def _figure(
    one: Statistic,
    raw: PlaceDays,
    deducted: PlaceDays,
    period: Period,
    last: dt.date,
    context: Context,
    version: InputVersion,
) -> Value:
    law = regime_at(last)
    target = Target("", "", last.year, one, one.comparator, one.low, "")
    basis = judged_by(target, last)
    chosen, other = (deducted, raw) if basis == "deducted" else (raw, deducted)
    days = chosen.cut(period.start, last)
    value, n = figure(target, days, law)
    expected = len(days)
    number = shown(target, value, law)
    if number is None:
        text = _("No valid day from %(start)s to %(end)s.") % {"start": period.start, "end": last}
        return _none(one, ReasonCode.NO_ENTRY, text, n=n, n_expected=expected, lineage=(_store_ref(version),))
    notes = list(_notes(one, target, basis, number, other.cut(period.start, last), period, law))
    partial = n * 100 < expected * likelihood_rules().least_to_date
    if partial:
        text = _("Only %(n)s of %(expected)s days are valid: too few to judge by.") % {"n": n, "expected": expected}
        notes.append(Note("partial", text))
    elif _invalid_year(one, days, period, law):
        partial = True
        notes.append(
            Note(
                "partial",
                _("The year has too few valid days, in all or in a month, for an annual mean by the standard."),
            )
        )
    if days.synthetic:
        notes.append(Note("synthetic", _("Made from invented data of a demonstration.")))
    as_of = _last_valid(one, days)
    return Value.of(
        number, one.unit, n=n, n_expected=expected, as_of=as_of, freshness=_fresh(as_of, last, context),
        lineage=(_store_ref(version),), rule_version=statistics_version(), partial=partial, notes=notes,
    )  # fmt: skip


def _notes(
    one: Statistic, target: Target, basis: str, number: Decimal, other: PlaceDays, period: Period, law: Regime
) -> list[Note]:
    found = []
    value, _n = figure(target, other, law)
    beside = shown(target, value, law)
    if beside is not None and beside != number:
        words = amount(beside, decimals_of(target, law))
        text = _("with dust hours: %(value)s") if basis == "deducted" else _("without dust hours: %(value)s")
        found.append(Note("dust", text % {"value": words}))
    if len(split_by_regime(period.start, max(period.start, other.last))) > 1:
        found.append(Note("law", _("The law changes within the period; each day is judged by its own.")))
    return found


def _invalid_year(one: Statistic, days: PlaceDays, period: Period, law: Regime) -> bool:
    """Whether a calendar year that is over has too few valid days for an annual mean."""
    if one.kind not in {"mean", "so2_class"} or period.kind != "year" or days.last < period.end:
        return False
    there = [days.first + n * _DAY for n, top in enumerate(days.values[one.pollutant].top) if top >= 0]
    return not year_validity(law, one.pollutant, period.start.year, there).valid


def _last_valid(one: Statistic, days: PlaceDays) -> dt.date:
    tops = days.values[one.pollutant].top if one.pollutant else days.index
    at = max((n for n, top in enumerate(tops) if top >= 0), default=len(days) - 1)
    return days.first + at * _DAY


def _fresh(as_of: dt.date, last: dt.date, context: Context) -> Freshness:
    return Freshness.FRESH if (last - as_of).days <= context.threshold("freshness.daily") else Freshness.STALE


def _store_ref(version: InputVersion) -> Ref:
    label = _("observations, version %(rows)s, flags %(flags)s") % {
        "rows": version.observations,
        "flags": version.flags,
    }
    return Ref("observations", str(version.observations), label)


def _none(one: Statistic, code: ReasonCode, text: str, **more: Any) -> Value:
    return Value.none(code, text, one.unit, rule_version=statistics_version(), **more)


for _one in statistics().values():
    _declare(_one)
