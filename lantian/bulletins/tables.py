"""A circular as a workbook: one sheet for each of its tables, no cell ever a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.bulletins.air import fields as air_fields
from lantian.bulletins.rules.figures import Figure, is_figure

Column = tuple[str, str]


class Sheet(NamedTuple):
    """One table: `key` names it for pages, `notes` stand below it."""

    key: str
    name: str
    columns: list[Column]
    rows: list[dict[str, Any]]
    notes: tuple[str, ...] = ()


def _row_columns() -> list[Column]:
    return [
        ("asked", pgettext("circular", "assignments asked")),
        ("handed_in", pgettext("circular", "reported")),
        ("share", pgettext("circular", "share reported") + " (%)"),
        ("late", pgettext("circular", "reported late")),
        ("missing", pgettext("circular", "not reported")),
        ("overdue", pgettext("circular", "overdue")),
        ("signed_off", pgettext("circular", "signed off")),
        ("mean", pgettext("circular", "mean progress") + " (%)"),
    ]


def sheets(content: dict[str, Any]) -> list[Sheet]:
    """Return each table of a circular, in its order; the web page shows the same. Without measured air it has none of it."""
    return [
        Sheet("all", _("All"), _row_columns(), [content]),
        Sheet("areas", _("Areas"), [("rank", _("Rank")), ("name", _("Area")), *_row_columns()], content["areas"]),
        Sheet("departments", _("Departments"), [("name", _("Department")), *_row_columns()], content["departments"]),
        Sheet("overdue", _("Overdue"), _list_columns("code", "measure", "holder", "deadline", "days", "percent"), content["overdue_list"]),
        Sheet("missing", _("Not reported"), _list_columns("name", "count", "codes"), content["missing_list"]),
        Sheet(
            "moves",
            _("Against the last round"),
            [
                ("name", _("Area")),
                ("forward", pgettext("circular", "moved forward")),
                ("stuck", pgettext("circular", "stuck")),
                ("back", pgettext("circular", "slid back")),
                ("newly_overdue", pgettext("circular", "newly overdue")),
                ("missing_twice", pgettext("circular", "not reported twice in a row")),
            ],
            content["area_moves"],
        ),
        Sheet("dues", _("Due next month"), _list_columns("code", "measure", "deadline", "holders", "count"), content["next_dues"]),
        *_air_sheets(content),
        Sheet("annex", _("Annex"), _list_columns("no", "label", "value", "n", "capture", "rule_version", "input"), content["figures"]),
    ]  # fmt: skip


def _air_sheets(content: dict[str, Any]) -> list[Sheet]:
    if not content.get("has_air"):
        return []
    notes = tuple(
        filter(None, (content["air_synthetic"], content["air_basis"], *(one["text"] for one in content["air_notes"])))
    )
    figures = [
        ("composite", pgettext("circular", "composite index")),
        ("composite_raw", pgettext("circular", "composite index with dust")),
        *((name, code) for code, name in air_fields().items()),
        ("good", pgettext("circular", "good days")),
        ("heavy", pgettext("circular", "days of heavy pollution")),
        ("valid", _("Valid days")),
        ("capture", pgettext("circular", "capture")),
    ]
    city = [content["air_city"]] if content["air_city"] else []
    found = [
        Sheet(
            "air", _("Air %(month)s") % {"month": content["air_month"]},
            [("rank", _("Rank")), ("name", _("Area")), *figures], [*content["air_areas"], *city], notes,
        )
    ]  # fmt: skip
    if content["air_targets"]:
        columns = [
            ("name", pgettext("circular", "target")), ("aim", pgettext("circular", "wanted")),
            ("value", _("To %(day)s") % {"day": content["air_until"]}), ("distance", pgettext("circular", "distance")),
            ("status", pgettext("circular", "standing")), ("basis", pgettext("circular", "dust")),
            ("valid", _("Valid days")), ("capture", pgettext("circular", "capture")),
        ]  # fmt: skip
        found.append(Sheet("air_targets", _("Targets of the air"), columns, content["air_targets"], notes[:2]))
    return found


def _list_columns(*names: str) -> list[Column]:
    labels = {
        "code": _("Code"), "measure": _("Measure"), "holder": _("Holder"), "deadline": _("Deadline"),
        "days": _("Days overdue"), "percent": _("Progress %"), "name": _("Holder"), "count": _("Number"),
        "codes": _("Measures"), "holders": _("Holders"), "no": _("No."), "label": pgettext("circular", "figure"), "value": _("Value"),
        "n": "n", "capture": _("Capture"), "rule_version": _("Rule version"), "input": _("Input version"),
    }  # fmt: skip
    return [(name, labels[name]) for name in names]


def to_workbook(content: dict[str, Any]) -> bytes:
    """Return the circular's tables as .xlsx; a figure without a number shows its reason."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for _key, name, columns, rows, notes in sheets(content):
        page = book.add_worksheet(name[:31])
        page.write_row(0, 0, [label for _name, label in columns], bold)
        page.freeze_panes(1, 0)
        page.set_column(0, len(columns) - 1, 18)
        for line, row in enumerate(rows, start=1):
            for at, (key, _label) in enumerate(columns):
                _write(page, line, at, row.get(key), wrap)
        _notes(
            page, len(rows) + 2, [*notes, content["title"], content["as_of"], content["anchor"], content["count_rule"]]
        )
    book.close()
    return buffer.getvalue()


def _write(page: Any, line: int, at: int, value: Any, wrap: Any) -> None:
    if is_figure(value):
        one = Figure(**value)
        value = float(one.number) if one.number is not None else one.reason
    if value is None or value == "":
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(line, at, value)
    else:
        page.write_string(line, at, str(value), wrap)


def _notes(page: Any, line: int, texts: Sequence[str]) -> None:
    for offset, text in enumerate(texts):
        page.write_string(line + offset, 0, text)
