"""Pages about a place over HTTP: what they show, bad parameters, changes of the law, missing data, downloads, roles."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
from decimal import Decimal
from urllib.parse import quote

import openpyxl
import pytest
from django.urls import reverse

from lantian.air.tests.measured import QUIET, flag, put, rows
from lantian.kit.language import LANGUAGE_COOKIE

pytestmark = pytest.mark.django_db
MAY = dt.date(2020, 5, 1)
PAGES = ("place", "place_calendar", "place_years", "place_distribution", "place_day", "place_workbook")


@pytest.fixture
def data(settings, tmp_path, monkeypatch):
    """An empty data folder, no city pack, and a present in June 2026."""
    from lantian.city import clock

    settings.LANTIAN_DATA = tmp_path / "data"
    monkeypatch.setenv("LANTIAN_CITIES", str(tmp_path / "none"))
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.fromisoformat("2026-06-20T09:00:00+08:00"))
    return settings.LANTIAN_DATA


@pytest.fixture
def office(city, client):
    client.force_login(city.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    client.cookies[LANGUAGE_COOKIE] = "en"
    return client


def address(page, place, query=""):
    return reverse(f"air:{page}", args=[place]) + (f"?{query}" if query else "")


def seen(answer):
    """The page's text without tags."""
    text = html.unescape(re.sub(r"<script type=\"application/json\".*?</script>|<[^>]+>", " ", answer.content.decode()))
    return re.sub(r"\s+", " ", text)


def chart(answer, name):
    """The data of a chart as the script gets it."""
    found = re.findall(
        r'<script type="application/json" data-chart-data>(.*?)</script>', answer.content.decode(), re.DOTALL
    )
    return next(one for one in map(json.loads, found) if one["id"] == name)


def offers(answer):
    block = re.search(r'role="alert">.*?</div></div>', answer.content.decode(), re.DOTALL)
    return [html.unescape(url) for url in re.findall(r'<a class="btn" href="([^"]+)"', block[0])] if block else []


# Overview


def test_the_overview_by_hand(data, office):
    """PM2.5 of 35 on 30 days and of 80 on one: mean 36.45, index 20/60 + 30/40 + .8/4 + 60/160 + 50/70 + 36.45/35."""
    put(data, "a", rows(MAY, 31, "甲", PM25=lambda day, hour: 80 if day == 3 else 35))
    text = seen(office.get(address("place", "甲", "period=2020-05")))
    assert "Good days 30 / 31" in text
    assert "Composite index 3.41" in text
    assert "PM2.5: mean (µg/m3) 31/31 36 limit 35 exceeded 0.03 times over" in text
    assert "PM2.5: percentile 95 (µg/m3) 31/31 35 limit 75 kept" in text
    assert "SO2: mean (µg/m3) 31/31 20 limit 60 kept" in text
    assert "CO: mean (mg/m3) 31/31 0.8 CO" in text  # the law has no annual limit of CO
    assert "Class of SO2 I " in text
    assert "Capture of hours 100.0 %" in text
    assert "Not a whole calendar year" in text
    assert "Law: standards of 2012 (HJ 633-2012)" in text
    assert "Rules: air-" in text
    assert "hourly values of cities, national monitoring centre" in text


def test_another_law_stands_beside(data, office):
    put(data, "a", rows(MAY, 31, "甲", PM25=61))
    text = seen(office.get(address("place", "甲", "period=2020-05&beside=2026-transition")))
    assert "61 limit 35 exceeded 0.74 times over 61.0 limit 30 exceeded 1.03 times over" in text
    assert "Good days (days) 31/31 31 (100.0 %) 0 (0.0 %)" in text
    assert "limit 30" not in seen(office.get(address("place", "甲", "period=2020-05")))


def test_dust_stands_beside_what_was_measured(data, office):
    """Hours of the list of dust are left out of the means; both are shown, and how many hours they were."""
    found = list(rows(MAY, 31, "甲", PM10=lambda day, hour: 800 if day == 9 and hour <= 3 else 50))
    put(data, "a", iter(found))
    for row in found:
        if row["quantity"] in ("PM10", "PM2.5") and row["value"] == 800:
            flag(data, row, "dust")
    text = seen(office.get(address("place", "甲", "period=2020-05")))
    assert "standards of 2012, dust hours left out" in text
    assert "The list of dust names 3 hours on 1 days of this period" in text
    assert "PM10: mean (µg/m3) 31/31 53 limit 70 kept 50 limit 70 kept" in text
    assert "names no hour of this period" in seen(office.get(address("place", "甲", "period=2020-05-20..2020-05-31")))


