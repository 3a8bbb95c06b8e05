"""Figures that were given out: kept with what they were computed from, recomputed exactly where something changed.

An older figure is never overwritten: a changed one is a new row with a later `known_at`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from lantian.observations import views
from lantian.observations.dependency import Affected, Change, Dependant, affected, changes_since, dependants
from lantian.observations.durable import make_folder
from lantian.observations.lock import writer_lock
from lantian.observations.model import Batch, InputVersion, Query
from lantian.observations.schema import FIGURES, FLAGS, OBSERVATIONS
from lantian.observations.snapshot import part
from lantian.observations.statistics.rules import Span

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from lantian.observations.reading import Reader
    from lantian.observations.store import Store

_SAME = ("value", "unit", "n", "expected", "valid", "rule_version")
_KEY = list(FIGURES.key)


@dataclass(frozen=True)
class Definition:
    """A kind of figure: which period, of which quantities, about sources or places, and how it is computed.

    `compute` takes rows of observations (with `flags`) that cover whole periods and returns a table of
    `statistics.present` with period_from (or date), n, expected, valid, value. `span` None means days.
    `carry`: how far its windows reach beyond a value, into the next day.
    """

    name: str
    rule_version: str
    quantities: tuple[str, ...]
    compute: Callable[[ir.Table], ir.Table]
    span: Span | None = None
    subject: Literal["source", "place"] = "source"
    carry: dt.timedelta = dt.timedelta(0)

    @property
    def period(self) -> str:
        """What the column `period` says: day, or months and the first month."""
        if self.span is None:
            return "day"
        return "interval" if self.span.between else f"{self.span.months}m{self.span.first}"


@dataclass(frozen=True, slots=True)
class Revision:
    """A figure that changed: `old` is None when it is new; both are rows of the table."""

    old: dict[str, Any] | None
    new: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a recomputation did: periods looked at, figures that changed, and the periods of those that were there before."""

    affected: tuple[Affected, ...]
    revisions: tuple[Revision, ...]
    changed: tuple[Affected, ...]
    version: InputVersion

    @property
    def dependants(self) -> tuple[Dependant, ...]:
        """Who above rests on figures that changed; asked when it is read, for rooms may have to compute to answer."""
        return tuple(dependants(self.changed))


def recompute(store: Store, definitions: Sequence[Definition], *, actor: str = "", wait: float = 60.0) -> Recomputed:
    """Bring the figures of `definitions` up to date with what was written since they were last computed.

    Only periods that a changed row lies in are computed; only figures that differ are written. Repeating it writes
    nothing. Others may write while it computes: the pen is held only for the look at the start and the writing at the
    end, and one process at a time computes figures. Raises BusyError.
    """
    make_folder(store.root)
    with writer_lock(store.root / "figures.lock", "computing figures", wait):
        with store.writer("figures", wait=wait):
            # Under the pen: what a crash left is entered before this snapshot says what is known.
            reader = store.reader()
        found = _recomputed(store, reader, definitions)
        if found.touched:
            batch = _batch(definitions, reader.version(), actor)
            rows = pl.DataFrame([r.new for r in found.revisions], schema=_schema())
            with store.writer("figures", wait=wait) as writer:
                writer.figures(batch, rows, details=_details(definitions, reader.version()))
    changed = _changed(store, found.touched, found.revisions, definitions)
    return Recomputed(tuple(found.touched), tuple(found.revisions), tuple(changed), reader.version())


@dataclass(frozen=True, slots=True)
class _Found:
    touched: list[Affected]
    revisions: list[Revision]


def _recomputed(store: Store, reader: Reader, definitions: Sequence[Definition]) -> _Found:
    """What a snapshot says of everything that changed since the definitions were last computed; writes nothing."""
    frames: list[pl.DataFrame] = []
    touched: list[Affected] = []
    known: dict[tuple[int, int], list[Change]] = {}  # definitions that were last computed together ask once
    version = reader.version()
    for definition in definitions:
        done = _last(store, definition)
        if done not in known:
            known[done] = changes_since(store, reader, *done, until=(version.observations, version.flags))
        changes = [c for c in known[done] if c.quantity in definition.quantities]
        periods = affected(changes, definition.span, store.offset, definition.carry)
        touched += periods
        frames += [_compute(store, reader, definition, periods)] if periods else []
    fresh = pl.concat(frames) if frames else None
    return _Found(touched, _revisions(store, reader, fresh) if fresh is not None else [])


