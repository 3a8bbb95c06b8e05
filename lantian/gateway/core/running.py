"""A gateway as a process: the event loop (uvloop where there is one), signals, the end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from lantian.gateway.core.server import Server


async def _serve(data: Path, name: str, host: str, port: int, offset: timedelta, ready: Callable[[int], None]) -> None:
    server = Server(data, name, offset=offset)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the loop by itself
            server.loop.add_signal_handler(number, stopping.set)
    ready(await server.start(host, port))
    await stopping.wait()
    await server.stop()


def serve(
    data: Path,
    name: str,
    host: str,
    port: int,
    *,
    offset: timedelta = timedelta(0),
    ready: Callable[[int], None] | None = None,
) -> None:
    """Run a gateway until SIGTERM or SIGINT; `ready` is told the port. Raises OSError when the port is taken."""
    told = ready or (lambda port: None)
    run = _serve(data, name, host, port, offset, told)
    if sys.platform == "win32":
        asyncio.run(run)
        return
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run)
