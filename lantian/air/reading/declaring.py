"""What a caller says about a file beyond its format: checked, and put into the format that the importer gets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from lantian.air.reading.faults import Fault
from lantian.air.reading.formats import Format, offset_of
from lantian.standards.pollutants import UnknownPollutantError, core_codes, item, pollutant
from lantian.standards.units import unit

# The hour by which a form of times is shown.
EXAMPLE = dt.datetime(2020, 5, 1, 13)  # noqa: DTZ001 (an example on the local clock)
INDEX = "AQI"


class DeclarationError(ValueError):
    """What was declared is not possible, or something that must be declared is not: `name` says which, `fault` why."""

    def __init__(self, name: str, code: str, *, value: str = "", expected: str = "", other: str = "") -> None:
        self.name = name
        self.fault = Fault(0, name, value, code, expected, other)
        super().__init__(f"{name}: {self.fault.text()}. {self.fault.mend()}")


def declare(form: Format, *, encoding: str, time_format: str, declared: Mapping[str, str]) -> Format:
    """Return the format with what was declared put in; empty texts say nothing.

    `declared` may hold what the format `asks`: series, time_zone, hour_label (begin, end), hours (0-23, 1-24), place (of
    a file of one place), time_column, place_column, units ("CO=µg/m3, SO2=mg/m3", or one for all), missing, leave_out
    (lists with commas), sheet, header_row. Raises DeclarationError.
    """
    said = {name: text.strip() for name, text in declared.items() if text.strip()}
    for name in said:
        if name not in form.asks:
            raise DeclarationError(name, "said_fixed", expected=_list(form.asks))
    for name in form.must:
        if name not in said:
            raise DeclarationError(name, "said_must", expected=_choices(form, name))
    if encoding not in form.encodings:
        raise DeclarationError("encoding", "said_choice", value=encoding, expected=", ".join(form.encodings))
    changes: dict[str, Any] = {"encoding": encoding, "time_format": time_format or form.time_format}
    for name, text in said.items():
        field, value = _READ[name](form, text)
        changes[field] = value
    found = replace(form, **changes)
    offset_of(found.time_zone)
    _check_times(found)
    return found


def factor(quantity: str, given: str) -> Fraction:
    """By what a value in a given unit is multiplied to be in the unit in which it is kept.

    Raises ValueError for a unit that is not known, or that cannot be converted exactly (ppb: that needs temperature and
    pressure, which the file does not state).
    """
    kept = unit(unit_of(quantity))
    found = unit(given)
    if found.dimension != kept.dimension or found.offset != kept.offset:
        raise ValueError(f"{given} is not converted to {kept.code}")
    return found.factor / kept.factor


def unit_of(quantity: str) -> str:
    """The unit in which a pollutant, an item of it (O3_8h) or the index is kept."""
    if quantity == INDEX:
        return "1"
    if quantity in core_codes():
        return pollutant(quantity).unit
    return pollutant(item(quantity).pollutant).unit


def quantity_units() -> dict[str, str]:
    """What the store keeps in which unit: the six pollutants, ozone's daily items, the index."""
    names = [*core_codes(), "O3_8h", "O3_1h", INDEX]
    return {name: unit_of(name) for name in names}


def _choices(form: Format, name: str) -> str:
    known = {"series": form.series_choices, "hour_label": ("begin", "end"), "time_zone": ("Asia/Shanghai", "UTC")}
    return ", ".join(known.get(name, ()))


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "encoding, time_format"


def _one_of(name: str, text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise DeclarationError(name, "said_choice", value=text, expected=", ".join(known))
    return text


def _zone(text: str) -> str:
    try:
        offset_of(text)
    except ValueError as error:
        raise DeclarationError("time_zone", "said_zone", value=text) from error
    return text


def _units(text: str) -> tuple[tuple[str, str], ...]:
    """Read "CO=mg/m3, SO2=µg/m3", or one unit for every column that is no index (named "")."""
    found = []
    for part in (one.strip() for one in text.replace("，", ",").split(",")):
        name, equals, given = (piece.strip() for piece in part.rpartition("="))
        try:
            code = pollutant(name).code if equals else ""
            factor(code or "SO2", given)
        except (UnknownPollutantError, ValueError) as error:
            raise DeclarationError("units", "said_units", value=part, other=str(error)) from error
        found.append((code, given))
    return tuple(found)


def _texts(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.replace("，", ",").split(","))


def _row(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100:
        raise DeclarationError("header_row", "said_row", value=text)
    return int(text)


_READ: dict[str, Any] = {
    "series": lambda form, text: ("series", _one_of("series", text, form.series_choices)),
    "time_zone": lambda form, text: ("time_zone", _zone(text)),
    "hour_label": lambda form, text: ("hour_label", _one_of("hour_label", text, ("begin", "end"))),
    "hours": lambda form, text: ("hours", _one_of("hours", text, ("0-23", "1-24"))),
    "place": lambda form, text: ("fixed_place", text),
    "time_column": lambda form, text: ("time", (text,)),
    "place_column": lambda form, text: ("place", (text,)),
    "units": lambda form, text: ("units", _units(text)),
    "missing": lambda form, text: ("missing", tuple(dict.fromkeys((*form.missing, *_texts(text))))),
    "leave_out": lambda form, text: ("leave_out", _texts(text)),
    "sheet": lambda form, text: ("sheet", text),
    "header_row": lambda form, text: ("header_row", _row(text)),
}


def _check_times(form: Format) -> None:
    """The form of times must tell the day, and the hour where it stands in no column of its own, and be readable back."""
    tried = dt.datetime(2021, 11, 23, 17)  # noqa: DTZ001 (a local time, no two numbers of which are alike)
    zone = "%z" in form.time_format or "%Z" in form.time_format
    try:
        read = dt.datetime.strptime(tried.strftime(form.time_format), form.time_format)  # noqa: DTZ007 (a local time)
    except ValueError as error:
        raise DeclarationError("time_format", "said_times", value=form.time_format) from error
    hourly = form.step == "hour" and not form.hour
    if read.date() != tried.date() or zone or (hourly and read != tried):
        raise DeclarationError("time_format", "said_times", value=form.time_format)
