"""Workbooks of the register: templates to fill in, and what it holds in the same columns, so that it can come back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import Place, User
from lantian.kit.export import to_csv
from lantian.sources import queries
from lantian.sources.kinds import KINDS, Column, Kind
from lantian.sources.kinds.plain import Plain, plain_of, with_references
from lantian.sources.models import Enterprise

_LISTS = "lists"
_ROWS_WITH_LISTS = 2000


def template(kinds: Sequence[Kind] = KINDS) -> bytes:
    """Return an empty workbook: a sheet for each kind with its header, notes and lists to choose from."""
    return _book([(kind, []) for kind in kinds])


def export(actor: User, kinds: Sequence[Kind] = KINDS, *, enterprises: QuerySet[Enterprise] | None = None) -> bytes:
    """Return what the person sees of the register (of `enterprises` if given) as a workbook; kinds without rows are left out.

    Imported again it changes nothing. Raises NotAllowed.
    """
    scope_of(actor).require("source.view")
    wanted = queries.visible_to(scope_of(actor)) if enterprises is None else enterprises
    found = [(kind, list(_values(kind, wanted))) for kind in kinds]
    return _book([one for one in found if one[1] or len(kinds) == 1])


def export_csv(actor: User, kind: Kind) -> bytes:
    """Return what the person sees of one kind as CSV, in the columns of the template. Raises NotAllowed."""
    scope_of(actor).require("source.view")
    rows = _values(kind, queries.visible_to(scope_of(actor)))
    return to_csv(
        [header(column) for column in kind.columns], [[_cell(c, v[c.name]) for c in kind.columns] for v in rows]
    )


def header(column: Column) -> str:
    """Return a column's header; a needed one bears a star."""
    return f"{column.label}{'*' if column.needed else ''}"


def _values(kind: Kind, enterprises: QuerySet[Enterprise]) -> Iterable[Plain]:
    keys = enterprises.order_by().values("pk")
    rows = kind.model.objects.filter(**({"pk__in": keys} if kind.is_enterprise else {"enterprise__in": keys}))
    names = {place.code: str(place) for place in Place.objects.defer("boundary")} if kind.is_enterprise else {}
    for row in with_references(kind, rows).order_by("code"):
        plain = plain_of(kind, row)
        for column in kind.columns:
            if column.reads == "area":
                plain[column.name] = names.get(plain[column.name], plain[column.name])
        yield plain


def _cell(column: Column, value: Any) -> Any:
    """Return a plain value as it stands in a sheet."""
    if column.reads == "day" and value:
        return dt.date.fromisoformat(value)
    if column.reads == "moment" and value:
        return timezone.localtime(dt.datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    if column.reads in ("number", "whole"):
        return value
    return column.shown(value)


def _book(sheets: Sequence[tuple[Kind, list[Plain]]]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    formats = {
        "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#DEE2E6"}),
        "needed": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#FFE066"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    notes = book.add_worksheet(_("Notes")[:31])
    lists = _Lists(book)
    for kind, rows in sheets:
        _sheet(book, kind, rows, formats, lists)
    _notes(notes, [kind for kind, _rows in sheets], formats)
    lists.hide()
    if sheets:
        book.worksheets()[1].activate()
    book.close()
    return buffer.getvalue()


class _Lists:
    """A hidden sheet with the lists from which cells are chosen: a list in a cell itself holds 255 letters at most."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._sheet: Any = None
        self._known: dict[tuple[str, ...], str] = {}

    def range_of(self, texts: tuple[str, ...]) -> str:
        if self._sheet is None:
            self._sheet = self._book.add_worksheet(_LISTS)
        if texts not in self._known:
            column = len(self._known)
            self._sheet.write_column(0, column, texts)
            letter = _letter(column)
            self._known[texts] = f"={_LISTS}!${letter}$1:${letter}${len(texts)}"
        return self._known[texts]

    def hide(self) -> None:
        if self._sheet is not None:
            self._sheet.hide()


def _letter(column: int) -> str:
    first, second = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def _sheet(book: Any, kind: Kind, rows: list[Plain], formats: dict[str, Any], lists: _Lists) -> None:
    page = book.add_worksheet(str(kind.label)[:31])
    for at, column in enumerate(kind.columns):
        page.write_string(0, at, header(column), formats["needed" if column.needed else "head"])
        page.set_column(at, at, 26 if column.name in ("enterprise", "name", "address", "conditions") else 15)
        if texts := _to_choose(column):
            rule = {"validate": "list", "source": lists.range_of(texts), "error_type": "warning", "ignore_blank": True}
            page.data_validation(1, at, max(len(rows), _ROWS_WITH_LISTS), at, rule)
    page.freeze_panes(1, 0)
    for line, plain in enumerate(rows, start=1):
        for at, column in enumerate(kind.columns):
            _write(page, line, at, _cell(column, plain[column.name]), formats)


def _write(page: Any, line: int, at: int, value: Any, formats: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, dt.date):
        page.write_datetime(line, at, dt.datetime.combine(value, dt.time()), formats["day"])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(line, at, value)
    else:
        page.write_string(line, at, str(value))


def _to_choose(column: Column) -> tuple[str, ...]:
    if column.choices:
        return tuple(str(label) for _value, label in column.choices)
    if column.reads == "yes":
        return (column.shown(True), column.shown(False))
    if column.reads == "area" and column.of == "area":
        return tuple(str(place) for place in Place.objects.areas().defer("boundary"))
    return ()


def _notes(page: Any, kinds: Sequence[Kind], formats: dict[str, Any]) -> None:
    lines = [
        _(
            "Columns with a star must be filled in; an empty cell takes nothing away. To empty a value write #清空 or #clear."
        ),
        _("A row is known again by its credit code, else its code, else its name and area; other rows by their code."),
        _(
            "Rows below an enterprise name it by its code, its credit code or its full name; enterprises may stand in this file."
        ),
        _(
            "Positions need their datum: WGS-84, CGCS2000, GCJ-02 or BD-09. Without it they are kept and used for nothing."
        ),
        _("Days are written 2020-09-30; several codes or names with “、” between them."),
        _("Nothing is written before you have seen what would change, and said why."),
    ]
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 100)
    for at, text in enumerate(lines):
        page.merge_range(at, 0, at, 1, text, formats["text"])
    line = len(lines) + 1
    for kind in kinds:
        page.write_string(line, 0, str(kind.label), formats["head"])
        for column in kind.columns:
            line += 1
            page.write_string(line, 0, header(column))
            page.write_string(line, 1, _how(column), formats["text"])
        line += 2


def _how(column: Column) -> str:
    """Say how a column is filled in."""
    words = {
        "day": _("a day, 2020-09-30"),
        "moment": _("a time, 2020-09-30 08:00"),
        "yes": _("yes or no"),
        "credit": _("18 signs, with a check digit"),
        "code": _("left empty, it gets the next free one"),
        "refs": _("codes with “、” between them"),
        "ref": _("a code"),
        "names": _("several with “、” between them"),
        "area": _("its name or code"),
    }
    if column.choices:
        return "、".join(str(label) for _value, label in column.choices)
    if column.reads in ("number", "whole"):
        return _("a number in %(unit)s") % {"unit": column.unit} if column.unit else _("a number")
    return words.get(column.reads, _("a text"))
