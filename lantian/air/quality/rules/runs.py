"""Rules about runs of hours: the same number again and again, and none at all."""

from __future__ import annotations

import numpy as np

from lantian.air.quality.block import Block, Whole, run_lengths
from lantian.air.quality.registry import Marks, Settings, quality_rule
from lantian.standards.arrays import MISSING


def _stuck_reach(settings: Settings) -> int:
    return int(max(max(settings.table[name].values()) for name in ("hours", "quiet_hours")))


@quality_rule("stuck", reach=_stuck_reach)
def stuck(block: Block, settings: Settings) -> tuple[Marks, ...]:
    """Equal numbers in as many hours in a row as the pollutant's number says; small numbers may repeat longer."""
    values = block.values
    same = np.zeros(values.shape, dtype=np.bool_)
    same[..., 1:] = (values[..., 1:] == values[..., :-1]) & (values[..., 1:] != MISSING)
    # A run of n equal hours has n - 1 equal steps; an hour belongs to the run of its own step or of the next one.
    steps = run_lengths(same)
    following = np.zeros_like(steps)
    following[..., :-1] = steps[..., 1:]
    length = np.maximum(steps, following) + 1
    quiet = values <= settings.by_pollutant("quiet", block)
    least = np.where(
        quiet,
        settings.by_pollutant("quiet_hours", block, hours=True),
        settings.by_pollutant("hours", block, hours=True),
    )
    found = block.there & (length >= least)
    # Beyond the reach a longer run looks no longer: the reason must not depend on what was read.
    shown = np.minimum(length, np.where(np.isfinite(least), least, 0))
    return (Marks("auto.stuck", found, {"value": block.floats(), "hours": shown, "least": least}),)


def hours_since_value(block: Block) -> Whole:
    """Return for every hour how many hours before it the last earlier value lies; 0 where there was none yet."""
    at = np.arange(block.values.shape[-1])
    last = np.maximum.accumulate(np.where(block.there, at, -1), axis=-1)
    before = np.full_like(last, -1)
    before[..., 1:] = last[..., :-1]
    found: Whole = np.where(before >= 0, at - before, 0)
    return found


@quality_rule("gap", reach=lambda settings: int(settings.number("look_back")) + 1)
def after_gap(block: Block, settings: Settings) -> tuple[Marks, ...]:
    """The first value after a gap. An hour without a value cannot be flagged; `gaps` lists them."""
    since = hours_since_value(block)
    found = block.there & (since > settings.number("hours")) & (since <= settings.number("look_back"))
    return (Marks("auto.gap", found, {"hours": since - 1}),)
