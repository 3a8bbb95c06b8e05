"""From packets to rows of the telemetry store, by what each device's points are about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.gateway.core.codec import dialect_of
from lantian.gateway.core.device import Device, Point
from lantian.gateway.core.heads import MN
from lantian.gateway.core.limits import DeliveryLimits
from lantian.gateway.core.telemetry import UNMAPPED, UNSTATED, unit_of, word_of
from lantian.gateway.wire import fast
from lantian.gateway.wire.decode import decode
from lantian.gateway.wire.factors import canonical
from lantian.gateway.wire.framing import Frame, frames_of
from lantian.gateway.wire.packet import Decoded

Ints = npt.NDArray[np.int64]
REALTIME, STATE, DAY, RUNNING, MINUTE, HOUR = 2011, 2021, 2031, 2041, 2051, 2061
# What is said of a value, not a value of its own.
_NO_VALUES = frozenset({"Flag", "EFlag", "SampleTime", "SN"})
_DAY_SECONDS, _HOUR_SECONDS = 86400, 3600
_OLD_EDITION = fast.EDITIONS.index("2005")
_SCHEMA: dict[str, Any] = {
    "source": pl.String, "place": pl.String, "quantity": pl.String, "valid_from": pl.Datetime("us", "UTC"),
    "valid_to": pl.Datetime("us", "UTC"), "value": pl.Float64, "unit": pl.String, "flag": pl.String, "mn": pl.String,
}  # fmt: skip


@dataclass(slots=True)
class Mapped:
    """Rows (of `_SCHEMA`), how the packets fared, and the times of histories by (MN, CN)."""

    rows: pl.DataFrame
    packets: int = 0
    refused: int = 0
    repeated: int = 0
    values: int = 0
    untimely: int = 0
    times: dict[tuple[str, str], Ints] = field(default_factory=dict)
    backfilled: int = 0


def empty() -> pl.DataFrame:
    """Return no rows."""
    return pl.DataFrame(schema=_SCHEMA)


class Mapper:
    """Decodes and maps; keeps what it has resolved for as long as the register stays the same."""

    def __init__(self, devices: Mapping[str, Device], offset: dt.timedelta, limits: DeliveryLimits) -> None:
        self._devices, self._limits = devices, limits
        self._offset = int(offset.total_seconds())
        self._targets: dict[tuple[str, str, str, bool], tuple[str, str, str, float, str]] = {}

    def map(self, packets: Sequence[bytes], received: Ints) -> Mapped:
        """Return the rows of packets; `received`: when each came, in microseconds since 1970."""
        batch = fast.decode_many([Frame(raw, b"", "", 0, ()) for raw in packets], judge=self._judge)
        mns = [batch.field("MN", number) or "" for number in range(len(batch))]
        steps = self._steps(batch, mns)
        found = Mapped(empty(), len(batch), int((~batch.ok).sum()))
        at = (batch.data_time - self._offset) * 1_000_000
        good = (steps > 0) & (batch.data_time != fast.NO_TIME) & self._believed(at, received)
        found.untimely = int(((steps > 0) & ~good).sum())
        self._note_times(found, batch, mns, good)
        chosen = good[batch.packet] & (batch.factor != 0) & np.isfinite(batch.value)
        if chosen.any():
            found.rows = self._rows(batch, mns, at, steps, np.flatnonzero(chosen))
            found.values = len(found.rows)
        return found

    def _judge(self, frame: Frame) -> Decoded:
        """What became of a packet that is not plain, by its device's dialect."""
        seen = MN.search(frame.raw)
        device = self._devices.get(seen[1].decode()) if seen else None
        used = dialect_of(device.dialect if device else "standard")
        frames = frames_of(frame.raw, used)
        return decode(frames[0] if frames else frame, used)

    def _steps(self, batch: Any, mns: Sequence[str]) -> Ints:
        """Return the length of the interval that each packet is about, in seconds; 0 for those without values."""
        steps = np.zeros(len(batch), dtype=np.int64)
        steps[(batch.cn == DAY) | (batch.cn == RUNNING)] = _DAY_SECONDS
        steps[batch.cn == HOUR] = _HOUR_SECONDS
        for numbers, own in ((np.isin(batch.cn, (REALTIME, STATE)), True), (batch.cn == MINUTE, False)):
            for index in np.flatnonzero(numbers).tolist():
                device = self._devices.get(mns[index])
                seconds = (device.realtime_seconds if own else device.minute_seconds) if device else 60
                steps[index] = seconds
        steps[~batch.ok] = 0
        return steps

    def _believed(self, at: Ints, received: Ints) -> npt.NDArray[np.bool_]:
        oldest = int(dt.datetime(self._limits.oldest_year, 1, 1, tzinfo=dt.UTC).timestamp() * 1e6)
        ahead = int(self._limits.future_hours * 3.6e9)
        believed: npt.NDArray[np.bool_] = (at >= oldest) & (at <= received + ahead)
        return believed

    def _note_times(self, found: Mapped, batch: Any, mns: Sequence[str], good: npt.NDArray[np.bool_]) -> None:
        """Remember which minutes and hours came, for finding those that lack."""
        gathered: dict[tuple[str, str], list[int]] = {}
        for index in np.flatnonzero(good & np.isin(batch.cn, (MINUTE, HOUR))).tolist():
            gathered.setdefault((mns[index], str(batch.cn[index])), []).append(int(batch.data_time[index]))
        found.times = {key: np.array(times, dtype=np.int64) for key, times in gathered.items()}

    def _rows(self, batch: Any, mns: Sequence[str], at: Ints, steps: Ints, which: Ints) -> pl.DataFrame:
        packet, factor, suffix = batch.packet[which], batch.factor[which], batch.suffix[which]
        names = sorted(set(mns))
        index_of = {name: number for number, name in enumerate(names)}
        device = np.array([index_of[name] for name in mns], dtype=np.int64)[packet]
        old = (batch.edition[packet] == _OLD_EDITION).astype(np.int64)
        width = len(batch.suffixes)
        codes = ((device * len(batch.factors) + factor) * width + suffix) * 2 + old
        unique, inverse = np.unique(codes, return_inverse=True)
        targets = []
        for code in unique.tolist():
            rest, was_old = divmod(code, 2)
            rest, suffix_id = divmod(rest, width)
            device_id, factor_id = divmod(rest, len(batch.factors))
            targets.append(
                self._target(names[device_id], batch.factors[factor_id], batch.suffixes[suffix_id], bool(was_old))
            )
        marks, mark_of = np.unique(batch.mark[which], return_inverse=True)
        words = np.array([_mark(mark) for mark in marks.tolist()], dtype=object)[mark_of]
        table = pl.DataFrame(
            targets, schema={"source": pl.String, "quantity": pl.String, "place": pl.String, "scale": pl.Float64, "unit": pl.String},
            orient="row",
        )[inverse]  # fmt: skip
        begin = at[packet]
        rows = table.with_columns(
            pl.Series("valid_from", begin).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            pl.Series("valid_to", begin + steps[packet] * 1_000_000)
            .cast(pl.Datetime("us"))
            .dt.replace_time_zone("UTC"),
            (pl.Series("value", batch.value[which]) * pl.col("scale")).alias("value"),
            pl.Series("flag", words, dtype=pl.String),
            pl.Series("mn", [names[one] for one in device.tolist()], dtype=pl.String),
        )
        return rows.filter(pl.col("quantity") != "").select(*_SCHEMA)

    def _target(self, mn: str, factor: str, suffix: str, old: bool) -> tuple[str, str, str, float, str]:
        """Return (source, quantity, place, scale, unit) of a key of a device; quantity "" for what is no value."""
        key = (mn, factor, suffix, old)
        known = self._targets.get(key)
        if known is None:
            known = self._targets[key] = resolve(self._devices.get(mn), mn, factor, suffix, old=old)
        return known


