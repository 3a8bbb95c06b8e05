"""The commands, as an operator runs them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from lantian.cli import main
from lantian.observations.model import Batch
from lantian.observations.store import Store
from lantian.observations.tests.builders import HOUR, parquet_files, rows


@pytest.fixture
def data(tmp_path):
    store = Store.under(tmp_path, offset=8 * HOUR)
    with store.writer("test") as writer:
        for number in range(3):
            writer.append(Batch(f"b{number}", actor="li"), rows(range(number * 10, number * 10 + 10)))
    return tmp_path


def run(data, *arguments):
    return CliRunner().invoke(main, ["observations", "--data", str(data), *arguments])


def test_status(data):
    result = run(data, "status")
    assert result.exit_code == 0
    assert "observations: version 3, 30 rows in 3 files" in result.output
    assert "1 months to compact" in result.output
    found = json.loads(run(data, "status", "--json").output)
    assert found["writer"]["purpose"] == "test"
    assert found["tables"]["observations"]["last"][-1]["batch"] == "b2"


def test_upkeep(data):
    assert "30 rows, 3 files -> 1" in run(data, "compact").output
    assert json.loads(run(data, "compact", "--json").output) == []
    assert run(data, "vacuum").output.startswith("0 files")
    assert ".parquet" in run(data, "vacuum", "--grace-hours", "0", "--dry-run").output
    assert len(json.loads(run(data, "vacuum", "--grace-hours", "0", "--json").output)["files"]) == 3
    assert len(parquet_files(Store.under(data))) == 1


def test_verify(data):
    good = run(data, "verify")
    assert (good.exit_code, "3 files, 30 rows, 3 batches" in good.output) == (0, True)
    parquet_files(Store.under(data))[0].unlink()
    bad = run(data, "verify", "--json")
    assert bad.exit_code == 1
    assert "is gone" in json.loads(bad.output)["faults"][0]


def test_a_folder_without_a_store(tmp_path):
    result = run(tmp_path, "status")
    assert result.exit_code == 1
    assert "there is no observation store in" in result.output


def test_help_and_other_commands_load_none_of_it():
    code = (
        "import sys, lantian.cli; lantian.cli.main(['observations', '--help'], standalone_mode=False); "
        "sys.exit(bool({'deltalake', 'duckdb', 'polars', 'pyarrow', 'ibis', 'django'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
