"""Many packets as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import numpy as np
import numpy.typing as npt

from lantian.gateway.wire.framing import Frame
from lantian.gateway.wire.packet import HEADER, Decoded, Entry, Packet

EDITIONS = ("2005", "2017", "2025", "surface-water")
NOTES = {1: "st_unknown", 2: "cn_unknown", 4: "pw_form", 8: "mn_form", 16: "flag_without_part"}
NO_TIME = np.iinfo(np.int64).min
Ints = npt.NDArray[np.int64]
SmallInts = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Batch:
    """What `decode_many` found: a column entry for each frame, and one for each `key=value` of the accepted ones.

    Frames: `ok`; `starts`, `ends` in `buffer`; `header_at`, `header_length` [frame, field of packet.HEADER] (length -1:
    absent); `cn` (-1: no number); `flag` (-1: none); `edition` (index of EDITIONS); `pnum`, `pno` (0: whole);
    `data_time` (seconds since 1970 of the device's local clock, NO_TIME: none; `.view("datetime64[s]")`).
    Values, in the order of the frames: `packet` (index of the frame), `factor`, `suffix` (indices of `factors`,
    `suffixes`; factor 0: a field of no factor), `value` (NaN: no number), `mark` (the letter of the factor's -Flag, 0: none,
    255: more than a letter), `text_at`, `text_length` (in `buffer`; -1: see `judged`).
    `judged`: what the reference said of the frames that are not plain, refused ones among them.
    """

    buffer: bytes
    starts: Ints
    ends: Ints
    ok: npt.NDArray[np.bool_]
    header_at: Ints
    header_length: Ints
    cn: Ints
    flag: Ints
    edition: Ints
    notes: Ints
    pnum: Ints
    pno: Ints
    data_time: Ints
    packet: SmallInts
    factor: SmallInts
    suffix: SmallInts
    text_at: SmallInts
    text_length: SmallInts
    mark: SmallInts
    value: npt.NDArray[np.float64]
    factors: tuple[str, ...]
    suffixes: tuple[str, ...]
    judged: Mapping[int, Decoded]

    def __len__(self) -> int:
        return len(self.starts)

    def field(self, name: str, index: int) -> str | None:
        """Return a header field of a frame as text; None if it is absent or the frame was refused."""
        if index in self.judged:
            packet = self.judged[index].packet
            return packet.header.get(name) if packet else None
        column = HEADER.index(name)
        length = int(self.header_length[index, column])
        at = int(self.header_at[index, column])
        return self.buffer[at : at + length].decode("ascii") if length >= 0 else None

    def error(self, index: int) -> str | None:
        """Return why a frame was refused; None if it was not."""
        return self.judged[index].error if index in self.judged else None

    def decoded(self, index: int) -> Decoded:
        """Return one frame as the reference would."""
        known = self.judged.get(index)
        if known is not None:
            return known
        frame = self.frame(index)
        return Decoded(True, None, self._packet(index), frame, (), {}, frame.crc)

    def frame(self, index: int) -> Frame:
        """Return the frame (only of those that the reference had nothing to say about)."""
        raw = self.buffer[int(self.starts[index]) : int(self.ends[index])]
        return Frame(raw, raw[6:-6], raw[-6:-2].decode("ascii"), len(raw) - 12, ())

    def _packet(self, index: int) -> Packet:
        header = {name: text for name in HEADER if (text := self.field(name, index)) is not None}
        first, last = np.searchsorted(self.packet, (index, index + 1))
        seconds = int(self.data_time[index])
        notes = tuple(code for bit, code in NOTES.items() if int(self.notes[index]) & bit)
        return Packet(
            header,
            tuple(self._entry(row) for row in range(first, last)),
            EDITIONS[int(self.edition[index])],
            None if seconds == NO_TIME else _time(seconds),
            notes,
        )

    def _entry(self, row: int) -> Entry:
        at = int(self.text_at[row])
        text = self.buffer[at : at + int(self.text_length[row])].decode("ascii")
        return Entry(self.factors[self.factor[row]], self.suffixes[self.suffix[row]], text)

    def _firsts(self) -> Ints:
        """Return the rows at which another factor or frame begins."""
        if not len(self.packet):
            return np.zeros(0, dtype=np.int64)
        changes = np.flatnonzero((np.diff(self.packet) != 0) | (np.diff(self.factor) != 0)) + 1
        return np.concatenate([np.zeros(1, dtype=np.int64), changes])

    def texts(self) -> list[dict[str, dict[str, str]]]:
        """Return {factor: {suffix: text}} for each frame ({} for refused ones); fields of no factor under ""."""
        whole = self.buffer.decode("latin-1")
        ends = self.text_at + self.text_length
        texts = [whole[at:end] for at, end in zip(self.text_at.tolist(), ends.tolist(), strict=True)]
        pairs = zip([self.suffixes[suffix] for suffix in self.suffix.tolist()], texts, strict=True)
        firsts = self._firsts()
        groups = [dict(islice(pairs, size)) for size in np.diff(firsts, append=len(texts)).tolist()]
        names = [self.factors[factor] for factor in self.factor[firsts].tolist()]
        named = zip(names, groups, strict=True)
        sizes = np.bincount(self.packet[firsts], minlength=len(self)).tolist()
        found = [dict(islice(named, size)) for size in sizes]
        at = 0
        for items, size in zip(found, sizes, strict=True):
            if len(items) < size:  # a factor stood in two places
                items.clear()
                for name, group in zip(names[at : at + size], groups[at : at + size], strict=True):
                    items.setdefault(name, {}).update(group)
            at += size
        for index, decoded in self.judged.items():
            if decoded.packet:
                plain = {"": decoded.packet.cp} if decoded.packet.cp else {}
                found[index] = {**plain, **decoded.packet.items}
        return found


def _time(seconds: int) -> datetime:
    moment: datetime = np.datetime64(seconds, "s").item()
    return moment
