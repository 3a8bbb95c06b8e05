"""The city's value from the areas' entries, capture, freshness, and the reasons why there is no number."""

from __future__ import annotations

import datetime as dt
import logging
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import translation

from lantian.city import clock
from lantian.indicators import memory, queries
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.registry import Indicator, Registry
from lantian.indicators.tests.samples import define, definition, say
from lantian.indicators.value import ReasonCode, Value

pytestmark = pytest.mark.django_db
TODAY = dt.date(2020, 6, 20)


@pytest.fixture
def town(city):
    define()
    with clock.travel(dt.date(2020, 6, 20)), translation.override("en"):
        yield city


def look(town, code, place=None, period=None):
    context = Context(today=TODAY)
    asked = periods.parse(period) if period else periods.to_date(TODAY)
    return queries.evaluate(code, place or town.city, asked, context)


def fill(town, code, values, period="2020-05", **more):
    for area, value in zip(town.areas, values, strict=False):
        if value is not None:
            say(town.people["office"], code, area, period, value, **more)


def test_counts_add_up_and_a_missing_area_makes_the_sum_partial(town):
    fill(town, "boilers_left", ["2", "0", "5"])
    value = look(town, "boilers_left")
    assert value.number == 7
    assert (value.n, value.n_expected, value.capture) == (3, 4, Decimal("0.75"))
    assert value.partial
    assert "partial" in {note.code for note in value.notes}
    say(town.people["office"], "boilers_left", town.areas[3], "2020-05", "1")
    full = look(town, "boilers_left")
    assert (full.number, full.capture, full.partial) == (8, 1, False)


def test_shares_are_weighted_by_what_stands_behind_them(town):
    say(town.people["office"], "gas_share", town.areas[0], "2020-05", "100", n=1)
    say(town.people["office"], "gas_share", town.areas[1], "2020-05", "50", n=99)
    assert look(town, "gas_share").number == Decimal("50.5")


def test_a_mean_of_too_few_areas_judges_nothing(town):
    fill(town, "dustfall", ["8", "10"])
    value = look(town, "dustfall")
    assert value.number == 9
    assert value.partial
    fill(town, "dustfall", [None, None, "9", "9"])
    assert not look(town, "dustfall").partial


def test_the_newest_month_that_enough_areas_filled_in_is_taken(town):
    fill(town, "dustfall", ["8", "8", "8", "8"], period="2020-04")
    fill(town, "dustfall", ["20"], period="2020-05")
    value = look(town, "dustfall")
    assert value.number == 8
    assert value.as_of == dt.date(2020, 4, 30)
    assert look(town, "dustfall", period="2020-05").n == 1


def test_a_state_told_once_is_the_newest_of_each_area(town):
    say(town.people["office"], "kilns_done", town.areas[0], "2020-03-01", "3")
    say(town.people["office"], "kilns_done", town.areas[0], "2020-05-01", "4")
    say(town.people["office"], "kilns_done", town.areas[1], "2020-04-01", "10")
    value = look(town, "kilns_done")
    assert (value.number, value.n) == (14, 2)


def test_the_citys_own_entry_that_differs_is_flagged_and_does_not_win(town):
    fill(town, "boilers_left", ["2", "0", "5", "1"])
    say(town.people["office"], "boilers_left", town.city, "2020-05", "3")
    value = look(town, "boilers_left")
    assert value.number == 8
    assert "disagreement" in {note.code for note in value.notes}


def test_the_citys_own_entry_stands_where_no_area_spoke(town):
    say(town.people["office"], "boilers_left", town.city, "2020-05", "3")
    value = look(town, "boilers_left")
    assert (value.number, [note.code for note in value.notes]) == (3, ["period", "own"])


def test_a_measured_concentration_is_never_averaged_over_counties(town):
    fill(town, "so2_mean", ["10", "20", "30", "40"], period="2019")
    value = look(town, "so2_mean", period="2019")
    assert value.number is None
    assert value.reason.code == ReasonCode.NO_ENTRY
    assert "4" in str(value.reason)


