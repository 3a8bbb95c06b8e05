"""Raw packets as they came, compressed, one file for each day; forgotten after the time that the limits say.

A chunk is what one delivery took out of an inbox. It is on disk before the inbox lets go of the packets. Chunks also
remember a digest of every packet, by which one that a device sent twice is known.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lantian.gateway.core.groups import Group, lengths_from_bytes, lengths_to_bytes
from lantian.observations.durable import make_folder, sync_folder

_MAGIC = b"LTRW"
_HEAD = struct.Struct("<4sIIII")  # magic, bytes of the description, of the digests, of the content; check sum
_CODEC = "zstd"
SUFFIX = ".raw"
Digests = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a chunk says of itself. `first`, `last`: numbers of groups; `begin`, `end`: microseconds since 1970."""

    inbox: str
    first: int
    last: int
    begin: int
    end: int
    packets: int
    size: int
    mns: tuple[str, ...]
    path: Path
    at: int
    digests: int
    content: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A raw packet: when it came (microseconds since 1970), how (a kind of `groups`), its bytes."""

    at: int
    kind: int
    raw: bytes


def digest(raw: bytes) -> int:
    """Return 64 bits by which a packet is known again."""
    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "little")


class Archive:
    """The raw packets of a data folder. One process writes."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "gateway" / "raw"
        self._ends: dict[Path, int] = {}
        self._last: dict[str, int] | None = None

    def last(self, inbox: str) -> int:
        """Return the number of the newest group of an inbox that is kept (0 for none), as far back as two files reach."""
        if self._last is None:
            self._last = {}
            for chunk in self.chunks(self.days()[-2:]):
                self._last[chunk.inbox] = max(chunk.last, self._last.get(chunk.inbox, 0))
        return self._last.get(inbox, 0)

    def append(self, inbox: str, groups: Sequence[Group], digests: Digests, mns: Sequence[str]) -> None:
        """Put groups on disk; they are when this returns. Raises OSError (a full disk): then nothing is there."""
        self.last(inbox)
        make_folder(self.folder)
        path = self.folder / f"{_day(groups[0].at)}{SUFFIX}"
        content = _packed(groups)
        said = {
            "inbox": inbox, "first": groups[0].seq, "last": groups[-1].seq,
            "begin": min(one.at for one in groups), "end": max(one.at for one in groups),
            "packets": sum(map(len, groups)), "size": sum(len(one.body) for one in groups), "mns": list(mns),
        }  # fmt: skip
        described = json.dumps(said, ensure_ascii=False).encode()
        seen = digests.astype("<u8").tobytes()
        total = zlib.crc32(content, zlib.crc32(seen, zlib.crc32(described)))
        new = not path.exists()
        end = self._ends[path] if path in self._ends else _sound_end(path)
        with path.open("r+b" if not new else "wb") as file:
            file.seek(end)
            file.truncate()
            try:
                file.write(
                    _HEAD.pack(_MAGIC, len(described), len(seen), len(content), total) + described + seen + content
                )
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(path, end)
                raise
            self._ends = {path: file.tell()}
        if new:
            sync_folder(self.folder)
        assert self._last is not None
        self._last[inbox] = groups[-1].seq

    def days(self) -> list[Path]:
        """Return the files, oldest first."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def chunks(self, paths: Sequence[Path] | None = None) -> Iterator[Chunk]:
        """Yield what the chunks of files say, oldest first; a torn end is left out."""
        for path in self.days() if paths is None else paths:
            yield from (chunk for chunk, _ in _chunks(path))

    def digests(self, chunk: Chunk) -> Digests:
        with chunk.path.open("rb") as file:
            file.seek(chunk.at)
            return np.frombuffer(file.read(chunk.digests), dtype="<u8").astype(np.uint64)

    def packets(self, chunk: Chunk) -> Iterator[Kept]:
        """Yield the packets of a chunk."""
        with chunk.path.open("rb") as file:
            file.seek(chunk.at + chunk.digests)
            yield from _unpacked(file.read(chunk.content))

    def find(self, mn: str, start: dt.datetime, end: dt.datetime) -> Iterator[Kept]:
        """Yield the packets of a device that came in a time (aware)."""
        low, high = int(start.timestamp() * 1e6), int(end.timestamp() * 1e6)
        days = [path for path in self.days() if _day(low - 86_400_000_000) <= path.stem <= _day(high)]
        for chunk in self.chunks(days):
            if mn in chunk.mns and chunk.begin < high and chunk.end >= low:
                name = mn.encode()
                yield from (one for one in self.packets(chunk) if name in one.raw and low <= one.at < high)

    def forget(self, before: dt.date) -> list[str]:
        """Remove the files of days before a day (UTC); return their names."""
        gone = [path for path in self.days() if path.stem < before.isoformat()]
        for path in gone:
            path.unlink()
        if gone:
            sync_folder(self.folder)
        return [path.name for path in gone]


def _day(at: int) -> str:
    return dt.datetime.fromtimestamp(at / 1e6, dt.UTC).date().isoformat()


def _packed(groups: Sequence[Group]) -> bytes:
    parts = [struct.pack("<I", len(groups))]
    for one in groups:
        parts.append(struct.pack("<QBI", one.at, one.kind, len(one)))
        parts.append(lengths_to_bytes(one.lengths))
    plain = b"".join([*parts, *(one.body for one in groups)])
    return struct.pack("<Q", len(plain)) + bytes(pa.compress(plain, codec=_CODEC, asbytes=True))


def _unpacked(content: bytes) -> Iterator[Kept]:
    (size,) = struct.unpack_from("<Q", content)
    plain: bytes = pa.decompress(content[8:], decompressed_size=size, codec=_CODEC, asbytes=True)
    (count,) = struct.unpack_from("<I", plain)
    at = 4
    groups = []
    for _ in range(count):
        moment, kind, number = struct.unpack_from("<QBI", plain, at)
        at += 13
        groups.append((moment, kind, lengths_from_bytes(plain[at : at + 4 * number])))
        at += 4 * number
    for moment, kind, lengths in groups:
        for length in lengths:
            yield Kept(moment, kind, plain[at : at + length])
            at += length


def _chunks(path: Path) -> Iterator[tuple[Chunk, int]]:
    """Yield the chunks of a file and where each ends."""
    size = path.stat().st_size if path.exists() else 0
    if not size:
        return
    with path.open("rb") as file:
        at = 0
        while at + _HEAD.size <= size:
            file.seek(at)
            magic, described, seen, content, _ = _HEAD.unpack(file.read(_HEAD.size))
            end = at + _HEAD.size + described + seen + content
            if magic != _MAGIC or end > size:
                return
            said: dict[str, Any] = json.loads(file.read(described))
            mns = tuple(said.pop("mns"))
            yield Chunk(**said, mns=mns, path=path, at=at + _HEAD.size + described, digests=seen, content=content), end
            at = end


def _sound_end(path: Path) -> int:
    """Return where the last whole chunk ends: what a crash left behind it is written over."""
    last, before = 0, 0
    for _, end in _chunks(path):
        before, last = last, end
    return last if last == 0 or _is_sound(path, before, last) else before


def _is_sound(path: Path, begin: int, end: int) -> bool:
    with path.open("rb") as file:
        file.seek(begin)
        data = file.read(end - begin)
    return zlib.crc32(data[_HEAD.size :]) == int(_HEAD.unpack(data[: _HEAD.size])[4])
