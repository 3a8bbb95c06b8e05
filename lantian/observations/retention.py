"""Dropping what a policy says is not kept: the rows go, the record of what went and why stays."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from deltalake.transaction import AddAction

from lantian.observations.errors import StoreError
from lantian.observations.existing import connect, scan
from lantian.observations.log import DataFile
from lantian.observations.model import Query
from lantian.observations.parquet import write_file
from lantian.observations.schema import FLAGS, OBSERVATIONS, TableSpec
from lantian.observations.snapshot import prune

if TYPE_CHECKING:
    import duckdb

    from lantian.observations.store import Store


@dataclass(frozen=True, slots=True)
class Policy:
    """What is dropped: observations (with their history and flags) that began before a moment.

    Empty tuples mean all sources, all quantities. `reason` names the rule that allows it.
    """

    name: str
    reason: str
    before: dt.datetime
    sources: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.reason.strip():
            raise ValueError("a policy has a name and a reason: they are all that stays of the data")
        if self.before.tzinfo is None:
            raise ValueError("before needs a time zone")


def drop(
    store: Store, policy: Policy, *, actor: str, wait: float = 60.0, on_step: Callable[[str], None] | None = None
) -> dict[str, dict[str, int]]:
    """Drop what the policy names; return {table: {month: rows dropped}}. Nothing to drop writes nothing.

    The files stay on disk until vacuum. Raises BusyError, StoreError without an actor.
    """
    if not actor:
        raise StoreError("somebody answers for dropping data: name an actor")
    dropped: dict[str, dict[str, int]] = {}
    for spec in (FLAGS, OBSERVATIONS):
        with store.writer(f"retention {policy.name}", wait=wait, on_step=on_step) as writer:
            found = _split(store, spec, policy)
            if found.gone:
                details = {"policy": _plain(policy), "months": dict(found.gone)}
                rows = sum(found.gone.values())
                meta = {
                    "at": store.clock().isoformat(), "actor": actor, "reason": policy.reason, "rows": rows,
                    "details": details,
                }  # fmt: skip
                writer.step("staged")
                version = store.log(spec).commit("retention", found.adds, found.removes, meta=meta)
                writer.step("committed")
                writer.finish(store.log(spec), version)
                dropped[spec.name] = dict(found.gone)
    return dropped


@dataclass
class _Split:
    adds: list[AddAction]
    removes: list[DataFile]
    gone: Counter[str]


def _split(store: Store, spec: TableSpec, policy: Policy) -> _Split:
    found = _Split([], [], Counter())
    log = store.log(spec)
    query = Query(policy.sources, policy.quantities, end=policy.before)
    with connect(store.temporary) as connection:
        for file in prune(log.files(), query):
            rest = _kept_rows(connection, file, policy)
            if rest == file.rows:
                continue
            found.removes.append(file)
            found.gone[file.month] += file.rows - rest
            if rest:
                found.adds.append(_rewrite(connection, file, spec, log.root, policy))
    return found


def _kept_rows(connection: duckdb.DuckDBPyConnection, file: DataFile, policy: Policy) -> int:
    condition, values = _condition(policy)
    query = f"select count(*) from {scan([file.path])} where not ({condition})"  # noqa: S608
    return int(connection.execute(query, values).fetchall()[0][0])


def _rewrite(
    connection: duckdb.DuckDBPyConnection, file: DataFile, spec: TableSpec, root: Any, policy: Policy
) -> AddAction:
    import pyarrow as pa

    condition, values = _condition(policy)
    order = ", ".join(spec.order)
    query = f"select * from {scan([file.path])} where not ({condition}) order by {order}"  # noqa: S608
    stream = connection.sql(query, params=values).to_arrow_reader(100_000)
    return write_file(spec, root, file.month, (pa.Table.from_batches([b]) for b in stream), data_change=True)


def _condition(policy: Policy) -> tuple[str, list[Any]]:
    conditions, values = ["valid_from < ?"], [policy.before.astimezone(dt.UTC)]
    for column, wanted in (("source", policy.sources), ("quantity", policy.quantities)):
        if wanted:
            conditions.append(f"{column} in ({', '.join('?' * len(wanted))})")
            values.extend(wanted)  # type: ignore[arg-type]
    return " and ".join(conditions), values


def _plain(policy: Policy) -> dict[str, Any]:
    return {**asdict(policy), "before": policy.before.isoformat()}


def dropped_records(store: Store) -> list[dict[str, Any]]:
    """Return what was ever dropped of the observations: when, by whom, which policy, how many rows of which months."""
    return store.register.commits(OBSERVATIONS.name, kinds=("retention",))
