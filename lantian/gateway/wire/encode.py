"""Packets to bytes: the order of each edition, long segments in parts, SM4, and what a dialect wants to receive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from lantian.gateway.wire import crc, sm4, values
from lantian.gateway.wire.dialect import STANDARD, Dialect
from lantian.gateway.wire.framing import SEGMENT_LONGEST
from lantian.gateway.wire.packet import HEADER, VERSIONS, Entry, Packet

ENCRYPTED = frozenset({"1014", "3020"})  # and 2000 to 2999 (HJ 212-2025, at second hand)


def packet(
    *,
    edition: str,
    cn: str,
    st: str,
    mn: str,
    pw: str = "",
    qn: str = "",
    entries: Iterable[Entry | tuple[str, str, str]] = (),
    answer: bool = False,
    resent: bool = False,
) -> Packet:
    """Return a packet with the Flag of its edition. `answer`: an answer is wanted (bit A). Raises KeyError for editions."""
    flag = VERSIONS[edition] << 2 | answer
    header = {"QN": qn, "ST": st, "CN": cn, "PW": pw, "MN": mn}
    header = {name: value for name, value in header.items() if value}
    if flag or edition != "2005":
        header["Flag"] = str(flag)
    if resent and edition == "2025":
        header["RF"] = "1"
    found = tuple(Entry(*entry) for entry in entries)
    times = [entry.text for entry in found if entry.key == "DataTime"]
    return Packet(header, found, edition, values.local_time(times[0]) if times else None)


def segment(of: Packet) -> bytes:
    """Return the data segment in plain text: header fields in the standard's order, then CP."""
    header = "".join(f"{name}={of.header[name]};" for name in HEADER if name in of.header)
    return f"{header}CP=&&{area(of.entries, of.edition)}&&".encode()


def area(entries: Sequence[Entry], edition: str = "2017") -> str:
    """Return the data area: `,` between the parts of one factor, `;` between items (2005: `BeginTime=…,EndTime=…`)."""
    out: list[str] = []
    before = ""
    for entry in entries:
        if out:
            joined = entry.factor == before if entry.factor else edition == "2005" and entry.suffix == "EndTime"
            out.append("," if joined else ";")
        out.append(f"{entry.key}={entry.text}")
        before = entry.factor
    return "".join(out)


def encode(of: Packet, dialect: Dialect = STANDARD, key: bytes | None = None) -> bytes:
    """Return the packet's bytes. `key`: an SM4 key; what must be encrypted in 2025 is (the CRC stays that of the plaintext).

    Raises ValueError for a segment above 1024 bytes (see `parts`).
    """
    plain = segment(of)
    if len(plain) > SEGMENT_LONGEST:
        raise ValueError(f"the segment has {len(plain)} bytes, at most {SEGMENT_LONGEST}: send it in parts")
    sent = plain
    if key is not None and of.edition == "2025" and must_encrypt(of.cn):
        opening = plain.index(b"CP=&&") + 5
        sent = plain[:opening] + sm4.encrypt(plain[opening:-2], key) + b"&&"
    return framed(sent, checksum(plain, dialect), dialect)


def must_encrypt(cn: str) -> bool:
    """Tell whether 2025 wants this command encrypted on the internet (at second hand)."""
    return cn in ENCRYPTED or (len(cn) == 4 and cn.startswith("2"))


def checksum(plain: bytes, dialect: Dialect = STANDARD) -> str:
    """Return the CRC of a segment as a dialect expects it."""
    value = crc.modbus(plain) if "modbus_crc" in dialect.sends else crc.folded(plain)
    if "swapped_crc" in dialect.sends:
        value = value >> 8 | (value & 0xFF) << 8
    return f"{value:04x}" if "lower_case_crc" in dialect.sends else f"{value:04X}"


def framed(sent: bytes, printed_crc: str, dialect: Dialect = STANDARD) -> bytes:
    """Return a segment with head, length, CRC and line end."""
    length = len(sent) + (6 if "length_plus_6" in dialect.sends else 0)
    return b"##%04d%b%b\r\n" % (length, sent, printed_crc.encode())


def parts(of: Packet) -> list[Packet]:
    """Return a packet as parts of at most 1024 bytes: whole factors, each with the fields of the data area (DataTime).

    Each part has its own QN, a millisecond apart, as HJ 212-2017 C.49 prints them. One part means the packet itself.
    Raises ValueError if a single factor does not fit.
    """
    if len(segment(of)) <= SEGMENT_LONGEST:
        return [of]
    common = tuple(entry for entry in of.entries if not entry.factor)
    room = SEGMENT_LONGEST - len(segment(_part(of, common, 9999, 9999))) - 1
    groups: list[list[Entry]] = [[]]
    used = 0
    for group in _by_factor(of.entries):
        size = len(area(group).encode()) + 1
        if size > room:
            raise ValueError(f"the items of {group[0].factor} take {size} bytes, there is room for {room}")
        if used + size > room:
            groups.append([])
            used = 0
        groups[-1] += group
        used += size
    return [_part(of, (*common, *group), len(groups), number) for number, group in enumerate(groups, 1)]


def _by_factor(entries: Sequence[Entry]) -> list[list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.factor:
            groups.setdefault(entry.factor, []).append(entry)
    return list(groups.values())


def _part(of: Packet, entries: tuple[Entry, ...], total: int, number: int) -> Packet:
    header = dict(of.header)
    if of.qn and values.is_qn(of.qn):
        header["QN"] = _later(of.qn, number - 1)
    header |= {"Flag": str((of.flag or 0) | of.version << 2 | 2), "PNUM": str(total), "PNO": str(number)}
    return replace(of, header=header, entries=entries)


def _later(qn: str, milliseconds: int) -> str:
    moment = values.local_time(qn[:14])
    if moment is None:
        return qn
    return values.qn(_exact(moment, int(qn[14:])) + timedelta(milliseconds=milliseconds))


def _exact(moment: datetime, milliseconds: int) -> datetime:
    return moment + timedelta(milliseconds=milliseconds)
