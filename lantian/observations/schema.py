"""The tables of the store. All three are logs with two times: when a row was true and when we learned it.

`known_until` is empty when a row is written. Compaction fills it in with the `known_at` of the next row of the same
key: it only repeats what the rows say, so that reading the newest needs no comparison of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")


def _fields(*pairs: tuple[str, pa.DataType]) -> list[pa.Field]:
    return [pa.field(name, kind, nullable=False) for name, kind in pairs]


_TEXT = pa.string()
_ORIGIN = [
    pa.field("known_at", TIME, nullable=False),
    pa.field("known_until", TIME, nullable=True),
    pa.field("batch", _TEXT, nullable=False),
    pa.field("line", pa.int64(), nullable=False),
]
KEY = ("source", "quantity", "place", "valid_from", "valid_to")
_KEY_FIELDS = _fields(
    ("source", _TEXT), ("quantity", _TEXT), ("place", _TEXT), ("valid_from", TIME), ("valid_to", TIME)
)


@dataclass(frozen=True)
class TableSpec:
    """One table: its columns, what names a fact (`key`), by which time it is partitioned (month of `time`)."""

    name: str
    schema: pa.Schema
    key: tuple[str, ...]
    time: str = "valid_from"

    @property
    def order(self) -> tuple[str, ...]:
        """Rows lie in this order within a file; the first column is where big files are cut."""
        return (*self.key, "known_at", "batch", "line")

    @property
    def stored_schema(self) -> pa.Schema:
        """The columns with the partition, as the Delta log knows them."""
        return self.schema.append(pa.field("month", _TEXT))


OBSERVATIONS = TableSpec(
    "observations",
    pa.schema([*_KEY_FIELDS, *_fields(("value", pa.float64()), ("unit", _TEXT), ("flag", _TEXT)), *_ORIGIN]),
    KEY,
)
FLAGS = TableSpec(
    "flags",
    pa.schema(
        [
            *_KEY_FIELDS,
            *_fields(("flag", _TEXT), ("retracted", pa.bool_()), ("lasting", pa.bool_())),
            *_fields(("reason", _TEXT), ("who", _TEXT)),
            *_ORIGIN,
        ]
    ),
    (*KEY, "flag"),
)
FIGURES = TableSpec(
    "figures",
    pa.schema(
        [
            *_fields(("subject", _TEXT), ("figure", _TEXT), ("quantity", _TEXT), ("period", _TEXT)),
            *_fields(("period_from", TIME), ("period_to", TIME)),
            pa.field("value", pa.float64(), nullable=True),
            *_fields(("unit", _TEXT), ("n", pa.int64()), ("expected", pa.int64()), ("valid", pa.bool_())),
            *_fields(("rule_version", _TEXT), ("observations_version", pa.int64()), ("flags_version", pa.int64())),
            pa.field("horizon", TIME, nullable=True),
            *_ORIGIN,
        ]
    ),
    ("subject", "figure", "quantity", "period", "period_from"),
    time="period_from",
)
TABLES = (OBSERVATIONS, FLAGS, FIGURES)
