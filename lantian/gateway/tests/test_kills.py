"""Gateway and delivery killed at random (SIGKILL) under load: nothing that was acknowledged is lost, nothing is there twice.

LANTIAN_KILLS=100 kills as often (three times otherwise).
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from lantian.gateway.core import telemetry
from lantian.gateway.core.delivery import deliver_all
from lantian.gateway.tests.lab import OFFSET, Gateway, device, inbox_of, packet, publish
from lantian.observations.model import Query
from lantian.observations.verify import verify

KILLS = int(os.environ.get("LANTIAN_KILLS", "3"))
DEVICES, WINDOW = 6, 40
START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_DELIVER = """
import sys
from pathlib import Path
from lantian.gateway.core.delivering import deliver
deliver(Path(sys.argv[1]))
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Logger(threading.Thread):
    """A data logger: sends in order, keeps what is not acknowledged, sends it again on the next link."""

    def __init__(self, number: int, port: int) -> None:
        super().__init__(daemon=True)
        self.number, self.port = number, port
        self.acknowledged: set[int] = set()
        self.sent = 0
        self.stopping = False

    def run(self) -> None:
        while not self.stopping:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
                    self.speak(link)
            except OSError:
                time.sleep(0.05)

    def speak(self, link: socket.socket) -> None:
        held = b""
        waiting = [one for one in range(self.sent) if one not in self.acknowledged]
        by_number = {}
        while not self.stopping:
            while len(waiting) < WINDOW:
                waiting.append(self.sent)
                self.sent += 1
            fresh = [one for one in waiting if one not in by_number.values()]
            for one in fresh:
                raw = packet(self.number, serial=one, at=START, items=f"a21026-Rtd={one}")
                by_number[raw[9:26]] = one
                link.sendall(raw)
            data = link.recv(65536)
            if not data:
                return
            held += data
            *whole, held = held.split(b"\r\n")
            for answer in whole:
                serial = by_number.pop(answer[9:26])
                self.acknowledged.add(serial)
                waiting.remove(serial)


def start_delivery(data) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", _DELIVER, str(data)])


def test_random_kills_under_load(tmp_path):
    """The store holds every acknowledged packet once, and no row of any packet twice."""
    publish(tmp_path, *[device(number) for number in range(1, DEVICES + 1)])
    (tmp_path / "gateway" / "limits.toml").write_text(
        "[delivery]\nevery_seconds = 0.1\n[compaction]\nfiles = 4\nidle_seconds = 1\n"
    )
    chance, port = random.Random(20261124), free_port()
    running = Gateway(tmp_path, port=port)
    delivery = start_delivery(tmp_path)
    loggers = [Logger(number, port) for number in range(1, DEVICES + 1)]
    for logger in loggers:
        logger.start()
    killed = Counter()
    for _ in range(KILLS):
        before = sum(len(one.acknowledged) for one in loggers)
        time.sleep(chance.uniform(0.3, 1.5))
        _wait_for(lambda least=before + 20: sum(len(one.acknowledged) for one in loggers) > least)
        if chance.random() < 0.5:
            running.kill()
            running.process.stdout.close()
            running = Gateway(tmp_path, port=port)
            killed["gateway"] += 1
        else:
            delivery.send_signal(signal.SIGKILL)
            delivery.wait(20)
            delivery = start_delivery(tmp_path)
            killed["delivery"] += 1
    for logger in loggers:
        logger.stopping = True
    for logger in loggers:
        logger.join(20)
    running.kill()
    running.process.stdout.close()
    delivery.kill()
    delivery.wait(20)
    deliver_all(tmp_path)
    acknowledged, rows = check(tmp_path, loggers)
    sys.stdout.write(f"{dict(killed)} kills, {acknowledged} packets acknowledged, {rows} rows, none lost, none twice\n")


def _wait_for(question, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "nothing is acknowledged any more"
        time.sleep(0.02)


def check(data, loggers) -> tuple[int, int]:
    assert inbox_of(data).backlog()[0] == 0
    store = telemetry.open_store(data)
    verdict = verify(store)
    assert verdict.ok, verdict.faults
    rows = store.reader().rows(Query(history=True), ["source", "valid_from", "value"])
    seen = Counter(rows.select("source", "valid_from").rows())
    twice = {key: number for key, number in seen.items() if number > 1}
    assert not twice, list(twice.items())[:5]
    total = 0
    for logger in loggers:
        mine = {int(value): moment for source, moment, value in rows.rows() if source == f"E{logger.number:04d}.DA001"}
        lost = logger.acknowledged - mine.keys()
        assert not lost, f"device {logger.number}: acknowledged and lost: {sorted(lost)[:5]}"
        assert all(moment == START + dt.timedelta(seconds=serial) for serial, moment in mine.items())
        total += len(logger.acknowledged)
    assert total > 0
    assert dt.timedelta(hours=8) == OFFSET
    return total, len(rows)


@pytest.mark.skipif(sys.platform != "linux", reason="SIGKILL and /proc")
def test_a_killed_gateway_answers_again_with_what_it_had(tmp_path):
    publish(tmp_path, device(1))
    first = Gateway(tmp_path)
    with first.connect() as link:
        link.sendall(packet(1))
        assert link.recv(100)
    first.kill()
    first.process.stdout.close()
    second = Gateway(tmp_path)
    with second.connect() as link:
        link.sendall(packet(1))
        assert link.recv(100)
    second.kill()
    second.process.stdout.close()
    done = deliver_all(tmp_path)
    assert (done.packets, done.rows, done.repeated) == (2, 1, 1)
