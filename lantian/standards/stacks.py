"""What a stack may emit on a day: the limits that bind it, with where each stands, its reference oxygen and how sure it is.

    >>> import datetime as dt
    >>> found = stack_limits("boiler", dt.date(2020, 6, 5), fuel="coal", flags={"special_limits"})
    >>> [(one.pollutant, str(one.value), one.scheme.id, str(one.oxygen)) for one in found if one.binding][:2]
    [('PM', '30', 'gb13271-special', '9'), ('SO2', '200', 'gb13271-special', '9')]

Several schemes may hold for one stack: the strictest binds, the others are listed. Limits that refer to different oxygen
cannot be compared by their numbers: each binds. A permit may be stricter than the law, never milder.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final

from lantian.standards.rules import Edition, Rule, rule_book
from lantian.standards.tables import Confidence, DatedTable, Entry, NoSuchEntryError, OutOfForceError, table

KINDS: Final = ("standard", "special", "local", "programme", "permit")
FLAGS: Final = ("existing", "special_limits", "key_region", "ultra_low")
HOUR: Final = "hour"
UNIT: Final = "mg/m3"


class UnknownProcessError(LookupError):
    """No such process, or not with that fuel; the message lists what is known."""


@dataclass(frozen=True, slots=True)
class Pollutant:
    """A pollutant of stacks and its factor in HJ 212."""

    id: str
    factor: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Process:
    """What an outlet belongs to. `fuels`: those that make a difference (empty: none does); `like`: a fuel that is
    judged as another; `same_as`: the process whose limits hold."""

    id: str
    zh: str
    en: str
    fuels: tuple[str, ...] = ()
    like: tuple[tuple[str, str], ...] = ()
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A rule that has limits. See `data/stack_schemes.toml` for the fields."""

    id: str
    zh: str
    en: str
    kind: str
    needs: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    provinces: tuple[str, ...] = ()

    def holds(self, region: str, flags: Collection[str]) -> bool:
        """Tell whether it holds in a region (division code) under the flags stated."""
        here = not self.provinces or region.startswith(self.provinces)
        return here and self.needs <= set(flags) and not self.unless & set(flags)


PERMIT: Final = Scheme("permit", "排污许可证", "discharge permit", "permit")


@dataclass(frozen=True, slots=True)
class StackLimit:
    """One limit: `value` mg/m³ as an hourly mean, at `oxygen` % (None: not converted).

    `entry` says where the number stands and how sure it is (None: from the permit), `oxygen_entry` the same of the
    oxygen. `binding`: it is the one that decides; the others are milder. `conflict`: the permit says more than the law.
    """

    pollutant: str
    factor: str
    value: Decimal
    scheme: Scheme
    oxygen: Decimal | None
    entry: Entry | None
    oxygen_entry: Entry | None
    binding: bool = False
    conflict: bool = False
    unit: str = UNIT
    period: str = HOUR

    @property
    def confidence(self) -> Confidence:
        """How sure the limit is: no surer than its number and its oxygen."""
        order = tuple(Confidence)
        known = [one.confidence for one in (self.entry, self.oxygen_entry) if one is not None]
        return max(known, key=order.index, default=Confidence.VERIFIED)

    @property
    def sure(self) -> bool:
        return self.confidence is Confidence.VERIFIED


def stack_limits(
    process: str,
    day: dt.date,
    *,
    fuel: str = "",
    region: str = "",
    flags: Collection[str] = (),
    permit: Mapping[str, Decimal] | None = None,
    permit_oxygen: Decimal | None = None,
) -> tuple[StackLimit, ...]:
    """Return every limit of a stack that holds on a local day, by pollutant, binding ones first.

    `fuel` where the process has any; `region` a division code (for standards of a province); `flags` of FLAGS; `permit`
    the permit's own limits in mg/m³ by pollutant, at `permit_oxygen` % (None: at that of each limit of the law). An empty
    result means that no limit is known,
    which is not the same as that none holds. Raises UnknownProcessError, ValueError for an unknown flag or pollutant.
    """
    if unknown := set(flags) - set(FLAGS):
        raise ValueError(f"unknown flag {', '.join(sorted(unknown))}; known: {', '.join(FLAGS)}")
    one = stack_process(process)
    if one.same_as:
        one = stack_process(one.same_as)
    found = list(_of_law(one, _fuel(one, fuel), day, region, flags))
    decided = _with_permit(_decided(found), permit or {}, permit_oxygen)
    order = {name: at for at, name in enumerate(stack_pollutants())}
    return tuple(sorted(decided, key=lambda limit: (order[limit.pollutant], not limit.binding, limit.value)))


def binding_limits(limits: Collection[StackLimit], pollutant: str, *, sure: bool = False) -> tuple[StackLimit, ...]:
    """Return the limits of a pollutant that decide (more than one where their oxygen differs).

    With `sure` those that decide among the verified ones alone: what an accusation may rest on while a stricter number
    is only recalled.
    """
    mine = [one for one in limits if one.pollutant == pollutant]
    return tuple(one for one in (_decided([x for x in mine if x.sure]) if sure else mine) if one.binding)


