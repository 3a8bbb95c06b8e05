"""Rewinding: random histories, and the past equals what was recorded while it was the present."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from lantian.plan.rules import baseline

START = dt.datetime(2020, 4, 3, 8, tzinfo=dt.UTC)
STATES = ("not_started", "in_progress", "submitted", "returned", "verified", "signed_off", "rebounded", "cancelled")


class World:
    """A ledger that forgets, beside a chain that does not."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = START
        self.records: dict[int, dict] = {}
        self.created: dict[int, dt.datetime] = {}
        self.chain: list[baseline.Change] = []
        self.gone: dict[int, dt.datetime] = {}
        self.snapshots: list[tuple[dt.datetime, dict]] = []

    def live(self) -> None:
        for _ in range(120):
            self.now += dt.timedelta(minutes=self.random.choice([0, 1, 400, 3000]))
            self.random.choice([self.add, self.change_state, self.change_state, self.change_deadline, self.supersede])()
            if self.random.random() < 0.3:
                self.photograph()

    def photograph(self) -> None:
        values = {key: dict(record) for key, record in self.records.items() if key not in self.gone}
        self.snapshots.append((self.now, values))
        self.now += dt.timedelta(seconds=1)

    def add(self) -> None:
        key = len(self.records) + 1
        self.records[key] = {"state": "not_started", "deadline": "2020-09-30"}
        self.created[key] = self.now

    def write(self, name: str, value: str | None) -> None:
        live = [key for key in self.records if key not in self.gone]
        if not live:
            return
        key = self.random.choice(live)
        old = self.records[key][name]
        if old != value:
            self.chain.append(baseline.Change(len(self.chain) + 1, self.now, key, name, old, value))
            self.records[key][name] = value

    def change_state(self) -> None:
        self.write("state", self.random.choice(STATES))

    def change_deadline(self) -> None:
        self.write("deadline", self.random.choice([None, "2020-06-30", "2020-08-31", "2020-12-31"]))

    def supersede(self) -> None:
        live = [key for key in self.records if key not in self.gone]
        if live and self.random.random() < 0.2:
            self.gone[self.random.choice(live)] = self.now

    def present(self) -> list[baseline.Present]:
        return [
            baseline.Present(key, self.created[key], values, self.gone.get(key)) for key, values in self.records.items()
        ]


@pytest.mark.parametrize("seed", range(25))
def test_the_rewound_past_equals_the_photographs(seed):
    world = World(seed)
    world.live()
    shuffled = world.random.sample(world.chain, len(world.chain))
    assert world.snapshots
    for moment, values in world.snapshots:
        past = baseline.rewind(world.present(), shuffled, moment)
        assert past.values == values
        assert past.faults == []


def test_a_record_changed_past_the_chain_is_reported():
    present = [baseline.Present(1, START, {"state": "signed_off", "deadline": None})]
    chain = [baseline.Change(4, START + dt.timedelta(days=1), 1, "state", "not_started", "in_progress")]
    past = baseline.rewind(present, chain, START)
    assert past.faults == [baseline.Fault(1, "state", 4, "in_progress", "signed_off")]


def side(**values) -> baseline.Side:
    return baseline.Side(**{"state": "in_progress", "status": "in_progress", "deadline": None, "percent": 10, **values})


def test_differences_name_what_changed_was_added_or_cancelled():
    before = {1: side(), 2: side(), 3: side()}
    after = {1: side(percent=20), 3: side(), 4: side()}
    found = {d.id: d for d in baseline.compare(before, after)}
    assert {key: d.kind for key, d in found.items()} == {1: "changed", 2: "cancelled", 3: "same", 4: "added"}
    assert found[1].fields == ("percent",)
    assert found[2].fields == ()


def test_sums_stand_side_by_side():
    before = {1: side(status="overdue"), 2: side(percent=None)}
    after = {1: side(status="signed_off", percent=100), 2: side(percent=50)}
    old, new = baseline.totals(baseline.compare(before, after), lambda key: ["all"])["all"]
    assert (old.live, old.overdue, old.signed_off, old.mean, old.n) == (2, 1, 0, 10, 1)
    assert (new.live, new.overdue, new.signed_off, new.mean, new.n) == (2, 0, 1, 75, 2)


def test_a_cancelled_assignment_counts_no_longer():
    past = baseline.Past(START, {1: {"state": "cancelled", "deadline": None}})
    assert baseline.sides(past, {}, START.date(), 7) == {}


def test_the_status_is_the_one_that_the_ledger_showed_on_that_day():
    past = baseline.Past(START, {1: {"state": "in_progress", "deadline": "2020-06-19"}})
    assert baseline.sides(past, {1: 30}, dt.date(2020, 6, 12), 7)[1].status == "due_soon"
    assert baseline.sides(past, {1: 30}, dt.date(2020, 6, 20), 7)[1].status == "overdue"
    assert baseline.sides(past, {1: 30}, dt.date(2020, 6, 20), 7, grace_days=3)[1].status == "due_soon"
