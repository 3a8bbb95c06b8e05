"""A filled-in workbook read with limits: cells as values, formulas only noticed, nothing evaluated, no link followed.

No Django here: `read` takes bytes and returns rows of `Cell`, or raises `SheetError` with a code.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from lxml import etree
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from lantian.kit.ooxml import ContainerError, Limits, check
from lantian.plan.rules.sheet_cells import Cell, clean

META_SHEET = "_lantian"
LIMITS = Limits(size=8 * 1024 * 1024, unpacked=80 * 1024 * 1024, parts=300)
MAX_ROWS = 3000
MAX_COLUMNS = 60
# The header must begin within the first rows: above it stand a title and the instructions.
HEADER_WITHIN = 30
_SHEET_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class SheetError(ValueError):
    """The workbook cannot be read: `code` says why, `params` with what."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params


@dataclass
class RawRow:
    """A row below the header: its number in the sheet, its cells by column name, whether it is hidden."""

    number: int
    cells: dict[str, Cell]
    hidden: bool = False


@dataclass
class RawSheet:
    """What was found: `meta` of the hidden sheet, rows, columns that are not ours, and further sheets with content."""

    title: str
    meta: dict[str, str]
    rows: list[RawRow]
    extra_columns: list[str] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def read(content: bytes, column_of: Callable[[str], str | None]) -> RawSheet:
    """Read a workbook. `column_of` maps a header's text to the name of a column, or None.

    Raises SheetError: too_large, not_a_workbook, bomb, entities, no_table, too_many_rows.
    """
    _check_container(content)
    values, formulas = _open(content, data_only=True), _open(content, data_only=False)
    try:
        for sheet in _visible(values):
            found = _find_header(sheet, column_of)
            if found is not None:
                return _read_sheet(content, values, formulas, sheet.title, *found)
    finally:
        values.close()
        formulas.close()
    raise SheetError("no_table")


def _check_container(content: bytes) -> None:
    try:
        check(content, LIMITS)
    except ContainerError as error:
        raise SheetError("not_a_workbook" if error.code == "damaged" else error.code, **error.params) from error


def _open(content: bytes, *, data_only: bool) -> Any:
    try:
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    except Exception as error:  # the library fails in many ways on a damaged file; each means the same here
        raise SheetError("not_a_workbook") from error


def _visible(book: Any) -> Iterator[ReadOnlyWorksheet]:
    for sheet in book.worksheets:
        if sheet.title != META_SHEET and isinstance(sheet, ReadOnlyWorksheet):
            yield sheet


def _rows(sheet: Any, first: int, last: int) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()
    try:
        yield from sheet.iter_rows(min_row=first, max_row=last, max_col=MAX_COLUMNS)
    except (etree.XMLSyntaxError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile, EOFError) as error:
        raise SheetError("not_a_workbook") from error


def _find_header(sheet: Any, column_of: Callable[[str], str | None]) -> tuple[int, dict[int, str], list[str]] | None:
    """Return (row number, column name by position, headers that are not ours) of the first row that looks like a header."""
    for number, cells in enumerate(_rows(sheet, 1, HEADER_WITHIN), start=1):
        texts = [clean(str(cell.value)) if cell.value is not None else "" for cell in cells]
        names = {at: name for at, text in enumerate(texts) if text and (name := column_of(text))}
        if {"key", "percent"} <= set(names.values()):
            extra = [text[:40] for at, text in enumerate(texts) if text and at not in names]
            return number, _first_of_each(names), extra
    return None


def _first_of_each(names: Mapping[int, str]) -> dict[int, str]:
    """A column that stands twice counts once, where it stands first."""
    seen: dict[str, int] = {}
    for at, name in names.items():
        seen.setdefault(name, at)
    return {at: name for name, at in seen.items()}


def _read_sheet(
    content: bytes, values: Any, formulas: Any, title: str, header: int, names: dict[int, str], extra: list[str]
) -> RawSheet:
    sheet, twin = values[title], formulas[title]
    hidden = _hidden_rows(content, sheet)
    base_1904 = values.epoch == CALENDAR_MAC_1904
    rows: list[RawRow] = []
    pairs = zip(
        _rows(sheet, header + 1, header + MAX_ROWS + 1), _rows(twin, header + 1, header + MAX_ROWS + 1), strict=False
    )
    for number, (cells, originals) in enumerate(pairs, start=header + 1):
        found = {name: _cell(cells, originals, at, base_1904) for at, name in names.items() if at < len(cells)}
        if any(not cell.is_blank for cell in found.values()):
            rows.append(RawRow(number, found, number in hidden))
    if len(rows) > MAX_ROWS or _has_more(sheet, header + MAX_ROWS + 1):
        raise SheetError("too_many_rows", limit=MAX_ROWS)
    others = [other.title for other in _visible(values) if other.title != title and _has_content(other)]
    return RawSheet(title, _meta(values), rows, extra, others, sorted(names.values()))


def _cell(cells: tuple[Any, ...], originals: tuple[Any, ...], at: int, base_1904: bool) -> Cell:
    cell = cells[at]
    original = originals[at].value if at < len(originals) else None
    is_formula = at < len(originals) and originals[at].data_type == "f"
    number_format = getattr(cell, "number_format", None) or "General"
    return Cell(cell.value, number_format, _formula_text(original) if is_formula else "", base_1904)


def _formula_text(value: Any) -> str:
    """A formula as text; array formulas and data tables come as objects."""
    text = getattr(value, "text", None) or (value if isinstance(value, str) else "")
    return str(text) or "="


def _has_more(sheet: Any, after: int) -> bool:
    return any(any(cell.value is not None for cell in cells) for cells in _rows(sheet, after + 1, after + 50))


def _has_content(sheet: Any) -> bool:
    return any(any(cell.value is not None for cell in cells) for cells in _rows(sheet, 1, 5))


def _meta(book: Any) -> dict[str, str]:
    if META_SHEET not in book.sheetnames:
        return {}
    rows = _rows(book[META_SHEET], 1, 20)
    return {str(cells[0].value): str(cells[1].value) for cells in rows if len(cells) > 1 and cells[0].value is not None}


def _hidden_rows(content: bytes, sheet: Any) -> set[int]:
    """Return the numbers of the rows that the sheet hides (a filter hides rows too)."""
    path = sheet._worksheet_path.lstrip("/")
    hidden = set()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(path) as stream:
        number = 0
        rows = etree.iterparse(stream, tag=f"{_SHEET_NS}row", resolve_entities=False, no_network=True, huge_tree=False)
        for _event, row in rows:
            number = int(row.get("r", number + 1))
            if row.get("hidden") in ("1", "true"):
                hidden.add(number)
            row.clear()
    return hidden
