"""Levels of the Air Quality Index: numbers, names, colours, advice, and who is sensitive to which pollutant."""

from __future__ import annotations

import datetime as dt
import itertools
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lantian.standards.pollutants import pollutant
from lantian.standards.regimes import Regime
from lantian.standards.tables import Confidence


@dataclass(frozen=True, slots=True)
class Level:
    """One level: AQI from `low` to `high`, names, colour for screens (RGB, hex) and print (CMYK), advice in our words."""

    number: int
    low: int
    high: int
    level_zh: str
    level_en: str
    zh: str
    en: str
    colour_zh: str
    colour_en: str
    rgb: tuple[int, int, int]
    hex: str
    cmyk: tuple[int, int, int, int]
    advice_zh: str
    advice_en: str
    advice_source: str
    key: tuple[str, ...]
    value: int
    unit: str
    clause: str
    source: str
    start: dt.date | None
    until: dt.date | None
    confidence: Confidence
    edition: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SensitiveGroups:
    """Who should act when a pollutant's own index is above `above`."""

    pollutant: str
    above: int
    zh: str
    en: str
    clause: str
    source: str
    confidence: Confidence


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("data/levels.toml").read_text(encoding="utf-8"))


@cache
def _levels(edition: str) -> tuple[Level, ...]:
    data = _data()
    one = next(one for one in data["set"] if one["id"] == edition)
    found = tuple(_level(row, one, data["advice"]["source"]) for row in one["level"])
    for lower, upper in itertools.pairwise(found):
        if upper.low != lower.high + 1:
            raise ValueError(f"levels of {edition}: {lower.number} ends at {lower.high}, {upper.number} at {upper.low}")
    return found


def _level(row: dict[str, Any], edition: dict[str, Any], advice_source: str) -> Level:
    if row["hex"] != "#{:02X}{:02X}{:02X}".format(*row["rgb"]):
        raise ValueError(f"level {row['number']} of {edition['id']}: {row['hex']} is not the colour {row['rgb']}")
    return Level(
        **{**row, "rgb": tuple(row["rgb"]), "cmyk": tuple(row["cmyk"])},
        advice_source=advice_source,
        key=("level", str(row["number"])),
        value=row["high"],
        unit="1",
        clause=f"{edition['clause']}, {edition['colour_clause']}",
        source=edition["source"],
        start=edition["from"],
        until=edition.get("until"),
        confidence=Confidence(edition["confidence"]),
        edition=edition["id"],
    )


def levels(law: Regime) -> tuple[Level, ...]:
    """The six levels of a regime's index, best first."""
    return _levels(law.aqi_set)


def level_of(law: Regime, aqi: int) -> Level:
    """Return the level of an AQI from 0 to the top of the scale; raises ValueError outside it, TypeError for no integer.

    >>> from lantian.standards.regimes import regime_at
    >>> level_of(regime_at(dt.date(2020, 1, 1)), 101).zh
    '轻度污染'
    """
    if isinstance(aqi, bool) or not isinstance(aqi, int):
        raise TypeError(f"an AQI is a whole number, not {aqi!r}")
    steps = levels(law)
    if aqi < 0 or aqi > steps[-1].high:
        raise ValueError(f"AQI {aqi} is outside 0..{steps[-1].high}")
    return next(one for one in steps if aqi <= one.high)


def sensitive_groups(law: Regime, name: str) -> SensitiveGroups | None:
    """Return who is sensitive to a pollutant, None where the edition does not say; raises UnknownPollutantError."""
    code = pollutant(name).code
    for one in _data()["sensitive"]:
        if one["edition"] == law.aqi_set:
            row = next((row for row in one["groups"] if row["pollutant"] == code), None)
            if row is None:
                return None
            return SensitiveGroups(
                code, one["above"], row["zh"], row["en"], one["clause"], one["source"], Confidence(one["confidence"])
            )
    return None
