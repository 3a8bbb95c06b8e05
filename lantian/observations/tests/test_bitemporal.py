"""The newest rows and the rows as known on a day, against a plain list, whatever was compacted in between."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantian.observations.compaction import compact
from lantian.observations.errors import BadRowsError, Fault, StoreError
from lantian.observations.model import Batch, Query
from lantian.observations.store import Store
from lantian.observations.tests.builders import HOUR, START, Clock, mark, read, row, rows, values
from lantian.observations.tests.test_batches import append
from lantian.observations.verify import verify


def flag(store, batch, marks, actor="rule", **options):
    with store.writer("flags") as writer:
        return writer.flag(Batch(batch, actor=actor), marks, **options)


def flags_of(store, **query):
    return {int((r["valid_from"] - START) / HOUR): r["flags"] for r in read(store, **query)}


def test_a_correction_is_a_new_row(store, clock):
    append(store, "first", rows(range(3)))
    before = clock()
    clock.forward(days=2)
    append(store, Batch("fix", actor="li", reason="calibrated"), [row(1, 50.0)])
    assert values(store) == {("s1", 0): 0.0, ("s1", 1): 50.0, ("s1", 2): 2.0}
    assert values(store, as_known_on=before) == {("s1", 0): 0.0, ("s1", 1): 1.0, ("s1", 2): 2.0}
    assert values(store, as_known_on=before - HOUR) == {}
    assert [r["value"] for r in read(store, history=True)] == [0.0, 1.0, 50.0, 2.0]


def test_an_older_knowledge_that_arrives_late_does_not_win(store, clock):
    append(store, "now", [row(0, 2.0)])
    append(store, Batch("archive", known_at=clock() - dt.timedelta(days=30)), [row(0, 1.0)])
    assert values(store) == {("s1", 0): 2.0}
    assert values(store, as_known_on=clock() - dt.timedelta(days=1)) == {("s1", 0): 1.0}
    compact(store)
    assert values(store) == {("s1", 0): 2.0}
    assert values(store, as_known_on=clock() - dt.timedelta(days=1)) == {("s1", 0): 1.0}


def test_a_clock_that_goes_back_does_not_turn_the_order(store, clock):
    append(store, "first", [row(0, 1.0)])
    clock.forward(days=-3)
    append(store, "second", [row(0, 2.0)])
    assert values(store) == {("s1", 0): 2.0}


Fact = tuple[int, int]
changes = st.lists(
    st.one_of(
        st.tuples(
            st.just("rows"),
            st.dictionaries(st.tuples(st.integers(0, 2), st.integers(735, 750)), st.integers(0, 9), min_size=1),
        ),
        st.tuples(st.just("flag"), st.tuples(st.integers(0, 2), st.integers(735, 750), st.booleans(), st.booleans())),
        st.tuples(st.just("compact"), st.none()),
    ),
    min_size=1,
    max_size=7,
)


class Model:
    """The store as a plain list: rows and flags with the moment when they were learned."""

    def __init__(self) -> None:
        self.rows: list[tuple[Fact, float, dt.datetime]] = []
        self.flags: list[tuple[Fact, bool, bool, dt.datetime]] = []

    def at(self, moment: dt.datetime) -> dict[Fact, tuple[float, str]]:
        newest: dict[Fact, tuple[float, dt.datetime]] = {}
        for fact, value, known in self.rows:
            if known <= moment:
                newest[fact] = (value, known)
        return {f: (v, "odd" if self._flagged(f, k, moment) else "") for f, (v, k) in newest.items()}

    def _flagged(self, fact: Fact, value_known: dt.datetime, moment: dt.datetime) -> bool:
        said = [(gone, lasting, known) for f, gone, lasting, known in self.flags if f == fact and known <= moment]
        if not said:
            return False
        gone, lasting, known = said[-1]
        return not gone and (lasting or known > value_known)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes)
def test_reads_agree_with_a_plain_list(steps):
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(START + dt.timedelta(days=100))
        store, model, moments = Store(Path(folder) / "o", offset=8 * HOUR, clock=clock), Model(), []
        for number, (kind, what) in enumerate(steps):
            clock.forward(minutes=1)
            if kind == "rows":
                given_rows = [row(h, float(v), source=f"s{s}") for (s, h), v in what.items()]
                known = append(store, f"b{number}", given_rows).known_at
                model.rows += [(fact, float(v), known) for fact, v in what.items()]
            elif kind == "flag":
                _apply_flag(store, model, number, what)
            else:
                compact(store)
            moments.append(clock())
        for moment in [*moments, None]:
            found = {
                (int(r["source"][1:]), int((r["valid_from"] - START) / HOUR)): (r["value"], r["flags"])
                for r in read(store, as_known_on=moment)
            }
            assert found == model.at(moment or clock())
        assert len(read(store, history=True)) == len(model.rows)
        assert verify(store).faults == []


def _apply_flag(store, model, number, what):
    source, hour, retracted, lasting = what
    marked = mark(hour, "odd", source=f"s{source}", retracted=retracted, lasting=lasting)
    if any(fact == (source, hour) for fact, _, _ in model.rows):
        known = flag(store, f"f{number}", [marked]).known_at
        model.flags.append(((source, hour), retracted, lasting, known))
    else:
        with pytest.raises(BadRowsError) as caught:
            flag(store, f"f{number}", [marked])
        assert [f.fault for f in caught.value.faults] == [Fault.NO_OBSERVATION]


def test_flags_are_set_taken_back_and_kept(store, clock):
    append(store, "a", rows(range(4)))
    flag(store, "f1", [mark(1, "spike"), mark(1, "high"), mark(2, "spike")])
    then = clock.forward(hours=1)
    clock.forward(hours=1)
    flag(store, "f2", [mark(1, "spike", retracted=True, reason="it was true")], actor="li")
    assert flags_of(store) == {0: "", 1: "high", 2: "spike", 3: ""}
    assert flags_of(store, as_known_on=then) == {0: "", 1: "high,spike", 2: "spike", 3: ""}
    history = store.reader().flags(Query(history=True)).polars().sort("known_at", "valid_from", "flag")
    assert history["retracted"].to_list() == [False, False, False, True]
    assert history["who"].to_list() == ["rule", "rule", "rule", "li"]


def test_a_correction_comes_without_the_old_value_s_flags_but_with_lasting_ones(store):
    append(store, "a", rows(range(2)))
    flag(store, "f", [mark(0, "spike"), mark(0, "dust", lasting=True)])
    assert flags_of(store) == {0: "dust,spike", 1: ""}
    append(store, "fix", [row(0, 5.0)])
    assert flags_of(store) == {0: "dust", 1: ""}


def test_the_mark_of_the_origin_can_be_taken_back(store):
    append(store, "a", [row(0, 1.0, flag="maintenance"), row(1, 1.0, flag="maintenance")])
    flag(store, "f", [mark(0, "spike"), mark(1, "maintenance", retracted=True)])
    assert flags_of(store) == {0: "maintenance,spike", 1: ""}


def test_flags_need_a_reason_somebody_and_an_observation(store):
    append(store, "a", rows(range(2)))
    with pytest.raises(StoreError, match="somebody"):
        flag(store, "f", [mark(0, "spike")], actor="")
    with pytest.raises(BadRowsError) as caught:
        flag(store, "f", [mark(0, "spike", reason=" "), mark(1, "Not A Name"), mark(9, "spike")])
    found = [(f.line, f.fault) for f in caught.value.faults]
    assert sorted(found) == [(1, Fault.MISSING), (2, Fault.BAD_FLAG), (3, Fault.NO_OBSERVATION)]
    assert flags_of(store) == {0: "", 1: ""}
