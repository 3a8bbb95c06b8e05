"""The demonstration's clock: it starts on a day on which the plan was at work, and runs on from there, also when stopped."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

START = dt.datetime(2020, 6, 22, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def remembered_offset(data: Path) -> float:
    """Return the seconds by which the demonstration's clock is ahead, decided when its data folder was made."""
    path = data / "demo.json"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        offset = (START - dt.datetime.now(dt.UTC)).total_seconds()
        path.write_text(json.dumps({"clock_offset_seconds": offset}), encoding="utf-8")
    return float(json.loads(path.read_text(encoding="utf-8"))["clock_offset_seconds"])
