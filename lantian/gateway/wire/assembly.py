"""Sub-packets put together: parts of one message found by (MN, ST, CN, DataTime, PNUM), as their QNs differ (2017 C.49).

Every part holds whole factors and its own DataTime, so a caller may also use parts one by one; the assembler is for
those that need the whole message (logs, what 2005 cut anywhere) and for knowing what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from lantian.gateway.wire.packet import Packet

Key = tuple[str | None, str | None, str, datetime | None, int]


@dataclass
class Pending:
    """A message of which parts are missing."""

    key: Key
    since: float
    parts: dict[int, Packet] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        return [number for number in range(1, self.key[4] + 1) if number not in self.parts]


class Assembler:
    """Collects parts; a part that comes again replaces the first. Not thread-safe; one for each connection or gateway."""

    def __init__(self, seconds: float = 60, most: int = 1000) -> None:
        """`seconds`: how long parts wait for the others; `most`: how many messages may be waiting at a time."""
        self.seconds = seconds
        self.most = most
        self._open: dict[Key, Pending] = {}
        self._done: dict[Key, float] = {}

    def add(self, packet: Packet, now: float) -> Packet | None:
        """Take a packet at a moment (seconds of any steady clock); return the whole message when it is complete.

        A packet that is no part is returned as it is. A part of a message that was complete within the time limit
        gives None (the device sends it again because an answer was lost).
        """
        part = packet.part
        if part is None or part[0] == 1:
            return packet
        key: Key = (packet.mn, packet.st, packet.cn, packet.data_time, part[0])
        if now - self._done.get(key, float("-inf")) <= self.seconds:
            return None
        pending = self._open.setdefault(key, Pending(key, now))
        pending.parts[part[1]] = packet
        if pending.missing:
            return None
        del self._open[key]
        self._done[key] = now
        return _whole(pending)

    def expire(self, now: float) -> list[Pending]:
        """Return and forget the messages that waited too long, and the oldest above the limit of number."""
        late = [one for one in self._open.values() if now - one.since > self.seconds]
        rest = [one for one in self._open.values() if now - one.since <= self.seconds]
        late += rest[: max(0, len(rest) - self.most)]
        for one in late:
            del self._open[one.key]
        self._done = {key: at for key, at in self._done.items() if now - at <= self.seconds}
        return late


def _whole(pending: Pending) -> Packet:
    parts = [pending.parts[number] for number in sorted(pending.parts)]
    first = parts[0]
    common = tuple(entry for entry in first.entries if not entry.factor)
    seen = {entry.key for entry in common}
    items = tuple(
        entry
        for part in parts
        for entry in part.entries
        if entry.factor or (part is not first and entry.key not in seen)
    )
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    header = {name: value for name, value in first.header.items() if name not in ("PNUM", "PNO")}
    if first.flag is not None:
        header["Flag"] = str(first.flag & ~2)
    return replace(first, header=header, entries=(*common, *items), notes=notes)
