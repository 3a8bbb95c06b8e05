"""Arrays and expressions against the scalar functions: equal on a grid, and on what hypothesis thinks of."""

import datetime as dt
import doctest
import itertools
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.standards import air_index, arrays, attainment, composite, dust, frames, means, ranking
from lantian.standards.air_index import NotInReportError
from lantian.standards.arrays import MISSING, scale
from lantian.standards.arrays import index as array_index
from lantian.standards.regimes import Regime, regime_named
from lantian.standards.rounding import round_half_even

OLD, NEW, FINAL = regime_named("2012"), regime_named("2026-transition"), regime_named("2026-final")
CODES = [
    "SO2_24h", "SO2_1h", "NO2_24h", "NO2_1h", "CO_24h", "CO_1h", "O3_8h", "O3_1h", "PM10_24h", "PM10_1h",
    "PM2.5_24h", "PM2.5_1h",
]  # fmt: skip
SIX = ["SO2", "NO2", "CO", "O3", "PM10", "PM2.5"]


def _or_none(number: int) -> int | None:
    return None if number == MISSING else int(number)


@pytest.mark.parametrize("law", [OLD, NEW], ids=["2012", "2026"])
@pytest.mark.parametrize("code", CODES)
def test_every_concentration_of_a_grid(law: Regime, code: str) -> None:
    """All whole concentrations up to beyond the last break point, in tenths for CO: three implementations, one result."""
    decimals = 1 if code.startswith("CO") else 0
    top = max(int(entry.value) for _, entry in air_index.column_of(law, code)[0]) * 10**decimals
    grid = np.arange(0, top + 50, dtype=np.int64)
    by_array = arrays.iaqi(law, code, grid, decimals)
    by_frame = pl.DataFrame({"c": grid}).select(frames.iaqi(law, code, pl.col("c"), decimals)).to_series().to_list()
    scalar = [air_index.iaqi(law, code, Fraction(int(value), 10**decimals)) for value in grid]
    assert [_or_none(number) for number in by_array] == scalar
    assert by_frame == scalar


AMOUNT = st.one_of(st.none(), st.integers(0, 9_000_000))
ROWS = st.lists(st.lists(AMOUNT, min_size=7, max_size=7), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([(OLD, "day"), (OLD, "hour"), (OLD, "hour-as-written"), (NEW, "day"), (NEW, "hour")]), ROWS)
def test_whole_reports_with_missing_items(case: tuple[Regime, str], rows: list[list[int | None]]) -> None:
    """Three decimals everywhere, so that rounding takes part; the seventh is the item that may step in."""
    law, report = case
    names = [*air_index.report_items(law, report), *air_index.optional_items(law, report)][:7]
    columns = dict(zip(names, zip(*rows, strict=True), strict=False))
    whole = {n: np.array([MISSING if v is None else v for v in col], dtype=np.int64) for n, col in columns.items()}
    by_array = arrays.aqi(law, report, whole, 3)
    frame = pl.DataFrame({n: list(col) for n, col in columns.items()}, schema=dict.fromkeys(columns, pl.Int64))
    by_frame = frames.with_aqi(frame, law, report, {n: n for n in columns}, 3).to_dicts()
    for position in range(len(rows)):
        values = {n: None if col[position] is None else Fraction(col[position], 1000) for n, col in columns.items()}
        scalar = air_index.aqi(law, report, values)
        got = by_frame[position]
        assert _or_none(by_array.aqi[position]) == got["aqi"] == scalar.aqi
        assert _or_none(by_array.highest[position]) == got["highest"] == scalar.highest
        assert (int(by_array.level[position]) or None) == got["level"] == (scalar.level and scalar.level.number)
        assert tuple(n for n, on in by_array.primary.items() if on[position]) == scalar.primary
        assert tuple(got["primary"]) == scalar.primary
        indices = {n: int(one[position]) for n, one in by_array.iaqi.items() if one[position] != MISSING}
        assert indices == scalar.iaqi
        assert {n[5:]: v for n, v in got.items() if n.startswith("iaqi_") and v is not None} == scalar.iaqi
        assert tuple(n for n, on in by_array.not_computed.items() if on[position]) == scalar.not_computed


