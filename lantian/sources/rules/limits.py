"""The limits of an outlet on a day: those of the law by its process, fuel and region, beside those of its permit. Pure.

    >>> from lantian.sources.facts import Outlet
    >>> found = outlet_limits(Outlet("E1.DA001", "1", process="燃煤锅炉"), dt.date(2020, 6, 5))
    >>> [(one.pollutant, str(one.value)) for one in found.binding]
    [('PM', '50'), ('SO2', '300'), ('NOx', '300')]

An outlet whose process is not written in a word that is known has no limits by law here, and `why` says so.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from lantian.sources.facts import Limit, Outlet
from lantian.standards.stacks import StackLimit, UnknownProcessError, stack_limits, stack_pollutants, stack_processes


@dataclass(frozen=True, slots=True)
class OutletLimits:
    """What binds an outlet. `why`: "" when the law was looked up, else "unknown" (its process is no known word) or "fuel"
    (its process needs a fuel that is not said). `differs`: the reference oxygen of the register is not that of the law."""

    process: str
    fuel: str
    limits: tuple[StackLimit, ...]
    why: str = ""
    differs: bool = False

    @property
    def binding(self) -> tuple[StackLimit, ...]:
        return tuple(one for one in self.limits if one.binding)


def outlet_limits(
    outlet: Outlet,
    day: dt.date,
    *,
    region: str = "",
    flags: Collection[str] = (),
    limits: Iterable[Limit] | None = None,
) -> OutletLimits:
    """Return the limits of an outlet on a local day; `limits` (default: the outlet's own) are those of its permit.

    Only hourly permit limits in mg/m³ that are in force are set beside the law. `region` and `flags` as in
    `lantian.standards.stacks.stack_limits`. Raises ValueError for an unknown flag.
    """
    permit = _permit(outlet.limits if limits is None else limits, day)
    known = process_of(outlet.process)
    if known is None:
        return OutletLimits("", "", (), "unknown")
    process, fuel = known
    try:
        found = stack_limits(
            process, day, fuel=fuel, region=region, flags=flags, permit=permit, permit_oxygen=_exact(outlet.oxygen)
        )
    except UnknownProcessError:
        return OutletLimits(process, fuel, (), "fuel")
    law = {one.oxygen for one in found if one.entry is not None and one.oxygen is not None}
    said = _exact(outlet.oxygen)
    return OutletLimits(process, fuel, found, differs=said is not None and bool(law) and said not in law)


def process_of(word: str) -> tuple[str, str] | None:
    """Return (process, fuel) of the word that an outlet's process is written with; None for a word that is not known.

    >>> process_of("燃气锅炉"), process_of("brick_kiln"), process_of("窑")
    (('boiler', 'gas'), ('brick_kiln', ''), None)
    """
    return _words().get(word.strip().casefold())


def _exact(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(f"{number:.12g}")


def _permit(limits: Iterable[Limit], day: dt.date) -> dict[str, Decimal]:
    factors = {one.factor: one.id for one in stack_pollutants().values()}
    found: dict[str, Decimal] = {}
    for one in limits:
        begun = one.valid_from is None or one.valid_from <= day
        good = begun and (one.valid_until is None or day <= one.valid_until) and one.value > 0
        if good and one.quantity in factors and one.period == "hour" and one.unit in ("mg/m3", "mg/m³"):
            name, value = factors[one.quantity], Decimal(f"{one.value:.12g}")
            found[name] = min(value, found.get(name, value))
    return found


@cache
def _words() -> dict[str, tuple[str, str]]:
    text = resources.files("lantian.sources").joinpath("data/outlets.toml").read_text(encoding="utf-8")
    found: dict[str, tuple[str, str]] = {}
    for one in stack_processes().values():
        for word in (one.id, one.zh, one.en):
            found[word.casefold()] = (one.id, "")
    for row in tomllib.loads(text)["word"]:
        if row["process"] not in stack_processes():
            raise ValueError(f"outlets.toml: no process {row['process']!r}")
        for word in row["words"]:
            found[word.casefold()] = (row["process"], row.get("fuel", ""))
    return found
