"""The command `plan parse`: JSON in UTF-8, a summary, errors with a way out; quick, and without Django."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from lantian.plan.cli import plan
from lantian.plan.tests.reading.conftest import PLAN


def run(*arguments: str):
    return CliRunner().invoke(plan, ["parse", *arguments])


def test_json():
    result = run(str(PLAN), "--json")
    assert result.exit_code == 0
    data = json.loads(result.stdout_bytes.decode("utf-8"))
    assert data["number"] == "忻政办发〔2020〕36号"
    assert len(data["tasks"]) == 21


def test_json_with_a_city():
    data = json.loads(run(str(PLAN), "--city", "xinzhou", "--json").stdout_bytes)
    assert len(data["tasks"][0]["groups"][0]["implement"]) == 15


def test_summary_and_text():
    result = run(str(PLAN))
    assert "21 tasks, 37 clauses" in result.output
    assert run(str(PLAN), "--text").stdout_bytes.decode("utf-8") == PLAN.read_text("utf-8") + "\n"


def test_errors(tmp_path):
    old = tmp_path / "plan.doc"
    old.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    result = run(str(old))
    assert result.exit_code == 1
    assert "save it as .docx" in result.output
    result = run(str(PLAN), "--city", "nowhere")
    assert result.exit_code == 1
    assert "nowhere" in result.output


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_output_is_utf8_whatever_the_terminal_says(encoding):
    command = [sys.executable, "-m", "lantian.plan.cli", "parse", str(PLAN), "--json"]
    finished = subprocess.run(command, capture_output=True, check=True, env={"PYTHONIOENCODING": encoding})
    assert "忻州市" in finished.stdout.decode("utf-8")


def test_neither_django_nor_heavy_libraries_are_loaded():
    code = (
        "import sys\n"
        "from lantian.plan.cli import plan\n"
        f"plan(['parse', {str(PLAN)!r}, '--json'], standalone_mode=False)\n"
        "print(sorted(m for m in ('django', 'lxml', 'pypdfium2', 'numpy', 'shapely') if m in sys.modules), file=sys.stderr)\n"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert finished.stderr.decode().strip() == "[]"
