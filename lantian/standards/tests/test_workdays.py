"""Working days against counts that the notices themselves imply."""

import datetime as dt

import pytest

from lantian.standards.workdays import days_between, is_working_day, national_years, read_years

# For example 2020: 366 days - 104 weekend days - 19 weekdays off + 6 weekend days worked, counted by hand.
WORKING_DAYS = {2020: 249, 2021: 250, 2024: 251, 2025: 248, 2026: 248}


@pytest.mark.parametrize(("year", "count"), WORKING_DAYS.items())
def test_number_of_working_days_of_a_year(year: int, count: int) -> None:
    days = days_between(dt.date(year, 1, 1), dt.date(year, 12, 31))
    assert sum(is_working_day(day) for day in days) == count


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2020-01-19", True),  # a Sunday worked for the Spring Festival
        ("2020-01-31", False),  # the extension of 2020
        ("2020-02-01", False),  # first arranged as worked, then cancelled
        ("2020-04-03", True),
        ("2020-04-06", False),
        ("2020-10-10", True),
        ("2020-10-11", False),
    ],
)
def test_days_of_2020(day: str, worked: bool) -> None:
    assert is_working_day(dt.date.fromisoformat(day)) is worked


def test_an_unknown_year_has_weekends_only() -> None:
    assert 2031 not in national_years()
    assert is_working_day(dt.date(2031, 10, 1))
    assert not is_working_day(dt.date(2031, 10, 4))


HEAD = '[[year]]\nyear = 2020\nsource = "s"\nconfidence = "V"\n'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("holidays = [{ from = 2019-12-31, until = 2020-01-01 }]\nworked = []\n", "another year"),
        ("holidays = [{ from = 2020-01-01, until = 2020-01-01 }]\nworked = [2020-01-01]\n", "both off and worked"),
        ("holidays = []\nworked = []\n" + HEAD + "holidays = []\nworked = []\n", "twice"),
    ],
)
def test_contradictions_are_refused(body: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_years(HEAD + body)
