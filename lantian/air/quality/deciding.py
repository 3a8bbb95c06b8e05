"""A person's decision about values: good, void, as before, or another value. Appended once, never against what changed.

Every decision is a batch of the store: its name comes from the form's key, so that the same click twice counts once, and
one person's key never serves for something else (BatchConflictError).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

import polars as pl

from lantian.air.quality.flags import automatic, flags, split
from lantian.air.quality.loading import DECIMALS, said
from lantian.observations.model import Batch, Query, Receipt
from lantian.observations.reading import Reader
from lantian.observations.schema import KEY
from lantian.observations.store import Store

Action = Literal["accept", "void", "unflag", "correct"]
ACTIONS: Final[tuple[Action, ...]] = ("accept", "void", "unflag", "correct")
ACCEPTED, CORRECTED = "accepted", "corrected"
PREFIX = "air.decision:"
_HOUR = dt.timedelta(hours=1)


class ChangedError(ValueError):
    """Somebody decided about these values, or they were corrected, since they were shown."""


class NothingToDoError(ValueError):
    """None of the values has anything that this decision would change."""


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One hour of a source's quantity; `start` is when it began (aware)."""

    source: str
    quantity: str
    start: dt.datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What the store says of a fact now: its newest value, since when, and the flags in force with when they were set."""

    fact: Fact
    place: str
    value: float
    unit: str
    known_at: dt.datetime
    own: str
    flags: Mapping[str, dt.datetime]

    def key(self) -> dict[str, Any]:
        """What names the fact in the store."""
        values = (self.fact.source, self.fact.quantity, self.place, self.fact.start, self.fact.start + _HOUR)
        return dict(zip(KEY, values, strict=True))

    @property
    def state(self) -> str:
        """Another text as soon as anything about it changes."""
        said_ = ",".join(f"{name}@{at.isoformat()}" for name, at in sorted(self.flags.items()))
        return f"{self.fact.source} {self.fact.quantity} {self.fact.start.isoformat()} {self.value} {self.known_at.isoformat()} {said_}"


def state_of(standings: Iterable[Standing]) -> str:
    """Return a short name of what is known of some values: a form carries it, so that nobody decides on what is past."""
    text = "\n".join(sorted(one.state for one in standings))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def standings(reader: Reader, facts: Sequence[Fact]) -> list[Standing]:
    """Return what the store says of some facts, those that it does not know left out."""
    if not facts:
        return []
    query = Query(
        tuple(sorted({one.source for one in facts})),
        tuple(sorted({one.quantity for one in facts})),
        (),
        min(one.start for one in facts),
        max(one.start for one in facts) + _HOUR,
    )
    moment = pl.Datetime("us", "UTC")
    wanted = pl.DataFrame(
        [(one.source, one.quantity, one.start) for one in sorted(set(facts))],
        schema={"source": pl.String, "quantity": pl.String, "valid_from": moment},
        orient="row",
    )
    on = ["source", "quantity", "valid_from"]
    columns = (*KEY, "value", "unit", "flag", "known_at")
    rows = reader.rows(query, columns).join(wanted, on=on, how="semi")
    spoken = said(reader, query).filter(pl.col("current") & ~pl.col("retracted")).join(wanted, on=on, how="semi")
    set_at: dict[Fact, dict[str, dt.datetime]] = {}
    for one in spoken.iter_rows(named=True):
        set_at.setdefault(_fact(one), {})[one["flag"]] = one["known_at"]
    hours = rows.filter(pl.col("valid_to") - pl.col("valid_from") == _HOUR)
    return sorted(
        (
            Standing(
                _fact(one),
                one["place"],
                one["value"],
                one["unit"],
                one["known_at"],
                one["flag"],
                set_at.get(_fact(one), {}),
            )
            for one in hours.iter_rows(named=True)
        ),
        key=lambda one: one.fact,
    )


def _fact(row: Mapping[str, Any]) -> Fact:
    return Fact(row["source"], row["quantity"], row["valid_from"])


def decide(
    store: Store,
    facts: Sequence[Fact],
    action: Action,
    *,
    reason: str,
    actor: str,
    key: str,
    flag: str = "",
    seen: str | None = None,
    wait: float = 30.0,
) -> Receipt:
    """Accept values, make them void (with one of the flags for it), or take back what people said about them.

    The same key again returns the first receipt (`repeated`). Raises ChangedError when `seen` is no longer what the
    store says, NothingToDoError, BatchConflictError for a key that served for something else, ValueError for an
    unknown action or flag, BusyError.
    """
    if action not in ("accept", "void", "unflag"):
        raise ValueError(f"there is no decision {action!r} about flags")
    if action == "void" and not (flag in flags() and flags()[flag].by == "person" and flags()[flag].void):
        raise ValueError(f"{flag!r} is no flag by which a person makes a value void")
    content = [action, flag, reason, actor, sorted([f.source, f.quantity, f.start.isoformat()] for f in facts)]
    batch = _batch(key, content, actor, reason, action)
    with store.writer("decision about values", wait=wait) as writer:
        if (before := done(store, batch, "flags")) is not None:
            return writer.flag(batch, []) if before["digest"] == batch.digest else _other_key(batch)
        now = standings(store.reader(), facts)
        _check(now, facts, seen)
        rows = [row for one in now for row in _rows(one, action, flag, reason)]
        if not rows:
            raise NothingToDoError("none of these values has a flag that this would change")
        return writer.flag(batch, rows)


def _rows(one: Standing, action: Action, flag: str, reason: str) -> list[dict[str, Any]]:
    people = [name for name in one.flags if name in flags() and flags()[name].by == "person"]
    gone = {
        "accept": [name for name in one.flags if name in automatic() or (name in people and name != ACCEPTED)],
        "void": [name for name in people if name == ACCEPTED],
        "unflag": people,
    }[action]
    rows = [{**one.key(), "flag": name, "reason": reason, "retracted": True} for name in sorted(gone)]
    fresh = {"accept": ACCEPTED, "void": flag}.get(action)
    if fresh and fresh not in one.flags:
        rows.append({**one.key(), "flag": fresh, "reason": reason, "retracted": False})
    return rows


def correct(
    store: Store,
    fact: Fact,
    value: Decimal,
    *,
    reason: str,
    actor: str,
    key: str,
    seen: str | None = None,
    wait: float = 30.0,
) -> Receipt:
    """Put another value in the place of one; the older one stays in the store. Flags about the old one end with it.

    Raises ChangedError, BatchConflictError, BusyError, ValueError for a value with too many decimals or equal to the old
    one (NothingToDoError).
    """
    if value != round(value, DECIMALS):
        raise ValueError(f"{value} has more than {DECIMALS} decimals")
    content = ["correct", str(value), reason, actor, [fact.source, fact.quantity, fact.start.isoformat()]]
    batch = _batch(key, content, actor, reason, "correct")
    with store.writer("correction", wait=wait) as writer:
        if (before := done(store, batch, "observations")) is not None:
            return writer.append(batch, []) if before["digest"] == batch.digest else _other_key(batch)
        now = standings(store.reader(), [fact])
        _check(now, [fact], seen)
        if float(value) == now[0].value:
            raise NothingToDoError("this is the value that is there")
        row = {**now[0].key(), "value": float(value), "unit": now[0].unit, "flag": CORRECTED}
        return writer.append(batch, [row])


def _check(now: Sequence[Standing], facts: Sequence[Fact], seen: str | None) -> None:
    if {one.fact for one in now} != set(facts):
        raise ChangedError("some of these values are not in the store")
    if seen is not None and seen != state_of(now):
        raise ChangedError("somebody decided about these values meanwhile, or they were corrected")


def _batch(key: str, content: Any, actor: str, reason: str, action: Action) -> Batch:
    if not key.strip() or not actor.strip() or not reason.strip():
        raise ValueError("a decision needs a key, a person and a reason")
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return Batch(f"{PREFIX}{action}:{key}", digest=digest, actor=actor, reason=reason, origin=f"air.{action}")


def done(store: Store, batch: Batch, table: str) -> dict[str, Any] | None:
    """Return the commit of a decision that was written before, None for none."""
    return store.register.find(table, batch.name)


def _other_key(batch: Batch) -> Receipt:
    from lantian.observations.errors import BatchConflictError

    raise BatchConflictError(f"the key of {batch.id} served for another decision")


# History of one value -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was said about a value: a value (first or corrected), a flag set or taken back."""

    at: dt.datetime
    kind: Literal["value", "flag", "retracted"]
    name: str
    value: float | None
    reason: str
    who: str
    batch: str


