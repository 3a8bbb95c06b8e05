"""What the standards say about commands (CN), systems (ST), answers and data flags: data/commands.toml as a lookup."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from lantian.gateway.wire import words

ALL_EDITIONS = ("2005", "2017", "2025", "surface-water")


@dataclass(frozen=True)
class Command:
    """A command. `kind`: request, upload, notice, reply. `reply`: CN of the host's answer when the device asks for one.

    `label`: what DataTime means (instant, start, or "" when there is none); `step`: minutes of the interval (0: the
    device's own interval or none). `needs`/`may`: parameters of the request by edition; `open`: it takes others as well.
    """

    cn: str
    kind: str
    zh: str
    en: str
    editions: tuple[str, ...]
    reply: str
    label: str
    step: int
    sure: str
    open: bool
    row: dict[str, Any]

    def needs(self, edition: str) -> tuple[str, ...]:
        return self._of("needs", edition)

    def may(self, edition: str) -> tuple[str, ...]:
        return self._of("may", edition)

    def order(self, edition: str) -> tuple[str, ...]:
        """Return the parameters in the order in which the standard prints them."""
        names = [name for key in self.row if key in ("needs", "may") for name in self._of(key, edition)]
        return tuple(names)

    def _of(self, key: str, edition: str) -> tuple[str, ...]:
        names = self.row.get(key, ())
        return tuple(names.get(edition, ()) if isinstance(names, dict) else names)


@cache
def _data() -> dict[str, Any]:
    return words.load("commands")


@cache
def commands() -> dict[str, Command]:
    """Return the commands by CN."""
    return {
        cn: Command(
            cn,
            row["kind"],
            row["zh"],
            row["en"],
            tuple(row.get("editions", ALL_EDITIONS)),
            row.get("reply", ""),
            row.get("label", ""),
            row.get("step", 0),
            row.get("sure", "read"),
            row.get("open", False),
            row,
        )
        for cn, row in _data()["commands"].items()
    }


@cache
def systems() -> dict[str, dict[str, Any]]:
    """Return the system codes (ST) with their names."""
    return dict(_data()["systems"])


@cache
def parameters() -> dict[str, dict[str, Any]]:
    """Return the forms of the parameters of requests."""
    return dict(_data()["parameters"])


@cache
def answer_words(field: str) -> dict[str, dict[str, str]]:
    """Return the words of QnRtn or ExeRtn by code."""
    return dict(_data()["answers"][field])


@cache
def marks() -> frozenset[str]:
    """Return the data flags of all editions (devices mix them)."""
    return frozenset(mark for group in _data()["marks"].values() for mark in group)