def test_items_that_the_plan_leaves_out() -> None:
    five = {name: np.array([40]) for name in SIX if name != "CO"}
    frame = pl.DataFrame({name: [40] for name in five})
    for exempt, expected in (((), None), (("CO",), 60)):
        scalar = air_index.aqi(NEW, "day", dict.fromkeys(five, 40), exempt=exempt)
        assert scalar.aqi == expected
        assert _or_none(arrays.aqi(NEW, "day", five, 0, exempt=exempt).aqi[0]) == scalar.aqi
        by_frame = frames.with_aqi(
            frame.lazy(), NEW, "day", {n: n for n in five}, dict.fromkeys(five, 0), exempt=exempt
        )
        assert by_frame.collect()["aqi"].to_list() == [scalar.aqi]
    assert _or_none(arrays.aqi(NEW, "day", five, 0, unmonitored=["CO"]).aqi[0]) is None
    with pytest.raises(NotInReportError, match="CO: given"):
        arrays.aqi(NEW, "day", {**five, "CO": np.array([1])}, 0, exempt=["CO"])


def test_refusals() -> None:
    with pytest.raises(ValueError, match="a concentration of SO2 is negative"):
        arrays.iaqi(OLD, "SO2_24h", np.array([5, -1]), 0)
    with pytest.raises(ValueError, match="no item"):
        arrays.aqi(OLD, "day", {}, 0)
    with pytest.raises(ValueError, match="no item"):
        frames.with_aqi(pl.DataFrame({"x": [1]}), OLD, "day", {}, 0)
    with pytest.raises(ValueError, match="O3 is given twice"):
        arrays.aqi(OLD, "day", {"O3": np.array([1]), "O3_8h": np.array([1])}, 0)
    with pytest.raises(ValueError, match="O3 is given twice"):
        frames.with_aqi(pl.DataFrame({"x": [1]}), OLD, "day", {"O3": "x", "O3_8h": "x"}, 0)
    frame = pl.DataFrame({"a": [1, -1, None], "b": [-2, -3, 4]})
    assert frame.select(frames.negatives([pl.col("a"), pl.col("b")])).item() == 3
    assert frame.select(frames.iaqi(OLD, "SO2_24h", pl.col("b"), 0)).to_series().to_list() == [None, None, 4]


# -- scaled numbers -------------------------------------------------------------------------------------------------
def test_floats_become_the_decimals_that_they_were_read_from() -> None:
    texts = [f"{n // 1000}.{n % 1000:03}" for n in range(0, 100_000, 7)]
    assert scale.scaled([float(one) for one in texts], 3).tolist() == list(range(0, 100_000, 7))
    frame = pl.DataFrame({"x": [2.35, float("nan"), None]})
    assert frame.select(frames.scaled(pl.col("x"), 2)).to_series().to_list() == [235, None, None]
    assert scale.scaled([2.35, np.nan], 2).tolist() == [235, MISSING]
    with pytest.raises(ValueError, match=r"1\.256.* more than 2 decimals"):
        scale.scaled([1.25, 1.256], 2)
    with pytest.raises(ValueError, match="infinite"):
        scale.scaled([np.inf], 2)
    assert arrays.from_decimals(["1.2", Decimal("3"), None, 4], 1).tolist() == [12, 30, MISSING, 40]
    with pytest.raises(ValueError, match=r"1\.25 has more"):
        arrays.from_decimals(["1.25"], 1)


@given(st.integers(0, 10**13), st.integers(0, 6))
def test_any_decimal_survives_being_a_float(number: int, decimals: int) -> None:
    assert scale.scaled([float(Decimal(number).scaleb(-decimals))], decimals).tolist() == [number]


