"""Means, percentiles, attainment, composite index, ranking, dust, reference states, budgets: worked cases and published figures."""

import datetime as dt
import doctest
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.standards import attainment, budget, dust, means, reference_state
from lantian.standards.attainment import assessed, day_attainment, grade_of, year_attainment
from lantian.standards.budget import allowed_mean, good_days_for_share, good_days_needed
from lantian.standards.dust import DustDay, deduct, deducts_for, dust_day, dust_hours, dust_rules
from lantian.standards.means import (
    assessed_percentile,
    city_value,
    day_mean,
    eight_hour_means,
    mda8,
    percentile,
    year_validity,
)
from lantian.standards.provenance import uncertain, weakest
from lantian.standards.reference_state import NotConvertibleError, conversion_factor, to_state_of
from lantian.standards.regimes import regime_named
from lantian.standards.tables import Confidence, NoSuchEntryError, OutOfForceError

OLD, NEW, FINAL = regime_named("2012"), regime_named("2026-transition"), regime_named("2026-final")
DATA = Path(__file__).parent / "data"
SIX = ["SO2", "NO2", "CO", "O3", "PM10", "PM2.5"]


# -- daily values ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("hours", "valid"), [(24, True), (20, True), (19, False), (0, False)])
def test_a_daily_mean_needs_twenty_hours(hours: int, valid: bool) -> None:
    day = day_mean(OLD, "PM2.5", [10] * hours + [None] * (24 - hours))
    assert (day.value, day.n, day.expected, day.valid) == (Fraction(10) if hours else None, hours, 24, valid)
    assert day.counted == (10 if valid else None)
    with pytest.raises(ValueError, match=r"24 hourly values .* not 23"):
        day_mean(OLD, "PM2.5", [1] * 23)
    with pytest.raises(NoSuchEntryError):
        day_mean(OLD, "O3", [1] * 24)


def test_windows_end_at_hours_eight_to_twenty_four() -> None:
    hours = [None] * 7 + [80] + [None] * 15 + [16]
    assert eight_hour_means(OLD, hours) == [None] * 17
    rising = list(range(1, 25))
    windows = eight_hour_means(OLD, rising)
    assert (len(windows), windows[0], windows[-1]) == (17, Fraction(36, 8), Fraction(164, 8))
    six_of_eight = [None, None, *[60] * 6, *[None] * 16]
    assert eight_hour_means(OLD, six_of_eight)[0] == 60
    assert eight_hour_means(OLD, [None, *six_of_eight[:-1]])[:2] == [None, 60]


def test_the_daily_maximum_needs_fourteen_windows_unless_it_exceeds_the_limit() -> None:
    full = mda8(OLD, [100] * 24)
    assert (full.value, full.n, full.expected, full.valid) == (100, 17, 17, True)
    # with the first k hours alone, windows that hold 6 of them end at hours 8 .. k + 2
    for present, windows in ((19, 14), (18, 13)):
        one = mda8(OLD, [100] * present + [None] * (24 - present))
        assert (one.n, one.valid) == (windows, windows >= 14)
    above = mda8(OLD, [161] * 10 + [None] * 14)
    assert (above.valid, weakest(above)) == (True, Confidence.RECALLED_HIGH)
    assert not mda8(OLD, [160] * 10 + [None] * 14).valid
    assert mda8(OLD, [101] * 10 + [None] * 14, grade="I").valid
    assert mda8(OLD, [None] * 24).value is None


def test_percentiles_by_hand() -> None:
    year = list(range(1, 366))
    assert percentile(year, 98) == Fraction("357.72")  # k = 1 + 364 * 0.98 = 357.72
    assert percentile([*year, None], 95) == Fraction("346.8")
    assert percentile([7], 90) == 7
    assert percentile([None], 90) is None
    with pytest.raises(ValueError):
        percentile([1], 101)
    assert assessed_percentile(OLD, "O3", [10, 20, None]).value == 19
    assert [means.percent_of(NEW, name) for name in SIX] == [98, 98, 95, 90, 95, 95]


@given(st.lists(st.integers(0, 500), min_size=1), st.integers(0, 100), st.permutations(range(5)))
def test_percentiles_are_bounded_and_do_not_mind_the_order(values: list[int], percent: int, order: list[int]) -> None:
    found = percentile(values, percent)
    assert found is not None
    assert min(values) <= found <= max(values)
    assert percentile(sorted(values, key=lambda one: order[one % 5]), percent) == found
    assert percentile([one * 3 for one in values], percent) == found * 3


