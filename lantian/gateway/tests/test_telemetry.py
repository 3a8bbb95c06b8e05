"""The telemetry store's door: rows go in once and come out as a frame."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from lantian.gateway.core import telemetry
from lantian.observations.model import Batch
from lantian.standards.units import unit

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def rows(minutes: range, *, step=telemetry.MINUTE, value: float = 1.0, quantity="P-Avg") -> pl.DataFrame:
    begins = [START + one * telemetry.MINUTE for one in minutes]
    return pl.DataFrame(
        {
            "source": "E0001.P01", "place": "E0001", "quantity": quantity,
            "valid_from": begins, "valid_to": [one + step for one in begins], "value": value, "flag": "",
        },
        schema_overrides={"valid_from": pl.Datetime("us", "UTC"), "valid_to": pl.Datetime("us", "UTC")},
    )  # fmt: skip


@pytest.fixture
def store(tmp_path):
    return telemetry.open_store(tmp_path, offset=dt.timedelta(hours=8))


def test_nothing_is_there_before_the_first_row(store):
    found = telemetry.frame(store, start=START, end=None)
    assert found.is_empty()
    assert tuple(found.columns) == telemetry.COLUMNS


def test_rows_come_back_sorted_and_once(store):
    assert telemetry.write(store, rows(range(10)), Batch("one")).rows == 10
    assert telemetry.write(store, rows(range(10)), Batch("one")).repeated
    telemetry.write(store, rows(range(3, 5), value=9.0), Batch("later"))
    found = telemetry.frame(store, places=("E0001",), start=START, end=START + dt.timedelta(minutes=8))
    assert found["value"].to_list() == [1, 1, 1, 9, 9, 1, 1, 1]
    before = found["known_at"].min()
    assert telemetry.frame(store, start=START, end=None, as_known_on=before)["value"].to_list() == [1.0] * 10


def test_a_step_is_the_length_of_the_interval(store):
    telemetry.write(store, rows(range(5)), Batch("minutes"))
    telemetry.write(store, rows(range(1), step=telemetry.HOUR, value=7.0), Batch("hour"))
    found = telemetry.frame(store, start=START, end=None, step=telemetry.HOUR)
    assert found["value"].to_list() == [7.0]
    assert len(telemetry.frame(store, start=START, end=None, step=telemetry.MINUTE)) == 5


@pytest.mark.parametrize(
    ("quantity", "kept"),
    [("P-Rtd", "kW"), ("a21026-ZsAvg", "mg/m3"), ("a21026-Cou", "as sent"), ("SB1-RS", "1"), ("xx-Rtd", "as sent")],
)
def test_units_by_quantity(quantity, kept):
    assert telemetry.unit_of(quantity) == kept


def test_every_unit_of_the_data_is_known():
    suffixes, factors = telemetry._units()
    for code in {*suffixes.values(), *factors.values(), telemetry.UNSTATED}:
        assert unit(code).code == code


def test_flags_have_words():
    assert telemetry.word_of("N") == ""
    assert telemetry.word_of("D") == "fault"
    assert telemetry.word_of("Z9") == "wire.z9"
    assert telemetry.word_of("?") == "wire.other"
