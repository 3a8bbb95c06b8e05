"""Bulletins that rest on measured figures which changed after they went out.

A bulletin that prints such a figure keeps its lineage in its content: `content["rests_on"]` is a list of
{"source" or "place", "quantity", "from", "until"} (days, `until` not in it). A bulletin itself is never changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lantian.observations.hooks import connect_dependants

KEY = "rests_on"


def register() -> None:
    """Let the store ask for bulletins (at start-up)."""
    connect_dependants("bulletins", bulletins)


def rests_on(quantity: str, first: dt.date, until: dt.date, *, source: str = "", place: str = "") -> dict[str, str]:
    """Return one entry of a bulletin's lineage; it names a source of the store or a place."""
    if bool(source) == bool(place):
        raise ValueError("a figure rests on a source or on a place, one of them")
    named = {"source": source} if source else {"place": place}
    return {**named, "quantity": quantity, "from": first.isoformat(), "until": until.isoformat()}


def bulletins(changed: Sequence[Any]) -> Iterator[Any]:
    """Yield the bulletins of which a figure rests on one of the changed periods (`dependency.Affected`), with the figures
    that would be others now."""
    from lantian.bulletins.air import changed_since
    from lantian.bulletins.models import Bulletin
    from lantian.observations.dependency import Dependant, GivenOut

    for one in Bulletin.objects.filter(content__has_key=KEY).only("pk", "title", "number", "content"):
        if any(_touches(entry, each) for entry in _entries(one.content) for each in changed):
            label = " ".join(filter(None, (one.number, one.title)))
            figures = tuple(GivenOut(each.label, each.stood, each.now) for each in changed_since(one.content))
            yield Dependant("bulletin", str(one.pk), label, "bulletins:bulletin", figures)


def _entries(content: Mapping[str, Any]) -> Iterable[Mapping[str, str]]:
    found: Iterable[Mapping[str, str]] = content.get(KEY, ())
    return found


def _touches(entry: Mapping[str, str], one: Any) -> bool:
    same = entry.get("source") == one.source or ("place" in entry and entry["place"] == one.place)
    first, until = (dt.date.fromisoformat(entry[name]) for name in ("from", "until"))
    return same and entry["quantity"] == one.quantity and first < one.period_to and one.period_from < until
