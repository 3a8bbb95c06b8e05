"""What verbs mean, in words (data/verbs.toml), for pages, refusals and the table of roles."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

from django.utils.translation import get_language


@functools.cache
def words() -> dict[str, Any]:
    """Return {"verb": {verb: {group, zh, en}}, "group": {group: {zh, en}}}."""
    path = Path(__file__).parent / "data" / "verbs.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def in_language(entry: dict[str, str]) -> str:
    """Return an entry's words in the page's language."""
    return entry["en" if (get_language() or "").startswith("en") else "zh"]


def verb_in_words(verb: str) -> str:
    """Return what a verb means, in the page's language; the verb itself when nobody described it."""
    entry = words()["verb"].get(verb)
    return in_language(entry) if entry else verb