@given(st.integers(-(10**9), 10**9), st.integers(0, 5), st.integers(0, 5))
def test_rounding_equals_the_scalar(number: int, have: int, want: int) -> None:
    expected = int(round_half_even(Fraction(number, 10**have), want) * 10**want)
    assert arrays.round_scaled(np.array([number, MISSING]), have, want).tolist() == [expected, MISSING]
    frame = pl.DataFrame({"x": [number]})
    assert frame.select(frames.round_scaled(pl.col("x"), have, want)).item() == expected


# -- statistics -----------------------------------------------------------------------------------------------------
HOURS = st.lists(st.one_of(st.none(), st.integers(0, 500_000)), min_size=24, max_size=24)


def _array(values: list[int | None]) -> np.ndarray:
    return np.array([MISSING if value is None else value for value in values], dtype=np.int64)


def _ratios(values: list[int | None]) -> list[Fraction | None]:
    return [None if value is None else Fraction(value, 100) for value in values]


@settings(max_examples=150, deadline=None)
@given(HOURS)
def test_daily_statistics_equal_the_scalar_ones(hours: list[int | None]) -> None:
    day, scalar = arrays.day_mean(OLD, "CO", _array(hours), 2), means.day_mean(OLD, "CO", _ratios(hours))
    assert (day.value.fraction(), int(day.n), bool(day.valid)) == (scalar.value, scalar.n, scalar.valid)
    if scalar.value is not None:
        for places in (0, 1, 4):
            assert Fraction(int(day.value.rounded(places)), 10**places) == round_half_even(scalar.value, places)
    eight, one = arrays.mda8(OLD, _array(hours), 2), means.mda8(OLD, _ratios(hours))
    assert (eight.value.fraction(), int(eight.n), bool(eight.valid)) == (one.value, one.n, one.valid)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 500_000)), min_size=1, max_size=40), st.integers(0, 100))
def test_percentiles_equal_the_scalar_and_the_linear_method_of_numpy(values: list[int | None], percent: int) -> None:
    found = arrays.percentile(_array(values), percent, 2)
    expected = means.percentile(_ratios(values), percent)
    assert found.value.fraction() == expected
    if expected is not None:
        present = [value / 100 for value in values if value is not None]
        assert float(expected) == pytest.approx(np.percentile(present, percent, method="linear"), abs=1e-7)
        assert float(found.value.floats()) == pytest.approx(float(expected))


def test_statistics_keep_the_other_axes() -> None:
    random.seed(5)
    cube = np.array([random.choice([MISSING, *range(0, 400, 3)]) for _ in range(3 * 4 * 24)]).reshape(3, 4, 24)
    day, eight, ninety = (
        arrays.day_mean(OLD, "SO2", cube, 0), arrays.mda8(OLD, cube, 0), arrays.percentile(cube, 90, 0),
    )  # fmt: skip
    for i, j in itertools.product(range(3), range(4)):
        row = [None if value == MISSING else int(value) for value in cube[i, j]]
        assert day.value.fraction(i, j) == means.day_mean(OLD, "SO2", row).value
        assert eight.value.fraction(i, j) == means.mda8(OLD, row).value
        assert ninety.value.fraction(i, j) == means.percentile(row, 90)
    with pytest.raises(ValueError, match="24 hours"):
        arrays.mda8(OLD, cube[..., :23], 0)
    with pytest.raises(ValueError, match="between 0 and 100"):
        arrays.percentile(cube, 101, 0)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([OLD, NEW, FINAL]), st.lists(st.integers(0, 10**7), min_size=6, max_size=6))
