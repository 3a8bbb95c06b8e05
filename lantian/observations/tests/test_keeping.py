"""Compaction, retention, vacuum, verification, mending: what happens to files, never to rows that shall stay."""

from __future__ import annotations

import datetime as dt
import os
import threading
from itertools import pairwise

import pytest

from lantian.observations.compaction import compact
from lantian.observations.errors import DamagedError, StoreError
from lantian.observations.model import Batch, Query
from lantian.observations.retention import Policy, drop, dropped_records
from lantian.observations.schema import OBSERVATIONS
from lantian.observations.store import Store
from lantian.observations.tests.builders import HOUR, START, mark, parquet_files, read, row, rows, values
from lantian.observations.tests.test_batches import append
from lantian.observations.tests.test_bitemporal import flag
from lantian.observations.vacuum import vacuum
from lantian.observations.verify import verify

NOW = dt.timedelta(0)


def plain(store, **query):
    return [{k: v for k, v in r.items() if k != "known_until"} for r in read(store, **query)]


def test_compaction_keeps_every_row_and_makes_few_files(store):
    for number in range(6):
        append(store, f"b{number}", [r for s in "abc" for r in rows(range(700, 760), source=s, add=number)])
    before = plain(store), plain(store, history=True)
    done = compact(store, target_rows=400)
    assert [(c.month, c.files_before) for c in done] == [("2020-01", 6), ("2020-02", 6)]
    assert all(c.files_after in (2, 3) for c in done[:1])
    assert (plain(store), plain(store, history=True)) == before
    assert compact(store, target_rows=400) == []
    assert verify(store).ok


def test_compacted_files_never_share_a_source(store):
    for number in range(3):
        append(store, f"b{number}", [r for s in "abcdef" for r in rows(range(10), source=s, add=number)])
    compact(store, target_rows=45)
    spans = sorted((f.low["source"], f.high["source"], f.rows) for f in store.snapshot(OBSERVATIONS)[0])
    assert sum(s[2] for s in spans) == 180
    assert all(one[1] < other[0] for one, other in pairwise(spans))


def test_a_reader_that_began_before_compaction_goes_on(store):
    for number in range(5):
        append(store, f"b{number}", rows(range(number * 10, number * 10 + 10)))
    reader = store.reader()
    answer = reader.observations(Query())
    compact(store)
    vacuum(store)  # the grace time protects what the reader still needs
    assert answer.polars().height == 50
    append(store, "more", rows(range(50, 60)))
    assert reader.observations(Query()).polars().height == 50  # one snapshot
    assert store.reader().observations(Query()).polars().height == 60


def test_readers_are_never_blocked_or_broken_while_writing_and_compacting(store):
    append(store, "base", rows(range(100)))
    stop, seen, errors = threading.Event(), [], []

    def look():
        while not stop.is_set():
            try:
                seen.append(store.reader().observations(Query()).polars().height)
            except Exception as error:  # any failure is what this looks for
                errors.append(error)
                return

    thread = threading.Thread(target=look)
    thread.start()
    for number in range(8):
        append(store, f"b{number}", rows(range(100 + number * 10, 110 + number * 10)))
        if number % 2:
            compact(store)
    stop.set()
    thread.join()
    assert errors == []
    assert seen == sorted(seen)
    assert set(seen) <= set(range(100, 190, 10))


def test_retention_drops_rows_and_keeps_a_record(store, clock):
    append(store, "a", [r for s in ("s1", "s2") for r in rows(range(800), source=s)])
    flag(store, "f", [mark(1, "spike"), mark(790, "spike")])
    policy = Policy("raw-2y", "raw values are kept for two years", START + 750 * HOUR, sources=("s1",))
    assert drop(store, policy, actor="li") == {"flags": {"2020-01": 1}, "observations": {"2020-01": 744, "2020-02": 6}}
    assert len(values(store)) == 850
    assert min(h for s, h in values(store) if s == "s1") == 750
    assert drop(store, policy, actor="li") == {}
    (record,) = dropped_records(store)
    assert (record["actor"], record["reason"], record["rows"]) == ("li", policy.reason, 750)
    assert record["details"]["policy"]["sources"] == ["s1"]
    assert verify(store).ok
    assert append(store, "a", []).repeated  # what was dropped does not come back by importing it again
    with pytest.raises(StoreError, match="actor"):
        drop(store, policy, actor="")


