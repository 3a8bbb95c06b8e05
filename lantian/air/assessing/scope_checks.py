"""What is wrong with scopes.toml of a pack, by file and line."""

from __future__ import annotations

from lantian.air.assessing.scopes import FILE
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.reading import Table, read_toml, refuse_twice
from lantian.standards.tables import Confidence

_ID = r"[a-z0-9]+(-[a-z0-9]+)*"


def check_scopes(files: PackFiles, faults: Faults) -> None:
    """Report what is wrong with the scopes of a pack; a pack without the file has none."""
    if not files.exists(FILE):
        return
    root = read_toml(files, FILE, faults)
    if root is None:
        return
    tables = root.tables("scope")
    ids = [(table, _check(table)) for table in tables]
    refuse_twice(ids, "id", "the scope")
    root.done()


def _check(table: Table) -> str:
    name = table.text("id", pattern=_ID, hint="Small letters, digits and hyphens.")
    table.text("zh")
    table.text("en")
    table.text("source")
    table.choice("confidence", [one.value for one in Confidence])
    places = table.texts("places")
    if not places:
        table.fault("bad-value", "'places' names no place.", "List the names of the places.", "places")
    for place in sorted({one for one in places if places.count(one) > 1}):
        table.fault("bad-value", f"'places' names {place!r} twice.", "Keep it once.", "places")
    table.done()
    return name
