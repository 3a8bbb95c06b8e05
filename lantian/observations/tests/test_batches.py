"""A batch is written once, whole, or not at all; rows that cannot be taken are named."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest

from lantian.observations import intake
from lantian.observations.errors import (
    BadRowsError,
    BatchConflictError,
    BusyError,
    Fault,
    ShapeError,
    StoreError,
)
from lantian.observations.model import Batch, Query
from lantian.observations.store import Store
from lantian.observations.tests.builders import HOUR, START, UTC, parquet_files, read, row, rows, values


def append(store, batch, given, **options):
    with store.writer("test") as writer:
        return writer.append(batch if isinstance(batch, Batch) else Batch(batch), given, **options)


def test_a_batch_comes_back_as_it_went_in(store):
    receipt = append(store, Batch("may", actor="li", origin="may.csv"), rows(range(800)))
    assert (receipt.rows, receipt.version, receipt.repeated) == (800, 1, False)
    found = read(store)
    assert [r["value"] for r in found] == [float(h % 100) for h in range(800)]
    first = found[0]
    assert first["valid_from"] == START
    assert first["valid_to"] == START + HOUR
    assert (first["unit"], first["flags"], first["batch"], first["line"]) == ("µg/m3", "", "may", 1)
    months = {path.parent.name for path in parquet_files(store)}
    assert months == {"month=2020-01", "month=2020-02"}  # by the local month: START lies in December of UTC


def test_the_same_batch_again_does_nothing(store):
    first = append(store, "a", rows(range(5)))
    again = append(store, "a", rows(range(5)))
    assert again.repeated
    assert (again.version, again.rows, again.known_at) == (first.version, 5, first.known_at)
    assert len(read(store, history=True)) == 5


def test_the_same_name_with_other_content_is_refused(store):
    append(store, Batch("a", digest="1"), rows(range(5)))
    with pytest.raises(BatchConflictError, match="other content"):
        append(store, Batch("a", digest="2"), rows(range(6)))


def test_a_stream_needs_one_number_in_the_log(store):
    for sequence in (1, 2, 5):
        assert not append(store, Batch("gateway", sequence), [row(sequence, 1.0)]).repeated
    assert append(store, Batch("gateway", 2), [row(2, 9.0)]).repeated
    assert append(store, Batch("gateway", 4), [row(4, 9.0)]).repeated  # a stream only rises
    assert values(store) == {("s1", 1): 1.0, ("s1", 2): 1.0, ("s1", 5): 1.0}


def test_batches_are_remembered_across_checkpoints(store, monkeypatch):
    monkeypatch.setattr("lantian.observations.log._CHECKPOINT_EVERY", 3)
    for number in range(8):
        append(store, f"b{number}", [row(number, 1.0)])
    assert list((store.root / "observations" / "_delta_log").glob("*.checkpoint.parquet"))
    fresh = Store(store.root, clock=store.clock)
    assert append(fresh, "b0", [row(0, 7.0)]).repeated
    assert len(read(fresh, history=True)) == 8


def test_bad_rows_are_named_and_nothing_is_written(store):
    naive = dt.datetime(2020, 1, 1)
    given = [
        row(0, 1.0),
        row(1, float("nan")),
        row(2, "12,5"),
        row(3, None),
        {**row(4, 1.0), "valid_from": naive},
        {**row(5, 1.0), "valid_to": START + 5 * HOUR},
        row(6, 1.0, unit="bushel"),
        row(0, 2.0),
        {**row(8, 1.0), "source": "  "},
        row(9, 1.0, flag="Very Bad"),
        {**row(10, 1.0), "valid_to": "tomorrow"},
        row(11, float("inf")),
        row(12, True),
    ]
    with pytest.raises(BadRowsError) as caught:
        append(store, "a", given)
    found = {fault.line: (fault.column, fault.fault) for fault in caught.value.faults}
    assert found == {
        2: ("value", Fault.NOT_FINITE),
        3: ("value", Fault.NO_NUMBER),
        4: ("value", Fault.MISSING),
        5: ("valid_from", Fault.NO_ZONE),
        6: ("valid_to", Fault.EMPTY_INTERVAL),
        7: ("unit", Fault.UNKNOWN_UNIT),
        8: ("source", Fault.DUPLICATE),
        9: ("source", Fault.MISSING),
        10: ("flag", Fault.BAD_FLAG),
        11: ("valid_to", Fault.NO_TIME),
        12: ("value", Fault.NOT_FINITE),
        13: ("value", Fault.NO_NUMBER),
    }
    assert caught.value.total == 12
    assert "12 rows cannot be taken, nothing was written: row 2, value: nan is no finite number" in str(caught.value)
    assert read(store) == []


def test_skipping_bad_rows_says_which(store):
    receipt = append(
        store, "a", [row(0, 1.0), row(1, float("nan")), row(2, 3.0, line=77), row(2, 4.0, line=78)], on_fault="skip"
    )
    assert (receipt.rows, receipt.skipped) == (2, 2)
    assert [(f.line, f.fault) for f in receipt.faults] == [(2, Fault.NOT_FINITE), (78, Fault.DUPLICATE)]
    assert values(store) == {("s1", 0): 1.0, ("s1", 2): 3.0}
    assert store.register.find("observations", "a")["details"]["skipped"] == 2


def test_units_are_kept_by_code_and_never_converted(store, tmp_path):
    append(store, "a", [row(0, 1.0, unit="μg/m³")])
    assert read(store)[0]["unit"] == "µg/m3"
    strict = Store(tmp_path / "strict", clock=store.clock, quantity_units={"CO": "mg/m3"})
    with pytest.raises(BadRowsError) as caught:
        append(strict, "a", [row(0, 1.0, quantity="CO"), row(0, 1.0, quantity="NO2")])
    assert [(f.line, f.fault) for f in caught.value.faults] == [(1, Fault.OTHER_UNIT)]


def test_numbers_and_times_of_other_kinds(store):
    east = dt.timezone(dt.timedelta(hours=8))
    begin = dt.datetime(2020, 1, 1, tzinfo=east)
    append(store, "a", [{**row(0, Decimal("1.5")), "valid_from": begin, "valid_to": begin + HOUR}, row(1, 2)])
    assert values(store) == {("s1", 0): 1.5, ("s1", 1): 2.0}


def test_arrow_and_polars_rows(store):
    frame = pl.DataFrame(rows(range(3)))
    append(store, "p", frame.with_columns(pl.col("source").cast(pl.Categorical)))
    append(store, "t", pa.Table.from_pylist(rows(range(3, 6))))
    append(store, "r", pa.Table.from_pylist(rows(range(6, 9))).to_reader())
    assert values(store) == {("s1", h): float(h) for h in range(9)}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.drop("unit"), "no column 'unit'"),
        (lambda f: f.with_columns(pl.col("valid_from").dt.replace_time_zone(None)), "'valid_from' is .* time zone"),
        (lambda f: f.with_columns(pl.col("value").cast(pl.String)), "'value' is .* must hold numbers"),
    ],
)
def test_columns_that_cannot_be_read(store, change, says):
    with pytest.raises(ShapeError, match=says):
        append(store, "a", change(pl.DataFrame(rows(range(3)))))
    assert read(store) == []


def test_a_fact_said_twice_in_different_chunks_is_found(store, monkeypatch):
    monkeypatch.setattr(intake, "_MAPPING_CHUNK", 4)
    assert append(store, "fine", rows(range(10))).rows == 10
    with pytest.raises(BadRowsError) as caught:
        append(store, "a", [*rows(range(6)), row(1, 9.0)])
    assert [(f.line, f.fault) for f in caught.value.faults] == [(7, Fault.DUPLICATE)]


def test_an_empty_batch_is_a_batch(store):
    assert append(store, "nothing", []).rows == 0
    assert append(store, "nothing", []).repeated
    assert read(store) == []


def test_a_second_writer_is_told_who_holds_the_pen(store):
    with (
        store.writer("the long import"),
        pytest.raises(BusyError, match="the long import"),
        store.writer("b", wait=0.05),
    ):
        pass
    append(store, "after", rows(range(1)))


def test_what_is_to_come_is_not_known(store, clock):
    with pytest.raises(StoreError, match="to come"):
        append(store, Batch("a", known_at=clock() + HOUR), rows(range(1)))


def test_batches_queries_and_stores_refuse_nonsense(store, clock):
    with pytest.raises(ValueError):
        Batch(" ")
    with pytest.raises(ValueError):
        Batch("a", sequence=0)
    with pytest.raises(ValueError):
        Batch("a", known_at=dt.datetime(2020, 1, 1))
    with pytest.raises(ValueError):
        Query(start=dt.datetime(2020, 1, 1))
    append(store, "a", rows(range(1)))
    with pytest.raises(StoreError, match="offset"), Store(store.root, offset=dt.timedelta(0)).writer("x"):
        pass


def test_the_trail_is_told_once_what_was_written(tmp_path, clock):
    told = []
    store = Store(tmp_path / "o", clock=clock, trail=told.append)
    append(store, Batch("a", actor="li", reason="new data", origin="a.csv"), rows(range(3)))
    append(store, "a", rows(range(3)))
    assert [(e.kind, e.batch, e.rows, e.actor, e.reason, e.origin, e.key) for e in told] == [
        ("import", "a", 3, "li", "new data", "a.csv", "observations/1")
    ]
    assert told[0].at == clock()
    assert told[0].details["source"] == ["s1"]


def test_what_could_not_be_told_is_told_later(tmp_path, clock):
    def broken(event):
        raise ConnectionError("no ledger")

    silent = Store(tmp_path / "o", clock=clock)
    append(silent, "a", rows(range(3)))  # a library without an audit trail
    with pytest.raises(ConnectionError):
        append(Store(tmp_path / "o", clock=clock, trail=broken), "b", rows(range(3, 6)))
    told = []
    late = Store(tmp_path / "o", clock=clock, trail=told.append)
    append(late, "b", rows(range(3, 6)))
    assert [e.batch for e in told] == ["a", "b"]
    assert len(read(late, history=True)) == 6


def test_reading_a_store_that_is_not_there(store):
    assert read(store) == []
    assert store.reader().version().observations == -1
    assert store.reader().flags(Query()).polars().is_empty()
    assert not store.root.joinpath("observations").exists()


def test_pruning_reads_only_what_is_needed(store):
    for number in range(4):
        append(store, f"b{number}", rows(range(800 * number, 800 * number + 24), source=f"s{number}"))
    reader = store.reader()
    assert len(reader.files(Query())) == 4
    assert len(reader.files(Query(sources=("s2",)))) == 1
    assert len(reader.files(Query(start=START + 1600 * HOUR))) == 2
    assert len(reader.files(Query(end=START + 1600 * HOUR))) == 2
    assert len(reader.files(Query(quantities=("NO2",)))) == 0
    assert len(reader.files(Query(as_known_on=dt.datetime(2000, 1, 1, tzinfo=UTC)))) == 0


def test_a_process_that_reads_many_lists_of_files_forgets_the_oldest(store):
    """Each commit makes a new list of files; views of old ones are dropped, and reading goes on."""
    from lantian.observations.engine import _KEPT_VIEWS

    for hour in range(_KEPT_VIEWS + 3):
        append(store, f"b{hour}", [row(hour, 1.0)])
        assert len(store.reader().observations(Query()).polars()) == hour + 1
