"""Readings that came by HTTP or MQTT as JSON: their shape, checked when they come, and their rows.

A message: {"device": MN, "readings": [{"point": "P", "time": "2026-11-01T08:00:00+08:00", "seconds": 60, "value": 1.5,
"flag": ""}, …]}. `point` is a key of the device's map (factor or factor-suffix), `flag` a letter of the wire or "".
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from lantian.gateway.core.device import Device
from lantian.gateway.core.mapping import Mapped, empty, resolve
from lantian.gateway.core.telemetry import word_of

MOST_READINGS = 5000
_SUFFIX = {60: "Avg", 3600: "Avg", 86400: "Avg"}


class BadMessage(ValueError):
    """A message that is not taken; the text says where and why."""


def check(raw: bytes) -> dict[str, Any]:
    """Return a message that has the right shape. Raises BadMessage."""
    try:
        message = json.loads(raw)
    except ValueError as error:
        raise BadMessage(f"this is no JSON: {error}") from error
    if not isinstance(message, dict) or not isinstance(message.get("device"), str) or not message["device"]:
        raise BadMessage('a message names its device: {"device": "…", "readings": […]}')
    readings = message.get("readings")
    if not isinstance(readings, list) or not 0 < len(readings) <= MOST_READINGS:
        raise BadMessage(f"readings is a list of 1 to {MOST_READINGS} readings")
    for number, one in enumerate(readings, 1):
        try:
            _row(one)
        except (KeyError, TypeError, ValueError) as error:
            raise BadMessage(f"reading {number}: {_words(error)}") from error
    return message


def _words(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def _row(one: Mapping[str, Any]) -> tuple[str, str, dt.datetime, int, float, str]:
    """Return (factor, suffix, time, seconds, value, flag). Raises KeyError, TypeError, ValueError."""
    if not isinstance(one, Mapping):
        raise ValueError("a reading is an object")
    point, moment = str(one["point"]), dt.datetime.fromisoformat(str(one["time"]))
    if moment.tzinfo is None:
        raise ValueError(f"time {one['time']} has no zone (such as +08:00)")
    seconds, value = int(one.get("seconds", 60)), one["value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"value {value!r} is no number")
    if not point.strip() or not 1 <= seconds <= 86400 * 31:
        raise ValueError("point must have a name and seconds be 1 to 2678400")
    factor, _, suffix = point.rpartition("-")
    if not factor:
        factor, suffix = point, "Avg" if seconds in _SUFFIX else "Rtd"
    return factor, suffix, moment, seconds, float(value), str(one.get("flag", ""))


def map_pushed(mapped: Mapped, messages: Sequence[tuple[int, bytes]], devices: Mapping[str, Device]) -> None:
    """Add the rows of messages (with the time at which each came) to what was mapped."""
    rows: list[tuple[Any, ...]] = []
    for _, raw in messages:
        mapped.packets += 1
        try:
            message = check(raw)
        except BadMessage:
            mapped.refused += 1
            continue
        mn = message["device"]
        for one in message["readings"]:
            factor, suffix, moment, seconds, value, flag = _row(one)
            source, quantity, place, scale, unit = resolve(devices.get(mn), mn, factor, suffix, old=False)
            if quantity:
                begin = moment.astimezone(dt.UTC)
                end = begin + dt.timedelta(seconds=seconds)
                rows.append(
                    (source, place, quantity, begin, end, value * scale, unit, word_of(flag) if flag else "", mn)
                )
    if rows:
        added = pl.DataFrame(rows, schema=empty().schema, orient="row")
        mapped.rows = pl.concat([mapped.rows, added])
        mapped.values = len(mapped.rows)
