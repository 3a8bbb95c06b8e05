"""Which minutes and hours of a device came: one bit each, a row for a day."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from lantian.gateway.core.device import Device

MINUTES, HOURS = "2051", "2061"
_DAY = 86400
Ints = npt.NDArray[np.int64]


def step_of(device: Device | None, cn: str) -> int:
    """Return the seconds between two packets of a kind."""
    return 3600 if cn == HOURS else (device.minute_seconds if device else 60) or 60


def note_times(db: sqlite3.Connection, times: Mapping[tuple[str, str], Ints], devices: Mapping[str, Device]) -> None:
    """Note local times (seconds since 1970 on the device's clock) as having come, inside the caller's transaction."""
    for (mn, cn), moments in times.items():
        step = step_of(devices.get(mn), cn)
        days: dict[int, set[int]] = defaultdict(set)
        for moment in moments.tolist():
            days[moment // _DAY].add(moment % _DAY // step)
        for day, numbers in days.items():
            bits = bytearray(_bits(db, mn, cn, day, step))
            for number in numbers:
                bits[number >> 3] |= 1 << (number & 7)
            db.execute("insert or replace into slots values (?,?,?,?)", (mn, cn, _name(day), bytes(bits)))


def _name(day: int) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()


def _bits(db: sqlite3.Connection, mn: str, cn: str, day: int, step: int) -> bytes:
    row = db.execute("select bits from slots where mn = ? and cn = ? and day = ?", (mn, cn, _name(day))).fetchone()
    size = (_DAY // step + 7) // 8
    return (bytes(row[0]) if row else b"").ljust(size, b"\0")[:size]


def missing(db: sqlite3.Connection, mn: str, cn: str, step: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield stretches [begin, end) of local time (seconds since 1970) from which nothing came, oldest first."""
    held: int | None = None
    at = -(-begin // step) * step
    day, bits = -1, b""
    while at < end:
        if at // _DAY != day:
            day = at // _DAY
            bits = _bits(db, mn, cn, day, step)
        number = at % _DAY // step
        there = bits[number >> 3] >> (number & 7) & 1
        if there and held is not None:
            yield held, at
            held = None
        elif not there and held is None:
            held = at
        at += step
    if held is not None:
        yield held, at


def forget(db: sqlite3.Connection, before: dt.date) -> None:
    """Forget the days before a day."""
    db.execute("delete from slots where day < ?", (before.isoformat(),))
