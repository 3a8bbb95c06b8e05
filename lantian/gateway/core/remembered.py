"""Packets that were delivered lately, by digest: one that comes again is left out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import numpy as np
import numpy.typing as npt

from lantian.gateway.core.archive import Archive, Digests

_YOUNG = 64


class Remembered:
    """The newest `most` digests, or some more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._order: list[Digests] = []
        self._old: Digests = np.empty(0, np.uint64)
        self._young: list[Digests] = []

    @classmethod
    def load(cls, archive: Archive, most: int, waiting: Mapping[str, int]) -> Remembered:
        """Return those of the archive's last chunks; `waiting`: {inbox: first group that is not delivered yet}."""
        found = cls(most)
        chunks, count = [], 0
        for path in reversed(archive.days()):
            for chunk in reversed(list(archive.chunks([path]))):
                if chunk.last < waiting.get(chunk.inbox, chunk.last + 1):
                    chunks.append(chunk)
                    count += chunk.packets
                if count >= most:
                    break
            if count >= most:
                break
        for chunk in reversed(chunks):
            found.add(archive.digests(chunk))
        return found

    def fresh(self, digests: Digests) -> npt.NDArray[np.bool_]:
        """Return which are new; of equal ones among them the first."""
        known = np.zeros(len(digests), dtype=np.bool_)
        for one in (self._old, *self._young):
            if len(one):
                at = np.minimum(np.searchsorted(one, digests), len(one) - 1)
                known |= one[at] == digests
        first = np.zeros(len(digests), dtype=np.bool_)
        first[np.unique(digests, return_index=True)[1]] = True
        return first & ~known

    def add(self, digests: Digests) -> None:
        """Remember what was delivered."""
        if not len(digests):
            return
        self._order.append(digests)
        self._young.append(np.sort(digests))
        if len(self._young) > _YOUNG:
            self._settle()

    def _settle(self) -> None:
        total = sum(map(len, self._order))
        gone = 0
        for one in islice(self._order, len(self._order) - 1):
            if total - len(one) < self._most:
                break
            total -= len(one)
            gone += 1
        self._order = [np.concatenate(self._order[gone:])] if len(self._order) > gone + _YOUNG else self._order[gone:]
        self._old = np.sort(np.concatenate(self._order))
        self._young = []
