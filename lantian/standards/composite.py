"""The composite index (综合指数): the sum over six pollutants of concentration over limit. Smaller is better. Exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from lantian.standards.pollutants import core_codes, pollutant
from lantian.standards.provenance import Cited, merged
from lantian.standards.regimes import Regime
from lantian.standards.rounding import Number, exact, ratio, round_half_even
from lantian.standards.tables import Confidence, Entry, NoSuchEntryError, table


class IncompleteError(ValueError):
    """A composite index needs all six pollutants."""


@dataclass(frozen=True, slots=True)
class CompositeIndex:
    """The index with its single indices and shares (they sum to 1), all exact; `main`: highest single index, with ties.

    `singles` are concentration over limit without the weight, `shares` include it.
    """

    law: Regime
    variant: str
    value: Fraction
    singles: Mapping[str, Fraction]
    shares: Mapping[str, Fraction]
    main: tuple[str, ...]
    limits: Mapping[str, Entry]
    weights: Mapping[str, Entry]
    used: tuple[Cited, ...]

    @property
    def published(self) -> Decimal:
        """The index as it is published (2 decimals)."""
        return round_half_even(self.value, self.law.ranking_rules.whole("decimals.index"))

    def single(self, name: str) -> Decimal:
        """A pollutant's single index, rounded (3 decimals)."""
        places = self.law.ranking_rules.whole("decimals.single")
        return round_half_even(self.singles[pollutant(name).code], places)

    @property
    def formula(self) -> str:
        """The formula with its limits and weights, to be printed beside the figure."""
        parts = []
        for name, limit in self.limits.items():
            weight = self.weights[name].value
            parts.append(("" if weight == 1 else f"{weight} × ") + f"{name}/{limit.value}")
        return " + ".join(parts)


def variants(law: Regime) -> tuple[str, ...]:
    """The sets of weights that exist under a regime; `unweighted` is the rule, another one is uncertain."""
    return tuple(dict.fromkeys(one.key[0] for one in table("composite_weights") if one.in_force(law.start)))


@cache
def composite_limits(law: Regime) -> Mapping[str, Entry]:
    """The limits S of the composite index, by pollutant."""
    return {name: table("composite_limits").at(law.start, pollutant=name) for name in core_codes()}


def own_weights(law: Regime, weights: Mapping[str, Decimal | int | str]) -> Mapping[str, Entry]:
    """Return weights of the caller's own as entries that say so; raises ValueError unless all six are given and not negative.

    They carry the lowest confidence, so that a figure made with them never passes for the rule's.
    """
    given = {pollutant(name).code: exact(value) for name, value in weights.items()}
    if set(given) != set(core_codes()) or min(given.values()) < 0:
        raise ValueError(f"own weights must be given for {', '.join(core_codes())}, none negative; got {weights}")
    note = "weights of the caller's own, not of any rule"
    return {
        name: Entry(
            ("own", name),
            given[name],
            "1",
            "none",
            "the caller",
            law.start,
            law.until,
            Confidence.RECALLED_LOW,
            "own",
            note,
        )
        for name in core_codes()
    }


@cache
def rule_weights(law: Regime, variant: str) -> Mapping[str, Entry]:
    """Return the weights of a variant; raises NoSuchEntryError for one that the regime does not have."""
    if variant not in variants(law):
        raise NoSuchEntryError(f"no weights {variant!r} under {law.name}; there are: {', '.join(variants(law))}")
    return {name: table("composite_weights").at(law.start, variant=variant, pollutant=name) for name in core_codes()}


def composite_index(
    law: Regime,
    concentrations: Mapping[str, Number | None],
    *,
    variant: str = "unweighted",
    weights: Mapping[str, Decimal | int | str] | None = None,
) -> CompositeIndex:
    """Return the composite index of a month, quarter, half-year or year.

    `variant` names a set of weights of the data files; `weights` are the caller's own instead, and are marked so.

    `concentrations` by pollutant: means of SO2, NO2, PM10, PM2.5 (µg/m3), the 95th percentile of CO (mg/m3), the 90th
    percentile of ozone's daily maxima (µg/m3). Raises IncompleteError when one of the six is missing, ValueError for a
    negative or doubled one, NoSuchEntryError for unknown weights, TypeError for a float.

    >>> import datetime as dt
    >>> from lantian.standards.regimes import regime_at
    >>> means = {"SO2": 12, "NO2": 31, "PM10": 74, "PM2.5": 37, "CO": "1.4", "O3": 168}
    >>> composite_index(regime_at(dt.date(2023, 12, 31)), means).published
    Decimal('4.49')
    """
    amounts = _six(concentrations)
    limits = composite_limits(law)
    factors = rule_weights(law, variant) if weights is None else own_weights(law, weights)
    singles = {name: amounts[name] / Fraction(limits[name].value) for name in amounts}
    weighted = {name: singles[name] * Fraction(factors[name].value) for name in singles}
    total = sum(weighted.values(), Fraction(0))
    highest = max(singles.values())
    return CompositeIndex(
        law=law,
        variant=variant if weights is None else "own",
        value=total,
        singles=singles,
        shares={name: one / total if total else Fraction(0) for name, one in weighted.items()},
        main=tuple(name for name, one in singles.items() if one == highest),
        limits=limits,
        weights=factors,
        used=merged(limits.values(), factors.values(), [law.ranking_rules.rule("decimals.index")]),
    )


def _six(concentrations: Mapping[str, Number | None]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for name, value in concentrations.items():
        code = pollutant(name).code
        if code in found:
            raise ValueError(f"{code} is given twice")
        if value is None:
            continue
        found[code] = ratio(value)
        if found[code] < 0:
            raise ValueError(f"the concentration of {code} is negative: {value}")
    if missing := [code for code in core_codes() if code not in found]:
        raise IncompleteError(f"a composite index needs all six pollutants; missing: {', '.join(missing)}")
    if foreign := [code for code in found if code not in core_codes()]:
        raise ValueError(f"the composite index has no {', '.join(foreign)}")
    return {code: found[code] for code in core_codes()}


def composite_interval(
    law: Regime, published: Mapping[str, Decimal | int | str], *, variant: str = "unweighted"
) -> tuple[Fraction, Fraction]:
    """Return the lowest and highest index that published (rounded) concentrations allow.

    Each concentration may have been up to half of its last published digit lower or higher. A published index outside
    the interval cannot come from these concentrations and this formula; one inside it may differ in its last digit.
    """
    halves = {name: _half_digit(value) for name, value in published.items()}
    lows = {name: max(Fraction(0), ratio(value) - halves[name]) for name, value in published.items()}
    highs = {name: ratio(value) + halves[name] for name, value in published.items()}
    low = composite_index(law, lows, variant=variant).value
    return low, composite_index(law, highs, variant=variant).value


def _half_digit(value: Decimal | int | str) -> Fraction:
    exponent = Decimal(value).as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value!r} is not a finite number")
    return Fraction(1, 2) * Fraction(10) ** exponent
