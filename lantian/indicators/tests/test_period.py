"""Periods: what an address may say, and which period holds a day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.indicators import period as periods
from lantian.indicators.period import Period, PeriodError

days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))


def winter(year: int) -> tuple[dt.date, dt.date] | None:
    return (dt.date(year, 11, 1), dt.date(year + 1, 3, 31)) if year >= 2015 else None


@given(days, st.sampled_from(["day", "week", "month", "quarter", "year", "to-date"]))
def test_a_period_holds_its_day_and_survives_its_address(day, kind):
    held = periods.holding(kind, day)
    assert day in held
    assert held.kind == kind
    assert periods.parse(held.code) == held


@given(days, st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_the_period_before_ends_the_day_before(day, kind):
    held = periods.holding(kind, day)
    assert periods.before(held).end == held.start - dt.timedelta(days=1)


def test_the_year_to_date_goes_back_by_whole_months():
    until_june = periods.to_date(dt.date(2020, 6, 20))
    assert periods.before(until_june).code == "to-2020-05-31"


@pytest.mark.parametrize(
    "wrong", ["", "2020-13", "2020-02-30", "2020-W60", "2020-Q5", "20", "x", "2020-2022", "to-2020-06-31", "9999999"]
)
def test_what_is_no_period_is_refused_with_the_forms_that_are(wrong):
    with pytest.raises(PeriodError, match="is no period"):
        periods.parse(wrong, winter)


def test_seasons_come_from_the_calendar():
    assert periods.parse("2019-2020", winter) == Period(
        dt.date(2019, 11, 1), dt.date(2020, 3, 31), "season", "2019-2020"
    )
    assert periods.holding("season", dt.date(2020, 2, 1), winter).code == "2019-2020"
    assert periods.holding("season", dt.date(2020, 7, 1), winter).code == "2019-2020"
    assert periods.holding("season", dt.date(2020, 11, 1), winter).code == "2020-2021"
    with pytest.raises(PeriodError, match="calendar"):
        periods.holding("season", dt.date(2010, 1, 1), winter)


def test_the_newest_periods_stop_where_the_calendar_ends():
    assert [p.code for p in periods.last("season", dt.date(2017, 1, 1), 5, winter)] == ["2015-2016", "2016-2017"]
    assert [p.code for p in periods.last("month", dt.date(2020, 2, 5), 3)] == ["2019-12", "2020-01", "2020-02"]
    assert periods.last("season", dt.date(2010, 1, 1), 5, winter) == []


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(PeriodError):
        Period(dt.date(2020, 1, 2), dt.date(2020, 1, 1), "day", "x")


def _any_winter(year: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, 11, 1), dt.date(year + 1, 3, 31)


@pytest.mark.parametrize("odd", ["0000-0001", "9999-W52", "9999-W53", "0000", "0000-01", "0000-W01", "0000-00-00"])
def test_what_no_calendar_holds_is_no_period(odd):
    with pytest.raises(PeriodError):
        periods.parse(odd, _any_winter)
