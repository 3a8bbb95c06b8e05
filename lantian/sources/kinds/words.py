"""Words of data files in two languages: industries, kinds of equipment, pollutants of stacks."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

from django.utils.functional import lazystr
from django.utils.translation import get_language

_DATA = Path(__file__).parent.parent / "data"
Choices = tuple[tuple[str, Any], ...]


@functools.cache
def _read(file: str, table: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = tomllib.loads((_DATA / file).read_text(encoding="utf-8"))[table]
    return found


class Word:
    """A word of a data file in the language of the moment."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


def _choices(file: str, table: str) -> Choices:
    return tuple((key, lazystr(Word(entry["zh"], entry["en"]))) for key, entry in _read(file, table).items())


@functools.cache
def industries() -> Choices:
    """Return (word, name) of every type of plant."""
    return _choices("industries.toml", "industry")


@functools.cache
def equipment_kinds() -> Choices:
    """Return (word, name) of every kind of equipment."""
    return _choices("kinds.toml", "kind")


@functools.cache
def quantities() -> Choices:
    """Return (factor of HJ 212, name) of every pollutant that a stack may have a limit of."""
    return _choices("quantities.toml", "quantity")


def industry_of_class(code: str) -> str:
    """Return the type of plant of a class of GB/T 4754 ("C2521" or "2521"), "" when none or several have it."""
    digits = code.lstrip("ABCDEFGHIJKLMNOPQRST")
    found = [
        (len(start), word)
        for word, entry in _read("industries.toml", "industry").items()
        for start in entry["gb4754"]
        if digits.startswith(start)
    ]
    longest = max((length for length, _word in found), default=0)
    words = [word for length, word in found if length == longest]
    return words[0] if len(words) == 1 else ""


@functools.cache
def spellings(reads: str) -> dict[str, str]:
    """Return {another spelling: value} of the choices of a column, from data/spellings.toml."""
    table = _read("spellings.toml", "spellings").get(reads, {})
    return {str(said): value for value, all_said in table.items() for said in all_said}
