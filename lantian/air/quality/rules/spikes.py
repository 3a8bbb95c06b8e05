"""A value that leaves the hours around it for an hour or two and comes back."""

from __future__ import annotations

import numpy as np
import polars as pl

from lantian.air.quality.block import Block, Floats, shifted
from lantian.air.quality.registry import Marks, Settings, quality_rule


def rolling_median(values: Floats, around: int, at_least: int) -> Floats:
    """Return the median of the values from `around` hours before to `around` hours after, NaN with too few of them."""
    flat = values.reshape(-1, values.shape[-1])
    rows = [
        pl.Series(row, nan_to_null=True)
        .rolling_median(2 * around + 1, min_samples=at_least, center=True)
        .fill_null(float("nan"))
        .to_numpy()
        for row in flat
    ]
    return np.array(rows, dtype=np.float64).reshape(values.shape)


def _reach(settings: Settings) -> int:
    # A change is between an hour and the one before it; a spike's hours and those beside it.
    return int(settings.number("around") + settings.number("longest") + 1)


@quality_rule("spike", reach=_reach)
def spike(block: Block, settings: Settings) -> tuple[Marks, ...]:
    """One to `longest` hours that are above (or below) both hours beside them by more than the limit and their share."""
    values = block.floats()
    change = np.abs(values - shifted(values, -1))
    usual = rolling_median(change, int(settings.number("around")), int(settings.number("at_least")))
    limit = np.fmax(settings.by_pollutant("step", block), usual * settings.number("factor"))
    mask = np.zeros(values.shape, dtype=np.bool_)
    before, after = np.full_like(values, np.nan), np.full_like(values, np.nan)
    for length in range(1, int(settings.number("longest")) + 1):
        inside = np.stack([shifted(values, step) for step in range(length)])
        left, right = shifted(values, -1), shifted(values, length)
        up = inside.min(axis=0) - np.maximum(left, right)
        down = np.minimum(left, right) - inside.max(axis=0)
        far = np.fmax(limit, np.maximum(left, right) * settings.number("share"))
        begins = np.isfinite(usual) & ((up > far) | (down > far))
        for step in range(length):
            at = _later(begins, step) & ~mask
            mask |= at
            before[at], after[at] = shifted(left, -step)[at], shifted(right, -step)[at]
    return (Marks("auto.spike", mask, {"value": values, "before": before, "after": after, "limit": limit}),)


def _later(
    mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], hours: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return for every hour what was said `hours` before."""
    if not hours:
        return mask
    found = np.zeros_like(mask)
    found[..., hours:] = mask[..., :-hours]
    return found
