"""Shapes in series: spread within blocks, robust fits, echoes of an earlier time. NumPy only."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lantian.supervision.rules.series import Floats, Mask
from lantian.supervision.rules.spans import Span

# Beyond so many robust standard deviations a movement counts as one of that size.
_CLIP = 2.5


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


def movement(values: Floats, lag: int) -> float:
    """Return how far values usually move within `lag` steps, as a standard deviation (robust: a step that happens once or
    twice does not count)."""
    away = np.abs(values[lag:] - values[:-lag])
    away = away[~np.isnan(away)]
    return 1.4826 * float(np.median(away)) / float(np.sqrt(2)) if len(away) else 0.0


def sudden(values: Floats, span: Span, least: float, *, beside: int = 5, around: int = 5) -> bool:
    """Tell whether a low span begins or ends at once: somewhere within `around` steps of an edge, the median of the `beside`
    known values on one side lies at least `least` above that on the other. A span that touches both ends of the data has no
    edge to judge by and counts as sudden."""
    known = np.flatnonzero(~np.isnan(values))
    edges = [
        edge for edge in (span.first, span.last + 1) if known.size and known[0] + beside <= edge <= known[-1] - beside
    ]
    best = -np.inf
    for edge, sign in ((span.first, 1.0), (span.last + 1, -1.0)):
        if edge not in edges:
            continue
        middle = int(np.searchsorted(known, edge))
        for at in range(max(beside, middle - around), min(len(known) - beside, middle + around) + 1):
            before, after = values[known[at - beside : at]], values[known[at : at + beside]]
            best = max(best, sign * float(np.median(before) - np.median(after)))
    return bool(best >= least) if edges else True


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
    # One spike must not make two stretches alike: what counts is the small movement that never comes twice.
    scale = 1.4826 * float(np.median(np.abs(fast[known]))) if known.any() else 0.0
    filled = np.where(known, np.clip(fast, -_CLIP * scale, _CLIP * scale), 0.0)
    many = len(values) // width
    best, where = np.full(many, np.nan), np.zeros(many, dtype=np.int64)
    size = 1 << int(np.ceil(np.log2(len(values) + width)))
    history = np.fft.rfft(filled, size)
    power = np.concatenate(([0.0], np.cumsum(filled**2)))
    energy = power[width:] - power[:-width]
    for block in range(1, many):
        part = filled[block * width : (block + 1) * width]
        own = float((part**2).sum())
        moving = (np.abs(np.diff(part)) > 1e-9).mean() if len(part) > 1 else 0.0
        if known[block * width : (block + 1) * width].mean() < 0.7 or moving < 0.5 or own < 0.1 * width * scale**2:
            continue
        product = np.fft.irfft(history * np.conj(np.fft.rfft(part, size)), size)[: (block - 1) * width + 1]
        least = 0.25 * own
        likeness = np.where(
            energy[: len(product)] > least, product / np.sqrt(np.maximum(energy[: len(product)], 1e-12) * own), 0.0
        )
        where[block] = int(np.argmax(likeness))
        best[block] = float(likeness[where[block]])
    return best, where
