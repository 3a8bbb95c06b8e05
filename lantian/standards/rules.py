"""Dated rules that are more than numbers: an item list, a word, a yes or no; each with clause, source and how sure.

A rule book is a TOML file of sets (one edition of a standard each), shaped like the tables of `tables.py`:

    [rules]
    name = "aqi_rules"

    [[set]]
    id = "hj633-2026"
    source = "HJ 633-2026"
    from = 2026-03-01
    confidence = "V"
    rules = [ { key = "cap", value = 500, unit = "1", clause = "4.1.1" } ]

Like a table, a rule book is asked with a day; there is no default edition.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, TypeAlias

from lantian.standards.tables import (
    Confidence,
    NoSuchEntryError,
    OutOfForceError,
    TableError,
    checked_day,
    checked_number,
    checked_unit,
)

RuleValue: TypeAlias = Decimal | str | bool | tuple[str, ...]

_FIELDS = frozenset({"key", "value", "unit", "clause", "source", "from", "until", "confidence", "note"})
_INHERITED = frozenset({"source", "from", "until", "confidence", "note", "clause", "unit"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of an edition, in force from `start` to `until` (both inclusive; None = open). Words have no unit ("")."""

    key: tuple[str, ...]
    value: RuleValue
    unit: str
    clause: str
    source: str
    start: dt.date | None
    until: dt.date | None
    confidence: Confidence
    edition: str
    note: str = ""


class Edition:
    """The rules of one edition, read by key with the kind of value that the caller expects."""

    def __init__(self, book: str, name: str, start: dt.date, until: dt.date | None, rules: Iterable[Rule]) -> None:
        self.book, self.name, self.start, self.until = book, name, start, until
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.key[0] in self._rules:
                raise ValueError(f"edition {name}: rule {rule.key[0]} is there twice")
            self._rules[rule.key[0]] = rule

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def __contains__(self, key: object) -> bool:
        return key in self._rules

    def get(self, key: str) -> Rule | None:
        """Return the rule, or None where the edition has none."""
        return self._rules.get(key)

    def rule(self, key: str) -> Rule:
        """Return the rule; raises NoSuchEntryError."""
        found = self._rules.get(key)
        if found is None:
            raise NoSuchEntryError(f"{self.book}, edition {self.name}: no rule {key!r}")
        return found

    def number(self, key: str) -> Decimal:
        """Return a rule's number; raises NoSuchEntryError, TypeError when the rule is no number."""
        value = self.rule(key).value
        if not isinstance(value, Decimal):
            raise TypeError(f"{self.book}, edition {self.name}: rule {key!r} is no number but {value!r}")
        return value

    def whole(self, key: str) -> int:
        """Return a rule's whole number; raises NoSuchEntryError, TypeError."""
        value = self.number(key)
        if value != value.to_integral_value():
            raise TypeError(f"{self.book}, edition {self.name}: rule {key!r} is no whole number but {value}")
        return int(value)

    def text(self, key: str) -> str:
        """Return a rule's word; raises NoSuchEntryError, TypeError."""
        value = self.rule(key).value
        if not isinstance(value, str):
            raise TypeError(f"{self.book}, edition {self.name}: rule {key!r} is no word but {value!r}")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """Return a rule's list of names; raises NoSuchEntryError, TypeError."""
        value = self.rule(key).value
        if not isinstance(value, tuple):
            raise TypeError(f"{self.book}, edition {self.name}: rule {key!r} is no list but {value!r}")
        return value

    def for_pollutant(self, topic: str, pollutant: str) -> Rule:
        """Return the rule `topic.POLLUTANT`, else `topic.default`; raises NoSuchEntryError."""
        return self.get(f"{topic}.{pollutant}") or self.rule(f"{topic}.default")


class RuleBook:
    """All editions of one file, found by day or by name."""

    def __init__(self, name: str, editions: Iterable[Edition]) -> None:
        self.name = name
        self.editions = tuple(sorted(editions, key=lambda one: one.start))
        faults = [
            f"edition {one.name} overlaps {two.name}"
            for one, two in pairwise(self.editions)
            if one.until is None or two.start <= one.until
        ]
        if faults:
            raise TableError(name, faults)

    def at(self, day: dt.date) -> Edition:
        """Return the edition in force on `day`; raises OutOfForceError, TypeError for a datetime."""
        if isinstance(day, dt.datetime) or not isinstance(day, dt.date):
            raise TypeError(f"a rule book is asked by local date, not by {day!r}")
        for one in self.editions:
            if one.start <= day and (one.until is None or day <= one.until):
                return one
        known = ", ".join(f"{one.start}..{one.until or '…'}" for one in self.editions)
        raise OutOfForceError(f"{self.name}: nothing in force on {day}; known intervals: {known}")


def read_rules(text: str) -> RuleBook:
    """Build a rule book from TOML text; raises TableError with every fault of the file."""
    data = tomllib.loads(text, parse_float=Decimal)
    name = data["rules"]["name"]
    editions, faults = [], []
    for one in data["set"]:
        defaults = {field: value for field, value in one.items() if field in _INHERITED}
        rules = []
        for row in one["rules"]:
            try:
                rules.append(_rule({**defaults, **row}, one["id"]))
            except (ValueError, TypeError, KeyError) as fault:
                faults.append(f"set {one['id']}, rule {row.get('key', '?')}: {fault}")
        try:
            editions.append(Edition(name, one["id"], one["from"], one.get("until"), rules))
        except ValueError as fault:
            faults.append(str(fault))
    if faults:
        raise TableError(name, faults)
    return RuleBook(name, editions)


def _rule(row: Mapping[str, Any], edition: str) -> Rule:
    if unknown := set(row) - _FIELDS:
        raise ValueError(f"unknown field {', '.join(sorted(unknown))}")
    if missing := (_FIELDS - {"until", "note", "unit"}) - set(row):
        raise ValueError(f"missing field {', '.join(sorted(missing))}")
    value, unit = _value(row["value"]), row.get("unit", "")
    if isinstance(value, Decimal):
        unit = checked_unit(unit)
    elif unit:
        raise ValueError("only a number has a unit")
    return Rule(
        key=(row["key"],),
        value=value,
        unit=unit,
        clause=row["clause"],
        source=row["source"],
        start=checked_day(row, "from"),
        until=checked_day(row, "until"),
        confidence=Confidence(row["confidence"]),
        edition=edition,
        note=row.get("note", ""),
    )


def _value(value: object) -> RuleValue:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(value)
    return checked_number(value)


@cache
def rule_book(name: str) -> RuleBook:
    """Return one of this project's rule books (`data/<name>.toml`); raises NoSuchEntryError, TableError."""
    file = resources.files(__package__).joinpath(f"data/{name}.toml")
    if not name.isidentifier() or not file.is_file():
        raise NoSuchEntryError(f"there is no rule book {name!r}")
    return read_rules(file.read_text(encoding="utf-8"))
