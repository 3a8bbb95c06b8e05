"""Rows of an Excel workbook as texts: real dates in the declared form, formulas and merged cells refused, hidden sheets named."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from lantian.air.reading.faults import HEADER, Fault, FileFaultError
from lantian.air.reading.formats import Format, Progress
from lantian.kit.ooxml import ContainerError, Limits, check

_MEGABYTE = 1 << 20
LIMITS = Limits(size=100 * _MEGABYTE, unpacked=1024 * _MEGABYTE, parts=5000)
# One row, or all texts of a book, that unpack to more than this are no table: a library that reads them fills the memory.
_LONGEST_ROW = 8 * _MEGABYTE
_MOST_TEXTS = 200 * _MEGABYTE
_ROW = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?row[\s/>]")
_END = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?sheetData>")
_MERGED = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_TELL_EVERY = 2_000
_CODES = {"entities": "entities", "bomb": "bomb", "too_large": "bomb", "endless_row": "endless_row"}
# No text of a file holds this letter.
FORMULA = "\0"
_HALF_SECOND = dt.timedelta(milliseconds=500)


def workbook_rows(
    path: Path, form: Format, progress: Progress, notes: dict[str, str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, texts) of the rows of the sheet that are not blank; raises FileFaultError.

    The sheet is the declared one, else the only visible one. A formula comes as FORMULA and its text.
    """
    content = path.read_bytes()
    try:
        check(content, LIMITS)
        _check_memory(content)
        book = _open(content)
    except ContainerError as error:
        raise FileFaultError(Fault(0, "", error.code, _CODES.get(error.code, "bad_workbook"))) from error
    try:
        sheet = _sheet(book, form, notes)
        _refuse_merged(content, sheet, form)
        yield from _rows(sheet, form, progress, path.stat().st_size)
    finally:
        book.close()


def _check_memory(content: bytes) -> None:
    """Refuse what a library would read into memory whole: too many texts, or a row without end."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(one.file_size for one in parts if "sharedstrings" in one.filename.lower()) > _MOST_TEXTS:
            raise ContainerError("bomb")
        for one in parts:
            if one.file_size > _LONGEST_ROW:
                with archive.open(one) as stream:
                    _check_rows(stream)


def _check_rows(stream: IO[bytes]) -> None:
    tail, since, rows = b"", 0, False
    while piece := stream.read(_MEGABYTE):
        text = tail + piece
        if _END.search(text):
            return
        rows = rows or b"sheetData" in text
        since = 0 if _ROW.search(text) else since + len(piece)
        if rows and since > _LONGEST_ROW:
            raise ContainerError("endless_row")
        tail = text[-200:]


def _open(content: bytes) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile, SyntaxError, AttributeError) as error:
        raise ContainerError("damaged") from error


def _sheet(book: Any, form: Format, notes: dict[str, str]) -> Any:
    every = {sheet.title: sheet for sheet in book.worksheets}
    visible = [title for title, sheet in every.items() if sheet.sheet_state == "visible"]
    hidden = [title for title in every if title not in visible]
    if hidden:
        notes["hidden_sheets"] = ", ".join(hidden)
    if form.sheet:
        if form.sheet not in every:
            raise FileFaultError(Fault(0, "", form.sheet, "no_sheet", expected=", ".join(every)))
        notes["sheet"] = form.sheet
        return every[form.sheet]
    if len(visible) != 1:
        raise FileFaultError(Fault(0, "", "", "sheets", expected=", ".join(visible or every)))
    notes["sheet"] = visible[0]
    return every[visible[0]]


def _refuse_merged(content: bytes, sheet: Any, form: Format) -> None:
    """Below the header a merged cell stands for several rows, of which only the first says what it is."""
    part = str(sheet._worksheet_path).lstrip("/")
    tail, found = b"", []
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(part) as stream:
        while piece := stream.read(_MEGABYTE):
            text = tail + piece
            found += [m for m in _MERGED.finditer(text) if m.end() > len(tail)]
            tail = text[-200:]
    ranges = {b"%s%s:%s%s" % one.groups() for one in found if int(one[4]) > (form.header_row or HEADER) - 1}
    if ranges:
        named = ", ".join(sorted(one.decode() for one in ranges)[:10])
        raise FileFaultError(Fault(0, "", str(len(ranges)), "merged", other=named))


def _rows(sheet: Any, form: Format, progress: Progress, size: int) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()
    width = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number % _TELL_EVERY == 0:
            # A workbook does not say how many rows it has; a million is the most.
            progress(min(size, int(size * number / 1_048_576)), size)
        texts = [_text(cell, form.time_format) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        if number >= (form.header_row or HEADER) and not width:
            width = len(texts)
        # A workbook does not keep empty cells at the end of a row.
        yield number, texts + [""] * (width - len(texts))
    progress(size, size)


def _text(cell: Any, time_format: str) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return FORMULA + str(getattr(value, "text", value))
    if isinstance(value, dt.datetime):
        # Excel keeps days as floating numbers: 01:00 may come as 00:59:59.999.
        return (value + _HALF_SECOND).replace(microsecond=0).strftime(time_format)
    if isinstance(value, dt.date):
        return value.strftime(time_format)
    if isinstance(value, float):
        # Excel counts with 15 digits: what it shows and computes as 0.6 may stand in the file as 0.6000000000000001.
        return format(Decimal(f"{value:.15g}").normalize(), "f") if abs(value) < 1e300 else str(value)
    return str(value).replace("\0", "")
