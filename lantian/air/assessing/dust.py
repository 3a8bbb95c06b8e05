"""Dust hours: those that the list in the store leaves out (flags "dust"), and what the rule proposes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.air.assessing.hours import HOURS
from lantian.observations.model import Query
from lantian.observations.reading import Reader
from lantian.standards.pollutants import core_codes

# The flag that the list of dust days sets; it lasts when a value is corrected.
FLAG = "dust"
_HOUR = dt.timedelta(hours=1)


def dust_marks(
    reader: Reader,
    sources: Sequence[str],
    first: dt.date,
    last: dt.date,
    offset: dt.timedelta,
    as_known_on: dt.datetime | None = None,
) -> NDArray[np.bool_] | None:
    """Return [source, pollutant, day, hour]: what is left out when dust is deducted; None when nothing is."""
    if not sources:
        return None
    start = dt.datetime.combine(first, dt.time(), dt.timezone(offset))
    days, codes = (last - first).days + 1, core_codes()
    end = start + dt.timedelta(days=days)
    said = reader.said(Query(tuple(sources), codes, (), start, end, as_known_on), names=(FLAG,))
    if said is None:
        return None
    hours = said.filter(~pl.col("retracted") & (pl.col("valid_to") - pl.col("valid_from") == _HOUR))
    if hours.is_empty():
        return None
    marks = np.zeros((len(sources), len(codes), days * HOURS), dtype=np.bool_)
    number = (pl.col("valid_from") - pl.lit(start).dt.convert_time_zone("UTC")).dt.total_hours()
    at = hours.select(
        pl.col("source").replace_strict({one: n for n, one in enumerate(sources)}, return_dtype=pl.Int64),
        pl.col("quantity").replace_strict({one: n for n, one in enumerate(codes)}, return_dtype=pl.Int64),
        number.alias("hour"),
    )
    marks[at["source"].to_numpy(), at["quantity"].to_numpy(), at["hour"].to_numpy()] = True
    return marks.reshape(len(sources), len(codes), days, HOURS)
