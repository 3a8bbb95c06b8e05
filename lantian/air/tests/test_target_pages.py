"""The pages and the API of targets and dustfall: who sees what, in which order, with which words; queries are few."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.urls import reverse

from lantian.air import known
from lantian.air.dependants import targets_resting_on
from lantian.air.goals import board
from lantian.air.reading.importing import look, store_in, write
from lantian.air.tests import files
from lantian.city import clock
from lantian.city.models import LoadedPack
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.services import Statement, enter_value
from lantian.observations.dependency import Affected
from tests.api import Api
from tests.builders import make_city
from tests.querycounts import count

pytestmark = pytest.mark.django_db
TODAY = dt.date(2020, 7, 1)
TARGETS = """
[[target]]
id = "pm25-city"
place = "{city}"
year = 2020
statistic = "pm25_annual_mean"
value = 40
unit = "µg/m3"
source = "a paper"
confidence = "V"

[[target]]
id = "pm25-area"
place = "{area}"
year = 2020
statistic = "pm25_annual_mean"
value = 30
unit = "µg/m3"
source = "a paper"
confidence = "V"
part_of = "pm25-city"

[[target]]
id = "good-area"
place = "{area}"
year = 2020
statistic = "good_days"
value = 366
unit = "d"
source = "a paper"
confidence = "V"

