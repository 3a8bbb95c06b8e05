"""The reader: a plan of 20 pages in under 2 seconds, start-up included (the command, as a whole process)."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import report

PLAN = Path(__file__).parent.parent / "cities" / "xinzhou" / "plan.txt"
LIMIT_SECONDS = 2.0
PAGE_CHARACTERS = 600  # an official document's page: 22 lines of 28 characters, less headings


def _seconds(path: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "lantian", "plan", "parse", str(path), "--city", "xinzhou", "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def run() -> bool:
    text = PLAN.read_text(encoding="utf-8")
    pages = len(text) / PAGE_CHARACTERS
    seconds = statistics.median(_seconds(PLAN) for _ in range(5))
    held = report(
        "plan parse, whole process, median of 5",
        seconds * 1000,
        LIMIT_SECONDS * 1000,
        "ms",
        more=f"({pages:.0f} pages)",
    )
    with tempfile.TemporaryDirectory() as folder:
        long = Path(folder) / "long.txt"
        long.write_text(text * 10, encoding="utf-8")
        tenfold = _seconds(long)
    # Ten times the text may take at most fifteen times as long: no part of the grammar is quadratic.
    return report("ten times the text", tenfold * 1000, max(seconds * 15, 0.001) * 1000, "ms") and held
