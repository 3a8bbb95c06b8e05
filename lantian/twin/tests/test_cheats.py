"""Labels are true: what a kind says is what was done to the numbers, against the truth beside them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from lantian.twin import make_city
from lantian.twin.activity import works
from lantian.twin.frames import means
from lantian.twin.meddling import episodes, unit_on
from lantian.twin.noise import DAY
from lantian.twin.reporting import conversion

START = dt.datetime(2020, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture(scope="module")
def city():
    return make_city(7, 200, 12, START)


def cases(city, kind, count=4, **more):
    """Yield (label, run of its days, stack run, which minutes, how) for some labels of a kind whose logger's clock is right."""
    found = 0
    for row in (
        city.labels.filter(pl.col("kind") == kind)
        .unique("plant", keep="first", maintain_order=True)
        .iter_rows(named=True)
    ):
        design = next(one for one in city.designs if one.code == row["plant"])
        cheat = next(one for one in design.cheats if one.kind == kind)
        if design.drift.get(row["subject"], 0) or any(getattr(cheat, name) != value for name, value in more.items()):
            continue
        low, high = city.minute(row["start"]) // DAY * DAY, (city.minute(row["end"]) // DAY + 1) * DAY
        run = next(city.runs(city.moment(low), city.moment(high), [design.code]))
        stack = run.stack(row["subject"])
        inside = slice(city.minute(row["start"]) - low + 15, city.minute(row["end"]) - low - 2)
        yield row, run, stack, inside, cheat
        found += 1
        if found == count:
            break
    assert found, f"no case of {kind} {more}"


def good(stack, inside, low=0.0):
    """Minutes with a valid value, in the middle of the range."""
    return np.flatnonzero(stack.report.marks[inside] == 0) + inside.start


def test_scaled_values_are_the_truth_times_the_factor(city):
    for row, _, stack, inside, cheat in cases(city, "scaling", mode="analyser"):
        name, at = row["quantities"][0], good(stack, inside)
        ratio = stack.report.measured[name][at] / np.maximum(stack.truth.gas[name][at], 0.5)
        assert np.median(ratio) == pytest.approx(cheat.how["factor"], rel=0.06)


def test_who_changes_only_converted_or_hourly_values_leaves_the_others(city):
    for row, _, stack, inside, cheat in cases(city, "scaling", 1, mode="converted"):
        name, at = row["quantities"][0], good(stack, inside)
        honest = stack.report.measured[name][at] * conversion(
            stack.unit.stack.kind.oxygen, stack.report.measured["o2"][at]
        )
        big = honest > 5
        assert np.median(stack.report.converted[name][at][big] / honest[big]) == pytest.approx(
            cheat.how["factor"], rel=0.01
        )
    for row, _, stack, inside, cheat in cases(city, "scaling", 1, mode="hour"):
        name = row["quantities"][0]
        hours, _, marks = means(stack.unit.stack, stack.report, 60)
        of_minutes = stack.report.measured[name].reshape(-1, 60).mean(axis=1)
        whole = [at for at in range(inside.start // 60 + 1, inside.stop // 60) if marks[at] == 0 and of_minutes[at] > 2]
        assert np.median(hours[name][whole] / of_minutes[whole]) == pytest.approx(cheat.how["factor"], rel=0.05)


def test_clean_air_brings_oxygen_up_and_moisture_down_at_once(city):
    for row, _, stack, inside, cheat in cases(city, "clean_air"):
        at, told, true = good(stack, inside), stack.report.measured, stack.truth.gas
        share = cheat.how["share"]
        off = (20.9 - told["o2"][at]) - (20.9 - true["o2"][at]) * (1 - share)
        assert np.abs(off).mean() < 0.4
        assert (told["moisture"][at] < true["moisture"][at] - 0.3).mean() > 0.9
        assert (told["temperature"][at] < true["temperature"][at] + 2).all()
        assert (
            np.median(told[row["quantities"][0]][at]) < (1.15 - share) * np.median(true[row["quantities"][0]][at]) + 1
        )


def test_replayed_values_were_there_some_days_before(city):
    for row, run, stack, inside, cheat in cases(city, "replay", hard=False):
        back = round(cheat.how["back"]) * DAY
        low = city.moment(run.first - back)
        before = next(city.runs(low, low + dt.timedelta(minutes=run.n), [row["plant"]])).stack(row["subject"])
        name = row["quantities"][0]
        same = np.isclose(stack.report.measured[name], before.report.measured[name], atol=0.011)[good(stack, inside)]
        old = before.report.marks[good(stack, inside)] == 0
        assert same[old].mean() > 0.97


def test_constant_values_have_less_noise_than_the_truth(city):
    for row, _, stack, inside, cheat in cases(city, "constant"):
        name, at = row["quantities"][0], good(stack, inside)
        told, true = stack.report.measured[name][at], stack.truth.gas[name][at]
        if np.median(told) > 3 and len(at) > 60:
            assert np.std(told) / np.median(told) < 0.006
            assert np.std(true) / np.median(true) > 0.02
        assert cheat.hard or np.ptp(told) < 3


def test_what_is_ordered_is_done_except_where_a_label_says_otherwise():
    """Load within orders to limit, against the usual load: who obeys stays below the share, who ignores does not."""
    city = make_city(5, 200, 30, START)
    labelled = {(row["plant"], row["order"]): row["kind"] for row in city.labels.iter_rows(named=True) if row["order"]}
    low, high = city.minute(city.start), city.minute(city.end)
    shares: dict[str, list[float]] = {"obey": [], "ignored_order": [], "half_order": []}
    for design, plant in zip(city.designs, city.plants, strict=True):
        orders = [one for one in plant.orders if one.kind == "limit" and one.start > city.start + dt.timedelta(days=1)]
        if not orders or design.duties[0] not in ("continuous", "steam"):
            continue
        load = sum(one.load for one in works(design, low, high - low))
        ordered = np.zeros(high - low, dtype=bool)
        for one in plant.orders:
            ordered[max(city.minute(one.start) - low, 0) : max(city.minute(one.end) - low, 0)] = True
        usual = load[~ordered & (load > 0)].mean()
        for one in orders:
            inside = load[city.minute(one.start) - low : city.minute(one.end) - low]
            if (inside > 0).mean() > 0.95:
                shares[labelled.get((plant.code, one.id), "obey")].append(inside.mean() / usual / one.share)
    assert len(shares["obey"]) > 20
    assert np.quantile(shares["obey"], 0.95) < 1.02
    assert shares["ignored_order"]
    assert min(shares["ignored_order"]) > 1.02
    assert shares["half_order"]
    assert min(shares["half_order"]) > 1.02


def test_a_cheat_keeps_to_when_its_unit_works(city):
    low, n = city.minute(city.start), 12 * DAY
    for design in city.designs:
        work = works(design, low, n) if design.cheats else ()
        for unit in design.units if design.cheats else ():
            on = unit_on(unit, work)
            for one in episodes(design, unit, on, low):
                assert not (one.mask & ~on).any()
                assert set(one.pollutants) <= set(unit.stack.pollutants)
