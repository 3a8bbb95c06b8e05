"""The order of system calls: an answer leaves after the inbox is synced; the inbox lets go after everything else is."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from lantian.gateway.tests.lab import device, exchange, gateway, packet, publish
from lantian.gateway.tests.test_delivery import put

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there")
_ONCE = """
import sys
from pathlib import Path
from lantian.gateway.core.delivery import deliver_all
deliver_all(Path(sys.argv[1]))
"""
_LINE = re.compile(r"^\d+\s+(?:<\.\.\. )?(\w+)(?:\(| resumed)(.*)")


def calls(trace) -> list[tuple[str, str]]:
    """The finished calls of a trace, in order: (name, the rest of the line). What began and ended apart counts at its end."""
    found, begun = [], {}
    for line in trace.read_text(errors="replace").splitlines():
        process = line.split(None, 1)[0]
        match = _LINE.match(line)
        if match is None:
            continue
        name, rest = match[1], match[2]
        if rest.endswith("<unfinished ...>"):
            begun[process] = rest
            continue
        if "resumed" in line:
            rest = begun.pop(process, "") + rest
        found.append((name, rest))
    return found


def first(found, wanted, after: int = -1) -> int:
    """The number of the first call after another one that fulfils a condition."""
    return next(number for number, call in enumerate(found) if number > after and wanted(*call))


def last(found, wanted) -> int:
    return max(number for number, call in enumerate(found) if wanted(*call))


def is_sync(name: str, rest: str) -> bool:
    return name in ("fsync", "fdatasync")


def test_an_answer_leaves_after_the_sync_of_the_inbox(tmp_path):
    publish(tmp_path, device(1))
    trace = tmp_path / "trace"
    before = (
        "strace",
        "-f",
        "-y",
        "-s",
        "64",
        "-o",
        str(trace),
        "-e",
        "trace=fsync,fdatasync,pwrite64,write,sendto,recvfrom,read",
    )
    with gateway(tmp_path, before=before) as one, one.connect() as link:
        exchange(link, packet(1))
        os.kill(one.wait_for(lambda state: state["pid"])["pid"], signal.SIGTERM)
        one.process.wait(20)
    found = calls(trace)
    received = first(found, lambda name, rest: "##0" in rest and name in ("read", "recvfrom"))
    logged = first(found, lambda name, rest: name == "pwrite64" and "inbox.sqlite3-wal" in rest, received)
    synced = first(found, lambda name, rest: is_sync(name, rest) and "inbox.sqlite3-wal" in rest, logged)
    answered = first(found, lambda name, rest: name in ("write", "sendto") and "QN=" in rest and "ST=91" in rest)
    assert received < logged < synced < answered


def test_the_inbox_lets_go_after_rows_and_raw_packets_are_synced(tmp_path):
    publish(tmp_path, device(1))
    put(tmp_path, packet(1))
    trace = tmp_path / "trace"
    subprocess.run(
        ["strace", "-f", "-y", "-s", "64", "-o", str(trace), "-e", "trace=fsync,fdatasync,pwrite64,rename",
         sys.executable, "-c", _ONCE, str(tmp_path)], check=True,
    )  # fmt: skip
    found = calls(trace)

    def synced(part: str):
        return lambda name, rest: is_sync(name, rest) and part in rest

    raw = first(found, synced("/gateway/raw/"))
    rows = first(found, synced("/telemetry/observations/month="))
    entry = last(found, synced("/_delta_log/00000000000000000001.json"))
    folder = first(
        found,
        lambda name, rest: is_sync(name, rest) and rest.rstrip(") =0").endswith("/observations/_delta_log>"),
        entry,
    )
    names = first(found, lambda name, rest: is_sync(name, rest) and re.search(r"month=[\d-]+>", rest), rows)
    let_go = last(found, lambda name, rest: name == "pwrite64" and "inbox.sqlite3-wal" in rest)
    assert raw < let_go
    assert rows < names < entry < folder < let_go
