"""What the plan's rules of place say of boilers and enterprises: which heat and power plant is near, which zones hold them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from lantian.city.models import LoadedPack
from lantian.city.pack import find_pack
from lantian.sources.models import Boiler
from lantian.sources.rules.boilers import boiler_rules
from lantian.sources.rules.geo import Near, Zone, ZoneIndex, as_points, within
from lantian.sources.rules.zones import DEMO_FILE, FILE, read_zones
from lantian.sources.snapshot import BoilerRow, ChpRow, Snapshot

HEATING = (Boiler.Purpose.HEATING, Boiler.Purpose.BOTH)


@dataclass(frozen=True, slots=True)
class Judged:
    """A boiler with what its place means on a day.

    `near`: the nearest large plant within the radius, with the plant; None without one. `beyond`: the nearest plant at
    all within three radii, when none is inside. `zones`: zones in force that hold it. `placed`: its position is known.
    """

    boiler: BoilerRow
    placed: bool
    near: tuple[Near, ChpRow] | None
    beyond: tuple[Near, ChpRow] | None
    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class Plants:
    """Heat and power plants on a day: those of the rule's power with a position, without one, and the small coal units."""

    large: tuple[ChpRow, ...]
    unplaced: tuple[ChpRow, ...]
    small: tuple[ChpRow, ...]
    any: bool


def zones(register: Snapshot) -> ZoneIndex:
    """Return the zones of the pack in force (read again after its files have changed); invented ones in a demonstration."""
    return _zones(register)[0]


def _zones(register: Snapshot) -> tuple[ZoneIndex, object]:
    """The zones and what tells this state of their files from another."""
    if "pack root" not in register.kept:  # loading a pack is a record too: another register then
        register.kept["pack root"] = _pack_root()
    root: Path | None = register.kept["pack root"]
    if root is None:
        return ZoneIndex(()), ()
    demonstration = (Path(settings.LANTIAN_DATA) / "demo.json").is_file()
    files = [root / FILE, *([root / DEMO_FILE] if demonstration else [])]
    stamps = tuple((str(file), file.stat().st_mtime_ns if file.is_file() else 0) for file in files)
    return _read(root, demonstration, stamps), stamps


@lru_cache(maxsize=4)
def _read(root: Path, demonstration: bool, _stamps: object) -> ZoneIndex:
    return ZoneIndex(read_zones(root, demonstration=demonstration))


def _pack_root() -> Path | None:
    slug = LoadedPack.objects.values_list("slug", flat=True).first()
    try:
        return find_pack(slug) if slug else None
    except FileNotFoundError:
        return None


def plants_on(register: Snapshot, day: dt.date) -> Plants:
    """Return the heat and power plants that run on a day, by what the rule says of them."""
    rules = boiler_rules(day)
    least, small = float(rules.number("chp.power")), float(rules.number("chp.small_unit"))
    total = rules.text("chp.measured_by") == "total"
    running = [one for one in register.chps if one.runs_on(day)]
    large = [one for one in running if (one.total_mw if total else one.unit_mw) >= least]
    return Plants(
        tuple(one for one in large if one.lon is not None and one.lat is not None),
        tuple(one for one in large if one.lon is None or one.lat is None),
        tuple(one for one in running if one.unit_mw < small),
        bool(running),
    )


def radius(day: dt.date) -> float:
    """Return the radius around a large plant, metres."""
    return float(boiler_rules(day).number("chp.radius")) * 1000


def judged(register: Snapshot, day: dt.date) -> tuple[Judged, ...]:
    """Return every boiler with what its place means on a day; kept while nothing changes."""
    known, stamp = _zones(register)
    key = ("judged", day, stamp)
    if key not in register.kept:
        register.kept[key] = _judged(register, day, known)
    found: tuple[Judged, ...] = register.kept[key]
    return found


def _judged(register: Snapshot, day: dt.date, known: ZoneIndex) -> tuple[Judged, ...]:
    boilers = register.boilers
    points = as_points([(one.lon, one.lat) for one in boilers])
    plants = plants_on(register, day).large
    reach = radius(day)
    nearest: dict[int, tuple[Near, ChpRow]] = {}
    for pair in within(points, as_points([(one.lon, one.lat) for one in plants]), 3 * reach):
        nearest.setdefault(pair.point, (pair, plants[pair.centre]))
    held = known.at(points, day)
    found = []
    for at, boiler in enumerate(boilers):
        best = nearest.get(at)
        inside = best is not None and best[0].metres <= reach
        placed = boiler.lon is not None and boiler.lat is not None
        found.append(
            Judged(boiler, placed, best if inside else None, None if inside else best, held[at] if placed else ())
        )
    return tuple(found)
