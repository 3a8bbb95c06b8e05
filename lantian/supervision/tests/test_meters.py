"""Rules over electricity: each finds what it is meant for, and nothing in an honest plant."""

from __future__ import annotations

import numpy as np
import pytest

from lantian.sources.facts import Equipment
from lantian.supervision.rules.parameters import Override
from lantian.supervision.tests.plants import found, hours, meters, order, plant, power

POWER_RULES = ("treatment-off", "late-start", "early-stop", "low-load", "ratio-break", "idle-treatment", "flat-meter", "offline",
               "negative-power", "order-stop", "order-limit", "closed-running")  # fmt: skip
NIGHT = slice(2 * 96 + 88, 3 * 96 + 16)  # from 22:00 of the third day to 4:00


@pytest.mark.parametrize("rule", POWER_RULES)
def test_an_honest_plant_raises_nothing(rule):
    assert found(meters(power()), rule) == []


@pytest.mark.parametrize("rule", POWER_RULES)
def test_a_plant_that_stands_raises_nothing(rule):
    values = power()
    for one in values.values():
        one[400:700] = 0.2
    assert found(meters(values), rule) == []


def test_treatment_off_at_night():
    values = power()
    values["E1.T1"][NIGHT] = 0.3
    (one,) = found(meters(values), "treatment-off")
    assert hours(one) == (70.0, 76.0)
    assert (one.subject, one.numbers["off"], one.numbers["hours"]) == ("E1.R1", "风机", 6.0)
    assert one.capture == 100
    assert not one.open


def test_treatment_off_is_open_at_the_end_of_the_data():
    values = power()
    values["E1.T2"][-8:] = 0.0
    (one,) = found(meters(values), "treatment-off")
    assert one.open


def test_where_any_treatment_is_enough_one_may_rest():
    values = power()
    values["E1.T1"][NIGHT] = 0.3
    of = plant(pairs=(plant().pairs[0].__class__("E1.R1", ("E1.P1",), ("E1.T1", "E1.T2"), "any"),))
    assert found(meters(values), "treatment-off", of) == []
    values["E1.T2"][NIGHT] = 0.3
    assert len(found(meters(values), "treatment-off", of)) == 1


def test_unknown_treatment_is_not_off():
    values = power()
    values["E1.T1"][NIGHT] = np.nan
    assert found(meters(values), "treatment-off") == []
    (gap,) = found(meters(values), "offline")
    assert hours(gap) == (70.0, 76.0)
    assert gap.n == 0


def test_a_flicker_does_not_end_a_finding():
    values = power()
    values["E1.T1"][NIGHT] = 0.3
    values["E1.T1"][NIGHT.start + 10] = 40.0
    assert len(found(meters(values), "treatment-off")) == 1


def test_shorter_than_the_set_time_is_nothing():
    values = power()
    values["E1.T1"][100:102] = 0.3
    assert len(found(meters(values), "treatment-off")) == 1
    longer = Override("treatment-off", {"minutes": 60}, industry="brick")
    assert found(meters(values), "treatment-off", overrides=(longer,)) == []


def restart(late: int) -> dict[str, np.ndarray]:
    values = power()
    for code, one in values.items():
        one[200:300] = 0.1
        if code != "E1.P1":
            one[300 : 300 + late] = 0.1
    return values


def test_late_start():
    (one,) = found(meters(restart(4)), "late-start")
    assert one.numbers["minutes"] == 60
    assert hours(one) == (75.0, 76.0)
    assert found(meters(restart(1)), "late-start") == []


def test_early_stop():
    values = power()
    for code, one in values.items():
        one[196 if code != "E1.P1" else 200 : 300] = 0.1
    (one,) = found(meters(values), "early-stop")
    assert one.numbers["minutes"] == 60
    assert hours(one) == (49.0, 50.0)


def test_low_load_of_a_slowed_fan():
    values = power()
    values["E1.T1"][NIGHT] *= 0.4
    values["E1.T2"][NIGHT] *= 0.4
    (one,) = found(meters(values), "low-load")
    assert one.numbers["percent"] == pytest.approx(40, abs=2)
    assert hours(one) == (70.0, 76.0)


