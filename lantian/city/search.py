"""How the city room is searched: places and agencies, and people for those who manage them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lantian.city.access import Scope
from lantian.city.models import Agency, Place, User
from lantian.kit.search import Hit, Source, all_words, register_search


def _places(scope: Scope, words: list[str], limit: int) -> list[Hit]:
    if not scope.may("assignment.view"):
        return []
    found = Place.objects.filter(
        all_words(words, "name", "name_en", "code", lists=("aliases",)), is_active=True
    ).exclude(kind="city")
    return [
        Hit(str(p), f"{p.get_kind_display()} {p.code}", _place_url(p))
        for p in found.select_related("parent__parent")[:limit]
    ]


def _place_url(place: Place) -> str:
    while place.kind not in Place.AREA_KINDS and place.parent is not None:
        place = place.parent
    return reverse("plan:county", args=[place.code])


def _agencies(scope: Scope, words: list[str], limit: int) -> list[Hit]:
    if not scope.may("assignment.view"):
        return []
    found = Agency.objects.filter(all_words(words, "short", "full_name", "name_en", lists=("aliases",)), is_active=True)
    return [Hit(str(a), a.full_name, reverse("plan:agency", args=[a.pk])) for a in found[:limit]]


def _people(scope: Scope, words: list[str], limit: int) -> list[Hit]:
    if not scope.may("user.manage"):
        return []
    found = User.objects.filter(all_words(words, "username", "display_name"))
    return [Hit(str(u), u.username, reverse("city:users") + f"?q={u.username}") for u in found[:limit]]


def register() -> None:
    """Register the room's kinds (called once when Django is ready)."""
    register_search(Source("place", _("Places"), _places))
    register_search(Source("agency", _("Agencies"), _agencies))
    register_search(Source("person", _("People"), _people))
