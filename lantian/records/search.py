"""How evidence is searched."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lantian.kit.search import Hit, Source, all_words, register_search
from lantian.records.queries import evidence_visible_to


def _evidence(scope: Any, words: list[str], limit: int) -> list[Hit]:
    rows = evidence_visible_to(scope).filter(all_words(words, "title", "name", "review_note")).order_by("-id")[:limit]
    return [
        Hit(str(row), f"{row.effective_on.isoformat()} · {row.name}", reverse("records:evidence", args=[row.pk]))
        for row in rows
    ]


def register() -> None:
    """Register the kinds of this room (at start-up)."""
    register_search(Source("evidence", _("Evidence"), _evidence))
