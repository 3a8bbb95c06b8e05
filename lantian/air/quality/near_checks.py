"""What is wrong with neighbours.toml of a pack, by file and line."""

from __future__ import annotations

from lantian.air.assessing.places import bare
from lantian.air.quality.near import CONFIDENCE, FILE
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.reading import Table, read_toml

_NAMES = "Write cities as the release of their hours does, with or without 市."


def check_neighbours(files: PackFiles, faults: Faults) -> None:
    """Report what is wrong with the neighbours of a pack; in a pack without the file no city has any."""
    if not files.exists(FILE):
        return
    root = read_toml(files, FILE, faults)
    if root is None:
        return
    root.integer("schema", 1, low=1, high=1)
    seen: set[str] = set()
    for table in root.tables("neighbours"):
        place = _check(table)
        if place and bare(place) in seen:
            table.fault("duplicate", f"{place!r} has neighbours twice.", "Put them into one entry.", "place")
        seen.add(bare(place))
    root.done()


def _check(table: Table) -> str:
    place = table.text("place", hint=_NAMES)
    near = table.texts("near")
    table.text("source", hint="Say where the borders are known from.")
    table.choice("confidence", sorted(CONFIDENCE))
    if not near:
        table.fault("bad-value", "'near' names no city.", _NAMES, "near")
    names = [bare(one) for one in near]
    for one in (one for at, one in enumerate(near) if bare(one) in names[:at]):
        table.fault("bad-value", f"'near' names {one!r} twice.", "Keep it once.", "near")
    if bare(place) in names:
        table.fault("bad-value", f"{place!r} is named as its own neighbour.", "Take it out.", "near")
    table.done()
    return place
