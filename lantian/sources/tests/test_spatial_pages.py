"""Boilers, permits and the map: what they show, whom they show it to, that they stay cheap, and the map's own geometry."""

import datetime as dt
import json
import re

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from lantian.city import clock
from lantian.city.models import Place
from lantian.sources.drawing import CELL, TOUCH, WIDTH, Spot, Window, fitted, gathered, outline, parse_window
from lantian.sources.models import Boiler, Chp, Permit
from lantian.sources.rules.geo import circle
from lantian.sources.tests.builders import make_enterprise
from tests.builders import make_city

TODAY = dt.date(2020, 9, 30)
AT = (112.7, 38.4)
BOX = {"type": "Polygon", "coordinates": [[[112, 38], [113, 38], [113, 39], [112, 39], [112, 38]]]}


@pytest.fixture
def town(db, tmp_path, settings):
    settings.LANTIAN_DATA = tmp_path
    with clock.travel(TODAY):
        city = make_city()
        Place.objects.filter(pk=city.areas[0].pk).update(boundary=BOX)
        yield city


def at(metres: float, bearing: int = 0) -> dict:
    lon, lat = circle(*AT, metres, corners=4)[bearing // 90]
    return {"lon": lon, "lat": lat, "datum": "WGS-84", "wgs_lon": lon, "wgs_lat": lat}


@pytest.fixture
def browse(town, login):
    def as_(name: str, language: str = "zh-hans"):
        client = login(town.people[name])
        client.cookies["lantian_language"] = language
        return client

    return as_


@pytest.fixture
def stand(town):
    """Two enterprises of two counties with boilers around a large plant."""
    one = make_enterprise("E1", "甲厂", area=town.areas[0], industry="brick", grade="A", **at(500))
    two = make_enterprise("E2", "乙厂", area=town.areas[1], industry="heating", grade="D")
    plant = make_enterprise("E9", "热电厂", area=town.areas[0], **at(0))
    Chp.objects.create(enterprise=plant, code="H1", unit_mw=350, total_mw=700, **at(0))
    given_ = {"fuel": "coal", "purpose": "heating"}
    Boiler.objects.create(enterprise=one, code="B1", name="近锅炉", capacity_th=20, **given_, **at(14_990, 90))
    Boiler.objects.create(enterprise=one, code="B2", name="远锅炉", capacity_th=10, **given_, **at(15_010, 180))
    Boiler.objects.create(enterprise=two, code="B3", name="无址锅炉", capacity_th=40, **given_)
    Boiler.objects.create(
        enterprise=one, code="B4", name="已拆锅炉", capacity_th=6, removed_on=TODAY, **given_, **at(100)
    )
    Permit.objects.create(enterprise=one, code="K1", number="证1", kind="permit", expires_on=dt.date(2021, 1, 1))
    return town


def codes(browse, address: str, user: str = "office") -> list[str]:
    sheet = browse(user).get(f"{address}&export=csv&columns=code").content.decode("utf-8-sig")
    return [line.strip() for line in sheet.splitlines()[1:]]


def test_the_boilers_rules_are_filters(stand, browse) -> None:
    page = reverse("sources:boilers")
    assert codes(browse, page + "?x=1") == ["B1", "B2", "B3", "B4"]
    assert codes(browse, page + "?rule=near") == ["B1"]
    assert codes(browse, page + "?rule=small") == ["B2"]
    assert codes(browse, page + "?rule=any") == ["B1", "B2"]
    assert codes(browse, page + "?rule=unplaced") == ["B3"]
    assert codes(browse, page + "?state=gone") == ["B4"]
    assert codes(browse, page + "?state=left&fuel=coal&area=" + stand.areas[1].code) == ["B3"]
    assert codes(browse, page + "?q=乙 无址") == ["B3"]
    assert codes(browse, page + "?rule=small&day=2020-09-29") == ["B2", "B4"]  # B4 stood the day before


def test_each_boiler_says_why(stand, browse) -> None:
    html = browse("office", "en").get(reverse("sources:boilers")).content.decode()
    assert "within 15 km of a large plant" in html
    assert "14.99 km W (270°) · 热电厂" in html
    assert "15.01 km N (0°) · 热电厂" in html
    assert "at most 10 t/h" in html
    assert "position not known" in html
    assert "3 coal boilers still there, 2 of them with a position" in html


def test_a_county_sees_its_own(stand, browse) -> None:
    assert codes(browse, reverse("sources:boilers") + "?x=1", "county2") == ["B3"]
    html = browse("county2").get(reverse("sources:map")).content.decode()
    assert "甲厂" not in html
    assert browse("nobody").get(reverse("sources:map")).status_code == 403


def test_permits_are_covered_by_area_and_industry(stand, browse) -> None:
    html = browse("office", "en").get(reverse("sources:permits")).content.decode()
    rows = {
        re.sub(r"<[^>]+>", "", row[0]).strip(): re.findall(r"lt-number[^>]*>([^<]+)<", row[1])
        for row in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', html, re.DOTALL)
    }
    assert rows["all"] == ["3", "1", "0", "0", "2", "33.3 %"]
    assert rows["bricks"] == ["2", "1", "0", "0", "1", "50.0 %"]
    later = (
        browse("office")
        .get(reverse("sources:permits") + "?state=missing&export=csv&columns=firm")
        .content.decode("utf-8-sig")
    )
    assert [line.strip() for line in later.splitlines()[1:]] == ["乙厂", "热电厂"]


def test_the_map_links_every_dot_and_lists_it(stand, browse) -> None:
    html = browse("office", "en").get(reverse("sources:map")).content.decode()
    assert "2 of 3 in this window; 1 without a usable position" in html
    assert f'href="{reverse("sources:enterprise", args=["E1"])}"' in html
    assert "15 km around 热电厂" in html
    assert html.count("<svg") > 3
    coal = browse("office", "en").get(reverse("sources:map") + "?what=coal").content.decode()
    assert "近锅炉" in coal
    assert "已拆锅炉" not in coal
    assert "coal boiler inside a circle" in coal
    none = browse("office", "en").get(reverse("sources:map") + "?grade=C").content.decode()
    assert "Nothing with a position lies here." in none
    odd = browse("office").get(reverse("sources:map") + "?window=rubbish&grade=Z&industry=none")
    assert odd.status_code == 200


def test_the_pages_cost_the_same_whatever_there_is(stand, browse, django_assert_max_num_queries) -> None:
    for at_ in range(40):
        firm = make_enterprise(f"X{at_:03}", f"厂{at_}", area=stand.areas[0], **at(1000 + 50 * at_, 90))
        Boiler.objects.create(enterprise=firm, code=f"XB{at_}", capacity_th=5, fuel="coal", **at(300 * at_ + 1, 270))
    client = browse("office")
    for name in ("boilers", "permits", "map"):
        client.get(reverse(f"sources:{name}"))
        if name == "boilers":
            assert client.get(reverse("sources:boilers") + "?sort=-plant").status_code == 200
        with django_assert_max_num_queries(22):
            assert client.get(reverse(f"sources:{name}")).status_code == 200


# --- the map's geometry


def test_windows_are_read_fitted_and_moved() -> None:
    window = fitted(112.0, 38.0, 113.0, 39.0)
    assert (window.west, window.east) < (112.0, 113.1)
    again = parse_window(window.written())
    assert again is not None
    assert again.west == pytest.approx(window.west, abs=1e-3)
    for wrong in ("", "1,2,3", "a,b,c,d", "113,38,112,39", "112,38,113,nan", "0,0,0,0"):
        assert parse_window(wrong) is None
    assert window.moved(1, 0).west == pytest.approx(window.east)
    assert (window.zoomed(0.5).east - window.zoomed(0.5).west) == pytest.approx((window.east - window.west) / 2)
    assert window.project(window.west, window.north) == pytest.approx((0, 0))
    assert window.project(window.east, window.south) == pytest.approx((WIDTH, window.height))


_spots = st.lists(st.tuples(st.floats(111.5, 113.5), st.floats(37.5, 39.5)), max_size=60)


@given(_spots)
def test_every_thing_in_the_window_is_in_one_dot(points) -> None:
    window = fitted(112.0, 38.0, 113.0, 39.0)
    spots = [Spot(lon, lat, f"{at_:02}", "/", "grey") for at_, (lon, lat) in enumerate(points)]
    dots = gathered(spots, window)
    inside = [one for one in spots if window.holds(one.lon, one.lat)]
    assert sorted(one.label for dot in dots for one in dot.spots) == [one.label for one in inside]
    assert all(dot.n == len(dot.spots) for dot in dots)
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= window.height + 0.1 for dot in dots)
    for dot in dots:
        if dot.window is not None:  # a click leads somewhere narrower that holds them all
            assert dot.window.east - dot.window.west < window.east - window.west
            assert all(dot.window.holds(one.lon, one.lat) for one in dot.spots)
    assert TOUCH < CELL


def test_things_at_one_place_do_not_come_apart() -> None:
    window = Window(112.0, 38.0, 113.0, 38.8)
    (dot,) = gathered([Spot(112.5, 38.5, str(n), "/", "grey") for n in range(3)], window)
    assert (dot.n, dot.window) == (3, None)


def test_outlines_are_cut_to_the_window() -> None:
    from shapely.geometry import shape

    path = outline(shape(BOX), fitted(112.4, 38.4, 112.6, 38.6))
    numbers = [float(one) for one in re.findall(r"-?\d+\.\d", path)]
    assert max(numbers) < WIDTH * 1.4  # not the 5,000 of the whole square
    assert outline(shape(BOX), fitted(100, 30, 101, 31)) == ""
    assert json.dumps(path).count("M") == 1
