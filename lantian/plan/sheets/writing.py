"""The workbook that an area or agency fills in: locked what is ours, open what is theirs, nothing that runs."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from lantian.plan.rules.sheet import COLUMNS, HIDDEN, INPUTS
from lantian.plan.sheets.reading import META_SHEET

_WIDTHS = {
    "code": 9, "task": 22, "measure": 52, "holder": 14, "deadline": 12, "status": 11, "last_percent": 10, "percent": 12,
    "state": 13, "text": 46, "problems": 30, "value": 12, "unit": 10, "effective_on": 13,
}  # fmt: skip
_WRAPPED = frozenset({"task", "measure", "text", "problems"})


@dataclass(frozen=True)
class Words:
    """The texts of a workbook in one language. `labels` by column, `states` the list to choose from."""

    title: str
    sheet: str
    help_sheet: str
    instructions: Sequence[str]
    labels: Mapping[str, str]
    states: Sequence[str]
    percent_help: str
    percent_error: str
    state_error: str
    date_help: str


def write(words: Words, rows: Sequence[Mapping[str, Any]], meta: Mapping[str, str]) -> bytes:
    """Return an .xlsx: one row per assignment (values by column of COLUMNS), `meta` on a very hidden sheet.

    Texts are written as texts, whatever they begin with; the sheet is protected without a password (against slips,
    not against people: what comes back is checked).
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet = book.add_worksheet(words.sheet[:31])
    formats = _formats(book)
    sheet.write_string(0, 0, "", formats["locked"])
    sheet.merge_range(0, len(HIDDEN), 0, len(COLUMNS) - 1, words.title, formats["title"])
    sheet.set_row(0, 28)
    for at, name in enumerate(COLUMNS):
        sheet.write_string(1, at, words.labels[name], formats["input_head" if name in INPUTS else "head"])
    sheet.set_row(1, 32)
    for line, row in enumerate(rows, start=2):
        _write_row(sheet, line, row, formats)
    _columns(sheet)
    _validation(sheet, words, len(rows))
    _protect(sheet)
    _help_sheet(book, words, formats["plain"])
    _meta_sheet(book, meta)
    book.close()
    return buffer.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base = {"valign": "top", "border": 1, "border_color": "#ADB5BD", "font_size": 10}
    grey, yellow = {"bg_color": "#F1F3F5"}, {"bg_color": "#FFFBE6", "locked": False}
    return {
        "title": book.add_format({"bold": True, "font_size": 14, "valign": "vcenter"}),
        "head": book.add_format({**base, "bold": True, "text_wrap": True, "bg_color": "#DEE2E6", "valign": "vcenter"}),
        "input_head": book.add_format({**base, "bold": True, "text_wrap": True, "bg_color": "#FFE066", "valign": "vcenter"}),
        "locked": book.add_format({**base, **grey}),
        "locked_wrap": book.add_format({**base, **grey, "text_wrap": True}),
        "locked_day": book.add_format({**base, **grey, "num_format": "yyyy-mm-dd"}),
        "open": book.add_format({**base, **yellow, "num_format": "General"}),
        "open_wrap": book.add_format({**base, **yellow, "text_wrap": True, "num_format": "@"}),
        "open_day": book.add_format({**base, **yellow, "num_format": "yyyy-mm-dd"}),
        "plain": book.add_format({"text_wrap": True, "valign": "top", "font_size": 11}),
    }  # fmt: skip


def _write_row(sheet: Any, line: int, row: Mapping[str, Any], formats: Mapping[str, Any]) -> None:
    for at, name in enumerate(COLUMNS):
        value = row.get(name)
        cell = formats[_format_of(name, value)]
        if value is None or value == "":
            sheet.write_blank(line, at, None, cell)
        elif isinstance(value, dt.date):
            sheet.write_datetime(line, at, dt.datetime.combine(value, dt.time()), cell)
        elif isinstance(value, int):
            sheet.write_number(line, at, value, cell)
        else:
            sheet.write_string(line, at, str(value), cell)


def _format_of(name: str, value: Any) -> str:
    kind = "open" if name in INPUTS else "locked"
    if name == "effective_on" or isinstance(value, dt.date):
        return f"{kind}_day"
    return f"{kind}_wrap" if name in _WRAPPED else kind


def _columns(sheet: Any) -> None:
    for at, name in enumerate(COLUMNS):
        if name in HIDDEN:
            sheet.set_column(at, at, 4, None, {"hidden": True})
        else:
            sheet.set_column(at, at, _WIDTHS[name])
    sheet.freeze_panes(2, COLUMNS.index("task"))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)


def _validation(sheet: Any, words: Words, count: int) -> None:
    last = max(2, count + 1)

    def on(name: str, rule: dict[str, Any]) -> None:
        at = COLUMNS.index(name)
        sheet.data_validation(2, at, last, at, rule)

    on("percent", {
        "validate": "integer", "criteria": "between", "minimum": 0, "maximum": 100, "ignore_blank": True,
        "input_title": words.labels["percent"][:32], "input_message": words.percent_help[:255],
        "error_title": words.labels["percent"][:32], "error_message": words.percent_error[:255],
    })  # fmt: skip
    on("state", {
        "validate": "list", "source": list(words.states), "ignore_blank": True,
        "error_title": words.labels["state"][:32], "error_message": words.state_error[:255],
    })  # fmt: skip
    on("effective_on", {
        "validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1), "ignore_blank": True, "error_type": "warning",
        "input_message": words.date_help[:255], "error_message": words.date_help[:255],
    })  # fmt: skip


def _protect(sheet: Any) -> None:
    sheet.protect(
        "", {"format_columns": True, "format_rows": True, "select_locked_cells": True, "select_unlocked_cells": True}
    )


def _help_sheet(book: Any, words: Words, plain: Any) -> None:
    sheet = book.add_worksheet(words.help_sheet[:31])
    sheet.set_column(0, 0, 110)
    for line, text in enumerate(words.instructions):
        sheet.write_string(line, 0, text, plain)


def _meta_sheet(book: Any, meta: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(META_SHEET)
    for line, (name, value) in enumerate(meta.items()):
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, value)
    sheet.very_hidden()
