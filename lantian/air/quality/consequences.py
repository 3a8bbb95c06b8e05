"""What a decision changed: figures before and after, and who rests on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from lantian.air.quality.deciding import PREFIX
from lantian.air.quality.figures import DAY, NAMES, definitions
from lantian.observations.dependency import Affected, Dependant, dependants
from lantian.observations.figures import Recomputed, newest, recompute, waiting
from lantian.observations.model import Query
from lantian.observations.schema import FIGURES
from lantian.observations.store import Store

_KEY = list(FIGURES.key)
_TABLES = ("flags", "observations")
# So many new values are computed in one go; more of them kind by kind.
_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as the store remembers it: `action` is accept, void, unflag or correct."""

    batch: str
    action: str
    actor: str
    reason: str
    at: dt.datetime
    table: str
    version: int
    rows: int

    @property
    def key(self) -> str:
        """What its page is called by."""
        return self.batch.removeprefix(PREFIX).partition(":")[2]


@dataclass(frozen=True, slots=True)
class Touched:
    """An hour that a decision was about: the flag that was set or taken back, or the value that was corrected."""

    source: str
    place: str
    quantity: str
    start: dt.datetime
    flag: str
    retracted: bool
    value: float | None


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A kept figure before and after; days in local time, `until` not in it. `old` None: there was none before."""

    figure: str
    source: str
    quantity: str
    first: dt.date
    until: dt.date
    unit: str
    old: float | None
    new: float | None
    old_n: int
    new_n: int
    expected: int
    old_valid: bool
    new_valid: bool
    rule_version: str


def bring_up_to_date(store: Store, *, actor: str = "", wait: float = 60.0) -> Recomputed:
    """Recompute the air's figures that rest on what was written since the last time; nothing else. Raises BusyError.

    Where much is new (the first figures of a large store) each kind is computed and written by itself: whoever waits for
    figures waits for one of them.
    """
    everything = definitions(store.offset)
    if max(waiting(store, one) for one in everything) <= _AT_ONCE:
        return recompute(store, everything, actor=actor, wait=wait)
    parts = [recompute(store, [one], actor=actor, wait=wait) for one in everything]
    return Recomputed(
        tuple(each for part in parts for each in part.affected),
        tuple(each for part in parts for each in part.revisions),
        tuple(each for part in parts for each in part.changed),
        parts[-1].version,
    )


def decisions(store: Store, most: int = 500) -> list[Decision]:
    """Return the decisions of people, newest first."""
    found = [
        _decision(table, commit)
        for table in _TABLES
        for commit in store.register.commits(table)
        if commit["batch"].startswith(PREFIX)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]


def decision_of(store: Store, key: str) -> Decision | None:
    """Return the decision of a key, None for none."""
    return next((one for one in decisions(store, most=2**31) if one.key == key), None)


def _decision(table: str, commit: dict[str, Any]) -> Decision:
    action = commit["batch"].removeprefix(PREFIX).partition(":")[0]
    at = dt.datetime.fromisoformat(commit["known_at"] or commit["at"])
    return Decision(
        commit["batch"], action, commit["actor"], commit["reason"], at, table, commit["version"], commit["rows"]
    )


def touched(store: Store, decision: Decision) -> list[Touched]:
    """Return the hours that a decision was about."""
    commit = store.register.find(decision.table, decision.batch)
    if commit is None or not commit["rows"]:
        return []
    first, last = (dt.datetime.fromisoformat(commit["details"][name]) for name in ("first", "last"))
    query = Query(start=first, end=last + dt.timedelta(microseconds=1), history=True)
    reader = store.reader()
    answer = reader.flags(query) if decision.table == "flags" else reader.observations(query)
    rows: pl.DataFrame = answer.expression.filter(answer.expression.batch == decision.batch).to_polars()
    return [
        Touched(
            row["source"], row["place"], row["quantity"], row["valid_from"], row["flag"],
            bool(row.get("retracted", False)), row.get("value"),
        )
        for row in rows.sort("source", "quantity", "valid_from", "flag").iter_rows(named=True)
    ]  # fmt: skip


def is_computed(store: Store, decision: Decision) -> bool:
    """Tell whether all figures were brought up to date since the decision."""
    return set(_figures_commits(store, decision)) == set(NAMES)


def _figures_commits(store: Store, decision: Decision) -> dict[str, str]:
    """{kind of figure: batch of the first computation that knew of a decision}; kinds that were not computed yet lack."""
    found: dict[str, str] = {}
    for commit in store.register.commits("figures", kinds=("figures",)):
        if commit["details"][f"{decision.table}_version"] >= decision.version:
            for name in commit["details"]["definitions"]:
                found.setdefault(name, commit["batch"])
    return {name: batch for name, batch in found.items() if name in NAMES}


def changes(store: Store, decision: Decision) -> list[FigureChange]:
    """Return the figures that changed because of a decision: days first, then months and years."""
    commits = _figures_commits(store, decision)
    if not commits:
        return []
    about = {(one.source, one.quantity) for one in touched(store, decision)}
    days = {(one.source, one.quantity, (one.start + store.offset).date()) for one in touched(store, decision)}
    rows: pl.DataFrame = newest(store, store.reader(), history=True).filter(lambda t: t.figure.isin(NAMES)).to_polars()
    first = pl.DataFrame(list(commits.items()), schema={"figure": pl.String, "batch": pl.String}, orient="row")
    mine = rows.join(first, on=["figure", "batch"], how="semi")
    older = rows.join(mine.select(*_KEY, pl.col("known_at").alias("_then")), on=_KEY).filter(
        pl.col("known_at") < pl.col("_then")
    )
    before = {tuple(row[c] for c in _KEY): row for row in older.sort("known_at").iter_rows(named=True)}
    found = []
    for row in mine.iter_rows(named=True):
        change = _change(row, before.get(tuple(row[c] for c in _KEY)), store.offset)
        inside = any(
            s == change.source and q == change.quantity and change.first <= day < change.until for s, q, day in days
        )
        if (change.source, change.quantity) in about and inside:
            found.append(change)
    return sorted(found, key=lambda one: (NAMES.index(one.figure), one.source, one.quantity, one.first))


def _change(row: dict[str, Any], old: dict[str, Any] | None, offset: dt.timedelta) -> FigureChange:
    return FigureChange(
        row["figure"], row["subject"], row["quantity"],
        (row["period_from"] + offset).date(), (row["period_to"] + offset).date(), row["unit"],
        old["value"] if old else None, row["value"], old["n"] if old else 0, row["n"], row["expected"],
        bool(old and old["valid"]), row["valid"], row["rule_version"],
    )  # fmt: skip


def resting_on(found: Sequence[FigureChange], touched_: Sequence[Touched]) -> list[Dependant]:
    """Return the published bulletins and the targets (of rooms that registered) that rest on changed figures.

    Asked by day: a month or year changes because one of its days did, and what rests on its other days only did not.
    """
    places = {(one.source, one.quantity): one.place for one in touched_}
    affected = [
        Affected(one.source, places[one.source, one.quantity], one.quantity, one.first, one.until)
        for one in found
        if one.figure == DAY
    ]
    return dependants(sorted(set(affected)))
