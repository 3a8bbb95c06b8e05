"""Statistics against pandas and fractions, on series with gaps; the edges of every rule."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lantian.observations.model import Batch, Query
from lantian.observations.statistics import (
    Combine,
    DayRule,
    Decimals,
    HourRules,
    Percentile,
    PeriodRule,
    Span,
    WindowRule,
    day_means,
    day_windows,
    hours,
    percentiles,
    periods,
    present,
    sliding,
)
from lantian.observations.tests import series
from lantian.observations.tests.builders import mark, row, rows
from lantian.observations.tests.test_batches import append
from lantian.observations.tests.test_bitemporal import flag

RULES, DAY, WINDOW = series.RULES, series.DAY, series.WINDOW


@pytest.fixture(scope="module")
def frame():
    return series.make(460)


@pytest.fixture(scope="module")
def hourly(frame, tmp_path_factory):
    from lantian.observations.store import Store

    store = Store(tmp_path_factory.mktemp("series") / "o", offset=series.OFFSET)
    with store.writer("test") as writer:
        writer.append(Batch("series"), series.as_rows(frame))
    return hours(store.reader().observations(Query()).expression, RULES)


@pytest.fixture(scope="module")
def windows(hourly):
    """The days' greatest 8 h means, computed once."""
    import ibis

    return ibis.memtable(day_windows(hourly, RULES, WINDOW).to_pyarrow())


@pytest.fixture(scope="module")
def expected_windows(frame):
    return series.day_windows(frame, WINDOW)


def table(expression, rules=RULES):
    return present(expression, rules).to_pyarrow().to_pylist()


def by_day(expression):
    return {
        (r["subject"], r["quantity"], r["date"]): (
            r["n"], None if r["scaled"] is None else Decimal(r["scaled"]) / 10**6, r["valid"],
        )
        for r in table(expression)
    }  # fmt: skip


def test_day_means_agree_with_fractions(frame, hourly):
    found, expected = by_day(day_means(hourly, RULES, DAY)), series.day_means(frame, DAY)
    assert found == expected
    assert {valid for *_, valid in found.values()} == {True, False}


def test_greatest_eight_hour_means_agree_with_pandas(windows, expected_windows):
    found = by_day(windows)
    assert found == expected_windows
    kinds = {(n >= WINDOW.least_windows, valid) for n, _, valid in found.values()}
    assert kinds == {(True, True), (False, False), (False, True)}  # the last: few windows, but above the limit


@pytest.mark.parametrize(
    ("span", "period"),
    [(Span(), "M"), (Span(3), "Q"), (Span(3, 12), "Q-NOV"), (Span(12), "Y")],
)
def test_period_means_and_counts_agree_with_pandas(frame, hourly, span, period):
    import pandas as pd

    days = day_means(hourly, RULES, DAY)
    rule = PeriodRule(span, 20 * span.months, 25, {2: 22}, Decimals(1))
    found = {(r["subject"], r["quantity"], r["period_from"]): r for r in table(periods(days, RULES, rule))}
    daily = pd.DataFrame(
        [(*key, float(value), Fraction(value)) for key, (_, value, ok) in series.day_means(frame, DAY).items() if ok],
        columns=["source", "quantity", "date", "value", "exact"],
    )
    daily["month"] = pd.to_datetime(daily["date"]).dt.to_period("M")
    daily["period"] = pd.to_datetime(daily["date"]).dt.to_period(period)
    assert len(found) == daily.groupby(["source", "quantity", "period"]).ngroups
    for (source, quantity, name), group in daily.groupby(["source", "quantity", "period"]):
        got = found[source, quantity, name.start_time.date()]
        assert got["n"] == len(group)
        assert got["expected"] == (name.end_time.normalize() - name.start_time).days + 1
        assert got["period_to"] == (name.end_time + pd.Timedelta("1us")).date()
        assert Decimal(got["scaled"]) / 10**6 == series.half_even(sum(group["exact"]) / len(group), 1)
        months = group.groupby("month").size()
        enough = sum(n >= (22 if month.month == 2 else 25) for month, n in months.items())
        assert got["valid"] == (len(group) >= rule.minimum and enough >= span.months)
        assert got["capture"] == pytest.approx(len(group) / got["expected"])


@pytest.mark.parametrize("share", ["0.9", "0.95", "0.98", "0.5", "0", "1"])
def test_percentiles_agree_with_numpy(windows, expected_windows, share):
    expected: dict = {}
    for (source, quantity, day), (_, value, ok) in expected_windows.items():
        if ok:
            expected.setdefault((source, quantity, day.year), []).append(float(value))
    for method, numpys in (("linear", "linear"), ("nearest", "inverted_cdf")):
        found = {
            (r["subject"], r["quantity"], r["period_from"].year): (r["n"], r["value"])
            for r in table(percentiles(windows, RULES, Span(12), Percentile(Decimal(share), method)))
        }
        for key, values in expected.items():
            assert found[key] == (
                len(values),
                pytest.approx(np.quantile(values, float(share), method=numpys), abs=1e-6),
            )
        assert found.keys() == expected.keys()