def test_a_long_period_is_drawn_by_months_a_short_one_by_days(data, office):
    put(data, "a", rows(dt.date(2020, 1, 1), 152, "甲"))
    year = chart(office.get(address("place", "甲", "period=2020")), "months")
    assert year["x"][:5] == [f"2020-0{n}" for n in range(1, 6)]
    assert [one["name"] for one in year["series"]][:2] == ["excellent", "good"]
    assert year["series"][0]["values"][:5] == [31, 29, 31, 30, 31]
    days = chart(office.get(address("place", "甲", "period=2020-05")), "days")
    assert (len(days["x"]), days["series"][0]["values"][0], days["series"][0]["texts"][0]) == (31, 50, "excellent")
    assert days["links"][3] == address("place_day", "甲", "period=2020-05&date=2020-05-04")


def test_days_to_come_do_not_count(data, office):
    put(data, "a", rows(dt.date(2026, 6, 1), 19, "甲"))
    text = seen(office.get(address("place", "甲", "period=2026-06")))
    assert "up to 2026-06-19" in text
    assert "Good days 19 / 19" in text
    assert "19/19" in text


# Changes of the law


def test_a_period_over_a_change_of_the_law_offers_a_choice(data, office):
    put(data, "a", rows(dt.date(2026, 2, 20), 20, "甲", PM25=61))
    answer = office.get(address("place", "甲", "period=2026-02-20..2026-03-11"))
    assert answer.status_code == 200
    assert "The law changes within this period, on 2026-03-01." in seen(answer)
    found = offers(answer)
    assert len(found) == 4
    good = []
    for url in found:
        page = office.get(url)
        assert page.status_code == 200
        good.append(re.search(r"Good days (\d+) / (\d+)", seen(page)).groups())
    assert good == [("9", "9"), ("0", "11"), ("20", "20"), ("0", "20")]


def test_pages_of_days_go_over_a_change_of_the_law(data, office):
    """Every day of the calendar stands under the law of its own date."""
    put(data, "a", rows(dt.date(2026, 2, 27), 4, "甲", PM25=61))
    answer = office.get(address("place_calendar", "甲", "period=2026"))
    days = chart(answer, "calendar")
    found = dict(zip(days["x"], days["series"][0]["values"], strict=True))
    assert [found[f"2026-0{day}"] for day in ("2-27", "2-28", "3-01", "3-02")] == [83, 83, 101, 101]
    assert "standards of 2012 (HJ 633-2012), standards of 2026, transition limits (HJ 633-2026)" in seen(answer)
    assert "Runs of days with an AQI above 100" in seen(answer)
    both = office.get(address("place_distribution", "甲", "period=2026-02-27..2026-03-02&item=AQI"))
    assert both.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_before_the_first_standard(data, office, page):
    put(data, "a", rows(dt.date(2015, 5, 1), 3, "甲"))
    answer = office.get(address(page, "甲", "period=2015-05&date=2015-05-02"))
    assert answer.status_code == 200
    assert "No standard is known for days before 2016-01-01" in seen(answer)
    under = next(url for url in offers(answer) if "regime=2012" in url)
    assert office.get(under).status_code == 200


# What cannot be answered

BAD = (
    "period=xx", "period=2020-13", "period=2020-02-30..2020-03-01", "period=2020-03-02..2020-03-01",
    "period=2000-01-01..2020-01-01", f"period={'9' * 3000}", "first=2020-05-01", "last=2020-05-01",
    "first=2020-05-03&last=2020-05-01", "first=1&last=2", "regime=2013", "beside=x", "item=XY", "year=abc", "year=99999",
    "year=2020&part=13", "year=2020&part=%27", "date=yesterday", "date=2020-02-30", "regime=%F0%9F%92%A9",
    "first=0001-01-01&last=0001-01-02", "period=2999-12", "year=2999&part=12", "date=9999-12-31", "date=0001-01-01",
    "year=1000", "period=1000", "year=1990", "period=2099",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_bad_parameters_give_a_message_and_never_a_server_error(data, office, page):
    put(data, "a", rows(MAY, 2, "甲"))
    for query in BAD:
        answer = office.get(address(page, "甲", query))
        assert answer.status_code in (200, 400), (query, answer.status_code)
        assert answer.status_code == 200 or 'role="alert"' in answer.content.decode(), query


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("period=xx", "“xx” is no period. Write 2020"),
        ("period=2020-13", "names a day or month that is not in the calendar"),
        ("first=2020-05-03&last=2020-05-01", "Final day: The last day lies before the first."),
        ("period=2000-01-01..2020-01-01", "longer than three years"),
        ("first=2020-05-01", "Final day: Give both days."),
        ("part=05", "Year: Choose the year too."),
        ("regime=2013", "Law: “2013” is none of the choices."),
    ],
)
def test_a_message_says_what_is_wrong(data, office, query, words):
    put(data, "a", rows(MAY, 2, "甲"))
    answer = office.get(address("place", "甲", query))
    assert answer.status_code == 400
    assert words in seen(answer)


