"""places.toml, towns.csv, villages.csv, places.geojson: where things are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lantian.city.pack.datum import DATUMS
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.geometry import Box, Shape, read_shapes
from lantian.city.pack.model import AREA_KINDS, Meta, Place, Places
from lantian.city.pack.names import name_trouble
from lantian.city.pack.reading import Table, read_toml, refuse_twice

FILE, TOWNS, VILLAGES, SHAPES = "places.toml", "towns.csv", "villages.csv", "places.geojson"
FORMS = ("district", "county", "county_city", "zone", "scenic")
# A zone without a state code gets one with a letter, so that nobody takes it for official.
AREA_CODE = r"\d{6}|\d{4}[A-Z]\d"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a CSV file."""

    line: int
    code: str
    name_zh: str
    name_en: str


def read_places(files: PackFiles, meta: Meta, faults: Faults) -> Places | None:
    """Read all places, areas with their polygons; None when places.toml cannot be read."""
    root = read_toml(files, FILE, faults)
    if root is None:
        return None
    city, bbox = _city(root, meta)
    tables = root.tables("area")
    areas = [_area(table, meta) for table in tables]
    pairs = list(zip(tables, areas, strict=True))
    refuse_twice([(table, area.code) for table, area in pairs], "code", "the code")
    _report_shared_names(pairs, city)
    shapes = _shapes(root, files, bbox, faults)
    areas = _with_geometry(pairs, shapes, faults)
    built_up = root.table("built_up")
    notes = built_up.text("note_zh"), built_up.text("note_en")
    built_up.done()
    root.done()
    towns = _level(files, TOWNS, "town", {area.code: area.code for area in areas}, faults)
    villages = _level(files, VILLAGES, "village", {town.code[:9]: town.code for town in towns}, faults)
    return Places((city, *areas, *towns, *villages), bbox or (0.0, 0.0, 0.0, 0.0), *notes)


def _city(root: Table, meta: Meta) -> tuple[Place, Box | None]:
    table = root.table("city")
    aliases, bbox = table.texts("aliases", (), name=True), _bbox(table)
    table.done()
    return Place(meta.adcode, "city", "city", meta.name_zh, meta.name_en, None, aliases), bbox


def _bbox(table: Table) -> Box | None:
    values = table.numbers("bbox", 4)
    if values is None:
        return None
    west, south, east, north = (float(value) for value in values)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        table.fault("bad-value", "'bbox' is not west, south, east, north in degrees.", "", "bbox")
        return None
    return west, south, east, north


def _area(table: Table, meta: Meta) -> Place:
    code = table.text(
        "code", pattern=AREA_CODE, hint="Six digits, or four digits, a letter and a digit for a local code."
    )
    if code and meta.adcode and not code.startswith(meta.adcode[:4]):
        table.fault("bad-code", f"code {code} does not begin with {meta.adcode[:4]}.", "It is another city's.", "code")
    kind = table.choice("kind", AREA_KINDS)
    area = Place(
        code=code,
        kind=kind,
        form=table.choice("form", FORMS),
        name_zh=table.text("name_zh", name=True),
        name_en=table.text("name_en", name=True),
        parent=meta.adcode,
        aliases=table.texts("aliases", (), name=True),
        inside=table.text("inside", "") or None,
        local_code=not code.isdigit(),
        note=table.text("note", ""),
    )
    table.done()
    return area


def _report_shared_names(pairs: list[tuple[Table, Place]], city: Place) -> None:
    """Report a spelling that two areas share, or an area and the city."""
    owners = dict.fromkeys((city.name_zh, *city.aliases), city.code)
    for table, area in pairs:
        spellings = [(("name_zh",), area.name_zh), *((("aliases", n), one) for n, one in enumerate(area.aliases))]
        for keys, spelling in spellings:
            owner = owners.setdefault(spelling, area.code) if spelling else area.code
            if owner != area.code:
                message = f"{spelling!r} means both {owner} and {area.code}."
                table.fault("alias-twice", message, "Keep the name in one of them.", *keys)


def _shapes(root: Table, files: PackFiles, bbox: Box | None, faults: Faults) -> dict[str, Shape]:
    table = root.table("geometry")
    datum = table.choice("datum", list(DATUMS))
    table.done()
    text = files.text(SHAPES)
    return read_shapes(text, SHAPES, datum, bbox, faults) if text is not None and datum else {}