def test_sliding_means_also_stand_for_hours_that_lack(frame, hourly):
    import pandas as pd

    got = {
        (r["subject"], r["quantity"], r["hour"]): r["value"]
        for r in table(sliding(hourly, RULES, length=8, minimum=6, decimals=Decimals(3)))
    }
    one = frame[(frame.source == "s1") & (frame.quantity == "O3")].set_index("hour")["value"]
    grid = pd.date_range(one.index.min(), one.index.max(), freq="h")
    rolled = one.reindex(grid).rolling(8, min_periods=6).mean().dropna()
    epoch = pd.Timestamp("1970-01-01")
    for hour, value in rolled.items():
        assert got["s1", "O3", int((hour - epoch) / pd.Timedelta(hours=1))] == pytest.approx(value, abs=5.1e-4)


def day_of(store, given, rules=RULES, rule=DAY, **options):
    append(store, "rows", given)
    return table(
        day_means(hours(store.reader().observations(Query()).expression, rules, **options), rules, rule), rules
    )


def test_the_hour_that_ends_at_midnight_belongs_to_the_day_that_ends(store):
    found = day_of(store, [row(h, float(h)) for h in range(22, 26)])
    assert [(r["date"], r["n"], r["value"]) for r in sorted(found, key=lambda r: r["date"])] == [
        (dt.date(2020, 1, 1), 2, 22.0),  # 22.5 to even
        (dt.date(2020, 1, 2), 2, 24.0),  # 24.5 to even
    ]


def test_only_hours_without_excluded_flags_count(store):
    append(store, "a", [*rows(range(24)), {**row(3, 999.0), "valid_to": row(27, 0.0)["valid_to"]}])
    flag(store, "f", [mark(0, "void"), mark(1, "void"), mark(1, "void2"), mark(2, "voided")])
    flag(store, "g", [mark(1, "void", retracted=True)])
    (found,) = table(day_means(hours(store.reader().observations(Query()).expression, RULES), RULES, DAY))
    assert (found["n"], found["value"], found["valid"], found["capture"]) == (23, 12.0, True, pytest.approx(23 / 24))


def test_places_are_means_of_their_sources(store):
    given = [row(0, 1.0), row(0, 2.0, source="s2"), row(0, 4.0, source="s3"), row(1, 7.0)]
    append(store, "a", given)
    found = hours(store.reader().observations(Query()).expression, RULES, combine=Combine(2, Decimals(2)))
    assert [(r["subject"], r["scaled"]) for r in found.to_pyarrow().to_pylist()] == [("p1", 2_330_000)]


def test_means_round_halves_to_even_however_big(store):
    rules = HourRules("r", series.OFFSET, 0)
    given = [
        row(0, 2_000_000_000_001.0),
        row(1, 2_000_000_000_002.0),
        row(24, -3.0),
        row(25, -2.0),
        row(48, -1.0),
        row(49, 0.0),
    ]
    found = day_of(store, given, rules, DayRule(1, Decimals(0)))
    assert [r["scaled"] for r in sorted(found, key=lambda r: r["date"])] == [2_000_000_000_002, -2, 0]


def test_an_interval_of_days_and_its_months(hourly):
    days = day_means(hourly, RULES, DAY)
    between = (dt.date(2020, 1, 15), dt.date(2020, 3, 2))
    rule = PeriodRule(Span(between=between), 1, 1, {3: 2}, Decimals(0))
    found = table(periods(days, RULES, rule))
    assert {(r["period_from"], r["period_to"], r["expected"]) for r in found} == {(*between, 47)}
    assert {r["valid"] for r in found} == {False}  # March has one day in it, two are asked for


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: WindowRule(8, 6, 7, 24, 14),
        lambda: WindowRule(8, 6, 8, 25, 14),
        lambda: Span(5),
        lambda: Span(0),
        lambda: Span(3, 13),
        lambda: HourRules("v", series.OFFSET, 10),
        lambda: Percentile(Decimal("1.2"), "linear").parts,
        lambda: Percentile(Decimal("0.12345"), "linear").parts,
    ],
)
def test_rules_that_make_no_sense(wrong):
    with pytest.raises(ValueError):
        wrong()


def test_more_decimals_than_the_scale_holds(hourly):
    with pytest.raises(ValueError, match="decimals are more than the scale"):
        day_means(hourly, RULES, DayRule(1, Decimals(7)))