def resolve(device: Device | None, mn: str, factor: str, suffix: str, *, old: bool) -> tuple[str, str, str, float, str]:
    """Return (source, quantity, place, scale, unit) of `<factor>-<suffix>` of a device; quantity "" for no value.

    The most special point goes first: factor with suffix, the factor, the factor as HJ 212-2017 names it; then the
    device's default code; without one `device:<MN>`. A code of 2005 whose unit was another one is kept as sent.
    """
    if suffix in _NO_VALUES:
        return ("", "", "", 1.0, "")
    new = canonical(factor, "2005" if old else "2017")
    point = _point(device, (f"{factor}-{suffix}", factor, f"{new.code}-{suffix}", new.code))
    place = (device.plant if device else "") or f"{UNMAPPED}{mn}"
    code = point.code or (device.default if device else "") or f"{UNMAPPED}{mn}"
    named = point.quantity or new.code
    quantity = named if "-" in named else f"{named}-{suffix}"
    unit = point.unit or (UNSTATED if new.units_differ and not point.quantity else unit_of(quantity))
    return (code, quantity, place, point.scale, unit)


_NOWHERE = Point("")


def _point(device: Device | None, keys: Sequence[str]) -> Point:
    for key in keys if device else ():
        found = device.points.get(key) if device else None
        if found is not None:
            return found
    return _NOWHERE


@lru_cache(maxsize=512)
def _mark(mark: int) -> str:
    return "" if mark == 0 else word_of("other") if mark == 255 else word_of(chr(mark))
