"""The data segment: `QN=…;ST=…;…;CP=&&key=value,key=value;…&&`.

Fields are found by their name, in any order. What the standard prints itself is taken without a word: a semicolon
before the closing `&&`, comma or semicolon between items. A deviation is put on the list that the caller gives; what has
no clear meaning raises Refusal.
"""

from __future__ import annotations

import re
from collections import Counter

from lantian.gateway.wire.dialect import Dialect
from lantian.gateway.wire.packet import HEADER, Entry

_KNOWN = frozenset(HEADER)
_BY_CAPITALS = {name.upper(): name for name in HEADER}
_CP = re.compile(rb"(?:^|;)([ ]*)CP=&&")
_BARE_CP = re.compile(rb"CP=&&")
_FLAG_AFTER = re.compile(rb"&&;Flag=([0-9]{1,3})\Z")
_HEADER_BYTES = re.compile(rb"[\x20-\x7e]*")
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_COMMA_FIELD = re.compile(rf",(?=(?:{'|'.join(HEADER)})=)")
_KEY = re.compile(r"[\x21-\x7e]+")
_PLAIN = re.compile(rb"[\x21-\x7e]*")
_LOG = re.compile(r"=[ ]*//.*?//")
_SEEN = re.compile(rb"(?:^|[;,#0-9 ])(" + "|".join(HEADER).encode() + rb")[ ]*=([^;,&\r\n]*)", re.IGNORECASE)
_ESCAPED = {";": "\x00", ",": "\x01", "=": "\x02"}
_RESTORED = str.maketrans({mark: char for char, mark in _ESCAPED.items()})
_HIDDEN = str.maketrans(_ESCAPED)
_NAMES = (
    "DataTime",
    "SampleTime",
    "Flag",
    "EFlag",
    "Rtd",
    "Avg",
    "Min",
    "Max",
    "Cou",
    "ZsRtd",
    "ZsAvg",
    "ZsMin",
    "ZsMax",
)
# Names of the data area in other letters -> as the standard has them.
OTHER_LETTERS = {
    form(name): name for name in _NAMES for form in (str.upper, str.lower, str.capitalize) if form(name) != name
}
_STRANGE_INSIDE_CP = frozenset({"Flag", "ST", "MN"})


class Refusal(Exception):
    """The segment cannot be taken; the only argument is a code of errors.toml."""


def cut(segment: bytes, deviations: list[str]) -> tuple[bytes, bytes, bytes]:
    """Return (header, data area, field after it) of a segment. Raises Refusal."""
    match = _CP.search(segment)
    if match is None:
        match = _BARE_CP.search(segment)
        if match is None:
            raise Refusal("no_cp")
        deviations.append("no_semicolon_before_cp")
    elif match[1]:
        deviations.append("blanks")
    header, rest = segment[: match.start()], segment[match.end() :]
    if rest.endswith(b"&&"):
        return header, rest[:-2], b""
    after = _FLAG_AFTER.search(rest)
    if after is None:
        raise Refusal("cp_end")
    deviations.append("flag_after_cp")
    return header, rest[: after.start()], b"Flag=" + after[1]


