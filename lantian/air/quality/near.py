"""Who is compared with whom: stations with those of the same city, cities with the cities around them (city packs)."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lantian.air.assessing.places import bare

FILE = "neighbours.toml"
# The group of stations that are the only one of their place.
ALONE = "*"
_SIGNS = {"place", "near", "source", "confidence"}
CONFIDENCE = {"V", "V1", "R-H", "R-M", "R-L"}


class NeighboursFileError(ValueError):
    """The file of neighbours says something that cannot be."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A city and the cities around it, by name."""

    place: str
    near: tuple[str, ...]
    source: str
    confidence: str


def read_neighbours(file: Path) -> tuple[Neighbours, ...]:
    """Return what a pack's file says; nothing without a file. Raises NeighboursFileError naming file and entry."""
    if not file.exists():
        return ()
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("neighbours", [])
        found = tuple(_entry(one) for one in entries)
    except (tomllib.TOMLDecodeError, ValueError, TypeError) as error:
        raise NeighboursFileError(f"{file}: {error}") from error
    names = [bare(one.place) for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise NeighboursFileError(f"{file}: there twice: {', '.join(twice)}")
    return found


def _entry(one: Mapping[str, Any]) -> Neighbours:
    if odd := sorted(set(one) ^ _SIGNS):
        raise ValueError(f"[[neighbours]] has place, near, source, confidence; look at {', '.join(odd)}")
    if one["confidence"] not in CONFIDENCE:
        raise ValueError(f"confidence of {one['place']} is one of {', '.join(sorted(CONFIDENCE))}")
    if bare(one["place"]) in {bare(name) for name in one["near"]}:
        raise ValueError(f"{one['place']} is named as its own neighbour")
    return Neighbours(one["place"], tuple(one["near"]), one["source"], one["confidence"])


def near_cities(known: Iterable[Neighbours]) -> dict[str, tuple[str, ...]]:
    """Return {bare name: bare names of the places around}, in both directions."""
    found: dict[str, set[str]] = {}
    for one in known:
        for other in one.near:
            found.setdefault(bare(one.place), set()).add(bare(other))
            found.setdefault(bare(other), set()).add(bare(one.place))
    return {name: tuple(sorted(others)) for name, others in found.items()}


def near_sources(
    sources: Sequence[str], cities: Mapping[str, tuple[str, ...]], groups: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return {source: sources to compare it with}, within its own series.

    `cities` says which names lie around a name, `groups` to which city or area a station's code belongs. A source is
    `<series>:<name>`.
    """
    found: dict[str, tuple[str, ...]] = {}
    by_series: dict[str, dict[str, str]] = {}
    for source in sources:
        series, _, name = source.partition(":")
        by_series.setdefault(series, {})[name] = source
    for members in by_series.values():
        plain = {bare(name): source for name, source in members.items()}
        for name, source in members.items():
            group = groups.get(name)
            near = [plain[one] for one in cities.get(bare(name), ()) if one in plain]
            same = [other for one, other in members.items() if group and groups.get(one) == group and one != name]
            if near or same:
                found[source] = tuple(dict.fromkeys([*same, *near]))
    return found


def groups_of(places: Mapping[str, str]) -> dict[str, str]:
    """Return to which group each station's code belongs, of {code: its place}: those of one place are compared with each
    other. A place with a single station has nobody: all such stations are compared with each other.

    >>> groups_of({"1A": "a", "2A": "a", "3A": "b", "4A": "c"})
    {'1A': 'a', '2A': 'a', '3A': '*', '4A': '*'}
    """
    counts = Counter(places.values())
    return {code: place if counts[place] > 1 else ALONE for code, place in places.items()}


def near_of(pack: Path | None, places: Mapping[str, str], sources: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return whom the rules compare with whom under a pack: commands and worker ask here, so that both flag the same.

    `places` is {code of a station: its place}; without a pack no city has neighbours. Raises NeighboursFileError.
    """
    cities = near_cities(read_neighbours(pack / FILE)) if pack else {}
    return near_sources(sources, cities, groups_of(places))
