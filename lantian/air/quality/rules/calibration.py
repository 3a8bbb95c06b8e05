"""Zero and span checks that were taken for measured hours: the same hour of most days has a value like none beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lantian.air.quality.block import HOURS, Block, Mask, shifted
from lantian.air.quality.registry import Marks, Settings, quality_rule


def _reach(settings: Settings) -> int:
    return int(settings.number("days") * HOURS + 1)


@quality_rule("calibration", reach=_reach)
def calibration(block: Block, settings: Settings) -> tuple[Marks, ...]:
    """Near zero between much higher hours, or far above both, at one hour of most days around."""
    values = block.floats()
    before, after = shifted(values, -1), shifted(values, 1)
    apart, zero = settings.by_pollutant("apart", block), settings.by_pollutant("zero", block)
    zero = np.where(np.isfinite(zero), zero, -np.inf)
    low = (values <= zero) & (np.minimum(before, after) - values > apart)
    span = settings.by_pollutant("span", block, hours=True)
    with np.errstate(invalid="ignore"):
        high = values - np.maximum(before, after) > apart * span
    masks, counts = zip(*(_repeated(one, block.there, settings) for one in (low, high)), strict=True)
    hits = np.where(masks[0], counts[0][0], counts[1][0])
    days = np.where(masks[0], counts[0][1], counts[1][1])
    hour = np.arange(values.shape[-1])[None, None, :] % HOURS + 1
    details = {"hour": hour, "hits": hits, "days": days, "before": before, "after": after}
    return (Marks("auto.calibration", masks[0] | masks[1], details),)


def _repeated(odd: Mask, there: Mask, settings: Settings) -> tuple[Mask, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Keep the odd hours of which most days around have one at the same hour; also days that do, days with a value."""
    around = int(settings.number("days"))
    hits, days = _over_days(odd, around), _over_days(there, around)
    often = (hits >= settings.number("hits")) & (hits >= settings.number("share") * days)
    return odd & often, (hits, days)


def _over_days(mask: Mask, around: int) -> NDArray[np.int64]:
    """Count over the days from `around` before to `around` after, hour of the day by hour of the day."""
    shape = mask.shape
    days = mask.reshape(*shape[:2], -1, HOURS).astype(np.int64)
    total = np.concatenate([np.zeros_like(days[:, :, :1]), np.cumsum(days, axis=2)], axis=2)
    n = days.shape[2]
    low, high = np.maximum(np.arange(n) - around, 0), np.minimum(np.arange(n) + around + 1, n)
    counted: NDArray[np.int64] = total[:, :, high] - total[:, :, low]
    return counted.reshape(shape)


def silent_hours(block: Block, settings: Settings) -> NDArray[np.bool_]:
    """Tell which missing hours lie between values and are missing at this hour on most days: calibration without values."""
    there = block.there
    beside = np.zeros_like(there)
    beside[..., 1:-1] = there[..., :-2] & there[..., 2:]
    lacking = ~there & beside
    return _repeated(lacking, there | lacking, settings)[0]
