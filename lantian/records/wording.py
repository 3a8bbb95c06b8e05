"""Texts that are put into words later, in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise


class Wording:
    """A translatable sentence with its values, both rendered in the language that is active when it is read.

    Wording(gettext_lazy("%(round)s is due on %(day)s."), round=round, day=due) — values are turned into text only
    then, so that a place or a choice among them speaks the same language as the sentence.
    """

    def __init__(self, text: str | Promise, **values: Any) -> None:
        self.text, self.values = text, values

    def __str__(self) -> str:
        spoken: Mapping[str, Any] = {name: _spoken(value) for name, value in self.values.items()}
        return str(self.text) % spoken if spoken else str(self.text)


def _spoken(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


Words = str | Promise | Wording | Callable[[], str]


def put(words: Words) -> str:
    """Return the words in the active language."""
    return str(words()) if callable(words) and not isinstance(words, Promise | Wording) else str(words)
