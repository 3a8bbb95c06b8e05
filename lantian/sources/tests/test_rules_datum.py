"""Datums: positions that map services publish in three datums, pairs of a public implementation, and wrong declarations."""

import csv
import doctest
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lantian.sources.rules import datum
from lantian.sources.rules.datum import (
    DatumError,
    Declared,
    convert,
    doubts,
    from_wgs84,
    shifted_here,
    summary,
    to_wgs84,
)
from lantian.sources.rules.geo import metres

_lines = (Path(__file__).parent / "data" / "datum_published.csv").read_text(encoding="utf-8").splitlines()
PUBLISHED = list(csv.DictReader(line for line in _lines if not line.startswith("#")))
# (116.404, 39.915) as the test file of a public implementation has it
KNOWN = {
    ("WGS-84", "GCJ-02"): (116.41024449916938, 39.91640428150164),
    ("GCJ-02", "BD-09"): (116.41036949371029, 39.92133699351021),
}


def _at(row: dict[str, str], name: str) -> tuple[float, float]:
    return float(row[f"{name}_lon"]), float(row[f"{name}_lat"])


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["place"])
def test_positions_published_in_three_datums(row: dict[str, str]) -> None:
    """BD-09 and GCJ-02 agree to a centimetre; the formula of GCJ-02 is public only to some decimetres of the real one."""
    wgs, gcj, bd = _at(row, "wgs"), _at(row, "gcj"), _at(row, "bd")
    as_array = lambda one: np.array([one])  # noqa: E731
    assert metres(*convert(as_array(bd), "BD-09", "GCJ-02")[0], *gcj) < 0.02
    assert metres(*convert(as_array(gcj), "GCJ-02", "BD-09")[0], *bd) < 0.02
    assert metres(*to_wgs84(*gcj, "GCJ-02"), *wgs) < 0.7
    assert metres(*to_wgs84(*bd, "BD-09"), *wgs) < 0.7
    assert metres(*from_wgs84(*wgs, "BD-09"), *bd) < 0.7
    assert metres(*wgs, *gcj) > 100  # what a wrong declaration costs


@pytest.mark.parametrize("pair", KNOWN)
def test_pairs_of_a_public_implementation(pair: tuple[str, str]) -> None:
    got = convert(np.array([(116.404, 39.915)]), *pair)[0]
    assert np.abs(got - KNOWN[pair]).max() < 1e-9
    back = convert(np.array([KNOWN[pair]]), *pair[::-1])[0]
    assert metres(*back, 116.404, 39.915) < 0.001


@given(st.floats(73.1, 135.0), st.floats(18.0, 53.5), st.sampled_from(["GCJ-02", "BD-09", "CGCS2000"]))
def test_there_and_back_is_within_a_millimetre(lon: float, lat: float, name: str) -> None:
    assert metres(*to_wgs84(*from_wgs84(lon, lat, name), name), lon, lat) < 0.001


@given(st.floats(-180, 180), st.floats(-89, 89))
def test_abroad_gcj_is_wgs(lon: float, lat: float) -> None:
    moved = from_wgs84(lon, lat, "GCJ-02")
    assert shifted_here(lon, lat) or moved == (round(lon, 9), round(lat, 9))
    assert metres(*moved, lon, lat) < 1500
    edge = min(abs(lon - 72.004), abs(lon - 137.8347)) < 0.05 or min(abs(lat - 0.8293), abs(lat - 55.8271)) < 0.05
    assert edge or metres(*to_wgs84(*moved, "GCJ-02"), lon, lat) < 0.001


def test_nothing_is_guessed() -> None:
    for name in ("", "gcj02", "WGS84"):
        with pytest.raises(DatumError, match="cannot be guessed"):
            to_wgs84(112.7, 38.4, name)
    for lon, lat in ((38.4, 112.7), (float("nan"), 38.4), (181, 0)):
        with pytest.raises(ValueError, match="not on the earth"):
            to_wgs84(lon, lat, "WGS-84")


SQUARE = {"140000": shapely.box(112.0, 38.0, 113.0, 39.0), "150000": shapely.box(113.0, 38.0, 114.0, 39.0)}


def _written(lon: float, lat: float, real: str, said: str, area: str = "140000", code: str = "E1") -> Declared:
    return Declared(code, *from_wgs84(lon, lat, real), said, area)


def test_a_wrong_declaration_near_a_border_is_doubted_and_nothing_is_changed() -> None:
    # 100 m inside the eastern border: the shift of GCJ-02 leads across it
    point = _written(112.999, 38.5, real="GCJ-02", said="WGS-84")
    (doubt,) = doubts([point], SQUARE)
    assert doubt.declared is point
    assert "GCJ-02" in doubt.proposals
    assert 100 < doubt.outside < 1000
    assert doubts([_written(112.999, 38.5, real="GCJ-02", said="GCJ-02")], SQUARE) == []


def test_exchanged_coordinates_are_seen() -> None:
    (doubt,) = doubts([Declared("E2", 38.5, 112.5, "WGS-84", "140000")], SQUARE)
    assert doubt.proposals == ("exchanged",)
    assert np.isnan(doubt.outside)


def test_what_no_reading_explains_is_no_matter_of_datums() -> None:
    far = Declared("E3", 120.0, 30.0, "WGS-84", "140000")
    undeclared = Declared("E4", 112.5, 38.5, "", "140000")
    assert doubts([far, undeclared], SQUARE) == []
    assert doubts([], SQUARE) == []
    assert doubts([far], {}) == []


def test_a_point_without_an_area_is_held_against_the_whole_city() -> None:
    between = _written(112.999, 38.5, real="GCJ-02", said="WGS-84", area="")
    assert doubts([between], SQUARE) == []  # the neighbour's side is inside the city too
    edge = _written(113.999, 38.5, real="BD-09", said="WGS-84", area="unknown")
    assert "BD-09" in doubts([edge], SQUARE)[0].proposals


def test_many_alike_are_one_column() -> None:
    points = [_written(112.999, 38.1 + at / 20, "GCJ-02", "WGS-84", code=f"E{at}") for at in range(10)]
    found = doubts(points, SQUARE)
    assert [one.declared.code for one in found] == [f"E{at}" for at in range(10)]
    assert summary(found)["WGS-84", "GCJ-02"] == 10


def test_examples() -> None:
    assert doctest.testmod(datum).failed == 0
