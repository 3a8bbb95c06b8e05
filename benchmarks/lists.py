"""List pages of a full ledger: 16 areas x all measures, 60,000 progress reports, 100 users; 95th percentile under 150 ms.

A real server (granian) on loopback, four clients at a time, each logged in as another user; every page of the table is
asked for in turn, for a bounded number of requests.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.measure import percentile, report

LIMIT_MS = 150.0
REQUESTS_PER_PAGE = 60
CLIENTS = 4


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get(port: int, path: str, session: str) -> tuple[float, int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"sessionid={session}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return (time.perf_counter() - began) * 1000, answer.status


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        if server.poll() is not None:
            raise RuntimeError("the server ended before it answered")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError("the server did not open its port within 30 s")


def run() -> bool:
    folder = tempfile.mkdtemp(prefix="lantian-bench-")
    seeded = subprocess.run(
        [sys.executable, "-m", "benchmarks.seed"],
        env={**os.environ, "LANTIAN_DATA": folder},
        capture_output=True,
        text=True,
        check=False,
    )
    if seeded.returncode:
        print(seeded.stderr[-2000:])
        return False
    summary, *lines = seeded.stdout.strip().splitlines()
    print(summary)
    sessions = lines[0].split()
    pages = lines[1].split()
    port = _free_port()
    environment = {**os.environ, "LANTIAN_DATA": folder, "LANTIAN_CLOCK": "2020-06-22T09:00"}
    server = subprocess.Popen([sys.executable, "-m", "lantian", "web", "--port", str(port)], env=environment)
    try:
        _wait(port, server)
        held = [_page(port, page, sessions) for page in pages]
        return all(held)
    finally:
        server.terminate()
        server.wait(20)


def _page(port: int, page: str, sessions: list[str]) -> bool:
    for session in sessions[:CLIENTS]:
        _get(port, page, session)
    with ThreadPoolExecutor(CLIENTS) as pool:
        turns = range(REQUESTS_PER_PAGE)
        answers: list[Any] = list(pool.map(lambda n: _get(port, page, sessions[n % len(sessions)]), turns))
    wrong = [status for _, status in answers if status != 200]
    if wrong:
        print(f"{page}: status {wrong[0]}")
        return False
    times = [ms for ms, _ in answers]
    return report(
        page,
        percentile(times, 0.95),
        LIMIT_MS,
        "ms",
        more=f"(p95 of {len(times)}; p50 {percentile(times, 0.5):.0f} ms)",
    )
