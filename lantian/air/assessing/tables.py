"""Tables of days out of the store: daily values as they were published, without hours behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.air.assessing.dust import FLAG
from lantian.air.assessing.hours import DECIMALS, rules_text
from lantian.observations.model import Query
from lantian.observations.reading import Reader
from lantian.standards.arrays import MISSING
from lantian.standards.pollutants import core_codes

_DAY = dt.timedelta(days=1)
# Ozone of a day is its highest mean of 8 hours; its highest hour stands beside it.
_EIGHT_HOURS = {"O3_8h": "O3"}
_HIGHEST = "O3_1h"


@dataclass(frozen=True, slots=True)
class Table:
    """Daily values [pollutant, day] in thousandths, MISSING for none; which of them the list of dust leaves out; ozone's
    highest hour [day]."""

    values: NDArray[np.int64]
    dust: NDArray[np.bool_]
    highest: NDArray[np.int64]


def read_tables(
    reader: Reader,
    sources: Sequence[str],
    first: dt.date,
    last: dt.date,
    offset: dt.timedelta,
    as_known_on: dt.datetime | None = None,
) -> dict[str, Table]:
    """Return the days of some sources; rows that are not about exactly one local day, or are void, do not count."""
    days, codes = (last - first).days + 1, core_codes()
    found = {
        source: Table(
            np.full((len(codes), days), MISSING, dtype=np.int64),
            np.zeros((len(codes), days), dtype=np.bool_),
            np.full(days, MISSING, dtype=np.int64),
        )
        for source in sources
    }
    if not sources:
        return found
    zone = dt.timezone(offset)
    start = dt.datetime.combine(first, dt.time(), zone)
    query = Query(tuple(sources), (*codes, *_EIGHT_HOURS, _HIGHEST), (), start, start + days * _DAY, as_known_on)
    columns = ("source", "quantity", "valid_from", "valid_to", "value", "flags")
    for source, quantity, at, value, flags in _whole_days(reader.rows(query, columns), start).iter_rows():
        held = set(flags.split(","))
        if held & set(rules_text()[1]):
            continue
        table = found[source]
        code = _EIGHT_HOURS.get(quantity, quantity)
        if code == _HIGHEST:
            table.highest[at] = value
        else:
            table.values[codes.index(code), at] = value
            table.dust[codes.index(code), at] = FLAG in held
    return found


def _whole_days(rows: pl.DataFrame, start: dt.datetime) -> pl.DataFrame:
    """Source, quantity, number of the day, scaled value, flags of the rows about exactly one day of the local clock."""
    since = pl.col("valid_from") - pl.lit(start).dt.convert_time_zone("UTC")
    whole = (pl.col("valid_to") - pl.col("valid_from") == _DAY) & (since.dt.total_seconds() % 86400 == 0)
    return rows.filter(whole).select(
        "source",
        "quantity",
        since.dt.total_days().alias("at"),
        (pl.col("value") * 10**DECIMALS).round().cast(pl.Int64),
        "flags",
    )
