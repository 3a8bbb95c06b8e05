"""One connection of a device: bytes in, packets out; when it is read and when not; whether it reads what we say."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, cast

from lantian.gateway.core import heads
from lantian.gateway.wire.dialect import STANDARD
from lantian.gateway.wire.framing import Framer

if TYPE_CHECKING:
    from lantian.gateway.core.server import Server

# Why a link is not read at present.
OWN, ALL, SLOW = 1, 2, 4


class Link(asyncio.Protocol):
    """`mn`: the last device that spoke here ("" before the first packet that counted); times are the loop's."""

    __slots__ = (
        "address",
        "bytes",
        "closing",
        "errors",
        "framer",
        "garbage",
        "held",
        "known_errors",
        "last",
        "mn",
        "number",
        "packets",
        "peer",
        "rest",
        "server",
        "since",
        "slow_since",
        "told",
        "transport",
        "waiting",
    )  # fmt: skip

    def __init__(self, server: Server) -> None:
        self.server = server
        self.transport: asyncio.Transport | None = None
        self.framer: Framer | None = None
        self.rest = b""
        self.mn = self.peer = self.address = ""
        self.number = self.waiting = self.packets = self.bytes = self.errors = self.garbage = self.held = 0
        self.known_errors = 0
        self.since = self.last = self.slow_since = 0.0
        self.told = -1.0
        self.closing = ""

    # -- the connection -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        self.address, self.peer = str(peer[0]), f"{peer[0]}:{peer[1]}"
        self.since = self.last = self.server.loop.time()
        limits = self.server.limits.server
        self.transport.set_write_buffer_limits(high=limits.answer_bytes)
        self._probe(limits.keepalive)
        self.server.opened(self)

    def _probe(self, keepalive: tuple[int, int, int]) -> None:
        """Let the kernel ask whether the other side is still there (a modem that lost its power says nothing)."""
        found = self.transport.get_extra_info("socket") if self.transport else None
        if found is None:
            return
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for name, value in zip(("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT"), keepalive, strict=True):
            if hasattr(socket, name):
                found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.framer is not None:
            self.server.took(self, [frame.raw for frame in self.framer.flush()])
        elif self.rest:
            self.server.took(self, [self.rest])
        self.server.closed(self)
        self.transport = None

    def close(self, why: str) -> None:
        """End the connection now; what was not read or sent is given up."""
        if self.transport is not None and not self.closing:
            self.closing = why
            self.server.count_close(why)
            self.transport.abort()

    # -- what comes in ----------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self.last = self.server.loop.time()
        self.bytes += len(data)
        found = self._quickly(data) if self.framer is None else self._carefully(data)
        if found:
            self.server.took(self, found)
        pending = len(self.rest) if self.framer is None else self.framer.pending
        if pending > self.server.limits.server.buffer_bytes:
            self.close("too_long")

    def _quickly(self, data: bytes) -> list[bytes]:
        if self.rest:
            data = self.rest + data
        found, at = heads.split(data)
        self.rest = data[at:]
        if self.rest and not (heads.may_go_on(self.rest) and self.server.dialect_of(self.rest) is STANDARD):
            self.framer = Framer(self.server.dialect_of(self.rest))
            rest, self.rest = self.rest, b""
            found += self._carefully(rest)
        return found

    def _carefully(self, data: bytes) -> list[bytes]:
        assert self.framer is not None
        found = [frame.raw for frame in self.framer.feed(data)]
        if not self.framer.pending:
            self.framer = None
        return found

    # -- what goes out ----------------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        if self.transport is not None and not self.closing:
            self.transport.write(data)

    def pause_writing(self) -> None:
        """It does not read what we answer: it is not read either, until it does."""
        self.slow_since = self.server.loop.time()
        self.hold(SLOW)

    def resume_writing(self) -> None:
        self.slow_since = 0.0
        self.release(SLOW)

    # -- reading or not ---------------------------------------------------------------------------------------------

    def hold(self, why: int) -> None:
        """Do not read for a reason."""
        if not self.held and self.transport is not None:
            self.transport.pause_reading()
        self.held |= why

    def release(self, why: int) -> None:
        """A reason is gone; read when it was the last one."""
        if self.held & why:
            self.held &= ~why
            if not self.held and self.transport is not None and not self.transport.is_closing():
                self.transport.resume_reading()
