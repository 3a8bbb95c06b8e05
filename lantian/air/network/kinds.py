"""Kinds of stations (`data/station_kinds.toml`): which may count for a city or county at all."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Kind:
    """What a station is for; `counts`: its values may count for a place."""

    id: str
    zh: str
    en: str
    counts: bool
    source: str
    confidence: str


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by id."""
    text = resources.files("lantian.air").joinpath("data/station_kinds.toml").read_text(encoding="utf-8")
    return {row["id"]: Kind(**row) for row in tomllib.loads(text)["kind"]}
