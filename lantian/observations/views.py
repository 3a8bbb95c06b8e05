"""The newest rows, the rows as known on a day, and the flags beside them, as Ibis expressions for every engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from lantian.observations.model import Query
from lantian.observations.schema import KEY, TableSpec


def chosen(rows: ir.Table, query: Query) -> ir.Table:
    """Return the rows of the query's sources, quantities, places and interval."""
    conditions: list[ir.BooleanValue] = []
    for column, wanted in (("source", query.sources), ("quantity", query.quantities), ("place", query.places)):
        if wanted:
            conditions.append(rows[column].isin(wanted))
    if query.start is not None:
        conditions.append(rows.valid_from >= moment(query.start))
    if query.end is not None:
        conditions.append(rows.valid_from < moment(query.end))
    return rows.filter(*conditions) if conditions else rows


def moment(when: dt.datetime) -> ir.TimestampScalar:
    """Return an aware moment as a literal in UTC."""
    return ibis.literal(when.astimezone(dt.UTC), type=ibis.dtype("timestamp('UTC', 6)"))


# Engines call it by different names, and Ibis' own way (a cast first) costs DuckDB ten times as much.
_OF_TIME = ((ibis.dtype("timestamp('UTC', 6)"),), "int64")


@ibis.udf.scalar.builtin(name="epoch_us", signature=_OF_TIME)
def _duckdb_micros(when): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="unix_micros", signature=_OF_TIME)
def _spark_micros(when): ...  # type: ignore[no-untyped-def]


def micros(when: ir.TimestampValue) -> ir.IntegerValue:
    """Return a time as microseconds since 1970 in UTC."""
    function = _spark_micros if when.get_backend().name == "pyspark" else _duckdb_micros
    found: ir.IntegerValue = function(when)
    return found


def known(rows: ir.Table, as_known_on: dt.datetime | None) -> ir.Table:
    """Return the rows that were learned by a moment (all of them without one)."""
    return rows if as_known_on is None else rows.filter(rows.known_at <= moment(as_known_on))


def not_replaced(rows: ir.Table, as_known_on: dt.datetime | None) -> ir.Table:
    """Return the rows that no later row known by then replaced, as far as `known_until` says."""
    rows = known(rows, as_known_on)
    if as_known_on is None:
        return rows.filter(rows.known_until.isnull())
    return rows.filter(rows.known_until.isnull() | (rows.known_until > moment(as_known_on)))


def newest(rows: ir.Table, spec: TableSpec, as_known_on: dt.datetime | None) -> ir.Table:
    """Return the newest row of every fact, comparing rows (for files that share facts)."""
    rows = not_replaced(rows, as_known_on)
    order = [rows.known_at.desc(), rows.batch.desc(), rows.line.desc()]
    ranked = rows.mutate(_rank=ibis.row_number().over(ibis.window(group_by=list(spec.key), order_by=order)))
    return ranked.filter(ranked["_rank"] == 0).drop("_rank")


def flagged(rows: ir.Table, flags: ir.Table | None) -> ir.Table:
    """Add `flags` to observations: the names in force, sorted, joined by commas; "" for none.

    `flags` holds the newest row of every (fact, flag). A flag is about the value that was known when it was set: a
    correction comes without it, unless the flag is lasting (about the interval, whatever the value).
    """
    if flags is None:
        return rows.mutate(flags=rows.flag)
    said = flags.select(*KEY, said="flag", said_at="known_at", retracted="retracted", lasting="lasting")
    marked = rows.select(*KEY, "known_at", "flag").inner_join(said, list(KEY))
    in_force = ~marked.retracted & (marked.lasting | (marked.said_at > marked.known_at))
    taken_back = marked.retracted & (marked.said == marked.flag) & (marked.said_at > marked.known_at)
    summed = marked.group_by(*KEY, "known_at").agg(
        _set=marked.said.collect(where=in_force), _gone=taken_back.cast("int8").max()
    )
    joined = rows.left_join(summed, [*KEY, "known_at"])
    own = ibis.ifelse(joined["_gone"].fill_null(0) == 1, "", joined.flag)
    names = joined["_set"].sort().join(",").fill_null("")
    already = ("," + names + ",").contains("," + own + ",")
    both = ibis.ifelse((own == "") | already, names, ibis.ifelse(names == "", own, own + "," + names))
    return joined.mutate(flags=both).select(*rows.columns, "flags")


def without(rows: ir.Table, excluded: Sequence[str]) -> ir.Table:
    """Return the rows that have none of the flags `excluded`."""
    conditions = [~("," + rows.flags + ",").contains(f",{name},") for name in sorted(excluded)]
    return rows.filter(*conditions) if conditions else rows


def flags_in_force(flags: ir.Table) -> ir.Table:
    """Return the flags that are set, of the newest rows of every (fact, flag)."""
    return flags.filter(~flags.retracted)