def history(store: Store, reader: Reader, fact: Fact) -> list[Event]:
    """Return everything that was ever said about a value, in the order in which it became known."""
    query = Query(
        (fact.source,), (fact.quantity,), (), fact.start, fact.start + dt.timedelta(microseconds=1), history=True
    )
    found: list[Event] = []
    for row in reader.observations(query).polars().iter_rows(named=True):
        commit = store.register.find("observations", row["batch"]) or {}
        who, why = commit.get("actor", ""), commit.get("reason", "") or commit.get("origin", "")
        found.append(Event(row["known_at"], "value", row["flag"], row["value"], why, who, row["batch"]))
    for row in reader.flags(query).polars().iter_rows(named=True):
        kind: Literal["flag", "retracted"] = "retracted" if row["retracted"] else "flag"
        found.append(Event(row["known_at"], kind, row["flag"], None, row["reason"], row["who"], row["batch"]))
    return sorted(found, key=lambda one: (one.at, one.kind != "value", one.name))


def in_force_at(events: Sequence[Event], moment: dt.datetime) -> tuple[float | None, tuple[str, ...]]:
    """Return the value and the flags as they were known at a moment."""
    value: float | None = None
    names: set[str] = set()
    for one in events:
        if one.at > moment:
            break
        if one.kind == "value":
            value, names = one.value, set(split(one.name))
        elif one.kind == "flag":
            names.add(one.name)
        else:
            names.discard(one.name)
    return value, tuple(sorted(names))
