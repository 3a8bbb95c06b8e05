"""Search over everything: each room registers how it is searched; the shell asks all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

PER_KIND = 20


@dataclass(frozen=True)
class Hit:
    """One find: a title, the words around it, where to go."""

    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Source:
    """A kind of record that can be searched. `find(scope, words, limit)` returns what this person may see."""

    kind: str
    label: str | Promise
    find: Callable[[Any, list[str], int], list[Hit]]


_sources: dict[str, Source] = {}


def register_search(source: Source) -> None:
    """Register a kind once (a second, different one under the same name is an error)."""
    if source.kind in _sources and _sources[source.kind] != source:
        raise ValueError(f"search kind {source.kind!r} is registered already")
    _sources[source.kind] = source


def search(scope: Any, query: str) -> list[tuple[Source, list[Hit]]]:
    """Return the finds of every kind that has any; all words of the query must occur."""
    words = query.split()[:8]
    if not words:
        return []
    found = [(source, source.find(scope, words, PER_KIND)) for source in _sources.values()]
    return [(source, hits) for source, hits in found if hits]


def all_words(words: list[str], *fields: str, lists: tuple[str, ...] = ()) -> Any:
    """Return a Q in which every word occurs in at least one of the fields; `lists` names those that hold JSON."""
    from django.db.models import Q

    condition = Q()
    for word in words:
        any_field = Q()
        for name in fields:
            any_field |= Q(**{f"{name}__icontains": word})
        for name in lists:
            any_field |= in_list(name, word)
        condition &= any_field
    return condition


def in_list(name: str, word: str) -> Any:
    """Return a Q: the JSON of a field holds the word (SQLite keeps Chinese in it as escapes, PostgreSQL plainly)."""
    from django.db.models import Q

    condition = Q()
    for form in {word, json.dumps(word)[1:-1]}:
        condition |= Q(**{f"{name}__icontains": form})
    return condition


def around(text: str, words: list[str], width: int = 90) -> str:
    """Return the part of `text` around the first word that occurs."""
    low = text.lower()
    at = min((p for p in (low.find(w.lower()) for w in words) if p >= 0), default=0)
    start = max(0, at - width // 3)
    return ("…" if start else "") + text[start : start + width] + ("…" if start + width < len(text) else "")
