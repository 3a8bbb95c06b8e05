"""Shapes in series: spread within blocks, robust fits, echoes of an earlier time. NumPy only."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lantian.supervision.rules.series import Floats, Mask


def blocks(values: Floats, many: int) -> tuple[Floats, Floats, Mask]:
    """Return mean, standard deviation and whether half of it is known, for blocks of `many` values."""
    size = len(values) // many * many
    cut = values[:size].reshape(-1, many)
    count = (~np.isnan(cut)).sum(axis=1)
    known = count >= max(2, many / 2)
    total = np.nansum(cut, axis=1)
    mean = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    away = np.nansum((cut - mean[:, None]) ** 2, axis=1)
    spread = np.sqrt(np.divide(away, count, out=np.full(len(count), np.nan), where=count > 0))
    return mean, spread, known


def rolling_median(values: Floats, width: int) -> Floats:
    """Return the median of the `width` values around each (NaN where fewer than half are known)."""
    padded = np.pad(values, (width // 2, width - 1 - width // 2), constant_values=np.nan)
    windows = sliding_window_view(padded, width)
    enough = (~np.isnan(windows)).sum(axis=1) >= max(2, width / 2)
    made = np.full(len(values), np.nan)
    if enough.any():
        made[enough] = np.nanmedian(windows[enough], axis=1)
    return made


def fit(columns: Floats, target: Floats, *, rounds: int = 8, bend: float = 1.5) -> Floats:
    """Return fitted values of a robust linear regression (Huber weights), with a constant; columns that do not vary are left out."""
    varying = [column for column in columns.T if column.std() > 1e-9]
    design = np.column_stack([np.ones(len(target)), *[(c - c.mean()) / c.std() for c in varying]])
    weights = np.ones(len(target))
    made = np.full(len(target), float(np.median(target)))
    for _ in range(rounds):
        root = np.sqrt(weights)[:, None]
        found = np.linalg.lstsq(design * root, target * root[:, 0], rcond=None)[0]
        made = np.asarray(design @ found, dtype=np.float64)
        away = np.abs(target - made)
        scale = max(1.4826 * float(np.median(away)), 1e-9)
        weights = np.minimum(1.0, bend * scale / np.maximum(away, 1e-12))
    return made


def residual(values: Floats, smooth: int) -> Floats:
    """Return the values without their slow part (a centred mean over `smooth`), NaN where a value lacks."""
    known = ~np.isnan(values)
    kernel = np.ones(smooth)
    total = np.convolve(np.where(known, values, 0.0), kernel, mode="same")
    count = np.convolve(known.astype(np.float64), kernel, mode="same")
    slow = np.divide(total, count, out=np.full(len(values), np.nan), where=count >= smooth / 2)
    return np.asarray(values - slow)


def echoes(values: Floats, width: int, *, smooth: int) -> tuple[Floats, NDArray[np.int64]]:
    """Compare each block of `width` values with everything before it.

    Returns, for each block, the greatest correlation of its fast part with any earlier stretch (NaN where fewer than 70 % of
    the block is known or nothing moves), and where that stretch begins. By FFT: the cost is that of n log n a block."""
    fast = residual(values, smooth)
    known = ~np.isnan(fast)
    filled = np.where(known, fast, 0.0)
    many = len(values) // width
    best, where = np.full(many, np.nan), np.zeros(many, dtype=np.int64)
    size = 1 << int(np.ceil(np.log2(len(values) + width)))
    history = np.fft.rfft(filled, size)
    power = np.concatenate(([0.0], np.cumsum(filled**2)))
    energy = power[width:] - power[:-width]
    for block in range(1, many):
        part = filled[block * width : (block + 1) * width]
        own = float((part**2).sum())
        if known[block * width : (block + 1) * width].mean() < 0.7 or own <= 1e-9:
            continue
        product = np.fft.irfft(history * np.conj(np.fft.rfft(part, size)), size)[: (block - 1) * width + 1]
        least = 0.25 * own
        likeness = np.where(
            energy[: len(product)] > least, product / np.sqrt(np.maximum(energy[: len(product)], 1e-12) * own), 0.0
        )
        where[block] = int(np.argmax(likeness))
        best[block] = float(likeness[where[block]])
    return best, where
