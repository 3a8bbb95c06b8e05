"""Packets out of a stream of bytes: by length, with resynchronisation after anything else.

What is found does not depend on how the bytes were cut into reads (only whether a packet without line end was followed
by one may not be known yet). Nothing is accepted or refused here: a Frame says how it deviates, `decode` judges it.

Rules, in this order:
1. `##` and digits start a packet. Other bytes are noise, up to a line feed, the next start, or NOISE_LONGEST bytes.
2. A whole tail (`&&`, four hex digits, CR LF) before the end that the length promises: the length is wrong.
3. `&&` and a CRC where the length says: the packet. So `##`, `&&` and line ends may stand inside (SM4).
4. Otherwise the length is wrong. The packet ends at the first `&&` with up to four characters and a line end, and never
   reaches over a line feed or the start of another packet.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lantian.gateway.wire.dialect import STANDARD, Dialect

SEGMENT_LONGEST = 1024
NOISE_LONGEST = 1024
_WINDOW = 10_200  # more than the longest packet that four digits can announce

Buffer = bytes | bytearray

_BLANK = re.compile(rb"[\r\n\t ]*")
_START = re.compile(rb"##(?=[0-9])")
_HEADER = re.compile(rb"##([0-9]{1,8})")
_NO_HASHES = re.compile(rb"([0-9]{4})(?=(?:QN|ST|CN|PW|MN)=)")
_BARE = re.compile(rb"(?:QN|ST|CN|PW|MN|SN)=")
_HTTP = re.compile(rb"(?:GET|POST|PUT|HEAD|OPTIONS|CONNECT|DELETE|PATCH) \S|HTTP/1")
_TAIL = re.compile(rb"&&[0-9A-Fa-f]{4}\r\n")
_AFTER = re.compile(rb"[^\r\n#&]{0,4}")
_HEX4 = re.compile(rb"[0-9A-Fa-f]{4}")
_FEWER_HEX = re.compile(rb"[0-9A-Fa-f]{1,3}")
_END = re.compile(rb"&&([^\r\n&#]{0,4})[ \t]*(?:(\r\n|\n|\r)|(?=##[0-9]{4}[A-Za-z]))")
_END_OF_INPUT = re.compile(rb"&&([^\r\n&#]{0,4})[ \t]*\Z")
_NEXT = re.compile(rb"##[0-9]{4}[A-Za-z]")
_LINE_ENDS = {b"\r\n": None, b"\n": "lf_only", b"\r": "cr_only", b"": "no_line_end", None: "no_line_end"}


class Frame(NamedTuple):
    """One packet, or bytes that are none.

    `raw`: all its bytes; `segment`: the data segment (empty if no end was found); `crc`: the text after it;
    `declared`: the length it announces (-1: none); `deviations`: codes of errors.toml, in the order of the bytes.
    """

    raw: bytes
    segment: bytes
    crc: str
    declared: int
    deviations: tuple[str, ...]

    @property
    def is_noise(self) -> bool:
        return self.declared < 0


class Framer:
    """Cuts one connection's bytes into frames."""

    def __init__(self, dialect: Dialect = STANDARD) -> None:
        self.dialect = dialect
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """Return how many bytes wait for more."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes; return the frames that are now whole."""
        self._buffer += data
        return self._cut(final=False)

    def flush(self) -> list[Frame]:
        """Return what is left as the stream's last frames (end of the connection, or nothing more came in time)."""
        return self._cut(final=True)

    def _cut(self, *, final: bool) -> list[Frame]:
        frames: list[Frame] = []
        at = 0
        while True:
            frame, after = next_frame(self._buffer, at, final, self.dialect)
            if frame is not None:
                frames.append(frame)
            if frame is None and after == at:
                break
            at = after
        del self._buffer[:at]
        return frames


def frames_of(data: bytes, dialect: Dialect = STANDARD) -> list[Frame]:
    """Return the frames of a whole input."""
    framer = Framer(dialect)
    return framer.feed(data) + framer.flush()


def next_frame(buffer: Buffer, at: int, final: bool, dialect: Dialect) -> tuple[Frame | None, int]:
    """Return the frame that starts at `at` and where the next may start; (None, at) if more bytes are needed."""
    start = _BLANK.match(buffer, at).end()  # type: ignore[union-attr]
    if start == len(buffer):
        return None, start
    header = _HEADER.match(buffer, start)
    if header is not None:
        if header.end() == len(buffer) and not final and len(header[1]) < 8:
            return None, start
        deviations = [] if len(header[1]) == 4 else ["length_digits"]
        found = _packet(buffer, start, header.end(), int(header[1][-4:]), deviations, final, dialect)
        return found or (None, start)
    bare = _NO_HASHES.match(buffer, start)
    if bare is not None:
        found = _packet(buffer, start, bare.end(), int(bare[1]), ["no_hashes"], final, dialect)
        return found or (None, start)
    return _noise(buffer, start, final) or (None, start)


