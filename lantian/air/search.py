"""How the air room is searched: places and stations that have data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from lantian.city.access import Scope
from lantian.kit.search import Hit, Source, register_search

if TYPE_CHECKING:
    from lantian.air.assessing.subjects import Subject


def _places(scope: Scope, words: list[str], limit: int) -> list[Hit]:
    # What reads the store takes a second to load: not when Django starts.
    from lantian.air.queries import all_subjects

    if not scope.may("air.view"):
        return []
    found = [one for one in all_subjects() if _fits(one, words)]
    return [_hit(one) for one in found[:limit]]


def _fits(one: Subject, words: list[str]) -> bool:
    """Whether every word occurs in one of the names or the code."""
    names = [text.casefold() for text in (one.name, one.zh, one.en, one.code, *one.spellings)]
    return all(any(word.casefold() in name for name in names) for word in words)


def _hit(one: Subject) -> Hit:
    from lantian.air.places.asked import last_day, place_url, subject_label
    from lantian.air.places.data import origin_label

    text = " · ".join([one.code, origin_label(one.origins[0]), f"{one.first.date()} – {last_day(one)}"]).strip(" ·")
    return Hit(subject_label(one), text, place_url(one))


def register() -> None:
    """Register the room's kinds (called once when Django is ready)."""
    register_search(Source("air", _("Places with air data"), _places))
