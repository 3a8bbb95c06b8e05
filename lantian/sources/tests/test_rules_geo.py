"""Distances against Karney's own test cases; radius and polygon searches against naive ones."""

import datetime as dt
import doctest
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.sources.rules import geo
from lantian.sources.rules.geo import PlaceIndex, Zone, ZoneIndex, as_points, circle, metres, near, within

# latitude, longitude, azimuth; latitude, longitude; metres: test cases published with Karney's GeographicLib
KARNEY = [
    (35.60777, -139.44815, 111.098748429560326, -11.17491, -69.95921, 8935244.5604818305),
    (55.52454, 106.05087, 22.020059880982801, 77.03196, 197.18234, 4105086.1713924406),
    (-21.97856, 142.59065, -32.44456876433189, 41.84138, 98.56635, 8394328.894657671),
    (-66.99028, 112.2363, 173.73491240878403, -12.70631, 285.90344, 11150344.2312080241),
    (-50.56724, -16.30485, -105.439679907590164, -33.56571, -94.97412, 6455670.5118668696),
    (-68.82867, -74.28391, 93.774347763114881, -50.63005, -8.36685, 3956936.926063544),
    (-10.62672, -32.0898, -86.426713286747751, 5.883, -134.31681, 11470869.3864563009),
    (-21.76221, 166.90563, 29.319421206936428, 48.72884, 213.97627, 9098627.3986554915),
    (-19.79938, -174.47484, 71.167275780171533, -11.99349, -154.35109, 2319004.8601169389),
    (-41.22777, 122.32875, 14.285113402275739, -7.57291, 130.37946, 3812686.035106021),
    (11.01307, 138.25278, 79.43682622782374, 6.62726, 247.05981, 11911190.819018408),
]


@pytest.mark.parametrize("case", KARNEY)
def test_karneys_cases(case: tuple[float, ...]) -> None:
    lat, lon, azimuth, to_lat, to_lon, length = case
    got, bearing = near(lon, lat, to_lon, to_lat)
    assert got == pytest.approx(length, abs=1e-6)
    assert bearing == pytest.approx(azimuth % 360, abs=1e-9)


def test_a_sphere_would_be_wrong_at_fifteen_kilometres() -> None:
    """Why the ellipsoid: what lies 15,010 m away is inside 15 km on a sphere."""
    lon, lat = 112.7, 38.4
    east = circle(lon, lat, 15_010.0, corners=4)[1]
    assert metres(lon, lat, *east) == pytest.approx(15_010, abs=1e-3)
    a, b = math.radians(lat), math.radians(east[1])
    chord = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(east[0] - lon) / 2) ** 2
    assert 2 * 6_371_000 * math.asin(math.sqrt(chord)) < 15_000


def test_off_the_earth_is_refused() -> None:
    for wrong in ((0, 91), (float("nan"), 0), (500, 0)):
        with pytest.raises(ValueError, match="not on the earth"):
            metres(*wrong, 0, 0)


_lon, _lat = st.floats(-180, 180), st.floats(-90, 90)
_positions = st.lists(st.tuples(_lon, _lat), min_size=1, max_size=12)


@settings(deadline=None)
@given(_positions, _positions, st.floats(1, 800_000))
def test_within_is_what_looking_at_every_pair_finds(points, centres, radius) -> None:
    found = within(np.array(points), np.array(centres), radius)
    expected = {(at, to) for at, p in enumerate(points) for to, c in enumerate(centres) if metres(*p, *c) <= radius}
    assert {(one.point, one.centre) for one in found} == expected
    assert [one.point for one in found] == sorted(one.point for one in found)
    for one in found:
        assert one.metres == pytest.approx(metres(*points[one.point], *centres[one.centre]), abs=1e-6)
        assert 0 <= one.bearing <= 360


