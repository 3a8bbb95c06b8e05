"""A packet in its parts, and what became of a frame."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from lantian.gateway.wire.framing import Frame

HEADER = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF")
EDITIONS = {0: "2005", 1: "2017", 2: "2025"}
VERSIONS = {"2005": 0, "2017": 1, "2025": 2, "surface-water": 2}


class Entry(NamedTuple):
    """One `key=value` of the data area: `a21026-Rtd=1.5` is ("a21026", "Rtd", "1.5"), `DataTime=…` has no factor."""

    factor: str
    suffix: str
    text: str

    @property
    def key(self) -> str:
        return f"{self.factor}-{self.suffix}" if self.factor else self.suffix


@dataclass(frozen=True)
class Packet:
    """What a packet says.

    `header`: the fields as sent, by their standard names; `entries`: the data area in its order; `data_time`: local
    clock of the device, without a zone; `edition`: 2005, 2017, 2025 or surface-water; `notes`: codes of errors.toml for
    every accepted deviation and every oddity (some with `:what`); `unknown`: header fields that no edition has.
    """

    header: dict[str, str]
    entries: tuple[Entry, ...] = ()
    edition: str = "2017"
    data_time: datetime | None = None
    notes: tuple[str, ...] = ()
    unknown: dict[str, str] = field(default_factory=dict)

    @property
    def qn(self) -> str | None:
        return self.header.get("QN") or None

    @property
    def st(self) -> str | None:
        return self.header.get("ST") or None

    @property
    def cn(self) -> str:
        return self.header.get("CN", "")

    @property
    def pw(self) -> str | None:
        return self.header.get("PW") or None

    @property
    def mn(self) -> str | None:
        return self.header.get("MN") or None

    @property
    def flag(self) -> int | None:
        """Return the number of Flag; None if there is none (2005) or it is no number from 0 to 255."""
        return as_byte(self.header.get("Flag"))

    @property
    def pnum(self) -> int | None:
        return self.part[0] if self.part else None

    @property
    def pno(self) -> int | None:
        return self.part[1] if self.part else None

    @cached_property
    def part(self) -> tuple[int, int] | None:
        """Return (number of parts, this part's number from 1); None for a whole packet or numbers without sense."""
        total, number = self.header.get("PNUM", ""), self.header.get("PNO", "")
        if not (total.isdecimal() and number.isdecimal() and len(total) < 6 and len(number) < 6):
            return None
        return (int(total), int(number)) if 1 <= int(number) <= int(total) else None

    @property
    def resent(self) -> bool:
        """Tell whether the device says that it sends this again (RF=1, 2025)."""
        return self.header.get("RF") == "1"

    @property
    def wants_answer(self) -> bool:
        return bool((self.flag or 0) & 1)

    @property
    def version(self) -> int:
        """Return the version bits that a packet of this edition carries."""
        return VERSIONS[self.edition]

    @cached_property
    def items(self) -> dict[str, dict[str, str]]:
        """Return {factor: {suffix: text}}; of an item that stands twice the first."""
        found: dict[str, dict[str, str]] = {}
        for factor, suffix, text in self.entries:
            if factor:
                found.setdefault(factor, {}).setdefault(suffix, text)
        return found

    @cached_property
    def cp(self) -> dict[str, str]:
        """Return the fields of the data area that belong to no factor; of one that stands twice the first."""
        found: dict[str, str] = {}
        for factor, suffix, text in self.entries:
            if not factor:
                found.setdefault(suffix, text)
        return found

    def all(self, key: str) -> list[str]:
        """Return every value of a field of the data area (a request may name several PolId)."""
        return [entry.text for entry in self.entries if entry.key == key]

    def noted(self, *codes: str) -> Packet:
        """Return the same packet with more notes."""
        return replace(self, notes=(*self.notes, *codes))


@dataclass(frozen=True)
class Decoded:
    """What became of a frame: `ok` with a packet, or an `error` (a code of errors.toml).

    `needs`: the tolerances without which the frame is refused, in the order in which they were met; None if no dialect
    takes it. `seen`: the header fields of a refused frame as far as they can be read, unchecked, for a person's eyes and
    for finding its device. `crc_computed`: of the segment as the standard wants it; None if no segment was found.
    """

    ok: bool
    error: str | None
    packet: Packet | None
    frame: Frame
    needs: tuple[str, ...] | None = ()
    seen: dict[str, str] = field(default_factory=dict)
    crc_computed: str | None = None

    @property
    def fields(self) -> dict[str, str]:
        return self.packet.header if self.packet else self.seen

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, as `lantian gateway decode --json` prints it."""
        packet, crc = self.packet, self.crc_computed
        printed = self.frame.crc
        return {
            "ok": self.ok,
            "error": self.error,
            "edition": packet.edition if packet else None,
            "fields": {**self.fields, **(packet.unknown if packet else {})},
            "cp": packet.cp if packet else {},
            "items": packet.items if packet else {},
            "data_time": packet.data_time.isoformat() if packet and packet.data_time else None,
            "crc": {"printed": printed or None, "computed": crc, "ok": bool(crc) and printed.upper() == crc},
            "length": {"declared": max(self.frame.declared, 0) or None, "actual": len(self.frame.segment) or None},
            "notes": list(packet.notes) if packet else [],
            "needs": None if self.needs is None else list(self.needs),
            "raw": escaped(self.frame.raw),
        }


def as_byte(text: str | None) -> int | None:
    """Return 0..255, or None for anything else."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 3 or int(text) > 255:
        return None
    return int(text)


def escaped(raw: bytes) -> str:
    r"""Return bytes as one line of text: UTF-8 where it is, `\r` `\n` `\\` and `\xHH` elsewhere."""
    text = raw.decode("utf-8", "backslashreplace") if b"\\" not in raw else _by_bytes(raw)
    out = []
    for char in text:
        out.append({"\r": "\\r", "\n": "\\n"}.get(char) or (char if char.isprintable() else _hex(char)))
    return "".join(out)


def _by_bytes(raw: bytes) -> str:
    return raw.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def _hex(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode())


def unescaped(line: str) -> bytes:
    r"""Return the bytes of a line in which `\r` `\n` `\t` `\\` and `\xHH` are escapes (the inverse of `escaped`)."""
    out = bytearray()
    at = 0
    short = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}
    while at < len(line):
        following = line[at + 1 : at + 2]
        if line[at] == "\\" and following in short and following:
            out += short[following]
            at += 2
        elif line[at] == "\\" and following == "x" and _is_hex(line[at + 2 : at + 4]):
            out.append(int(line[at + 2 : at + 4], 16))
            at += 4
        else:
            out += line[at].encode("utf-8", "surrogateescape")
            at += 1
    return bytes(out)


def _is_hex(text: str) -> bool:
    return len(text) == 2 and all(char in "0123456789abcdefABCDEF" for char in text)
