"""A plant's minutes as rows of telemetry, the form of `lantian.gateway.core.telemetry.frame`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from lantian.twin.design import Stack
from lantian.twin.reporting import NORMAL, Report, conversion
from lantian.twin.running import PlantRun
from lantian.twin.specs import CODES

COLUMNS = ("source", "place", "quantity", "valid_from", "valid_to", "value", "flag", "known_at")
# Words of the store for the marks N C M D F B (gateway/data/marks.toml).
WORDS = ("", "calibrating", "maintenance", "fault", "stopped", "link_fault")
_UTC = pl.Datetime("us", "UTC")
SCHEMA: dict[str, Any] = {"source": pl.Categorical, "place": pl.Categorical, "quantity": pl.Categorical, "valid_from": _UTC,
                          "valid_to": _UTC, "value": pl.Float64, "flag": pl.Categorical, "known_at": _UTC}  # fmt: skip
MINUTE, TEN, QUARTER, HOUR = 1, 10, 15, 60
_VALID = 45  # valid minutes that an hour's mean wants
_MICRO = 60_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A series: source, quantity, step in minutes, minutes of the city's clock at which each interval begins, values,
    marks (index into WORDS), minutes of arrival."""

    source: str
    quantity: str
    step: int
    begin: np.ndarray
    value: np.ndarray
    mark: np.ndarray
    arrival: np.ndarray


def columns(run: PlantRun, steps: Sequence[int]) -> Iterator[Column]:
    """Yield the series of a plant in the steps wanted (minutes: 1, 10, 15, 60); the window must begin and end with the hour.
    Minutes that never arrive are left out."""
    metered = MINUTE if run.design.minutely else QUARTER
    if metered in steps:
        for code, power in run.kw.items():
            yield from _power(run, code, power, metered)
    for one in run.units:
        if one.report is None or one.unit.stack is None:
            continue
        if HOUR in steps:
            yield from _means(run, one.unit.stack, one.report, HOUR)
        if TEN in steps and not run.design.minutely:
            yield from _means(run, one.unit.stack, one.report, TEN)
        if MINUTE in steps and run.design.minutely:
            yield from _means(run, one.unit.stack, one.report, MINUTE)


def _power(run: PlantRun, code: str, power: np.ndarray, step: int) -> Iterator[Column]:
    begin, arrival = np.arange(run.first, run.first + run.n, step), run.arrival[run.design.code]
    mean = np.round(power.reshape(-1, step).mean(axis=1), 3)
    last = arrival.reshape(-1, step)[:, -1]
    yield _kept(Column(code, "P-Avg", step, begin, mean, np.zeros(len(begin), dtype=np.uint8), last))


def _converted(stack: Stack, report: Report) -> Iterator[tuple[str, np.ndarray]]:
    if stack.kind.oxygen is not None:
        yield from report.converted.items()


def _means(run: PlantRun, stack: Stack, report: Report, size: int) -> Iterator[Column]:
    arrival = run.arrival[stack.code].reshape(-1, size)[:, -1]
    begin = np.arange(run.first, run.first + run.n, size)
    measured, converted, marks = means(stack, report, size)
    for name, value in measured.items():
        yield _kept(Column(stack.code, f"{CODES[name]}-Avg", size, begin, value, marks, arrival))
    for name, value in converted.items():
        yield _kept(Column(stack.code, f"{CODES[name]}-ZsAvg", size, begin, value, marks, arrival))


def means(stack: Stack, report: Report, size: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """Return what a logger makes of each `size` minutes: measured means by factor name, converted ones by pollutant
    (empty without reference oxygen), marks. It also has the minutes that never arrived."""
    marks = report.marks.reshape(-1, size)
    valid = marks == NORMAL
    enough = valid.sum(axis=1) >= max(_VALID * size // HOUR, 1)
    mark = np.where(enough, 0, _commonest(marks)).astype(np.uint8)
    used = np.where(enough[:, None], valid, True)
    touched = report.hourly if size >= HOUR else {}
    mean = {name: _mean(report.measured[name] * touched.get(name, 1.0), used) for name in stack.factors}
    ratio = conversion(stack.kind.oxygen, mean["o2"])
    converted = {}
    for name, _ in _converted(stack, report):
        factor = _mean(report.factors[name], used) if name in report.factors else 1.0
        converted[name] = np.round(mean[name] * ratio * factor, 3)
    return {name: np.round(value, 3) for name, value in mean.items()}, converted, mark


def _commonest(marks: np.ndarray) -> np.ndarray:
    counts = np.stack([(marks == one).sum(axis=1) for one in range(1, len(WORDS))])
    found: np.ndarray = 1 + np.argmax(counts, axis=0)
    return found


def _mean(value: np.ndarray, used: np.ndarray) -> np.ndarray:
    rows = value.reshape(used.shape)
    found: np.ndarray = (rows * used).sum(axis=1) / np.maximum(used.sum(axis=1), 1)
    return found


def _kept(one: Column) -> Column:
    there = one.arrival >= 0
    if there.all():
        return one
    return Column(
        one.source, one.quantity, one.step, one.begin[there], one.value[there], one.mark[there], one.arrival[there]
    )


def rows(run: PlantRun, steps: Sequence[int], offset: dt.timedelta, delay: int = 20) -> pl.DataFrame:
    """Return a plant's series as rows (SCHEMA). `offset`: the city's clock minus UTC; `delay`: seconds on the way."""
    found = list(columns(run, steps))
    if not found:
        return pl.DataFrame(schema=SCHEMA)
    sizes = [len(one.begin) for one in found]
    shift = -round(offset.total_seconds()) * 1_000_000
    begin = np.concatenate([one.begin for one in found]).astype(np.int64) * _MICRO + shift
    length = np.repeat([one.step * _MICRO for one in found], sizes)
    known = np.concatenate([one.arrival for one in found]).astype(np.int64) * _MICRO + shift + delay * 1_000_000
    return pl.DataFrame({
        "source": _repeated([one.source for one in found], sizes), "place": _repeated([run.design.code], [sum(sizes)]),
        "quantity": _repeated([one.quantity for one in found], sizes),
        "valid_from": _moments(begin), "valid_to": _moments(begin + length),
        "value": np.concatenate([one.value for one in found]),
        "flag": _words(np.concatenate([one.mark for one in found])), "known_at": _moments(np.maximum(known, begin + length)),
    }, schema=SCHEMA)  # fmt: skip


def _moments(micro: np.ndarray) -> pl.Series:
    return pl.Series(micro).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _repeated(names: Sequence[str], sizes: Sequence[int]) -> pl.Series:
    known = list(dict.fromkeys(names))
    place = {name: at for at, name in enumerate(known)}
    codes = np.repeat(np.array([place[name] for name in names], dtype=np.uint32), sizes)
    return pl.Series(known, dtype=pl.Categorical).gather(codes)


def _words(marks: np.ndarray) -> pl.Series:
    return pl.Series(WORDS, dtype=pl.Categorical).gather(marks.astype(np.uint32))
