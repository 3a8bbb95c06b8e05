"""Series: where values come from, and in which order they are taken (`data/series.toml`). A source is `<series>:<name>`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

CITY, AREA, STATION = "city", "area", "station"
HOUR, DAY = "hour", "day"


class UnknownSeriesError(LookupError):
    """No series has this name."""


@dataclass(frozen=True, slots=True)
class Series:
    """One origin of values. `order`: smaller is preferred; `synthetic`: invented, for demonstrations."""

    id: str
    kind: str
    step: str
    zh: str
    en: str
    order: int
    synthetic: bool = False

    def name(self, lang: str) -> str:
        return self.zh if lang.startswith("zh") else self.en

    def source(self, name: str) -> str:
        """What stands in the store's column `source`."""
        return f"{self.id}:{name}"


@cache
def all_series() -> tuple[Series, ...]:
    """All series, in their order of preference; raises ValueError for a kind or step that nobody knows."""
    text = resources.files("lantian.air").joinpath("data/series.toml").read_text(encoding="utf-8")
    found = tuple(_series(row) for row in tomllib.loads(text)["series"])
    return tuple(sorted(found, key=lambda one: (one.synthetic, one.order)))


def _series(row: dict[str, Any]) -> Series:
    one = Series(**row)
    if one.kind not in (CITY, AREA, STATION) or one.step not in (HOUR, DAY):
        raise ValueError(f"series {one.id}: unknown kind or step: {one.kind}, {one.step}")
    return one


@cache
def _by_id() -> dict[str, Series]:
    return {one.id: one for one in all_series()}


def series_named(name: str) -> Series:
    """Return a series; raises UnknownSeriesError listing them all."""
    try:
        return _by_id()[name]
    except KeyError:
        raise UnknownSeriesError(f"there is no series {name!r}; there are: {', '.join(_by_id())}") from None


def split_source(source: str) -> tuple[Series | None, str]:
    """Return the series of a source and the name in it; None for a source of another kind (emissions, meteorology).

    >>> split_source("cnemc-station:1001A")[1]
    '1001A'
    """
    prefix, _, name = source.partition(":")
    return _by_id().get(prefix), name


def is_synthetic(source: str) -> bool:
    """Tell whether a source of the store is invented."""
    series, _ = split_source(source)
    return series is not None and series.synthetic