def test_composite_indices_equal_the_scalar(law: Regime, amounts: list[int]) -> None:
    for variant in composite.variants(law):
        values = dict(zip(SIX, amounts, strict=True))
        found = arrays.composite_index(law, {n: np.array([v, MISSING]) for n, v in values.items()}, 4, variant=variant)
        scalar = composite.composite_index(law, {n: Fraction(v, 10**4) for n, v in values.items()}, variant=variant)
        assert (found.fraction(0), found.fraction(1)) == (scalar.value, None)
        assert Fraction(int(found.rounded(2)[0]), 100) == scalar.published


def test_own_weights_equal_the_scalar() -> None:
    own, values = (
        dict(zip(SIX, ("1", "0.5", "0", "3", "1.25", 2), strict=True)),
        dict(zip(SIX, range(11, 17), strict=True)),
    )
    found = arrays.composite_index(NEW, {n: np.array([v]) for n, v in values.items()}, 0, weights=own)
    assert found.fraction(0) == composite.composite_index(NEW, values, weights=own).value


def test_a_composite_index_needs_all_six() -> None:
    with pytest.raises(ValueError, match=r"needs SO2, NO2, CO, O3, PM10, PM2\.5; got SO2"):
        arrays.composite_index(OLD, {"SO2": np.array([1])}, 0)
    with pytest.raises(ValueError, match="negative"):
        arrays.composite_index(OLD, {name: np.array([-1]) for name in SIX}, 0)


@given(st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=15))
def test_ranks_equal_the_scalar(figures: list[int | None]) -> None:
    by_place = {one.place: one.rank for one in ranking.rank({str(i): v for i, v in enumerate(figures)}, decimals=0)}
    expected = [by_place.get(str(i), 0) for i in range(len(figures))]
    assert arrays.rank(_array(figures)).tolist() == expected
    assert arrays.rank(np.stack([_array(figures)] * 2)).tolist() == [expected, expected]


# -- assessment -----------------------------------------------------------------------------------------------------
@given(st.lists(st.one_of(st.none(), st.integers(0, 90_000)), min_size=1, max_size=9))
def test_city_values_equal_the_scalar(stations: list[int | None]) -> None:
    found = arrays.city_value(OLD, _array(stations), 2)
    scalar = means.city_value(OLD, {str(n): one for n, one in enumerate(_ratios(stations))})
    assert (found.value.fraction(), int(found.n), bool(found.valid)) == (scalar.value, scalar.n, scalar.valid)


@given(st.sampled_from([OLD, NEW, FINAL]), st.sampled_from(SIX), st.integers(0, 20_000), st.sampled_from(["I", "II"]))
def test_attainment_equals_the_scalar(law: Regime, name: str, hundredths: int, grade: str) -> None:
    period = "8h" if name == "O3" else "day"
    values = arrays.RatioArray(np.array([hundredths, MISSING]), np.array([1, 1]), 2)
    limit = law.limit(name, period, grade)
    expected = attainment.compare(law, name, period, Fraction(hundredths, 100), limit).attains
    assert arrays.attains(law, name, values, period, grade=grade).tolist() == [expected, False]


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), min_size=1, max_size=9))
def test_changes_equal_the_scalar(pairs: list[tuple[int, int]]) -> None:
    now, before = (np.array(side) for side in zip(*pairs, strict=True))
    found = arrays.change(now, before)
    assert [found.fraction(n) for n in range(len(pairs))] == [ranking.change(a, b) if b else None for a, b in pairs]


STORM = st.lists(st.one_of(st.none(), st.integers(20, 120), st.integers(100, 900)), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None)
@given(STORM)
def test_dust_hours_equal_the_scalar(hours: list[int | None]) -> None:
    rules = dust.dust_rules(dt.date(2021, 3, 15))
    expected = dust.dust_hours(rules, [None if one is None else Fraction(one, 2) for one in hours])
    halves = _array([None if one is None else one * 5 for one in hours])  # one decimal
    assert arrays.dust_hours(rules, np.stack([halves, halves]), 1).tolist() == [expected, expected]


@pytest.mark.parametrize("module", [scale, array_index, frames])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