def _details(definitions: Sequence[Definition], version: InputVersion) -> dict[str, Any]:
    return {
        "definitions": {d.name: d.rule_version for d in definitions},
        "observations_version": version.observations,
        "flags_version": version.flags,
    }


def waiting(store: Store, definition: Definition) -> int:
    """Return how many rows of observations and flags were written since a definition was last computed."""
    observations, flags = _last(store, definition)
    commits = [
        *store.register.commits(OBSERVATIONS.name, since=observations, kinds=("import", "flags")),
        *store.register.commits(FLAGS.name, since=flags, kinds=("import", "flags")),
    ]
    return sum(one["rows"] for one in commits)


def _last(store: Store, definition: Definition) -> tuple[int, int]:
    """Return the versions that the definition (with these rules) was last computed from; -1 for never."""
    found = (-1, -1)
    for commit in store.register.commits(FIGURES.name, kinds=("figures",)):
        details = commit["details"]
        if details["definitions"].get(definition.name) == definition.rule_version:
            found = (details["observations_version"], details["flags_version"])
    return found


def _compute(store: Store, reader: Reader, definition: Definition, periods: Sequence[Affected]) -> pl.DataFrame:
    """Compute the affected periods: neighbouring ones are read together."""
    offset = store.offset
    starts = (dt.datetime.combine(p.period_from, dt.time(), dt.UTC) - offset for p in periods)
    wanted = pl.DataFrame(
        [(getattr(p, definition.subject), p.quantity, start) for p, start in zip(periods, starts, strict=True)],
        schema={"subject": pl.String, "quantity": pl.String, "period_from": pl.Datetime("us", "UTC")},
        orient="row",
    ).unique()
    frames = [_computed(store, reader, definition, group) for group in _runs(periods)]
    found = pl.concat(frames).join(wanted, on=["subject", "quantity", "period_from"], how="semi").unique()
    return pl.concat([found, _emptied(store, reader, definition, wanted, found)])


def _emptied(
    store: Store, reader: Reader, definition: Definition, wanted: pl.DataFrame, found: pl.DataFrame
) -> pl.DataFrame:
    """Return rows without a value for stored figures of which every input is void now: the old number must not stand."""
    on = ["subject", "quantity", "period_from"]
    stored: pl.DataFrame = newest(store, reader).to_polars().filter(pl.col("figure") == definition.name)
    lost = stored.join(wanted, on=on, how="semi").join(found, on=on, how="anti")
    version = reader.version()
    return lost.with_columns(
        pl.lit(None, dtype=pl.Float64).alias("value"),
        pl.lit(0, dtype=pl.Int64).alias("n"),
        pl.lit(False).alias("valid"),
        pl.lit(definition.rule_version).alias("rule_version"),
        pl.lit(version.observations, dtype=pl.Int64).alias("observations_version"),
        pl.lit(version.flags, dtype=pl.Int64).alias("flags_version"),
        pl.lit(version.horizon, dtype=pl.Datetime("us", "UTC")).alias("horizon"),
    ).select(found.columns)


def _runs(periods: Sequence[Affected]) -> Iterator[list[Affected]]:
    """Group the periods into runs without a gap in time, so that a correction of two distant days reads two days."""
    run: list[Affected] = []
    until = dt.date.min
    for period in sorted(periods, key=lambda p: p.period_from):
        if run and period.period_from > until:
            yield run
            run = []
        run.append(period)
        until = max(until, period.period_to)
    if run:
        yield run


