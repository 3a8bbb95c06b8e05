"""Typed reading of TOML tables: each method takes one key, and what is wrong with it becomes a fault with its line.

A reader asks a `Table` for what it needs and calls `done()`, which reports the keys that nobody asked for. After a
fault the method returns an empty value, so that one run finds every fault of a file.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.names import name_trouble
from lantian.city.pack.positions import Path, Position, toml_positions
from lantian.standards.tables import Confidence
from lantian.standards.units import UnknownUnitError, unit

_REQUIRED: Final = object()
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_MONSTER = re.compile(r"\d{1000,}")
_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)")
_TYPE_NAMES = {str: "text", bool: "true or false", int: "a whole number", Decimal: "a number", dict: "a table"}


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed file with the place of each key."""

    name: str
    positions: dict[Path, Position]
    faults: Faults

    def place(self, path: Path) -> Position:
        """Where `path` is written, or the nearest table around it."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))


def read_toml(files: PackFiles, name: str, faults: Faults, *, required: bool = True) -> Table | None:
    """Parse a TOML file of the pack; None when it is absent or broken (with a fault unless merely optional)."""
    text = files.text(name, required=required)
    if text is None:
        return None
    try:
        data = tomllib.loads(text, parse_float=_decimal)
    except ValueError as error:  # TOMLDecodeError is one; a number of a million digits raises a plain one
        line, column = _toml_place(str(error), text)
        message = f"this is not valid TOML: {_TOML_PLACE.sub('', str(error)).strip()}."
        faults.add("toml-syntax", name, line, message, "Compare the line with docs/city-pack.md.", column=column)
        return None
    except RecursionError:
        faults.add("toml-syntax", name, 1, "this is nested too deeply.", "Use plain tables.")
        return None
    return Table(TomlFile(name, toml_positions(text), faults), (), data)


def _toml_place(message: str, text: str) -> tuple[int, int | None]:
    match = _TOML_PLACE.search(message)
    if match:
        return int(match.group(1)), int(match.group(2))
    if monster := _MONSTER.search(text):
        return text.count("\n", 0, monster.start()) + 1, None
    # "at end of document": the last line that holds anything
    return max(1, text.rstrip("\n").count("\n") + 1), None


class Table:
    """One TOML table being read."""

    def __init__(self, source: TomlFile, path: Path, values: dict[str, Any]) -> None:
        self.source = source
        self.path = path
        self.values = values
        self._asked: set[str] = set()

    @property
    def file(self) -> str:
        return self.source.name

    def line(self, *keys: str | int) -> int:
        """The line of a key (or of the table itself)."""
        return self.source.place((*self.path, *keys))[0]

    def fault(self, kind: str, message: str, hint: str = "", *keys: str | int) -> None:
        """Report a fault at one of this table's keys, or at the table."""
        line, column = self.source.place((*self.path, *keys))
        self.source.faults.add(kind, self.file, line, message, hint, column=column)

    def has(self, key: str) -> bool:
        return key in self.values

    def _get(self, key: str, kinds: tuple[type, ...], default: Any) -> Any:
        """The value of a key when its type is right; else None after a fault, or `default` when it is absent."""
        self._asked.add(key)
        if key not in self.values:
            if default is _REQUIRED:
                near = difflib.get_close_matches(key, set(self.values), 1, 0.8)
                hint = f"Did you mean it by {near[0]!r}?" if near else f"Add {key} = ... here."
                kind = "no-english" if key.endswith("_en") else "missing-key"
                self.fault(kind, f"the key {key!r} is missing.", hint)
                return None
            return default
        value = self.values[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(dict.fromkeys(_TYPE_NAMES.get(kind, kind.__name__) for kind in kinds))
            self.fault("wrong-type", f"{key!r} must be {wanted}, not {_shown(value)}.", "", key)
            return None
        return value

    def text(self, key: str, default: Any = _REQUIRED, *, pattern: str = "", hint: str = "", name: bool = False) -> str:
        """A text; `pattern` must match all of it, `name=True` refuses what must not be shown as a name."""
        value = self._get(key, (str,), default)
        if value is None or key not in self.values:
            return value or ""
        if pattern and not re.fullmatch(pattern, value):
            self.fault("bad-value", f"{key!r} has the wrong form: {value!r}.", hint, key)
            return ""
        if name and (trouble := name_trouble(value)):
            self.fault("hostile-name", f"{key!r} {trouble}: {value!r}.", "Write the plain name.", key)
            return ""
        return str(value)

    def texts(self, key: str, default: Any = _REQUIRED, *, name: bool = False) -> tuple[str, ...]:
        """An array of texts."""
        values = self._get(key, (list,), default)
        found = []
        for number, value in enumerate(values or ()):
            if not isinstance(value, str):
                self.fault("wrong-type", f"{key!r} must hold texts, not {_shown(value)}.", "", key, number)
            elif name and (trouble := name_trouble(value)):
                self.fault("hostile-name", f"{key!r} {trouble}: {value!r}.", "Write the plain name.", key, number)
            else:
                found.append(value)
        return tuple(found)

    def choice(self, key: str, allowed: Sequence[str], default: Any = _REQUIRED) -> str:
        """A text out of a list."""
        value = self.text(key, default)
        if (value or self.values.get(key) == "") and value not in allowed and value != default:
            self.fault("bad-value", f"{key!r} is {value!r}.", f"Allowed: {', '.join(allowed)}.", key)
            return ""
        return value

    def integer(self, key: str, default: Any = _REQUIRED, *, low: int = 0, high: int = 10**9) -> int:
        value = self._get(key, (int,), default)
        if value is not None and not low <= value <= high:
            self.fault("bad-value", f"{key!r} is {value}.", f"It must lie between {low} and {high}.", key)
            return low
        return value if value is not None else low

    def integers(self, key: str, *, low: int, high: int) -> tuple[int, ...]:
        """An array of whole numbers within bounds."""
        values = self._get(key, (list,), _REQUIRED) or []
        good = [one for one in values if isinstance(one, int) and not isinstance(one, bool) and low <= one <= high]
        if len(good) != len(values):
            self.fault("wrong-type", f"{key!r} must hold whole numbers from {low} to {high}.", "", key)
        return tuple(good)

    def maybe_integer(self, key: str, *, low: int = 0, high: int = 10**9) -> int | None:
        """An optional whole number."""
        value = self.integer(key, low, low=low, high=high)
        return value if key in self.values else None

    def number(self, key: str, default: Any = _REQUIRED) -> Decimal | None:
        """A finite number, exact; None when it is absent (and may be) or wrong."""
        value = self._get(key, (int, Decimal), default)
        if value is None:
            return None
        if not _sane(Decimal(value)):
            self.fault("bad-value", f"{key!r} must be finite and of a sane size.", "", key)
            return None
        return Decimal(value)

    def numbers(self, key: str, count: int) -> tuple[Decimal, ...] | None:
        """An array of exactly `count` finite numbers; None after a fault."""
        values = self._get(key, (list,), _REQUIRED)
        if values is None:
            return None
        good = [value for value in values if isinstance(value, (int, Decimal)) and not isinstance(value, bool)]
        numbers = tuple(Decimal(value) for value in good)
        if len(numbers) != count or len(values) != count or not all(map(_sane, numbers)):
            self.fault("wrong-type", f"{key!r} must hold {count} numbers.", "", key)
            return None
        return numbers

    def flag(self, key: str, default: Any = _REQUIRED) -> bool:
        return bool(self._get(key, (bool,), default))

    def date(self, key: str, default: Any = _REQUIRED) -> dt.date | None:
        value = self._get(key, (dt.date,), default)
        if isinstance(value, dt.datetime):
            self.fault("wrong-type", f"{key!r} must be a date without a time.", "", key)
            return None
        return value if isinstance(value, dt.date) else None

    def interval(self, first: str = "from", last: str = "until") -> tuple[dt.date | None, dt.date | None]:
        """Two optional dates in their right order."""
        start, end = self.date(first, None), self.date(last, None)
        if start and end and start > end:
            self.fault("bad-dates", f"{first} {start} is after {last} {end}.", "Swap or correct them.", first)
        return start, end

    def month_day(self, key: str) -> tuple[int, int]:
        """A day of every year, written "MM-DD"; (1, 1) after a fault."""
        value = self.text(key)
        match = _MONTH_DAY.fullmatch(value)
        try:
            day = dt.date(2001, int(match.group(1)), int(match.group(2))) if match else None
        except ValueError:
            day = None
        if day is None:
            if value:
                self.fault("bad-dates", f"{key!r} is no day of every year: {value!r}.", 'Write "MM-DD".', key)
            return 1, 1
        return day.month, day.day

    def unit(self, key: str, default: Any = _REQUIRED) -> str:
        """The code of a known unit."""
        spelling = self.text(key, default)
        if not spelling:
            return ""
        try:
            code = unit(spelling).code
        except UnknownUnitError:
            hint = "See lantian/standards/data/units.toml."
            self.fault("bad-unit", f"{key!r}: unknown unit {spelling!r}.", hint, key)
            return ""
        if code != spelling:
            self.fault("bad-unit", f"{key!r}: unit {spelling!r} must be written by its code.", f"Write {code!r}.", key)
        return code

    def confidence(self, key: str = "confidence") -> Confidence:
        value = self.choice(key, [tag.value for tag in Confidence])
        return Confidence(value) if value else Confidence.RECALLED_LOW

    def table(self, key: str) -> Table:
        """A table inside; an empty one after a fault, so that its keys are not reported again."""
        value = self._get(key, (dict,), _REQUIRED)
        return Table(self.source, (*self.path, key), value) if value is not None else NoTable(self, key)

    def tables(self, key: str, default: Any = _REQUIRED) -> list[Table]:
        """An array of tables."""
        values = self._get(key, (list,), default)
        found = []
        for number, value in enumerate(values or ()):
            if isinstance(value, dict):
                found.append(Table(self.source, (*self.path, key, number), value))
            else:
                self.fault("wrong-type", f"{key!r} must hold tables, not {_shown(value)}.", "", key, number)
        return found

    def done(self) -> None:
        """Report every key that was never asked for."""
        for key in self.values:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked - set(self.values), 1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(sorted(self._asked))}."
                self.fault("unknown-key", f"unknown key {key!r}.", hint, key)


class NoTable(Table):
    """Stands for a table that is missing: its absence is reported once, its keys are not."""

    def __init__(self, parent: Table, key: str) -> None:
        super().__init__(parent.source, (*parent.path, key), {})

    def _get(self, key: str, kinds: tuple[type, ...], default: Any) -> Any:
        return None if default is _REQUIRED else default


def _sane(number: Decimal) -> bool:
    """Finite, and of a size that exact arithmetic can hold (1e999999999 would fill the memory)."""
    return number.is_finite() and (number.is_zero() or abs(number.adjusted()) <= 30)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError(f"the number {text[:40]} is out of range") from None


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else text[:40] + "…")


def refuse_twice(tables: Iterable[tuple[Table, str]], key: str, what: str) -> None:
    """Report every value of `key` that an earlier table already has (empty values are skipped)."""
    seen: dict[str, int] = {}
    for table, value in tables:
        if not value:
            continue
        if value in seen:
            hint = f"It stands already in line {seen[value]}."
            table.fault("duplicate", f"{what} {value!r} is given twice.", hint, key)
        else:
            seen[value] = table.line(key)
