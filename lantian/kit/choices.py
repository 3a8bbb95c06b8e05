"""Choices that carry label and colour together. A family is registered once, by the room that owns it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

COLOURS = frozenset({"grey", "blue", "azure", "green", "lime", "yellow", "orange", "red", "purple", "dark"})


@dataclass(frozen=True)
class Choice:
    """A value as people see it. `meaning` is the sentence shown on hover and in the legend."""

    label: str | Promise
    colour: str
    meaning: str | Promise = ""

    def __post_init__(self) -> None:
        if self.colour not in COLOURS:
            raise ValueError(f"unknown colour {self.colour!r}; one of {sorted(COLOURS)}")


_families: dict[str, dict[str, Choice]] = {}


def register_family(name: str, choices: Mapping[str, Choice]) -> None:
    """Register a family; registering the same name with other choices is an error."""
    if name in _families and _families[name] != dict(choices):
        raise ValueError(f"family {name!r} is registered already")
    _families[name] = dict(choices)


def family(name: str) -> dict[str, Choice]:
    """Return a family's choices in order (KeyError when unknown)."""
    return _families[name]


def badge(name: str, value: str) -> Choice:
    """Return one choice; an unknown value shows itself in grey rather than hiding."""
    return _families[name].get(value) or Choice(str(value), "grey")
