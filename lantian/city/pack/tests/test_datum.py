"""Datums against pairs computed once with an independent public implementation (which rounds the axis of the ellipsoid: 1 cm)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.city.pack.datum import DATUMS, bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_gcj02

# WGS-84 -> GCJ-02, longitude and latitude
PAIRS = [
    ((112.734, 38.4167), (112.74056830822, 38.41728075965)),
    ((111.2, 39.1), (111.20647416046, 39.10088501135)),
    ((111.1442, 37.5189), (111.15056277178, 37.51967746949)),
    ((113.26, 23.13), (113.26532717500, 23.12732160226)),
    ((126.65, 45.75), (126.65598769171, 45.75196558643)),
    ((121.42, 31.17), (121.42463774105, 31.16812840568)),
]


def test_both_ways_against_known_pairs() -> None:
    wgs, gcj = (np.array([pair[side] for pair in PAIRS]) for side in (0, 1))
    assert np.abs(wgs84_to_gcj02(wgs) - gcj).max() < 2e-7
    assert np.abs(gcj02_to_wgs84(gcj) - wgs).max() < 2e-7


@given(st.floats(74, 134), st.floats(18, 53))
def test_there_and_back_is_the_same_point(longitude: float, latitude: float) -> None:
    point = np.array([[longitude, latitude]])
    assert np.abs(wgs84_to_gcj02(gcj02_to_wgs84(point)) - point).max() < 1e-9


def test_bd09_undoes_its_own_forward_step() -> None:
    wgs = np.array([(112.734, 38.4167), (120.1, 30.2)])
    gcj = wgs84_to_gcj02(wgs)
    turn = np.pi * 3000 / 180
    radius = np.hypot(gcj[:, 0], gcj[:, 1]) + 0.00002 * np.sin(gcj[:, 1] * turn)
    angle = np.arctan2(gcj[:, 1], gcj[:, 0]) + 0.000003 * np.cos(gcj[:, 0] * turn)
    bd = np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))
    assert np.abs(bd09_to_wgs84(bd) - wgs).max() < 1e-9  # the closed inverse in common use is a metre off


def test_points_abroad_are_not_shifted() -> None:
    point = np.array([[2.35, 48.85]])
    assert (wgs84_to_gcj02(point) == point).all()


@pytest.mark.parametrize("name", sorted(DATUMS))
def test_every_datum_gives_as_many_points_as_it_gets(name: str) -> None:
    assert DATUMS[name](np.array([[112.7, 38.4], [112.8, 38.5]])).shape == (2, 2)
