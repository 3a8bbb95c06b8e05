"""The examples of docs/hj212.md run as they stand there."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from click.testing import CliRunner

from lantian.cli import main
from lantian.gateway.wire.dialect import dialects
from lantian.gateway.wire.words import deviations

PAGE = Path(__file__).resolve().parents[3] / "docs/hj212.md"


def test_the_examples_run():
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 25
    assert found.failed == 0


def test_the_table_names_every_tolerance_and_dialect():
    text = PAGE.read_text(encoding="utf-8")
    assert {code for code, words in deviations().items() if words.kind == "tolerable"} <= set(
        re.findall(r"`(\w+)`", text)
    )
    for name in dialects():
        assert name in text or name in ("standard", "capture", "everything")


def test_the_commands_run(tmp_path):
    (tmp_path / "capture.bin").write_bytes(b"##")
    text = PAGE.read_text(encoding="utf-8")
    commands = re.findall(r"^\$ lantian ([^#\n]*)", text, re.M)
    assert len(commands) == 4
    for command in commands:
        words = command.replace("capture.bin", str(tmp_path / "capture.bin")).split()
        assert CliRunner().invoke(main, words, input=b"").exit_code == 0, command
