"""The rules over the store: what they find is appended as flags, what they no longer find is taken back. Once.

Running it again on the same data writes nothing: a flag that is there (or that a person took back) is not set again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from lantian.air.quality.checking import check
from lantian.air.quality.flags import RULES, automatic, by_rule
from lantian.air.quality.loading import Loaded, load, local_day, midnight, said, sources_between
from lantian.air.quality.registry import reach, version
from lantian.observations.dependency import changes_since
from lantian.observations.durable import sync_file, sync_folder
from lantian.observations.model import Batch, Query
from lantian.observations.reading import Reader
from lantian.observations.schema import KEY
from lantian.observations.store import Store
from lantian.standards.pollutants import core_codes

Near = Callable[[Sequence[str]], Mapping[str, tuple[str, ...]]]
_MOST_SOURCES = 200
_DAY = dt.timedelta(days=1)
_NO_FLAGS_SINCE = 2**62
WITHDRAWN = "withdrawn"


@dataclass(slots=True)
class Checked:
    """What a check did: values looked at, flags set and taken back by name, batches written."""

    first: dt.date | None = None
    last: dt.date | None = None
    values: int = 0
    set: Counter[str] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)
    batches: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {
            "from": self.first and str(self.first),
            "to": self.last and str(self.last),
            "rule_version": version(),
            "values": self.values,
            "set": dict(sorted(self.set.items())),
            "withdrawn": dict(sorted(self.withdrawn.items())),
            "batches": self.batches,
        }


def nothing_near(sources: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Say that no source has neighbours."""
    return {}


def check_store(
    store: Store,
    first: dt.date,
    last: dt.date,
    *,
    sources: Sequence[str] = (),
    near: Near = nothing_near,
    write: bool = True,
    wait: float = 60.0,
) -> Checked:
    """Check the hours of the local days from `first` to `last`, month by month; `sources` empty: all that have values.

    Without `write` it only counts what would be written. Raises BusyError, ValueError for a period that ends before it
    begins.
    """
    if last < first:
        raise ValueError(f"the period ends ({last}) before it begins ({first})")
    done = Checked(first, last)
    for start, end in _months(first, last):
        if not write:
            _check(store, store.reader(), start, end, sources, near, done)
            continue
        # Under the lock: nobody decides about a value between the look at it and the flag.
        with store.writer("quality control", wait=wait) as writer:
            reader = store.reader()
            rows = _check(store, reader, start, end, sources, near, done)
            if rows is not None:
                batch = _batch(reader, start, rows)
                receipt = writer.flag(batch, rows)
                done.batches.append(receipt.batch)
    return done


