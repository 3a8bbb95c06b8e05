"""Pollutants of ambient air (`data/pollutants.toml`) and items: a pollutant with an averaging time, such as O3_8h."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from lantian.standards.rounding import exact
from lantian.standards.tables import Confidence
from lantian.standards.units import convert

# Averaging time of an item -> the period of the break points' columns.
PERIODS = {"1h": "hour", "8h": "8h", "24h": "day"}
_ITEM = re.compile(r"(?P<pollutant>.+?)(?:_(?P<time>1h|8h|24h))?$", re.IGNORECASE)


class UnknownPollutantError(ValueError):
    """No pollutant or item has this name."""


@dataclass(frozen=True, slots=True)
class Pollutant:
    """One pollutant: its code here and in HJ 212, names, phase (gas or particle) and unit of concentration."""

    code: str
    hj212: str
    hj212_confidence: Confidence
    zh: str
    en: str
    phase: str
    unit: str
    core: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A pollutant averaged over a time: code `O3_8h`, pollutant `O3`, period `8h` (hour, 8h or day)."""

    code: str
    pollutant: str
    period: str


@cache
def pollutants() -> dict[str, Pollutant]:
    """All pollutants by code; raises ValueError when two share a name."""
    text = resources.files(__package__).joinpath("data/pollutants.toml").read_text(encoding="utf-8")
    found = {}
    for row in tomllib.loads(text)["pollutant"]:
        row = {**row, "aliases": tuple(row["aliases"]), "hj212_confidence": Confidence(row["hj212_confidence"])}
        found[row["code"]] = Pollutant(**row)
    return found


@cache
def _spellings() -> dict[str, str]:
    spellings: dict[str, str] = {}
    for one in pollutants().values():
        for spelling in (one.code, one.hj212, *one.aliases):
            owner = spellings.setdefault(_fold(spelling), one.code)
            if owner != one.code:
                raise ValueError(f"{spelling!r} names both {owner} and {one.code}")
    return spellings


def _fold(spelling: str) -> str:
    return re.sub(r"[\s._]", "", unicodedata.normalize("NFKC", spelling)).casefold()


def core_codes() -> tuple[str, ...]:
    """The six pollutants that the AQI and the composite index are about, in the order of the standard's table."""
    return tuple(one.code for one in pollutants().values() if one.core)


def pollutant(name: str) -> Pollutant:
    """Return the pollutant of a code, an HJ 212 factor code or another spelling; raises UnknownPollutantError.

    >>> pollutant("pm2_5").code, pollutant("臭氧").code, pollutant("a21026").zh
    ('PM2.5', 'O3', '二氧化硫')
    """
    code = _spellings().get(_fold(name))
    if code is None:
        raise UnknownPollutantError(f"unknown pollutant {name!r}; known pollutants: {', '.join(pollutants())}")
    return pollutants()[code]


@cache
def item(code: str) -> Item:
    """Return the item of a code with an averaging time (`SO2_24h`, `o3_8h`); raises UnknownPollutantError."""
    match = _ITEM.fullmatch(code)
    time = match and match["time"]
    if not match or not time:
        raise UnknownPollutantError(f"{code!r} has no averaging time: write _1h, _8h or _24h after the pollutant")
    found = pollutant(match["pollutant"]).code
    return Item(f"{found}_{time.lower()}", found, PERIODS[time.lower()])


def split_name(name: str) -> tuple[str, str]:
    """Split `O3_8h` into the pollutant's code and the averaging time, which is "" for a bare pollutant."""
    match = _ITEM.fullmatch(name)
    if not match:
        raise UnknownPollutantError(f"unknown pollutant {name!r}")
    return pollutant(match["pollutant"]).code, (match["time"] or "").lower()


def in_own_unit(name: str, value: Decimal | int | str, unit: str = "") -> Decimal:
    """Return a concentration in the pollutant's own unit (CO: mg/m3, the rest: µg/m3); no unit means that one.

    Raises UnknownPollutantError, UnknownUnitError, IncompatibleUnitsError, ValueError and TypeError for no number.

    >>> in_own_unit("CO", 1500, "µg/m3")
    Decimal('1.5')
    """
    own = pollutant(name).unit
    return convert(value, unit, own) if unit else exact(value)
