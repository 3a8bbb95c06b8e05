"""The gateway's way to the codec (`lantian.gateway.wire`): a packet judged by a device's dialect, answers, requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lantian.gateway.core.heads import Head
from lantian.gateway.wire import requests
from lantian.gateway.wire.answers import answer_to
from lantian.gateway.wire.decode import decode
from lantian.gateway.wire.dialect import STANDARD, Dialect, dialect
from lantian.gateway.wire.encode import encode
from lantian.gateway.wire.framing import frames_of
from lantian.gateway.wire.packet import Packet


@lru_cache(maxsize=256)
def dialect_of(name: str) -> Dialect:
    """Return a dialect by name; the standard for a name that is not known (the register checks names)."""
    try:
        return dialect(name)
    except LookupError:
        return STANDARD


@dataclass(frozen=True, slots=True)
class Judged:
    """What the codec says of bytes: the head of a packet that is taken, or an error (a code of errors.toml)."""

    head: Head | None
    error: str
    packet: Packet | None
    dialect: Dialect

    def answer(self) -> bytes | None:
        """Return what is answered to the packet; None when nothing is."""
        return None if self.packet is None else answer_to(self.packet, self.dialect)


def judge(raw: bytes, name: str) -> Judged:
    """Judge the bytes of one frame by a dialect. Never raises for bytes."""
    used = dialect_of(name)
    frames = frames_of(raw, used)
    if not frames:
        return Judged(None, "noise", None, used)
    decoded = decode(frames[0], used)
    packet = decoded.packet
    if not decoded.ok or packet is None:
        return Judged(None, decoded.error or "noise", None, used)
    return Judged(_head(packet), "", packet, used)


def _head(packet: Packet) -> Head:
    qn, st, cn, pw, mn = ((text or "").encode() for text in (packet.qn, packet.st, packet.cn, packet.pw, packet.mn))
    return Head(qn, st, cn, pw, mn, packet.flag or 0)


def request(
    cn: str, parameters: Mapping[str, str], *, qn: str, st: str, pw: str, mn: str, edition: str, dialect: str
) -> bytes:
    """Return the bytes of a request to a device. Raises ValueError that says what is wrong with it."""
    made = requests.request(cn, edition=edition, st=st, mn=mn, pw=pw, qn=qn, parameters=parameters)
    return encode(made, dialect_of(dialect))