def _months(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    while first <= last:
        following = (first.replace(day=1) + 31 * _DAY).replace(day=1)
        yield first, min(last, following - _DAY)
        first = following


def _check(
    store: Store, reader: Reader, first: dt.date, last: dt.date, sources: Sequence[str], near: Near, done: Checked
) -> pl.DataFrame | None:
    """Check one month of all sources; return the rows of flags to write, None for none."""
    start, end = midnight(first, store.offset), midnight(last + _DAY, store.offset)
    margin = -(-reach() // 24) * _DAY
    everyone = sources_between(reader, start - margin, end + margin)
    wanted = tuple(one for one in everyone if not sources or one in sources)
    relations = near(everyone)
    frames = []
    for at in range(0, len(wanted), _MOST_SOURCES):
        some = wanted[at : at + _MOST_SOURCES]
        others = sorted({other for one in some for other in relations.get(one, ())} - set(some))
        loaded = load(reader, (*some, *others), first - margin, last + margin, store.offset, relations)
        frames.append(_changes(reader, loaded, some, start, end, done))
    frame = pl.concat(frames) if frames else pl.DataFrame()
    return None if frame.is_empty() else frame


def _changes(
    reader: Reader, loaded: Loaded, some: Sequence[str], start: dt.datetime, end: dt.datetime, done: Checked
) -> pl.DataFrame:
    """Compare what the rules find with what the store says; return the flags to set and to take back."""
    # Hours of which nothing is wanted are surroundings: those of neighbours, those before and after the period.
    only = loaded.block.there.copy()
    hours = [int((moment - loaded.begin) / dt.timedelta(hours=1)) for moment in (start, end)]
    only[len(some) :] = False
    only[..., : hours[0]] = only[..., hours[1] :] = False
    done.values += int(only.sum())
    void = loaded.void()
    found = check(loaded.block, void, only & ~loaded.accepted() & ~void)
    names = {"subject": pl.Int64, "pollutant": pl.Int64, "hour": pl.Int64, "flag": pl.String, "reason": pl.String}
    rows = [(f.subject, f.pollutant, f.hour, f.flag, f.reason) for f in found]
    fresh = pl.DataFrame(rows, schema=names, orient="row").join(
        loaded.rows.select(*KEY, "subject", "pollutant", "hour"), on=["subject", "pollutant", "hour"]
    )
    spoken = said(reader, Query(tuple(some), core_codes(), (), start, end)).filter(pl.col("flag").is_in(automatic()))
    key = [*KEY, "flag"]
    by_person = ~pl.col("who").map_elements(by_rule, return_dtype=pl.Boolean)
    stands = spoken.filter(pl.col("current") & (~pl.col("retracted") | by_person))
    fresh = fresh.join(stands, on=key, how="anti").select(*key, "reason", pl.lit(False).alias("retracted"))
    gone = _no_longer(spoken, found, loaded, void, key)
    done.set.update(fresh["flag"].to_list())
    done.withdrawn.update(gone["flag"].to_list())
    return pl.concat([fresh, gone]).sort(key)


def _no_longer(spoken: pl.DataFrame, found: Sequence[Any], loaded: Loaded, void: Any, key: list[str]) -> pl.DataFrame:
    """Return retractions of flags that rules set, that nobody decided about, and that the rules no longer find."""
    kept = spoken.filter(pl.col("current") & ~pl.col("retracted"))
    at = {(f.subject, f.pollutant, f.hour, f.flag) for f in found}
    placed = kept.join(loaded.rows.select(*KEY, "subject", "pollutant", "hour"), on=list(KEY))
    decided = loaded.accepted() | void
    gone = [
        (s, p, h, flag) not in at and not decided[s, p, h]
        for s, p, h, flag in placed.select("subject", "pollutant", "hour", "flag").iter_rows()
    ]
    text = f"{WITHDRAWN} {version()}"
    chosen = placed.filter(pl.Series(gone, dtype=pl.Boolean))
    return chosen.select(*key, pl.lit(text).alias("reason"), pl.lit(True).alias("retracted"))


def _batch(reader: Reader, start: dt.date, rows: pl.DataFrame) -> Batch:
    """The same rows from the same versions have the same name: a repeat after a crash writes nothing twice."""
    seen = reader.version()
    content = rows.select(pl.all().cast(pl.String)).write_csv()
    digest = hashlib.sha256(content.encode()).hexdigest()
    name = f"quality-{seen.observations}-{seen.flags}-{start}-{digest[:16]}"
    return Batch(name, digest=digest, actor=f"{RULES}{version()}", reason=f"quality control, {version()}")


# What was checked last -------------------------------------------------------------------------------------------------


def check_new(store: Store, *, near: Near = nothing_near, wait: float = 60.0) -> Checked:
    """Check everything that was written since the last time, and what lies so near that it may be judged otherwise.

    New numbers of the rules check everything again. A lost note of the last time does too; it changes nothing.
    """
    if not store.exists:
        return Checked()
    note = store.root / "quality.json"
    reader = store.reader()
    newest = reader.version().observations
    changed = changes_since(store, reader, _since(note), _NO_FLAGS_SINCE)
    done = Checked()
    for first, last in _runs(sorted({local_day(one.start, store.offset) for one in changed})):
        part = check_store(store, first, last, near=near, wait=wait)
        done.first = min(filter(None, (done.first, first)))
        done.last = max(filter(None, (done.last, last)))
        done.values += part.values
        done.set.update(part.set)
        done.withdrawn.update(part.withdrawn)
        done.batches += part.batches
    _note(note, newest)
    return done


def _since(note: Path) -> int:
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return -1
    return int(kept["observations"]) if kept["version"] == version() else -1


def _note(note: Path, newest: int) -> None:
    # Two threads of the worker may get here at once: each has a draft of its own, the later one holds.
    draft = note.with_name(f"{note.stem}.{uuid4().hex}.draft")
    draft.write_text(json.dumps({"version": version(), "observations": newest}), encoding="utf-8")
    sync_file(draft)
    draft.rename(note)
    sync_folder(note.parent)


def _runs(days: Sequence[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield periods of days that follow each other, widened by what the rules reach."""
    margin = -(-reach() // 24) * _DAY
    run: tuple[dt.date, dt.date] | None = None
    for day in days:
        if run is not None and day - margin <= run[1] + _DAY:
            run = run[0], day + margin
            continue
        if run is not None:
            yield run
        run = day - margin, day + margin
    if run is not None:
        yield run
