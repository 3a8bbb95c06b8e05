"""What depends on what changed: days, and the periods that they lie in; and who, in rooms above, rests on these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lantian.observations.hooks import connected_finders
from lantian.observations.model import Query
from lantian.observations.schema import FLAGS, OBSERVATIONS, TableSpec
from lantian.observations.statistics.rules import Span

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from lantian.observations.reading import Reader
    from lantian.observations.store import Store

_DAY = dt.timedelta(days=1)
_NEVER = 2**62


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """Something about a source's quantity changed for the time from `start` (aware) until before `end`."""

    source: str
    place: str
    quantity: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True, order=True)
class Affected:
    """A period (local days, `until` not in it) of which figures about a quantity may have changed."""

    source: str
    place: str
    quantity: str
    period_from: dt.date
    period_to: dt.date


@dataclass(frozen=True, slots=True)
class GivenOut:
    """A figure that was given out and is another one now, as texts with their units."""

    label: str
    stood: str
    now: str


@dataclass(frozen=True, slots=True)
class Dependant:
    """Something above that rests on figures: a bulletin that was published, a target. `url_name` is called with id.

    `figures`: what it prints that is otherwise now, where it keeps what it printed.
    """

    kind: str
    id: str
    label: str
    url_name: str = ""
    figures: tuple[GivenOut, ...] = ()


Finder = Callable[[Sequence[Affected]], Iterable[Dependant]]
_finders: dict[str, Finder] = {}


def register_dependants(name: str, finder: Finder) -> None:
    """Let `finder` be asked which things of its room rest on changed figures; a name registers once."""
    _finders[name] = finder


def dependants(affected: Sequence[Affected]) -> list[Dependant]:
    """Return everything registered above that rests on the affected periods."""
    asked = {**connected_finders(), **_finders}
    return [one for _, finder in sorted(asked.items()) for one in finder(affected)] if affected else []


def period_of(day: dt.date, span: Span) -> tuple[dt.date, dt.date] | None:
    """Return the period of a day, as (first day, day after the last); None when a fixed interval does not hold it.

    >>> period_of(dt.date(2020, 1, 31), Span(3, 12))
    (datetime.date(2019, 12, 1), datetime.date(2020, 3, 1))
    """
    if span.between is not None:
        return span.between if span.between[0] <= day < span.between[1] else None
    index = day.year * 12 + day.month - 1 - (span.first - 1)
    begin = index // span.months * span.months + span.first - 1
    return _first_of(begin), _first_of(begin + span.months)


def _first_of(index: int) -> dt.date:
    return dt.date(index // 12, index % 12 + 1, 1)


def days_of(change: Change, offset: dt.timedelta, carry: dt.timedelta = dt.timedelta(0)) -> Iterator[dt.date]:
    """Yield the local days that a change touches. `carry`: how far windows reach into the time after a value."""
    first = (change.start.astimezone(dt.UTC) + offset).date()
    last = (change.end.astimezone(dt.UTC) + offset + carry - dt.timedelta(microseconds=1)).date()
    while first <= last:
        yield first
        first += _DAY


def affected(
    changes: Iterable[Change], span: Span | None, offset: dt.timedelta, carry: dt.timedelta = dt.timedelta(0)
) -> list[Affected]:
    """Return the periods of `span` (None: single days) that the changes touch, each once, sorted."""
    found: set[Affected] = set()
    for change in changes:
        for day in days_of(change, offset, carry):
            period = (day, day + _DAY) if span is None else period_of(day, span)
            if period is not None:
                found.add(Affected(change.source, change.place, change.quantity, *period))
    return sorted(found)


def changes_of(store: Store, reader: Reader, table: TableSpec, batches: Sequence[str]) -> list[Change]:
    """Return what batches of observations or of flags changed: for each source and quantity the spans by local day."""
    found: list[Change] = []
    for batch in batches:
        commit = store.register.find(table.name, batch)
        if commit is None or not commit["rows"]:
            continue
        first, last = (dt.datetime.fromisoformat(commit["details"][name]) for name in ("first", "last"))
        query = Query(start=first, end=last + dt.timedelta(microseconds=1), history=True)
        answer = reader.observations(query) if table is OBSERVATIONS else reader.flags(query)
        found += _spans(answer.expression, batch, store.offset)
    return sorted(set(found))


def _spans(rows: ir.Table, batch: str, offset: dt.timedelta) -> Iterator[Change]:
    from lantian.observations import views
    from lantian.observations.statistics import exact

    mine = rows.filter(rows.batch == batch)
    local = views.micros(mine.valid_from) + int(offset.total_seconds()) * 1_000_000
    mine = mine.mutate(day=exact.floor(local, 86_400_000_000))
    grouped = mine.group_by("source", "place", "quantity", "day").agg(
        start=mine.valid_from.min(), end=mine.valid_to.max()
    )
    for row in grouped.to_pyarrow().to_pylist():
        yield Change(row["source"], row["place"], row["quantity"], row["start"], row["end"])


def changes_since(
    store: Store, reader: Reader, observations: int, flags: int, *, until: tuple[int, int] | None = None
) -> list[Change]:
    """Return what was changed by commits after these versions of the two tables; `until`: not after those either, which
    the reader's snapshot may not hold."""
    changed: list[Change] = []
    ends = until or (_NEVER, _NEVER)
    for table, version, end in ((OBSERVATIONS, observations, ends[0]), (FLAGS, flags, ends[1])):
        commits = store.register.commits(table.name, since=version, kinds=("import", "flags"))
        changed += changes_of(store, reader, table, [c["batch"] for c in commits if c["version"] <= end])
    return sorted(set(changed))