def test_a_place_that_is_not_there(data, office):
    put(data, "a", rows(MAY, 1, "临水"))
    answer = office.get(address("place", "临氺市"))
    assert answer.status_code == 404
    assert "There are no data of a place “临氺市”" in seen(answer)
    assert offers(answer) == [address("place", "临水")]


def test_names_with_signs_that_addresses_know(data, office):
    for name in ("甲/乙", "丙~1丁", "a?b#c", "甲 乙"):
        put(data, name, rows(MAY, 1, name))
    listed = office.get(reverse("air:places")).content.decode()
    links = re.findall(r'<td data-label=""><a href="([^"]+)">([^<]+)</a>', listed)
    assert {html.unescape(name) for _, name in links} == {"甲/乙", "丙~1丁", "a?b#c", "甲 乙"}
    for url, name in links:
        page = office.get(html.unescape(url) + "?period=2020-05")
        assert page.status_code == 200
        assert html.unescape(name) in seen(page)


def test_a_period_without_data_says_why_and_where_there_are_some(data, office):
    put(data, "a", rows(MAY, 31, "甲"))
    for page in ("place", "place_distribution", "place_calendar", "place_workbook"):
        answer = office.get(address(page, "甲", "period=2019"))
        assert answer.status_code == 200
        assert "There are no data of 甲 in 2019 (whole year)." in seen(answer)
        assert "There are data from 2020-05-01 to 2020-05-31" in seen(answer)
        [url] = [url for url in offers(answer) if "period" in url]
        assert "There are no data" not in seen(office.get(url))
    answer = office.get(address("place_day", "甲", "date=2020-06-01"))
    assert "There are no data of 甲 on 2020-06-01" in seen(answer)
    assert "AQI of the day 50" in seen(office.get(offers(answer)[-1]))


def test_without_any_data(data, office, city, client):
    text = seen(office.get(reverse("air:places")))
    assert "There are no air data yet." in text
    assert office.get(address("place", "甲")).status_code == 404


# Days


def test_a_day_hour_by_hour(data, office):
    """PM2.5 of 75 in hours 1 to 12 and 35 after: index 100 and 50, the sliding mean of hour 24 is 55."""
    found = list(rows(MAY, 2, "甲", PM25=lambda day, hour: 75 if day == 1 and hour <= 12 else 35))
    put(data, "a", iter(found))
    flag(data, found[-1], "suspect")
    answer = office.get(address("place_day", "甲", "date=2020-05-02"))
    index = chart(answer, "index")
    assert index["series"][0]["values"] == [100] * 12 + [50] * 12
    assert index["series"][0]["texts"][0] == "good, PM2.5"
    sliding = next(one for one in chart(answer, "sliding")["series"] if one["name"].startswith("PM2.5"))
    assert sliding["values"][-1] == 55
    assert sliding["n"] == [24] * 24
    text = seen(answer)
    assert "PM2.5 (µg/m3) 55 mean 24" in text
    assert "PM2.5: suspect" in text
    assert address("place_day", "甲", "period=2020&date=2020-05-01") in html.unescape(answer.content.decode())


def test_hours_that_are_missing_are_said_to_be(data, office):
    put(data, "a", rows(MAY, 1, "甲", PM25=lambda day, hour: None if hour < 10 else 35))
    text = seen(office.get(address("place_day", "甲", "date=2020-05-01")))
    assert "PM2.5 (µg/m3) 35 mean 15 not valid: too few hours" in text


# Distributions


def test_distributions_by_hand(data, office):
    put(data, "a", rows(MAY, 27, "甲", PM25=lambda day, hour: hour))
    answer = office.get(address("place_distribution", "甲", "period=2020-05-01..2020-05-27"))
    heat = chart(answer, "hours")
    assert [one["name"] for one in heat["series"]] == [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]  # fmt: skip
    # Four of every weekday but Thursday: three are too few.
    assert heat["series"][4]["values"] == list(range(1, 25))
    assert heat["series"][3]["values"] == [None] * 24
    assert heat["series"][3]["n"] == [3] * 24
    kinds = chart(answer, "day-types")
    assert [one["n"][0] for one in kinds["series"]] == [17, 5, 5]
    [box] = chart(answer, "boxes")["series"]
    assert box["values"] == [[12.5] * 5]
    assert "too few: 3 values" in answer.content.decode()


