"""Cells of a filled-in sheet: what people type into percent, state, number, date and text columns, read or refused.

Each reader returns a `Reading`: the value, or a fault (a code with parameters; the page has the words for it). A cell
may come from a workbook (typed, with its number format) or from the repair form (always text): both read the same.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

MAX_TEXT = 5000
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_YMD = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:T?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_MD = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
# Excel counts the days from 1899-12-30 (or 1904-01-01) on; these serials lie in 1990 to 2100.
_SERIALS = (32874, 73050)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it was read. `formula` is the formula's text if it has one (never evaluated), `value` its stored result."""

    value: Any = None
    number_format: str = "General"
    formula: str = ""
    base_1904: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.formula and (self.value is None or (isinstance(self.value, str) and not clean(self.value)))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell or row. `confirmable`: a person may look at it and say that it is right."""

    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    confirmable: bool = False

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "column": self.column, "params": dict(self.params), "confirmable": self.confirmable}


@dataclass(frozen=True, slots=True)
class Reading:
    value: Any = None
    fault: Fault | None = None


def clean(text: str) -> str:
    """Return text without control characters (line breaks and tabs stay) and without blanks around it."""
    kept = (
        c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or unicodedata.category(c)[0] != "C"
    )
    return "".join(kept).strip().strip("\u3000")


def _narrow(text: str) -> str:
    """Full-width digits, signs and letters as half-width ones, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", clean(text)))


def as_text(cell: Cell) -> str:
    """Return what the repair form shows for a cell: a text that reads as the same value."""
    value = cell.value
    if value is None:
        return cell.formula
    if isinstance(value, dt.datetime | dt.date):
        return value.date().isoformat() if isinstance(value, dt.datetime) else value.isoformat()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float | Decimal):
        shown = plain_number(Decimal(str(value)))
        return f"{plain_number(Decimal(str(value)) * 100)}%" if "%" in cell.number_format else shown
    return clean(str(value))


def plain_number(value: Decimal) -> str:
    """A number without exponent and trailing zeros."""
    return format(value.normalize() + 0, "f")


def trouble(cell: Cell, column: str) -> Fault | None:
    """Return the fault of a cell that holds an error, or a formula without a result."""
    if isinstance(cell.value, str) and cell.value.strip().upper() in _ERRORS:
        return Fault("cell_error", column, {"found": cell.value.strip()})
    if cell.formula and cell.value is None:
        return Fault("formula_empty", column, {"found": cell.formula[:80]})
    return None


def read_percent(cell: Cell, column: str = "percent") -> Reading:
    """Read a whole number from 0 to 100; 85, "85", "85%", "８５％" and 0.85 in a percent format all read as 85."""
    if cell.is_blank:
        return Reading()
    if fault := trouble(cell, column):
        return Reading(fault=fault)
    shown = as_text(cell)
    narrow = _narrow(shown)
    number = _decimal(narrow.removesuffix("%"))
    if isinstance(cell.value, bool) or number is None:
        return Reading(fault=Fault("percent_text", column, {"found": shown[:40]}))
    if number < 0 or number > 100:
        return Reading(fault=Fault("percent_range", column, {"found": shown[:40]}))
    if number != number.to_integral_value():
        meant = number * 100 if number < 1 and not narrow.endswith("%") else number.to_integral_value()
        return Reading(fault=Fault("percent_fraction", column, {"found": shown[:40], "meant": plain_number(meant)}))
    return Reading(int(number))


def read_number(cell: Cell, unit: str = "", column: str = "value") -> Reading:
    """Read a decimal number; its own unit behind it is allowed, any other text is not."""
    if cell.is_blank:
        return Reading()
    if fault := trouble(cell, column):
        return Reading(fault=fault)
    shown = as_text(cell)
    narrow = _narrow(shown)
    ending = _narrow(unit)
    number = _decimal(narrow.removesuffix(ending) if ending else narrow)
    if isinstance(cell.value, bool | dt.date | dt.datetime) or number is None:
        return Reading(fault=Fault("number_text", column, {"found": shown[:40], "unit": unit}))
    if abs(number) >= Decimal("1e12"):
        return Reading(fault=Fault("number_range", column, {"found": shown[:40]}))
    return Reading(number)


def plain_or_text(value: Any) -> str:
    """A number plainly, anything else as text."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return plain_number(Decimal(str(value)))
    return str(value)


def _decimal(text: str) -> Decimal | None:
    if not _NUMBER.fullmatch(text) or len(text) > 30:
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:  # pragma: no cover - the pattern lets only numbers through
        return None


def read_date(cell: Cell, *, year: int, earliest: dt.date, latest: dt.date, column: str = "effective_on") -> Reading:
    """Read a day: a date cell, Excel's serial number, 2020-06-05, 2020/6/5, 2020年6月5日, 20200605, 6月5日 (in `year`)."""
    if cell.is_blank:
        return Reading()
    if fault := trouble(cell, column):
        return Reading(fault=fault)
    day = _date(cell, year)
    if day is None:
        return Reading(fault=Fault("date_text", column, {"found": as_text(cell)[:40]}))
    if day > latest:
        return Reading(fault=Fault("date_future", column, {"found": day.isoformat(), "latest": latest.isoformat()}))
    if day < earliest:
        return Reading(fault=Fault("date_old", column, {"found": day.isoformat(), "earliest": earliest.isoformat()}))
    return Reading(day)


def _date(cell: Cell, year: int) -> dt.date | None:
    value = cell.value
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and _SERIALS[0] <= value <= _SERIALS[1]:
        return _from_serial(int(value), cell.base_1904)
    return _date_in_text(_narrow(plain_or_text(value)), year)


def _date_in_text(text: str, year: int) -> dt.date | None:
    for pattern, parts in ((_YMD, 3), (_COMPACT, 3), (_MD, 2)):
        if match := pattern.fullmatch(text):
            numbers = [int(match[n]) for n in range(1, parts + 1)]
            try:
                return dt.date(*numbers) if parts == 3 else dt.date(year, *numbers)
            except ValueError:
                return None
    if text.isdigit() and _SERIALS[0] <= int(text) <= _SERIALS[1]:
        return _from_serial(int(text), base_1904=False)
    return None


def _from_serial(serial: int, base_1904: bool) -> dt.date:
    start = dt.date(1904, 1, 1) if base_1904 else dt.date(1899, 12, 30)
    return start + dt.timedelta(days=serial)


def read_choice(cell: Cell, spellings: Mapping[str, str], column: str = "state") -> Reading:
    """Read one of a list; `spellings` maps what people may write (narrow, lower case) to the value."""
    if cell.is_blank:
        return Reading()
    if fault := trouble(cell, column):
        return Reading(fault=fault)
    found = spellings.get(_narrow(as_text(cell)).lower())
    if found is None:
        return Reading(fault=Fault("state_unknown", column, {"found": as_text(cell)[:40]}))
    return Reading(found)


def spelling(text: str) -> str:
    """The form in which `read_choice` looks a text up."""
    return _narrow(text).lower()


def read_text(cell: Cell, column: str) -> Reading:
    """Read a text of at most MAX_TEXT characters; numbers and dates are taken as they show."""
    if cell.is_blank:
        return Reading("")
    if fault := trouble(cell, column):
        return Reading(fault=fault)
    text = as_text(cell)
    if len(text) > MAX_TEXT:
        return Reading(fault=Fault("text_long", column, {"length": len(text), "limit": MAX_TEXT}))
    return Reading(text)
