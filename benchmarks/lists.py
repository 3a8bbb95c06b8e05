"""List pages of a full ledger: 16 areas x all measures, 60,000 progress reports, 100 users; 95th percentile under 150 ms.

A real server (`lantian web`) on loopback. Each of the 100 users asks for a page every twenty seconds (five requests a second
in all, at random moments, whether or not earlier ones are answered), for a bounded number of requests; the time counts
from the moment at which the request should have been sent.
"""

from __future__ import annotations

import http.client
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.measure import percentile, report

LIMIT_MS = 150.0
REQUESTS_PER_PAGE = 40
USERS_PER_SECOND = 5
KINDS = 4


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get(port: int, path: str, session: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": f"sessionid={session}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(900):
        if server.poll() is not None:
            raise RuntimeError("the server ended before it answered")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError("the server did not open its port within three minutes")


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
    sessions, pages = lines[0].split(), lines[1].split()
    port = _free_port()
    environment = {**os.environ, "LANTIAN_DATA": folder, "LANTIAN_CLOCK": "2020-06-22T09:00", "LANTIAN_LOG": "ERROR"}
    server = subprocess.Popen([sys.executable, "-m", "lantian", "web", "--port", str(port)], env=environment)
    try:
        _wait(port, server)
        for page in pages:  # every process has loaded its templates before anything is measured
            for session in sessions[: 2 * KINDS]:
                _get(port, page.split("#")[0], session)
        return _judge(_load(port, pages, sessions))
    finally:
        server.terminate()
        server.wait(20)


def _load(port: int, pages: list[str], sessions: list[str]) -> dict[str, list[tuple[float, int]]]:
    """Send the requests at their moments; return (milliseconds, status) by page."""
    dice = random.Random(1)
    turns = pages * REQUESTS_PER_PAGE
    dice.shuffle(turns)
    answers: dict[str, list[tuple[float, int]]] = {page: [] for page in pages}
    moment = time.perf_counter()

    def ask(page: str, session: str, due: float) -> None:
        time.sleep(max(0.0, due - time.perf_counter()))
        status = _get(port, page.split("#")[0], session)
        answers[page].append(((time.perf_counter() - due) * 1000, status))

    with ThreadPoolExecutor(64) as pool:
        for page in turns:
            moment += dice.expovariate(USERS_PER_SECOND)
            kinds = [int(k) for k in page.split("#")[1].split(",")] if "#" in page else range(KINDS)
            able = [s for n, s in enumerate(sessions) if n % KINDS in kinds]
            pool.submit(ask, page, dice.choice(able), moment)
    return answers


def _judge(answers: dict[str, list[tuple[float, int]]]) -> bool:
    held = True
    for page, got in answers.items():
        wrong = [status for _, status in got if status != 200]
        if wrong or len(got) != REQUESTS_PER_PAGE:
            print(f"{page}: {len(got)} answers, wrong status {wrong[:3]}")
            held = False
        times = [ms for ms, _ in got]
        more = f"(p95 of {len(times)}; p50 {percentile(times, 0.5):.0f} ms)"
        held &= report(page.split("#")[0], percentile(times, 0.95), LIMIT_MS, "ms", more=more)
    everything = [ms for got in answers.values() for ms, _ in got]
    return report("all pages", percentile(everything, 0.95), LIMIT_MS, "ms") and held
