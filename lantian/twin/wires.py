"""HJ 212 as loggers send it: a twin's own small encoder, so that the gateway's decoder is tried by somebody else.

Only the checksum and the cipher come from the gateway; how fields are put together is written here once more.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lantian.gateway.wire.crc import folded
from lantian.gateway.wire.sm4 import encrypt

LONGEST = 900  # characters of data in one packet: with every header field a segment stays below 1024
_VERSION = {"2005": 0, "2017": 1, "2025": 2}
_FIELD = re.compile(rb"([A-Za-z0-9]+)=([^;,&]*)")


@dataclass(frozen=True, slots=True)
class Voice:
    """How a logger speaks: system code, number, password, edition, dialect of the gateway's data, key for SM4 (2025)."""

    st: str
    mn: str
    pw: str
    edition: str = "2017"
    dialect: str = "standard"
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class Said:
    """A packet on its way: the QN that an answer will name, command, bytes."""

    qn: str
    cn: str
    raw: bytes


def moment(minute: float) -> dt.datetime:
    """Return a minute of the city's clock (counted from 1970) as a naive local time."""
    return dt.datetime(1970, 1, 1) + dt.timedelta(minutes=minute)  # noqa: DTZ001 - a logger's clock has no zone


def stamp(minute: float) -> str:
    """Return 14 digits."""
    return moment(minute).strftime("%Y%m%d%H%M%S")


def framed(segment: bytes, voice: Voice, plain: bytes | None = None) -> bytes:
    """Return a segment with head, length, CRC (of the plaintext) and tail, with the faults of the logger's dialect."""
    length = len(segment) + (6 if voice.dialect == "length-plus-6" else 0)
    check = f"{folded(segment if plain is None else plain):04X}"
    check = check.lower() if voice.dialect == "lower-case-crc" else check
    tail = "\n" if voice.dialect == "line-ends" else "\r\n"
    return f"##{length:04d}".encode() + segment + f"{check}{tail}".encode()


def said(
    voice: Voice, cn: str, qn: str, area: str, *, answer: bool, again: bool = False, part: tuple[int, int] | None = None
) -> Said:
    """Return one packet. `area`: what stands between the && of CP; `again`: sent later than it was due; `part`: (number
    of parts, this part)."""
    flag = _VERSION[voice.edition] * 4 + 2 * (part is not None) + answer
    fields = [f"QN={qn}", f"ST={voice.st}", f"CN={cn}", f"PW={voice.pw}", f"MN={voice.mn}", f"Flag={flag}"]
    if voice.edition == "2005":  # its examples begin with ST
        fields = [*fields[1:3], fields[0], *fields[3:]]
    if part is not None:
        fields += [f"PNUM={part[0]}", f"PNO={part[1]}"]
    if again and voice.edition == "2025":
        fields.append("RF=1")
    head = (";".join(fields) + ";CP=&&").encode()
    data = area.encode()
    plain = head + data + b"&&"
    hidden = head + encrypt(data, voice.key) + b"&&" if voice.key and "2000" <= cn <= "2999" else plain
    return Said(qn, cn, framed(hidden, voice, plain))


def packets(
    voice: Voice,
    cn: str,
    data_time: str,
    items: Sequence[str],
    qns: Iterator[str],
    *,
    answer: bool,
    again: bool = False,
) -> list[Said]:
    """Return the packets that carry items (`a21026-Rtd=1.2,a21026-Flag=N`), as many as their length wants."""
    head = f"DataTime={data_time};"
    parts: list[list[str]] = [[]]
    size = len(head)
    for item in items:
        if size + len(item) + 1 > LONGEST:
            parts.append([])
            size = len(head)
        parts[-1].append(item)
        size += len(item) + 1
    many = len(parts) > 1
    return [
        said(
            voice,
            cn,
            next(qns),
            head + ";".join(part),
            answer=answer,
            again=again,
            part=(len(parts), at) if many else None,
        )
        for at, part in enumerate(parts, 1)
    ]


def reply(voice: Voice, cn: str, qn: str, area: str) -> bytes:
    """Return an answer to the host: 9011, 9012 or 9013."""
    version = _VERSION[voice.edition] * 4
    if voice.edition == "2005":
        inside = f"QN={qn};{area}" if area else f"QN={qn}"
        text = f"ST=91;CN={cn};PW={voice.pw};MN={voice.mn};Flag={version};CP=&&{inside}&&"
    else:
        text = f"QN={qn};ST=91;CN={cn};PW={voice.pw};MN={voice.mn};Flag={version};CP=&&{area}&&"
    return framed(text.encode(), voice)


def heard(buffer: bytearray) -> Iterator[dict[str, str]]:
    """Yield the fields of each whole packet in a buffer (those inside CP too) and take it out of the buffer."""
    while True:
        at = buffer.find(b"##")
        if at < 0:
            del buffer[: max(len(buffer) - 1, 0)]
            return
        end = buffer.find(b"\n", at)
        if end < 0:
            del buffer[:at]
            return
        found: dict[str, str] = {}
        for name, value in _FIELD.findall(bytes(buffer[at + 6 : end])):
            # 2005 repeats CN and QN inside CP: the first CN is the packet's, the last QN the one that is meant.
            key = name.decode()
            if key != "CN" or "CN" not in found:
                found[key] = value.decode("ascii", "replace")
        del buffer[: end + 1]
        yield found
