"""DuckDB and Spark give equal results over the same files. Runs where pyspark and Java are installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
from decimal import Decimal

import pytest

from lantian.observations.engine import SparkEngine, engine
from lantian.observations.model import Batch, Query
from lantian.observations.reading import in_utc
from lantian.observations.statistics import (
    Decimals,
    Percentile,
    PeriodRule,
    Span,
    day_means,
    day_windows,
    hours,
    percentiles,
    periods,
    present,
    sliding,
)
from lantian.observations.store import Store
from lantian.observations.tests import series
from lantian.observations.tests.builders import UTC

HAS_SPARK = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two sources with corrections, flags of both kinds, one month compacted and one not."""
    from lantian.observations.compaction import compact

    frame = series.make(70, seed=5)
    rows = series.as_rows(frame)
    store = Store(tmp_path_factory.mktemp("engines") / "o", offset=series.OFFSET)
    with store.writer("test") as writer:
        writer.append(Batch("first"), rows)
        writer.append(Batch("fix"), [{**r, "value": r["value"] + 1.25} for r in rows[:400:7]])
    compact(store)
    marks = [
        {**{k: v for k, v in r.items() if k not in {"value", "unit"}}, "flag": name, "reason": "test", "lasting": last}
        for r in rows[:900:11]
        for name, last in (("void", False), ("dust", True))
    ]
    with store.writer("test") as writer:
        writer.flag(Batch("flags", actor="rule"), marks)
        writer.append(Batch("fix2"), [{**r, "value": r["value"] + 2.5} for r in rows[:600:11]])
        writer.flag(Batch("back", actor="li"), [{**m, "retracted": True} for m in marks[:20]])
    return store


def everything(reader):
    """Every statistic and the rows with their flags, sorted."""
    rows = reader.observations(Query()).expression
    hourly = hours(rows, series.RULES)
    days = day_means(hourly, series.RULES, series.DAY)
    windows = day_windows(hourly, series.RULES, series.WINDOW)
    rule = PeriodRule(Span(3, 12), 20, 10, {2: 1}, Decimals(1))
    tables = {
        "rows": rows.select("source", "quantity", "valid_from", "value", "batch", "flags"),
        "days": present(days, series.RULES),
        "windows": present(windows, series.RULES),
        "sliding": sliding(
            hourly.filter(hourly.quantity == "O3"), series.RULES, length=8, minimum=6, decimals=Decimals(0)
        ),
        "months": present(periods(days, series.RULES, PeriodRule(Span(), 20, decimals=Decimals(1))), series.RULES),
        "seasons": present(periods(windows, series.RULES, rule), series.RULES),
        "p90": present(
            percentiles(windows, series.RULES, Span(12), Percentile(Decimal("0.9"), "linear")), series.RULES
        ),
        "p98": present(percentiles(days, series.RULES, Span(12), Percentile(Decimal("0.98"), "nearest")), series.RULES),
    }
    return {name: sorted(map(repr, _plain(table))) for name, table in tables.items()}


def _plain(table):
    found = in_utc(table.to_pyarrow())
    for row in found.select(sorted(found.column_names)).to_pylist():
        moment = row.pop("valid_from", None)
        yield {**row, **({"valid_from": moment.astimezone(UTC).isoformat()} if moment else {})}


@pytest.mark.skipif(not HAS_SPARK, reason="pyspark or Java is not installed (extra lantian[spark])")
@pytest.mark.filterwarnings("ignore")  # pyspark and pandas warn each other
def test_spark_and_duckdb_agree(store):
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    try:
        reader = store.reader(SparkEngine(session))
        spark = everything(reader)
        assert reader.observations(Query()).arrow()["valid_from"].type.tz == "UTC"
    finally:
        session.stop()
    duckdb = everything(store.reader())
    assert {name: len(rows) for name, rows in spark.items()} == {name: len(rows) for name, rows in duckdb.items()}
    for name, rows in duckdb.items():
        assert rows, name
        assert spark[name] == rows, name


def test_duckdb_alone_computes_all_of_it(store):
    found = everything(store.reader())
    assert all(found.values())
    assert any("'flags': 'dust,void'" in row for row in found["rows"])


def test_the_environment_names_the_engine(tmp_path, monkeypatch):
    assert engine(tmp_path).name == "duckdb"
    monkeypatch.setitem(os.environ, "LANTIAN_ENGINE", "abacus")
    with pytest.raises(ValueError, match="duckdb and spark"):
        engine(tmp_path)
    if not HAS_SPARK:
        monkeypatch.setitem(os.environ, "LANTIAN_ENGINE", "spark")
        with pytest.raises(RuntimeError, match=r"lantian\[spark\]"):
            engine(tmp_path)
