"""The demonstration's clock: it starts on a day on which the plan was at work, and runs on from there, also when stopped."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from lantian.city.pack import CityPack

# Long enough after the plan was issued that a round has closed and first deadlines have passed.
DAYS_AFTER_ISSUE = 80
FILE = "demo.json"


def remember(data: Path, **values: Any) -> dict[str, Any]:
    """Add values to what the demonstration's folder remembers; return all of it."""
    path = data / FILE
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if values:
        kept.update(values)
        data.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    return kept


def issue_day(pack: CityPack) -> dt.date:
    """Return the day on which the pack's plan was issued (today for a pack whose documents bear no day)."""
    return next((d.issued for d in pack.documents if d.issued), dt.date.today())  # noqa: DTZ011 - before any clock


def remembered_offset(data: Path, pack: CityPack) -> float:
    """Return the seconds by which the demonstration's clock is ahead, decided when its data folder was made."""
    kept = remember(data)
    if "clock_offset_seconds" not in kept:
        day = issue_day(pack) + dt.timedelta(days=DAYS_AFTER_ISSUE)
        start = dt.datetime.combine(day, dt.time(9), dt.timezone(dt.timedelta(hours=8)))
        kept = remember(data, clock_offset_seconds=(start - dt.datetime.now(dt.UTC)).total_seconds())
    return float(kept["clock_offset_seconds"])
