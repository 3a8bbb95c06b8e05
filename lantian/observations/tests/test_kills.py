"""A kill between any two steps neither loses nor doubles a batch."""

from __future__ import annotations

import signal

import pytest

from lantian.observations.compaction import compact
from lantian.observations.model import Batch
from lantian.observations.tests import kills
from lantian.observations.tests.builders import parquet_files
from lantian.observations.vacuum import GRACE, vacuum


def run_and_die(function, *arguments):
    process = kills.context().Process(target=function, args=arguments)
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL


def write(root, number):
    with kills.open_store(root).writer("test") as writer:
        return writer.append(Batch(f"b{number}"), kills.batch_rows(number))


@pytest.mark.parametrize("step", ["staged", "committed", "synced", "registered", "told"])
def test_killed_import(tmp_path, step):
    root = tmp_path / "observations"
    write(root, 0)
    run_and_die(kills.import_once, root, 1, step)
    assert write(root, 1).repeated == (step != "staged")
    assert kills.check(root, {0, 1}) == (2, 2 * kills.ROWS)
    left = 2 if step == "staged" else 0  # the staged files of two months, which no commit names
    assert len(parquet_files(kills.open_store(root))) == 4 + left
    assert len(vacuum(kills.open_store(root), grace=GRACE * 0)) == left


@pytest.mark.parametrize("step", ["merged", "committed", "synced", "registered"])
def test_killed_compaction(tmp_path, step):
    root = tmp_path / "observations"
    for number in range(3):
        write(root, number)
    run_and_die(kills.compact_once, root, step)
    assert kills.check(root, {0, 1, 2}) == (3, 3 * kills.ROWS)
    compact(kills.open_store(root))
    assert kills.check(root, {0, 1, 2}) == (3, 3 * kills.ROWS)
    vacuum(kills.open_store(root), grace=GRACE * 0)
    assert len(parquet_files(kills.open_store(root))) == 2


def test_random_kills_of_importer_and_compactor(tmp_path):
    """The benchmark `observations` kills fifty times and longer."""
    batches, rows = kills.storm(tmp_path / "observations", kills=8, seed=20260301, longest=0.5)
    assert batches > 0
    assert rows == batches * kills.ROWS