def _computed(store: Store, reader: Reader, definition: Definition, run: Sequence[Affected]) -> pl.DataFrame:
    names = tuple(sorted({getattr(p, definition.subject) for p in run}))
    query = Query(
        sources=names if definition.subject == "source" else (),
        places=names if definition.subject == "place" else (),
        quantities=tuple(sorted({p.quantity for p in run})),
        start=_moment(store, min(p.period_from for p in run)),
        end=_moment(store, max(p.period_to for p in run)),
    )
    found: pl.DataFrame = definition.compute(reader.observations(query).expression).to_polars()
    if "date" in found.columns:
        found = found.rename({"date": "period_from"}).with_columns(
            (pl.col("period_from") + pl.duration(days=1)).alias("period_to")
        )
    version = reader.version()
    midnight = {n: (pl.col(n).cast(pl.Datetime("us", "UTC")) - store.offset) for n in ("period_from", "period_to")}
    return found.with_columns(**midnight).select(
        "subject",
        pl.lit(definition.name).alias("figure"),
        "quantity",
        pl.lit(definition.period).alias("period"),
        "period_from",
        "period_to",
        pl.col("value").cast(pl.Float64),
        "unit",
        pl.col("n").cast(pl.Int64),
        pl.col("expected").cast(pl.Int64),
        "valid",
        pl.lit(definition.rule_version).alias("rule_version"),
        pl.lit(version.observations).cast(pl.Int64).alias("observations_version"),
        pl.lit(version.flags).cast(pl.Int64).alias("flags_version"),
        pl.lit(version.horizon).cast(pl.Datetime("us", "UTC")).alias("horizon"),
    )


def _moment(store: Store, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC) - store.offset


def _revisions(store: Store, reader: Reader, fresh: pl.DataFrame) -> list[Revision]:
    """Return the figures that differ from the newest stored ones."""
    asked = fresh.select(_KEY).unique()
    stored = newest(store, reader).to_polars().join(asked, on=_KEY, how="semi")
    old = {tuple(row[c] for c in _KEY): row for row in stored.iter_rows(named=True)}
    found = []
    for row in fresh.iter_rows(named=True):
        before = old.get(tuple(row[c] for c in _KEY))
        if before is None or any(before[c] != row[c] for c in _SAME):
            found.append(Revision(before, row))
    return found


def newest(store: Store, reader: Reader, as_known_on: dt.datetime | None = None, *, history: bool = False) -> ir.Table:
    """Return the stored figures: of each the newest (as known on a moment), or with `history` every row."""
    files, _ = store.snapshot(FIGURES)
    if not files:
        return reader.engine.read([store.empty_file(FIGURES)])
    if history:
        return views.known(reader.engine.read([f.path for f in files]), as_known_on)
    parts = part(files, FIGURES.key[0])
    pieces = []
    if parts.alone:
        pieces.append(views.not_replaced(reader.engine.read([f.path for f in parts.alone]), as_known_on))
    if parts.shared:
        pieces.append(views.newest(reader.engine.read([f.path for f in parts.shared]), FIGURES, as_known_on))
    return pieces[0] if len(pieces) == 1 else pieces[0].union(pieces[1])


def _batch(definitions: Sequence[Definition], version: InputVersion, actor: str) -> Batch:
    """The same inputs and rules give the same id: a repeat after a crash writes nothing twice."""
    rules = ",".join(sorted(f"{d.name}={d.rule_version}" for d in definitions))
    digest = hashlib.sha256(rules.encode()).hexdigest()[:16]
    return Batch(f"figures-{version.observations}-{version.flags}-{digest}", actor=actor)


def _changed(
    store: Store, touched: Iterable[Affected], revisions: Sequence[Revision], definitions: Sequence[Definition]
) -> list[Affected]:
    """Return the affected periods of which a figure that was there before changed."""
    subjects = {d.name: d.subject for d in definitions}
    changed = {
        (subjects[r.new["figure"]], *(r.new[c] for c in ("subject", "quantity", "period_from", "period_to")))
        for r in revisions
        if r.old is not None
    }

    offset = store.offset

    def is_changed(one: Affected) -> bool:
        times = tuple(dt.datetime.combine(day, dt.time(), dt.UTC) - offset for day in (one.period_from, one.period_to))
        names = (("source", one.source), ("place", one.place))
        return any((kind, name, one.quantity, *times) in changed for kind, name in names)

    return [one for one in touched if is_changed(one)]


def _schema() -> dict[str, Any]:
    empty = pl.from_arrow(FIGURES.schema.empty_table())
    if not isinstance(empty, pl.DataFrame):
        raise TypeError("a schema makes a frame")
    return {n: k for n, k in empty.schema.items() if n not in {"known_at", "known_until", "batch", "line"}}