@settings(deadline=None)
@given(st.floats(112, 113), st.floats(38, 39), st.floats(0, 360), st.floats(-0.5, 0.5))
def test_the_edge_of_the_radius(lon: float, lat: float, turn: float, off: float) -> None:
    """A boiler is in or out by centimetres, wherever it lies around the plant; exactly 15 km is in."""
    far, high, _back = geo._geod().fwd(lon, lat, turn, 15_000 + off)
    found = within(np.array([(far, high)]), np.array([(lon, lat)]), 15_000.0)
    if abs(off) > 1e-6:
        assert bool(found) is (off < 0)
    length = metres(far, high, lon, lat)
    assert within(np.array([(far, high)]), np.array([(lon, lat)]), length)


def test_each_centre_may_have_its_own_radius_and_gaps_are_near_nothing() -> None:
    points = as_points([(112.7, 38.4), (None, 38.4), (112.7, None)])
    centres = as_points([(112.8, 38.4), (112.8, 38.4), (None, None)])
    found = within(points, centres, np.array([5_000.0, 10_000.0, 1e9]))
    assert [(one.point, one.centre) for one in found] == [(0, 1)]
    assert found[0].bearing == pytest.approx(90, abs=0.1)
    assert within(as_points([]), centres, 1.0) == []
    assert within(points, as_points([]), 1.0) == []


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    points = np.column_stack((rng.uniform(112, 113, 200), rng.uniform(38, 39, 200)))
    whole = within(points, points[:7], 15_000.0)
    monkeypatch.setattr(geo, "_BLOCK", 50)
    assert within(points, points[:7], 15_000.0) == whole


def test_a_circle_is_a_circle_on_the_ground() -> None:
    ring = circle(112.7, 38.4, 15_000.0)
    assert ring[0] == ring[-1]
    assert len(ring) == 73
    assert all(metres(112.7, 38.4, *one) == pytest.approx(15_000, abs=1e-3) for one in ring)


SQUARES = {
    "b": shapely.box(1, 0, 2, 1),
    "a": shapely.box(0, 0, 1, 1),
    "hole": shapely.box(5, 5, 9, 9) - shapely.box(6, 6, 7, 7),
}


def test_points_in_polygons() -> None:
    index = PlaceIndex(SQUARES)
    points = as_points([(0.5, 0.5), (1.5, 0.5), (1.0, 0.5), (3, 3), (None, 1), (6.5, 6.5), (6.0, 6.5)])
    assert index.locate(points) == ["a", "b", "a", None, None, None, "hole"]
    assert index.all_of(points)[2] == ("a", "b")
    assert PlaceIndex({}).locate(points) == [None] * 7
    assert index.locate(as_points([])) == []


@given(st.lists(st.tuples(st.floats(-1, 10), st.floats(-1, 10)), max_size=20))
def test_the_index_finds_what_each_polygon_holds(points) -> None:
    found = PlaceIndex(SQUARES).all_of(as_points(points))
    for point, codes in zip(points, found, strict=True):
        assert set(codes) == {code for code, shape in SQUARES.items() if shape.intersects(shapely.Point(point))}


def test_zones_hold_from_a_day() -> None:
    zones = [
        Zone("z1", "no_coal", "一", "one", "", SQUARES["a"], since=dt.date(2020, 10, 1)),
        Zone("z2", "built_up", "二", "two", "", SQUARES["a"], until=dt.date(2020, 12, 31)),
    ]
    index = ZoneIndex(zones)
    at = as_points([(0.5, 0.5), (5, 0)])
    codes = lambda day: [[zone.code for zone in here] for here in index.at(at, day)]  # noqa: E731
    assert codes(dt.date(2020, 9, 30)) == [["z2"], []]
    assert codes(dt.date(2020, 10, 1)) == [["z1", "z2"], []]
    assert codes(dt.date(2021, 1, 1)) == [["z1"], []]
    assert index.kinds() == {"no_coal", "built_up"}


def test_examples() -> None:
    assert doctest.testmod(geo).failed == 0
