"""Rows straight from the files equal the engine's rows, whatever was imported, corrected, flagged, compacted."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lantian.observations import direct, parquet, reading
from lantian.observations.compaction import compact
from lantian.observations.grid import hourly
from lantian.observations.model import Batch, Query
from lantian.observations.retention import Policy, drop
from lantian.observations.statistics import HourRules, hours
from lantian.observations.tests.builders import HOUR, START, mark, row
from lantian.standards.arrays import MISSING

OFFSET = dt.timedelta(hours=8)
DAYS = 50
FLAGS = ("spike", "void", "stuck", "calibration")
SOURCES, QUANTITIES = ("s1", "s2", "s3"), ("PM2.5", "SO2")
RULES = HourRules("test", OFFSET, 3, ("void", "calibration"))


def fill(store, clock, seed: int) -> list[dt.datetime]:
    """Import, correct, flag, take back, compact at random; return moments between the steps."""
    chance, moments = random.Random(seed), []
    for step in range(14):
        clock.forward(hours=chance.randint(1, 40))
        moments.append(clock.now)
        clock.forward(minutes=5)
        action = chance.choice(["import", "import", "import", "flag", "flag", "compact"]) if step > 2 else "import"
        if action == "compact":
            compact(store, target_rows=chance.choice([500, 8_000_000]))
            continue
        with store.writer("test") as writer:
            if action == "import":
                writer.append(Batch(f"b{step}"), list(invented(chance)))
            else:
                writer.flag(Batch(f"f{step}", actor="me"), marks_of(chance), on_fault="skip")
    return moments


def invented(chance):
    first, last = sorted(chance.sample(range(DAYS * 24), 2))
    for source in chance.sample(SOURCES, chance.randint(1, 3)):
        for quantity in chance.sample(QUANTITIES, chance.randint(1, 2)):
            for hour in range(first, min(last, first + 400)):
                if chance.random() < 0.9:
                    own = chance.choice(FLAGS) if chance.random() < 0.03 else ""
                    long = {"valid_to": START + (hour + 2) * HOUR} if chance.random() < 0.02 else {}
                    value = chance.randrange(4000) / chance.choice([1, 10, 1000])
                    yield row(hour, value, source=source, quantity=quantity, flag=own, **long)


def marks_of(chance):
    facts = {(chance.randrange(DAYS * 24), chance.choice(SOURCES), chance.choice(FLAGS)) for _ in range(250)}
    return [
        mark(hour, flag, source=source, retracted=chance.random() < 0.3, lasting=chance.random() < 0.3)
        for hour, source, flag in sorted(facts)
    ]


def questions(chance, moments):
    for _ in range(6):
        start = START + chance.randrange(DAYS) * 24 * HOUR
        yield Query(
            sources=tuple(chance.sample(SOURCES, chance.randint(0, 3))),
            quantities=tuple(chance.sample(QUANTITIES, chance.randint(0, 2))),
            places=chance.choice([(), (), ("p1",), ("p2",)]),
            start=chance.choice([None, start]),
            end=chance.choice([None, start + chance.randint(1, 20) * 24 * HOUR]),
            as_known_on=chance.choice([None, None, *moments]),
            history=chance.random() < 0.25,
        )


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch):
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 300)


@pytest.mark.parametrize("seed", range(10))
def test_rows_equal_the_engines(store, clock, seed):
    moments = fill(store, clock, seed)
    order = ["source", "quantity", "place", "valid_from", "valid_to", "known_at", "batch", "line"]
    for query in questions(random.Random(seed), moments):
        reader = store.reader()
        expected = reader.observations(query).polars()
        found = reader.rows(query)
        assert_frame_equal(found.sort(order), expected.sort(order), check_dtypes=False)
        some = reader.rows(query, ("valid_from", "value", "flags"))
        assert some.columns == ["valid_from", "value", "flags"]
        assert len(some) == len(expected)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("most", [0, 5_000_000])
def test_a_grid_equals_the_statistics_hours(store, clock, seed, most, monkeypatch):
    monkeypatch.setattr(reading, "_MOST_COMPARED", most)
    moments = fill(store, clock, seed)
    chance = random.Random(seed)
    for as_known_on in (None, chance.choice(moments)):
        first, days = chance.randrange(DAYS - 10), chance.randint(1, 10)
        start = START + first * 24 * HOUR
        sources = tuple(chance.sample(SOURCES, 2))
        query = Query(sources, QUANTITIES, (), start, start + days * 24 * HOUR, as_known_on)
        reader = store.reader()
        rows = hours(reader.observations(query).expression, RULES).to_polars()
        begin = (start - dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + OFFSET) // HOUR
        expected = np.full((2, 2, days * 24), MISSING, dtype=np.int64)
        for one in rows.iter_rows(named=True):
            at = sources.index(one["subject"]), QUANTITIES.index(one["quantity"]), one["hour"] - begin
            expected[at] = one["scaled"]
        found = hourly(reader, query, RULES)
        # Rows that begin at one hour and are about different lengths may not both be hours, so cells are unique.
        assert np.array_equal(found, expected)


def test_a_grid_wants_closed_ends(store, clock):
    fill(store, clock, 1)
    with pytest.raises(ValueError, match="start and an end"):
        hourly(store.reader(), Query(("s1",), ("SO2",)), RULES)


def test_an_empty_store_has_no_rows(store):
    query = Query(("s1",), ("SO2",), (), START, START + 24 * HOUR)
    assert store.reader().rows(query).is_empty()
    assert store.reader().subjects() == ()
    assert (hourly(store.reader(), query, RULES) == MISSING).all()


def test_subjects_have_first_and_last(store, clock):
    with store.writer("test") as writer:
        writer.append(Batch("a"), [row(hour, 1.0, source="s1") for hour in range(5, 900)])
        writer.append(Batch("b"), [row(3, 1.0, source="s2", place="p2")])
    first = store.reader().subjects()
    assert [(one.source, one.place, one.first, one.last) for one in first] == [
        ("s1", "p1", START + 5 * HOUR, START + 899 * HOUR),
        ("s2", "p2", START + 3 * HOUR, START + 3 * HOUR),
    ]
    with store.writer("test") as writer:
        writer.append(Batch("c"), [row(2, 1.0, source="s2", place="p2")])
    assert store.reader().subjects()[1].first == START + 2 * HOUR
    compact(store)
    assert store.reader().subjects()[1].first == START + 2 * HOUR
    drop(store, Policy("old", "the rule", START + 4 * HOUR, sources=("s2",)), actor="me")
    assert [one.source for one in store.reader().subjects()] == ["s1"]


def test_files_that_say_nothing_of_themselves_are_read(store, clock, monkeypatch):
    """Files of an earlier layout have no facts in their footers."""
    monkeypatch.setattr(parquet.Said, "metadata", lambda self: {})
    fill(store, clock, 3)
    reader = store.reader()
    query = Query(SOURCES, QUANTITIES, (), START, START + DAYS * 24 * HOUR)
    rows = hours(reader.observations(query).expression, RULES).to_polars()
    assert (hourly(reader, query, RULES) != MISSING).sum() == len(rows)
    assert {one.source for one in reader.subjects()} == set(rows["subject"])


def test_row_groups_begin_where_a_source_does(store):
    with store.writer("test") as writer:
        writer.append(Batch("a"), [row(hour, 1.0, source=f"s{n}") for n in range(9) for hour in range(70)])
    (file,) = store.reader().files(Query())
    footer = store.footers.get(file.path)
    assert footer.interval == 3_600_000_000
    assert [footer.ends(n, "source") for n in range(footer.metadata.num_row_groups)] == [
        ("s0", "s3"),
        ("s4", "s7"),
        ("s8", "s8"),
    ]
    assert footer.groups(["s5"]) == [1]
    assert isinstance(pl.read_parquet(file.path)["line"].max(), int)


def test_footers_say_how_rows_run_where_that_is_shorter_than_the_rows(store, monkeypatch):
    series = [row(hour, 1.0, source=f"s{n}", quantity=q) for n in range(2) for q in QUANTITIES for hour in range(70)]
    packet = [row(700, 1.0, source=f"s{n}", quantity=q) for n in range(30) for q in QUANTITIES]
    with store.writer("test") as writer:
        writer.append(Batch("series"), [one for one in series if one["valid_from"] != START + 5 * HOUR])
        writer.append(Batch("packet"), packet)
    long, short = sorted(store.reader().files(Query()), key=lambda file: -file.rows)
    assert store.footers.get(short.path).runs is None
    runs = store.footers.get(long.path).runs
    told = [
        (one.sources[s], one.quantities[q], n)
        for one in runs
        for s, q, n in zip(one.source, one.quantity, one.length, strict=True)
    ]
    assert told == [("s0", "PM2.5", 69), ("s0", "SO2", 69), ("s1", "PM2.5", 69), ("s1", "SO2", 69)]
    read = []
    real = direct.Group.read
    monkeypatch.setattr(direct.Group, "read", lambda self, columns: read.append(set(columns)) or real(self, columns))
    query = Query(("s1",), ("SO2",), (), START, START + 80 * HOUR)
    found = hourly(store.reader(), query, RULES)[0, 0]
    assert (found != MISSING).sum() == 69
    assert read == [{"valid_from", "value"}], "who is meant is known without reading it"


def test_only_files_that_may_hold_a_flag_are_read_for_it(store, monkeypatch):
    with store.writer("test") as writer:
        writer.append(Batch("a"), [row(hour, 1.0) for hour in range(48)])
        writer.flag(Batch("b", actor="me"), [mark(5, "spike"), mark(6, "stuck")])
        writer.flag(Batch("c", actor="me"), [mark(7, "void")])
    reader, asked = store.reader(), []
    real = store.footers.get
    monkeypatch.setattr(store.footers, "get", lambda path: asked.append(path) or real(path))
    query = Query(("s1",))
    assert reader.said(query, ("dust",)) is None
    assert asked == []
    assert reader.said(query, ("void",))["flag"].to_list() == ["void"]
    assert len(set(asked)) == 1
    assert sorted(reader.said(query)["flag"].to_list()) == ["spike", "stuck", "void"]


def test_a_reader_is_the_same_until_something_is_written(store):
    with store.writer("test") as writer:
        writer.append(Batch("a"), [row(0, 1.0)])
    first = store.reader()
    assert store.reader() is first
    with store.writer("test") as writer:
        writer.append(Batch("b"), [row(1, 1.0)])
    assert store.reader() is not first
    assert len(first.rows(Query())) == 1, "who began before sees what there was"
