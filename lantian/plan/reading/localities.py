"""Provinces and cities of the country: where names begin, and which province a document belongs to."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "cities.toml"
_NUMBER_MARK = re.compile(r"(?:根据|按照|依据|《|（|^)?([\u4e00-\u9fff])(?:政|府|委)(?:办)?(?:发|规|字|函)?（20\d{2}）")


@lru_cache(maxsize=1)
def _provinces() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    entries = tomllib.loads(_DATA.read_text("utf-8"))["province"]
    return tuple((entry["name"], entry["mark"], tuple(entry["cities"])) for entry in entries)


@lru_cache(maxsize=1)
def place_names() -> tuple[str, ...]:
    """Short names of all provinces and prefecture-level cities, the longest first."""
    names = {name for name, _, _ in _provinces()} | {city for _, _, cities in _provinces() for city in cities}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def province_of(view: str) -> str | None:
    """The province a document belongs to: named most often, cities and number marks (晋政办发) counted in."""
    scores: dict[str, int] = {}
    marks = [match.group(1) for match in _NUMBER_MARK.finditer(view)]
    for name, mark, cities in _provinces():
        score = 2 * view.count(name + "省") + view.count(name) + 3 * marks.count(mark)
        score += sum(view.count(city + "市") for city in cities)
        if score:
            scores[name] = score
    return max(scores, key=lambda name: scores[name]) if scores else None
