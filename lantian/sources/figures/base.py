"""The figures that the register gives for a place on a day. Each rule takes `Asked` and returns a `Figure`.

A figure has a number, or the reason why there is none: a register that says nothing of a matter gives no 0. What could
still change the number (a position, a size, an answer that is not known) makes it partial.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lantian.indicators.period import Period
from lantian.indicators.value import Note, ReasonCode, Ref
from lantian.sources.rules.geo import Zone
from lantian.sources.snapshot import Firm, Snapshot, Thing
from lantian.sources.spatial import zones

_NAMED = 30  # how many things a figure's lineage names


@dataclass(frozen=True, slots=True)
class Asked:
    """What a figure is asked for: a place (its code; "" = the whole city), a period, the day on which it is judged, and
    the rule's own words of data/indicators.toml."""

    area: str
    period: Period
    day: dt.date
    said: dict[str, Any]
    register: Snapshot

    def mine(self, firm: Firm) -> bool:
        return not self.area or firm.area == self.area

    def of(self, things: Iterable[Any]) -> list[Any]:
        """Return those things that stand in the place and are in force on the day."""
        return [one for one in things if self.mine(one.firm) and one.in_force(self.day)]

    def industry(self, firm: Firm) -> bool:
        wanted = self.said.get("industries")
        return not wanted or firm.industry in wanted


@dataclass(frozen=True, slots=True)
class Figure:
    """A number over `n` of `expected` things, or a reason. `named`: the things that the number counts, for its lineage;
    `seen`: the enterprises that it rests on."""

    number: Decimal | None
    n: int | None = None
    expected: int | None = None
    partial: bool = False
    reason: ReasonCode | None = None
    text: str = ""
    notes: tuple[Note, ...] = ()
    named: tuple[Ref, ...] = ()
    seen: tuple[Firm, ...] = ()


Rule = Callable[[Asked], Figure]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Register a rule under its name."""
    RULES[function.__name__] = function
    return function


def ask(register: Snapshot, area: str, period: Period, day: dt.date, said: dict[str, Any]) -> Figure:
    """Return a figure by the name of its rule (`said["rule"]`); raises KeyError for a rule that nobody wrote."""
    return RULES[said["rule"]](Asked(area, period, day, said, register))


def none(text: str, code: ReasonCode = ReasonCode.NO_DATA_YET, seen: Iterable[Firm] = ()) -> Figure:
    """Return a figure without a number, with the reason for people."""
    return Figure(None, reason=code, text=text, seen=tuple(seen))


def refs(things: Sequence[Thing]) -> tuple[Ref, ...]:
    """Name things for the lineage, each leading to its enterprise (the first thirty)."""
    return tuple(
        Ref("source", one.firm.code, f"{one.firm.shown} · {one.name or one.code}", "sources:enterprise")
        for one in things[:_NAMED]
    )


def firm_refs(firms: Sequence[Firm]) -> tuple[Ref, ...]:
    """Name enterprises for the lineage (the first thirty)."""
    return tuple(Ref("source", one.code, one.shown, "sources:enterprise") for one in firms[:_NAMED])


def firms_of(things: Iterable[Thing]) -> tuple[Firm, ...]:
    """Return the enterprises of things, each once."""
    return tuple(dict.fromkeys(one.firm for one in things))


def share(part: float | int, whole: float | int) -> Decimal:
    """Return a part of a whole in %."""
    return Decimal(str(part)) * 100 / Decimal(str(whole))


def nothing(text: str, seen: Iterable[Firm] = ()) -> Figure:
    """Return a figure without a number because there is nothing to count: 0 of 0 is not 0 %."""
    return none(text, ReasonCode.NOTHING_TO_COUNT, seen)


def zones_of(kind: str, asked: Asked) -> list[Zone]:
    """The zones of a kind in force in the place; a zone of no area in particular counts everywhere."""
    known = zones(asked.register).zones.values()
    found = [one for one in known if one.kind == kind and one.in_force(asked.day)]
    return [one for one in found if not asked.area or one.area in ("", asked.area)]


def invented(drawn: Iterable[Zone]) -> tuple[Note, ...]:
    """Say so where any of the zones is invented."""
    if not any(one.synthetic for one in drawn):
        return ()
    return (Note("synthetic", _("The boundaries are invented for the demonstration.")),)
