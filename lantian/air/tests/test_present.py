"""The air now: newest hours, what is late, the day that led here; by hand."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest

from lantian.air.assessing.hours import Hours
from lantian.air.profiles.present import LATE, NONE, OLD, PRESENT, days_for, hour_due, present
from lantian.observations.model import InputVersion
from lantian.standards.arrays import MISSING
from lantian.standards.pollutants import core_codes
from lantian.standards.regimes import regime_at

DAY = dt.date(2020, 6, 18)  # the first of three days
NOON = dt.datetime(2020, 6, 20, 12, 30)
QUIET = {"SO2": 20, "NO2": 30, "CO": 0.8, "O3": 60, "PM10": 50, "PM2.5": 35}


def three_days(until=60, first=DAY, **items):
    """Three days of one place, hours there up to the hour number `until` (1 is the first day's first)."""
    block = np.full((1, 6, 3, 24), MISSING, dtype=np.int64)
    for n, code in enumerate(core_codes()):
        block[0, n].reshape(-1)[:until] = items.get(code.replace(".", ""), QUIET[code]) * 1000
    return Hours(("甲",), core_codes(), first, block, InputVersion(1, 1, None))


def test_the_hour_that_is_due_is_the_last_full_one_less_the_time_to_publish():
    law = regime_at(DAY)
    assert hour_due(NOON, law) == dt.datetime(2020, 6, 20, 11)
    assert days_for(NOON) == (DAY, dt.date(2020, 6, 20))


@pytest.mark.parametrize(
    ("until", "fresh", "late", "ends"),
    [
        (60, PRESENT, 0, dt.datetime(2020, 6, 20, 12)),
        (59, PRESENT, 0, dt.datetime(2020, 6, 20, 11)),
        (58, LATE, 1, dt.datetime(2020, 6, 20, 10)),
        (48, LATE, 11, dt.datetime(2020, 6, 20, 0)),
        (36, LATE, 23, dt.datetime(2020, 6, 19, 12)),
        (35, OLD, 24, dt.datetime(2020, 6, 19, 11)),
        (1, OLD, 58, dt.datetime(2020, 6, 18, 1)),
    ],
)
def test_what_is_late_is_never_present(until, fresh, late, ends):
    [one] = present(three_days(until), NOON)
    assert (one.fresh, one.late, one.hour.ends) == (fresh, late, ends)


def test_hours_after_the_moment_count_for_nothing():
    """A file of the past that is looked at as of an earlier hour: later hours must not shine through."""
    later = three_days(72, PM25=500)
    later.values[0, core_codes().index("PM2.5"), :].reshape(-1)[:60] = 35_000
    [one] = present(later, NOON)
    assert one.hour.ends == dt.datetime(2020, 6, 20, 12)
    assert one.values["PM2.5"] == 35
    assert one.hour.aqi == 50


def test_no_hour_at_all():
    [one] = present(three_days(0), NOON)
    assert (one.fresh, one.hour, one.late, one.n) == (NONE, None, None, 0)
    assert set(one.values.values()) == {None}
    assert len(one.day) == 24


def test_index_level_primary_and_exact_values_by_hand():
    """PM2.5 of 75 is 100, of 115 is 150 (day's column, as the hourly release does)."""
    [one] = present(three_days(PM25=115), NOON)
    assert (one.hour.aqi, one.hour.level.number, one.hour.primary) == (150, 3, ("PM2.5",))
    assert one.values["CO"] == Fraction(8, 10)
    assert [each.aqi for each in one.day] == [150] * 24
    assert (one.day[0].ends, one.day[-1].ends) == (dt.datetime(2020, 6, 19, 13), dt.datetime(2020, 6, 20, 12))


def test_the_day_ends_with_the_hour_that_is_due_where_the_full_one_is_not_there_yet():
    [one] = present(three_days(59), NOON)
    assert one.day[-1].ends == dt.datetime(2020, 6, 20, 11)
    assert one.n == 24
    [late] = present(three_days(58), NOON)
    assert (late.day[-1].ends, late.n) == (dt.datetime(2020, 6, 20, 11), 23)


def test_each_hour_lies_under_the_law_of_its_day():
    """PM2.5 of 60 is 82 on 28 February 2026 and 100 on 1 March; the hour that ends at midnight is the old day's."""
    moment = dt.datetime(2026, 3, 1, 2, 10)
    [one] = present(three_days(50, dt.date(2026, 2, 27), PM25=60), moment)
    assert [each.aqi for each in one.day[-3:]] == [82, 100, 100]
    assert one.law == regime_at(dt.date(2026, 3, 1))


def test_without_a_pollutant_the_new_law_has_no_number_but_a_highest():
    block = three_days(50, dt.date(2026, 2, 27), PM25=60)
    block.values[0, core_codes().index("SO2")] = MISSING
    [one] = present(block, dt.datetime(2026, 3, 1, 2, 10))
    assert (one.hour.aqi, one.hour.highest, one.hour.incomplete) == (None, 100, True)


def test_too_few_days_are_refused():
    with pytest.raises(ValueError, match="must reach"):
        present(three_days(), dt.datetime(2020, 6, 21, 1))
