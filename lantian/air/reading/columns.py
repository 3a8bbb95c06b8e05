"""Which column of a file is what: headers compared with the spellings that a format declares, units in brackets taken out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lantian.air.reading.declaring import factor
from lantian.air.reading.faults import HEADER, Fault, FileFaultError
from lantian.air.reading.formats import Format, ValueColumn

# What stands in brackets is a unit if it has a slash, or is a ratio of volumes.
_BRACKETS = re.compile(
    r"^(?P<name>.*\S)\s*[(\[（【](?P<unit>[^()\[\]（）【】]*/[^()\[\]（）【】]*|pp[bmt]v?)[)\]）】]$", re.IGNORECASE
)


_LISTED = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its role (time, hour, place, pollutant, value, unit, or a quantity), header, place in a row."""

    role: str
    name: str
    index: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The columns that are read, by role; those that the format passes over; those that nobody knows."""

    columns: dict[str, Column]
    quantities: tuple[str, ...]
    passed_over: tuple[str, ...]
    unknown: tuple[str, ...]
    width: int

    def name(self, role: str) -> str:
        """The header of a role's column; "" when there is none."""
        return self.columns[role].name if role in self.columns else ""


class Finder:
    """Looks for columns in a header and gathers what is wrong with it."""

    def __init__(self, names: list[str], form: Format) -> None:
        if not any(names):
            wanted = [one[0] for one in (form.time, form.place, form.pollutant, form.value) if one]
            wanted += [one.columns[0] for one in form.values]
            raise FileFaultError(Fault(0, "", "", "no_header", expected=", ".join(wanted)))
        self._names = names
        self._form = form
        self._split = [_without_unit(name) for name in names]
        self._found: dict[str, Column] = {}
        self._faults: list[Fault] = []

    def find(self, role: str, spellings: tuple[str, ...], *, needed: bool = True) -> Column | None:
        """Find the one column that is spelled like this; a lacking or doubled one is noted."""
        wanted = {_fold(one) for one in spellings}
        at = [n for n, (name, _unit) in enumerate(self._split) if _fold(name) in wanted]
        if not at and needed:
            there = _listed(self._names)
            expected = " / ".join(spellings[:6])
            self._faults.append(Fault(self._row, "", "", "no_column", expected=expected, other=there))
        if len(at) > 1:
            names = ", ".join(dict.fromkeys(self._names[n] for n in at))
            self._faults.append(Fault(self._row, names, "", "column_twice"))
        if len(at) != 1:
            return None
        column = Column(role, self._names[at[0]], at[0], self._split[at[0]][1])
        self._found[role] = column
        return column

    def find_value(self, one: ValueColumn) -> None:
        """Find a column of values; its unit is the header's, else what was declared, else the format's."""
        column = self.find(one.quantity, one.columns, needed=self._form.all_values and not one.optional)
        if column is None:
            return
        unit = column.unit or self._declared(one.quantity) or one.unit
        try:
            factor(one.quantity, unit)
        except ValueError as error:
            self._faults.append(Fault(self._row, column.name, unit, "unit", expected=one.unit, other=str(error)))
        said = self._declared(one.quantity)
        if said and column.unit and factor(one.quantity, said) != factor(one.quantity, column.unit):
            self._faults.append(Fault(self._row, column.name, column.unit, "unit_otherwise", expected=said))
        self._found[one.quantity] = Column(one.quantity, column.name, column.index, unit)

    def _declared(self, quantity: str) -> str:
        units = dict(self._form.units)
        return "" if quantity == "AQI" else units.get(quantity.split("_")[0], units.get("", ""))

    @property
    def _row(self) -> int:
        return self._form.header_row or HEADER

    def place(self) -> None:
        """Find the places: a column, or one place that was declared for the whole file."""
        if self._form.fixed_place:
            return
        if self.find("place", self._form.place, needed="place" not in self._form.asks):
            return
        if not any(fault.code == "column_twice" for fault in self._faults):
            expected = " / ".join(self._form.place[:6])
            if "place" in self._form.asks:
                self._faults.append(Fault(self._row, "", "", "no_place_column", expected=expected))

    def some(self, quantities: tuple[str, ...]) -> None:
        """Of these columns at least one must be there."""
        if not any(one in self._found for one in quantities) and not self._faults:
            spelled = " / ".join(one.columns[0] for one in self._form.values)
            self._faults.append(Fault(self._row, "", "", "no_column", expected=spelled, other=_listed(self._names)))

    def header(self, quantities: tuple[str, ...] = ()) -> Header:
        """Return what was found. Raises FileFaultError naming all that is missing or there twice."""
        if self._faults:
            raise FileFaultError(*self._faults)
        read = {column.index for column in self._found.values()}
        over = {_fold(name) for name in self._form.passed_over}
        rest = [
            (name, _fold(self._split[n][0]) in over) for n, name in enumerate(self._names) if n not in read and name
        ]
        return Header(
            dict(self._found),
            tuple(one for one in quantities if one in self._found),
            tuple(name for name, known in rest if known),
            tuple(name for name, known in rest if not known),
            len(self._names),
        )


def _listed(names: list[str]) -> str:
    """The first names of a header, and how many there are where it has many."""
    first = ", ".join(name[:40] for name in names[:_LISTED])
    return first if len(names) <= _LISTED else f"{first} … ({len(names)})"


def _without_unit(name: str) -> tuple[str, str]:
    """Split "PM2.5(µg/m³)" into name and unit; brackets without a slash are part of the name."""
    match = _BRACKETS.match(name.strip())
    return (match["name"], match["unit"].strip()) if match else (name, "")


def _fold(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