def _noise(buffer: Buffer, start: int, final: bool) -> tuple[Frame, int] | None:
    limit = start + NOISE_LONGEST
    following = _START.search(buffer, start + 1, limit + 2)
    line = buffer.find(b"\n", start, limit)
    ends = [end for end in (following and following.start(), line + 1) if end]
    if not ends and len(buffer) < limit + 2 and not final:
        return None
    if not final and len(buffer) - start < 7 and buffer[start : start + 1].isdigit():
        return None  # may yet become a length without ##
    end = min(ends, default=min(limit, len(buffer)))
    raw = bytes(buffer[start:end])
    code = "no_header" if _BARE.match(raw) else "noise_http" if _HTTP.match(raw) else "noise"
    return Frame(raw, b"", "", -1, (code,)), end


def _packet(
    buffer: Buffer, start: int, body: int, declared: int, deviations: list[str], final: bool, dialect: Dialect
) -> tuple[Frame, int] | None:
    """Return the frame whose segment starts at `body`; None if more bytes are needed."""
    promised = body + declared
    early = _TAIL.search(buffer, body, min(len(buffer), promised + 5))
    if early is None:
        tail = _tail(buffer, promised, final, dialect)
        if tail is _WAIT:
            return None
        if tail is not None:
            crc, line_end, end = tail
            segment = bytes(buffer[body:promised])
            codes = (*deviations, *_oddities(segment, crc, line_end))
            return Frame(bytes(buffer[start:end]), segment, crc.decode("latin-1"), declared, codes), end
    return _by_its_end(buffer, start, body, declared, deviations, final, dialect)


_WAIT = (b"", b"", -1)


def _tail(buffer: Buffer, at: int, final: bool, dialect: Dialect) -> tuple[bytes, bytes, int] | None:
    """Return (CRC, line end, end of the packet) if the segment can end at `at`; None if not; _WAIT if not yet known."""
    if at > len(buffer):
        return None if final else _WAIT
    after = _AFTER.match(buffer, at)
    crc, end = (after.group(), after.end()) if after else (b"", at)
    line_end = bytes(buffer[end : end + 2])
    whole = _HEX4.fullmatch(crc) is not None
    if not final and len(line_end) < 2 and line_end in (b"", b"\r"):
        impatient = whole and not line_end and "no_line_end" in dialect.accepts
        if not impatient:
            return _WAIT
    if line_end != b"\r\n":
        line_end = line_end[:1] if line_end[:1] in (b"\r", b"\n") else b""
    closed = bytes(buffer[at - 2 : at]) == b"&&" and bytes(buffer[at - 5 : at]) != b"CP=&&"
    over = bool(line_end) or end == len(buffer)
    if closed and (whole or over or buffer[end : end + 1] == b"#"):
        return bytes(crc), line_end, end + len(line_end)
    if whole and over:
        return bytes(crc), line_end, end + len(line_end)  # the length is right, the segment's own end is not
    return None


def _by_its_end(
    buffer: Buffer, start: int, body: int, declared: int, deviations: list[str], final: bool, dialect: Dialect
) -> tuple[Frame, int] | None:
    """Return a frame whose length is wrong, as far as it can be seen; None if more bytes are needed."""
    limit = start + _WINDOW
    seen = _END.search(buffer, body, limit) or (_END_OF_INPUT.search(buffer, body, limit) if final else None)
    following = _NEXT.search(buffer, body, limit)
    line = buffer.find(b"\n", body, limit)
    first = min(
        (place for place in (following and following.start(), line) if place is not None and place >= 0), default=-1
    )
    if seen is not None and (first < 0 or seen.start() < first):
        if not final and seen.end() == len(buffer) and seen.group().endswith(b"\r"):
            return None
        segment, crc = bytes(buffer[body : seen.start() + 2]), seen[1]
        line_end = seen[2] if _END is seen.re and seen[2] else b""
        codes = (*deviations, *_misjudged(segment, declared, dialect), *_oddities(segment, crc, line_end))
        return Frame(bytes(buffer[start : seen.end()]), segment, crc.decode("latin-1"), declared, codes), seen.end()
    if first < 0 and not final and len(buffer) < limit:
        return None
    end = min(limit, len(buffer)) if first < 0 else first + (first == line)
    return Frame(bytes(buffer[start:end]), b"", "", declared, (*deviations, "truncated")), end


def _misjudged(segment: bytes, declared: int, dialect: Dialect) -> list[str]:
    """Name what the announced length is, if not that of the segment."""
    if declared == len(segment):
        return []
    if declared == len(segment) + 6:
        return ["length_plus_6"]
    if not segment.isascii() and declared in _characters(segment):
        return ["chars_not_bytes"]
    return ["length_placeholder" if declared in dialect.length_placeholders else "length"]


def _characters(segment: bytes) -> list[int]:
    counts = []
    for encoding in ("utf-8", "gbk"):
        try:
            counts.append(len(segment.decode(encoding)))
        except UnicodeDecodeError:
            continue
    return counts


def _oddities(segment: bytes, crc: bytes, line_end: bytes) -> list[str]:
    """Name what is unusual about size, CRC field and line end."""
    codes = ["over_long"] if len(segment) > SEGMENT_LONGEST else []
    if not _HEX4.fullmatch(crc):
        codes.append("no_crc" if not crc else "crc_lost_zero" if _FEWER_HEX.fullmatch(crc) else "crc_format")
    ending = _LINE_ENDS[bytes(line_end)]
    return codes + ([ending] if ending else [])
