"""Heating seasons, dispatch days and working days."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.city.pack.calendar import Calendar, Dispatch, HeatingSeason, LocalDays, Publicity
from lantian.standards.tables import Confidence

SURE = Confidence.VERIFIED


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


SEASONS = (
    HeatingSeason((11, 15), (3, 15), None, day("2019-12-31"), "old", SURE),
    HeatingSeason((11, 1), (3, 31), day("2020-01-01"), None, "new", SURE),
)


def calendar(**changes: object) -> Calendar:
    values = {
        "heating_seasons": SEASONS,
        "dispatch": Dispatch(20, 25, 31, "s", SURE),
        "publicity": Publicity(5, True, "s", SURE),
        "weekend": (6, 7),
        "local_days": (LocalDays(day("2020-09-16"), day("2020-09-16"), False, "市庆", "City day"),),
    }
    return Calendar(**{**values, **changes})  # type: ignore[arg-type]


def test_the_season_in_force_in_its_year() -> None:
    assert calendar().heating_season(2019) == (day("2019-11-15"), day("2020-03-15"))
    assert calendar().heating_season(2020) == (day("2020-11-01"), day("2021-03-31"))
    late = calendar(heating_seasons=SEASONS[1:])
    with pytest.raises(LookupError, match="begins in 2019"):
        late.heating_season(2019)


@pytest.mark.parametrize(
    ("text", "heated"),
    [
        ("2020-03-15", True),
        ("2020-03-16", False),
        ("2020-10-31", False),
        ("2020-11-01", True),
        ("2021-03-31", True),
        ("2021-04-01", False),
    ],
)
def test_days_in_the_season(text: str, heated: bool) -> None:
    assert calendar().in_heating_season(day(text)) is heated


def test_days_before_any_known_season_are_not_heated() -> None:
    assert not calendar(heating_seasons=SEASONS[1:]).in_heating_season(day("2019-12-01"))


def test_a_season_inside_one_year() -> None:
    south = HeatingSeason((1, 5), (2, 20), None, None, "s", SURE)
    assert south.beginning_in(2020) == (day("2020-01-05"), day("2020-02-20"))


def test_dispatch_days_stay_inside_their_month() -> None:
    assert calendar().dispatch_days(2020, 2) == (day("2020-02-20"), day("2020-02-25"), day("2020-02-29"))
    assert calendar().dispatch_days(2020, 12)[2] == day("2020-12-31")


def test_publicity_in_working_and_in_calendar_days() -> None:
    # 28-30 September, then the holidays of 1-8 October, then Friday 9 and the worked Saturday 10.
    assert calendar().publicity_ends(day("2020-09-27")) == day("2020-10-10")
    plain_days = calendar(publicity=Publicity(7, False, "s", SURE))
    assert plain_days.publicity_ends(day("2020-09-28")) == day("2020-10-05")


def test_local_days_come_before_the_countrys() -> None:
    assert not calendar().is_working_day(day("2020-09-16"))
    assert calendar(local_days=()).is_working_day(day("2020-09-16"))


def test_years_without_an_arrangement_are_known_to_be_so() -> None:
    assert calendar().knows_holidays(2020)
    assert not calendar().knows_holidays(2040)


@given(st.dates(day("2018-01-01"), day("2030-12-31")), st.integers(0, 30))
def test_working_days_add_up(start: dt.date, count: int) -> None:
    one = calendar()
    end = one.add_working_days(start, count)
    between = [start + dt.timedelta(n) for n in range(1, (end - start).days + 1)]
    assert sum(one.is_working_day(value) for value in between) == count
    assert count == 0 or one.is_working_day(end)
