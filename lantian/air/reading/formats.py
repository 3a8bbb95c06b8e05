"""Formats of files: declared as data (`data/formats.toml`), read by an importer that a decorator registers."""

from __future__ import annotations

import datetime as dt
import importlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import polars as pl

    from lantian.air.reading.columns import Header
    from lantian.air.reading.faults import Faults
    from lantian.air.reading.tables import Chunk

# Told now and then: bytes read, bytes of the file.
Progress = Callable[[int, int], None]
_READERS: dict[str, type[Importer]] = {}
# Modules that register importers when they are imported.
_IMPORTERS = ("lantian.air.reading.importers.wide", "lantian.air.reading.importers.long")


class UnknownFormatError(LookupError):
    """No format has this name."""


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of values: how its header may be spelled, what it holds, in which unit unless something else is said."""

    columns: tuple[str, ...]
    quantity: str
    unit: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """One entry of `data/formats.toml`, with what a caller declared put in (`declaring.declare`); see there for the fields."""

    name: str
    zh: str
    en: str
    files: tuple[str, ...]
    step: Literal["hour", "day"]
    series: str
    series_choices: tuple[str, ...]
    time_zone: str
    hour_label: Literal["begin", "end", ""]
    hours: str
    time_format: str
    encodings: tuple[str, ...]
    missing: tuple[str, ...]
    decimals: int
    time: tuple[str, ...]
    hour: tuple[str, ...]
    place: tuple[str, ...]
    pollutant: tuple[str, ...]
    value: tuple[str, ...]
    unit: tuple[str, ...]
    values: tuple[ValueColumn, ...]
    all_values: bool
    passed_over: tuple[str, ...]
    asks: tuple[str, ...]
    must: tuple[str, ...]
    encoding: str = "utf-8"
    # What a caller says beyond the format; empty when nothing is said.
    fixed_place: str = ""
    units: tuple[tuple[str, str], ...] = ()
    leave_out: tuple[str, ...] = ()
    sheet: str = ""
    header_row: int = 0

    @property
    def offset(self) -> dt.timedelta:
        """The local clock's distance from UTC (of a zone that does not change its clock)."""
        return offset_of(self.time_zone)

    @property
    def length(self) -> dt.timedelta:
        """How long the interval is that a row speaks of."""
        return dt.timedelta(hours=1) if self.step == "hour" else dt.timedelta(days=1)

    def title(self, lang: str) -> str:
        """What the format is, in words."""
        return self.zh if lang.startswith("zh") else self.en


class Importer(Protocol):
    """What reads a format: it says which column is what, then turns rows into a frame (see `parsing`)."""

    # Rows that make one batch of the store.
    part_rows: int

    def __init__(self, form: Format) -> None: ...

    def understand(self, names: list[str]) -> Header:
        """Return which column is what; raises FileFaultError naming all that are missing or there twice."""

    def parse(self, chunk: Chunk, header: Header, faults: Faults) -> pl.DataFrame:
        """Return the good rows of a chunk; what cannot be read is noted and left out."""


_I = TypeVar("_I", bound=type[Importer])


def importer(*names: str) -> Callable[[_I], _I]:
    """Register a class as the importer of declared formats; raises ValueError for one that is not declared."""
    for name in names:
        if name not in _declared():
            raise ValueError(f"the format {name!r} is not declared in formats.toml")

    def register(reader: _I) -> _I:
        _READERS.update(dict.fromkeys(names, reader))
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


def importer_of(form: Format) -> Importer:
    """Return the importer of a format; raises UnknownFormatError for a format without one."""
    for module in _IMPORTERS:
        importlib.import_module(module)
    if form.name not in _READERS:
        raise UnknownFormatError(f"nothing reads the format {form.name!r}")
    return _READERS[form.name](form)


def offset_of(time_zone: str) -> dt.timedelta:
    """Return a zone's distance from UTC; raises ValueError for one that changes its clock between winter and summer."""
    try:
        zone = ZoneInfo(time_zone)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError(f"{time_zone!r} is no time zone; write one like Asia/Shanghai or UTC") from error
    winter, summer = (dt.datetime(2020, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    if winter is None or winter != summer:
        raise ValueError(f"{time_zone} changes its clock: days of 24 hours cannot be cut there")
    return winter


@cache
def _declared() -> dict[str, Format]:
    text = resources.files("lantian.air").joinpath("data/formats.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return {row["name"]: _format({**data["default"], **row}) for row in data["format"]}


def _format(row: Mapping[str, object]) -> Format:
    lists = {key: tuple(value) for key, value in row.items() if isinstance(value, list)}
    columns = tuple(ValueColumn(**{**one, "columns": tuple(one["columns"])}) for one in lists.pop("values"))
    return Format(**{**row, **lists, "values": columns})  # type: ignore[arg-type]
