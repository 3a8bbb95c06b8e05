"""Rules that look at one hour only: range, negative values, PM2.5 above PM10."""

from __future__ import annotations

import numpy as np

from lantian.air.quality.block import Block
from lantian.air.quality.registry import Marks, Settings, quality_rule, settings_of

_COARSE, _FINE = "PM10", "PM2.5"


@quality_rule("range", first=True)
def in_range(block: Block, settings: Settings) -> tuple[Marks, ...]:
    """Above what is usual: suspect. Above what the instrument can measure: void."""
    values = block.floats()
    usual, most = settings.by_pollutant("usual", block), settings.by_pollutant("instrument", block)
    beyond = values > most
    return (
        Marks("auto.range", (values > usual) & ~beyond, {"value": values, "limit": usual}),
        Marks("auto.impossible", beyond, {"value": values, "limit": most}),
    )


@quality_rule("negative", first=True)
def not_negative(block: Block, settings: Settings) -> tuple[Marks, ...]:
    """Below zero within the drift of the zero: suspect. Beyond: void."""
    values = block.floats()
    drift = settings.by_pollutant("drift", block)
    beyond = values < -drift
    details = {"value": values, "drift": drift}
    return (
        Marks("auto.negative", (values < 0) & ~beyond, details),
        Marks("auto.impossible", beyond, details),
    )


@quality_rule("order")
def in_order(block: Block, settings: Settings) -> tuple[Marks, ...]:
    """PM2.5 above PM10: both are suspect, for the rule cannot know which of them is wrong."""
    mask = np.zeros(block.values.shape, dtype=np.bool_)
    if _COARSE not in block.pollutants or _FINE not in block.pollutants:
        return (Marks("auto.order", mask),)
    coarse, fine = block.pollutants.index(_COARSE), block.pollutants.index(_FINE)
    values = block.floats()
    tolerance = float(settings.table["tolerance"][_COARSE]) * 1000
    wrong = values[:, fine] - values[:, coarse] > tolerance
    mask[:, coarse] = mask[:, fine] = wrong
    details = {"fine": values[:, fine][:, None], "coarse": values[:, coarse][:, None]}
    return (Marks("auto.order", mask, details),)


def instrument_range(pollutant: str) -> float | None:
    """The greatest concentration that an instrument of this pollutant can measure, None where the file has none."""
    found = settings_of("range").table["instrument"].get(pollutant)
    return None if found is None else float(found)