def test_a_year_whose_holidays_are_not_known_says_so(data, office):
    put(data, "a", rows(dt.date(2018, 10, 1), 8, "甲"))
    assert "holidays of 2018 are not known here" in seen(
        office.get(address("place_distribution", "甲", "period=2018-10"))
    )


# Year on year


def test_two_years_by_hand(data, office):
    put(data, "a", rows(MAY, 31, "甲", PM25=30))
    put(data, "b", rows(dt.date(2019, 5, 1), 31, "甲", PM25=40))
    answer = office.get(address("place_years", "甲", "period=2020-05"))
    text = seen(answer)
    assert "Both sides under: standards of 2012; both sides in the same reference state" in text
    assert "PM2.5: mean (µg/m3) 30 40 -25.0 31/31 31/31" in text
    months = chart(answer, "months")
    assert [one["values"] for one in months["series"]] == [[30], [40]]
    hours = chart(answer, "diurnal")
    assert [one["values"][0] for one in hours["series"]] == [30, 40]


def test_years_of_two_reference_states_are_brought_to_one(data, office):
    """Gases of before 2018-09-01 read 298.15/273.15 higher; NO2 of 60 then is 55 now (54.97). Particles stay as published."""
    put(data, "a", rows(dt.date(2019, 5, 1), 31, "甲", NO2=55))
    put(data, "b", rows(dt.date(2018, 5, 1), 31, "甲", NO2=60))
    answer = office.get(address("place_years", "甲", "period=2019-05&item=NO2"))
    text = seen(answer)
    assert "gases converted to the reference state of the later side: SO2, NO2, CO, O3" in text
    assert "as published, since they cannot be converted: PM10, PM2.5" in text
    assert "NO2: mean (µg/m3) 55 55 0.1" in text
    assert [one["values"] for one in chart(answer, "months")["series"]] == [[55], [55]]
    before = chart(answer, "diurnal")["series"][1]["values"][0]
    assert before == pytest.approx(60 * 273.15 / 298.15, abs=0.05)


def test_without_a_year_before_nothing_is_compared(data, office):
    put(data, "a", rows(MAY, 31, "甲"))
    answer = office.get(address("place_years", "甲", "period=2020-05"))
    assert answer.status_code == 200
    assert "no data of 甲 a year before (2019-05-01 to 2019-05-31), so nothing can be compared" in seen(answer)


# Files


def book(answer):
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def test_the_workbook_holds_every_table_with_its_origin(data, office):
    put(data, "a", rows(MAY, 31, "甲", PM25=lambda day, hour: 160 if day in (3, 4) else 35))
    answer = office.get(address("place_workbook", "甲", "period=2020-05&beside=2026-transition"))
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    found = book(answer)
    assert found.sheetnames == [
        "About", "Figures", "Composite index", "Levels", "Primary pollutants", "Months", "Days", "Daily values",
        "Runs of bad days", "By hour", "By kind of day",
    ]  # fmt: skip
    for sheet in found:
        text = "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
        for part in ("Law: standards of 2012", "Rules: air-", "capture of hours 100.0 %", "Days with an index: 31 of 31",
                     "Source: hourly values of cities", "Store version: "):  # fmt: skip
            assert part in text, (sheet.title, part)
    days = list(found["Days"].iter_rows(min_row=2, max_row=32, values_only=True))
    assert [(row[0].date(), row[1]) for row in days[3:6]] == [
        (dt.date(2020, 5, 4), 210), (dt.date(2020, 5, 5), 210), (dt.date(2020, 5, 6), 50),
    ]  # fmt: skip
    runs = list(found["Runs of bad days"].iter_rows(min_row=2, max_row=3, values_only=True))
    assert [row[:5] for row in runs] == [
        (100, "2020-05-04", "2020-05-05", 2, 210), (200, "2020-05-04", "2020-05-05", 2, 210),
    ]  # fmt: skip
    head = [cell.value for cell in found["Figures"][1]]
    assert "standards of 2026, transition limits: limit" in head
    assert "synthetic" not in "".join(head).lower()


