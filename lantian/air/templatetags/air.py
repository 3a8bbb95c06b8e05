"""How sure a number is, in words: tags of two letters are for data files."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from lantian.standards.provenance import confidence_words

register = template.Library()


@register.filter
def sure(tag: str) -> str:
    """A tag of the tables (V, V1, R-H, R-M, R-L) in words; another text as it is.

    >>> sure("unknown")
    'unknown'
    """
    return confidence_words(str(tag), "en" if (get_language() or "zh").startswith("en") else "zh")