def test_ratio_break():
    values = power()
    values["E1.P1"][NIGHT] *= 2.5
    (one,) = found(meters(values), "ratio-break")
    assert hours(one) == (70.0, 76.0)


def test_idle_treatment_is_information():
    values = power()
    values["E1.P1"][300:500] = 0.2
    (one,) = found(meters(values), "idle-treatment")
    assert one.numbers["hours"] == 50


def test_flat_meter():
    values = power()
    values["E1.P1"][100:130] = 150.0
    (one,) = found(meters(values), "flat-meter")
    assert one.numbers["kw"] == 150
    assert one.numbers["hours"] == 7.5


def test_negative_power():
    values = power()
    values["E1.T2"][100:130] *= -1
    (one,) = found(meters(values), "negative-power")
    assert one.subject == "E1.T2"


def test_total_that_is_more_than_its_parts():
    of = plant(equipment=(*plant().equipment, Equipment("E1.M", "总表", "total", rated_kw=400)))
    values = power()
    values["E1.M"] = sum(values.values()) * 1.05
    assert found(meters(values), "total-sum", of) == []
    values["E1.M"][NIGHT] += 120
    (one,) = found(meters(values), "total-sum", of)
    assert one.subject == "E1.M"
    assert hours(one) == (70.0, 76.0)


def test_a_total_with_a_missing_part_proves_nothing():
    of = plant(equipment=(*plant().equipment, Equipment("E1.M", "总表", "total", rated_kw=400)))
    values = power()
    values["E1.M"] = sum(values.values()) + 200
    del values["E1.T2"]
    assert found(meters(values), "total-sum", of) == []


def test_stop_order_not_carried_out():
    of = plant(orders=(order("stop", 100, 148),))
    values = power()
    values["E1.P1"][100 * 4 : 148 * 4] = 0.5
    assert found(meters(values), "order-stop", of) == []
    values["E1.P1"][120 * 4 : 130 * 4] = 150.0
    (one,) = found(meters(values), "order-stop", of)
    assert hours(one) == (120.0, 130.0)
    assert one.numbers["order"] == "2020-stop"


def test_stop_order_of_another_line_is_not_about_this_one():
    of = plant(orders=(order("stop", 100, 148, subjects=("E1.L2",)),))
    assert found(meters(power()), "order-stop", of) == []


def test_limit_order():
    of = plant(orders=(order("limit", 120, 192, share=0.5),))
    values = power()
    inside = slice(120 * 4, 192 * 4)
    values["E1.P1"][inside] *= 0.5
    assert found(meters(values), "order-limit", of) == []
    values["E1.P1"][inside] *= 1.5
    (one,) = found(meters(values), "order-limit", of)
    assert one.numbers["percent"] == pytest.approx(75, abs=2)
    assert one.numbers["allowed"] == 50


def test_limit_order_without_enough_normal_days_says_nothing():
    of = plant(orders=(order("limit", 24, 72, share=0.5),))
    assert found(meters(power()), "order-limit", of) == []


def test_closed_plant_that_runs():
    import datetime as dt

    of = plant(closed_since=dt.date(2020, 1, 5))
    (one,) = found(meters(power()), "closed-running", of)
    assert hours(one)[0] == 96.0


def test_levels_are_learned_without_rated_power():
    bare = tuple(Equipment(one.code, one.name, one.role, line=one.line) for one in plant().equipment)
    values = power()
    for one in values.values():
        one[0:96] = 1.0
    values["E1.T1"][NIGHT] = 0.3
    (one,) = found(meters(values), "treatment-off", plant(equipment=bare))
    assert hours(one) == (70.0, 76.0)


def test_meters_of_different_steps_are_compared_on_the_coarser():
    import polars as pl

    quick, slow = power(step=60), power()
    slow["E1.T1"][NIGHT] = 0.3
    frame = pl.concat([meters({"E1.P1": quick["E1.P1"]}, 60), meters({c: slow[c] for c in ("E1.T1", "E1.T2")})])
    (one,) = found(frame, "treatment-off")
    assert hours(one) == (70.0, 76.0)


def test_limit_order_that_begins_after_the_data_says_nothing():
    assert found(meters(power()), "order-limit", plant(orders=(order("limit", 400, 500, share=0.5),))) == []
