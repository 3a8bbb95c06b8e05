"""Places, series, assessments, rankings and comparisons through the HTTP API."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from lantian.air.tests.made_stores import QUIET, pack, rows_of, station, stored
from lantian.city.models import LoadedPack
from tests.api import Api

pytestmark = pytest.mark.django_db
MAY = dt.date(2020, 5, 1)
SCOPES = """[[scope]]
id = "all"
zh = "全部"
en = "all"
places = ["临水", "远山", "平川"]
source = "s"
confidence = "V"
"""


@pytest.fixture
def air(settings, tmp_path, monkeypatch, city):
    settings.LANTIAN_DATA = tmp_path / "data"
    folder = tmp_path / "cities"
    pack(folder / "linshui", [station("1A"), station("2A")], scopes=SCOPES)
    monkeypatch.setenv("LANTIAN_CITIES", str(folder))
    LoadedPack.objects.all().delete()
    LoadedPack.objects.create(slug="linshui", name="临水市", loaded_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    rows = [
        *rows_of("cnemc-station:1A", MAY, 31), *rows_of("cnemc-station:2A", MAY, 31, {**QUIET, "PM2.5": 36.0}),
        *rows_of("cnemc-city:远山", MAY, 31, {**QUIET, "PM2.5": 70.0}),
        *rows_of("cnemc-city:远山", dt.date(2019, 5, 1), 31),
    ]  # fmt: skip
    stored(settings.LANTIAN_DATA, rows)
    return Api(city.people["public"])


def test_places_and_scopes(air):
    found = air.get("/air/places").json()
    assert [(one["name"], one["kind"], one["basis"]) for one in found["items"]] == [
        ("临水市", "city", "stations"), ("远山", "city", "release"), ("1A", "station", "release"), ("2A", "station", "release"),
    ]  # fmt: skip
    english = air.get("/air/places?kind=city&limit=1", accept_language="en").json()
    assert (english["count"], english["items"][0]["label"]) == (2, "Linshui")
    assert [one["id"] for one in air.get("/air/scopes").json()["items"]] == ["all"]


def test_a_series_page_by_page_and_as_csv(air):
    ask = "place=临水&first=2020-05-01&last=2020-05-02"
    hours = air.get(f"/air/series?{ask}&limit=2&offset=23").json()
    assert (hours["count"], hours["n"]["PM2.5"], hours["values"]["stations"]) == (48, 48, ["1A", "2A"])
    assert [one["time"] for one in hours["items"]] == ["2020-05-01T23:00:00+08:00", "2020-05-02T00:00:00+08:00"]
    assert hours["items"][0]["values"]["PM2.5"] == 35.5
    assert hours["items"][0]["stations"]["PM2.5"] == 2
    days = air.get(f"/air/series?{ask}&step=day").json()
    assert [(one["time"], one["values"]["CO"]) for one in days["items"]] == [("2020-05-01", 0.8), ("2020-05-02", 0.8)]
    rows = list(csv.reader(io.StringIO(air.get(f"/air/series.csv?{ask}").content.decode("utf-8-sig"))))
    assert len(rows) == 49
    assert rows[0][0] == "time"
    assert rows[1][-2:] == ["cnemc-station", "0"]
    assert air.get(f"/air/series?{ask}&limit=5000").status_code == 400


def test_an_assessment_and_laws_side_by_side(air):
    ask = "place=远山&first=2020-05-01&last=2020-05-31"
    one = air.get(f"/air/assessment?{ask}").json()
    assert (one["days"]["good"], one["items"]["PM2.5"]["mean"], one["regime"]) == (31, 70, "2012")
    laws = air.get(f"/air/regimes?{ask}").json()
    assert [(each["regime"], each["days"]["good"]) for each in laws] == [
        ("2012", 31), ("2026-transition", 0), ("2026-final", 0),
    ]  # fmt: skip
    assert [each["regime"] for each in air.get(f"/air/regimes?{ask}&regimes=2012").json()] == ["2012"]


def test_the_public_sees_rankings_with_the_reason_of_each_that_is_missing(air):
    found = air.get("/air/ranking?scope=all&period=2020-05&change=true", accept_language="en").json()
    assert [(one["rank"], one["place"]) for one in found["items"]] == [(1, "临水市"), (2, "远山")]
    assert found["items"][1]["before"]["composite_index"] == 3.37
    assert found["lacking"] == [
        {"place": "平川", "reason": "no-data", "reason_text": "not ranked: there are no data of it", "items": []}
    ]
    assert (found["expected"], found["synthetic"], found["period"]) == (31, False, "month")
    by_days = air.get("/air/ranking?scope=all&first=2020-05-01&last=2020-05-10&by=change").json()
    assert [one["place"] for one in by_days["items"]] == ["远山"]


def test_a_comparison(air):
    found = air.get("/air/comparison?place=远山&first=2020-05-01&last=2020-05-31").json()
    assert found["changes"]["PM2.5"]["percent"] == 100.0
    assert found["before"]["from"] == "2019-05-01"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/air/assessment?place=无名&first=2020-05-01&last=2020-05-31", "place"),
        ("/air/assessment?place=远山&first=2020-05-31&last=2020-05-01", "last"),
        ("/air/assessment?place=远山&first=2001-01-01&last=2020-05-01", "last"),
        ("/air/assessment?place=远山&first=2026-02-01&last=2026-03-31", "regime"),
        ("/air/assessment?place=远山&first=2020-05-01&last=2020-05-02&regime=1996", "regime"),
        ("/air/assessment?place=远山&first=2020-05-01&last=2020-05-02&series=daily-city", "place"),
        ("/air/ranking?scope=none&period=2020-05", "scope"),
        ("/air/ranking?scope=all&period=May", "period"),
        ("/air/ranking?scope=all", "period"),
    ],
)
def test_what_cannot_be_answered_names_the_input(air, path, field):
    answer = air.get(path)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert answer.json()["message"]


def test_before_the_first_import_there_is_nothing(city, settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path / "none"
    public = Api(city.people["public"])
    assert public.get("/air/places").json()["items"] == []
    answer = public.get("/air/assessment?place=a&first=2020-05-01&last=2020-05-02")
    assert answer.status_code == 400
    assert Api().get("/air/places").status_code == 401


def test_an_answer_is_new_when_the_store_is(air, settings):
    ask = "/air/assessment?place=远山&first=2020-05-01&last=2020-06-01"
    assert air.get(ask).json()["items"]["PM2.5"]["n"] == 31
    stored(settings.LANTIAN_DATA, rows_of("cnemc-city:远山", dt.date(2020, 6, 1), 1), "more")
    assert air.get(ask).json()["items"]["PM2.5"]["n"] == 32
