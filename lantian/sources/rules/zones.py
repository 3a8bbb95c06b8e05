"""zones.geojson of a city pack: built-up areas, no-coal zones and the like, checked like every file of the pack. Optional.

    { "type": "FeatureCollection", "datum": "GCJ-02", "features": [
        { "type": "Feature", "properties": { "code": "Z1", "kind": "no_coal", "name_zh": "…", "name_en": "…",
          "area": "140000", "since": "2020-10-31", "until": "", "source": "document that draws it" },
          "geometry": { "type": "Polygon", "coordinates": [[[112.7, 38.4], …]] } } ] }

`kind`: built_up (建成区), no_coal (禁煤区), no_high_pollution_fuel (高污染燃料禁燃区), planning (规划区), key_region (重点区域).
The datum of the whole file is declared in it. `demo/zones.geojson` has the same form; it is read only for a demonstration, and
what stands there is marked as invented.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lantian.city.pack.datum import DATUMS
from lantian.city.pack.faults import Faults, PackError
from lantian.city.pack.files import PackFiles
from lantian.city.pack.geometry import Shape, read_features, read_shape
from lantian.sources.rules.geo import ZONE_KINDS, Zone

FILE: Final = "zones.geojson"
DEMO_FILE: Final = "demo/zones.geojson"
FIELDS: Final = frozenset({"code", "kind", "name_zh", "name_en", "area", "since", "until", "source"})


class ZonesError(PackError):
    """The zones of a pack cannot be used; `faults` says why."""


def read_zones(pack_root: Path, *, demonstration: bool = False) -> tuple[Zone, ...]:
    """Return the zones of a pack's folder, with `demonstration` the invented ones too; none without a file.

    Raises ZonesError naming file and line of every fault.
    """
    faults = Faults()
    found = _all(PackFiles(pack_root, faults), faults, (), demonstration=demonstration)
    if len(faults):
        raise ZonesError(pack_root.name, list(faults))
    return tuple(found)


def check_zones(files: PackFiles, places: Collection[str], faults: Faults) -> None:
    """Report what is wrong with both files of a pack; `places`: the codes that the pack knows (none: not compared)."""
    _all(files, faults, places, demonstration=True)


def _all(files: PackFiles, faults: Faults, places: Collection[str], *, demonstration: bool) -> list[Zone]:
    found: dict[str, Zone] = {}
    for name, synthetic in ((FILE, False), (DEMO_FILE, True)):
        if synthetic and not demonstration:
            continue
        for zone, line in _read(files, name, faults, places, synthetic=synthetic):
            if zone.code in found:
                faults.add(
                    "duplicate", name, line, f"there is a zone {zone.code!r} already.", "Give each its own code."
                )
            found.setdefault(zone.code, zone)
    return list(found.values())


def _read(
    files: PackFiles, name: str, faults: Faults, places: Collection[str], *, synthetic: bool
) -> Iterator[tuple[Zone, int]]:
    text = files.text(name, required=False)
    if text is None:
        return
    features = list(read_features(text, name, faults))
    datum = _datum(text)
    if features and datum not in DATUMS:
        known = ", ".join(DATUMS)
        faults.add("bad-value", name, 1, f"the file declares {datum or 'no'} datum.", f'Write "datum": one of {known}.')
        return
    for line, feature in features:
        shape = read_shape(feature, line, name, datum, faults)
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if shape is not None and isinstance(properties, dict):
            zone = _zone(shape, properties, name, faults, places, synthetic=synthetic)
            if zone is not None:
                yield zone, line


def _datum(text: str) -> str:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):  # reported where the features were read
        return ""
    said = data.get("datum") if isinstance(data, dict) else None
    return said if isinstance(said, str) else ""


def _zone(
    shape: Shape, said: Mapping[str, Any], name: str, faults: Faults, places: Collection[str], *, synthetic: bool
) -> Zone | None:
    before = len(faults)

    def bad(message: str, hint: str = "") -> None:
        faults.add("bad-value", name, shape.line, f"zone {shape.code}: {message}", hint)

    if unknown := set(said) - FIELDS:
        bad(f"unknown property {', '.join(sorted(unknown))}.", f"Known: {', '.join(sorted(FIELDS))}.")
    if said.get("kind") not in ZONE_KINDS:
        bad(f"kind {said.get('kind')!r}.", f"One of: {', '.join(ZONE_KINDS)}.")
    for key in ("name_zh", "name_en", "source"):
        if not isinstance(said.get(key), str) or not said[key].strip():
            bad(f"{key} is missing.", "Say what it is called, and which document draws it.")
    area = said.get("area", "")
    if area and places and area not in places:
        message = f"zone {shape.code}: {area!r} is no place of the pack."
        faults.add("orphan", name, shape.line, message, "Take a code of places.toml.")
    since, until = (_day(said.get(key), key, bad) for key in ("since", "until"))
    if since and until and until < since:
        bad(f"it ends on {until}, before it begins.")
    if len(faults) > before:
        return None
    return Zone(
        shape.code, said["kind"], said["name_zh"], said["name_en"], str(area), shape.geometry, since, until,
        said["source"], synthetic,
    )  # fmt: skip


def _day(said: object, key: str, bad: Any) -> dt.date | None:
    if said in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(str(said))
    except ValueError:
        bad(f"{key} is {said!r}, no day.", "Write it as YYYY-MM-DD.")
        return None
