"""The language of the moment, as the codec's data files name it."""

from __future__ import annotations

from django.utils.translation import get_language


def lang_of_page() -> str:
    """Return zh or en."""
    return "en" if (get_language() or "").startswith("en") else "zh"
