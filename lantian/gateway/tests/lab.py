"""What the tests of the gateway share: a gateway as a process of its own, devices on real sockets, packets."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lantian.gateway.core.control import Control
from lantian.gateway.core.device import Device, seal_password
from lantian.gateway.core.heads import framed
from lantian.gateway.core.inbox import Inbox, folder_of

OFFSET = dt.timedelta(hours=8)
PASSWORD = "123456"
_MAIN = """
import sys, datetime
from pathlib import Path
from lantian.gateway.core.running import serve
ready = lambda port: print(port, flush=True)
serve(Path(sys.argv[1]), sys.argv[2], "127.0.0.1", int(sys.argv[3]), offset=datetime.timedelta(hours=8), ready=ready)
"""


def mn_of(number: int) -> str:
    return f"{number:024X}"


def device(number: int, **more: object) -> Device:
    """An admitted device whose factors are all of the outlet `E<number>.DA001`."""
    plant = f"E{number:04d}"
    known = {
        "mn": mn_of(number), "password": seal_password(PASSWORD), "plant": plant, "default": f"{plant}.DA001",
        "realtime_seconds": 30, "minute_seconds": 60,
    }  # fmt: skip
    return Device(**{**known, **more})  # type: ignore[arg-type]


def stamp(moment: dt.datetime) -> str:
    """Local time as the wire writes it."""
    return f"{moment.astimezone(dt.UTC) + OFFSET:%Y%m%d%H%M%S}"


def packet(
    number: int,
    *,
    serial: int = 0,
    cn: str = "2011",
    at: dt.datetime | None = None,
    items: str = "a21026-Rtd=1.5,a21026-Flag=N",
    flag: int = 5,
    st: str = "31",
    pw: str = PASSWORD,
    qn: str = "",
) -> bytes:
    """A packet of a device; `serial` makes its number (and the second of its data) another one."""
    moment = (at or dt.datetime(2026, 11, 1, tzinfo=dt.UTC)) + dt.timedelta(seconds=serial)
    number_of = qn or f"{stamp(moment)}{serial % 1000:03d}"
    segment = (
        f"QN={number_of};ST={st};CN={cn};PW={pw};MN={mn_of(number)};Flag={flag};CP=&&DataTime={stamp(moment)};{items}&&"
    )
    return framed(segment.encode())


def publish(data: Path, *devices: Device) -> None:
    with Control(data, durable=True) as control:
        control.publish(devices)
        control.set_meta("offset_minutes", "480")


class Gateway:
    """A running gateway. `kill` is SIGKILL."""

    def __init__(self, data: Path, name: str = "one", port: int = 0, before: tuple[str, ...] = (), **more: str) -> None:
        self.data, self.name = data, name
        command = [*before, sys.executable, "-c", _MAIN, str(data), name, str(port)]
        environment = {**os.environ, **more}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        assert line.strip(), "the gateway did not start"
        self.port = int(line)

    def connect(self, timeout: float = 10.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)

    def state(self) -> dict:
        with Control(self.data) as control:
            return next((one for one in control.gateways() if one["name"] == self.name), {})

    def wait_for(self, condition, seconds: float = 10.0) -> dict:
        """Wait until the state that it tells fulfils a condition."""
        return until(lambda: (state := self.state()) and condition(state) and state, seconds)


@contextlib.contextmanager
def gateway(data: Path, **more) -> Iterator[Gateway]:
    running = Gateway(data, **more)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait(20)
        running.process.stdout.close()  # type: ignore[union-attr]


def until(question, seconds: float = 10.0):
    """Return the first true answer; fail when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        found = question()
        if found:
            return found
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def read_answers(link: socket.socket, number: int, held: bytes = b"") -> list[bytes]:
    """Read until so many packets came; what is lacking at the end of the connection is lacking in the list."""
    while held.count(b"\r\n") < number:
        data = link.recv(65536)
        if not data:
            break
        held += data
    return [one + b"\r\n" for one in held.split(b"\r\n")[:number] if one]


def exchange(link: socket.socket, *packets: bytes) -> list[bytes]:
    link.sendall(b"".join(packets))
    return read_answers(link, len(packets))


def inbox_of(data: Path, name: str = "one") -> Inbox:
    return Inbox(folder_of(data, name))


def kept(data: Path, name: str = "one") -> list[bytes]:
    """All packets that are in an inbox."""
    return [raw for group in inbox_of(data, name).after(0, 10**9) for raw in group.packets()]
