"""Exports of exactly what a list shows, in which no cell is ever a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Spreadsheets of East Asia take the full-width signs for the plain ones, and look behind leading blanks.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BLANKS = " \t\r\n\u3000\u00a0\ufeff"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a workbook; `notes` stand below it (filters, rule version, time of the export)."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[str] = ()


def to_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str = "Lantian", notes: Sequence[str] = ()
) -> bytes:
    """Return a workbook of one sheet; texts stay texts (no formulas, no links), dates are dates.

    `notes` are written below the table (filters, rule version, time of the export).
    """
    return to_book([Sheet(sheet, header, rows, notes)])


def to_book(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook of several sheets, each as in `to_xlsx`; names are made what a workbook takes, and unique."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    taken: set[str] = set()
    for one in sheets:
        name = _sheet_name(one.name, taken)
        taken.add(name.casefold())
        _fill(book.add_worksheet(name), one, bold, day, moment)
    book.close()
    return buffer.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    plain = "".join(" " if letter in "[]:*?/\\" else letter for letter in name).strip("' ")[:31] or "Lantian"
    number = 2
    found = plain
    while found.casefold() in taken:
        found, number = f"{plain[:27]} {number}", number + 1
    return found


def _fill(page: Any, one: Sheet, bold: Any, day: Any, moment: Any) -> None:
    page.write_row(0, 0, [str(h) for h in one.header], bold)
    page.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(one.rows, start=1):
        for column, value in enumerate(row):
            _write(page, last, column, value, day, moment)
    for offset, note in enumerate(one.notes, start=last + 2):
        page.write_string(offset, 0, note)
    page.set_column(0, max(0, len(one.header) - 1), 18)


def _write(page: Any, row: int, column: int, value: Any, day: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, dt.datetime):
        page.write_datetime(
            row, column, timezone.localtime(value).replace(tzinfo=None) if value.tzinfo else value, moment
        )
    elif isinstance(value, dt.date):
        page.write_datetime(row, column, dt.datetime.combine(value, dt.time()), day)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, float(value))
    else:
        page.write_string(row, column, str(value))


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return CSV with BOM (spreadsheets then read Chinese); a text that a spreadsheet would run gets a leading quote."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(h) for h in header])
    for row in rows:
        writer.writerow([_harmless(v) for v in row])
    return out.getvalue().encode("utf-8-sig")


def _harmless(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat(timespec="seconds") if value.tzinfo else value.isoformat()
    if value is None or isinstance(value, int | float | Decimal | dt.date):
        return value
    text = str(value)
    runs = text.lstrip(_BLANKS).startswith(_FORMULA_STARTS) or text.startswith(("\t", "\r", "\n"))
    return "'" + text if runs else text


def attachment(content: bytes, name: str, mime: str) -> HttpResponse:
    """Return a download response; the name may hold Chinese."""
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
