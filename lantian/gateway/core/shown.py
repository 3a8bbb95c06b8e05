"""What delivery puts into the control tables for pages: the newest value of every point, the last packets."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import polars as pl

from lantian.gateway.core.groups import Group
from lantian.gateway.core.heads import MN
from lantian.gateway.core.mapping import Mapped

_LATEST = """
insert into latest values (?,?,?,?,?,?,?,?,?,?) on conflict (source, quantity) do update set
  place = excluded.place, valid_from = excluded.valid_from, valid_to = excluded.valid_to, value = excluded.value,
  flag = excluded.flag, unit = excluded.unit, at = excluded.at, mn = excluded.mn
where excluded.valid_from >= latest.valid_from
"""


def show(db: sqlite3.Connection, groups: Sequence[Group], mapped: Mapped, most: int) -> None:
    """Write newest values and last packets, inside the caller's transaction."""
    if len(mapped.rows):
        rows = mapped.rows.sort("valid_from").unique(["source", "quantity"], keep="last")
        moments = [pl.col(name).dt.timestamp("us") for name in ("valid_from", "valid_to")]
        db.executemany(
            _LATEST,
            rows.select(
                "source", "quantity", "place", *moments, "value", "flag", "unit", pl.lit(groups[-1].at), "mn"
            ).rows(),
        )
    _packets(db, groups, most)


def _packets(db: sqlite3.Connection, groups: Sequence[Group], most: int) -> None:
    """Keep the last packets of each device. A packet's number is its group's, with its place in it behind."""
    last: dict[str, list[tuple[int, int, bytes]]] = {}
    for group in groups:
        for place, raw in enumerate(group.packets()):
            found = MN.search(raw)
            if found:
                last.setdefault(found[1].decode(), []).append((group.at * 1000 + place % 1000, group.at, raw))
    for mn, packets in last.items():
        newest = packets[-most:]
        db.executemany(
            "insert or replace into packets values (?,?,?,1,'',?,'')",
            [(mn, number, at, raw) for number, at, raw in newest],
        )
        db.execute(
            "delete from packets where mn = ? and id not in (select id from packets where mn = ? order by id desc limit ?)",
            (mn, mn, most),
        )
