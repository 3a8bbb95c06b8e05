"""A value that is far from those of the stations or cities around, and not as it usually is to them."""

from __future__ import annotations

import warnings

import numpy as np

from lantian.air.quality.block import Block, Floats, run_lengths, shifted
from lantian.air.quality.registry import Marks, Settings, quality_rule
from lantian.air.quality.rules.spikes import rolling_median

_DAY = 24


def _reach(settings: Settings) -> int:
    return int(settings.number("usual_days") * _DAY + settings.number("hours") + 1)


@quality_rule("neighbours", reach=_reach)
def neighbours(block: Block, settings: Settings) -> tuple[Marks, ...]:
    """Beyond the highest (or lowest) neighbour of the hour and the hours beside it, and beyond what is usual."""
    values = block.floats()
    far = np.zeros(values.shape, dtype=np.bool_)
    names = ("n", "lowest", "highest", "usual")
    details: dict[str, Floats] = {name: np.full(values.shape, np.nan) for name in names}
    step = settings.by_pollutant("step", block)[0]
    for subject, others in block.neighbours.items():
        if len(others) >= settings.number("least"):
            far[subject], found = _compare(values[subject], values[list(others)], step, settings)
            for name in names:
                details[name][subject] = found[name]
    mask = run_lengths(far) >= settings.number("hours")
    return (Marks("auto.neighbours", mask, {"value": values, **details}),)


def _compare(own: Floats, others: Floats, step: Floats, settings: Settings) -> tuple[Floats, dict[str, Floats]]:
    """Compare [pollutant, hour] with [neighbour, pollutant, hour]; returns which are far off, and the numbers."""
    there = np.isfinite(others).sum(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # hours in which no neighbour has a value
        middle = np.nanmedian(others, axis=0)
        wide = np.stack([shifted(others, hours) for hours in (-1, 0, 1)])
        lowest, highest = np.nanmin(wide, axis=(0, 1)), np.nanmax(wide, axis=(0, 1))
    ratio = np.where(middle > 0, own / np.where(middle > 0, middle, 1), np.nan)
    around, at_least = int(settings.number("usual_days") * _DAY), int(settings.number("usual_hours"))
    known = rolling_median(ratio, around, at_least)
    usual = np.where(np.isfinite(known), known, 1.0)
    factor = settings.number("factor")
    above = own > np.maximum(highest, middle * usual) * factor + step
    below = own * factor + step < np.minimum(lowest, middle * usual)
    enough = there >= settings.number("least")
    return enough & (above | below), {
        "n": there.astype(np.float64), "lowest": lowest, "highest": highest, "usual": np.round(usual, 2),
    }  # fmt: skip
