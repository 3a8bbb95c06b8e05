"""The home of the air: what it shows with no data, present, late and old hours; marked, exported, never taken for now."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl
import pytest

from lantian.air.front import map as map_module
from lantian.air.reading.importing import look, store_in, write
from lantian.air.tests import files
from lantian.city import clock
from lantian.observations.model import Batch
from lantian.standards.pollutants import core_codes, pollutant
from tests.builders import make_city, make_ledger

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2020, 6, 20, 12, 30)
WORSE = ("115", "90", "20", "30", "60", "0.8")
AREA = {"type": "Polygon", "coordinates": [[[112, 38], [113, 38], [113, 39], [112, 39], [112, 38]]]}


@pytest.fixture
def town(tmp_path, settings):
    settings.LANTIAN_DATA = tmp_path
    map_module._outlines.cache_clear()  # every test's pack looks like the one before
    with clock.travel(NOON):
        yield make_city()


def bring(settings, lines):
    write(
        look(files.write(settings.LANTIAN_DATA / "a.csv", lines), "cnemc-city-hourly"), store_in(settings.LANTIAN_DATA)
    )


def until(hour, values=files.QUIET):
    """Three days of the city up to an hour of the third."""
    first = dt.date(2020, 6, 18)
    whole = files.days_of(first, 2, "青川市", values)
    return [*whole, *files.hours_of(dt.date(2020, 6, 20), "青川市", values, range(1, hour + 1))]


def page(client, town, query="", who="office"):
    client.force_login(town.people[who], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(f"/air/{query}")


def test_without_data_it_says_what_to_do(client, town):
    assert "还没有空气质量数据" in page(client, town).text
    assert page(client, town).status_code == 200


def test_the_present_hour_with_level_primary_and_values(client, town, settings):
    bring(settings, until(12, WORSE))
    text = page(client, town).text
    own = text[text.index("card-title") :]
    assert '<div class="h1 mb-0">150</div>' in own
    assert "轻度污染" in own
    assert "PM₂.₅" in own
    assert "2020-06-20 12:00" in own
    assert '<span class="badge lt-green">实时</span>' in own
    assert 'fill="#FF7E00"' in own, "the standard's colour of level 3"


def test_late_hours_say_so_and_the_map_has_no_colour_for_them(client, town, settings):
    area = town.areas[0]
    area.boundary = AREA
    area.save()
    bring(settings, [*until(12), *[row.replace("青川市", "甲县") for row in until(9, WORSE)]])
    # What the release calls a city is no area: the area has nothing, and says so.
    answer = page(client, town)
    assert "data-chart-data" not in answer.text, "without a present hour there is nothing to colour"
    assert "没有可绘制的数值" in answer.text
    assert "没有数据序列" in answer.text


def test_an_old_file_is_not_the_present_but_can_be_looked_at(client, town, settings):
    bring(settings, files.days_of(dt.date(2020, 5, 1), 3, "青川市", WORSE))
    answer = page(client, town)
    assert "目前没有任何地点的实时数据" in answer.text
    assert '<div class="h1 mb-0">150</div>' not in answer.text
    link = re.search(r'\?at=([^"]+)"', answer.text).group(1)
    assert link == "2020-05-04T00:00"
    past = page(client, town, f"?at={link}").text
    assert "这是 2020-05-03 24:00 的空气质量，不是实时数据" in past
    assert '<div class="h1 mb-0">150</div>' in past


def test_late_by_hours(client, town, settings):
    bring(settings, until(8, WORSE))
    text = page(client, town).text
    assert "迟 3 小时" in text
    assert "2020-06-20 08:00 的 AQI" in text
    assert '<span class="badge lt-green">' not in text


@pytest.mark.parametrize(
    ("asked", "said", "status"),
    [
        ("yesterday", "不是时次", 400),
        ("2020-06-21T01:00", "尚未到来", 400),
        ("1990-01-01T00:00", "没有已知的标准", 400),
    ],
)
def test_wrong_hours_are_answered_in_words(client, town, settings, asked, said, status):
    bring(settings, until(12))
    answer = page(client, town, f"?at={asked}")
    assert answer.status_code == status
    assert said in answer.text


def test_month_and_year_to_date(client, town, settings):
    bring(settings, files.days_of(dt.date(2020, 5, 30), 22, "青川市"))
    text = page(client, town).text
    table = text[text.index("本月与本年至今") :]
    cells = [re.sub(r"<.*?>", "", cell) for cell in re.findall(r'<td class="lt-number">(.*?)</td>', table)]
    assert cells[:2] == ["20", "20"], "SO2 of the month and of the year"
    good = re.search(r"优良天数</td>(.*?)</tr>", table).group(1)
    assert re.findall(r">(\d+)<", good) == ["19", "21"], "the days up to yesterday"


def test_invented_values_are_marked(client, town, settings):
    begin = dt.datetime(2020, 6, 18, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    hours = [begin + n * dt.timedelta(hours=1) for n in range(60)]
    rows = pl.DataFrame(
        [
            {"source": "synthetic-city:青川市", "place": "青川市", "quantity": code, "valid_from": hour,
             "valid_to": hour + dt.timedelta(hours=1), "value": 1.0 if code == "CO" else 40.0,
             "unit": pollutant(code).unit, "flag": ""}
            for hour in hours for code in core_codes()
        ]
    ).with_columns(pl.col("valid_from", "valid_to").dt.convert_time_zone("UTC"))  # fmt: skip
    with store_in(settings.LANTIAN_DATA).writer("test") as writer:
        writer.append(Batch("invented", known_at=hours[-1], origin="test"), rows)
    text = page(client, town).text
    assert "其中有演示用的合成数据" in text
    assert text.count('<span class="badge lt-purple">合成</span>') >= 2


def test_who_may_not_look_is_refused(client, town):
    assert page(client, town, who="nobody").status_code == 403


def test_the_map_as_a_file(client, town, settings):
    town.areas[0].boundary = AREA
    town.areas[0].save()
    bring(settings, until(12, WORSE))
    answer = page(client, town, "?chart=now&format=csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0] == "地区,AQI,级别,首要污染物,时次,状态"
    assert rows[1] == "青川市,150,轻度污染,PM₂.₅,2020-06-20 12:00,实时"
    assert len(rows) == 1 + 1 + len(town.areas)


def test_the_page_asks_the_database_a_fixed_number_of_times(client, town, settings, django_assert_max_num_queries):
    bring(settings, until(12))
    page(client, town)
    with django_assert_max_num_queries(30):
        page(client, town)


def test_the_wall_screen_of_the_site_has_the_city_s_air(client, town, settings):
    make_ledger(town)
    bring(settings, until(12, WORSE))
    client.force_login(town.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    wall = client.get("/?wall=1").text
    tile = wall[wall.index('href="/air/?wall=1"') :]
    assert tile.index('<span class="h1 mb-0">150</span>') < tile.index("轻度污染")
    assert 'href="/air/?wall=1"' not in client.get("/").text