def test_each_chart_can_be_taken_along(data, office):
    put(data, "a", rows(MAY, 31, "甲"))
    put(data, "b", rows(dt.date(2019, 5, 1), 31, "甲"))
    charts = {
        "place": ("days", "composite"), "place_calendar": ("calendar",), "place_day": ("index", "values", "sliding"),
        "place_distribution": ("hours", "day-types", "boxes"), "place_years": ("months", "good", "diurnal"),
    }  # fmt: skip
    for page, names in charts.items():
        shown = office.get(address(page, "甲", "period=2020-05&date=2020-05-02"))
        for name in names:
            assert chart(shown, name)["note"]
            for kind in ("csv", "xlsx"):
                answer = office.get(address(page, "甲", f"period=2020-05&date=2020-05-02&chart={name}&format={kind}"))
                assert answer.status_code == 200, (page, name, kind)
                assert "attachment" in answer["Content-Disposition"]
        assert office.get(address(page, "甲", "period=2020-05&chart=none&format=csv")).status_code == 404


# Roles, invented data, search


def test_a_county_sees_its_own_county_first(air, city, login):
    text = seen(login(city.people["county"]).get(reverse("air:places")))
    own = text.index("本辖区")
    assert own < text.index("甲县 990001", own) < text.index("城市", own)
    assert "本辖区" not in seen(login(city.people["office"]).get(reverse("air:places")))


def test_invented_data_say_so_on_every_page(air, city, login):
    client = login(city.people["county"])
    for page in PAGES[:-1]:
        answer = client.get(address(page, "990001", "period=2020-05&date=2020-05-02"))
        assert answer.status_code == 200
        assert "演示用合成数据，并非实测" in seen(answer), page
        assert all(one["synthetic"] for one in (json.loads(each) for each in re.findall(
            r'data-chart-data>(.*?)</script>', answer.content.decode(), re.DOTALL)))  # fmt: skip
    answer = client.get(address("place_workbook", "990001", "period=2020-05"))
    assert quote("合成") in answer["Content-Disposition"]
    for sheet in book(answer):
        assert any("演示用合成数据" in str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)


def test_the_search_finds_places_for_those_who_may_see_them(air, city, login):
    found = seen(login(city.people["office"]).get(reverse("web:search") + "?q=甲县"))
    assert "有空气数据的地点" in found
    assert "990001" in found
    page = login(city.people["office"]).get(reverse("web:search") + "?q=county 1").content.decode()
    assert address("place", "990001") in page
    assert "有空气数据的地点" not in seen(login(city.people["nobody"]).get(reverse("web:search") + "?q=甲县"))


def test_links_lead_to_the_series_and_the_station(air, city, login):
    """The series that the page is made of, with the period and the item; a station has its own page too."""
    client = login(city.people["office"])
    for place in ("990001", "DEMO-2"):
        page = html.unescape(client.get(address("place", place, "period=2020-05&item=O3")).content.decode())
        [series] = re.findall(r'href="(/air/series/[^"]+)"', page)
        assert "item=O3&first=2020-05-01&last=2020-05-31" in series
        assert client.get(series).status_code == 200
    assert client.get(reverse("air:station", args=["DEMO-2"])).status_code == 200
    assert reverse("air:station", args=["DEMO-2"]) in page


def test_quiet_is_quiet():
    """The figures of these tests are made by hand from these values."""
    assert QUIET == {"SO2": 20, "NO2": 30, "CO": 0.8, "O3": 60, "PM10": 50, "PM2.5": 35}


def test_hours_made_of_stations_are_shown_rounded_and_downloaded_exactly(air, office):
    """Means of two stations have halves that nobody measured; the standard rounds half to even, CO to one decimal."""
    page = office.get(address("place_day", "990001", "date=2020-05-06"))
    shown = [row[4:10] for row in page.context["rows"]]
    text = office.get(address("place_day", "990001", "date=2020-05-06&chart=values&format=csv")).content.decode(
        "utf-8-sig"
    )
    exact = [line.split(",")[1:7] for line in text.splitlines()[1:]]
    pairs = [(str(a), b) for one, other in zip(shown, exact, strict=True) for a, b in zip(one, other, strict=True) if b]
    assert any(b.endswith(".5") for _, b in pairs)
    assert {len(a.partition(".")[2]) for a, _ in pairs} <= {0, 1}
    whole = [column for column, code in enumerate(page.context["columns"][4:10]) if not code.startswith("CO")]
    for one, other in zip(shown, exact, strict=True):
        for at in whole:
            if other[at]:
                assert one[at] == round(Decimal(other[at])), (one[at], other[at])
    drawn = chart(page, "values")["series"]
    assert all(value is None or value == int(value) for value in drawn[0]["values"])
    assert "Means over stations are shown rounded" in seen(page)
    own = office.get(address("place_day", "9901A", "date=2020-05-06"))
    assert "Means over stations" not in seen(own), "a station's own hours are as measured"
