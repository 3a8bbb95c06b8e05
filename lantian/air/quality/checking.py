"""All rules over a block of hours: which values get which flags, why, and where there is nothing to flag (gaps)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lantian.air.quality.block import Block, Mask, run_lengths
from lantian.air.quality.flags import flags
from lantian.air.quality.reasons import Reason
from lantian.air.quality.registry import Marks, Rule, rules, settings_of, version
from lantian.air.quality.rules.calibration import silent_hours


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A value that a rule found odd: positions in the block, the flag, the reason as the store keeps it."""

    subject: int
    pollutant: int
    hour: int
    flag: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Hours without a value between values: `first` and `hours` in the block; `calibration`: at this hour of most days."""

    subject: int
    pollutant: int
    first: int
    hours: int
    calibration: bool = False


def check(block: Block, void: Mask | None = None, only: Mask | None = None) -> list[Finding]:
    """Return what the rules find, sorted. `void` are values that a person found void: no rule looks at them.

    `only`: hours [subject, pollutant, hour] of which findings are wanted; the others serve as surroundings.
    """
    looked = block if void is None else block.without(void)
    found: list[Finding] = []
    gone = np.zeros(block.values.shape, dtype=np.bool_)
    for rule in (one for one in rules() if one.first):
        for marks in _run(rule, looked):
            found += _findings(rule, marks, only)
            if flags()[marks.flag].void:
                gone |= marks.mask
    sound = looked.without(gone)
    for rule in (one for one in rules() if not one.first):
        for marks in _run(rule, sound):
            found += _findings(rule, marks, only)
    return sorted({(one.subject, one.pollutant, one.hour, one.flag): one for one in found}.values())


def _run(rule: Rule, block: Block) -> tuple[Marks, ...]:
    with np.errstate(invalid="ignore"):
        return rule.check(block, settings_of(rule.name))


def _findings(rule: Rule, marks: Marks, only: Mask | None) -> Iterator[Finding]:
    mask = marks.mask if only is None else marks.mask & only
    at = np.nonzero(mask)
    if not at[0].size:
        return
    columns = {name: np.broadcast_to(values, mask.shape)[at] for name, values in marks.details.items()}
    for number, (subject, pollutant, hour) in enumerate(zip(*at, strict=True)):
        numbers = {name: _text(column[number], name in marks.scaled) for name, column in columns.items()}
        reason = Reason(rule.name, version(), numbers).line()
        yield Finding(int(subject), int(pollutant), int(hour), marks.flag, reason)


def _text(value: Any, scaled: bool) -> str:
    """Write a number without trailing zeros.

    >>> _text(12500.0, True), _text(7.0, False)
    ('12.5', '7')
    """
    number = float(value) / (1000 if scaled else 1)
    if not math.isfinite(number):
        return "–"
    return f"{number:.3f}".rstrip("0").rstrip(".")


def gaps(block: Block, least: int = 1) -> list[Gap]:
    """Return the runs of at least `least` hours without a value, between the first and the last value of each series."""
    there = block.there
    inside = np.logical_or.accumulate(there, axis=-1) & np.logical_or.accumulate(there[..., ::-1], axis=-1)[..., ::-1]
    lacking = inside & ~there
    silent = silent_hours(block, settings_of("calibration"))
    length = run_lengths(lacking)
    first = lacking.copy()
    first[..., 1:] &= ~lacking[..., :-1]
    rows = zip(*np.nonzero(first & (length >= least)), strict=True)
    return [Gap(int(s), int(p), int(t), int(length[s, p, t]), bool(silent[s, p, t])) for s, p, t in rows]
