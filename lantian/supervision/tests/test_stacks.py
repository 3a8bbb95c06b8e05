"""Rules over stack monitors and changed values."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from lantian.supervision.rules.honesty import at_least
from lantian.supervision.tests.plants import DAYS, found, hours, meters, monitor, power, rows, stack

RULES = (
    *(
        "over-limit",
        "over-limit-day",
        "ammonia-slip",
        "ultra-low-share",
        "hour-minute",
        "conversion",
        "constant-values",
    ),
    *("capped-values", "scaled-values", "replayed-values", "clean-air", "marks-at-exceedance"),
    *("stack-says-stopped", "stack-says-running", "offline"),
)
EVENING = slice(3 * 1440 + 18 * 60, 4 * 1440)  # 18:00 to 24:00 of the fourth day


def seen(change=None, **options) -> pl.DataFrame:
    return pl.concat([meters(power()), monitor(stack(change=change), **options)])


@pytest.mark.parametrize("rule", RULES)
def test_an_honest_stack_raises_nothing(rule):
    assert found(seen(), rule) == []


def test_hours_over_the_limit():
    def change(values):
        values["a21026"][EVENING] *= 3

    (one,) = found(seen(change), "over-limit")
    assert hours(one) == (90.0, 96.0)
    assert one.numbers["factor"] == "a21026"
    assert one.numbers["worst"] > 100
    assert one.numbers["clause"] == "GB 表 2"


def test_marked_hours_and_air_in_the_duct_are_not_over_the_limit():
    values = stack()
    values["a21026"][EVENING] *= 3
    frame = seen().filter(
        ~((pl.col("quantity") == "a21026-ZsAvg") & (pl.col("valid_to") - pl.col("valid_from") == pl.duration(hours=1)))
    )
    hourly = (values["a21026"] * 3 / (21 - values["a19001"])).reshape(-1, 60).mean(axis=1)
    marked = rows("E1.DA001", "a21026-ZsAvg", hourly, 3600, [(slice(90, 96), "maintenance")])
    assert found(pl.concat([frame, marked]), "over-limit") == []

    def air(values):
        values["a21026"][EVENING] *= 3
        values["a19001"][EVENING] = 20.0

    assert found(seen(air), "over-limit") == []


def test_converted_values_are_computed_where_none_are_sent():
    def change(values):
        values["a21026"][EVENING] *= 3

    bare = seen(change).filter(~pl.col("quantity").str.contains("Zs"))
    (one,) = found(bare, "over-limit")
    assert hours(one) == (90.0, 96.0)


def test_ultra_low_share():
    def change(values):
        values["a34013"][: 1440 * 2] *= 4

    (one,) = found(seen(change), "ultra-low-share")
    assert one.numbers["percent"] == pytest.approx(80, abs=1)


def test_ammonia_slip():
    ammonia = np.full(DAYS * 24, 5.0)
    ammonia[50:55] = 9.5
    (one,) = found(pl.concat([seen(), rows("E1.DA001", "a21001-Avg", ammonia, 3600)]), "ammonia-slip")
    assert hours(one) == (50.0, 55.0)
    assert one.numbers["limit"] == 8.0


def test_hour_value_that_is_not_the_mean_of_its_minutes():
    frame = seen()
    hour = (pl.col("valid_to") - pl.col("valid_from")) == pl.duration(hours=1)
    where = (pl.col("quantity") == "a21026-Avg") & hour & (pl.col("valid_from").dt.hour() == 3)
    later = where | ((pl.col("quantity") == "a21026-Avg") & hour & (pl.col("valid_from").dt.hour() == 4))
    changed = frame.with_columns(pl.when(later).then(pl.col("value") * 0.5).otherwise(pl.col("value")).alias("value"))
    findings = found(changed, "hour-minute")
    assert len(findings) == DAYS
    assert hours(findings[0]) == (11.0, 13.0)


def test_conversion_that_was_changed():
    frame = seen()
    changed = frame.with_columns(
        pl.when(pl.col("quantity") == "a21026-ZsAvg")
        .then(pl.col("value") * 0.7)
        .otherwise(pl.col("value"))
        .alias("value")
    )
    assert {one.numbers["factor"] for one in found(changed, "conversion")} == {"a21026"}


def test_constant_values():
    def change(values):
        values["a21026"][EVENING] = 33.3

    (one,) = found(seen(change), "constant-values")
    assert hours(one) == (90.0, 96.0)
    assert one.numbers["value"] == 33.3


def test_almost_constant_values():
    def change(values):
        values["a21026"][EVENING] = 33.3 + 0.02 * np.random.default_rng(5).standard_normal(360)

    (one,) = found(seen(change), "constant-values")
    assert hours(one) == (90.0, 96.0)


def test_capped_values():
    def change(values):
        values["a21026"] *= 2.4
        top = 97 * (21 - values["a19001"]) / 3
        part = slice(4 * 1440, 7 * 1440)
        values["a21026"][part] = np.minimum(values["a21026"][part], top[part])

    findings = found(seen(change), "capped-values")
    assert findings
    assert all(90 <= hours(one)[0] <= 96 * 2 for one in findings)


def test_scaled_values():
    def change(values):
        values["a21002"][5 * 1440 : 6 * 1440] *= 0.5

    (one,) = found(seen(change), "scaled-values")
    first, last = hours(one)
    assert first == pytest.approx(120, abs=4)
    assert last == pytest.approx(144, abs=4)
    assert one.numbers["percent"] == pytest.approx(50, abs=10)


def test_a_replayed_day():
    def change(values):
        for one in values.values():
            one[6 * 1440 : 7 * 1440] = one[3 * 1440 : 4 * 1440]

    (one,) = found(seen(change), "replayed-values")
    assert hours(one) == (144.0, 168.0)
    assert one.numbers["earlier"] == "2020-01-04 00:00"


def test_a_replayed_night_with_noise_and_another_clock():
    def change(values):
        random = np.random.default_rng(9)
        for one in values.values():
            part = one[3 * 1440 + 77 : 3 * 1440 + 77 + 720]
            one[6 * 1440 : 6 * 1440 + 720] = part * np.exp(0.02 * random.standard_normal(720))

    (one,) = found(seen(change), "replayed-values")
    assert hours(one) == (144.0, 156.0)


def test_clean_air():
    values = stack()
    values["a19001"][EVENING] += 2.5
    values["a21002"][EVENING] *= 0.4
    random = np.random.default_rng(3)
    hot, wet = 120 + random.standard_normal(DAYS * 24), 8 + 0.2 * random.standard_normal(DAYS * 24)
    hot[90:96], wet[90:96] = 95, 5
    frame = pl.concat(
        [
            meters(power()),
            monitor(values),
            rows("E1.DA001", "a01012-Avg", hot, 3600),
            rows("E1.DA001", "a01014-Avg", wet, 3600),
        ]
    )
    (one,) = found(frame, "clean-air")
    assert hours(one) == (90.0, 96.0)


def test_marks_at_exceedances():
    values = np.full(DAYS * 24, 60.0)
    for hour in (30, 80, 125, 170, 201):
        values[hour : hour + 3] = 140.0
    convenient = [(slice(i + 1, i + 3), "maintenance") for i in (30, 80, 125, 170, 201)]
    frame = rows("E1.DA001", "a21026-ZsAvg", values, 3600, convenient)
    (one,) = found(frame, "marks-at-exceedance")
    assert (one.numbers["both"], one.numbers["marked"]) == (5, 5)
    harmless = [(slice(i, i + 2), "maintenance") for i in (10, 50, 82, 150, 190)]
    assert found(rows("E1.DA001", "a21026-ZsAvg", values, 3600, harmless), "marks-at-exceedance") == []


def test_checks_by_the_clock_are_no_convenient_marks():
    values = np.full(DAYS * 24, 60.0)
    values[7::24] = 140.0
    daily = [(slice(i, i + 1), "calibrating") for i in range(8, DAYS * 24, 24)]
    assert found(rows("E1.DA001", "a21026-ZsAvg", values, 3600, daily), "marks-at-exceedance") == []


@pytest.mark.parametrize(
    ("k", "n", "rate", "chance"), [(2, 2, 0.5, 0.25), (1, 3, 0.5, 0.875), (0, 5, 0.1, 1.0), (1, 4, 0.0, 0.0)]
)
def test_at_least(k, n, rate, chance):
    assert at_least(k, n, rate) == pytest.approx(chance)


def test_stack_that_says_stopped_while_meters_say_running():
    def change(values):
        values["a19001"][EVENING] = 20.6

    (one,) = found(seen(change), "stack-says-stopped")
    assert hours(one) == (90.0, 96.0)


def test_stack_that_says_running_while_meters_stand():
    values = power()
    values["E1.P1"][90 * 4 : 100 * 4] = 0.1
    (one,) = found(pl.concat([meters(values), monitor(stack())]), "stack-says-running")
    assert hours(one) == (90.0, 100.0)
