"""How the register is searched: enterprises by any of their names, codes, permit numbers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lantian.kit.search import Hit, Source, all_words, register_search
from lantian.sources.models import Outlet, Permit
from lantian.sources.queries import visible_to


def _enterprises(scope: Any, words: list[str], limit: int) -> list[Hit]:
    if not scope.may("source.view"):
        return []
    own = all_words(words, "name", "name_en", "code", "credit_code", "address", lists=("aliases",))
    numbers = Permit.objects.filter(all_words(words, "number")).values("enterprise")
    codes = Outlet.objects.filter(all_words(words, "code")).values("enterprise")
    rows = visible_to(scope).filter(own | Q(pk__in=numbers) | Q(pk__in=codes)).select_related("area").order_by("code")
    return [
        Hit(
            str(row), " · ".join(filter(None, [row.code, str(row.area or ""), row.credit_code])), row.get_absolute_url()
        )
        for row in rows[:limit]
    ]


def register() -> None:
    """Register the room's kinds (called once when Django is ready)."""
    register_search(Source("enterprise", _("Enterprises of the register"), _enterprises))