def test_a_year_needs_324_days_and_27_a_month() -> None:
    days = [dt.date(2021, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    assert year_validity(OLD, "SO2", 2021, days).valid
    without = [day for day in days if not (day.month == 6 and day.day <= 4)]
    assert year_validity(OLD, "SO2", 2021, without).short == (6,)
    february = [day for day in days if not (day.month == 2 and day.day <= 3)]
    assert year_validity(OLD, "PM2.5", 2021, february).valid
    thin = [day for day in days if day.day <= 27 and day.month != 1]
    assert year_validity(OLD, "PM2.5", 2021, thin).short == (0, 1)
    assert year_validity(OLD, "BaP", 2021, [day for day in days if day.day <= 5]).valid
    with pytest.raises(ValueError, match="2021-01-01 is not in 2020"):
        year_validity(OLD, "SO2", 2020, days)
    assert uncertain(year_validity(NEW, "SO2", 2026, [])) == ()


def test_months_and_hours() -> None:
    assert [means.month_valid(OLD, "PM10", 2021, month, days) for month, days in ((1, 27), (1, 26), (2, 25), (2, 24))] == [
        True, False, True, False,
    ]  # fmt: skip
    assert means.month_valid(OLD, "Pb", 2021, 2, 5)
    with pytest.raises(ValueError, match="2021-02 cannot have 29"):
        means.month_valid(OLD, "PM10", 2021, 2, 29)
    assert [means.hour_valid(NEW, "SO2", minutes) for minutes in (45, 44)] == [True, False]


def test_a_city_is_the_mean_of_three_quarters_of_its_stations() -> None:
    four = {"1": 10, "2": "20", "3": Fraction(30), "4": None}
    assert (city_value(OLD, four).value, city_value(OLD, four).valid) == (20, True)
    assert not city_value(OLD, {**four, "3": None}).valid
    assert not city_value(OLD, {"1": 1, "2": 1, "3": None}).valid
    assert weakest(city_value(NEW, four)) is Confidence.RECALLED_LOW
    with pytest.raises(ValueError):
        city_value(OLD, {})


# -- attainment -----------------------------------------------------------------------------------------------------
DAY = {"SO2": 150, "NO2": 80, "CO": 4, "O3": 160, "PM10": 150, "PM2.5": 75}


def test_a_day_that_reaches_every_limit_attains() -> None:
    assert day_attainment(OLD, DAY, grade="II").attains is True
    worse = day_attainment(OLD, {**DAY, "PM2.5": "75.6"}, grade="II")
    assert (worse.attains, worse.exceeding) == (False, ("PM2.5",))
    compared = worse.items["PM2.5"].comparisons[0]
    assert (compared.value, compared.limit.value, compared.multiple) == (76, 75, Decimal("0.01"))
    assert day_attainment(OLD, {**DAY, "PM2.5": "75.5"}, grade="II").attains is False  # 75.5 rounds to 76
    assert day_attainment(OLD, {**DAY, "PM2.5": "75.49"}, grade="II").attains is True
    assert day_attainment(NEW, DAY, grade="II").exceeding == ("PM10", "PM2.5")
    assert day_attainment(FINAL, DAY, grade="II").exceeding == ("SO2", "NO2", "PM10", "PM2.5")
    assert day_attainment(OLD, DAY, grade="I").exceeding == ("SO2", "O3", "PM10", "PM2.5")
    assert day_attainment(OLD, {**DAY, "CO": None}, grade="II").attains is None
    assert day_attainment(OLD, {**DAY, "CO": None, "SO2": 200}, grade="II").attains is False
    assert day_attainment(OLD, {**DAY, "TSP": 301}, grade="II").exceeding == ("TSP",)
    with pytest.raises(ValueError, match="negative"):
        day_attainment(OLD, {"SO2": -1}, grade="II")


YEAR = {"SO2": 60, "NO2": 40, "PM10": 70, "PM2.5": 35}


def test_a_year_needs_the_mean_and_the_percentile() -> None:
    assert year_attainment(OLD, YEAR, DAY, grade="II").attains is True
    high = year_attainment(OLD, YEAR, {**DAY, "PM10": 151}, grade="II")
    assert (high.attains, high.exceeding) == (False, ("PM10",))
    assert [(one.statistic, one.attains) for one in high.items["PM10"].comparisons] == [
        ("mean", True), ("percentile", False),
    ]  # fmt: skip
    assert [one.statistic for one in high.items["CO"].comparisons] == ["percentile"]
    assert year_attainment(OLD, {}, DAY, grade="II").items["SO2"].missing == ("mean",)
    assert year_attainment(OLD, {}, DAY, grade="II").attains is None
    assert year_attainment(NEW, YEAR, DAY, grade="II").exceeding == ("PM10", "PM2.5")
    assert all(one.source.startswith("GB 3095-2026") or one.source != "GB 3095-2012" for one in uncertain(high))


def test_the_class_of_sulphur_dioxide() -> None:
    assert [grade_of(OLD, "SO2", "year", value) for value in (0, "20.5", "20.51", 60, 61)] == [
        "I",
        "I",
        "II",
        "II",
        None,
    ]
    assert grade_of(FINAL, "SO2", "year", 20) == "I"
    assert grade_of(FINAL, "SO2", "year", 21) is None
    assert str(assessed(OLD, "CO", "1.25")) == "1.2"
    assert str(assessed(NEW, "PM2.5", "28.05")) == "28.0"
    assert attainment.has_limit(OLD, "SO2", "hour")
    assert not attainment.has_limit(OLD, "PM2.5", "hour")


def test_days_and_rates() -> None:
    assert [attainment.good_day(OLD, one) for one in (100, 101)] == [True, False]
    assert [attainment.heavy_day(OLD, one) for one in (200, 201)] == [False, True]
    assert attainment.rate(OLD, 276, 364) == Decimal("75.8")
    for part, whole in ((1, 0), (5, 4), (-1, 4)):
        with pytest.raises(ValueError):
            attainment.rate(OLD, part, whole)


# -- dust -----------------------------------------------------------------------------------------------------------
RULES = dust_rules(dt.date(2021, 3, 15))


@pytest.mark.parametrize(
    ("hours", "marks"),
    [
        ([80] * 6 + [160, 160], "00000011"),  # twice the mean, above 150
        ([80] * 6 + [159], "0000000"),  # less than twice
        ([70] * 6 + [150], "0000000"),  # not above 150
        ([70] * 6 + [151, 78, 77], "000000110"),  # ends within 10 % of the mean before: 77
        ([70, None, None, None, 70, 70, 151], "0000001"),
        ([70, None, None, None, None, 70, 151], "0000000"),  # two hours before are too few
        ([70] * 6 + [200, None, 70], "000000110"),
        ([200], "0"),
    ],
)
def test_dust_hours(hours: list[int | None], marks: str) -> None:
    assert "".join(str(int(one)) for one in dust_hours(RULES, hours)) == marks


def test_dust_takes_the_particles_only() -> None:
    marks = [False, True]
    series = {"PM10": [1, 2], "PM2.5": [3, 4], "SO2": [5, 6]}
    assert deduct(RULES, series, marks) == {"PM10": [1, None], "PM2.5": [3, None], "SO2": [5, 6]}
    with pytest.raises(ValueError):
        deduct(RULES, series, [True])


def test_what_a_storm_leaves_of_a_day() -> None:
    day = [50] * 24
    assert dust_day([False] * 24, day, needed=20) is DustDay.NONE
    assert dust_day([True] * 4 + [False] * 20, day, needed=20) is DustDay.HOURS
    assert dust_day([True] * 5 + [False] * 19, day, needed=20) is DustDay.DAY
    assert [deducts_for(RULES, figure) for figure in ("means", "composite", "good_days", "heavy_days")] == [
        True, True, False, False,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="known: means, composite, good_days"):
        deducts_for(RULES, "rank")
    with pytest.raises(OutOfForceError):
        dust_rules(dt.date(2016, 12, 31))
    assert all(one.confidence is Confidence.RECALLED_LOW for one in dust_rules(dt.date(2026, 3, 1)))


# -- reference states -----------------------------------------------------------------------------------------------
BEFORE, AFTER = dt.date(2018, 8, 31), dt.date(2018, 9, 1)


def test_gases_are_brought_to_one_basis() -> None:
    assert conversion_factor("SO2", BEFORE, AFTER) == Fraction(27315, 29815)
    assert to_state_of("NO2", 50, measured=BEFORE, like=AFTER) == Fraction(50 * 27315, 29815)
    assert conversion_factor("O3", AFTER, BEFORE) * conversion_factor("O3", BEFORE, AFTER) == 1
    assert conversion_factor("CO", AFTER, dt.date(2026, 3, 1)) == 1
    assert conversion_factor("PM10", AFTER, dt.date(2027, 1, 1)) == 1
    assert conversion_factor("PM10", dt.date(2017, 1, 1), BEFORE) == 1
    with pytest.raises(NotConvertibleError, match="temperature and pressure of each hour"):
        to_state_of("PM2.5", 50, measured=BEFORE, like=AFTER)
    with pytest.raises(OutOfForceError):
        conversion_factor("SO2", dt.date(2015, 1, 1), AFTER)


# -- what the rest of the year may have -----------------------------------------------------------------------------
def test_the_mean_that_the_rest_of_the_year_may_have() -> None:
    assert allowed_mean(35, 40, 200, 165).mean == Fraction(35 * 365 - 40 * 200, 165)
    assert allowed_mean(35, None, 0, 365).mean == 35
    assert allowed_mean(35, 40, 320, 45).reachable is False
    assert (allowed_mean(35, 35, 365, 0).met, allowed_mean(35, "35.1", 365, 0).met) == (True, False)
    # whole µg/m3: 35.5 becomes 36 (even), 34.5 becomes 34
    odd, even = allowed_mean(35, 35, 100, 100, decimals=0), allowed_mean(34, 34, 100, 100, decimals=0)
    assert (odd.mean, odd.inclusive, even.mean, even.inclusive) == (36, False, 35, True)
    assert allowed_mean("35.7", 35, 1, 1, decimals=0).mean == 36
    for wrong in ((35, None, 5, 5), (35, 5, 0, 5), (35, -1, 5, 5), (-1, 5, 5, 5), (35, 5, 5, -1), (35, None, 0, 0)):
        with pytest.raises(ValueError):
            allowed_mean(*wrong)


@given(
    st.integers(0, 80), st.integers(0, 12000), st.integers(1, 365), st.integers(1, 365), st.sampled_from([None, 0, 1])
)
def test_the_allowance_is_exactly_what_keeps_the_target(
    target: int, hundredths: int, done: int, left: int, decimals: int | None
) -> None:
    from lantian.standards.rounding import round_half_even

    so_far = Fraction(hundredths, 100)
    found = allowed_mean(target, so_far, done, left, decimals=decimals)
    assert found.mean is not None

    def year(rest: Fraction) -> Fraction:
        mean = (so_far * done + rest * left) / (done + left)
        return mean if decimals is None else Fraction(round_half_even(mean, decimals))

    tiny = Fraction(1, 10**9)
    assert year(found.mean - tiny) <= target < year(found.mean + tiny)
    assert (year(found.mean) <= target) == found.inclusive


def test_good_days() -> None:
    assert (good_days_needed(292, 180, 100).spare, good_days_needed(292, 180, 100).reachable) == (-12, False)
    assert good_days_needed(100, 180, 5).needed == 0
    assert good_days_for_share(80, 180, 240, 125).needed == 112  # 292 of 365
    assert good_days_for_share("80.1", 0, 0, 365).needed == 293
    assert good_days_for_share("80.1", 0, 0, 365, decimals=1).needed == 293  # 292 of 365 is 80.0
    assert good_days_for_share(80, 0, 0, 366, decimals=0).needed == 291  # 79.508 rounds to 80; 290 is 79.23
    for wrong in ((101, 0, 0, 1), (80, 5, 4, 1), (80, 1, 1, -1)):
        with pytest.raises(ValueError):
            good_days_for_share(*wrong)
    with pytest.raises(ValueError):
        good_days_needed(-1, 0, 0)


@given(
    st.integers(0, 1000), st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.sampled_from([None, 0, 1])
)
def test_fewer_good_days_would_miss_the_share(
    tenths: int, good: int, bad: int, left: int, decimals: int | None
) -> None:
    from lantian.standards.rounding import round_half_even

    target, whole = Fraction(tenths, 10), good + bad + left
    needed = good_days_for_share(target, good, good + bad, left, decimals=decimals).needed
    if not whole:
        return

    def share(extra: int) -> Fraction:
        exact = Fraction(100 * (good + extra), whole)
        return exact if decimals is None else Fraction(round_half_even(exact, decimals))

    assert share(needed) >= target
    assert needed == 0 or share(needed - 1) < target


@pytest.mark.parametrize("module", [attainment, budget, dust, means, reference_state])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
