"""The head of a packet: what must be known of it before it is kept and answered. Everything else waits for delivery.

A packet as the standard prints it is read by one expression and checked by length and CRC; any other one goes to the
codec, which judges it by the device's dialect.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from lantian.gateway.wire import commands
from lantian.gateway.wire.answers import REPLIES
from lantian.gateway.wire.crc import folded

_HEAD = re.compile(
    rb"##([0-9]{4})QN=([0-9]{17});ST=([0-9A-Z]{2});CN=([0-9]{4});PW=([^;&]{0,9});MN=([^;&]{1,27});Flag=([0-9]{1,3});"
    rb"(?:PNUM=[0-9]{1,4};PNO=[0-9]{1,4};)?CP=&&"
)
MN = re.compile(rb"MN=([0-9A-Za-z_.:-]{1,32})", re.IGNORECASE)
ANSWER_WANTED = 1
VERSION = 0xFC
# Versions whose answers repeat the number in the header (HJ 212-2017 and later); the one before has it inside CP.
_MODERN = 4
EDITIONS = {0: "2005", 1: "2017", 2: "2025"}


class Head(NamedTuple):
    """Fields as they stand in the packet; `flag` is a number (0 where it lacks)."""

    qn: bytes
    st: bytes
    cn: bytes
    pw: bytes
    mn: bytes
    flag: int

    @property
    def wants_answer(self) -> bool:
        return bool(self.flag & ANSWER_WANTED)


def quick(raw: bytes) -> Head | None:
    """Return the head of a packet that is right as the standard prints it; None: ask the codec."""
    found = _HEAD.match(raw)
    if found is None or raw[-2:] != b"\r\n" or len(raw) != int(found[1]) + 12:
        return None
    flag = int(found[7])
    if flag < _MODERN or b"%04X" % folded(raw[6:-6]) != raw[-6:-2]:
        return None
    return Head(found[2], found[3], found[4], found[5], found[6], flag)


@lru_cache(maxsize=1000)
def reply_to(cn: bytes) -> bytes:
    """Return the CN of the answer to a command of a device; empty for what is an answer itself."""
    name = cn.decode("ascii", "replace")
    if name in REPLIES:
        return b""
    known = commands.commands().get(name)
    return ((known.reply if known else "") or "9014").encode()


def answer(head: Head, cn: bytes = b"9014", content: bytes = b"") -> bytes:
    """Return the answer of HJ 212-2017 to a packet: its number in the header, ST 91."""
    return framed(_answer(head.pw, head.mn, head.flag & VERSION, cn, content) % head.qn)


@lru_cache(maxsize=20000)
def _answer(pw: bytes, mn: bytes, flag: int, cn: bytes, content: bytes) -> bytes:
    made = b"QN=%%s;ST=91;CN=%b;PW=%b;MN=%b;Flag=%d;CP=&&%b&&"
    parts = [one.replace(b"%", b"%%") for one in (cn, pw, mn, content)]
    return made % (parts[0], parts[1], parts[2], flag, parts[3])


def framed(segment: bytes) -> bytes:
    """Return a packet around a data segment."""
    return b"##%04d%b%04X\r\n" % (len(segment), segment, folded(segment))


def split(data: bytes) -> tuple[list[bytes], int]:
    """Return the packets at the beginning of `data` whose length and end are right, and where the rest begins.

    A rest of some length is either the beginning of a packet or something else (see `may_go_on`).
    """
    found: list[bytes] = []
    at, size = 0, len(data)
    while size - at >= 12 and data[at : at + 2] == b"##" and data[at + 2 : at + 6].isdigit():
        end = at + 12 + int(data[at + 2 : at + 6])
        if end > size or data[end - 2 : end] != b"\r\n":
            break
        found.append(data[at:end])
        at = end
    return found, at


def may_go_on(rest: bytes) -> bool:
    """Tell whether a rest is the beginning of a packet as far as can be seen, of which more must come.

    What ends a line is for the codec: a device that counts too much, or sends no CR, sends nothing more until it is answered.
    """
    if rest[:2] != b"##"[: len(rest)]:
        return False
    length = rest[2:6]
    if length and not length.isdigit():
        return False
    return len(length) < 4 or (len(rest) < int(length) + 12 and not rest.endswith(b"\n"))
