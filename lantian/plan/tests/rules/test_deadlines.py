"""When an assignment is due."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.plan.rules.deadlines import Due, days_late, due, next_milestone

END, ISSUED = dt.date(2020, 12, 31), dt.date(2020, 4, 3)


def test_the_last_deadline_of_the_text_counts():
    assert due(["2020-04-30", "2020-09-30", "2020-06-30"], END) == Due(dt.date(2020, 9, 30), "text")


def test_without_one_the_plans_end_counts():
    assert due([], END, ISSUED) == Due(END, "plan_end")
    assert due([], None, ISSUED) == Due(dt.date(2020, 12, 31), "plan_end")
    assert due([], None) == Due(None, "plan_end")


def test_a_text_that_is_no_day_is_an_error():
    with pytest.raises(ValueError):
        due(["2020-09-31"], END)


@pytest.mark.parametrize(("days", "late"), [(-1, 0), (0, 0), (1, 1), (40, 40)])
def test_days_late(days, late):
    assert days_late(END, END + dt.timedelta(days=days)) == late


def test_nothing_without_a_deadline_is_late():
    assert days_late(None, END) == 0


def test_the_next_milestone():
    days = ["2020-04-30", "2020-09-30"]
    assert next_milestone(days, dt.date(2020, 5, 1)) == dt.date(2020, 9, 30)
    assert next_milestone(days, dt.date(2020, 4, 30)) == dt.date(2020, 4, 30)
    assert next_milestone(days, dt.date(2021, 1, 1)) is None
