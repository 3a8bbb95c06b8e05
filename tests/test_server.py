"""The web server as it is started: many open connections, and a stop that leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

IDLE = 160  # more open pages than people in the office


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Yield the port of `lantian web` with an empty data folder of its own."""
    port = _free_port()
    own = {"LANTIAN_DATA": str(tmp_path_factory.mktemp("server")), "LANTIAN_LOG": "ERROR"}
    left = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    command = [sys.executable, "-m", "lantian", "web", "--port", str(port), "--processes", "1"]
    process = subprocess.Popen(command, env={**left, **own})
    try:
        deadline = time.monotonic() + 90
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert process.poll() is None, "the server ended before it answered"
            assert time.monotonic() < deadline, "the server did not open its port"
            time.sleep(0.2)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) is not None
    assert socket.socket().connect_ex(("127.0.0.1", port)), "somebody still answers after the stop"


def _login_page(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/login/")
    answer = connection.getresponse()
    assert answer.status == 200
    assert b"</html>" in answer.read()
    return connection


def test_idle_connections_lock_nobody_out(server):
    kept = [_login_page(server) for _ in range(IDLE)]
    try:
        _login_page(server).close()
        kept[0].request("GET", "/login/")  # and the first one still works
        assert kept[0].getresponse().status == 200
    finally:
        for connection in kept:
            connection.close()


def test_a_server_that_is_still_loading_stops_when_it_is_told_to(tmp_path):
    own = {"LANTIAN_DATA": str(tmp_path), "LANTIAN_LOG": "ERROR"}
    left = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    command = [sys.executable, "-m", "lantian", "web", "--port", str(_free_port()), "--processes", "1"]
    process = subprocess.Popen(command, env={**left, **own})
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        deadline = time.monotonic() + 120
        while not (children.exists() and children.read_text().split()):
            assert process.poll() is None, "the server ended before it had a process"
            assert time.monotonic() < deadline, "the server started no process"
            time.sleep(0.02)
        time.sleep(0.1)  # it loads now, which takes seconds
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) is not None
    finally:
        for child in children.read_text().split() if children.exists() else []:
            os.kill(int(child), signal.SIGKILL)
        process.kill()
