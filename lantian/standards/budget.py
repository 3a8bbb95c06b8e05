"""What the rest of the year may have: the mean for a target of the mean, the good days for a target of good days."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lantian.standards.rounding import Number, ratio, round_half_even


@dataclass(frozen=True, slots=True)
class Allowance:
    """The mean that the remaining days may have.

    `mean` is None when no day remains. `inclusive`: the mean itself still keeps the target. `reachable` is False when
    even clean air (0) would not do; `met` tells, once no day remains, whether the target is kept.
    """

    mean: Fraction | None
    inclusive: bool
    reachable: bool
    met: bool | None


def allowed_mean(
    target: Number, mean_so_far: Number | None, days_so_far: int, days_left: int, *, decimals: int | None = None
) -> Allowance:
    """Return the mean of the remaining days with which the year's mean is at most the target.

    `decimals`: the year's mean is rounded half to even to so many decimals before it is compared (35.4 keeps 35); None
    compares it unrounded. Days are those with a valid value. Raises ValueError for negative or contradictory input.

    >>> allowed_mean(35, 40, 200, 165).mean
    Fraction(955, 33)
    """
    done = _so_far(mean_so_far, days_so_far)
    if days_left < 0:
        raise ValueError(f"{days_left} days cannot be left")
    if ratio(target) < 0:
        raise ValueError(f"the target is negative: {target}")
    top, inclusive = _highest(target, decimals)
    if days_left == 0:
        if not days_so_far:
            raise ValueError("a year needs days")
        mean = done / days_so_far
        met = mean <= top if inclusive else mean < top
        return Allowance(None, inclusive, met, met)
    left = (top * (days_so_far + days_left) - done) / days_left
    return Allowance(left, inclusive, left > 0 or (left == 0 and inclusive), None)


def _so_far(mean: Number | None, days: int) -> Fraction:
    if days < 0 or (mean is None) != (days == 0):
        raise ValueError(f"a mean of {mean} over {days} days contradicts itself")
    total = ratio(mean) * days if mean is not None else Fraction(0)
    if total < 0:
        raise ValueError(f"the mean so far is negative: {mean}")
    return total


def _highest(target: Number, decimals: int | None) -> tuple[Fraction, bool]:
    """The highest year's mean that keeps the target after rounding, and whether that mean itself does."""
    exact = ratio(target)
    if decimals is None:
        return exact, True
    step = Fraction(10) ** -decimals
    kept = exact // step * step  # the highest rounded mean that keeps the target
    edge = kept + step / 2
    return edge, round_half_even(edge, decimals) <= exact


@dataclass(frozen=True, slots=True)
class GoodDays:
    """Good days that the remaining days must have: `needed`, out of `left`; `spare` may be lost (negative: too late)."""

    needed: int
    left: int

    @property
    def spare(self) -> int:
        return self.left - self.needed

    @property
    def reachable(self) -> bool:
        return self.needed <= self.left


def good_days_needed(target: int, good_so_far: int, days_left: int) -> GoodDays:
    """Return how many of the remaining days must be good for a target given as a number of days.

    >>> good_days_needed(292, 180, 120)
    GoodDays(needed=112, left=120)
    """
    if min(target, good_so_far, days_left) < 0:
        raise ValueError(f"days cannot be negative: target {target}, so far {good_so_far}, left {days_left}")
    return GoodDays(max(0, target - good_so_far), days_left)


def good_days_for_share(
    percent: Number, good_so_far: int, valid_so_far: int, days_left: int, *, decimals: int | None = None
) -> GoodDays:
    """Return how many of the remaining days must be good for a target given as a share of the valid days, in per cent.

    All remaining days are taken to become valid. `decimals`: the share is rounded so before it is compared.
    Raises ValueError for a share outside 0..100 and for more good than valid days.

    >>> good_days_for_share("80.0", 180, 240, 125).needed
    112
    """
    share = ratio(percent)
    if not 0 <= share <= 100 or not 0 <= good_so_far <= valid_so_far or days_left < 0:
        raise ValueError(f"impossible: {percent} %, {good_so_far} good of {valid_so_far}, {days_left} left")
    whole = valid_so_far + days_left
    needed = 0
    if whole:
        low, inclusive = _lowest(share, decimals)
        exact = low * whole / 100
        needed = -(-exact.numerator // exact.denominator)
        if exact == needed and not inclusive:
            needed += 1
    return GoodDays(max(0, needed - good_so_far), days_left)


def _lowest(share: Fraction, decimals: int | None) -> tuple[Fraction, bool]:
    """The lowest share that keeps the target after rounding, and whether that share itself does."""
    if decimals is None:
        return share, True
    step = Fraction(10) ** -decimals
    kept = -(-share // step) * step
    edge = kept - step / 2
    return edge, round_half_even(edge, decimals) >= share
