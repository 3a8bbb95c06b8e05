"""From a mask to spans of time, with a condition to begin and one to end (so that a flicker is neither)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lantian.supervision.rules.series import Mask


@dataclass(frozen=True, slots=True)
class Span:
    """Steps first..last (inclusive) of a series. `open`: the data end before the condition to end was seen."""

    first: int
    last: int
    open: bool = False

    def __len__(self) -> int:
        return self.last - self.first + 1


def runs(mask: Mask) -> list[Span]:
    """Return every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [Span(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def spans(mask: Mask, known: Mask, *, up: int, down: int = 1) -> list[Span]:
    """Return spans of True that last at least `up` steps and end only where `down` known steps in a row are False.

    Unknown steps neither begin nor end a span, and do not count for `up`."""
    found: list[Span] = []
    for run in runs(mask & known):
        before = found[-1] if found else None
        if before is not None and int(known[before.last + 1 : run.first].sum()) < down:
            found[-1] = Span(before.first, run.last)
        else:
            found.append(run)
    counted = np.concatenate(([0], np.cumsum(mask & known)))
    size = len(mask)
    return [
        Span(one.first, one.last, open=int(known[one.last + 1 : size].sum()) < down)
        for one in found
        if counted[one.last + 1] - counted[one.first] >= max(1, up)
    ]


def steps(minutes: float, step: int) -> int:
    """Return how many whole steps of `step` seconds make at least these minutes (never fewer than one)."""
    return max(1, -(-int(minutes * 60) // step))
