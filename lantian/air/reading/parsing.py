"""Texts of some rows into times, places and numbers: the checks that every format shares. Nothing is written here.

A frame of good rows has place, label (the local time as the file says it), line, then for a wide format a column for each
quantity (null is missing), for a long one quantity and value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import polars as pl

from lantian.air.reading.columns import Header
from lantian.air.reading.declaring import EXAMPLE, unit_of
from lantian.air.reading.faults import Fault, Faults
from lantian.air.reading.formats import Format
from lantian.air.reading.tables import Chunk

_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
_SERIAL = r"^[3-6][0-9]{4}(?:\.[0-9]+)?$"
_FORMULA = "\0"
_DAY = dt.timedelta(days=1)
# Texts are read to so many decimals; more are refused before anything is converted.
_DIGITS = 6
_SCALE = 10**_DIGITS
_HIGHEST = 1_000_000


def texts(chunk: Chunk) -> pl.DataFrame:
    """Return the cells of a chunk as texts without spaces around, with their line; a column for each role."""
    columns = {role: list(cells) for role, cells in chunk.cells.items()}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_columns(
        pl.all().str.strip_chars(" \t\u3000\u00a0"), pl.Series("line", chunk.lines, dtype=pl.Int64)
    )


def keyed(frame: pl.DataFrame, header: Header, form: Format, faults: Faults) -> pl.DataFrame:
    """Add `label` and `place`; rows without a sound time or place are noted and left out."""
    for role in ("time", "hour", "place", "pollutant", "unit"):
        if role in header.columns:
            frame = kept(frame, pl.col(role).str.starts_with(_FORMULA), role, header, "formula", faults)
    frame = _times(frame, header, form, faults)
    if form.fixed_place:
        return frame.with_columns(pl.lit(form.fixed_place).alias("place"))
    frame = kept(frame, pl.col("place") == "", "place", header, "no_place", faults, header.name("place"))
    return kept(frame, pl.col("place").str.len_chars() > 100, "place", header, "long_place", faults)


def _times(frame: pl.DataFrame, header: Header, form: Format, faults: Faults) -> pl.DataFrame:
    text, extra = pl.col("time"), pl.lit(dt.timedelta(0))
    if form.hours == "1-24" and "%H" in form.time_format:
        # Hour 24 is 00:00 of the day after; an hour 0 is another way of counting.
        at = len(EXAMPLE.strftime(form.time_format.split("%H")[0]))
        hour = text.str.slice(at, 2)
        extra = pl.when(hour == "24").then(pl.lit(_DAY)).otherwise(extra)
        frame = kept(frame, hour == "00", "time", header, "hour_count", faults, form.hours)
        text = pl.when(hour == "24").then(text.str.slice(0, at) + "00" + text.str.slice(at + 2)).otherwise(text)
    read = text.str.strptime(pl.Datetime("us"), form.time_format, strict=False)
    frame = frame.with_columns(read.alias("label"), text.alias("_text"), extra.alias("_extra"))
    # Written back it must be the same: "2020-5-1" is another format than "2020-05-01".
    same = (pl.col("label").dt.strftime(form.time_format) == pl.col("_text")).fill_null(False)
    expected = EXAMPLE.strftime(form.time_format)
    serial = ~same & pl.col("time").str.contains(_SERIAL)
    frame = kept(frame, serial, "time", header, "serial_time", faults, expected)
    same = (pl.col("label").dt.strftime(form.time_format) == pl.col("_text")).fill_null(False)
    frame = kept(frame, ~same, "time", header, "time", faults, expected)
    frame = frame.with_columns(pl.col("label") + pl.col("_extra")).drop("_text", "_extra")
    if "hour" in header.columns:
        frame = _hours(frame, header, form, faults)
    even = pl.col("label").dt.truncate("1h" if form.step == "hour" else "1d")
    return kept(frame, pl.col("label") != even, "time", header, "hour" if form.step == "hour" else "day", faults)


def _hours(frame: pl.DataFrame, header: Header, form: Format, faults: Faults) -> pl.DataFrame:
    """Add the hour that stands in a column of its own, counted as declared."""
    first = 1 if form.hours == "1-24" else 0
    hour = pl.col("hour").str.extract(r"^([0-9]{1,2})(?:\.0+)?$").cast(pl.Int64, strict=False)
    frame = frame.with_columns(hour.alias("_hour"))
    bad = pl.col("_hour").is_null() | ~pl.col("_hour").is_between(first, first + 23)
    frame = kept(frame, bad, "hour", header, "hour_count", faults, form.hours)
    return frame.with_columns(pl.col("label") + pl.duration(hours=pl.col("_hour"))).drop("_hour")


def kept(
    frame: pl.DataFrame, bad: pl.Expr, role: str, header: Header, code: str, faults: Faults, expected: str = "",
    other: str = "",
) -> pl.DataFrame:  # fmt: skip
    """Note the rows that are bad and return the others."""
    flags = frame.select(bad.fill_null(False).alias("bad"))["bad"]
    if not flags.any():
        return frame
    _note(frame.filter(flags), role, header.name(role), code, faults, expected, other)
    return frame.filter(~flags)


def _note(
    bad: pl.DataFrame, role: str, name: str, code: str, faults: Faults, expected: str = "", other: str = ""
) -> None:
    cells = bad.select("line", role).iter_rows()
    faults.add_all(
        code,
        len(bad),
        (Fault(line, name, (value or "").lstrip(_FORMULA), code, expected, other) for line, value in cells),
    )


def amounts(
    frame: pl.DataFrame, role: str, times: Fraction | pl.DataFrame, header: Header, form: Format, faults: Faults
) -> pl.Series:
    """Read a column of numbers, times an exact factor (or one for each row: `numerator`, `denominator`).

    Cells that are none, negative, beyond any concentration or too fine are noted and become missing. What comes out
    is the nearest float of the exact decimal: the conversion is made in whole numbers.
    """
    text = pl.col(role)
    if isinstance(times, Fraction):
        times = pl.DataFrame({"numerator": [times.numerator], "denominator": [times.denominator]})
    numerator, denominator = times["numerator"], times["denominator"]
    there = ~text.is_in(list(form.missing))
    number = text.cast(pl.Float64, strict=False)
    is_number = text.str.contains(_NUMBER)
    found = frame.select(
        number.alias("n"),
        there.alias("there"),
        (there & text.str.starts_with(_FORMULA)).alias("formula"),
        (there & ~is_number & ~text.str.starts_with(_FORMULA)).alias("number"),
        (there & is_number & (number < 0)).alias("negative"),
        (there & is_number & (number >= _HIGHEST)).alias("huge"),
        (there & text.str.contains(rf"^[+]?[0-9]+\.[0-9]{{{_DIGITS}}}[0-9]*[1-9]")).alias("_fine"),
    )
    sound = found["there"] & ~(found["formula"] | found["number"] | found["negative"] | found["huge"] | found["_fine"])
    good = found.select(pl.when(sound).then(pl.col("n")))["n"].cast(pl.Float64)
    whole = (good * _SCALE).round().cast(pl.Int64) * numerator
    step = denominator * 10 ** (_DIGITS - form.decimals)
    fine = (sound & (whole % step != 0).fill_null(False)) | found["_fine"]
    for code in ("formula", "number", "negative", "huge"):
        if found[code].any():
            _note(frame.filter(found[code]), role, header.name(role), code, faults, str(form.decimals))
    if fine.any():
        _note(frame.filter(fine), role, header.name(role), "decimals", faults, str(form.decimals))
    # NumPy divides exactly; Polars multiplies with the reciprocal, which is off by the last bit.
    value = pl.Series(role, (whole // step).fill_null(0).to_numpy() / 10**form.decimals, dtype=pl.Float64)
    return pl.select(pl.when(sound & ~fine).then(value).alias(role))[role].cast(pl.Float64)


def long_rows(frame: pl.DataFrame, form: Format, chunk: int = 100_000) -> Iterator[pl.DataFrame]:
    """Yield the store's rows: one for each value, its hour or day as an interval in UTC, `line` as in the file."""
    begin = pl.col("label") - (form.length if form.hour_label == "end" else dt.timedelta(0))
    start = begin.dt.replace_time_zone(form.time_zone).dt.convert_time_zone("UTC")
    for part in frame.iter_slices(chunk):
        if part.is_empty():
            continue
        if "quantity" not in part.columns:
            quantities = [name for name in part.columns if name not in ("place", "label", "line")]
            part = part.unpivot(quantities, index=["place", "label", "line"], variable_name="quantity")
        units = {one: unit_of(one) for one in part["quantity"].unique()}
        yield part.drop_nulls("value").select(
            (pl.lit(form.series + ":") + pl.col("place")).alias("source"),
            "quantity",
            "place",
            start.alias("valid_from"),
            (start + form.length).alias("valid_to"),
            "value",
            pl.col("quantity").replace_strict(units, return_dtype=pl.String).alias("unit"),
            "line",
        )
