"""Ranking: places by a figure and by its change. Equal figures share a rank and the next one skips (12, 12, 14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lantian.standards.regimes import Regime
from lantian.standards.rounding import Number, ratio, round_half_even


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place in a ranking: the figure as compared (rounded) and its rank from 1."""

    place: str
    value: Decimal
    rank: int


def rank(values: Mapping[str, Number | None], *, decimals: int, descending: bool = False) -> list[Ranked]:
    """Rank places by a figure, smallest first; figures that are equal at `decimals` share a rank. None: not ranked.

    Order of equal ranks is that of `values`. Raises TypeError for a float.

    >>> [(one.place, one.rank) for one in rank({"a": "5.311", "b": "5.309", "c": 4, "d": 6}, decimals=2)]
    [('c', 1), ('a', 2), ('b', 2), ('d', 4)]
    """
    rounded = {place: round_half_even(ratio(value), decimals) for place, value in values.items() if value is not None}
    ordered = sorted(rounded, key=lambda place: rounded[place], reverse=descending)
    ranked: list[Ranked] = []
    for position, place in enumerate(ordered, start=1):
        tied = bool(ranked) and ranked[-1].value == rounded[place]
        ranked.append(Ranked(place, rounded[place], ranked[-1].rank if tied else position))
    return ranked


def change(now: Number, before: Number) -> Fraction:
    """Return the change in per cent, (now - before) / before; above 0 is worse. Raises ValueError when `before` is 0.

    >>> change("4.5", 5)
    Fraction(-10, 1)
    """
    base = ratio(before)
    if base <= 0:
        raise ValueError(f"no change can be told against {before}")
    return (ratio(now) - base) / base * 100


def rank_by_index(law: Regime, indices: Mapping[str, Number | None]) -> list[Ranked]:
    """Rank places by their composite index, best first, compared at the published decimals (2)."""
    return rank(indices, decimals=law.ranking_rules.whole("decimals.index"))


def rank_by_change(law: Regime, now: Mapping[str, Number | None], before: Mapping[str, Number | None]) -> list[Ranked]:
    """Rank places by the change of a figure, best improvement first, compared at the published decimals (1).

    Places that lack one of the two figures are not ranked. Both sides must be on one basis (limits, reference state).
    """
    changes: dict[str, Number | None] = {}
    for place, figure in now.items():
        base = before.get(place)
        if figure is not None and base is not None:
            changes[place] = change(figure, base)
    return rank(changes, decimals=law.ranking_rules.whole("change.decimals"))
