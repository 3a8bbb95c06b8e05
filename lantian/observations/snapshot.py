"""Which files a question needs, and which of them may hold rows of the same fact. No row is read here."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lantian.observations.log import DataFile
from lantian.observations.model import Query


@dataclass(frozen=True, slots=True)
class Parts:
    """Files whose rows need no comparison with other files, and files whose rows do."""

    alone: tuple[DataFile, ...]
    shared: tuple[DataFile, ...]


def prune(files: Iterable[DataFile], query: Query) -> tuple[DataFile, ...]:
    """Return the files that may hold rows of the query, by month, least and greatest values."""
    return tuple(f for f in files if _may_hold(f, query))


def _may_hold(file: DataFile, query: Query) -> bool:
    return (
        within(file, "source", query.sources)
        and within(file, "quantity", query.quantities)
        and within(file, "place", query.places)
        and (query.start is None or file.high["valid_from"] >= query.start)
        and (query.end is None or file.low["valid_from"] < query.end)
        and (query.as_known_on is None or file.low["known_at"] <= query.as_known_on)
    )


def within(file: DataFile, column: str, wanted: Sequence[str]) -> bool:
    """Tell whether a file may hold one of some texts in a column (of any, without a wish)."""
    return not wanted or any(file.low[column] <= one <= file.high[column] for one in wanted)


def part(files: Iterable[DataFile], column: str) -> Parts:
    """Tell the files that share facts with others of their month from those that cannot.

    Within one file a fact's older rows carry `known_until`, so that a file by itself needs no comparison. Two files
    of a month can share facts only when their spans of `column` and their times overlap.
    """
    months: dict[str, list[DataFile]] = defaultdict(list)
    for file in files:
        months[file.month].append(file)
    shared: set[str] = set()
    for group in months.values():
        group.sort(key=lambda f: f.low[column])
        for number, one in enumerate(group):
            for other in group[number + 1 :]:
                if other.low[column] > one.high[column]:
                    break
                if _overlap(one, other):
                    shared |= {one.name, other.name}
    listed = [f for group in months.values() for f in group]
    return Parts(
        tuple(f for f in listed if f.name not in shared),
        tuple(f for f in listed if f.name in shared),
    )


def _overlap(one: DataFile, other: DataFile) -> bool:
    """Whether the spans of the fact's time overlap; files of small batches follow each other in time."""
    times = [name for name in ("valid_from", "period_from") if name in one.low]
    return all(one.low[t] <= other.high[t] and other.low[t] <= one.high[t] for t in times)


def month_of(moment: dt.datetime, offset: dt.timedelta) -> str:
    """Return the month ("2020-01") of a moment on the store's clock."""
    return (moment.astimezone(dt.UTC) + offset).strftime("%Y-%m")
