"""Formats of files: declared as data (`data/formats.toml`), read by an importer that a decorator registers."""

from __future__ import annotations

import datetime as dt
import importlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from lantian.air.reading.parsing import Reading

# Told now and then: bytes read, bytes of the file.
Progress = Callable[[int, int], None]
_READERS: dict[str, Reader] = {}
# Modules that register importers when they are imported.
_IMPORTERS = ("lantian.air.reading.importers.city_hours",)


class UnknownFormatError(LookupError):
    """No format has this name."""


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of concentrations of a pollutant, in its declared unit."""

    column: str
    pollutant: str
    unit: str


@dataclass(frozen=True, slots=True)
class Format:
    """One entry of `data/formats.toml`; see there for the meaning of the fields."""

    name: str
    zh: str
    en: str
    series: str
    time_zone: str
    hour_label: Literal["begin", "end"]
    time_format: str
    encodings: tuple[str, ...]
    missing: tuple[str, ...]
    decimals: int
    time: str
    place: str
    values: tuple[ValueColumn, ...]
    passed_over: tuple[str, ...]

    @property
    def offset(self) -> dt.timedelta:
        """The local clock's distance from UTC (of a zone that does not change its clock)."""
        return offset_of(self.time_zone)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return (self.time, self.place, *(one.column for one in self.values))


@dataclass(frozen=True, slots=True)
class Asked:
    """How a file is to be read: what the caller declares beyond the format."""

    encoding: str
    time_format: str


Reader = Callable[[Path, Format, Asked, Progress], "Reading"]


def importer(name: str) -> Callable[[Reader], Reader]:
    """Register a function as the importer of a declared format; raises ValueError for one that is not declared."""
    if name not in _declared():
        raise ValueError(f"the format {name!r} is not declared in formats.toml")

    def register(reader: Reader) -> Reader:
        _READERS[name] = reader
        return reader

    return register


def format_named(name: str) -> Format:
    """Return a declared format; raises UnknownFormatError that lists the known ones."""
    found = _declared().get(name)
    if found is None:
        raise UnknownFormatError(f"there is no format {name!r}; there are: {', '.join(_declared())}")
    return found


def formats() -> tuple[Format, ...]:
    """All declared formats."""
    return tuple(_declared().values())


def reader_of(name: str) -> Reader:
    """Return the importer of a format; raises UnknownFormatError for a format without one."""
    for module in _IMPORTERS:
        importlib.import_module(module)
    if name not in _READERS:
        raise UnknownFormatError(f"nothing reads the format {name!r}")
    return _READERS[name]


def offset_of(time_zone: str) -> dt.timedelta:
    """Return a zone's distance from UTC; raises ValueError for one that changes its clock between winter and summer."""
    zone = ZoneInfo(time_zone)
    winter, summer = (dt.datetime(2020, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    if winter is None or winter != summer:
        raise ValueError(f"{time_zone} changes its clock: days of 24 hours cannot be cut there")
    return winter


@cache
def _declared() -> dict[str, Format]:
    text = resources.files("lantian.air").joinpath("data/formats.toml").read_text(encoding="utf-8")
    return {row["name"]: _format(row) for row in tomllib.loads(text)["format"]}


def _format(row: dict[str, object]) -> Format:
    lists = {key: tuple(value) for key, value in row.items() if isinstance(value, list)}
    columns = tuple(ValueColumn(**one) for one in lists.pop("values"))
    return Format(**{**row, **lists, "values": columns})  # type: ignore[arg-type]
