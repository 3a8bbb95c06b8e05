"""Hours and flags out of the store, as the rules and the review want them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from lantian.air.quality.block import HOURS, Block, Mask
from lantian.air.quality.episodes import Flagged
from lantian.air.quality.flags import automatic, deciding, flags
from lantian.observations.model import Query
from lantian.observations.reading import Reader
from lantian.observations.schema import KEY
from lantian.standards.arrays import MISSING, scaled
from lantian.standards.pollutants import core_codes

DECIMALS = 3
_HOUR = dt.timedelta(hours=1)
_COLUMNS = (*KEY, "value", "unit", "flags", "known_at")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A block with the rows that it was made of. `rows` has `subject`, `pollutant`, `hour`: the row's place in it."""

    block: Block
    begin: dt.datetime
    rows: pl.DataFrame

    def void(self) -> Mask:
        """Values that a person found void, or that came with a flag which makes them so."""
        return self.with_any([name for name in deciding() if flags()[name].void])

    def accepted(self) -> Mask:
        """Values that a person accepted: no rule flags them again."""
        return self.with_any([name for name in deciding() if not flags()[name].void])

    def marked(self) -> pl.DataFrame:
        """The rows with a flag: few of many."""
        return self.rows.filter(pl.col("flags") != "")

    def with_any(self, names: Sequence[str]) -> Mask:
        """Values with any of some flags."""
        mask = np.zeros(self.block.values.shape, dtype=np.bool_)
        split = pl.col("flags").str.split(",")
        mine = self.marked().filter(split.list.set_intersection(list(names)).list.len() > 0)
        mask[tuple(mine[name].to_numpy() for name in ("subject", "pollutant", "hour"))] = True
        return mask


def midnight(day: dt.date, offset: dt.timedelta) -> dt.datetime:
    """The moment at which a local day begins."""
    return dt.datetime.combine(day, dt.time(), dt.timezone(offset)).astimezone(dt.UTC)


def local_day(moment: dt.datetime, offset: dt.timedelta) -> dt.date:
    return (moment.astimezone(dt.UTC) + offset).date()


def load(
    reader: Reader,
    sources: Sequence[str],
    first: dt.date,
    last: dt.date,
    offset: dt.timedelta,
    near: Mapping[str, tuple[str, ...]] | None = None,
    as_known_on: dt.datetime | None = None,
) -> Loaded:
    """Return the hours of the sources from the first to the last local day, void ones too."""
    begin, end = midnight(first, offset), midnight(last + dt.timedelta(days=1), offset)
    query = Query(tuple(sources), core_codes(), (), begin, end, as_known_on)
    frame = reader.rows(query, _COLUMNS).filter(pl.col("valid_to") - pl.col("valid_from") == _HOUR)
    rows = _placed(frame, sources, begin)
    days = (last - first).days + 1
    values = np.full((len(sources), len(core_codes()), days * HOURS), MISSING, dtype=np.int64)
    at = tuple(rows[name].to_numpy() for name in ("subject", "pollutant", "hour"))
    values[at] = scaled(rows["value"].round(DECIMALS).to_numpy(), DECIMALS)
    return Loaded(Block(tuple(sources), core_codes(), values, _positions(sources, near or {})), begin, rows)


def _placed(frame: pl.DataFrame, sources: Sequence[str], begin: dt.datetime) -> pl.DataFrame:
    subject = {one: n for n, one in enumerate(sources)}
    pollutant = {one: n for n, one in enumerate(core_codes())}
    return frame.with_columns(
        pl.col("source").replace_strict(subject, return_dtype=pl.Int64, default=None).alias("subject"),
        pl.col("quantity").replace_strict(pollutant, return_dtype=pl.Int64, default=None).alias("pollutant"),
        ((pl.col("valid_from") - begin).dt.total_microseconds() // 3_600_000_000).alias("hour"),
    ).filter(pl.col("valid_from").dt.truncate("1h") == pl.col("valid_from"))


def _positions(sources: Sequence[str], near: Mapping[str, tuple[str, ...]]) -> dict[int, tuple[int, ...]]:
    at = {one: n for n, one in enumerate(sources)}
    found = {at[one]: tuple(at[other] for other in others if other in at) for one, others in near.items() if one in at}
    return {one: others for one, others in found.items() if others}


def sources_between(reader: Reader, start: dt.datetime, end: dt.datetime) -> tuple[str, ...]:
    """Return the sources that have values of the six pollutants in a time."""
    rows = reader.observations(Query(quantities=core_codes(), start=start, end=end, history=True)).expression
    found: pl.DataFrame = rows.select("source").distinct().to_polars()
    return tuple(sorted(found["source"].to_list()))


def said(reader: Reader, query: Query) -> pl.DataFrame:
    """Return the newest row of every (value, flag) of a query, with `value_known_at` and `current`: about this value."""
    flagged: pl.DataFrame = reader.flags(query).expression.to_polars()
    plain = Query(query.sources, query.quantities, query.places, query.start, query.end, query.as_known_on)
    if flagged.is_empty():
        rows = pl.DataFrame(schema={"value": pl.Float64, "unit": pl.String, "value_known_at": pl.Datetime("us", "UTC")})
        return pl.concat([flagged, rows], how="horizontal").with_columns(pl.lit(True).alias("current"))
    values = reader.rows(plain, (*KEY, "value", "unit", "known_at")).rename({"known_at": "value_known_at"})
    joined = flagged.join(values, on=list(KEY), how="inner")
    return joined.with_columns((pl.col("lasting") | (pl.col("known_at") > pl.col("value_known_at"))).alias("current"))


def flagged(reader: Reader, query: Query, names: Sequence[str] = ()) -> list[Flagged]:
    """Return the values of a query whose flags (all automatic ones, or `names`) are in force."""
    wanted = tuple(names) or automatic()
    rows = said(reader, query).filter(pl.col("flag").is_in(wanted) & ~pl.col("retracted") & pl.col("current"))
    return [
        Flagged(
            one["source"], one["place"], one["quantity"], one["valid_from"], one["value"], one["unit"], one["flag"],
            one["reason"], one["who"], one["known_at"],
        )
        for one in rows.iter_rows(named=True)
    ]  # fmt: skip
