"""What a row must fulfil before it is written. Every row that does not is named; none is dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from lantian.observations.errors import Fault, RowFault
from lantian.observations.schema import KEY
from lantian.standards.units import UnknownUnitError, unit

_MOST_FAULTS = 1000
_FLAG = re.compile(r"[a-z0-9][a-z0-9_.:-]*")


@dataclass(frozen=True)
class Check:
    """`bad` is true for a row that does not pass; `text` may name a column in braces."""

    column: str
    fault: Fault
    bad: pl.Expr
    text: str


def observations(frame: pl.DataFrame, quantity_units: Mapping[str, str]) -> tuple[pl.DataFrame, list[RowFault], int]:
    """Return the good rows sorted by key with units by code, the first faults, and how many rows have one.

    `quantity_units` says in which unit a quantity is kept (a code of `lantian.standards.units`); others may have any
    known unit. Nothing is converted here: whoever imports knows what the numbers are.
    """
    frame = frame.with_columns(pl.col("unit").replace_strict(_codes(frame["unit"]), default=None).alias("_unit"))
    kept = pl.col("quantity").replace_strict(_expected(quantity_units), default=None, return_dtype=pl.String)
    checks = [
        *_common(),
        Check("value", Fault.MISSING, pl.col("value").is_null(), "it is empty"),
        Check("value", Fault.NOT_FINITE, ~pl.col("value").is_finite(), "{value} is no finite number"),
        Check("unit", Fault.UNKNOWN_UNIT, pl.col("_unit").is_null(), "the unit {unit!r} is not known"),
        Check(
            "unit",
            Fault.OTHER_UNIT,
            kept.is_not_null() & (kept != pl.col("_unit")),
            "{quantity} is not kept in {unit}: convert it before it is written",
        ),
        Check("flag", Fault.BAD_FLAG, _bad_flag(frame, empty=True), "{flag!r} is no name of a flag"),
        _repeated(KEY),
    ]
    good, faults, total = _apply(frame, checks, KEY)
    return good.with_columns(pl.col("_unit").alias("unit")).drop("_unit"), faults, total


def flags(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[RowFault], int]:
    """Return the good rows sorted by key, the first faults, and how many rows have one."""
    key = (*KEY, "flag")
    checks = [
        *_common(),
        Check("flag", Fault.BAD_FLAG, _bad_flag(frame, empty=False), "{flag!r} is no name of a flag"),
        Check("reason", Fault.MISSING, _blank("reason"), "a flag needs a reason"),
        _repeated(key),
    ]
    return _apply(frame, checks, key)


def _common() -> list[Check]:
    start, end = pl.col("valid_from"), pl.col("valid_to")
    return [
        *(Check(c, Fault.MISSING, _blank(c), "it is empty") for c in ("source", "quantity", "place")),
        *(Check(c, Fault.MISSING, pl.col(c).is_null(), "it is empty") for c in ("valid_from", "valid_to")),
        Check("valid_to", Fault.EMPTY_INTERVAL, start >= end, "{valid_to} is not after valid_from {valid_from}"),
    ]


def _blank(column: str) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column).str.strip_chars() == "")


def _repeated(key: Sequence[str]) -> Check:
    """Rows lie sorted by key and line when this is asked: the later ones of a key are the repeats."""
    again = pl.all_horizontal(pl.col(c) == pl.col(c).shift(1) for c in key).fill_null(False)
    return Check(key[0], Fault.DUPLICATE, again, "the batch says the same fact twice: {key}")


def _codes(spellings: pl.Series) -> dict[str, str]:
    found: dict[str, str] = {"": ""}
    for spelling in spellings.unique().drop_nulls():
        try:
            found[spelling] = unit(spelling).code
        except UnknownUnitError:
            continue
    return {k: v for k, v in found.items() if v}


def _expected(quantity_units: Mapping[str, str]) -> dict[str, str]:
    return {quantity: unit(code).code for quantity, code in quantity_units.items()}


def _bad_flag(frame: pl.DataFrame, *, empty: bool) -> pl.Expr:
    names = [n for n in frame["flag"].unique() if n is not None and (_FLAG.fullmatch(n) or (empty and not n))]
    return ~pl.col("flag").is_in(names).fill_null(False)


def _apply(
    frame: pl.DataFrame, checks: Sequence[Check], key: Sequence[str]
) -> tuple[pl.DataFrame, list[RowFault], int]:
    frame = frame.sort([*key, "line"])
    first = pl.coalesce(
        pl.when(check.bad.fill_null(False)).then(pl.lit(number, dtype=pl.Int8)) for number, check in enumerate(checks)
    )
    frame = frame.with_columns(first.alias("_fault"))
    if frame["_fault"].null_count() == len(frame):
        return frame.drop("_fault"), [], 0
    bad = frame.filter(pl.col("_fault").is_not_null()).sort("line")
    faults = [_fault(checks[row["_fault"]], row, key) for row in bad.head(_MOST_FAULTS).iter_rows(named=True)]
    return frame.filter(pl.col("_fault").is_null()).drop("_fault"), faults, len(bad)


def _fault(check: Check, row: dict[str, object], key: Sequence[str]) -> RowFault:
    named = {**row, "key": " ".join(str(row[c]) for c in key)}
    return RowFault(int(str(row["line"])), check.column, check.fault, check.text.format(**named))
