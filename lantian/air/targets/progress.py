"""A target to date: value, distance, what the rest of the year may have, whether it can still be reached. Exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from lantian.air.targets.days import PlaceDays, Values
from lantian.air.targets.model import Target, likelihood_rules
from lantian.standards.arrays import MISSING, percentile
from lantian.standards.attainment import assessed_decimals, grade_of
from lantian.standards.budget import allowed_mean, good_days_for_share, good_days_needed
from lantian.standards.composite import composite_limits
from lantian.standards.means import percent_of
from lantian.standards.regimes import Regime
from lantian.standards.rounding import round_half_even

GRADES: Final = {Decimal(1): "I", Decimal(2): "II"}
_WORST: Final = 3


@dataclass(frozen=True, slots=True)
class Rest:
    """What the `days` that are left may have, by `kind`:

    "mean": `value` is the highest mean (`inclusive`: itself still allowed); "good": good days needed; "heavy": heavy days
    that may come; "above": days above the target that may come for the percentile to be kept for certain; "share": the
    four means (SO2, NO2, PM10, PM2.5) may be at most this part of those to date, the two percentiles staying as they are.
    `value` is None when no day is left. `reachable`: not even the best possible rest is too late. `safe`: no rest can miss it.
    """

    kind: str
    days: int
    value: Fraction | None
    inclusive: bool
    reachable: bool
    safe: bool


@dataclass(frozen=True, slots=True)
class ToDate:
    """A figure over the days so far: exact, and rounded as it is assessed; `n` valid days of `expected`."""

    value: Fraction | None
    shown: Decimal | None
    n: int
    expected: int

    @property
    def capture(self) -> Fraction:
        return Fraction(self.n, self.expected) if self.expected else Fraction(0)


@dataclass(frozen=True, slots=True)
class Progress:
    """`status`: "kept", "missed" (the year is over), "lost", "safe", "on_course", "behind", "thin" (too few valid days
    to judge), "no_data", "not_begun", "not_here" (such a statistic is not computed from the place's own days).

    `distance`: what is lacking (positive) or to spare, in the statistic's unit. `pace`: the year's number of days if the
    rest is like the days so far (only for numbers of days).
    """

    status: str
    to_date: ToDate
    distance: Decimal | None
    rest: Rest | None
    pace: Decimal | None = None


def wanted(target: Target, decimals: int) -> Decimal:
    """The last value that still keeps the target: "< 35" with whole numbers is "<= 34"."""
    step = Decimal(1).scaleb(-decimals)
    if target.comparator == "<":
        return target.value - step
    return target.value + step if target.comparator == ">" else target.value


def decimals_of(target: Target, law: Regime) -> int:
    """Decimals to which the target's figure is rounded before it is compared."""
    kind = target.statistic.kind
    if kind in {"mean", "percentile"}:
        return assessed_decimals(law, target.statistic.pollutant)
    if kind == "composite":
        return law.ranking_rules.whole("decimals.index")
    if kind == "good_share":
        return int(str(law.assessment_rules.for_pollutant("decimals", "rate").value))
    return 0


def figure(target: Target, days: PlaceDays, law: Regime) -> tuple[Fraction | None, int]:
    """Return the statistic over some days, exact, and the number of valid days (composite: of the scarcest pollutant)."""
    kind, code = target.statistic.kind, target.statistic.pollutant
    if kind in {"mean", "so2_class"}:
        return days.values[code].mean(), days.values[code].n
    if kind == "percentile":
        return percentile_of(days.values[code], percent_of(law, code)), days.values[code].n
    if kind == "composite":
        return _composite(days, law), min(one.n for one in days.values.values())
    n = days.with_index
    if kind == "good_share":
        return (Fraction(100 * int(days.good.sum()), n) if n else None), n
    count = int((days.good if kind == "good_days" else days.heavy).sum())
    return (Fraction(count) if n else None), n


def shown(target: Target, value: Fraction | None, law: Regime) -> Decimal | None:
    """Round a figure as it is assessed; a grade of SO2 comes from its mean."""
    if value is None:
        return None
    if target.statistic.kind == "so2_class":
        return so2_grade(law, value)
    return round_half_even(value, decimals_of(target, law))


def so2_grade(law: Regime, mean: Fraction) -> Decimal:
    """1 or 2 by the limit of the year that a mean of SO2 keeps, 3 for none."""
    grade = grade_of(law, "SO2", "year", mean)
    return next((number for number, name in GRADES.items() if name == grade), Decimal(_WORST))


def progress(target: Target, days: PlaceDays, left: int, law: Regime) -> Progress:
    """Return how a target stands after `days` (from the year's first day on) with `left` days to come."""
    if target.statistic.kind not in _REST:
        return Progress("not_here", ToDate(None, None, 0, len(days)), None, None)
    value, n = figure(target, days, law)
    to_date = ToDate(value, shown(target, value, law), n, len(days))
    if value is None:
        return Progress("no_data", to_date, None, None)
    rest = _REST[target.statistic.kind](target, days, left, law)
    aim = wanted(target, decimals_of(target, law))
    gap = _gap(target, to_date.shown, aim)
    pace = _pace(target, to_date, left)
    return Progress(_status(target, to_date, rest, gap, pace), to_date, gap, rest, pace)


def _gap(target: Target, value: Decimal | None, aim: Decimal) -> Decimal | None:
    if value is None:
        return None
    return aim - value if target.comparator.startswith(">") else value - aim


def _pace(target: Target, to_date: ToDate, left: int) -> Decimal | None:
    if target.statistic.kind not in {"good_days", "heavy_days"} or not to_date.n or to_date.value is None:
        return None
    return round_half_even(to_date.value * (to_date.expected + left) / to_date.n)


def _status(target: Target, to_date: ToDate, rest: Rest, gap: Decimal | None, pace: Decimal | None) -> str:
    enough = to_date.capture * 100 >= likelihood_rules().least_to_date
    if not rest.days:
        return ("kept" if rest.safe else "missed") if enough else "thin"
    if not enough:
        return "thin"
    if not rest.reachable or rest.safe:
        return "safe" if rest.safe else "lost"
    if pace is not None:
        gap = _gap(target, pace, wanted(target, 0))
    return "on_course" if gap is not None and gap <= 0 else "behind"


def _mean_rest(target: Target, days: PlaceDays, left: int, law: Regime) -> Rest:
    code = target.statistic.pollutant
    value = days.values[code]
    decimals = assessed_decimals(law, code)
    aim = wanted(target, decimals)
    if target.statistic.kind == "so2_class":
        aim = law.limit(code, "year", GRADES[target.value]).value
    found = allowed_mean(aim, value.mean(), value.n, left, decimals=decimals)
    kept = found.met is True
    return Rest("mean", left, found.mean, found.inclusive, found.reachable, kept)


def _good_rest(target: Target, days: PlaceDays, left: int, law: Regime) -> Rest:
    good, n = int(days.good.sum()), days.with_index
    if target.statistic.kind == "good_share":
        decimals = decimals_of(target, law)
        found = good_days_for_share(wanted(target, decimals), good, n, left, decimals=decimals)
    else:
        found = good_days_needed(int(wanted(target, 0)), good, left)
    return Rest("good", left, Fraction(found.needed), True, found.reachable, found.needed == 0)


def _heavy_rest(target: Target, days: PlaceDays, left: int, law: Regime) -> Rest:
    spare = int(wanted(target, 0)) - int(days.heavy.sum())
    return Rest("heavy", left, Fraction(max(0, spare)), True, spare >= 0, spare >= left)


def _percentile_rest(target: Target, days: PlaceDays, left: int, law: Regime) -> Rest:
    code = target.statistic.pollutant
    percent, values = percent_of(law, code), days.values[code]
    edge, inclusive = edge_of(wanted(target, assessed_decimals(law, code)), assessed_decimals(law, code))
    whole = values.n + left
    steps, part = divmod((whole - 1) * percent, 100)
    room = whole - 1 - steps - (1 if part else 0)  # so many days may lie above for certain
    above = _above(values, edge, inclusive)
    best = percentile_of(_with_zeros(values, left), percent)
    reachable = best is not None and (best < edge or (inclusive and best == edge))
    safe = above + left <= room if left else reachable
    return Rest("above", left, Fraction(max(0, room - above)), True, reachable, safe)


def _composite_rest(target: Target, days: PlaceDays, left: int, law: Regime) -> Rest:
    """I = sum of mean/limit over four + two percentiles; with the rest at f times the means, I is a line in f."""
    edge, inclusive = edge_of(wanted(target, decimals_of(target, law)), decimals_of(target, law))
    fixed, slope = Fraction(0), Fraction(0)
    for code, limit in composite_limits(law).items():
        values = days.values[code]
        one = _of_index(code, values, law)
        if one is None:
            return Rest("share", left, None, inclusive, True, False)
        single = one / Fraction(limit.value)
        if law.ranking_rules.text(f"statistic.{code}") == "mean":
            fixed += single * values.n / (values.n + left)
            slope += single * left / (values.n + left)
        else:
            fixed += single
    if not left or not slope:
        kept = fixed < edge or (inclusive and fixed == edge)
        return Rest("share", left, None, inclusive, kept, kept)
    share = (edge - fixed) / slope
    return Rest("share", left, max(share, Fraction(0)), inclusive, share > 0 or (share == 0 and inclusive), False)


_REST: Final[dict[str, Callable[[Target, PlaceDays, int, Regime], Rest]]] = {
    "mean": _mean_rest,
    "so2_class": _mean_rest,
    "good_share": _good_rest,
    "good_days": _good_rest,
    "heavy_days": _heavy_rest,
    "percentile": _percentile_rest,
    "composite": _composite_rest,
}


def edge_of(aim: Decimal, decimals: int) -> tuple[Fraction, bool]:
    """The highest unrounded figure that keeps an upper limit after rounding, and whether it does so itself."""
    found = allowed_mean(aim, None, 0, 1, decimals=decimals)
    if found.mean is None:
        raise AssertionError("one day is left")
    return found.mean, found.inclusive


def percentile_of(values: Values, percent: int) -> Fraction | None:
    """Percentile of the valid days, exact."""
    found = percentile(values.top, percent, 0).value.fraction()
    return None if found is None else found / values.bottom


def _with_zeros(values: Values, count: int) -> Values:
    import numpy as np

    return Values(np.concatenate([values.top, np.zeros(count, dtype=np.int64)]), values.bottom)


def _above(values: Values, edge: Fraction, inclusive: bool) -> int:
    """Days above an edge."""
    top = edge * values.bottom
    there = values.top != MISSING
    if inclusive:
        return int((there & (values.top > top.numerator // top.denominator)).sum())
    return int((there & (values.top >= -(-top.numerator // top.denominator))).sum())


def _of_index(code: str, values: Values, law: Regime) -> Fraction | None:
    if law.ranking_rules.text(f"statistic.{code}") == "mean":
        return values.mean()
    return percentile_of(values, percent_of(law, code))


def _composite(days: PlaceDays, law: Regime) -> Fraction | None:
    total = Fraction(0)
    for code, limit in composite_limits(law).items():
        value = _of_index(code, days.values[code], law)
        if value is None:
            return None
        total += value / Fraction(limit.value)
    return total
