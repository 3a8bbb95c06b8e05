"""A city's target split into the areas' targets: do the shares add up?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Method = Literal["sum", "same", "mean"]
Verdict = Literal["adds_up", "stricter", "short", "over", "differs", "empty"]
# Stored numbers have six decimals; rounding each share can move a sum by half of the last one.
STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """What came out: `reached` is the shares' sum or mean (None without shares), `difference` = reached - target.

    verdict adds_up: equal within the tolerance. stricter: the areas promise more than the city needs. short: less.
    over: an upper limit is passed. differs: an exact number is missed. `off`: areas whose share differs ("same").
    """

    verdict: Verdict
    reached: Decimal | None
    difference: Decimal
    off: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether the split needs no explanation."""
        return self.verdict in ("adds_up", "stricter")


def check_split(
    target: Decimal,
    comparator: str,
    method: Method,
    shares: Mapping[str, Decimal],
    *,
    tolerance: Decimal | None = None,
) -> SplitCheck:
    """Compare the shares (area -> value, the target's unit) with the city's target.

    `comparator` is the target's: ">=" and ">" may be exceeded, "<=" and "<" undercut; others must be met exactly.
    `tolerance` (absolute) defaults to what rounding to six decimals can do.
    """
    if not shares:
        return SplitCheck("empty", None, -target)
    margin = STEP * len(shares) / 2 if tolerance is None else tolerance
    if method == "same":
        return _same(target, comparator, shares, margin)
    total = sum(shares.values(), Decimal(0))
    reached = total if method == "sum" else total / len(shares)
    return SplitCheck(_verdict(reached - target, comparator, margin), reached, reached - target)


def _same(target: Decimal, comparator: str, shares: Mapping[str, Decimal], margin: Decimal) -> SplitCheck:
    verdicts = {area: _verdict(value - target, comparator, margin) for area, value in shares.items()}
    off = tuple(area for area, verdict in verdicts.items() if verdict not in ("adds_up", "stricter"))
    worst = max(shares, key=lambda area: (area in off, abs(shares[area] - target)))
    return SplitCheck(verdicts[worst], shares[worst], shares[worst] - target, off)


def _verdict(difference: Decimal, comparator: str, margin: Decimal) -> Verdict:
    if abs(difference) <= margin:
        return "adds_up"
    if comparator in (">=", ">"):
        return "stricter" if difference > 0 else "short"
    if comparator in ("<=", "<"):
        return "stricter" if difference < 0 else "over"
    return "differs"


def suggest_even(target: Decimal, count: int, method: Method, *, places: int = 2) -> list[Decimal]:
    """Return `count` equal shares as a start (rounded to `places` decimals, the last one takes the rest of a sum)."""
    if count == 0:
        return []
    if method != "sum":
        return [target] * count
    step = Decimal(1).scaleb(-places)
    each = (target / count).quantize(step)
    return [*[each] * (count - 1), target - each * (count - 1)]