def fields(
    header: bytes, dialect: Dialect, deviations: list[str], notes: list[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the header fields by name and those that no edition knows. Raises Refusal."""
    if not _HEADER_BYTES.fullmatch(header):
        raise Refusal("bad_char")
    known: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for piece in _pieces(header.decode("ascii"), deviations):
        name, equals, value = piece.partition("=")
        if name != name.strip() or value != value.strip():
            _add(deviations, "blanks")
            name, value = name.strip(), value.strip()
        if not equals or "=" in value or "," in value or not _NAME.fullmatch(name):
            raise Refusal("header_syntax")
        name = _standard(name, dialect, notes)
        chosen = known if name in _KNOWN else unknown
        if name in chosen:
            raise Refusal("field_twice")
        chosen[name] = value
    notes.extend(f"field_unknown:{name}" for name in unknown)
    return known, unknown


def _standard(name: str, dialect: Dialect, notes: list[str]) -> str:
    if name in _KNOWN or "key_case" not in dialect.reads or name.upper() not in _BY_CAPITALS:
        return name
    notes.append(f"key_case:{name}")
    return _BY_CAPITALS[name.upper()]


def _pieces(header: str, deviations: list[str]) -> list[str]:
    pieces = []
    for piece in header.split(";") if header else ():
        if not piece.strip():
            _add(deviations, "empty_items")
            continue
        if piece.startswith(","):
            _add(deviations, "stray_comma")
            piece = piece[1:]
        parts = _COMMA_FIELD.split(piece)
        if len(parts) > 1:
            _add(deviations, "comma_after_qn")
        pieces += parts
    return pieces


def entries(area: bytes, dialect: Dialect, deviations: list[str], notes: list[str]) -> tuple[Entry, ...]:
    """Return the items of a data area in their order. Raises Refusal."""
    if _CONTROLS.search(area):
        raise Refusal("bad_char")
    if b"&&" in area:
        raise Refusal("cp_end")
    plain = _PLAIN.fullmatch(area) is not None  # neither blanks nor Chinese: nothing of the kind to look for
    text = _text(area, dialect, notes)
    logs = "//" in text
    if logs:
        text = _LOG.sub(lambda match: "=" + match.group()[1:].translate(_HIDDEN), text)
    stripped = text if plain else text.strip(" ")
    if stripped != text:
        _add(deviations, "blanks")
    if not stripped:
        return ()
    if stripped.endswith(";"):
        stripped = stripped[:-1]
    found = _split(stripped, plain, deviations)
    if logs:
        found = [Entry(factor, suffix, value.translate(_RESTORED)) for factor, suffix, value in found]
    if not OTHER_LETTERS.keys().isdisjoint(entry.suffix for entry in found):
        found = _cased(found, dialect, notes)
    _look(found, notes)
    return tuple(found)


def _split(text: str, plain: bool, deviations: list[str]) -> list[Entry]:
    """Return the items of a data area, `//…//` still hidden. Raises Refusal."""
    found = []
    for element in text.replace(";", ",").split(","):
        key, equals, value = element.partition("=")
        if not equals and not element.strip(" "):
            _add(deviations, "empty_items")
            continue
        if not plain:
            key, value = _trimmed(key, value, deviations)
        if not equals or not key or "=" in value:
            raise Refusal("cp_syntax")
        factor, dash, suffix = key.rpartition("-")
        if dash and not (factor and suffix):
            raise Refusal("cp_syntax")
        found.append(Entry(factor, suffix, value))
    return found


def _cased(found: list[Entry], dialect: Dialect, notes: list[str]) -> list[Entry]:
    """Note names in other letters (`a01001-RTD`); take them for the standard's where the dialect says so."""
    reads = "key_case" in dialect.reads
    for suffix in dict.fromkeys(entry.suffix for entry in found):
        if suffix in OTHER_LETTERS:
            notes.append(f"{'key_case' if reads else 'item_case'}:{suffix}")
    if not reads:
        return found
    return [Entry(factor, OTHER_LETTERS.get(suffix, suffix), text) for factor, suffix, text in found]


def _trimmed(key: str, value: str, deviations: list[str]) -> tuple[str, str]:
    """Return key and value without the blanks around them. Raises Refusal for keys with others inside."""
    name, text = key.strip(" "), value.strip(" ")
    if name != key or text != value:
        _add(deviations, "blanks")
    if not _KEY.fullmatch(name):
        raise Refusal("cp_syntax" if name.isascii() else "bad_char")
    return name, text


def _text(area: bytes, dialect: Dialect, notes: list[str]) -> str:
    try:
        return area.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if "gbk" in dialect.reads:
        try:
            text = area.decode("gb18030")
        except UnicodeDecodeError:
            pass
        else:
            notes.append("gbk")
            return text
    notes.append("not_utf8")
    return area.decode("utf-8", "backslashreplace")


def _look(found: list[Entry], notes: list[str]) -> None:
    """Note what stands twice, has its suffix twice, or belongs into the header."""
    keys = [(factor, suffix) for factor, suffix, _ in found if factor]
    if len(set(keys)) < len(keys):
        twice = [key for key, count in Counter(keys).items() if count > 1]
        notes.extend(f"duplicate:{factor}-{suffix}" for factor, suffix in twice)
    for factor, suffix, _ in found:
        if not factor and suffix in _STRANGE_INSIDE_CP:
            _add(notes, f"field_inside_cp:{suffix}")
        if "-" in factor and factor.endswith("-" + suffix):
            _add(notes, f"suffix_doubled:{factor}-{suffix}")


def glimpse(raw: bytes) -> dict[str, str]:
    """Return the header fields that can be seen in any bytes: nothing is checked, the first of each name counts."""
    area = _BARE_CP.search(raw)
    seen: dict[str, str] = {}
    for name, value in _SEEN.findall(raw[: area.start()] if area else raw[:400]):
        seen.setdefault(_BY_CAPITALS[name.decode().upper()], value.decode("ascii", "backslashreplace").strip())
    return seen


def _add(codes: list[str], code: str) -> None:
    if code not in codes:
        codes.append(code)
