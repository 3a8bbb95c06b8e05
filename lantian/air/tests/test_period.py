"""Periods in an address: what they mean, their neighbours, and texts that are none."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.air.assessing.periods import Period
from lantian.air.profiles.period import LENGTHS, LONGEST, PeriodError, after, around, before, read_period, until


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2020", "year", "2020-01-01", "2020-12-31"),
        ("2020H1", "half-year", "2020-01-01", "2020-06-30"),
        ("2020Q2", "quarter", "2020-04-01", "2020-06-30"),
        ("2020-q4", "quarter", "2020-10-01", "2020-12-31"),
        ("2020-02", "month", "2020-02-01", "2020-02-29"),
        (" 2020-05-03..2020-05-09 ", "other", "2020-05-03", "2020-05-09"),
        ("2020-05-01..2020-05-31", "month", "2020-05-01", "2020-05-31"),
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
        ("", "form"), ("may", "form"), ("2020-5", "form"), ("2020Q5", "form"), ("2020-13", "day"), ("0999", "form"),
        ("２０２０", "form"), ("²020", "form"), ("2020-02-30..2020-03-01", "day"), ("2020-03-02..2020-03-01", "order"),
        ("2000-01-01..2020-01-01", "long"), ("2020-05-01", "form"), ("9" * 5000, "form"), ("2020-00", "day"),
        ("2020H3", "day"), ("1989", "range"), ("2100-01", "range"), ("2099-12-31..2100-01-01", "range"),
    ],
)  # fmt: skip
def test_texts_that_name_none(text, reason):
    with pytest.raises(PeriodError) as error:
        read_period(text)
    assert error.value.reason == reason


def test_the_longest_period_that_is_taken():
    first = dt.date(2018, 3, 1)
    assert read_period(f"{first}..{first + dt.timedelta(days=LONGEST - 1)}").days == LONGEST
    with pytest.raises(PeriodError):
        read_period(f"{first}..{first + dt.timedelta(days=LONGEST)}")


@pytest.mark.parametrize(
    ("text", "earlier", "later"),
    [
        ("2020", "2019", "2021"),
        ("2020H1", "2019H2", "2020H2"),
        ("2020Q1", "2019Q4", "2020Q2"),
        ("2020-01", "2019-12", "2020-02"),
        ("2020-05-03..2020-05-09", "2020-04-26..2020-05-02", "2020-05-10..2020-05-16"),
    ],
)
def test_neighbours(text, earlier, later):
    one = read_period(text)
    assert (before(one).text, after(one).text) == (earlier, later)


def test_a_period_up_to_a_day():
    year = read_period("2020")
    assert until(year, dt.date(2020, 6, 20)) == Period(dt.date(2020, 1, 1), dt.date(2020, 6, 20))
    assert until(year, dt.date(2021, 1, 1)) is year
    assert until(year, dt.date(2019, 1, 1)) is year


DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31))


@given(DAYS, st.sampled_from(sorted(LENGTHS)))
def test_whole_periods_meet_and_come_back(day, kind):
    one = around(kind, day)
    assert one.first <= day <= one.last
    assert one.kind == kind
    assert after(one).first - one.last == dt.timedelta(days=1)
    assert before(after(one)) == one
    assert read_period(one.text) == one


@given(DAYS, st.integers(0, LONGEST - 1))
def test_periods_of_any_days_keep_their_text_and_their_neighbours_meet(first, length):
    one = Period(first, min(first + dt.timedelta(days=length), dt.date(2099, 12, 31)))
    assert read_period(one.text) == one
    assert before(one).last == one.first - dt.timedelta(days=1)
    assert after(one).first == one.last + dt.timedelta(days=1)


def test_only_known_kinds():
    with pytest.raises(ValueError, match="not in 'week'"):
        around("week", dt.date(2020, 1, 1))
