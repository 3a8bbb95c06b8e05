"""Seasons, feasts and five-year plans, from the pack's gazetteer or the national data file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.localities import province_of

_DATA = Path(__file__).parent / "data" / "calendar.toml"


@dataclass(frozen=True, slots=True)
class Season:
    """First and last day as (month, day), how sure, and a note for the reader of the result."""

    start: tuple[int, int]
    end: tuple[int, int]
    confidence: float
    note: str = ""


@dataclass(frozen=True)
class Calendar:
    """What the words for seasons and feasts mean in one document."""

    heating: Season

    @classmethod
    def for_document(cls, gazetteer: Gazetteer, view: str) -> Calendar:
        """The pack's heating season; without a pack that of the document's province."""
        if gazetteer.heating_season:
            own = gazetteer.heating_season
            return cls(Season(_month_day(own.start), _month_day(own.end), 0.95, f"heating season from {own.start}"))
        data = _data()["heating"]
        province = province_of(view)
        if province in data["provinces"]:
            start, end = data["provinces"][province]
            note = f"heating season from {start} assumed: usual in {province}"
            return cls(Season(_month_day(start), _month_day(end), 0.55, note))
        start, end = data["default"]["start"], data["default"]["end"]
        note = f"heating season from {start} assumed: the national default"
        return cls(Season(_month_day(start), _month_day(end), 0.45, note))

    def day_before_heating(self, year: int) -> date:
        return date(year, *self.heating.start) - timedelta(days=1)

    def last_day_of_heating(self, year: int) -> date:
        return date(year, *self.heating.end)


def season(name: str) -> Season:
    """A national season by its key in calendar.toml ("autumn_winter", "flood")."""
    entry = _data()["seasons"][name]
    sure = 0.8 if entry["certainty"] == "law" else 0.5
    return Season(_month_day(entry["start"]), _month_day(entry["end"]), sure, f"season from {entry['start']}")


def feast_pattern() -> str:
    """Alternatives for the feasts with a fixed date and those of the lunar year, the Spring Festival left out."""
    return "|".join(re.escape(name) for name in (*_data()["feasts"], *_data()["lunar_feasts"]))


def feast(name: str, year: int) -> date | None:
    """The day of a feast in a year, or None where the table of lunar years ends."""
    fixed = _data()["feasts"].get(name) or _data()["lunar_feasts"][name].get(str(year))
    return date(year, *_month_day(fixed)) if fixed else None


def feast_month(name: str) -> int:
    """The month in which a feast usually falls; feasts of the lunar year move by a month."""
    fixed = _data()["feasts"].get(name) or min(_data()["lunar_feasts"][name].values())
    return _month_day(fixed)[0]


def customary_pattern() -> str:
    """Alternatives for the times set by custom (夏收, 开学)."""
    return "|".join(re.escape(name) for name in _data()["customary"])


def customary(name: str, year: int) -> date:
    """The day on which a customary time usually begins in a year."""
    return date(year, *_month_day(_data()["customary"][name]))


def spring_festival(year: int) -> date | None:
    """First day of the lunar year that begins in `year`, or None outside the table."""
    found = _data()["spring_festival"].get(str(year))
    return date(year, *_month_day(found)) if found else None


def five_year_plan_end(name: str) -> int | None:
    """Last year of a five-year plan such as 十四五, or None."""
    found = _data()["five_year_plans"].get(name)
    return int(found) if found else None


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text("utf-8"))
