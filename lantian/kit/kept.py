"""Things that were made once and are kept as long as they hold: the key says everything that they follow from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Kept:
    """Keeps at most so many things; the one that nobody asked for longest goes first.

    What several threads ask for at the same time is made once, and the others wait for it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, threading.RLock] = {}
        self._guard = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under a key, or make it and keep it; raises what `make` raises, and keeps nothing then."""
        with self._guard:
            if key in self._held:
                there: T = self._found(key)
                return there
            mine = self._making.setdefault(key, threading.RLock())
        with mine:
            with self._guard:
                if key in self._held:
                    meanwhile: T = self._found(key)
                    return meanwhile
            try:
                made = make()
            except BaseException:
                with self._guard:
                    self._making.pop(key, None)
                raise
            with self._guard:
                self._held[key] = made
                self._making.pop(key, None)
                while len(self._held) > self._most:
                    self._held.popitem(last=False)
            return made

    def _found(self, key: Hashable) -> Any:
        self._held.move_to_end(key)
        return self._held[key]

    def forget(self) -> None:
        """Drop everything (for tests)."""
        with self._guard:
            self._held.clear()