def _with_geometry(pairs: list[tuple[Table, Place]], shapes: dict[str, Shape], faults: Faults) -> list[Place]:
    codes = {area.code for _, area in pairs}
    for shape in shapes.values():
        if shape.code not in codes:
            message = f"a polygon for {shape.code}, which is no area of places.toml."
            faults.add("orphan", SHAPES, shape.line, message, "Add the area or remove the polygon.")
    if not shapes:
        return [area for _, area in pairs]  # the file itself was reported
    return [_one_geometry(table, area, shapes) for table, area in pairs]


def _one_geometry(table: Table, area: Place, shapes: dict[str, Shape]) -> Place:
    shape = shapes.get(area.code)
    if area.inside and area.inside not in shapes:
        table.fault("no-polygon", f"'inside' names {area.inside}, which has no polygon.", "", "inside")
    if shape and area.inside:
        table.fault("bad-value", f"{area.code} has a polygon of its own.", "Remove 'inside'.", "inside")
    if not shape and area.code and (not area.inside or area.kind == "county"):
        hint = f"Add a feature with code {area.code} to {SHAPES}"
        hint += "." if area.kind == "county" else ", or say by 'inside' which area's polygon holds it."
        table.fault("no-polygon", f"{area.name_zh} ({area.code}) has no polygon.", hint, "code")
    return replace(area, geometry=shape.geometry) if shape else area


def _level(files: PackFiles, name: str, kind: str, parents: dict[str, str], faults: Faults) -> list[Place]:
    """Read towns or villages; `parents` maps the first digits of a code to the code of the place above."""
    text = files.text(name, required=False)
    if text is None:
        return []
    width = 6 if kind == "town" else 9
    found: list[Place] = []
    seen: dict[str, int] = {}
    for row in _rows(name, text, faults):
        trouble = _code_trouble(row.code, kind)
        if trouble:
            faults.add("bad-code", name, row.line, f"code {row.code!r} {trouble}.", "See docs/city-pack.md, codes.")
        elif row.code in seen:
            hint = f"It stands already in line {seen[row.code]}."
            faults.add("duplicate", name, row.line, f"the code {row.code} is given twice.", hint)
        elif row.code[:width] not in parents:
            message = f"{row.name_zh} ({row.code}) lies in {row.code[:width]}, which the pack does not know."
            faults.add("orphan", name, row.line, message, "Correct the code, or add the place above it.")
        else:
            seen[row.code] = row.line
            form = _form(row.code, kind)
            found.append(Place(row.code, kind, form, row.name_zh, row.name_en, parents[row.code[:width]]))
    return found


def _code_trouble(code: str, kind: str) -> str:
    if not (len(code) == 12 and code.isascii() and code.isdigit()):
        return "does not have 12 digits"
    if kind == "town" and (not code.endswith("000") or code[6:9] == "000"):
        return "is no town's code (three digits after the county's, then 000)"
    if kind == "village" and code.endswith("000"):
        return "is no village's code (it ends with 000)"
    return ""


def _form(code: str, kind: str) -> str:
    """What the digits say (the state's coding rule): 001-099 subdistrict, 100-199 town, 200-399 township ..."""
    if kind == "town":
        number = int(code[6:9])
        return "subdistrict" if number < 100 else "town" if number < 200 else "township" if number < 400 else "other"
    number = int(code[9:])
    return "community" if number < 200 else "village" if number < 400 else "other"


def _rows(name: str, text: str, faults: Faults) -> Iterator[Row]:
    """The rows of a CSV file with the columns code, name and, if wanted, name_en."""
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = next(reader, [])
        if header not in (["code", "name"], ["code", "name", "name_en"]):
            message = f"the first line must read code,name or code,name,name_en, not {','.join(header)[:60]!r}."
            faults.add("csv-header", name, 1, message)
            return
        for cells in reader:
            if cells and (row := _row(name, reader.line_num, cells, len(header), faults)):
                yield row
    except csv.Error as error:
        faults.add("csv-syntax", name, max(1, reader.line_num), f"this is not valid CSV: {error}.", "Quote the cell.")


def _row(name: str, line: int, cells: list[str], width: int, faults: Faults) -> Row | None:
    if len(cells) != width:
        faults.add("csv-syntax", name, line, f"{len(cells)} cells instead of {width}.", "Quote cells with commas.")
        return None
    for cell in cells[1:2] + [cell for cell in cells[2:] if cell]:
        if trouble := name_trouble(cell):
            faults.add("hostile-name", name, line, f"a name {trouble}: {cell!r}.", "Write the plain name.")
            return None
    return Row(line, cells[0], cells[1], cells[2] if width == 3 else "")
