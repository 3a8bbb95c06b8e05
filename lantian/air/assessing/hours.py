"""Hours out of the store as one array [place, pollutant, day, hour of the day], exact whole numbers."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.observations.model import InputVersion, Query
from lantian.observations.reading import Reader
from lantian.observations.statistics import HourRules, hours
from lantian.standards.arrays import MISSING
from lantian.standards.pollutants import core_codes

# Concentrations count in thousandths of their unit; importers refuse finer values.
DECIMALS = 3
HOURS = 24
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Hours:
    """`values[place, pollutant, day, hour]` scaled by 10**DECIMALS, MISSING for none; days from `first`, hour 0 is the
    one labelled 1. `version` names the snapshot of the store that was read."""

    places: tuple[str, ...]
    pollutants: tuple[str, ...]
    first: dt.date
    values: NDArray[np.int64]
    version: InputVersion

    @property
    def days(self) -> tuple[dt.date, ...]:
        return tuple(self.first + dt.timedelta(days=n) for n in range(self.values.shape[2]))


@cache
def rules_text() -> tuple[str, tuple[str, ...]]:
    """The version of these rules and the flags that make a value void (`data/rules.toml`)."""
    data = tomllib.loads(resources.files("lantian.air").joinpath("data/rules.toml").read_text(encoding="utf-8"))
    return str(data["version"]), tuple(data["void_flags"])


def known_places(reader: Reader, series: str) -> dict[str, str]:
    """Return {place: source} of what the store holds of a series."""
    # With history no row is compared with another: which places there ever were needs no newest value.
    rows = reader.observations(Query(quantities=core_codes(), history=True)).expression
    found = rows.filter(rows.source.startswith(f"{series}:")).select("place", "source").distinct().to_polars()
    return dict(found.sort("place").iter_rows())


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
    query = Query(tuple(sources.values()), codes, (), start, end, as_known_on)
    answer = reader.observations(query)
    version, void = rules_text()
    rules = HourRules(version=version, offset=offset, scale=DECIMALS, excluded=void)
    rows = hours(answer.expression, rules).select("subject", "quantity", "hour", "scaled").to_polars()
    days = (last - first).days + 1
    values = _placed(rows, tuple(sources.values()), codes, (first - _EPOCH).days * HOURS, days)
    return Hours(tuple(sources), codes, first, values, answer.version)


def _placed(
    rows: pl.DataFrame, sources: Sequence[str], codes: Sequence[str], begin: int, days: int
) -> NDArray[np.int64]:
    """Put each value where it belongs; every (source, pollutant, hour) is there once, the store sees to it."""
    shape = (len(sources), len(codes), days, HOURS)
    values = np.full(shape, MISSING, dtype=np.int64)
    subject = pl.col("subject").replace_strict({one: n for n, one in enumerate(sources)}, return_dtype=pl.Int64)
    quantity = pl.col("quantity").replace_strict({one: n for n, one in enumerate(codes)}, return_dtype=pl.Int64)
    at = (subject * len(codes) + quantity) * (days * HOURS) + pl.col("hour") - begin
    placed = rows.select(at.alias("at"), "scaled")
    values.reshape(-1)[placed["at"].to_numpy()] = placed["scaled"].to_numpy()
    return values
