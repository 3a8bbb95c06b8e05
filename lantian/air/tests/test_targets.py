"""Targets: worked by hand, and what must hold for all."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.air.targets.model import KINDS, likelihood_rules, statistics
from lantian.air.targets.path import path
from lantian.air.targets.plain import rest_value
from lantian.air.targets.progress import progress
from lantian.air.targets.standing import months_of, stand
from lantian.air.tests.made_days import aim, made
from lantian.standards.regimes import regime_at

FIRST, END = dt.date(2021, 1, 1), dt.date(2021, 12, 31)
LAW = regime_at(END)
RULES = likelihood_rules()


def state(target, days, left):
    return progress(target, days, left, LAW)


# By hand


def test_a_mean_of_40_after_200_days_leaves_a_mean_of_about_29_for_the_rest():
    days = made(FIRST, {"PM2.5": [40] * 200})
    found = state(aim("pm25_annual_mean", 35), days, 165)
    # 35.5 rounds to the even 36, so the year's mean must stay below 35.5: (35.5 × 365 - 40 × 200) / 165
    assert found.rest.value == Fraction(71 * 365 - 2 * 8000, 2 * 165) == Fraction(9915, 330)
    assert (found.rest.inclusive, found.status, found.distance) == (False, "behind", Decimal(5))
    assert rest_value(found.rest) == Decimal("30.0")


def test_an_even_limit_may_be_reached_at_its_half():
    days = made(FIRST, {"PM2.5": [36] * 364})
    found = state(aim("pm25_annual_mean", 36), days, 1)
    assert found.rest.inclusive  # 36.5 rounds to the even 36
    assert found.rest.value == Fraction(73, 2) * 365 - 36 * 364


def test_a_mean_that_clean_air_cannot_mend_is_lost():
    found = state(aim("pm25_annual_mean", 35), made(FIRST, {"PM2.5": [60] * 300}), 65)
    assert (found.status, found.rest.reachable) == ("lost", False)


def test_good_days_needed_and_those_to_spare():
    days = made(FIRST, {"PM2.5": [40] * 245}, good=[True] * 180 + [False] * 65)
    found = state(aim("good_days", 292), days, 120)
    assert (found.rest.value, found.rest.reachable, found.status) == (112, True, "behind")
    assert found.pace == Decimal(268)  # 180 / 245 × 365
    assert state(aim("good_days", 301), days, 120).status == "lost"
    assert state(aim("good_days", 180), days, 120).status == "safe"


def test_a_share_of_good_days_counts_days_with_an_index_only():
    there = [True] * 240 + [False] * 5
    days = made(FIRST, {"PM2.5": [40] * 245}, good=[True] * 180 + [False] * 65, there=there)
    found = state(aim("good_days_share", "80.0"), days, 120)
    # 79.95 of 360 days are 287.82: 288 good ones, and 79.95 itself would round to the even 80.0
    assert found.rest.value == 288 - 180
    assert found.to_date.shown == Decimal("75.0")
    assert (found.to_date.n, found.to_date.expected) == (240, 245)


def test_heavy_days_left_to_come():
    days = made(FIRST, {"PM2.5": [40] * 100}, good=[False] * 100, heavy=[True] * 3 + [False] * 97)
    assert state(aim("heavy_days", 5), days, 265).rest.value == 2
    assert state(aim("heavy_days", 2), days, 265).status == "lost"
    assert state(aim("heavy_days", "5", "<"), days, 265).rest.value == 1
    assert state(aim("heavy_days", 300), days, 265).status == "safe"


def test_days_above_the_target_that_a_percentile_bears():
    days = made(FIRST, {"O3": [150] * 180 + [200] * 20})
    found = state(aim("o3_8h_p90", 160), days, 165)
    # 365 days: position 1 + 364 × 0.9 = 328.6, so the 329th smallest must be at most 160: 36 may be above, 20 are
    assert (found.rest.kind, found.rest.value) == ("above", 16)
    assert found.to_date.shown == Decimal(155)  # 180th + 0.1 × (181st - 180th)


def test_the_part_of_the_means_that_a_composite_index_leaves():
    days = made(FIRST, n=200)
    now = Fraction(20, 60) + Fraction(30, 40) + Fraction(60, 70) + Fraction(30, 35)
    fixed = Fraction(1, 4) + Fraction(100, 160)
    found = state(aim("composite_index", "3.50"), days, 165)
    edge = Fraction(3505, 1000)
    assert found.rest.value == (edge - fixed - now * 200 / 365) / (now * 165 / 365)
    assert found.to_date.value == now + fixed


def test_the_grade_of_so2_is_a_mean_under_the_years_law():
    days = made(FIRST, {"SO2": [25] * 200})
    first, second = (state(aim("so2_class", grade), days, 165) for grade in (1, 2))
    assert (first.to_date.shown, first.distance, first.status) == (Decimal(2), Decimal(1), "behind")
    assert first.rest.value == (Fraction(41, 2) * 365 - 25 * 200) / 165
    assert second.status == "on_course"


def test_too_few_valid_days_judge_nothing():
    days = made(FIRST, {"PM2.5": [10] * 60 + [None] * 60})
    assert state(aim("pm25_annual_mean", 35), days, 245).status == "thin"
    assert state(aim("pm25_annual_mean", 35), made(FIRST, {"PM2.5": [None] * 9}), 245).status == "no_data"


def test_a_year_that_is_over_is_kept_or_missed():
    assert state(aim("pm25_annual_mean", 35), made(FIRST, {"PM2.5": [35] * 365}), 0).status == "kept"
    assert state(aim("pm25_annual_mean", 35), made(FIRST, {"PM2.5": [36] * 365}), 0).status == "missed"
    assert state(aim("o3_8h_p90", 160), made(FIRST, {"O3": [161] * 365}), 0).status == "missed"
    assert state(aim("composite_index", "9"), made(FIRST), 0).status == "kept"


def test_a_target_without_days_or_before_its_year():
    assert stand(aim("pm25_annual_mean", 35), None, dt.date(2021, 5, 1)).state.status == "no_data"
    assert stand(aim("pm25_annual_mean", 35), None, dt.date(2021, 1, 1)).state.status == "not_begun"
    assert stand(aim("rank_168", 35), None, dt.date(2021, 5, 1)).state.status == "not_here"


# Likelihood


def past(*years, today=dt.date(2021, 7, 1), so_far=40):
    """One mean for each past year (the oldest first) and what the running year had so far."""
    first = dt.date(2021 - len(years), 1, 1)
    row = []
    for back, mean in enumerate(years):
        year = first.year + back
        row += [mean] * (366 if year % 4 == 0 else 365)
    row += [so_far] * (today - FIRST).days
    return made(first, {"PM2.5": row}), today


def odds(target, days, today):
    found = stand(target, (days, days), today)
    return found.likelihood, found


def test_every_past_year_of_three_would_have_done_or_one_of_three():
    days, today = past(20, 25, 45)
    chance, _ = odds(aim("pm25_annual_mean", 35), days, today)
    # 40 × 181 days and 184 days left: a mean of at most 31.07 is allowed
    assert [(one.year, one.kept) for one in chance.years] == [(2018, True), (2019, True), (2020, False)]
    assert (chance.status, chance.usable, chance.judged, chance.kept) == ("ok", 3, 3, 2)
    assert 0 < chance.percent < 100
    assert chance.low <= chance.middle <= chance.high
    sure, _ = odds(aim("pm25_annual_mean", 42), days, today)
    assert (sure.percent, sure.kept) == (99, 3) or sure.percent == 100


def test_fewer_than_three_years_are_a_status_and_no_number():
    days, today = past(20, 25)
    chance, _ = odds(aim("pm25_annual_mean", 35), days, today)
    assert (chance.status, chance.percent, chance.usable) == ("too_few_years", None, 2)
    assert [one.kept for one in chance.years] == [True, True]


def test_a_year_with_holes_does_not_stand_for_the_stretch():
    days, today = past(20, 25, 45)
    top = days.values["PM2.5"].top.copy()
    at = (dt.date(2019, 8, 1) - days.first).days
    top[at : at + 60] = np.iinfo(np.int64).min
    holed = replace(days, values={**days.values, "PM2.5": replace(days.values["PM2.5"], top=top)})
    chance, _ = odds(aim("pm25_annual_mean", 35), holed, today)
    assert (chance.status, chance.usable, chance.judged) == ("too_few_years", 2, 2)
    assert [one.kept for one in chance.years] == [True, None, False]


def test_an_outage_of_some_days_does_not_silence_all_years():
    days, today = past(20, 25, 45)
    top = days.values["PM2.5"].top.copy()
    for year, month in ((2019, 8), (2018, 8)):
        at = (dt.date(year, month, 1) - days.first).days
        top[at : at + 6] = np.iinfo(np.int64).min
        holed = replace(days, values={**days.values, "PM2.5": replace(days.values["PM2.5"], top=top.copy())})
        chance, _ = odds(aim("pm25_annual_mean", 35), holed, today)
        expected = ("ok", 2) if year == 2019 else ("too_few_years", 1)
        assert (chance.status, chance.usable) == expected
        assert chance.judged == 3


def test_the_29th_of_february_has_no_counterpart():
    first = dt.date(2017, 1, 1)
    days = made(first, {"PM2.5": [30] * (dt.date(2020, 2, 1) - first).days})
    target = aim("pm25_annual_mean", 35, year=2020)
    found = stand(target, (days, days), dt.date(2020, 2, 1))
    assert (found.end - found.as_of).days == 335
    assert {one.n for one in found.likelihood.years} == {334}


@pytest.mark.parametrize("code", [one for one, each in statistics().items() if each.kind in KINDS[:7]])
def test_the_same_question_has_the_same_answer(code):
    random = np.random.Generator(np.random.PCG64(7))
    first = dt.date(2017, 1, 1)
    n = (dt.date(2021, 7, 1) - first).days
    values = {"PM2.5": random.integers(5, 90, n).tolist(), "O3": random.integers(60, 220, n).tolist()}
    good = (random.random(n) < 0.7).tolist()
    days = made(first, values, good=good, heavy=[not one for one in good])
    value = {"good_days_share": 70, "good_days": 255, "heavy_days": 110, "so2_class": 1, "composite_index": 4}
    target = aim(code, value.get(code, 100 if code != "co_p95" else 1))
    one, two = (stand(target, (days, days), dt.date(2021, 7, 1)) for _ in range(2))
    assert one == two or one.likelihood == two.likelihood
    assert one.likelihood.status in {"ok", "decided"}
    assert len(months_of(one, (days, days))) == 12


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 180), st.integers(0, 180), st.integers(150, 330), st.randoms(use_true_random=False))
def test_more_good_days_never_lower_the_likelihood(few, more, wanted, random):
    few, more = sorted((few, more))
    first = dt.date(2018, 1, 1)
    before = (FIRST - first).days
    flags = [random.random() < 0.75 for _ in range(before)]

    def percent(good):
        row = flags + [True] * good + [False] * (181 - good)
        days = made(first, {"PM2.5": [30] * len(row)}, good=row)
        found = stand(aim("good_days", wanted), (days, days), dt.date(2021, 7, 1))
        if found.likelihood.status == "decided":
            return 100 if found.state.rest.safe else 0
        return found.likelihood.percent

    assert percent(few) <= percent(more)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 150), min_size=30, max_size=300), st.integers(10, 90))
def test_the_allowed_mean_of_the_rest_makes_the_year_just_keep_its_target(row, wanted):
    left = 365 - len(row)
    found = state(aim("pm25_annual_mean", wanted), made(FIRST, {"PM2.5": row}), left).rest
    edge = Fraction(2 * wanted + 1, 2)
    assert found.value * left + sum(row) == edge * 365
    assert found.inclusive == (wanted % 2 == 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(60, 260), min_size=30, max_size=340), st.integers(100, 220))
def test_a_percentile_bears_exactly_so_many_days_above(row, wanted):
    left = 365 - len(row)
    target = aim("o3_8h_p90", wanted)
    found = state(target, made(FIRST, {"O3": row}), left)
    if found.rest.safe or not found.rest.reachable or found.rest.value == 0:
        return
    above = int(found.rest.value)
    year = row + [10_000] * above + [0] * (left - above)
    assert state(target, made(FIRST, {"O3": year}), 0).status == "kept"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=100, max_size=340), st.integers(1, 99))
def test_the_good_days_needed_keep_a_share_and_one_fewer_does_not(row, wanted):
    left = 365 - len(row)
    target = aim("good_days_share", wanted)
    found = state(target, made(FIRST, {"PM2.5": [30] * len(row)}, good=row), left).rest
    needed = int(found.value)
    if not found.reachable:
        return

    def over(good):
        year = row + [True] * good + [False] * (left - good)
        return state(target, made(FIRST, {"PM2.5": [30] * 365}, good=year), 0).status

    assert over(needed) == "kept"
    if needed:
        assert over(needed - 1) == "missed"


# The path


def test_the_needs_of_the_months_make_the_allowed_mean():
    days, today = past(20, 30, 45)
    target = aim("pm25_annual_mean", 35)
    _, found = odds(target, days, today)
    months = months_of(found, (days, days))
    rest = [one for one in months if one.left]
    assert [one.first.month for one in rest] == [7, 8, 9, 10, 11, 12]
    assert sum(one.need * one.left for one in rest) == found.state.rest.value * 184
    assert months[0].had == 40
    assert months[5].so_far == 40


def test_good_days_by_month_sum_to_those_needed_and_fit_into_it():
    first = dt.date(2018, 1, 1)
    row = [day.month not in {11, 12} for day in (first + dt.timedelta(n) for n in range((FIRST - first).days + 181))]
    days = made(first, {"PM2.5": [30] * len(row)}, good=row)
    for wanted in (200, 330):
        target = aim("good_days", wanted)
        found = stand(target, (days, days), dt.date(2021, 7, 1))
        months = path(target, days, FIRST, found.as_of, END, LAW, found.state)
        rest = [one for one in months if one.left]
        assert sum(one.need for one in rest) == found.state.rest.value
        assert all(0 <= one.need <= one.left for one in rest)


def test_good_days_of_a_share_are_needed_where_past_years_had_them():
    first = dt.date(2018, 1, 1)
    row = [day.month not in {11, 12} for day in (first + dt.timedelta(n) for n in range((FIRST - first).days + 181))]
    days = made(first, {"PM2.5": [30] * len(row)}, good=row)
    target = aim("good_days_share", 70)
    found = stand(target, (days, days), dt.date(2021, 7, 1))
    rest = {one.first.month: one.need for one in months_of(found, (days, days)) if one.left}
    assert sum(rest.values()) == found.state.rest.value
    assert rest[7] > rest[11] == 0
