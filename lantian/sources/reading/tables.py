"""Sheets of a workbook or a CSV file as rows of texts; nothing is interpreted here."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lantian.kit.ooxml import ContainerError, Limits, check

_MEGABYTE = 1 << 20
LIMITS = Limits(size=20 * _MEGABYTE, unpacked=300 * _MEGABYTE)
MAX_ROWS = 20_000
_FORMULA = "\0formula"


class TableError(ValueError):
    """The file is no table that can be read: `code` is not_text, encoding, damaged, too_large, too_many, empty, header."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code, self.params = code, params


@dataclass
class Table:
    """A sheet: its header, and its rows that are not blank as (number in the file, texts)."""

    name: str
    header: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def tables_of(content: bytes, name: str, *, header_row: int = 1, encoding: str = "") -> list[Table]:
    """Return the sheets of a workbook, or the one table of a CSV file. Raises TableError."""
    if content[:4] == b"PK\x03\x04":
        return list(_sheets(content, header_row))
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise TableError("old_excel")
    return [_csv(content, name, header_row, encoding)]


def _csv(content: bytes, name: str, header_row: int, encoding: str) -> Table:
    if len(content) > LIMITS.size:
        raise TableError("too_large", limit=LIMITS.size // _MEGABYTE)
    text = _decoded(content, encoding)
    if "\0" in text:
        raise TableError("not_text")
    sample = text.split("\n", 1)[0]
    separator = max((",", "\t", ";"), key=sample.count)
    try:
        rows = [(at, row) for at, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1) if any(row)]
    except csv.Error as error:
        raise TableError("damaged", why=str(error)) from error
    # What a spreadsheet would run was written with a quote before it.
    rows = [
        (at, [cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@＝＋－＠\t" else cell for cell in row])
        for at, row in rows
    ]
    return _table(name, rows, header_row)


def _decoded(content: bytes, encoding: str) -> str:
    """UTF-8 where the bytes are UTF-8, else the encoding of older Chinese spreadsheets; a declared one decides alone."""
    for one in [encoding] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            return content.decode(one)
        except UnicodeDecodeError:
            continue
    raise TableError("encoding", expected=encoding or "UTF-8, GB18030")


def _sheets(content: bytes, header_row: int) -> Iterator[Table]:
    try:
        check(content, LIMITS)
    except ContainerError as error:
        raise TableError("too_large" if error.code in ("bomb", "too_large") else "damaged", **error.params) from error
    book, formulas = _open(content, values=True), _formula_cells(content)
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            rows = []
            for number, cells in enumerate(sheet.iter_rows(), 1):
                if number > MAX_ROWS + 100:
                    raise TableError("too_many", limit=MAX_ROWS)
                texts = [
                    _text(
                        cell,
                        (sheet.title, cell.row, cell.column) in formulas
                        if cell.value is None and hasattr(cell, "row")
                        else False,
                    )
                    for cell in cells
                ]
                while texts and not texts[-1]:
                    texts.pop()
                if texts:
                    rows.append((number, texts))
            if rows:
                yield _table(sheet.title, rows, header_row)
    finally:
        book.close()


def _open(content: bytes, *, values: bool) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(content), read_only=values, data_only=values, keep_links=False)
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile, SyntaxError, AttributeError) as error:
        raise TableError("damaged") from error


def _formula_cells(content: bytes) -> set[tuple[str, int, int]]:
    """Return where formulas stand: one without a saved result is a fault, not an empty cell."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        if not any(b"<f>" in (part := archive.read(name)) or b"<f " in part for name in sheets):
            return set()
    book = _open(content, values=False)
    return {
        (sheet.title, cell.row, cell.column)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def _text(cell: Any, formula: bool) -> str:
    value = cell.value
    if value is None:
        return "#VALUE!" if formula else ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        whole = value.time() == dt.time()
        return value.date().isoformat() if whole else (value + dt.timedelta(seconds=29)).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return format(Decimal(repr(value)).normalize() + 0, "f") if abs(value) < 1e300 else str(value)
    return str(value).replace("\0", "")


def _table(name: str, rows: list[tuple[int, list[str]]], header_row: int) -> Table:
    if len(rows) > MAX_ROWS + 1:
        raise TableError("too_many", limit=MAX_ROWS)
    at = next((n for n, (number, _cells) in enumerate(rows) if number >= header_row), None)
    if at is None:
        raise TableError("empty")
    return Table(name, [cell.strip() for cell in rows[at][1]], rows[at + 1 :])
