"""The demonstration's air: up to its present hour, nothing twice, and never in a city's own data folder."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.air.reading.importing import store_in
from lantian.air.synthetic.writing import plan_of
from lantian.city import clock
from lantian.city.pack import find_pack, load_pack
from lantian.observations.model import Query
from lantian.records.models import AuditEntry
from lantian.web import demo_air

NOW = dt.datetime.fromisoformat("2020-06-20T09:20:00+08:00")


@pytest.fixture(scope="module")
def pack():
    return load_pack(find_pack("xinzhou"))


@pytest.fixture
def folder(settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path
    settings.LANTIAN_CLOCK_OFFSET = -1.0
    monkeypatch.setattr(demo_air, "first_day", lambda pack: dt.date(2020, 6, 18))
    return tmp_path


def last_hour(data):
    return store_in(data).reader().observations(Query()).polars()["valid_to"].max()


@pytest.mark.django_db
def test_it_reaches_to_the_present_hour_and_goes_on(folder, pack):
    with clock.travel(NOW):
        assert list(demo_air.make_air(pack)) == ["making the demonstration: air …"]
        assert last_hour(folder) == dt.datetime.fromisoformat("2020-06-20T09:00:00+08:00")
        assert demo_air.add_newest().values == 0
    with clock.travel(NOW + dt.timedelta(hours=2)):
        assert demo_air.add_newest().values > 0
        assert last_hour(folder) == dt.datetime.fromisoformat("2020-06-20T11:00:00+08:00")
    with clock.travel(NOW + dt.timedelta(days=1)):
        assert list(demo_air.make_air(pack)) == [], "quick and silent when it is there"
        assert last_hour(folder) == dt.datetime.fromisoformat("2020-06-21T09:00:00+08:00")
    told = AuditEntry.objects.filter(action="observations.import", data__origin="synthetic").count()
    assert told == 3, "each writing is in the audit chain"


def test_it_begins_three_years_and_a_month_before_the_plans_year(pack):
    assert demo_air.first_day(pack) == dt.date(2016, 12, 1)


@pytest.mark.django_db
def test_nothing_is_invented_where_no_demonstration_made_the_folder(folder, pack, settings):
    with clock.travel(NOW):
        assert demo_air.add_newest() is None
        assert plan_of(folder) is None
        list(demo_air.make_air(pack))
    settings.LANTIAN_CLOCK_OFFSET = 0.0
    with clock.travel(NOW + dt.timedelta(hours=5)):
        assert demo_air.add_newest() is None, "the folder is a city's now: its clock is the true one"


@pytest.mark.django_db
def test_dustfall_is_invented_for_every_area_and_month_that_is_over_once(city):
    from lantian.air.indicators import statistics
    from lantian.indicators.models import Entry
    from lantian.web import demo_story

    assert statistics()[demo_story.DUSTFALL].kind == "entered"
    with clock.travel(NOW):
        demo_story.dustfall()
        demo_story.dustfall()
    found = Entry.objects.filter(indicator=demo_story.DUSTFALL)
    assert {(one.place_id, one.period_from.month) for one in found} == {
        (area.pk, month) for area in city.areas for month in range(1, 6)
    }
    assert found.count() == 5 * len(city.areas)
    assert all(demo_story.MARK in one.note and 0 < one.value < 40 for one in found)
    assert {one.known_at.astimezone(NOW.tzinfo).month for one in found} == {2, 3, 4, 5, 6}, "each after its month"


@pytest.mark.django_db
def test_the_circular_of_the_closed_round_is_made_with_the_air_of_the_month_before(reviewed_air, ledger):
    from lantian.bulletins.models import Bulletin
    from lantian.plan.services import rounds
    from lantian.web import demo_story

    city, version = ledger
    demo_story.circular()
    assert not Bulletin.objects.exists(), "no round, no circular"
    made = rounds.open_round(city.people["office"], version.document, due_on=dt.date(2020, 6, 25))
    rounds.close_round(city.people["office"], made)
    demo_story.circular()
    bulletin = Bulletin.objects.get()
    assert demo_story.MARK in bulletin.number
    assert bulletin.content["air_month"] == "2020年5月"
    assert bulletin.content["air_synthetic"]
