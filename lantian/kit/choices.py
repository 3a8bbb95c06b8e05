"""Choices that carry label and colour together. A family is registered once, by the room that owns it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

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


def badge_html(name: str, value: str) -> SafeString:
    """Return a choice as a badge with its label and colour, in the language of the moment."""
    if value in _families[name]:
        return _badge_html(name, value, get_language())
    return _written(badge(name, value), value)  # whatever somebody wrote is not kept in memory


@lru_cache(maxsize=2048)
def _badge_html(name: str, value: str, language: str | None) -> SafeString:
    return _written(_families[name][value], value)


def _written(choice: Choice, value: str) -> SafeString:
    return format_html('<span class="badge lt-{}" data-value="{}">{}</span>', choice.colour, value, choice.label)