[[target]]
id = "rank-city"
place = "{city}"
year = 2020
statistic = "rank_168"
value = 100
unit = "名"
source = "a paper"
confidence = "V"
"""
BAD = ("120", "180", "20", "30", "60", "0.8")


@pytest.fixture
def town(tmp_path, settings, monkeypatch):
    settings.LANTIAN_DATA = tmp_path / "data"
    monkeypatch.setenv("LANTIAN_CITIES", str(tmp_path / "cities"))
    known.forget()
    with clock.travel(TODAY):
        city = make_city()
        pack = tmp_path / "cities" / LoadedPack.objects.get().slug
        pack.mkdir(parents=True)
        (pack / "pack.toml").write_text("", encoding="utf-8")
        text = TARGETS.format(city=city.city.code, area=city.areas[0].code)
        (pack / "targets.toml").write_text(text, encoding="utf-8")
        yield city
    known.forget()


@pytest.fixture
def air(town, settings):
    """The city fared well, the area had twenty bad days."""
    start = dt.date(2020, 1, 1)
    lines = [
        *files.days_of(start, 182, town.city.name),
        *files.days_of(start, 162, town.areas[0].name),
        *files.days_of(start + dt.timedelta(days=162), 20, town.areas[0].name, BAD),
    ]
    settings.LANTIAN_DATA.mkdir()
    path = files.write(settings.LANTIAN_DATA / "a.csv", lines)
    write(look(path, "cnemc-city-hourly"), store_in(settings.LANTIAN_DATA))
    return town


def enter(client, town, who):
    client.force_login(town.people[who], backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["lantian_language"] = "en"
    return client


def test_the_most_endangered_stands_first(air):
    found = board(Context())
    assert [(one.id, one.standing.state.status) for one in found.goals] == [
        ("good-area", "lost"),
        ("pm25-area", "behind"),
        ("pm25-city", "on_course"),
        ("rank-city", "not_here"),
    ]
    assert found.years == (2020,)
    city = found.goals[2]
    assert city.value.number == city.standing.state.to_date.shown == Decimal(35)
    assert [one.id for one in found.parts_of(city)] == ["pm25-area"]
    assert len(found.months(city)) == 12


def test_without_data_the_board_says_so_and_an_entered_value_is_compared(town):
    assert {one.standing.state.status for one in board(Context()).goals} == {"no_data", "not_here"}
    for code, value in (("rank_168", "104"), ("pm25_annual_mean", "38")):
        enter_value(town.people["office"], code, town.city, periods.parse("2020"), Statement(Decimal(value)))
    states = {one.id: (one.standing.state.status, one.standing.state.distance) for one in board(Context()).goals}
    assert states["rank-city"] == ("behind", 4)
    assert states["pm25-city"] == ("on_course", -2)
    assert states["pm25-area"] == ("no_data", None)


def test_the_list_with_filter_and_export(air, client):
    page = enter(client, air, "office").get(reverse("air:targets")).text
    assert page.index("out of reach") < page.index("behind")
    assert "may have a mean of at most" in page
    assert "Even the best possible rest would be too late." in page
    area = client.get(reverse("air:targets"), {"place": air.areas[0].code}).text
    assert "pm25-area" in area
    assert "pm25-city" not in area
    assert "There is no target of the air for this year" in client.get(reverse("air:targets"), {"year": "2017"}).text
    sheet = client.get(reverse("air:targets"), {"export": "csv"}).content.decode("utf-8-sig")
    assert len(sheet.splitlines()) == 5
    assert "out of reach" in sheet


def test_the_page_of_one_target(air, client):
    page = enter(client, air, "county").get(reverse("air:target", args=["pm25-city"])).text
    for words in ("35", "No estimate: it needs the same days of 3 past years", "182/182", "a paper", "pm25-area"):
        assert words in page
    chart = client.get(reverse("air:target", args=["pm25-city"]), {"chart": "months", "format": "csv"})
    assert chart.status_code == 200
    assert "2020-12" in chart.content.decode("utf-8-sig")
    assert "out of reach" in client.get(reverse("air:target", args=["good-area"])).text
    assert client.get(reverse("air:target", args=["rank-city"])).status_code == 200
    assert client.get(reverse("air:target", args=["nothing-2020"])).status_code == 404


def test_who_may_not_see_the_air_is_refused(air, client):
    client.force_login(air.people["nobody"], backend="django.contrib.auth.backends.ModelBackend")
    for name in ("air:targets", "air:dustfall"):
        assert client.get(reverse(name)).status_code == 403


def test_the_pages_take_few_queries_whatever_the_number_of_areas(air, client):
    enter(client, air, "office")
    for address in (reverse("air:targets"), reverse("air:target", args=["pm25-city"]), reverse("air:dustfall")):
        client.get(address)
        assert count(client, address) <= 20


def dust(town, area, month, value):
    enter_value(town.people["office"], "dustfall", area, periods.parse(month), Statement(Decimal(value)))


def test_the_dustfall_table(town, client):
    for area in town.areas:
        dust(town, area, "2020-05", "8.5")
    dust(town, town.areas[0], "2020-06", "12.5")
    page = enter(client, town, "office").get(reverse("air:dustfall")).text
    assert "▲ +4" in page
    assert "12.5" in page
    assert "10.5" in page  # the mean of two months
    assert "too few areas" in page  # one of four areas makes no June for the city
    assert client.get(reverse("air:dustfall"), {"year": "2019"}).status_code == 200
    assert client.get(reverse("air:dustfall"), {"export": "xlsx"}).status_code == 200
    assert client.get(reverse("air:dustfall"), {"chart": "dustfall", "format": "csv"}).status_code == 200
    assert "#enter" not in enter(client, town, "public").get(reverse("air:dustfall")).text


def test_a_correction_names_the_targets_that_rest_on_it(air):
    source = f"cnemc-city:{air.city.name}"
    june = dt.date(2020, 6, 1), dt.date(2020, 7, 1)
    found = list(targets_resting_on([Affected(source, "", "PM2.5", *june)]))
    assert [(one.kind, one.id, one.url_name) for one in found] == [("target", "pm25-city", "air:target")]
    assert list(targets_resting_on([Affected(source, "", "SO2", *june)])) == []
    last_year = dt.date(2019, 6, 1), dt.date(2019, 7, 1)
    assert list(targets_resting_on([Affected(source, "", "PM2.5", *last_year)])) == []
    area = f"cnemc-city:{air.areas[0].name}"
    assert {one.id for one in targets_resting_on([Affected(area, "", "PM2.5", *june)])} == {"pm25-area", "good-area"}


def test_invented_targets_are_read_only_in_a_demonstration(air, settings):
    pack = known.pack_root(Context())
    (pack / "demo").mkdir()
    text = TARGETS.split("[[target]]")[1].replace("pm25-city", "made-up")
    written = "[[target]]" + text.format(city=air.city.code)
    (pack / "demo" / "targets.toml").write_text(written, encoding="utf-8")
    assert "made-up" not in {one.id for one in board(Context()).goals}
    (settings.LANTIAN_DATA / "demo.json").write_text(json.dumps({}), encoding="utf-8")
    (made,) = [one for one in board(Context()).goals if one.id == "made-up"]
    assert made.target.demonstration


def test_the_api_says_the_same_as_the_pages(air):
    dust(air, air.areas[0], "2020-05", "8.5")
    api = Api(air.people["office"])
    found = api.get("/air/targets").json()
    assert [one["id"] for one in found] == ["good-area", "pm25-area", "pm25-city", "rank-city"]
    assert found[2]["raw"] == {**found[2]["raw"], "value": 35, "n": 182, "expected": 182}
    assert found[2]["rest"]["kind"] == "mean"
    one = api.get("/air/targets/pm25-city").json()
    assert len(one["months"]) == 12
    assert api.get("/air/targets/nothing").status_code == 404
    rows = api.get("/air/dustfall").json()
    assert rows[1]["months"][4]["value"]["number"] is not None
