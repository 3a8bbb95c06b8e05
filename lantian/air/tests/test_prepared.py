"""Pages of the air after a start and after a change: what they are made of is there before somebody asks, and it is the
figures of the store as it is now."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.utils import translation

from lantian.air import goals, known, queries
from lantian.air.assessing import measured
from lantian.air.control import monthly
from lantian.air.front import map as map_module
from lantian.air.reading.importing import look, store_in, write
from lantian.air.targets import source
from lantian.air.tests import files
from lantian.city import clock
from lantian.kit import ready
from lantian.observations.model import Batch, Query
from lantian.observations.schema import KEY
from tests.builders import make_city

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2020, 6, 20, 12, 30)
WORSE = ("115", "90", "20", "30", "60", "0.8")
PAGES = ("/air/", "/air/quality/", "/air/stations/")


@pytest.fixture
def town(tmp_path, settings):
    settings.LANTIAN_DATA = tmp_path
    map_module._outlines.cache_clear()
    with clock.travel(NOON):
        yield make_city()


def bring(settings, lines, name="a.csv"):
    write(look(files.write(settings.LANTIAN_DATA / name, lines), "cnemc-city-hourly"), store_in(settings.LANTIAN_DATA))


def days(town, settings, first=dt.date(2020, 6, 1), n=19, values=files.QUIET, name="a.csv"):
    bring(settings, files.days_of(first, n, town.city.name, values), name)


def hours(town, settings, until, values=files.QUIET, name="today.csv"):
    bring(settings, files.hours_of(NOON.date(), town.city.name, values, range(1, until + 1)), name)


@pytest.fixture
def reads(monkeypatch):
    """Every reading of hours by the test itself, by the sources that it is about (a server that another test started in this
    process may be making its own figures ready beside it)."""
    found = []
    mine = threading.get_ident()
    for module in (measured, monthly):
        real = module.read_hours

        def counted(*a, real=real, **k):
            if threading.get_ident() == mine:
                found.append(tuple(a[1]))
            return real(*a, **k)

        monkeypatch.setattr(module, "read_hours", counted)
    return found


def test_the_air_is_registered_to_be_ready():
    assert "air" in ready.names()


def test_pages_read_nothing_when_it_is_ready_and_again_nothing_after_a_change(client, town, settings, reads):
    days(town, settings)
    hours(town, settings, 11)
    client.force_login(town.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    keeper = ready.Keeper()
    keeper.look()
    assert reads
    for until, name in ((11, ""), (12, "later.csv")):
        if name:
            hours(town, settings, until, name=name)
            keeper.look()
        reads.clear()
        for language in ("zh-hans", "en"):
            client.cookies["django_language"] = language
            answers = {page: client.get(page) for page in PAGES}
            assert {answer.status_code for answer in answers.values()} == {200}
        assert reads == []
        assert f"2020-06-20 {until}:00" in answers["/air/"].text


def test_who_asks_before_it_is_ready_gets_the_new_figures(client, town, settings):
    days(town, settings)
    hours(town, settings, 12)
    client.force_login(town.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    ready.Keeper().look()
    assert '<div class="h1 mb-0">50</div>' in client.get("/air/").text
    hours(town, settings, 12, WORSE, "corrected.csv")
    assert '<div class="h1 mb-0">150</div>' in client.get("/air/").text


def test_a_later_hour_is_another_stamp_without_data_nothing_is_prepared(town, settings):
    from lantian.air import prepared

    before = prepared.stamp()
    prepared.prepare()
    with clock.travel(NOON + dt.timedelta(minutes=20)):
        assert prepared.stamp() == before
    with clock.travel(NOON + dt.timedelta(hours=1)):
        assert prepared.stamp() != before
    days(town, settings)
    assert prepared.stamp() != before


def test_a_page_is_of_one_moment_and_a_form_sees_what_it_wrote(town, settings):
    days(town, settings)
    queries._begin(environ={"REQUEST_METHOD": "GET"})
    first = queries.store_version()
    hours(town, settings, 11)
    assert queries.store_version() == first
    queries._end()
    assert queries.store_version() != first
    queries._begin(environ={"REQUEST_METHOD": "POST"})
    second = queries.store_version()
    hours(town, settings, 12, name="more.csv")
    assert queries.store_version() != second
    queries._end()


# -- what is not read again ---------------------------------------------------------------------------------------------


def days_now(town):
    from lantian.indicators.context import Context

    return known.days_of((town.city.name,), Context())


def flag(settings, day, one=""):
    """Make half a day of PM2.5 void."""
    store = store_in(settings.LANTIAN_DATA)
    start = dt.datetime.combine(day, dt.time(), dt.timezone(store.offset))
    query = Query((one,) if one else (), ("PM2.5",), start=start, end=start + dt.timedelta(hours=12))
    rows = [one | {"flag": "void", "reason": "x"} for one in store.reader().rows(query, KEY).to_dicts()]
    with store.writer("test") as writer:
        writer.flag(Batch(f"flag {day} {one}", actor="me"), rows)


def test_only_the_year_that_something_was_written_to_is_read_again(town, settings, reads):
    for year in (2018, 2019, 2020):
        days(town, settings, dt.date(year, 6, 1), 19, name=f"{year}.csv")
    days_now(town)
    assert len(reads) == 3
    reads.clear()
    flag(settings, dt.date(2019, 6, 5))
    found = days_now(town).raw[town.city.name]
    assert len(reads) == 1, "of three years one"
    source.forget()
    known.forget()
    anew = days_now(town).raw[town.city.name]
    assert found.fingerprint() == anew.fingerprint()
    assert found.values["PM2.5"].n == 19 * 3 - 1
    reads.clear()
    with clock.travel(NOON + dt.timedelta(days=1)):
        days_now(town)
    assert len(reads) == 1, "after midnight the present year"


def test_a_standing_is_kept_while_the_days_of_its_place_are_as_they_were(air, settings, monkeypatch):
    from lantian.indicators.context import Context

    make_city()
    made = []
    real = goals.stand
    monkeypatch.setattr(goals, "stand", lambda *a, **k: made.append(a[0].place) or real(*a, **k))

    def board():
        return {one.id: one.standing for one in goals.board(Context(), 2020).goals}

    before = board()
    assert set(made) == {"990000", "990001"}
    made.clear()
    day = clock.today() - dt.timedelta(days=1)
    flag(settings, day, "synthetic-station:DEMO-2")  # of a county that has no target
    assert board() == before
    assert made == []
    flag(settings, day, "synthetic-station:9901A")
    after = board()
    assert made, "the values of the county and of the city come from it"
    known.forget()
    source.forget()
    assert board() == after


# -- the month of every source -------------------------------------------------------------------------------------------


def test_names_of_the_month_are_in_the_language_of_the_page(air, settings):
    make_city()
    for language, name in (("zh-hans", "东站"), ("en", "East")):
        with translation.override(language):
            month = monthly.month_of_sources(dt.date(2020, 6, 1), clock.now(), "station")
            assert name in [one.source.name for one in month]


def test_void_hours_count_as_measured_but_not_for_the_days(town, settings):
    days(town, settings, dt.date(2020, 5, 1), 50)
    flag(settings, dt.date(2020, 5, 3))
    flag(settings, dt.date(2020, 6, 3))
    (june,) = monthly.month_of_sources(dt.date(2020, 6, 1), clock.now())
    assert (june.valid_days, june.year_days) == (18, 48)
    assert (june.void, june.flags["void"]) == (12, 12)
    assert june.n == 19 * 24 * 6
