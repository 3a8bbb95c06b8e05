"""The registry: an indicator is a named, typed, unit-carrying function of (place, period). No Django.

    @indicator("plan_overdue_share", title=_("Overdue assignments"), unit="%", direction="down", level="area",
               evidence=_("assignments and their steps"), rule_version="2020.1", periods=("month", "to-date"),
               definition=_("Live assignments that …"))
    def overdue_share(place: Place, period: Period, context: Context) -> Value: ...

Rooms register in their `indicators.py`, which is imported when the process starts; then the registry is frozen.
"""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from lantian.indicators.period import KINDS
from lantian.indicators.value import Value
from lantian.standards.units import unit as find_unit

DIRECTIONS: Final = ("up", "down", "none")
LEVELS: Final = ("city", "area", "enterprise")
# What pages of the room are called: no indicator may take their address.
RESERVED: Final = frozenset({"coverage", "entries", "import", "template"})
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"\d{4}\.\d+")
_PARAMETERS: Final = ("place", "period", "context")

Rule = Callable[[Any, Any, Any], Value]


class RegistryError(Exception):
    """An indicator is declared wrongly, twice, or too late."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator. `compute(place, period, context)` yields its Value in `unit`.

    `by_hand` marks a series that people enter; `supplied_by` names the room that computes it now or will one day
    ("hand" = nobody ever will). With `by_hand` and `computes` a rule computes it where it has data, and what people
    enter stands beside it. `frequency` is how often a new value is due. `low` and `high` bound what may be
    entered. `aggregate` tells how the areas make the city: "sum", "mean", "weighted" (by n) or "none".
    """

    code: str
    title: object
    unit: str
    direction: str
    level: str
    evidence: object
    rule_version: str
    periods: tuple[str, ...]
    definition: object
    compute: Rule
    frequency: str = "month"
    supplied_by: str = "plan"
    by_hand: bool = False
    computes: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 1
    aggregate: str = "none"

    def __post_init__(self) -> None:
        """Refuse, with RegistryError, what could not be evaluated or shown."""
        faults = [
            (not _CODE.fullmatch(self.code), f"code {self.code!r} must be lower-case letters, digits and '_'"),
            (self.code in RESERVED, f"code {self.code!r} is the address of a page"),
            (not self.title, "the title is missing"),
            (self.direction not in DIRECTIONS, f"direction {self.direction!r}; allowed: {', '.join(DIRECTIONS)}"),
            (self.level not in LEVELS, f"level {self.level!r}; allowed: {', '.join(LEVELS)}"),
            (
                not _VERSION.fullmatch(self.rule_version),
                f"rule version {self.rule_version!r}; write for example 2020.1",
            ),
            (not self.periods or not set(self.periods) <= set(KINDS), f"periods {self.periods}; allowed: {KINDS}"),
        ]
        if wrong := [text for bad, text in faults if bad]:
            raise RegistryError(f"indicator {self.code!r}: {'; '.join(wrong)}")
        if find_unit(self.unit).code != self.unit:
            raise RegistryError(f"indicator {self.code!r}: write the unit {self.unit!r} by its code")

    def evaluate(self, place: Any, period: Any, context: Any) -> Value:
        """Compute the value; raises RegistryError when the rule answers in another unit than it declared."""
        value = self.compute(place, period, context)
        if value.unit != self.unit:
            raise RegistryError(f"indicator {self.code!r} is in {self.unit}, its rule answered in {value.unit}")
        return value


class Registry:
    """Indicators by code. After `freeze()` nothing can be added."""

    def __init__(self) -> None:
        self._indicators: dict[str, Indicator] = {}
        self.frozen = False

    def add(self, one: Indicator) -> None:
        """Register; raises RegistryError when frozen or when the code is taken."""
        if self.frozen:
            raise RegistryError(f"the registry is frozen: indicator {one.code!r} comes after the start of the process")
        if one.code in self._indicators:
            raise RegistryError(f"indicator {one.code!r} is registered twice")
        self._indicators[one.code] = one

    def freeze(self) -> None:
        self.frozen = True

    def get(self, code: str) -> Indicator | None:
        return self._indicators.get(code)

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self._indicators.values())

    def __len__(self) -> int:
        return len(self._indicators)


registry = Registry()


def indicator(
    code: str,
    *,
    title: object,
    unit: str,
    direction: str,
    level: str,
    evidence: object,
    rule_version: str,
    periods: tuple[str, ...],
    definition: object,
    frequency: str = "month",
    decimals: int = 1,
    room: str = "plan",
    by_hand: bool = False,
    computes: bool = True,
    low: Decimal | None = None,
    high: Decimal | None = None,
    aggregate: str = "none",
    into: Registry = registry,
) -> Callable[[Rule], Rule]:
    """Register a function as an indicator, checking code, unit and signature at once (RegistryError, UnknownUnitError).

    The function takes exactly (place, period, context) and is annotated to return Value; it is returned unchanged.
    With `by_hand` people may enter it too: the rule itself sets what they say beside what it computes.
    """

    def register(rule: Rule) -> Rule:
        _check_signature(code, rule)
        into.add(
            Indicator(
                code=code,
                title=title,
                unit=unit,
                direction=direction,
                level=level,
                evidence=evidence,
                rule_version=rule_version,
                periods=periods,
                definition=definition,
                compute=rule,
                frequency=frequency,
                supplied_by=room,
                by_hand=by_hand,
                computes=computes,
                low=low,
                high=high,
                decimals=decimals,
                aggregate=aggregate,
            )
        )
        return rule

    return register


def _check_signature(code: str, rule: Rule) -> None:
    signature = inspect.signature(rule)
    if tuple(signature.parameters) != _PARAMETERS:
        raise RegistryError(f"indicator {code!r}: the function takes ({', '.join(_PARAMETERS)}), not {signature}")
    if signature.return_annotation not in (Value, "Value"):
        raise RegistryError(f"indicator {code!r}: the function is annotated to return Value")


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A target of an adopted plan, as the indicators room shows it.

    `sentence` is the part of the text that sets it, `wanted` its own words for the number. `comparator` and `target`
    are what the indicator must reach, in the indicator's unit (None: no number). `place_codes`: the places that owe it
    (empty: the city as a whole). `agency_ids`: those who answer for it and may enter values. `bound` is False when no
    indicator watches it; `must_be_bound` when that is a fault. `url` leads to the measure. `until`: the last day that
    the plan speaks of; `nature`: "binding" or "striving"; `document`: the plan's title.
    """

    task: str
    measure: str
    sentence: str
    wanted: str
    role: str
    indicator: str
    comparator: str
    target: Decimal | None
    bound: bool
    must_be_bound: bool = True
    place_codes: tuple[str, ...] = ()
    agency_ids: frozenset[int] = frozenset()
    url: str = ""
    note: str = ""
    until: dt.date | None = None
    nature: str = ""
    document: str = ""


class TargetSources:
    """The rooms that have targets, each as a function of a Context that lists them in order. Frozen like indicators."""

    def __init__(self) -> None:
        self._sources: list[Callable[[Any], list[TargetLine]]] = []
        self.frozen = False

    def add(self, source: Callable[[Any], list[TargetLine]]) -> None:
        """Register; raises RegistryError when frozen."""
        if self.frozen:
            raise RegistryError("the registry is frozen: target sources are registered at the start of the process")
        self._sources.append(source)

    def freeze(self) -> None:
        self.frozen = True

    def lines(self, context: Any) -> list[TargetLine]:
        """Return every target of every adopted plan; what was read for it stays in the context's memory."""
        return [line for source in self._sources for line in source(context)]


targets = TargetSources()
