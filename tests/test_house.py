"""The house itself: catalogues complete, no addresses or machine paths committed, the supervisor restarts its children."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lantian.web import messages

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("room", [r.name for r in messages.rooms()])
def test_every_text_has_its_chinese(room):
    lacking = messages.missing(messages.PACKAGE / room)
    assert not lacking, "\n".join(f"{place}: {msgid}" for msgid, place in lacking)


def test_no_text_has_two_translations():
    """Django shows that of the first room: the second would never be seen."""
    assert messages.contradictions() == []


def test_translations_keep_their_placeholders():
    """A translation that drops or invents a placeholder would break or lie on the page."""
    holder = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
    wrong = []
    for room in messages.rooms():
        for entry in messages.load(room):
            ids = entry.id if isinstance(entry.id, tuple | list) else (entry.id,)
            strings = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
            allowed = set(holder.findall(ids[-1]))
            wrong += [f"{room.name}: {s}" for s in strings if ids[0] and s and set(holder.findall(s)) != allowed]
    assert not wrong, "\n".join(wrong)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_nothing_committed_names_a_registry_or_a_machine():
    bad = re.compile(
        "py" + r"pi\.org|python" + r"hosted|registry\.npm" + r"js|/wor" + r"k/main|/ro" + r"ot/|/tm" + "p/bash_jobs"
    )
    hits = []
    for path in tracked():
        if path.suffix in {".png", ".docx", ".xlsx", ".pdf", ".ico"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if bad.search(line):
                hits.append(f"{path.relative_to(ROOT)}:{number}: {line[:120]}")
    assert not hits, "\n".join(hits)


def test_templates_have_no_inline_scripts_or_styles():
    """The content-security policy would block them in the browser: they must not be there at all."""
    bad = re.compile(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)
    hits = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in (ROOT / "lantian").rglob("templates/**/*.html")
        for match in bad.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not hits, "\n".join(hits)


def test_commands_without_a_database_do_not_load_django():
    code = "import sys, lantian.cli; lantian.cli.main(['--help'], standalone_mode=False); sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_supervisor_restarts_a_killed_child_and_leaves_no_orphan(tmp_path):
    child = f"import os, time; open({str(tmp_path / 'pids')!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    code = f"import sys; from lantian.web.cli import supervise; supervise({{'child': [sys.executable, '-c', {child!r}]}}, patience=0.1)"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        first = _pids(tmp_path, 1)[0]
        os.kill(first, signal.SIGKILL)
        second = _pids(tmp_path, 2)[1]
        assert second != first
    finally:
        process.terminate()
        process.wait(10)
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def _pids(folder: Path, count: int) -> list[int]:
    for _ in range(100):
        path = folder / "pids"
        lines = path.read_text().split() if path.exists() else []
        if len(lines) >= count:
            return [int(line) for line in lines]
        time.sleep(0.1)
    raise AssertionError(f"no {count} children after 10 s")
