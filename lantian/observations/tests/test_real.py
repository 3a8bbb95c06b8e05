"""The public hourly release of real cities, where it lies beside the project or in LANTIAN_REAL_DATA."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from lantian.observations.compaction import compact
from lantian.observations.model import Batch, Query
from lantian.observations.statistics import Decimals, day_means, hours, sliding
from lantian.observations.store import Store
from lantian.observations.tests import series
from lantian.observations.verify import verify

FILE = (
    Path(os.environ.get("LANTIAN_REAL_DATA") or Path(__file__).parents[4] / "shared" / "data")
    / "air"
    / "shanxi_11_cities_hourly.csv.gz"
)
UNITS = {"PM2.5": "µg/m3", "O3": "µg/m3", "CO": "mg/m3"}

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="no folder of real data beside the project or in LANTIAN_REAL_DATA"
)


@pytest.fixture(scope="module")
def wide() -> pl.DataFrame:
    return pl.read_csv(FILE, try_parse_dates=True).filter(pl.col("city") == "忻州").sort("time")


@pytest.fixture(scope="module")
def store(wide, tmp_path_factory) -> Store:
    """A label names the end of its hour, on the local clock."""
    end = (pl.col("time") - series.OFFSET).dt.replace_time_zone("UTC")
    rows = wide.unpivot(list(UNITS), index=["time", "city"], variable_name="quantity").drop_nulls("value")
    rows = rows.with_row_index("line", offset=2).select(
        pl.lit("release").alias("source"), "quantity", pl.col("city").alias("place"), (end - series.HOUR).alias("valid_from"),
        end.alias("valid_to"), "value", pl.col("quantity").replace_strict(UNITS).alias("unit"), "line",
    )  # fmt: skip
    store = Store(tmp_path_factory.mktemp("real") / "o", offset=series.OFFSET)
    with store.writer("test") as writer:
        assert writer.append(Batch("release"), rows).rows == len(rows)
        # The same file a second time, renamed: every fact confirmed, nothing doubled for readers.
        assert writer.append(Batch("renamed"), rows).rows == len(rows)
    compact(store)
    assert verify(store).ok
    return store


def test_a_day_is_the_hours_one_to_twenty_four(store, wide):
    hourly = hours(store.reader().observations(Query(quantities=("PM2.5",))).expression, series.RULES)
    found = day_means(hourly, series.RULES, series.DAY).to_polars().sort("day")
    day = (pl.col("time") - series.HOUR).dt.date()
    expected = (
        wide.drop_nulls("PM2.5")
        .group_by(day.alias("date"))
        .agg(pl.len().alias("n"), pl.col("PM2.5").sum())
        .sort("date")
    )
    assert found["n"].to_list() == expected["n"].to_list()
    means = [series.half_even(series.fraction(s) / n, 0) for s, n in zip(expected["PM2.5"], expected["n"], strict=True)]
    assert [value // 10**6 for value in found["scaled"]] == means


def test_sliding_means_agree_with_what_was_published(store, wide):
    """The release rounds the mean of stations first: most of ours are within 1 of it, the rest is its own corrections."""
    hourly = hours(store.reader().observations(Query(quantities=("PM2.5",))).expression, series.RULES)
    ours = sliding(hourly, series.RULES, length=24, minimum=20, decimals=Decimals(0)).to_polars()
    label = ((pl.col("time") - pl.datetime(1970, 1, 1)).dt.total_hours() - 1).alias("hour")
    both = wide.select(label, "PM2.5_24h").drop_nulls().join(ours, on="hour")
    near = ((both["scaled"] / 10**6 - both["PM2.5_24h"]).abs() <= 1).sum()
    assert len(both) > 9000
    assert near / len(both) > 0.9
