"""Statistics that targets can be set for, and targets."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final

KINDS: Final = (
    "mean", "percentile", "good_share", "good_days", "heavy_days", "composite", "so2_class", "rank", "rank_gain",
    "entered",
)  # fmt: skip
# Kinds that are computed from a place's own days.
OF_DAYS: Final = frozenset(KINDS[:7])
# Rankings in which the city stands, not its areas.
CITY_SCOPES: Final = frozenset({"national-168", "province-cities"})
ORIGINS: Final = ("pack", "plan", "demo")


@dataclass(frozen=True, slots=True)
class Statistic:
    """Something a target can be set for; `code` is that of its indicator. Read from data/statistics.toml."""

    code: str
    kind: str
    pollutant: str
    unit: str
    comparator: str
    scope: str
    low: Decimal
    high: Decimal
    zh: str
    en: str

    def name(self, lang: str) -> str:
        return self.zh if lang.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Target:
    """What a place must reach in a year: `comparator` and `value` in the statistic's unit.

    `place` is the place's code. `origin`: "pack" (targets.toml), "plan" (a sentence of a plan, `sentence`), "demo"
    (invented). `parent`: the target that this one is a part of (a county's of the city's).
    """

    id: str
    place: str
    year: int
    statistic: Statistic
    comparator: str
    value: Decimal
    source: str
    clause: str = ""
    url: str = ""
    confidence: str = ""
    nature: str = "binding"
    origin: str = "pack"
    parent: str = ""
    note: str = ""
    sentence: str = ""

    @property
    def demonstration(self) -> bool:
        return self.origin == "demo"


class UnknownStatisticError(LookupError):
    """No statistic has this code."""


def _data(name: str) -> dict[str, Any]:
    text = resources.files("lantian.air").joinpath(f"data/{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


@cache
def statistics() -> dict[str, Statistic]:
    """All statistics by code, in the order of the file."""
    rows = _data("statistics")["statistic"]
    return {
        row["code"]: Statistic(
            code=row["code"],
            kind=row["kind"],
            pollutant=row.get("pollutant", ""),
            unit=row["unit"],
            comparator=row["comparator"],
            scope=row.get("scope", ""),
            low=Decimal(row["low"]),
            high=Decimal(row["high"]),
            zh=row["zh"],
            en=row["en"],
        )
        for row in rows
    }


def statistic_named(code: str) -> Statistic:
    """Return a statistic; raises UnknownStatisticError that lists them all."""
    known = statistics()
    if code not in known:
        raise UnknownStatisticError(f"no statistic {code!r}; there are: {', '.join(known)}")
    return known[code]


@cache
def statistics_version() -> str:
    """The version of these definitions, as an indicator's rule version."""
    return str(_data("statistics")["version"])


@dataclass(frozen=True, slots=True)
class LikelihoodRules:
    """How likelihoods are estimated (data/likelihood.toml); shares in per cent."""

    version: str
    least_years: int
    least_in_stretch: int
    least_capture: int
    least_to_date: int
    block_days: int
    draws: int
    seed: int
    most_years: int


@cache
def likelihood_rules() -> LikelihoodRules:
    data = _data("likelihood")
    return LikelihoodRules(**{key: value for key, value in data.items() if key != "schema"})
