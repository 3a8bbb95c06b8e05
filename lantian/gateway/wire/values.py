"""Numbers and times as the wire writes them."""

from __future__ import annotations

import re
from datetime import datetime

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?", re.ASCII)


def number(text: str) -> float | None:
    """Return the number that a value's text is (`-1.5`, `061.0`, `.5`, `1e-3`); None for text and for no number at all."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if value - value == 0 else None


def local_time(text: str) -> datetime | None:
    """Return the time of 14 digits (yyyymmddhhmmss), local clock without a zone; None if it is no such time."""
    if len(text) != 14 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime(  # noqa: DTZ001 -- the wire says no zone; the city's offset is applied by whoever knows it
            int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), int(text[10:12]), int(text[12:])
        )
    except ValueError:
        return None


def is_qn(text: str) -> bool:
    """Tell whether a QN is a time of 17 digits (yyyymmddhhmmss and milliseconds)."""
    return len(text) == 17 and text.isascii() and text.isdigit() and local_time(text[:14]) is not None


def qn(moment: datetime) -> str:
    """Return the QN of a local time (17 digits)."""
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"


def stamp(moment: datetime) -> str:
    """Return a local time as 14 digits."""
    return f"{moment:%Y%m%d%H%M%S}"
