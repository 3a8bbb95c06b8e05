"""Distributions, calendar, episodes, months, a day's hours: by hand, with invented data, and against pandas."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.air.assessing.assess import assess
from lantian.air.assessing.days import daily_values
from lantian.air.assessing.hours import Hours
from lantian.air.assessing.tally import day_indices
from lantian.air.profiles import calendar, cells, dayhours, diurnal, months, values, years
from lantian.air.profiles.rules import per_cent, rules
from lantian.observations.model import InputVersion
from lantian.standards.arrays import MISSING
from lantian.standards.levels import levels
from lantian.standards.pollutants import core_codes
from lantian.standards.regimes import regime_at, regime_named

LAW = regime_at(dt.date(2020, 1, 1))
MAY = dt.date(2020, 5, 1)  # a Friday, and the first of five days of holiday
QUIET = {"SO2": 20, "NO2": 30, "CO": 0.8, "O3": 60, "PM10": 50, "PM2.5": 35}


def hours(first=MAY, days=1, place="甲", **items):
    """Hours of one place: every pollutant quiet, those that are named as given (a number, or an array [day, hour])."""
    block = np.empty((1, 6, days, 24), dtype=np.int64)
    for n, code in enumerate(core_codes()):
        block[0, n] = np.asarray(items.get(code.replace(".", ""), QUIET[code])) * 1000
    return Hours((place,), core_codes(), first, block, InputVersion(1, 1, None))


def of(numbers, first=MAY, scale=1):
    return values.Values("X", "", scale, first, np.array(numbers, dtype=np.int64))


def mark(day, aqi, primary=()):
    level = None if aqi is None else next(one for one in levels(LAW) if aqi <= one.high)
    return calendar.DayMark(MAY + dt.timedelta(days=day), aqi, level, primary, ())


# Cells


def test_the_cell_of_some_values_by_hand():
    """1, 2, 3, 4, 10: the 25th percentile is the second value, the 95th lies 0.8 of the way from 4 to 10."""
    one = cells.cell_of(np.array([10, 2, 3, 1, 4]), 10, 6)
    assert (one.n, one.expected, one.enough) == (5, 6, True)
    assert (one.mean, one.low, one.high) == (Fraction(4, 10), Fraction(1, 10), 1)
    assert one.quantiles == {
        5: Fraction(12, 100), 25: Fraction(2, 10), 50: Fraction(3, 10), 75: Fraction(4, 10), 95: Fraction(88, 100),
    }  # fmt: skip
    assert one.capture == Fraction(500, 6)
    assert one.quantile(50) == Fraction(3, 10)


@pytest.mark.parametrize(("n", "expected", "enough"), [(3, 3, False), (4, 8, True), (4, 9, False), (0, 0, False)])
def test_too_few_values_have_no_statistics(n, expected, enough):
    one = cells.cell_of(np.arange(n), 1, expected)
    assert (one.enough, one.mean is not None, one.quantile(50) is not None) == (enough, enough, enough)
    assert one.capture == (per_cent(n, expected))


def test_hours_of_the_day():
    numbers = np.tile(np.arange(1, 25), (6, 1))
    numbers[:3, 0] = MISSING
    found = cells.by_hour(of(numbers))
    assert [found[hour].mean for hour in (2, 24)] == [2, 24]
    assert (found[1].n, found[1].expected, found[1].enough) == (3, 6, False)


def test_kinds_of_days():
    """In 2020: 1 to 5 May are off, Saturday 9 May is worked, Sunday 10 May is a Sunday; 2018 is not known."""
    kinds = [cells.day_type(dt.date(2020, 5, day)) for day in (1, 2, 5, 6, 9, 10)]
    assert kinds == ["holiday", "holiday", "holiday", "working", "working", "weekend"]
    assert cells.day_type(dt.date(2018, 10, 1)) == "working"
    assert cells.unknown_years([dt.date(2018, 1, 1), MAY]) == (2018,)
    found = cells.by_day_type(of(np.tile(np.arange(1, 11)[:, None], (1, 24))))
    assert {kind: (one.n, one.mean) for kind, one in found.items()} == {
        "working": (96, Fraction(6 + 7 + 8 + 9, 4)), "weekend": (24, 10), "holiday": (120, 3),
    }  # fmt: skip


def test_kinds_of_days_by_hour():
    numbers = np.tile(np.arange(24), (31, 1)) + np.arange(31)[:, None] * 100
    found = cells.by_day_type_hour(of(numbers))
    assert len(found) == 72
    assert sum(one.n for one in found.values()) == 31 * 24
    assert found["holiday", 1].mean == 200


def test_weekdays_and_hours():
    numbers = np.tile(np.arange(24), (35, 1))
    found = cells.by_weekday_hour(of(numbers))
    assert len(found) == 168
    assert (found[5, 1].n, found[5, 1].mean, found[1, 24].mean) == (5, 0, 23)


def test_months_of_days():
    found = cells.by_month(of(np.arange(62), first=MAY))
    assert list(found) == [(2020, 5), (2020, 6), (2020, 7)]
    assert (found[2020, 6].mean, found[2020, 7].n) == (Fraction(31 + 60, 2), 1)


NUMBERS = st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=24, max_size=24 * 60)


@given(NUMBERS)
@settings(max_examples=60, deadline=None)
def test_no_value_is_lost_and_quantiles_are_ordered(found):
    days = len(found) // 24
    numbers = np.array([MISSING if one is None else one for one in found[: days * 24]], dtype=np.int64)
    one = of(numbers.reshape(days, 24), scale=1000)
    there = int((numbers != MISSING).sum())
    for grouped in (
        cells.by_hour(one),
        cells.by_weekday_hour(one),
        cells.by_month(one),
        cells.by_day_type(one),
        cells.by_day_type_hour(one),
    ):
        assert sum(cell.n for cell in grouped.values()) == there
        assert sum(cell.expected for cell in grouped.values()) == days * 24
        for cell in grouped.values():
            if cell.enough:
                line = [cell.low, *(cell.quantile(percent) for percent in rules().percents), cell.high]
                assert line == sorted(line)
                assert cell.low <= cell.mean <= cell.high


@given(st.lists(st.integers(0, 10**6), min_size=5, max_size=200), st.integers(1, 1000))
@settings(max_examples=60, deadline=None)
def test_quantiles_equal_those_of_the_standards(found, scale):
    from lantian.standards.means import percentile

    one = cells.cell_of(np.array(found), scale, len(found))
    for percent in rules().percents:
        assert one.quantile(percent) == percentile([Fraction(each, scale) for each in found], percent)


def frame_of(one):
    index = pd.DatetimeIndex(
        [dt.datetime.combine(day, dt.time(hour)) for day in one.days for hour in range(24)], name="at"
    )
    flat = one.numbers.reshape(-1)
    return pd.Series(np.where(flat == MISSING, np.nan, flat / one.scale), index=index)


def random_values(days, seed):
    random = np.random.default_rng(seed)
    numbers = random.integers(0, 300_000, size=(days, 24))
    numbers[random.random(numbers.shape) < 0.2] = MISSING
    return of(numbers, scale=1000)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_equal_to_pandas(seed):
    one = random_values(120, seed)
    frame = frame_of(one)
    for grouped, key in (
        (cells.by_hour(one), [frame.index.hour + 1]),
        (cells.by_weekday_hour(one), [frame.index.day_of_week + 1, frame.index.hour + 1]),
        (cells.by_month(one), [frame.index.year, frame.index.month]),
    ):
        groups = frame.groupby(key)
        expected = {"mean": groups.mean(), "count": groups.count()}
        expected |= {percent: groups.quantile(percent / 100) for percent in rules().percents}
        compared = 0
        for name, cell in grouped.items():
            assert cell.n == expected["count"].loc[name]
            if cell.enough:
                assert float(cell.mean) == pytest.approx(expected["mean"].loc[name], rel=1e-12)
                for percent in rules().percents:
                    assert float(cell.quantile(percent)) == pytest.approx(expected[percent].loc[name], rel=1e-9)
                compared += 1
        assert compared


# Values


def test_hourly_values_and_the_hourly_index():
    found = hours(PM25=np.full((1, 24), 76))
    assert values.hourly(found, "甲", "CO").at(0, 5) == Fraction(8, 10)
    index = values.hourly(found, "甲", values.INDEX, LAW)
    assert (index.at(0, 0), index.unit, index.scale) == (102, "", 1)
    with pytest.raises(ValueError, match="needs the law"):
        values.hourly(found, "甲", values.INDEX)
    with pytest.raises(ValueError):
        values.hourly(found, "乙", "CO")


def test_what_is_below_zero_has_the_index_of_zero():
    """Small negative values are valid (HJ 818); the index knows none. A whole day of them must not stop a page."""
    drifted = hours(SO2=-3)
    found = values.hourly_index(LAW, drifted, "甲")
    assert found.iaqi["SO2"].tolist() == [[0] * 24]
    assert (found.aqi == 50).all(), "of PM2.5 and PM10"
    day = day_indices(daily_values(LAW, drifted))
    assert day.iaqi["SO2"].tolist() == [[0]]


def test_daily_values_are_exact_and_only_valid_ones():
    numbers = np.tile(np.arange(1, 25), (3, 1))
    found = hours(days=3, PM25=numbers)
    found.values[0, 5, 0, :4] = MISSING  # 20 hours: valid, mean of 5..24
    found.values[0, 5, 1, :5] = MISSING  # 19 hours: not valid
    one = values.daily(daily_values(LAW, found), "甲", "PM2.5")
    assert [one.at(day) for day in range(3)] == [Fraction(29, 2), None, Fraction(25, 2)]


# Calendar and episodes


def test_runs_of_bad_days():
    numbers = [90, 120, 150, None, 101, 100, 250, 250, 80, 130]
    days = [mark(n, one, ("PM2.5",) if one and one > 100 else ()) for n, one in enumerate(numbers)]
    found = calendar.episodes(days, 100)
    assert [(one.first.day, one.last.day, one.days) for one in found] == [(2, 3, 2), (5, 5, 1), (7, 8, 2), (10, 10, 1)]
    assert [(one.open_before, one.open_after) for one in found] == [
        (False, True), (True, False), (False, False), (False, True),
    ]  # fmt: skip
    assert [(one.highest, one.mean) for one in found[:3]] == [(150, 135), (101, 101), (250, 250)]
    assert [day.day for day in found[2].highest_on] == [7, 8]
    assert found[0].primary == {"PM2.5": 2}
    assert [one.first.day for one in calendar.episodes(days, 200)] == [7]
    assert [one.first.day for one in calendar.episodes(days, 100, at_least=2)] == [2, 7]
    assert calendar.episodes([], 100) == ()


def test_runs_want_consecutive_days_and_a_length():
    with pytest.raises(ValueError, match="does not follow"):
        calendar.episodes([mark(0, 90), mark(2, 90)], 100)
    with pytest.raises(ValueError, match="at least one day"):
        calendar.episodes([mark(0, 90)], 100, at_least=0)


@given(st.lists(st.one_of(st.none(), st.integers(0, 500)), max_size=80), st.integers(1, 4))
def test_episodes_hold_exactly_the_days_above(numbers, least):
    days = [mark(n, one) for n, one in enumerate(numbers)]
    found = calendar.episodes(days, 100)
    inside = {one.first + dt.timedelta(days=n) for one in found for n in range(one.days)}
    assert inside == {one.day for one in days if one.aqi is not None and one.aqi > 100}
    assert calendar.episodes(days, 100, at_least=least) == tuple(one for one in found if one.days >= least)
    for one in found:
        assert one.last - one.first == dt.timedelta(days=one.days - 1)


def test_bounds_come_from_the_law():
    assert calendar.bounds(LAW) == calendar.bounds(regime_named("2026-transition")) == (100, 200)


def test_the_calendar_says_what_is_missing():
    found = hours(days=3)
    found.values[0, 5, 1] = MISSING
    found.values[0, :, 2] = MISSING
    for name, seen in (("2012", [50, 50, None]), ("2026-transition", [50, None, None])):
        law = regime_named(name)
        days = calendar.marks(assess(daily_values(law, found), "甲").days)
        assert [one.aqi for one in days] == seen
        assert [one.measured for one in days] == [True, True, False]
        assert [one.missing for one in days] == [(), ("PM2.5",), ()]
        assert days[0].level.number == 1


# Months


def month_table(found, law=LAW):
    days = daily_values(law, found)
    return months.months(days, "甲", calendar.marks(assess(days, "甲").days))


def test_each_month_is_what_an_assessment_of_it_says():
    random = np.random.default_rng(7)
    found = hours(days=100, PM25=random.integers(5, 200, (100, 24)), O3=random.integers(5, 250, (100, 24)))
    found.values[0, 3, 40:44] = MISSING
    for one in month_table(found):
        begin, end = (one.first - MAY).days, (one.last - MAY).days + 1
        part = Hours(found.places, found.pollutants, one.first, found.values[:, :, begin:end], found.version)
        alone = assess(daily_values(LAW, part), "甲")
        assert (one.good, one.heavy, one.levels, one.primary) == (
            alone.good, alone.heavy, alone.levels, alone.primary,
        )  # fmt: skip
        assert (one.with_index, one.expected) == (alone.with_index, alone.expected)
        assert one.composite.value == alone.composite.value
        for code, item in one.items.items():
            same = alone.items[code]
            assert (item.mean, item.percentile, item.percent, item.n, item.hours) == (
                same.mean, same.percentile, same.percent, same.days, same.hours,
            )  # fmt: skip


def test_months_know_whether_they_are_whole_and_have_enough_days():
    found = hours(days=31 + 30 + 5)
    found.values[0, 5, 31 : 31 + 4] = MISSING  # June has 26 valid days of PM2.5: one too few
    may, june, july = month_table(found)
    assert [one.whole for one in (may, june, july)] == [True, True, False]
    assert [one.items["PM2.5"].enough for one in (may, june, july)] == [True, False, None]
    assert (june.items["PM2.5"].n, june.expected, june.items["CO"].enough) == (26, 30, None)
    assert june.capture("PM2.5") == Fraction(100 * 26, 30)
    assert (may.good_share, may.composite.published) == (100, pytest.approx(Fraction("3.37"), abs=1e-9))


def test_a_month_without_values():
    found = hours(days=31)
    found.values[:] = MISSING
    (may,) = month_table(found)
    assert (may.with_index, may.good_share, may.composite, may.items["O3"].mean) == (0, None, None, None)


def test_the_calendar_must_fit():
    days = daily_values(LAW, hours(days=2))
    with pytest.raises(ValueError, match="days of the arrays"):
        months.months(days, "甲", [mark(0, 50)])


# Diurnal


def test_two_periods_hour_by_hour():
    now = of(np.tile(np.arange(24) * 3, (10, 1)))
    before = of(np.tile(np.arange(24) * 2, (10, 1)), first=dt.date(2019, 5, 1))
    found = diurnal.compare_hours(now, before)
    assert [one.hour for one in found] == list(range(1, 25))
    assert (found[10].difference, found[10].change) == (10, 50)
    assert (found[0].difference, found[0].change) == (0, None)  # before it was 0: no change can be told
    few = diurnal.compare_hours(now, of(np.tile(np.arange(24), (2, 1))))
    assert {(one.difference, one.change) for one in few} == {(None, None)}
    with pytest.raises(ValueError, match="cannot be compared"):
        diurnal.compare_hours(now, values.Values("Y", "", 1, MAY, now.numbers))


# A day's hours


def test_the_hours_of_a_day_by_hand():
    """The day before has PM2.5 of 100 all day, the day 40; hour 1 slides over 23 hours of 100 and one of 40."""
    numbers = np.vstack([np.full(24, 100), np.full(24, 40)])
    found = hours(days=2, PM25=numbers, O3=np.vstack([np.zeros(24), np.arange(1, 25) * 10]))
    got = dayhours.hours_of_day(LAW, found, "甲")
    assert [one.hour for one in got] == list(range(1, 25))
    assert (got[0].ends, got[23].ends) == (dt.datetime(2020, 5, 2, 1), dt.datetime(2020, 5, 3))
    assert got[0].sliding["PM2.5"].value == Fraction(23 * 100 + 40, 24)
    assert got[23].sliding["PM2.5"].value == 40
    assert got[7].sliding["O3"].value == Fraction(sum(range(1, 9)) * 10, 8)
    assert (got[0].sliding["O3"].value, got[0].sliding["O3"].n, got[0].sliding["O3"].length) == (Fraction(10, 8), 8, 8)
    assert (got[0].aqi, got[0].primary, got[0].level.number) == (57, ("PM2.5",), 2)
    assert got[0].values["CO"] == Fraction(8, 10)


def test_hours_that_are_missing():
    found = hours(days=2)
    found.values[0, 5, 1, 10] = MISSING
    found.values[0, :, 1, 11] = MISSING
    found.values[0, 3, 1, 15:20] = MISSING
    got = dayhours.hours_of_day(LAW, found, "甲")
    assert (got[10].values["PM2.5"], got[10].aqi) == (None, 50)
    assert (got[11].aqi, got[11].level, got[11].primary) == (None, None, ())
    assert (got[11].sliding["PM2.5"].n, got[11].sliding["PM2.5"].value) == (22, 35)
    assert (got[19].sliding["O3"].n, got[19].sliding["O3"].value, got[19].sliding["O3"].needed) == (3, None, 6)
    hidden = dayhours.hours_of_day(regime_named("2026-transition"), found, "甲")[10]
    assert (hidden.aqi, hidden.highest) == (None, 50)


def test_hours_that_are_not_over_have_no_sliding_mean():
    found = hours(days=2)
    found.values[0, :, 1, 9:] = MISSING
    got = dayhours.hours_of_day(LAW, found, "甲")
    assert got[8].sliding["PM2.5"].value == 35
    # 23 of the 24 hours before are there, but nobody has measured hour 10 yet.
    assert (got[9].sliding["PM2.5"].n, got[9].sliding["PM2.5"].value) == (23, None)


def test_a_day_needs_the_day_before():
    with pytest.raises(ValueError, match="the day before"):
        dayhours.hours_of_day(LAW, hours(), "甲")


def test_the_index_of_the_hours_is_the_index_of_the_scalar_law():
    from lantian.standards.air_index import aqi

    random = np.random.default_rng(3)
    found = hours(days=2, PM25=random.integers(1, 600, (2, 24)), O3=random.integers(1, 400, (2, 24)))
    for one in dayhours.hours_of_day(LAW, found, "甲"):
        alone = aqi(LAW, "hour", one.values)
        assert (one.aqi, set(one.primary), one.level) == (alone.aqi, set(alone.primary), alone.level)


# Values that follow each other, and values in another reference state


def test_values_are_joined_day_by_day():
    first = values.Values("X", "", 2, MAY, np.array([1, MISSING]))
    second = values.Values("X", "", 3, MAY + dt.timedelta(days=2), np.array([1]))
    joined = values.Values.joined([first, second])
    assert [joined.at(n) for n in range(3)] == [Fraction(1, 2), None, Fraction(1, 3)]
    assert joined.days[-1] == dt.date(2020, 5, 3)
    for wrong in (values.Values("Y", "", 1, MAY + dt.timedelta(days=2), np.array([1])), first):
        with pytest.raises(ValueError, match="does not follow"):
            values.Values.joined([first, wrong])


def test_gases_are_restated_hour_by_hour_and_particles_are_not():
    """On 31 August 2018 gases still stood for 273 K, the day after for 298 K: 60 then is 60 x 273.15 / 298.15."""
    found = hours(first=dt.date(2018, 8, 31), days=2, NO2=np.full((2, 24), 60), PM10=np.full((2, 24), 60))
    found.values[0, 1, 0, 5] = MISSING
    like = dt.date(2019, 5, 1)
    gas = years.restated_values(values.hourly(found, "甲", "NO2"), like)
    assert (gas.at(0, 0), gas.at(0, 5), gas.at(1, 0)) == (Fraction(60 * 27315, 29815), None, 60)
    dust = values.hourly(found, "甲", "PM10")
    assert years.restated_values(dust, like) is dust
    later = values.hourly(hours(), "甲", "NO2")
    assert years.restated_values(later, MAY) is later


def test_pairs():
    assert years.Pair(Fraction(3), Fraction(4)).change == -25
    assert years.Pair(Fraction(3), Fraction(0)).change is None
    assert years.Pair(None, Fraction(4)).change is None
