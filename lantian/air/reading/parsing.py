"""What an importer gives back, and the checks that every format of wide hourly rows shares. Nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from lantian.air.reading.faults import Fault, Faults
from lantian.air.reading.formats import Asked, Format

_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: good cells as a wide frame (place, label, line, then a column for each pollutant; null is
    missing), what was wrong, rows that were seen, columns nobody knows. `label` is the local time as the file says it."""

    frame: pl.DataFrame
    faults: Faults
    rows: int
    unknown_columns: tuple[str, ...]


def parse(
    cells: Mapping[str, Sequence[str]], lines: Sequence[int], form: Format, asked: Asked, into: Faults
) -> pl.DataFrame:
    """Turn the texts of some rows into a frame as in `Reading`; what cannot be read is noted and left out."""
    frame = pl.DataFrame({name: list(values) for name, values in cells.items()}, schema=dict.fromkeys(cells, pl.String))
    frame = frame.with_columns(pl.all().str.strip_chars(), pl.Series("line", lines, dtype=pl.Int64))
    frame = _times(frame, form, asked, into)
    frame = _kept(frame, pl.col(form.place) == "", form.place, "no_place", into, expected=form.place)
    amounts = {one.pollutant: _amounts(frame, one.column, form, into) for one in form.values}
    return frame.select(pl.col(form.place).alias("place"), "label", "line").with_columns(
        pl.Series(name, values) for name, values in amounts.items()
    )


def _times(frame: pl.DataFrame, form: Format, asked: Asked, into: Faults) -> pl.DataFrame:
    text = pl.col(form.time)
    read = text.str.strptime(pl.Datetime("us"), asked.time_format, strict=False)
    frame = frame.with_columns(read.alias("label"))
    # Written back it must be the same: "2020-5-1" is another format than "2020-05-01".
    same = (pl.col("label").dt.strftime(asked.time_format) == text).fill_null(False)
    expected = dt.datetime(2020, 5, 1, 13).strftime(asked.time_format)  # noqa: DTZ001 (an example on the local clock)
    serial = ~same & text.str.contains(r"^[3-6][0-9]{4}(?:\.[0-9]+)?$")
    frame = _kept(frame, serial, form.time, "serial_time", into, expected=expected)
    frame = _kept(frame, ~same, form.time, "time", into, expected=expected)
    uneven = pl.col("label") != pl.col("label").dt.truncate("1h")
    return _kept(frame, uneven, form.time, "hour", into)


def _kept(
    frame: pl.DataFrame, bad: pl.Expr, column: str, code: str, into: Faults, *, expected: str = ""
) -> pl.DataFrame:
    """Note the rows that are bad and return the others."""
    flags = frame.select(bad.alias("bad"))["bad"]
    if not flags.any():
        return frame
    _note(frame.filter(flags), column, code, into, expected)
    return frame.filter(~flags)


def _note(bad: pl.DataFrame, column: str, code: str, into: Faults, expected: str = "") -> None:
    cells = bad.select("line", column).iter_rows()
    into.add_all(code, len(bad), (Fault(line, column, value, code, expected=expected) for line, value in cells))


def _amounts(frame: pl.DataFrame, column: str, form: Format, into: Faults) -> pl.Series:
    """Read a column of numbers; cells that are none, negative or too fine are noted and become missing."""
    text = pl.col(column)
    there = ~text.is_in(list(form.missing))
    number = text.cast(pl.Float64, strict=False)
    checks = {
        "number": there & ~text.str.contains(_NUMBER),
        "negative": there & text.str.contains(_NUMBER) & (number < 0),
        "decimals": there & text.str.contains(rf"^[+]?[0-9]+\.[0-9]{{{form.decimals}}}[0-9]*[1-9]"),
    }
    found = frame.select(number.alias("n"), there.alias("there"), *(bad.alias(code) for code, bad in checks.items()))
    good = found["there"]
    for code in checks:
        if found[code].any():
            _note(frame.filter(found[code]), column, code, into, str(form.decimals))
            good &= ~found[code]
    return (
        found.select(pl.when(good).then(pl.col("n")))["n"]
        if good.any()
        else pl.Series([None] * len(frame), dtype=pl.Float64)
    )


def without_repeats(frame: pl.DataFrame, form: Format, into: Faults) -> pl.DataFrame:
    """Note rows about a place and hour that a row before was about. Equal ones count once, contradicting ones not at all."""
    key = ["place", "label"]
    again = frame.filter(pl.struct(key).is_duplicated()).sort(*key, "line")
    if again.is_empty():
        return frame
    values = [one.pollutant for one in form.values]
    firsts = again.group_by(key, maintain_order=True).agg(
        pl.col("line").first().alias("first"), pl.struct(values).n_unique().alias("kinds")
    )
    later = again.join(firsts, on=key).filter(pl.col("line") != pl.col("first"))
    for line, first, kinds, label in later.select("line", "first", "kinds", "label").iter_rows():
        code = "same_again" if kinds == 1 else "other_again"
        into.add(Fault(line, form.time, str(label), code, other=str(first)))
    dropped = again.join(firsts, on=key).filter((pl.col("kinds") > 1) | (pl.col("line") != pl.col("first")))
    return frame.join(dropped.select("line"), on="line", how="anti")


def long_rows(frame: pl.DataFrame, form: Format, chunk: int = 100_000) -> Iterator[pl.DataFrame]:
    """Yield the store's rows: one for each value, the hour as an interval in UTC, `line` as in the file."""
    begin = pl.col("label") - (_HOUR if form.hour_label == "end" else dt.timedelta(0))
    start = begin.dt.replace_time_zone(form.time_zone).dt.convert_time_zone("UTC")
    units = {one.pollutant: one.unit for one in form.values}
    for part in frame.iter_slices(chunk):
        yield (
            part.unpivot(list(units), index=["place", "label", "line"], variable_name="quantity")
            .drop_nulls("value")
            .select(
                (pl.lit(form.series + ":") + pl.col("place")).alias("source"),
                "quantity",
                "place",
                start.alias("valid_from"),
                (start + _HOUR).alias("valid_to"),
                "value",
                pl.col("quantity").replace_strict(units).alias("unit"),
                "line",
            )
        )
