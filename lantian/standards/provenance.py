"""Where the numbers of a figure come from, and which of them are not certain.

Every result of this room carries `used`: the table entries and rules that it was computed with.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Protocol, runtime_checkable

from lantian.standards.tables import Confidence

_ORDER = tuple(Confidence)  # most certain first


@runtime_checkable
class Cited(Protocol):
    """What a table's Entry and a rule book's Rule have in common."""

    @property
    def key(self) -> tuple[str, ...]: ...
    @property
    def value(self) -> object: ...
    @property
    def unit(self) -> str: ...
    @property
    def clause(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def start(self) -> dt.date | None: ...
    @property
    def until(self) -> dt.date | None: ...
    @property
    def confidence(self) -> Confidence: ...
    @property
    def edition(self) -> str: ...
    @property
    def note(self) -> str: ...


class HasUsed(Protocol):
    """A result that knows what it was computed with."""

    @property
    def used(self) -> Sequence[Cited]: ...


def confidence_words(tag: str, lang: str) -> str:
    """Return what a tag of confidence means; another text as it is.

    >>> confidence_words("R-M", "en")
    'recalled, medium confidence'
    """
    known = _confidences().get(tag)
    return tag if known is None else known["zh" if lang.startswith("zh") else "en"]


@cache
def _confidences() -> dict[str, dict[str, str]]:
    text = resources.files("lantian.standards").joinpath("data/words.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)["confidence"]
    return found


def legend(tags: Iterable[str], lang: str) -> str:
    """Return the tags that occur with their meaning, most certain first.

    >>> legend(["R-M", "V1", "V1"], "en")
    'V1: seen in one third party; R-M: recalled, medium confidence'
    """
    there = set(tags)
    sign = "：" if lang.startswith("zh") else ": "
    return ("；" if lang.startswith("zh") else "; ").join(
        f"{one.value}{sign}{confidence_words(one.value, lang)}" for one in _ORDER if one.value in there
    )


def merged(*groups: Iterable[Cited]) -> tuple[Cited, ...]:
    """Join what several results used, each entry once, in order of first use."""
    seen: dict[tuple[str, tuple[str, ...], object], Cited] = {}
    for group in groups:
        for one in group:
            seen.setdefault((one.edition, one.key, one.value), one)
    return tuple(seen.values())


def weakest(result: HasUsed) -> Confidence:
    """Return the lowest confidence among the numbers that a result used (VERIFIED when it used none)."""
    return max((one.confidence for one in result.used), key=_ORDER.index, default=Confidence.VERIFIED)


def uncertain(result: HasUsed, at_least: Confidence = Confidence.VERIFIED) -> tuple[Cited, ...]:
    """Return the numbers that a result used and that are less certain than `at_least`.

    >>> import datetime as dt
    >>> from lantian.standards import aqi, regime_at
    >>> [one.key[0] for one in uncertain(aqi(regime_at(dt.date(2020, 1, 1)), "day", {"PM2.5": 36}))]
    ['decimals.default']
    """
    limit = _ORDER.index(at_least)
    return tuple(one for one in result.used if _ORDER.index(one.confidence) > limit)


def cite(one: Cited) -> dict[str, str | list[str]]:
    """Return an entry as a plain dictionary of texts, for JSON and tables."""
    value = one.value
    return {
        "key": list(one.key),
        "value": [str(part) for part in value] if isinstance(value, tuple) else str(value),
        "unit": one.unit,
        "clause": one.clause,
        "source": one.source,
        "edition": one.edition,
        "from": str(one.start or ""),
        "until": str(one.until or ""),
        "confidence": one.confidence.value,
        "note": one.note,
    }


def provenance(result: HasUsed) -> list[dict[str, str | list[str]]]:
    """Return every number that a result used with value, unit, clause, source, interval and confidence."""
    return [cite(one) for one in result.used]
