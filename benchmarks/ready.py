"""Pages of the air after a start and after a change of the store: nobody waits for half a second.

A real server (`lantian web`, as many processes as it takes by itself) over a demonstration's data. Each page is asked for by
one person at a time, often enough that every process answers it: after the start, at once after an hour's values
were written, after somebody made values of two years ago void, and some seconds later. The longest answer counts.
LANTIAN_BENCH_DATA names a folder to keep the demonstration in.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.lists import _free_port, _wait
from benchmarks.measure import report

LIMIT_MS = 500.0
PAGES = ("/air/", "/air/quality/", "/air/stations/", "/air/targets/", "/indicators/", "/plan/targets/")
TIMES = 10
HOUR = dt.timedelta(hours=1)
SECONDS_TO_BE_READY = 4


def run() -> bool:
    data = Path(os.environ.get("LANTIAN_BENCH_DATA") or tempfile.mkdtemp(prefix="lantian-bench-")) / "demo"
    if not (data / "demo-logins.json").exists():
        _lantian("demo", "--data", str(data), "--no-serve")
    present = newest_hour(data) + dt.timedelta(hours=2, minutes=20)
    ahead = (present - dt.datetime.now(dt.UTC)).total_seconds()
    port = _free_port()
    environment = {**os.environ, "LANTIAN_DATA": str(data), "LANTIAN_CLOCK_OFFSET": str(ahead), "LANTIAN_LOG": "ERROR"}
    began = time.perf_counter()
    server = subprocess.Popen([sys.executable, "-m", "lantian", "web", "--port", str(port)], env=environment)
    try:
        _wait(port, server)
        session = log_in(port, data)
        print(f"the first answer {time.perf_counter() - began:.1f} s after the start", flush=True)
        held = [longest("after the start", port, session)]
        for number in (1, 2):
            write_hour(data, newest_hour(data) + HOUR)
            held.append(longest(f"at once after hour {number} was written", port, session))
        make_void(data, newest_hour(data) - 2 * 365 * 24 * HOUR)
        held.append(longest("at once after old values were made void", port, session))
        time.sleep(SECONDS_TO_BE_READY)
        held.append(longest("some seconds later", port, session))
        return all(held)
    finally:
        server.terminate()
        server.wait(60)


def _lantian(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "lantian", *arguments], check=True, capture_output=True)


def log_in(port: int, data: Path) -> str:
    """Return the cookie of a session of the office."""
    logins = json.loads((data / "demo-logins.json").read_text(encoding="utf-8"))
    one = next(login for login in logins if login["username"] == "office")
    text, headers = _ask(port, "/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    cookie = re.search(r"csrftoken=[^;]+", headers)
    if token is None or cookie is None:
        raise RuntimeError("the login page has no form")
    form = {"csrfmiddlewaretoken": token[1], "username": one["username"], "password": one["password"]}
    _, headers = _ask(port, "/login/", urlencode(form), cookie[0])
    session = re.search(r"sessionid=[^;]+", headers)
    if session is None:
        raise RuntimeError("the login was refused")
    return session[0]


def _ask(port: int, path: str, body: str = "", cookie: str = "") -> tuple[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookie} | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    connection.request("POST" if body else "GET", path, body or None, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status not in (200, 302):
        raise RuntimeError(f"{path}: status {answer.status}")
    return text, str(answer.headers)


def longest(when: str, port: int, session: str) -> bool:
    """Ask for all pages in turn; print the longest answer of each, judge the longest of all."""
    worst = dict.fromkeys(PAGES, 0.0)
    for _ in range(TIMES):
        for page in PAGES:
            began = time.perf_counter()
            _ask(port, page, cookie=session)
            worst[page] = max(worst[page], (time.perf_counter() - began) * 1000)
    more = ", ".join(f"{page} {ms:.0f}" for page, ms in worst.items())
    return report(when, max(worst.values()), LIMIT_MS, "ms", more=more)


def newest_hour(data: Path) -> dt.datetime:
    """When the newest hour of the store begins."""
    from lantian.observations.store import Store

    return max(one.last for one in Store.under(data).reader().subjects())


def write_hour(data: Path, begin: dt.datetime) -> None:
    """Add the invented hour that begins then, as the worker does."""
    from lantian.air.synthetic.writing import plan_of, synthesize
    from lantian.city.pack import find_pack

    plan = plan_of(data)
    if plan is None:
        raise RuntimeError(f"{data} is no demonstration's folder")
    start = dt.date.fromisoformat(plan.start)
    synthesize(data, find_pack(plan.pack), start=start, until=begin + HOUR, seed=plan.seed)


def make_void(data: Path, around: dt.datetime) -> None:
    """Flag some hours of one source as void."""
    import polars as pl

    from lantian.observations.model import Batch, Query
    from lantian.observations.schema import KEY
    from lantian.observations.store import Store

    store = Store.under(data, tells=False)
    source = store.reader().subjects()[0].source
    query = Query((source,), ("PM2.5",), (), around - 12 * HOUR, around + 12 * HOUR)
    rows = store.reader().rows(query, KEY)
    with store.writer("benchmark") as writer:
        said = rows.with_columns(pl.lit("void").alias("flag"), pl.lit("benchmark").alias("reason"))
        writer.flag(Batch(f"benchmark/{uuid.uuid4().hex}", actor="benchmark"), said)


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
