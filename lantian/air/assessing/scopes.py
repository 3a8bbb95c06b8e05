"""Scopes: lists of places that are ranked together. They stand in city packs (`scopes.toml`), never in code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from lantian.city.pack.locate import default_pack, find_pack, pack_names

FILE = "scopes.toml"
_FIELDS = {"id", "zh", "en", "places", "source", "confidence"}


class UnknownScopeError(LookupError):
    """No pack has a scope of this name."""


class ScopeFileError(ValueError):
    """A scopes.toml is not what it should be."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Places that are ranked together, in the order of their list."""

    id: str
    zh: str
    en: str
    places: tuple[str, ...]
    source: str
    confidence: str


def read_scopes(file: Path) -> tuple[Scope, ...]:
    """Return the scopes of a file; raises ScopeFileError that names what is wrong with it."""
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8"))["scope"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise ScopeFileError(f"{file.name}: {error}: it holds [[scope]] tables in UTF-8") from error
    return tuple(_scope(row, file) for row in rows)


def _scope(row: dict[str, object], file: Path) -> Scope:
    if set(row) != _FIELDS:
        wrong = ", ".join(sorted(set(row) ^ _FIELDS))
        raise ScopeFileError(f"{file.name}, scope {row.get('id', '?')}: missing or unknown: {wrong}")
    places = row["places"]
    if not isinstance(places, list) or not places or len(set(places)) != len(places):
        raise ScopeFileError(f"{file.name}, scope {row['id']}: places must be a list of names, none of them twice")
    return Scope(**{**row, "places": tuple(places)})  # type: ignore[arg-type]


def all_scopes(pack: str | Path | None = None) -> tuple[Scope, ...]:
    """Return the scopes of a pack; without one those of the default pack and of all others, each name once."""
    known: dict[str, Scope] = {}
    for one in _packs(pack):
        file = find_pack(one) / FILE
        for scope in read_scopes(file) if file.is_file() else ():
            known.setdefault(scope.id, scope)
    return tuple(known.values())


def scope_named(name: str, pack: str | Path | None = None) -> Scope:
    """Return a scope of a pack, else of the default pack, else of any pack; raises UnknownScopeError listing them all."""
    known = {one.id: one for one in all_scopes(pack)}
    if name not in known:
        there = ", ".join(known) or f"none (a city pack lists them in {FILE})"
        raise UnknownScopeError(f"there is no scope {name!r}; there are: {there}")
    return known[name]


def _packs(pack: str | Path | None) -> list[str | Path]:
    if pack is not None:
        return [pack]
    try:
        first = [default_pack()]
    except FileNotFoundError:
        first = []
    return list(dict.fromkeys([*first, *pack_names()]))
