"""Invented data: the same every time, within what instruments and air can do, and with the planted faults really there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.air.assessing.pack_places import pack_places
from lantian.air.cli.synthetic import synthesize as command
from lantian.air.reading.importing import store_in
from lantian.air.synthetic import noise
from lantian.air.synthetic.faults import ALL, CALIBRATION, KINDS, months, planned, spoil
from lantian.air.synthetic.sites import NoSitesError, sites
from lantian.air.synthetic.sky import sky
from lantian.air.synthetic.values import POLLUTANTS, STEPS_PER_UNIT, Site, concentrations
from lantian.air.synthetic.writing import ORIGIN, OtherPlanError, plan_of, read_labels, synthesize
from lantian.city.pack import find_pack
from lantian.observations.model import Query
from lantian.observations.schema import OBSERVATIONS

OFFSET = 8
UTC8 = dt.timezone(dt.timedelta(hours=OFFSET))
SITE = Site("synthetic-station:A1", "A1", 112.7, 38.4)
NEAR = Site("synthetic-station:A2", "A2", 112.75, 38.45)
FAR = Site("synthetic-station:A3", "A3", 110.9, 39.6)
AT = {code: row for row, code in enumerate(POLLUTANTS)}
START = dt.date(2019, 1, 1)


def hour(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=UTC8).timestamp() // 3600)


def heated(day: dt.date) -> bool:
    return day.month in (11, 12, 1, 2, 3)


def year_of(site: Site, seed: int, year: int = 2019):
    first, n = hour(f"{year}-01-01T00"), 8760
    above = sky(seed, first, n, offset=OFFSET, heated=heated)
    return above, concentrations(site, above, seed)


@pytest.fixture(scope="module")
def pack():
    return find_pack("xinzhou")


@pytest.fixture(scope="module")
def written(pack, tmp_path_factory) -> Path:
    """A data folder with a winter and a spring."""
    data = tmp_path_factory.mktemp("data")
    synthesize(data, pack, start=START, until=dt.datetime(2019, 5, 1, tzinfo=UTC8), seed=3)
    return data


def frame(data: Path, **query):
    return store_in(data).reader().observations(Query(**query)).polars()


# -- numbers ----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**32), st.integers(-50_000, 500_000), st.integers(1, 9000), st.integers(0, 9000))
@settings(max_examples=30, deadline=None)
def test_a_part_of_a_period_has_the_numbers_of_the_whole(seed, first, n, skip):
    whole = noise.white(seed, "one", first, n + skip)
    np.testing.assert_array_equal(whole[skip:], noise.white(seed, "one", first + skip, n))


@given(st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_values_are_within_bounds_and_pm10_holds_pm25(seed):
    _, steps = year_of(SITE, seed)
    assert (steps >= 1).all()
    assert (steps[AT["PM10"]] > steps[AT["PM2.5"]]).all()
    assert steps[AT["CO"]].max() <= 150, "15 mg/m3"
    assert steps[AT["O3"]].max() <= 420
    assert steps.max() <= 2500


@given(st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_a_year_looks_like_a_northern_city_with_coal_heating(seed):
    above, steps = year_of(SITE, seed)
    mean = {code: steps[AT[code]].mean() / STEPS_PER_UNIT.get(code, 1) for code in POLLUTANTS}
    bands = {"SO2": (8, 50), "NO2": (22, 60), "CO": (0.4, 1.4), "O3": (45, 90), "PM10": (50, 145), "PM2.5": (26, 75)}
    assert {code: value for code, value in mean.items() if not bands[code][0] < value < bands[code][1]} == {}
    month = np.array([(dt.datetime(2019, 1, 1) + dt.timedelta(hours=one)).month for one in range(above.n)])
    cold, warm = np.isin(month, (12, 1, 2)), np.isin(month, (6, 7, 8))
    for code in ("SO2", "NO2", "CO", "PM2.5"):
        assert steps[AT[code], cold].mean() > steps[AT[code], warm].mean()
    ozone = steps[AT["O3"]]
    assert ozone[warm].mean() > 2 * ozone[cold].mean()
    by_hour = [ozone[warm & (above.hour == one)].mean() for one in range(24)]
    assert 13 <= int(np.argmax(by_hour)) <= 17, "ozone is made by the afternoon's sun"
    assert np.corrcoef(ozone[warm], steps[AT["NO2"], warm])[0, 1] < -0.2, "and eaten by exhaust"
    sunday = steps[AT["NO2"], above.weekday == 6].mean() / steps[AT["NO2"], above.weekday < 5].mean()
    assert sunday < 1


@given(st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_weather_is_shared_and_neighbours_share_more(seed):
    here, near, far = (np.log(year_of(one, seed)[1][AT["PM2.5"]]) for one in (SITE, NEAR, FAR))
    assert np.corrcoef(here, near)[0, 1] > 0.85
    assert np.corrcoef(here, near)[0, 1] > np.corrcoef(here, far)[0, 1] > 0.2


@given(st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_spring_has_dust_and_only_spring(seed):
    above, steps = year_of(SITE, seed)
    assert above.dust
    starts = {(dt.datetime(1970, 1, 1) + dt.timedelta(hours=one.first + OFFSET)).month for one in above.dust}
    assert starts <= {3, 4, 5}
    strongest = max(above.dust, key=lambda one: one.peak)
    window = slice(strongest.first - above.first, strongest.first - above.first + strongest.hours)
    coarse, fine = steps[AT["PM10"], window], steps[AT["PM2.5"], window]
    assert coarse.max() > 2 * np.median(steps[AT["PM10"]])
    assert fine[coarse.argmax()] < 0.6 * coarse.max()


def test_the_second_year_is_better_than_the_first():
    seeds = range(6)
    ratio = [year_of(SITE, one, 2020)[1].mean(axis=1) / year_of(SITE, one)[1].mean(axis=1) for one in seeds]
    change = np.mean(ratio, axis=0)
    assert change[AT["SO2"]] < 0.95
    assert change[AT["PM2.5"]] < 1.0


# -- faults -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_faults_of_a_station_keep_apart_and_do_what_their_labels_say(seed):
    begin, end = next(months(hour("2019-01-05T00"), hour("2019-01-05T00"), OFFSET))
    assert (begin, end) == (hour("2019-01-01T00"), hour("2019-02-01T00"))
    clean = concentrations(SITE, sky(seed, begin, end - begin, offset=OFFSET, heated=heated), seed)
    labels = planned(seed, SITE, begin, end)
    steps, there = clean.copy(), np.ones(clean.shape, dtype=bool)
    for one in labels:
        spoil(steps, there, begin, one, seed)
    touched = np.zeros(clean.shape, dtype=bool)
    for one in labels:
        rows = [AT[code] for code in POLLUTANTS if one.covers(code)]
        touched[rows, one.first - begin : one.last - begin + 1] = True
        if one.kind == "neighbours":  # the inlet of both
            touched[AT["PM10"], one.first - begin : one.last - begin + 1] = True
        _assert_is_there(one, steps[:, one.first - begin : one.last - begin + 1], there, clean, begin)
    assert (steps == clean)[~touched].all()
    assert there[~touched].all()


def _assert_is_there(label, spoiled, there, clean, begin):
    row = AT.get(label.quantity, 0)
    window = slice(label.first - begin, label.last - begin + 1)
    before, own = clean[row, window], spoiled[row]
    if label.kind in ("gap", "offline"):
        assert not there[[AT[code] for code in POLLUTANTS if label.covers(code)], window].any()
    elif label.kind == "stuck":
        assert len(own) >= 24
        assert len(set(own.tolist())) == 1
    elif label.kind == "negative":
        assert (own < 0).all()
    elif label.kind == "order":
        assert (own > spoiled[AT["PM10"]]).all()
    elif label.kind in ("spike", "neighbours"):
        assert (own > 2 * before).all()
    elif label.kind == "range":
        assert (own >= 1500).all()
    else:
        assert label.kind == CALIBRATION
        assert (own >= 380).all() if label.flagged else (own <= 2).all()


def test_every_kind_of_fault_happens_somewhere(written):
    kinds = {one.kind for one in read_labels(written)}
    assert kinds == {one.name for one in KINDS} | {CALIBRATION}


# -- in the store -----------------------------------------------------------------------------------------------------


def test_every_label_is_in_the_store_as_it_says(written):
    rows = frame(written, start=dt.datetime(2019, 1, 1, tzinfo=UTC8))
    there = {
        (source, quantity, int(at.timestamp() // 3600)): (value, flags)
        for source, quantity, at, value, flags in rows.select(
            "source", "quantity", "valid_from", "value", "flags"
        ).iter_rows()
    }
    labels = read_labels(written)
    assert labels
    for one in labels:
        for at in range(one.first, one.last + 1):
            for code in POLLUTANTS if one.quantity == ALL else (one.quantity,):
                found = there.get((one.source, code, at))
                assert (found is None) == (one.kind in ("gap", "offline")), one
                if one.kind == "negative":
                    assert found[0] < 0, one
                if one.kind == CALIBRATION:
                    assert (CALIBRATION in found[1]) == one.flagged, one


def test_instruments_report_in_steps_and_lose_few_hours(written, pack):
    rows = frame(written)
    for code in POLLUTANTS:
        values = rows.filter(rows["quantity"] == code)["value"].to_numpy()
        steps = values * STEPS_PER_UNIT.get(code, 1)
        np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)
    hours = (dt.date(2019, 5, 1) - START).days * 24
    captured = len(rows) / (hours * len(POLLUTANTS) * len(sites(pack, 3)))
    assert 0.96 < captured < 1


def test_every_series_says_that_it_is_synthetic(written, pack):
    sources = set(frame(written)["source"].to_list())
    assert all(one.startswith(("synthetic-station:", "synthetic-city:")) for one in sources)
    assert len(sources) == len(sites(pack, 3))
    commits = store_in(written).register.commits(OBSERVATIONS.name, kinds=("import",))
    assert {one["origin"] for one in commits} == {ORIGIN}


def test_places_of_the_pack_have_no_invented_city_series(pack):
    cities = [one.place for one in sites(pack, 3) if not one.instruments]
    assert cities
    own = [spelling for place in pack_places(pack) for spelling in place.spellings]
    assert not any(one.startswith(tuple(own)) for one in cities)


def test_going_on_later_gives_what_one_go_gives_and_nothing_twice(pack, tmp_path):
    parts, whole = tmp_path / "parts", tmp_path / "whole"
    ends = [dt.datetime(2019, 1, 20, 5, tzinfo=UTC8), dt.datetime(2019, 1, 20, 6, 59, tzinfo=UTC8)]
    ends.append(dt.datetime(2019, 2, 2, tzinfo=UTC8))
    values = [synthesize(parts, pack, start=START, until=end, seed=5).values for end in [*ends, ends[-1]]]
    assert values[1] > 0
    assert values[-1] == 0, "nothing is new"
    again = synthesize(parts, pack, start=START, until=ends[0], seed=5)
    assert again.values == 0, "an earlier end takes nothing away and adds nothing"
    synthesize(parts, pack, start=START, until=ends[-1], seed=5)
    assert synthesize(whole, pack, start=START, until=ends[-1], seed=5).values == sum(values)
    key = ["source", "quantity", "valid_from"]
    one, other = (frame(data).select(*key, "value", "flags").sort(key) for data in (parts, whole))
    assert one.equals(other)
    assert read_labels(parts) == read_labels(whole)


def test_it_is_known_when_the_month_was_over(written):
    early = frame(written, as_known_on=dt.datetime(2019, 2, 10, tzinfo=UTC8))
    assert early["valid_to"].max() == dt.datetime(2019, 2, 1, tzinfo=UTC8)


def test_another_seed_in_the_same_folder_is_refused(written, pack):
    with pytest.raises(OtherPlanError, match="seed=3"):
        synthesize(written, pack, start=START, until=dt.datetime(2019, 6, 1, tzinfo=UTC8), seed=4)
    assert plan_of(written).seed == 3


def test_a_pack_without_stations_and_other_cities_says_so(pack, tmp_path):
    with pytest.raises(NoSitesError, match=r"stations\.csv"):
        sites(tmp_path, 1)


def test_the_command_writes_adds_and_says_what_is_wrong(tmp_path):
    def run(*extra: str):
        asked = ["--pack", "xinzhou", "--from", "2020-03-01", "--data", str(tmp_path), *extra]
        return CliRunner().invoke(command, asked)

    first = run("--to", "2020-03-03")
    assert first.exit_code == 0, first.output
    assert "invented values" in first.output
    assert "Nothing to add" in run("--to", "2020-03-03").output
    assert run("--to", "2020-03-04").exit_code == 0
    other = run("--to", "2020-03-04", "--seed", "8")
    assert other.exit_code == 1
    assert "same pack, seed and first day" in other.output
    assert run("--to", "2020-02-01").exit_code == 2
    assert frame(tmp_path)["valid_to"].max() == dt.datetime(2020, 3, 5, tzinfo=UTC8)
