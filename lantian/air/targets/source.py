"""The days of places out of the store, each judged by the law of its own day, raw and with dust hours left out."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lantian.air.assessing.days import Days
from lantian.air.assessing.periods import Period
from lantian.air.assessing.places import UnknownPlaceError
from lantian.air.assessing.shelf import Shelf, open_shelf
from lantian.air.assessing.subjects import Origin, Subject
from lantian.air.assessing.tally import day_indices
from lantian.air.targets.days import PlaceDays, Whole, place_days
from lantian.observations.errors import StoreError
from lantian.observations.model import InputVersion, Query
from lantian.standards.regimes import Regime, regimes, split_by_regime

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """Days by the name that was asked for, of all hours (`raw`) and without dust hours. Names without data are absent.

    `version` names the snapshot of the store; None without a store.
    """

    raw: Mapping[str, PlaceDays]
    deducted: Mapping[str, PlaceDays]
    version: InputVersion | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch under one law: days raw and deducted with the days' indices, and of which places they are invented."""

    raw: Days
    deducted: Days
    raw_index: Whole
    deducted_index: Whole
    synthetic: tuple[bool, ...]


# A part is kept under the names of the files that it was read from: of years that nothing was written to since, nothing
# is read again. A city has a part for each year and list of places.
_MOST_PARTS = 64
_kept: OrderedDict[Hashable, _Part] = OrderedDict()
_guard = threading.Lock()


def forget() -> None:
    """Drop the parts that are kept (for tests)."""
    with _guard:
        _kept.clear()


def days_of_places(
    data: Path | None,
    names: Iterable[str],
    first: dt.date,
    last: dt.date,
    *,
    pack: str | Path | None = None,
    as_known_on: dt.datetime | None = None,
) -> Known:
    """Return the days of places from the first to the last day, both included.

    What a year's values are taken from is chosen year by year. Invented years never stand beside real ones: they are
    left out where the newest year of a place is real.
    """
    try:
        shelf = open_shelf(data, pack)
    except StoreError:
        return Known({}, {}, None)
    return days_on(shelf, names, first, last, as_known_on=as_known_on)


def days_on(
    shelf: Shelf, names: Iterable[str], first: dt.date, last: dt.date, *, as_known_on: dt.datetime | None = None
) -> Known:
    """As `days_of_places`, on a shelf that is open."""
    found = _found(shelf, names)
    version = shelf.reader.version(as_known_on)
    begin = max(first, regimes()[0].start, min((one.first.date() for one in found.values()), default=first))
    if not found or begin > last:
        return Known({}, {}, version)
    subjects = tuple({one.name: one for one in found.values()}.values())
    rows = {one.name: at for at, one in enumerate(subjects)}
    parts = [_part(shelf, subjects, law, start, end, as_known_on) for law, start, end in _stretches(begin, last)]
    both = [_joined(parts, at) for at in range(len(subjects))]
    there = {name: both[rows[one.name]] for name, one in found.items()}
    held = {name: pair for name, pair in there.items() if pair is not None}
    return Known({name: one[0] for name, one in held.items()}, {name: one[1] for name, one in held.items()}, version)


def _found(shelf: Shelf, names: Iterable[str]) -> dict[str, Subject]:
    found = {}
    for name in names:
        try:
            found[name] = shelf.find(name)
        except UnknownPlaceError:
            continue
    return found


def _stretches(first: dt.date, last: dt.date) -> Iterator[tuple[Regime, dt.date, dt.date]]:
    """Cut a period at New Year and where the law changes."""
    for year in range(first.year, last.year + 1):
        start, end = max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31))
        yield from split_by_regime(start, end)


def _part(
    shelf: Shelf,
    subjects: tuple[Subject, ...],
    law: Regime,
    first: dt.date,
    last: dt.date,
    as_known_on: dt.datetime | None,
) -> _Part:
    """Return a stretch's days: as they were read before, where everything that they follow from is the same."""
    origins = tuple(one.origin_for(first, last) for one in subjects)
    key = (shelf.reader.root, law.name, first, last, as_known_on, *_rests_on(shelf, subjects, origins, first, last))
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _read(shelf, subjects, origins, law, Period(first, last), as_known_on)
    with _guard:
        _kept[key] = made
        while len(_kept) > _MOST_PARTS:
            _kept.popitem(last=False)
    return made


def _rests_on(
    shelf: Shelf, subjects: tuple[Subject, ...], origins: tuple[Origin, ...], first: dt.date, last: dt.date
) -> tuple[Hashable, ...]:
    """All that the days of a stretch follow from: what they are taken from, and the files of the store."""
    taken = tuple((one.basis, one.series.id, tuple(one.sources.items()), one.stations) for one in origins)
    sources = tuple(sorted({source for one in origins for source in one.sources.values()}))
    zone = dt.timezone(shelf.offset)
    start, end = (dt.datetime.combine(day, dt.time(), zone) for day in (first, last + _DAY))
    return tuple(one.name for one in subjects), taken, shelf.reader.stamp(Query(sources, (), (), start, end))


def _read(
    shelf: Shelf,
    subjects: tuple[Subject, ...],
    origins: tuple[Origin, ...],
    law: Regime,
    period: Period,
    as_known_on: dt.datetime | None,
) -> _Part:
    measured = shelf.measure_from(subjects, origins, period, as_known_on)
    raw = measured.days(law)
    deducted = measured.days(law, deducted=True) if measured.has_dust else raw
    index = day_indices(raw).aqi
    other = index if deducted is raw else day_indices(deducted).aqi
    return _Part(raw, deducted, index, other, tuple(one.synthetic for one in origins))


def _joined(parts: list[_Part], at: int) -> tuple[PlaceDays, PlaceDays] | None:
    """A place's days over all parts; None when it has no day at all."""
    filled = [bool(any(one.valid[at].any() for one in part.raw.daily.values())) for part in parts]
    if not any(filled):
        return None
    newest = next(part for part, full in zip(reversed(parts), reversed(filled), strict=True) if full)
    synthetic = newest.synthetic[at]
    kept = [part.synthetic[at] == synthetic for part in parts]
    indices = [part.raw_index for part in parts]
    raw = place_days([part.raw for part in parts], at, kept=kept, synthetic=synthetic, indices=indices)
    if all(part.raw is part.deducted for part in parts):
        return raw, raw
    others = [part.deducted_index for part in parts]
    days = [part.deducted for part in parts]
    return raw, place_days(days, at, kept=kept, synthetic=synthetic, indices=others)
