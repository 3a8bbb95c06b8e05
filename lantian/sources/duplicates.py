"""Pairs of rows that may be one enterprise: proposed with reasons, never merged by themselves."""

from __future__ import annotations

import functools
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Hamming

from lantian.city.access import Scope
from lantian.city.models import Place
from lantian.sources.models import Enterprise, NotDuplicate
from lantian.sources.queries import visible_to

_EARTH = 6_371_000.0
_BRACKETS = re.compile(r"[（(][^（）()]*[)）]")


@dataclass(frozen=True)
class Pair:
    """Two enterprises, the older code first, with how like their names are (0 to 100) and why they are shown: words are
    name, address, distance (metres), credit."""

    one: Enterprise
    other: Enterprise
    likeness: int
    why: dict[str, str] = field(hash=False, default_factory=dict)


@functools.cache
def _rules() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "data" / "duplicates.toml").read_text(encoding="utf-8"))


def candidates(scope: Scope, *, limit: int = 200) -> list[Pair]:
    """Return pairs among the enterprises that the person may change, the likest first; those said to be two are left out.

    A few queries; names are compared within an area, and with those whose area is not known.
    """
    rows = list(visible_to(scope, verb="source.edit").select_related("area").defer("area__boundary").order_by("code"))
    seen = set(NotDuplicate.objects.values_list("one_id", "other_id"))
    places = list(Place.objects.exclude(kind="village").values_list("name", "aliases"))
    known = sorted(
        {name for one, aliases in places for name in (one, *aliases) if len(name) > 1}, key=len, reverse=True
    )
    names = [bare(row.name, known) for row in rows]
    found: dict[tuple[int, int], Pair] = {}
    for group in _groups(rows):
        for at, to, likeness in _alike([names[n] for n in group]):
            first, second = sorted((group[at], group[to]))
            pair = _pair(rows[first], rows[second], likeness)
            if pair and tuple(sorted((pair.one.pk, pair.other.pk))) not in seen:
                found[first, second] = pair
    return sorted(found.values(), key=lambda pair: (-len(pair.why), -pair.likeness, pair.one.code))[:limit]


def bare(name: str, places: Sequence[str]) -> str:
    """Return a name without legal form, brackets and the places in front."""
    short = _BRACKETS.sub("", name)
    for ending in _rules()["names"]["endings"]:
        if short.endswith(ending) and len(short) > len(ending) + 1:
            short = short[: -len(ending)]
            break
    for place in places:
        if short.startswith(place) and len(short) > len(place) + 1:
            short = short[len(place) :]
    return short


def _groups(rows: Sequence[Enterprise]) -> Iterable[list[int]]:
    by_area: dict[int | None, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        by_area[row.area_id].append(at)
    nowhere = by_area.pop(None, [])
    yield from ([*group, *nowhere] for group in by_area.values())
    if nowhere:
        yield nowhere


def _alike(names: list[str]) -> Iterable[tuple[int, int, int]]:
    """Yield (at, to, likeness) of names that are alike enough for anything."""
    least = min(_rules()["likeness"][key] for key in ("name", "name_near", "name_address"))
    for start in range(0, len(names), 500):
        block = names[start : start + 500]
        scores = process.cdist(block, names, scorer=fuzz.ratio, score_cutoff=least, dtype=np.uint8)
        for at, to in np.argwhere(scores >= least).tolist():
            if start + at < to:
                yield start + at, to, int(scores[at, to])


def _pair(one: Enterprise, other: Enterprise, likeness: int) -> Pair | None:
    limits, why = _rules()["likeness"], {}
    if one.credit_code and other.credit_code:
        differ = Hamming.distance(one.credit_code, other.credit_code)
        if differ > limits["credit_signs"]:
            return None  # two licences are two enterprises
        why["credit"] = str(differ)
    if likeness >= limits["name"]:
        why["name"] = str(likeness)
    metres = _metres(one, other)
    if metres is not None and metres <= limits["near_metres"] and likeness >= limits["name_near"]:
        why["distance"] = str(round(metres))
    if one.address and other.address and likeness >= limits["name_address"]:
        like = fuzz.ratio(one.address, other.address)
        if like >= limits["address"]:
            why["address"] = str(round(like))
    return Pair(one, other, likeness, why) if why else None


def _metres(one: Enterprise, other: Enterprise) -> float | None:
    if one.wgs_lon is None or other.wgs_lon is None or one.wgs_lat is None or other.wgs_lat is None:
        return None
    north = np.radians(one.wgs_lat - other.wgs_lat)
    east = np.radians(one.wgs_lon - other.wgs_lon) * np.cos(np.radians((one.wgs_lat + other.wgs_lat) / 2))
    return float(np.hypot(north, east) * _EARTH)
