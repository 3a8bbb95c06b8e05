"""Telemetry of a plant as arrays: one value a step, NaN where nothing is known.

Rules never see rows. What arrives twice counts once (the newest is given by the store); what is missing stays missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Marks = NDArray[np.int8]

# Marks that a data logger may set, as small numbers; 0: none. Words as in the telemetry store's column `flag`.
MARKS = (
    "",
    "stopped",
    "maintenance",
    "manual",
    "fault",
    "calibrating",
    "over_range",
    "link_fault",
    "power_fault",
    "other",
)
_NUMBERS = {word: number for number, word in enumerate(MARKS)}
_OTHER = _NUMBERS["other"]


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one quantity of one source from `start` (seconds since 1970) every `step` seconds."""

    source: str
    quantity: str
    start: int
    step: int
    values: Floats
    marks: Marks

    def __len__(self) -> int:
        return len(self.values)

    @property
    def known(self) -> Mask:
        return ~np.isnan(self.values)

    @property
    def valid(self) -> Floats:
        """The values without those that carry a mark."""
        return np.where(self.marks == 0, self.values, np.nan)

    def at(self, index: int) -> dt.datetime:
        """Return the moment at which the step with this index begins."""
        return dt.datetime.fromtimestamp(self.start + index * self.step, dt.UTC)

    def coarser(self, step: int, *, coverage: float = 0.5, valid: bool = False) -> Series:
        """Return means over `step` seconds (a multiple of the own step); NaN where less than `coverage` of it is known.

        A mark that covers more than half of a step stays. Raises ValueError for a step that does not fit."""
        if step == self.step:
            return self
        if step % self.step or self.start % step:
            raise ValueError(f"{self.source} {self.quantity}: {self.step} s does not fit into {step} s")
        many = step // self.step
        size = len(self) // many * many
        values = (self.valid if valid else self.values)[:size].reshape(-1, many)
        count = (~np.isnan(values)).sum(axis=1)
        total = np.nansum(values, axis=1)
        means = np.divide(total, count, out=np.full(len(count), np.nan), where=count >= max(1, coverage * many))
        marks = self.marks[:size].reshape(-1, many)
        marked = (marks != 0).mean(axis=1) > 0.5
        return Series(
            self.source, self.quantity, self.start, step, means, np.where(marked, marks.max(axis=1), 0).astype(np.int8)
        )


def _numbers_of(flags: pl.Series) -> Marks:
    words = flags.fill_null("").to_list()
    return np.fromiter((_NUMBERS.get(word, _OTHER) for word in words), dtype=np.int8, count=len(words))


def _seconds(column: pl.Series) -> NDArray[np.int64]:
    return column.dt.epoch("s").to_numpy().astype(np.int64)


@dataclass(slots=True)
class Telemetry:
    """The series of one plant in a window [start, end), both whole hours."""

    start: dt.datetime
    end: dt.datetime
    _found: dict[tuple[str, str, int], Series] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pl.DataFrame, start: dt.datetime, end: dt.datetime) -> Telemetry:
        """Sort rows (source, quantity, valid_from, valid_to, value, flag) into series. Rows outside the window or off the
        grid of their step (a clock that drifts) fall on the step in which they begin."""
        made = cls(start, end)
        first, last = int(start.timestamp()), int(end.timestamp())
        if frame.is_empty():
            return made
        lasting = (frame["valid_to"] - frame["valid_from"]).dt.total_seconds().alias("step")
        inside = (pl.col("valid_from") >= start) & (pl.col("valid_from") < end) & (pl.col("step") > 0)
        rows = frame.with_columns(lasting).filter(inside)
        for key, part in rows.partition_by(["source", "quantity", "step"], as_dict=True).items():
            source, quantity, step = str(key[0]), str(key[1]), int(key[2])
            grid_start = first - first % step
            size = -(-(last - grid_start) // step)
            values, marks = np.full(size, np.nan), np.zeros(size, dtype=np.int8)
            index = (_seconds(part["valid_from"]) - grid_start) // step
            values[index] = part["value"].to_numpy()
            marks[index] = _numbers_of(part["flag"]) if "flag" in part.columns else 0
            made._found[source, quantity, step] = Series(source, quantity, grid_start, step, values, marks)
        return made

    def steps(self, source: str, quantity: str) -> tuple[int, ...]:
        """Return the steps in seconds in which a quantity is there, the finest first."""
        return tuple(sorted(s for one, what, s in self._found if (one, what) == (source, quantity)))

    def series(self, source: str, quantity: str, step: int | None = None, *, finest: int = 0) -> Series | None:
        """Return a quantity in the given step, or in its finest of at least `finest` seconds; None where there is none."""
        steps = [s for s in self.steps(source, quantity) if s >= finest and step in (None, s)]
        return self._found[source, quantity, steps[0]] if steps else None

    def power(self, source: str) -> Series | None:
        """Return the mean power of a meter in its finest step of at least a minute."""
        return self.series(source, "P-Avg", finest=60) or self.series(source, "P-Rtd", finest=60)

    def together(self, sources: Iterable[str]) -> Mapping[str, Series]:
        """Return the power of several meters on their coarsest step, so that they can be compared; those without data lack."""
        found = {source: series for source in sources if (series := self.power(source)) is not None}
        step = max((series.step for series in found.values()), default=0)
        return {source: series.coarser(step) for source, series in found.items() if step % series.step == 0}
