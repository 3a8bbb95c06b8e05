"""A frame judged under a dialect: decoded to a packet, or refused with a code.

Two things decide: whether the bytes are whole (framing, CRC) and whether the segment has the standard's grammar. What a
field holds is kept as it was sent, and noted if it is odd: an MN of another form, a flag that nobody knows. What would
have to be guessed (a time of 16 digits, text that is not UTF-8) is left out unless the dialect says how to read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lantian.gateway.wire import commands, crc, grammar, sm4, values, words
from lantian.gateway.wire.dialect import STANDARD, Dialect
from lantian.gateway.wire.framing import Frame, frames_of
from lantian.gateway.wire.grammar import Refusal
from lantian.gateway.wire.packet import EDITIONS, Decoded, Entry, Packet, as_byte

_LINE_ENDS = frozenset({"lf_only", "cr_only", "no_line_end"})
_HEX = frozenset("0123456789abcdefABCDEF")


def decode(frame: Frame, dialect: Dialect = STANDARD, keys: Sequence[bytes] = ()) -> Decoded:
    """Return what becomes of a frame. `keys`: the device's SM4 keys, newest first (2025 only). Never raises for bytes."""
    deviations = list(frame.deviations)
    notes: list[str] = []
    right = crc.folded(frame.segment)
    computed = f"{right:04X}" if frame.segment else None
    try:
        _refuse(deviations)
        segment = _checked(frame, right, dialect, keys, deviations, notes)
        packet = _packet(segment, dialect, deviations, notes)
    except Refusal as refusal:
        error = _first([*deviations, str(refusal)], dialect)
        return Decoded(False, error, None, frame, None, grammar.glimpse(frame.raw), computed)
    refused = _first(deviations, dialect)
    needs = tuple(dict.fromkeys(deviations))
    if refused is not None:
        return Decoded(False, refused, None, frame, needs, grammar.glimpse(frame.raw), computed)
    if segment is not frame.segment:
        computed = f"{crc.folded(segment):04X}"
    return Decoded(True, None, packet, frame, needs, crc_computed=computed)


def decode_all(data: bytes, dialect: Dialect = STANDARD, keys: Sequence[bytes] = ()) -> list[Decoded]:
    """Return what becomes of every frame of a whole input."""
    return [decode(frame, dialect, keys) for frame in frames_of(data, dialect)]


def _refuse(deviations: list[str]) -> None:
    for code in deviations:
        if code not in words.tolerable():
            raise Refusal(code)


def _first(deviations: list[str], dialect: Dialect) -> str | None:
    """Return the first deviation that the dialect does not take; a line end is named only if nothing else is wrong."""
    refused = [code for code in deviations if code not in dialect.accepts]
    return min(refused, key=_LINE_ENDS.__contains__, default=None)


def _checked(
    frame: Frame, right: int, dialect: Dialect, keys: Sequence[bytes], deviations: list[str], notes: list[str]
) -> bytes:
    """Return the segment in plain text, its CRC checked. Raises Refusal."""
    plain = _decrypted(frame, right, keys, notes)
    if plain is not None:
        if frame.crc != frame.crc.upper():
            deviations.append("lower_case_crc")
        return plain
    try:
        deviations.extend(_crc(frame, right, dialect))
    except Refusal:
        deviations[:] = [code for code in deviations if code != "crc_lost_zero"]  # more than a zero is missing
        raise
    return frame.segment


def _crc(frame: Frame, right: int, dialect: Dialect) -> list[str]:
    if not frame.crc:
        return []  # no_crc stands among the frame's deviations
    printed = int(frame.crc, 16)
    case = [] if frame.crc == frame.crc.upper() else ["lower_case_crc"]
    if printed == right:
        return case
    if printed == crc.modbus(frame.segment):
        return ["modbus_crc", *case]
    if printed == (right >> 8 | (right & 0xFF) << 8):
        return ["swapped_crc", *case]
    if frame.crc.upper() in dialect.crc_placeholders:
        return ["placeholder_crc", *case]
    raise Refusal("crc")


def _decrypted(frame: Frame, right: int, keys: Sequence[bytes], notes: list[str]) -> bytes | None:
    """Return the decrypted segment; None if it was sent in plain text. Raises Refusal."""
    opening = frame.segment.find(b"CP=&&") + 5
    if opening < 5 or not frame.segment.endswith(b"&&") or opening > len(frame.segment) - 2:
        return None
    area = frame.segment[opening:-2]
    matches = len(frame.crc) == 4 and int(frame.crc, 16) == right
    looks = sm4.looks_encrypted(area)
    if matches and (not looks or not (keys or sm4.has_controls(area))):
        return None
    if (as_byte(grammar.glimpse(frame.segment[:opening]).get("Flag")) or 0) >> 2 != 2:
        return None
    for key in keys if len(frame.crc) == 4 else ():
        plain = frame.segment[:opening] + sm4.decrypt(area, key) + b"&&"
        if crc.folded(plain) == int(frame.crc, 16) and not sm4.looks_encrypted(plain[opening:-2]):
            notes.append("sm4")
            if sm4.from_text(area) is not None:
                notes.append("sm4_text")
            return plain
    if matches or not looks:
        return None
    raise Refusal("sm4_key" if keys else "encrypted")


