"""Lists of stations are checked line by line; a place's values follow from its stations' by hand and by property."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.air.network import NetworkError, check_stations, kinds, read_network
from lantian.air.network.combine import days_of_place, highest_of_place, hours_of_place, roomy
from lantian.air.tests.made_stores import HEADER, pack, station
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.standards.arrays import MISSING, RatioArray
from lantian.standards.regimes import regime_at

LAW = regime_at(dt.date(2020, 5, 1))
X = MISSING


def test_which_stations_count(tmp_path):
    lines = [
        station("1A", counts_for="990000;990001"),
        station("2A", first="2019-01-01", last="2019-12-31"),
        station("3A", kind="control", counts_for=""),
    ]
    found = read_network(pack(tmp_path / "p", lines, demo=[station("D1", kind="demonstration", counts_for="990002")]))
    assert [one.code for one in found.counting("990000")] == ["1A", "2A"]
    assert [one.code for one in found.counting_on("990000", dt.date(2020, 1, 1))] == ["1A"]
    assert [one.code for one in found.counting("990001")] == ["1A"]
    assert found.places() == ("990000", "990001")
    both = read_network(tmp_path / "p", demonstration=True)
    assert both.station("D1").synthetic
    assert not both.station("1A").synthetic
    assert both.places()[-1] == "990002"
    assert read_network(tmp_path).stations == ()


def test_no_background_or_roadside_station_may_count():
    assert {one.id for one in kinds().values() if not one.counts} >= {"control", "background", "traffic", "regional"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (station("1:A"), "holds a colon"),
        (station("1A", kind="what"), "'what' is none of national"),
        (station("1A", kind="background"), "counts for no place"),
        (station("1A", counts_for="990000;990000"), "names a place twice"),
        (station("1A", first="2020/1/1"), "'2020/1/1' is no date"),
        (station("1A", first="2020-02-01", last="2020-01-01"), "lies before"),
        (station("1A").replace("112.7", "212.7"), "'212.7' is no number of degrees"),
        (station("1A").replace("112.7", ""), "both or not at all"),
        (station("1A").replace("WGS-84", "Mars"), "'Mars' is none of"),
        (station("1A").replace("R-L", "sure"), "'sure' is none of"),
        (station("1A") + ",more", "14 fields instead of 13"),
    ],
)
def test_every_fault_names_file_and_line(tmp_path, line, said):
    with pytest.raises(NetworkError) as error:
        read_network(pack(tmp_path / "p", [station("9A"), line]))
    (fault,) = error.value.faults
    assert (fault.file, fault.line) == ("stations.csv", 3)
    assert said in str(fault)


def test_a_station_twice_an_unknown_place_another_header(tmp_path):
    root = pack(tmp_path / "p", [station("1A"), station("1A", counts_for="990009")])
    faults = Faults()
    check_stations(PackFiles(root, faults), {"990000", "990001"}, faults)
    assert [str(one) for one in faults] == [
        "stations.csv:3: counts_for: '990009' is no place of the pack. Take a code of places.toml.",
        "stations.csv:3: the station 1A is listed twice. It stands already in stations.csv, line 2.",
    ]
    (root / "stations.csv").write_text(HEADER.replace("kind", "sort") + "\n", encoding="utf-8")
    with pytest.raises(NetworkError, match="the first line must read code,name_zh"):
        read_network(root)


def hours(*stations):
    """[station, 1 pollutant, 1 day, hour] of stations' first hours."""
    found = np.full((len(stations), 1, 1, 24), X, dtype=np.int64)
    for at, values in enumerate(stations):
        found[at, 0, 0, : len(values)] = values
    return found


def served(stations, days=1):
    return np.ones((stations, days), dtype=np.bool_)


def test_an_hour_of_four_stations_wants_three_of_them():
    values = hours([10, 10, 10], [20, 20, X], [30, X, X], [41, 40, 40])
    got, n = hours_of_place(LAW, values, served(4), np.array([4]))
    assert n[0, 0, :3].tolist() == [4, 3, 2]
    # 101/4 = 25.25 and 70/3 = 23.33 in whole units; two of four are 50 %
    assert got[0, 0, :3].tolist() == [25, 23, X]


def test_with_three_stations_all_must_be_there_and_a_station_without_any_data_counts_as_missing():
    two = hours([10], [20])
    assert hours_of_place(LAW, two, served(2), np.array([2]))[0][0, 0, 0] == 15
    assert hours_of_place(LAW, two, served(2), np.array([3]))[0][0, 0, 0] == X


def test_a_station_out_of_service_neither_counts_nor_is_missed():
    values = hours([10], [90])
    serves = np.array([[True], [False]])
    assert hours_of_place(LAW, values, serves, np.array([1]))[0][0, 0, 0] == 10


def test_days_are_means_of_the_stations_days_not_of_the_hours():
    # one station has 24 hours of 10, the other 20 hours of 40: the mean of the days is 25, of all hours 23.6
    value = RatioArray(np.array([[240], [800]]), np.array([[24], [20]]), 0)
    got = days_of_place(LAW, value, served(2), served(2), np.array([2]))
    assert got.value.fraction(0) == 25
    assert (got.n[0], got.valid[0]) == (2, True)
    short = days_of_place(LAW, value, np.array([[True], [False]]), served(2), np.array([2]))
    assert (short.value.fraction(0), short.n[0], short.valid[0]) == (10, 1, False)


def test_the_highest_hour_is_the_mean_of_the_stations_highest():
    assert highest_of_place(np.array([[100], [201], [X]]), served(3)).tolist() == [150]
    assert highest_of_place(np.array([[X]]), served(1)).tolist() == [X]


def test_fractions_that_would_not_fit_are_kept_to_a_millionth():
    primes = np.array([[999983], [999979], [999961]])
    value = RatioArray(np.array([[999983 * 7 + 1], [999979], [5]]), primes, 3)
    got = roomy(value, served(3))
    assert set(got.denominator.reshape(-1).tolist()) == {10**6}
    assert got.numerator.reshape(-1).tolist() == [7 * 10**6 + 1, 10**6, 5]
    small = RatioArray(np.array([[1]]), np.array([[3]]), 3)
    assert roomy(small, served(1)) is small


cells = st.lists(
    st.lists(st.one_of(st.just(X), st.integers(0, 2_000_000)), min_size=3, max_size=3), min_size=1, max_size=9
)


@settings(max_examples=60, deadline=None)
@given(cells, st.randoms())
def test_the_order_of_stations_does_not_matter(rows, random):
    mixed = list(rows)
    random.shuffle(mixed)
    first, second = (
        hours_of_place(LAW, hours(*each), served(len(rows)), np.array([len(rows)])) for each in (rows, mixed)
    )
    assert (first[0] == second[0]).all()
    assert (first[1] == second[1]).all()


@settings(max_examples=60, deadline=None)
@given(cells, st.integers(0, 8), st.integers(0, 2))
def test_a_gap_never_makes_a_value_valid_and_a_value_lies_within_its_stations(rows, station_, hour):
    values = hours(*rows)
    n = np.array([len(rows)])
    before, _ = hours_of_place(LAW, values, served(len(rows)), n)
    gap = values.copy()
    gap[station_ % len(rows), 0, 0, hour] = X
    after, _ = hours_of_place(LAW, gap, served(len(rows)), n)
    assert not ((before == X) & (after != X)).any()
    for at in range(3):
        there = [row[at] for row in rows if row[at] != X]
        if before[0, 0, at] != X:
            assert min(there) <= before[0, 0, at] <= max(there)
