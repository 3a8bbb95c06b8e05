"""Whole numbers as addresses and forms carry them. No Django."""

from __future__ import annotations

_DIGITS = frozenset("0123456789")
_LONGEST = 18  # what every database's whole numbers hold


def whole(text: str | None) -> int | None:
    """Return the whole number that a text writes (0 to 10^18 - 1), or None where it writes none.

    Strangers write what `str.isdigit` takes and `int` or a database does not: "²", or thousands of digits.

    >>> whole("42"), whole("²"), whole("9" * 30), whole("")
    (42, None, None, None)
    """
    if not text or len(text) > _LONGEST or not _DIGITS.issuperset(text):
        return None
    return int(text)