def _packet(segment: bytes, dialect: Dialect, deviations: list[str], notes: list[str]) -> Packet:
    """Return the packet of a plain segment, its notes complete. Raises Refusal."""
    header, area, after = grammar.cut(segment, deviations)
    if after:
        header += b"" if header.endswith(b";") or not header else b";"
        header += after
    fields, unknown = grammar.fields(header, dialect, deviations, notes)
    if not fields.get("CN"):
        raise Refusal("no_cn")
    entries = grammar.entries(area, dialect, deviations, notes)
    edition = _edition(fields, dialect, notes)
    _look_at_fields(fields, edition, notes)
    moment = _data_time(entries, dialect, notes)
    marks = commands.marks()
    for factor, suffix, text in entries:
        if suffix == "Flag" and factor and text not in marks:
            notes.append(f"mark_unknown:{text}")
    accepted = tuple(dict.fromkeys((*deviations, *notes)))
    return Packet(fields, entries, edition, moment, accepted, unknown)


def _edition(fields: dict[str, str], dialect: Dialect, notes: list[str]) -> str:
    """Return the edition by the version bits; bits 2 also had an older meaning, so they need support (see facts)."""
    flag = fields.get("Flag")
    number = as_byte(flag)
    if flag is not None and number is None:
        notes.append("flag_form")
    version = (number or 0) >> 2
    if version not in EDITIONS:
        notes.append("version_unknown")
        return "2017"
    if version != 2:
        return EDITIONS[version]
    if is_epc(fields.get("MN", "")):
        return "2025"
    if "surface_water" in dialect.reads:
        return "surface-water"
    if "RF" in fields or fields.get("ST") in ("44", "45"):
        return "2025"
    if fields.get("ST") in ("21", "91"):
        return "surface-water"
    notes.append("edition_unsure")
    return "2025"


def is_epc(mn: str) -> bool:
    """Tell whether an MN has the form of 2017 and 2025: 24 hex digits."""
    return len(mn) == 24 and _HEX.issuperset(mn)


def _look_at_fields(fields: dict[str, str], edition: str, notes: list[str]) -> None:
    """Note header fields whose form is not the standard's."""
    if "QN" in fields and not values.is_qn(fields["QN"]):
        notes.append("qn_form")
    system = fields.get("ST", "")
    if not system:
        notes.append("no_st")
    elif len(system) != 2:
        notes.append("st_form")
    elif system not in commands.systems():
        notes.append("st_unknown")
    if fields["CN"] not in commands.commands() or not commands.commands()[fields["CN"]].editions:
        notes.append("cn_unknown")
    if "PW" in fields and len(fields["PW"]) != 6:
        notes.append("pw_form")
    mn = fields.get("MN", "")
    if not mn:
        if fields["CN"] != "9014":  # 2005 prints it without
            notes.append("no_mn")
    elif not (is_epc(mn) if edition in ("2017", "2025") else len(mn) == 14 or edition != "2005"):
        notes.append("mn_form")
    _look_at_parts(fields, edition, notes)


def _look_at_parts(fields: dict[str, str], edition: str, notes: list[str]) -> None:
    divided = bool((as_byte(fields.get("Flag")) or 0) & 2)
    numbered = "PNUM" in fields or "PNO" in fields
    if divided and not numbered and edition != "2005":  # whose own requests print Flag=3 without numbers
        notes.append("flag_without_part")
    if numbered and not divided:
        notes.append("part_without_flag")
    if numbered and Packet(fields).part is None:
        notes.append("part_form")


def _data_time(entries: Sequence[Entry], dialect: Dialect, notes: list[str]) -> datetime | None:
    texts = {entry.text for entry in entries if not entry.factor and entry.suffix == "DataTime"}
    if len(texts) > 1:
        notes.append("times_differ")
        return None
    for text in texts:
        moment = values.local_time(text)
        if moment is not None:
            return moment
        fraction = "time_fraction" in dialect.reads and 14 < len(text) < 18 and text.isascii() and text.isdigit()
        moment = values.local_time(text[:14]) if fraction else None
        notes.append("time_form" if moment is None else "time_fraction")
        return moment
    return None