def test_vacuum_removes_what_nobody_needs_after_the_grace_time(store):
    for number in range(3):
        append(store, f"b{number}", rows(range(number * 5, number * 5 + 5)))
    old = set(parquet_files(store))
    compact(store)
    orphan = store.root / "observations" / "month=2020-01" / "1-left.draft"
    orphan.write_bytes(b"half a file")
    assert vacuum(store) == []
    assert [name for name, _ in vacuum(store, grace=NOW, dry_run=True)] != []
    for path in [*old, orphan]:  # old files, but replaced only now
        os.utime(path, (1, 1))
    removed = vacuum(store)
    assert [name.rsplit("/", 1)[1] for name, _ in removed] == ["1-left.draft"]
    assert {store.root / name for name, _ in vacuum(store, grace=NOW)} == old
    assert len(values(store)) == 15
    assert verify(store).ok


@pytest.mark.parametrize("harm", ["gone", "short", "changed"])
def test_verification_finds_harm(store, harm):
    append(store, "a", rows(range(50)))
    append(store, "b", rows(range(2000, 2050)))
    path = parquet_files(store)[0]
    content = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
    elif harm == "short":
        path.write_bytes(content[:-1])
    else:
        content[len(content) // 3] ^= 1
        path.write_bytes(content)
    verdict = verify(store)
    words = {"gone": "is gone", "short": "bytes, the log says", "changed": "does not agree with its name"}
    assert [words[harm] in fault for fault in verdict.faults] == [True]


def test_verification_of_a_sound_store_counts(store):
    append(store, "a", rows(range(50)))
    append(store, "b", rows(range(20)))
    verdict = verify(store)
    assert (verdict.ok, verdict.files, verdict.rows, verdict.batches) == (True, 2, 70, 2)


def test_verification_misses_commits_of_other_programs(store):
    append(store, "a", rows(range(5)))
    from deltalake import DeltaTable

    DeltaTable(str(store.root / "observations")).delete("line = 1")
    faults = verify(store).faults
    assert any("another program" in fault for fault in faults)


def test_a_torn_last_entry_is_set_aside_and_the_batch_comes_again(store):
    append(store, "a", rows(range(5)))
    append(store, "b", rows(range(5, 10)))
    entry = store.root / "observations" / "_delta_log" / f"{2:020d}.json"
    entry.write_bytes(b"")  # what a loss of power leaves of an entry that was not synced
    with store.register._connect() as connection:
        connection.execute("delete from commits where version = 2")
    fresh = Store(store.root, clock=store.clock)
    assert not append(fresh, "b", rows(range(5, 10))).repeated
    assert len(read(fresh, history=True)) == 10
    assert verify(fresh).ok


def test_a_torn_entry_in_the_middle_is_no_accident(store):
    for number in range(2):
        append(store, f"b{number}", rows(range(5)))
    (store.root / "observations" / "_delta_log" / f"{1:020d}.json").write_bytes(b"")
    with pytest.raises(DamagedError, match="on disk before"):
        append(Store(store.root, clock=store.clock), "c", rows(range(5)))


def test_a_torn_entry_that_was_acknowledged_is_no_accident(store):
    append(store, "a", rows(range(5)))
    (store.root / "observations" / "_delta_log" / f"{1:020d}.json").write_bytes(b"")
    with pytest.raises(DamagedError, match="on disk before"):
        append(Store(store.root, clock=store.clock), "c", rows(range(5)))


def test_a_torn_checkpoint_is_set_aside(store, monkeypatch):
    monkeypatch.setattr("lantian.observations.log._CHECKPOINT_EVERY", 2)
    for number in range(3):
        append(store, f"b{number}", rows(range(number, number + 1)))
    log = store.root / "observations" / "_delta_log"
    (checkpoint,) = log.glob("*.checkpoint.parquet")
    checkpoint.write_bytes(b"PAR1")
    fresh = Store(store.root, clock=store.clock)
    append(fresh, "c", rows(range(9, 10)))
    assert sorted(values(fresh)) == [("s1", 0), ("s1", 1), ("s1", 2), ("s1", 9)]
    assert [p.name for p in log.glob("*.torn")] != []


def test_a_lost_register_is_made_again_from_the_log(store):
    append(store, Batch("a", actor="li"), rows(range(5)))
    (store.root / "register.sqlite3").unlink()
    append(store, "b", [row(9, 1.0)])
    assert [(c["batch"], c["rows"], c["actor"]) for c in store.register.commits("observations", kinds=("import",))] == [
        ("a", 5, "li"),
        ("b", 1, ""),
    ]
    assert verify(store).ok