def _of_law(process: Process, fuel: str, day: dt.date, region: str, flags: Collection[str]) -> Iterator[StackLimit]:
    limits = table("stack_limits")
    for scheme in stack_schemes().values():
        if not scheme.holds(region, flags):
            continue
        for pollutant in stack_pollutants().values():
            entry = _entry(limits, day, scheme=scheme.id, process=process.id, fuel=fuel, pollutant=pollutant.id)
            if entry is None:
                continue
            oxygen = _entry(table("stack_oxygen"), day, scheme=scheme.id, process=process.id, fuel=fuel)
            at = oxygen.value if oxygen else None
            yield StackLimit(pollutant.id, pollutant.factor, entry.value, scheme, at, entry, oxygen)


def _entry(rows: DatedTable, day: dt.date, **key: str) -> Entry | None:
    """The row for the fuel, else the one for any fuel; None where there is none on that day."""
    for fuel in dict.fromkeys((key["fuel"], "")):
        try:
            return rows.at(day, **key | {"fuel": fuel})
        except (NoSuchEntryError, OutOfForceError):
            continue
    return None


def _decided(found: list[StackLimit]) -> list[StackLimit]:
    """Mark the strictest of each pollutant and reference oxygen; of equal ones the surer, then the more particular."""
    least: dict[tuple[str, Decimal | None], StackLimit] = {}
    for one in sorted(found, key=_strictest_first):
        least.setdefault((one.pollutant, one.oxygen), one)
    chosen = {id(one) for one in least.values()}
    return [replace(one, binding=id(one) in chosen) for one in found]


def _strictest_first(limit: StackLimit) -> tuple[Decimal, int, int]:
    return limit.value, tuple(Confidence).index(limit.confidence), -KINDS.index(limit.scheme.kind)


def _with_permit(found: list[StackLimit], permit: Mapping[str, Decimal], at: Decimal | None) -> list[StackLimit]:
    known = stack_pollutants()
    for name, value in permit.items():
        if name not in known:
            raise ValueError(f"unknown pollutant {name!r} in the permit; known: {', '.join(known)}")
        if not value.is_finite() or value <= 0:
            raise ValueError(f"the permit's {name} limit must be above 0, not {value}")
        law = [one for one in found if one.pollutant == name and one.binding]
        # Without an oxygen of its own it speaks at that of each binding limit; without any it stands unconverted.
        entries = {one.oxygen: one.oxygen_entry for one in law}
        for oxygen in [at] if at is not None else list(entries) or [None]:
            same = [one for one in law if one.oxygen == oxygen]
            wins = all(value < one.value for one in same)
            if wins:
                found = [replace(one, binding=False) if one in same else one for one in found]
            milder = any(value > one.value for one in same)
            own = StackLimit(name, known[name].factor, value, PERMIT, oxygen, None, entries.get(oxygen), wins, milder)
            found = [*found, own]
    return found


def _fuel(process: Process, fuel: str) -> str:
    if not process.fuels:
        return ""
    if fuel not in process.fuels:
        given = f"not {fuel!r}" if fuel else "none was given"
        raise UnknownProcessError(f"process {process.id!r} needs a fuel of {', '.join(process.fuels)}; {given}")
    return dict(process.like).get(fuel, fuel)


def stack_process(process: str) -> Process:
    """Return a process by its id; raises UnknownProcessError."""
    known = stack_processes()
    if process not in known:
        raise UnknownProcessError(f"no process {process!r}; known: {', '.join(known)}")
    return known[process]


def stack_processes() -> Mapping[str, Process]:
    """Return the processes by id, in the order of the file."""
    return _catalogue()[0]


def stack_schemes() -> Mapping[str, Scheme]:
    """Return the schemes by id, in the order of the file."""
    return _catalogue()[1]


def stack_pollutants() -> Mapping[str, Pollutant]:
    """Return the pollutants by id, in the order of the file."""
    return _catalogue()[2]


@cache
def _catalogue() -> tuple[dict[str, Process], dict[str, Scheme], dict[str, Pollutant]]:
    file = resources.files(__package__).joinpath("data/stack_schemes.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    processes = [_process(row) for row in data["process"]]
    schemes = [_scheme(row) for row in data["scheme"]]
    pollutants = [Pollutant(**row) for row in data["pollutant"]]
    found = ({p.id: p for p in processes}, {s.id: s for s in schemes}, {p.id: p for p in pollutants})
    if [len(one) for one in found] != [len(data[key]) for key in ("process", "scheme", "pollutant")]:
        raise ValueError("stack_schemes.toml: an id stands there twice")
    return found


def _process(row: dict[str, Any]) -> Process:
    like = tuple(row.get("like", {}).items())
    return Process(row["id"], row["zh"], row["en"], tuple(row.get("fuels", ())), like, row.get("same_as", ""))


def _scheme(row: dict[str, Any]) -> Scheme:
    needs, unless = frozenset(row.get("needs", ())), frozenset(row.get("unless", ()))
    if row["kind"] not in KINDS or not (needs | unless) <= set(FLAGS):
        raise ValueError(f"stack_schemes.toml: scheme {row['id']} has an unknown kind or flag")
    return Scheme(row["id"], row["zh"], row["en"], row["kind"], needs, unless, tuple(row.get("provinces", ())))


def stack_rules(day: dt.date) -> Edition:
    """Return the rules on stacks of a day: oxygen guard, ultra-low share, ammonia slip, validity; raises OutOfForceError."""
    return rule_book("stack_rules").at(day)


def ammonia_slip(denitration: str, day: dt.date) -> Rule | None:
    """Return the highest ammonia slip behind "scr", "sncr" or "scr+sncr"; None for any other denitration or none."""
    return stack_rules(day).get(f"ammonia.{denitration}") if denitration else None
