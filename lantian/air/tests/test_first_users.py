"""What the first users stumbled over: values after the clock's present, the same name twice, tables of days, files of
nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lantian.air import jobs
from lantian.air.control.data import newest_day, sources
from lantian.air.control.monthly import month_of_sources
from lantian.air.models import ImportJob
from lantian.air.quality import running
from lantian.air.tests.made_stores import stored, table_of
from lantian.air.tests.measured import put, rows
from lantian.city import clock
from lantian.observations import hooks
from lantian.records import observing

pytestmark = pytest.mark.django_db
MAY = dt.date(2020, 5, 1)
DAY = {"SO2": 10.0, "NO2": 25.0, "CO": 0.6, "O3_8h": 100.0, "PM10": 70.0, "PM2.5": 30.0}


@pytest.fixture
def data(settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path / "data"
    monkeypatch.setenv("LANTIAN_CITIES", str(tmp_path / "none"))
    monkeypatch.setattr(hooks, "_trail", [observing.receive])
    jobs._last.clear()
    with clock.travel(dt.date(2020, 5, 20)):
        yield settings.LANTIAN_DATA


@pytest.fixture
def office(city, login):
    return login(city.people["office"])


def active(page: str) -> list[str]:
    return re.findall(r'<a class="nav-link active" href="(/air/[^"]*)"', page)


# Values of days to come


def test_a_value_of_the_future_does_not_hide_the_present(data, office):
    """One file of 2022 must not make the review of 2020 look empty."""
    put(data, "a", rows(MAY, 15, "甲"))
    put(data, "b", rows(dt.date(2022, 1, 5), 1, "乙"))
    assert newest_day() == dt.date(2020, 5, 20)
    assert "2020-05" in office.get(reverse("air:quality")).text
    assert "2022" not in re.sub(r"<option.*?</option>", "", office.get(reverse("air:review")).text)


def test_where_all_values_are_to_come_they_are_shown(data):
    put(data, "b", rows(dt.date(2022, 1, 5), 2, "乙"))
    assert newest_day() == dt.date(2022, 1, 6)


def test_hours_to_come_are_not_captured(data):
    """Nine hours of the 20th are over; the file has all 24 of them."""
    put(data, "a", rows(MAY, 31, "甲"))
    (month,) = month_of_sources(MAY, dt.datetime.fromisoformat("2020-05-20T09:00:00+08:00"))
    assert (month.n, month.expected, month.capture) == ((19 * 24 + 9) * 6,) * 2 + (100.0,)
    assert month.valid_days == 19


# Names


def test_two_series_of_one_name_are_told_apart(data, office):
    put(data, "a", itertools.chain(rows(MAY, 2, "甲"), rows(MAY, 2, "乙")))
    put(data, "b", rows(MAY, 2, "甲", series="long-city"))
    names = {source: one.name for source, one in sources().items()}
    assert len(set(names.values())) == 3
    assert names["cnemc-city:乙"] == "乙"
    assert {one.partition(" · ")[0] for one in names.values()} == {"甲", "乙"}


def test_a_page_of_the_places_stands_under_their_tab(data, office):
    put(data, "a", rows(MAY, 2, "甲"))
    assert active(office.get(reverse("air:series")).text) == [reverse("air:places")]
    assert active(office.get(reverse("air:home")).text) == [reverse("air:home")]
    assert active(office.get(reverse("air:import_new")).text) == [reverse("air:imports")]


# Tables of days


@pytest.fixture
def days(data):
    return stored(data, table_of("daily-area:新镇", MAY, [{**DAY, "PM2.5": 30.0 + n} for n in range(20)]))


def page(client, name, query=""):
    answer = client.get(reverse(f"air:{name}", args=["新镇"]) + query)
    assert answer.status_code == 200
    return answer.text


def test_a_day_of_a_table_has_values_and_no_hours(days, office):
    found = page(office, "place_day", "?date=2020-05-10")
    cells = re.findall(r'data-label="小时数">([^<]*)<', found)
    assert cells == ["–"] * 6, "a table of days does not say how many hours there were"
    assert re.findall(r'data-label="日值">([^<]*)<', found)[-1] == "39"
    assert "data-chart" not in found
    assert "逐时数据" not in found
    assert "小时捕获率" not in found
    assert "日值捕获率100.0%" in found


def test_the_downloads_of_hours_are_not_there(days, office):
    url = reverse("air:place_day", args=["新镇"])
    answer = office.get(url, {"date": "2020-05-10", "chart": "index", "format": "csv"})
    assert "text/csv" not in answer.headers["Content-Type"]


def test_the_overview_of_a_table_of_days_by_hand(days, office):
    """Days until yesterday: 19. PM2.5 of 30 to 48, mean 39; PM10 of 70 every day: AQI 60 until PM2.5 is above 43."""
    found = page(office, "place", "?period=2020-05")
    assert "只有日值表" in found
    cells = re.findall(
        r'<td data-label="">([^<]*?) ?<.*?data-label="有效天数">([^<]*)<.*?<strong>([^<]*)<', found, re.DOTALL
    )
    figures = {name: (n, figure) for name, n, figure in cells}
    assert figures["PM2.5：平均值"] == ("19/19", "39")
    assert figures["PM10：平均值"] == ("19/19", "70")
    answer = office.get(
        reverse("air:place", args=["新镇"]), {"period": "2020-05", "chart": "days", "format": "csv"}
    ).content.decode("utf-8-sig")
    days_of = list(csv.reader(io.StringIO(answer)))[1:]
    assert [row[1] for row in days_of] == [*["60"] * 14, "62", "63", "64", "65", "67"]
    assert [row[3] for row in days_of] == [*["PM10"] * 13, "PM10, PM2.5", *["PM2.5"] * 5]


def test_months_are_drawn_and_hours_are_not(days, office):
    found = page(office, "place_distribution", "?period=2020-05")
    assert found.count("data-chart-picture") == 1
    assert "按日类型" not in found
    assert len(found) < 120_000, "no tables of hours that are all empty"


@pytest.mark.parametrize("name", ["place", "place_calendar", "place_workbook"])
def test_the_other_pages_of_a_table_of_days(days, office, name):
    assert office.get(reverse(f"air:{name}", args=["新镇"]), {"period": "2020-05"}).status_code == 200


# Files without values


def looked(client, *lines: str) -> str:
    content = "\n".join(["time,place,pollutant,value,unit", *lines]).encode()
    said = {"series": "long-city", "hour_label": "end", "time_zone": "Asia/Shanghai", "encoding": "utf-8"}
    client.post(
        reverse("air:import_upload", args=["long"]), {**said, "file": SimpleUploadedFile("a.csv", content, "text/csv")}
    )
    jobs.work()
    return client.get(reverse("air:import", args=[ImportJob.objects.latest("pk").pk])).text


def test_a_file_of_names_alone_says_so(data, office):
    assert "没有数据，无可写入" in looked(office)


def test_a_file_of_faults_alone_says_so(data, office):
    found = looked(office, "2020-05-01 01:00,甲,PM2.5,x,µg/m3")
    assert "没有一行有可写入的值" in found
    assert "写入数据库" not in found


def test_what_was_declared_is_told_in_words(data, office):
    found = looked(office, "2020-05-01 01:00,甲,PM2.5,3,µg/m3")
    told = dict(re.findall(r'<dt class="col-5">([^<]+)</dt><dd class="col-7 text-break">([^<]+)</dd>', found))
    assert told["时间标签指"] == "小时的终点"
    assert not {"series", "hour_label"} & set(told)


def test_names_of_columns_in_the_readers_language_come_first(data, office):
    found = office.get(reverse("air:import_upload", args=["daily-aqi"])).text
    assert "<code>二氧化硫</code> / <code>SO2</code>" in found


# Two threads of the worker


def test_two_checks_at_once_leave_one_note(tmp_path, monkeypatch):
    note, real, inside = tmp_path / "quality.json", running.sync_file, []

    def other_first(path):
        if not inside:
            inside.append(path)
            running._note(note, 1)
        real(path)

    monkeypatch.setattr(running, "sync_file", other_first)
    running._note(note, 2)
    assert running._since(note) == 2
    assert [one.name for one in tmp_path.iterdir()] == ["quality.json"]


# How sure a number is


def test_tags_of_confidence_are_told_in_words(data, office, settings):
    """R-M says nothing to an official."""
    put(data, "a", rows(MAY, 2, "甲"))
    found = office.get(reverse("air:dust")).text
    assert "凭记忆" in found or "已对照原文" in found or "第三方" in found
    assert not re.findall(r"R-[HML]\b", found)
