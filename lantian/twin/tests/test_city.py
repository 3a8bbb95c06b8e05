"""The synthetic city is the same each time, coherent, and its labels are true."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from lantian.sources import facts
from lantian.twin import Area, make_city
from lantian.twin.meddling import KINDS, NIGHT

START = dt.datetime(2020, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def city():
    return make_city(7, 60, 12, START)


@pytest.fixture(scope="module")
def telemetry(city):
    return city.frame(city.start, city.end)


def test_the_same_seed_makes_the_same_bytes_and_another_one_others(city):
    again = make_city(7, 60, 12, START)
    assert again.plants == city.plants
    assert again.labels.equals(city.labels)
    day = city.start + 3 * DAY
    assert again.frame(day, day + DAY).equals(city.frame(day, day + DAY))
    other = make_city(8, 60, 12, START)
    assert other.plants != city.plants
    assert not other.frame(day, day + HOUR).equals(city.frame(day, day + HOUR))


def test_a_plant_is_the_same_in_a_smaller_city_and_a_shorter_time(city, telemetry):
    small = make_city(7, 12, 12, START)
    assert small.plants == city.plants[:12]
    day = city.start + 5 * DAY
    part = small.frame(day, day + DAY)
    whole = telemetry.filter(
        pl.col("place").cast(str).is_in([one.code for one in small.plants]),
        pl.col("valid_from").is_between(day, day + DAY, closed="left"),
    )
    keys = [pl.col(name).cast(str) for name in ("source", "quantity")]
    both = [one.with_columns(keys).sort("source", "quantity", "valid_from") for one in (part, whole)]
    assert both[0].height == both[1].height > 1000
    assert np.allclose(both[0]["value"], both[1]["value"], atol=0.011)
    assert (both[0]["value"] == both[1]["value"]).mean() > 0.999


def test_every_row_has_a_possible_value(telemetry):
    ends = telemetry.group_by(pl.col("quantity").cast(str)).agg(low=pl.col("value").min(), high=pl.col("value").max())
    bounds = {"a19001-Avg": (0, 21), "a01012-Avg": (-20, 300), "a01014-Avg": (0, 40), "a01013-Avg": (-1, 1)}
    for name, low, high in ends.rows():
        least, most = bounds.get(name, (0, 20_000))
        assert least <= low <= high <= most, name
    assert telemetry["value"].is_finite().all()
    assert telemetry.null_count().sum_horizontal().item() == 0
    assert (telemetry["known_at"] >= telemetry["valid_to"]).all()
    assert not telemetry.select("source", "quantity", "valid_from", "valid_to").is_duplicated().any()


def test_the_register_is_sound_and_says_that_it_is_invented(city):
    codes = [each.code for one in city.plants for each in (*one.lines, *one.equipment, *one.pairs, *one.outlets)]
    assert len(codes) == len(set(codes))
    for one in city.plants:
        machines = {each.code: each for each in one.equipment}
        assert one.synthetic
        assert "虚拟" in one.name
        assert one.grade in facts.GRADES
        assert {each.role for each in one.equipment} == {facts.TOTAL, facts.PRODUCTION, facts.TREATMENT}
        for pair in one.pairs:
            assert all(machines[code].role == facts.PRODUCTION for code in pair.production)
            assert all(machines[code].role == facts.TREATMENT for code in pair.treatment)
        for order in one.orders:
            assert order.kind in facts.ORDERS
            assert (order.share is None) == (order.kind != "limit")
            assert {*order.subjects} <= {line.code for line in one.lines}


def test_plants_stand_inside_the_areas_that_the_caller_gives():
    triangle = Area("A1", (((10.0, 50.0), (11.0, 50.0), (10.0, 51.0)),))
    for one in make_city(3, 40, 1, START, areas=(triangle,)).plants:
        assert one.area == "A1"
        assert one.lon + one.lat < 61.0001
        assert one.lon >= 10
        assert one.lat >= 50


def test_every_kind_of_cheat_is_there_easy_and_hard():
    found = make_city(7, 200, 30, START).labels
    counted = found.group_by("kind", "hard").agg(pl.col("plant").n_unique())
    assert {kind for kind, _, _ in counted.rows()} == set(KINDS)
    assert counted.filter(pl.col("plant") >= 2).height == 2 * len(KINDS)


def test_where_treatment_is_labelled_off_it_is_off_while_production_runs(city, telemetry):
    power = telemetry.filter(pl.col("quantity").cast(str) == "P-Avg").with_columns(pl.col("source").cast(str))
    plants = {one.code: one for one in city.plants}
    checked = 0
    for row in city.labels.filter(pl.col("kind") == NIGHT).iter_rows(named=True):
        plant = plants[row["plant"]]
        machines = {one.code: one for one in plant.equipment}
        inner = power.filter(
            pl.col("valid_from") >= row["start"] + 5 * dt.timedelta(minutes=1),
            pl.col("valid_to") <= row["end"] - 5 * dt.timedelta(minutes=1),
        )
        off = inner.filter(pl.col("source") == row["subject"])
        pair = next(one for one in plant.pairs if row["subject"] in one.treatment)
        makes = inner.filter(pl.col("source").is_in(pair.production))
        if off.height:
            assert (off["value"] < 0.05 * machines[row["subject"]].rated_kw).all()
            assert (
                makes["value"]
                > 0.05
                * makes["source"].replace_strict({c: m.rated_kw for c, m in machines.items()}, return_dtype=pl.Float64)
            ).any()
            checked += 1
    assert checked > 20


def test_honest_treatment_runs_when_its_production_runs(city, telemetry):
    """Nearly always: connections fail and starts are short."""
    power = telemetry.filter(pl.col("quantity").cast(str) == "P-Avg").with_columns(pl.col("source").cast(str))
    honest = [one for one, design in zip(city.plants, city.designs, strict=True) if not design.cheats]
    together = alone = 0
    for plant in honest:
        levels = {one.code: one.rated_kw for one in plant.equipment if one.rated_kw}
        mine = power.filter(pl.col("source").is_in(list(levels))).with_columns(
            share=pl.col("value") / pl.col("source").replace_strict(levels, return_dtype=pl.Float64)
        )
        wide = mine.pivot("source", index="valid_from", values="share")
        for pair in plant.pairs:
            makes = wide.select(pl.max_horizontal(pair.production) > 0.2).to_series()
            cleans = pl.min_horizontal if pair.needs == "all" else pl.max_horizontal
            runs = wide.select(cleans(pair.treatment) > 0.05).to_series()
            together += int((makes & runs).sum())
            alone += int((makes & ~runs).sum())
    assert together > 20_000
    assert alone < 0.002 * together


def test_couplings_hold_in_the_gas(city):
    """Load and oxygen, dose and slip: the data must let rules reason."""
    seen = 0
    for run in city.runs(city.start, city.start + 4 * DAY):
        for one in run.units:
            stack = one.unit.stack
            if stack is None or run.design.cheats or not stack.kind.gases or one.truth.on.mean() < 0.9:
                continue
            gas = one.truth.gas
            load = np.corrcoef(gas["flow"], gas["o2"])[0, 1]
            assert load < 0.2  # more load: more gas, less oxygen left
            if stack.kind.oxygen is not None:
                ok = one.truth.on & (gas["o2"] < 19)
                factor = (21 - stack.kind.oxygen) / (21 - gas["o2"][ok])
                assert np.allclose(gas["nox"][ok] * factor, one.truth.converted["nox"][ok], rtol=0.03)
            seen += 1
    assert seen >= 5


def test_capped_values_stay_under_the_cap_and_constant_ones_stay():
    city = make_city(7, 200, 12, START)
    checked = set()
    for kind in ("capping", "constant"):
        for row in city.labels.filter((pl.col("kind") == kind) & ~pl.col("hard")).head(4).iter_rows(named=True):
            start = row["start"].replace(minute=0) + HOUR
            run = next(city.runs(start, start + HOUR, [row["plant"]]))
            report = run.stack(row["subject"]).report
            name, good = row["quantities"][0], report.marks == 0
            if not good.any():
                continue
            if kind == "capping":
                limit = run.stack(row["subject"]).unit.stack.kind.limits[name]
                assert report.converted[name][good].max() <= 0.995 * limit
            else:
                assert np.ptp(report.measured[name][good]) < 0.011
            checked.add(kind)
    assert checked == {"capping", "constant"}


def test_moments_need_a_zone_and_whole_hours(city):
    with pytest.raises(ValueError, match="time zone"):
        city.frame(dt.datetime(2020, 6, 1), city.end)
    with pytest.raises(ValueError, match="whole hours"):
        city.frame(city.start + dt.timedelta(minutes=7), city.end)
