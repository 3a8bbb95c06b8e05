"""Names as numbers: factors and suffixes get ids when they are first seen, the same in every batch of one decoder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lantian.gateway.wire.grammar import OTHER_LETTERS

LONGEST = 24
# Suffixes the kernel knows by number (kernel.py), then those of the standard.
SUFFIXES = (
    "",
    "Flag",
    "DataTime",
    "ST",
    "MN",
    "Rtd",
    "Avg",
    "Min",
    "Max",
    "Cou",
    "ZsRtd",
    "ZsAvg",
    "ZsMin",
    "ZsMax",
    "EFlag",
    "SampleTime",
    "RS",
    "RT",
)
# Names in other letters: frames with these are the reference's. They stand behind the others.
ODD = tuple(OTHER_LETTERS)
FACTORS = ("",)  # of fields that belong to no factor
_MULTIPLIER = np.int64(-7046029254386353131)


class Names:
    """One growing list of names with a hash table that the kernel reads and extends. At most `most` names."""

    def __init__(self, first: tuple[str, ...], most: int) -> None:
        size = 1 << (2 * most - 1).bit_length()
        self.slots: npt.NDArray[np.int32] = np.full(size, -1, dtype=np.int32)
        self.keys: npt.NDArray[np.int64] = np.zeros((most, 4), dtype=np.int64)
        self._texts: list[str] = []
        self._ids: dict[str, int] = {}
        self.count = 0
        for name in first:
            self._add(name.encode())
        self.sync(self.count)

    def _add(self, name: bytes) -> None:
        words = [_word(name[at : at + 8]) for at in (0, 8, 16)]
        self.keys[self.count] = (*words, len(name))
        slot = _hash(self.keys[self.count]) & (self.slots.size - 1)
        while self.slots[slot] >= 0:
            slot = (slot + 1) & (self.slots.size - 1)
        self.slots[slot] = self.count
        self.count += 1

    def identify(self, name: str) -> int:
        """Return the id of a name that the reference found (of any length and characters), new if need be."""
        if not self._ids or len(self._ids) != self.count:
            self._ids = {text: known for known, text in enumerate(self._texts)}
        known = self._ids.get(name)
        if known is None:
            known = self._ids[name] = self._foreign(name)
        return known

    def _foreign(self, name: str) -> int:
        """A name that came past the kernel; one that does not fit its table gets an id that the table does not have."""
        if name.isascii() and 0 < len(name) <= LONGEST and self.count < len(self.keys):
            self._add(name.encode())
        else:
            if self.count < len(self.keys):
                self.keys[self.count] = (0, 0, 0, -1)
            self.count += 1
        self._texts.append(name)
        return self.count - 1

    def sync(self, count: int) -> None:
        """Take over what the kernel added."""
        self.count = count
        for known in range(len(self._texts), count):
            self._texts.append(self._text(known))

    def _text(self, known: int) -> str:
        length = int(self.keys[known, 3])
        sizes = (min(length, 8), min(max(length - 8, 0), 8), max(length - 16, 0))
        parts = ((int(word) & (1 << 64) - 1).to_bytes(8, "big") for word in self.keys[known, :3])
        return b"".join(part[8 - size :] for part, size in zip(parts, sizes, strict=True)).decode("ascii")

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self._texts)

    @property
    def nearly_full(self) -> bool:
        return self.count > 0.9 * len(self.keys)


def _word(part: bytes) -> int:
    value = int.from_bytes(part, "big")
    return value - (1 << 64) if value >> 63 else value


def _hash(key: npt.NDArray[np.int64]) -> int:
    with np.errstate(over="ignore"):
        mixed = (key[0] ^ key[1] * np.int64(31) ^ key[2] * np.int64(1000003) ^ key[3]) * _MULTIPLIER
    return int(mixed >> np.int64(29))
