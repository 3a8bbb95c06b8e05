"""Periods in an address: what they mean, their neighbours, and texts that are none."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.air.profiles.period import LONGEST, Period, PeriodError, own_period, period_of, read_period


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2020", "year", "2020-01-01", "2020-12-31"),
        ("2020-Q2", "quarter", "2020-04-01", "2020-06-30"),
        ("2020-q4", "quarter", "2020-10-01", "2020-12-31"),
        ("2020-02", "month", "2020-02-01", "2020-02-29"),
        (" 2020-05-03..2020-05-09 ", "own", "2020-05-03", "2020-05-09"),
        ("2020-05-01..2020-05-31", "month", "2020-05-01", "2020-05-31"),
        ("2020-07-01..2020-09-30", "quarter", "2020-07-01", "2020-09-30"),
        ("2020-01-01..2020-12-31", "year", "2020-01-01", "2020-12-31"),
    ],
)
def test_texts_that_name_a_period(text, kind, first, last):
    found = read_period(text)
    assert (found.kind, str(found.first), str(found.last)) == (kind, first, last)
    assert read_period(found.text) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "form"), ("may", "form"), ("2020-5", "form"), ("2020-Q5", "form"), ("2020-13", "day"), ("0999", "form"),
        ("２０２０", "form"), ("²020", "form"), ("2020-02-30..2020-03-01", "day"), ("2020-03-02..2020-03-01", "order"),
        ("2000-01-01..2020-01-01", "long"), ("2020-05-01", "form"), ("9" * 5000, "form"), ("2020-00", "day"),
    ],
)  # fmt: skip
def test_texts_that_name_none(text, reason):
    with pytest.raises(PeriodError) as error:
        read_period(text)
    assert error.value.reason == reason


def test_the_longest_period_that_is_taken():
    first = dt.date(2018, 3, 1)
    assert own_period(first, first + dt.timedelta(days=LONGEST - 1)).days == LONGEST
    with pytest.raises(PeriodError):
        own_period(first, first + dt.timedelta(days=LONGEST))


def test_neighbours():
    def texts(text):
        one = read_period(text)
        return one.previous().text, one.following().text, one.year_before().text

    assert texts("2020") == ("2019", "2021", "2019")
    assert texts("2020-Q1") == ("2019-Q4", "2020-Q2", "2019-Q1")
    assert texts("2020-01") == ("2019-12", "2020-02", "2019-01")
    assert texts("2020-05-03..2020-05-09") == (
        "2020-04-26..2020-05-02", "2020-05-10..2020-05-16", "2019-05-03..2019-05-09",
    )  # fmt: skip


def test_a_year_before_in_february():
    """The end of the month stays its end; 29 February alone becomes the 28th."""
    assert read_period("2021-02").year_before().last == dt.date(2020, 2, 29)
    assert read_period("2020-02").year_before().last == dt.date(2019, 2, 28)
    assert read_period("2020-02-29..2020-02-29").year_before().text == "2019-02-28..2019-02-28"
    assert read_period("2021-02-28..2021-02-28").year_before().text == "2020-02-28..2020-02-28"


def test_a_period_up_to_a_day():
    year = read_period("2020")
    assert year.until(dt.date(2020, 6, 30)) == Period("year", dt.date(2020, 1, 1), dt.date(2020, 6, 30))
    assert year.until(dt.date(2021, 1, 1)) is year
    assert year.until(dt.date(2019, 1, 1)) is year


DAYS = st.dates(dt.date(1001, 1, 1), dt.date(2998, 12, 31))


@given(DAYS, st.sampled_from(["month", "quarter", "year"]))
def test_whole_periods_meet_and_come_back(day, kind):
    one = period_of(kind, day)
    assert one.first <= day <= one.last
    assert one.following().first - one.last == dt.timedelta(days=1)
    assert one.following().previous() == one
    assert read_period(one.text) == one


@given(DAYS, st.integers(0, LONGEST - 1))
def test_periods_of_ones_own_keep_their_text(first, length):
    one = own_period(first, min(first + dt.timedelta(days=length), dt.date(2999, 12, 31)))
    assert read_period(one.text) == one
    assert one.days >= 1


def test_only_known_kinds():
    with pytest.raises(ValueError, match="not in 'week'"):
        period_of("week", dt.date(2020, 1, 1))
