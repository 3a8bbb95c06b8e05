"""Hours out of the store as one array [place, pollutant, day, hour of the day], exact whole numbers."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from lantian.air.assessing.subjects import Origin
from lantian.observations.grid import hourly
from lantian.observations.model import InputVersion, Query
from lantian.observations.reading import Reader
from lantian.observations.statistics import HourRules
from lantian.standards.arrays import MISSING
from lantian.standards.arrays.scale import Whole
from lantian.standards.pollutants import core_codes

# Concentrations count in thousandths of their unit; importers refuse finer values.
DECIMALS = 3
HOURS = 24


@dataclass(frozen=True, slots=True)
class Hours:
    """`values[place, pollutant, day, hour]` scaled by 10**DECIMALS, MISSING for none; days from `first`, hour 0 is the
    one labelled 1. `version` names the snapshot of the store that was read.

    `origins`: what each place's values were taken from; `stations[place, pollutant, day, hour]`: how many stations a
    value is the mean of, 0 for a series of its own (both only where `ask` made them)."""

    places: tuple[str, ...]
    pollutants: tuple[str, ...]
    first: dt.date
    values: NDArray[np.int64]
    version: InputVersion
    origins: tuple[Origin, ...] = ()
    stations: NDArray[np.int16] | None = None

    @property
    def days(self) -> tuple[dt.date, ...]:
        return tuple(self.first + dt.timedelta(days=n) for n in range(self.values.shape[2]))


@cache
def rules_text() -> tuple[str, tuple[str, ...]]:
    """The version of these rules and the flags that make a value void (`data/rules.toml`)."""
    data = tomllib.loads(resources.files("lantian.air").joinpath("data/rules.toml").read_text(encoding="utf-8"))
    return str(data["version"]), tuple(data["void_flags"])


def not_below_zero(values: Whole) -> Whole:
    """Return concentrations as the index takes them: below zero, where a sound instrument's zero has drifted, is zero."""
    found: Whole = np.where((values < 0) & (values != MISSING), 0, values)
    return found


def known_places(reader: Reader, series: str) -> dict[str, str]:
    """Return {place: source} of what the store holds of a series."""
    found = {one.place: one.source for one in reader.subjects() if one.source.startswith(f"{series}:")}
    return dict(sorted(found.items()))


def read_hours(
    reader: Reader,
    sources: dict[str, str],
    first: dt.date,
    last: dt.date,
    offset: dt.timedelta,
    as_known_on: dt.datetime | None = None,
) -> Hours:
    """Return the hours of some places ({place: source}) from the first to the last day, both included."""
    start = dt.datetime.combine(first, dt.time(), dt.timezone(offset))
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.timezone(offset))
    codes = core_codes()
    version, void = rules_text()
    rules = HourRules(version=version, offset=offset, scale=DECIMALS, excluded=void)
    values = hourly(reader, Query(tuple(sources.values()), codes, (), start, end, as_known_on), rules)
    days = (last - first).days + 1
    shaped = values.reshape(len(sources), len(codes), days, HOURS)
    return Hours(tuple(sources), codes, first, shaped, reader.version(as_known_on))