def test_the_running_month_counts_in_the_year_to_date(town):
    say(town.people["office"], "dustfall", town.areas[0], "2020-06", "8")
    assert look(town, "dustfall", town.areas[0]).as_of == TODAY
    assert look(town, "dustfall", town.areas[0], period="to-2020-06-10").number is None


def test_old_news_is_stale(town):
    say(town.people["office"], "dustfall", town.areas[0], "2020-02", "8")
    assert look(town, "dustfall", town.areas[0]).freshness == "stale"
    assert look(town, "dustfall", town.areas[0], period="2020-02").freshness == "fresh"


@pytest.mark.parametrize(
    ("code", "who", "said"),
    [
        ("dustfall", "city", "nobody has entered"),
        ("so2_mean", "area", "air room"),
        ("gas_share", "city", "nobody has entered"),
        ("boilers_left", "area", "sources"),
    ],
)
def test_no_data_yet_says_who_will_supply_it(town, code, who, said):
    place = town.city if who == "city" else town.areas[0]
    value = look(town, code, place)
    assert value.number is None
    assert value.reason.code == ReasonCode.NO_DATA_YET
    assert said in str(value.reason)


def test_a_period_without_entry_says_so(town):
    say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8")
    assert look(town, "dustfall", town.areas[0], period="2020-03").reason.code == ReasonCode.NO_ENTRY


def test_an_indicator_of_the_city_is_not_kept_for_areas(town):
    assert look(town, "rank_gain", town.areas[0]).reason.code == ReasonCode.NOT_HERE
    assert look(town, "dustfall", town.towns[0]).reason.code == ReasonCode.NOT_HERE


def test_an_unknown_code_is_a_reason_not_a_crash(town):
    assert look(town, "no_such_thing").reason.code == ReasonCode.UNKNOWN_INDICATOR


def test_a_rule_that_fails_shows_no_number_and_is_logged(town, monkeypatch, caplog):
    def broken(place, period, context) -> Value:
        raise ZeroDivisionError

    own = Registry()
    own.add(Indicator("broken_one", "Broken", "%", "up", "area", "-", "2020.1", ("to-date",), "-", broken))
    monkeypatch.setattr(queries, "registry", own)
    with caplog.at_level(logging.ERROR):
        value = look(town, "broken_one")
    assert value.reason.code == ReasonCode.BROKEN
    assert "ZeroDivisionError" in caplog.text


def test_a_room_that_registers_the_code_takes_over(town):
    define([definition("plan_overdue_share", "%", supplied_by="plan")])
    one = queries.find("plan_overdue_share", Context(today=TODAY))
    assert not one.by_hand


def test_a_computed_indicator_refuses_periods_that_it_does_not_offer(town):
    assert look(town, "plan_county_plan_coverage", period="2020-05").reason.code == ReasonCode.NOT_THEN


def test_sixteen_areas_cost_the_queries_of_one(town, django_assert_max_num_queries):
    fill(town, "dustfall", ["1", "2", "3", "4"])
    context = Context(today=TODAY)
    with django_assert_max_num_queries(14):
        rows = queries.by_area("dustfall", periods.parse("2020-05"), context)
        queries.current("dustfall", town.city, context)
    assert [value.number for _area, value in rows] == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_figures_are_kept_until_something_changes(town, monkeypatch):
    asked = []

    def counted(place, period, context) -> Value:
        asked.append(place.pk)
        return Value.of(len(asked), "%", rule_version="2020.1")

    own = Registry()
    own.add(Indicator("counted_one", "Counted", "%", "up", "area", "-", "2020.1", ("to-date",), "-", counted))
    monkeypatch.setattr(queries, "registry", own)
    memory.forget()
    assert [look(town, "counted_one").number for _again in range(3)] == [1, 1, 1]
    say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8")
    assert look(town, "counted_one").number == 2
    with transaction.atomic():
        assert look(town, "counted_one").number == 3
        assert look(town, "counted_one").number == 4
    memory.forget()
