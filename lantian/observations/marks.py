"""Which flags of a row are in force: `views.flagged` on frames, for rows that are in memory."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lantian.observations.schema import KEY

# What must be known of flag rows beside their key.
SAID = ("flag", "known_at", "retracted", "lasting")


def in_force(rows: pl.DataFrame, said: pl.DataFrame | None) -> pl.Series:
    """Return the names of the flags in force of each row, joined by commas, as `views.flagged` does.

    `rows` has the key, known_at and flag; `said` the newest row of every fact and flag (None for none).
    """
    own = rows["flag"].alias("flags")
    if said is None or said.is_empty() or rows.is_empty():
        return own
    # Few rows have a flag: those of other hours need not be joined.
    near = rows.select(*KEY, "known_at", "flag").with_row_index("row")
    near = near.filter(pl.col("valid_from").is_in(said["valid_from"].unique().implode()))
    found = _joined(near, said)
    return own.scatter(found["row"], found["flags"]) if len(found) else own


def _joined(rows: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Return the number and the names in force of the rows that some flag is about."""
    other = said.select(*KEY, pl.col("flag").alias("said"), pl.col("known_at").alias("said_at"), "retracted", "lasting")
    marked = rows.join(other, on=list(KEY), how="inner")
    later = pl.col("said_at") > pl.col("known_at")
    force = ~pl.col("retracted") & (pl.col("lasting") | later)
    gone = pl.col("retracted") & (pl.col("said") == pl.col("flag")) & later
    summed = marked.group_by("row").agg(
        pl.col("flag").first(), pl.col("said").filter(force).sort().alias("set"), gone.any().alias("gone")
    )
    kept = pl.when(pl.col("gone")).then(pl.lit("")).otherwise(pl.col("flag"))
    names = pl.col("set").list.join(",")
    already = pl.col("set").list.contains(kept)
    both = pl.when((kept == "") | already).then(names).when(names == "").then(kept).otherwise(kept + "," + names)
    return summed.select("row", both.alias("flags"))


def has_any(flags: pl.Series, names: Sequence[str]) -> pl.Series:
    """Tell which of the joined names hold one of some flags."""
    return flags.str.split(",").list.set_intersection(list(names)).list.len() > 0
