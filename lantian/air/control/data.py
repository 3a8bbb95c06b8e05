"""What the pages of quality control need from the store: sources as people know them, flagged episodes, hours with flags."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.translation import get_language

from lantian.air.assessing.series import STATION, is_synthetic, split_source
from lantian.air.assessing.shelf import store_of
from lantian.air.assessing.subjects import RELEASE, Subject
from lantian.air.quality.deciding import Fact, Standing, standings, state_of
from lantian.air.quality.episodes import Episode, episodes
from lantian.air.quality.flags import flags, split
from lantian.air.quality.loading import Loaded, flagged, load, midnight
from lantian.air.quality.reasons import in_words
from lantian.air.queries import all_subjects, data_folder, remembered, shelf
from lantian.air.services.quality import near
from lantian.city import clock
from lantian.observations.model import Query
from lantian.standards.arrays import MISSING
from lantian.standards.pollutants import core_codes, pollutant

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the store with hours: a release of a place or a station. `name`: as it is shown."""

    source: str
    name: str
    kind: str
    code: str
    subject: Subject
    first: dt.datetime
    last: dt.datetime
    synthetic: bool


def lang() -> str:
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def sources() -> dict[str, Source]:
    """Return every source of hours by its name in the store, stations first, in the order of the places."""
    return remembered("control.sources", lang(), _sources)


def _sources() -> dict[str, Source]:
    found: dict[str, Source] = {}
    for subject in all_subjects():
        for origin in subject.origins:
            if origin.basis != RELEASE or origin.daily:
                continue
            for source in origin.sources.values():
                found[source] = Source(
                    source, subject.label(lang()), subject.kind, subject.code or subject.name, subject,
                    origin.first, origin.last, is_synthetic(source),
                )  # fmt: skip
    listed = {one.code for one in shelf().network.stations}
    return _told_apart(
        dict(sorted(found.items(), key=lambda pair: (pair[1].kind != STATION, pair[1].code not in listed)))
    )


def _told_apart(found: dict[str, Source]) -> dict[str, Source]:
    """Where a station has several series (measured and invented ones), each is named with its series."""
    counts = Counter((one.kind, one.name) for one in found.values())
    return {
        source: replace(one, name=f"{one.name} · {_series_label(source)}") if counts[one.kind, one.name] > 1 else one
        for source, one in found.items()
    }


def _series_label(source: str) -> str:
    one = split_source(source)[0]
    if one is None:
        return source
    return one.en if lang() == "en" else one.zh


def name_of(source: str) -> str:
    """Return how a source is called for people."""
    known = sources().get(source)
    return known.name if known else split_source(source)[1]


def newest_day(kind: str | None = None) -> dt.date:
    """Return the last local day of which there are hours, and none after today while there are earlier ones; today
    where there are no hours at all."""
    held = [one for one in sources().values() if kind in (None, one.kind)]
    if not held:
        return clock.today()
    newest = max(one.last for one in held).date()
    return min(newest, clock.today()) if any(one.first.date() <= clock.today() for one in held) else newest


def local(moment: dt.datetime) -> dt.datetime:
    """Return a moment on the store's clock; raises StoreError before the first import."""
    return moment.astimezone(dt.timezone(store_of(data_folder()).offset))


def hour_label(start: dt.datetime) -> str:
    """Return an hour as the releases label it, by its end: 2020-05-01 24:00 is the last one of the day."""
    here = local(start)
    return f"{here:%Y-%m-%d} {here.hour + 1:02}:00"


@dataclass(frozen=True, slots=True)
class Row:
    """An episode as the review shows it."""

    episode: Episode
    name: str
    pick: str
    state: str
    synthetic: bool

    @property
    def flag(self) -> str:
        return flags()[self.episode.flag].label(lang())

    @property
    def meaning(self) -> str:
        return flags()[self.episode.flag].meaning(lang())

    @property
    def void(self) -> bool:
        return flags()[self.episode.flag].void

    @property
    def reason(self) -> str:
        return in_words(self.episode.reason, lang())

    @property
    def first(self) -> str:
        return hour_label(self.episode.first)

    @property
    def last(self) -> str:
        return hour_label(self.episode.until - HOUR)


def facts_of(episode: Episode) -> list[Fact]:
    return [Fact(one.source, one.pollutant, one.start) for one in episode.values]


def find_episodes(
    names: Sequence[str], sources_: Sequence[str], quantities: Sequence[str], first: dt.date, last: dt.date
) -> list[Episode]:
    """Return the episodes of some flags in a period, newest first."""
    offset = shelf().offset
    query = Query(tuple(sources_), tuple(quantities), (), midnight(first, offset), midnight(last + DAY, offset))
    key = (tuple(names), query)
    return remembered("control.episodes", key, lambda: episodes(flagged(shelf().reader, query, names)))


def rows_of(found: Sequence[Episode]) -> list[Row]:
    """Return episodes with the state that a form carries."""
    wanted = [fact for one in found for fact in facts_of(one)]
    by_fact: dict[Fact, Standing] = {one.fact: one for one in standings_of(wanted)}
    made = []
    for one in found:
        state = state_of(by_fact[fact] for fact in facts_of(one) if fact in by_fact)
        parts = (one.source, one.pollutant, one.flag, one.first.isoformat(), one.until.isoformat(), state)
        made.append(Row(one, name_of(one.source), SEPARATOR.join(parts), state, is_synthetic(one.source)))
    return made


def standings_of(facts: Sequence[Fact]) -> list[Standing]:
    """Return what is known of facts, source by source, so that distant ones do not read what lies between."""
    found: list[Standing] = []
    for source, quantity in sorted({(one.source, one.quantity) for one in facts}):
        found += standings(shelf().reader, [one for one in facts if (one.source, one.quantity) == (source, quantity)])
    return found


class PickError(ValueError):
    """What a form says of an episode cannot be read."""


@dataclass(frozen=True, slots=True)
class Pick:
    """An episode as a form names it, with the state that was shown."""

    source: str
    quantity: str
    flag: str
    first: dt.datetime
    until: dt.datetime
    state: str

    @classmethod
    def read(cls, text: str) -> Pick:
        """Read what a form sent; raises PickError."""
        parts = text.split(SEPARATOR)
        if len(parts) != 6 or parts[1] not in core_codes() or parts[2] not in flags():
            raise PickError(text[:80])
        try:
            first, until = (dt.datetime.fromisoformat(part) for part in parts[3:5])
        except ValueError as error:
            raise PickError(text[:80]) from error
        if first.tzinfo is None or until.tzinfo is None or not first < until <= first + 400 * DAY:
            raise PickError(text[:80])
        return cls(parts[0], parts[1], parts[2], first, until, parts[5])

    def episode(self) -> Episode | None:
        """Return the episode as it is now, None when none of its hours has the flag any more."""
        query = Query((self.source,), (self.quantity,), (), self.first, self.until)
        found = sorted(flagged(shelf().reader, query, (self.flag,)), key=lambda one: one.start)
        if not found:
            return None
        return Episode(self.source, found[0].place, self.quantity, self.flag, self.first, self.until, tuple(found))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hours of a source and its neighbours: values in the pollutant's unit by hour, None for none, with flags."""

    labels: tuple[str, ...]
    starts: tuple[dt.datetime, ...]
    own: tuple[float | None, ...]
    flags: tuple[tuple[str, ...], ...]
    others: dict[str, tuple[float | None, ...]]
    loaded: Loaded


def stretch(
    source: str,
    quantity: str,
    first: dt.date,
    last: dt.date,
    *,
    neighbours: int = 0,
    as_known_on: dt.datetime | None = None,
) -> Stretch:
    """Return the hours from the first to the last local day, with those of up to so many neighbours."""
    offset = shelf().offset
    beside = near(tuple(sources())).get(source, ())[:neighbours]
    chosen = (source, *beside)
    loaded = load(shelf().reader, chosen, first, last, offset, as_known_on=as_known_on)
    at = core_codes().index(quantity)
    n = loaded.block.values.shape[2]
    starts = tuple(loaded.begin + hour * HOUR for hour in range(n))
    said: list[tuple[str, ...]] = [()] * n
    mine = loaded.rows.filter((loaded.rows["subject"] == 0) & (loaded.rows["pollutant"] == at))
    for hour, names in mine.select("hour", "flags").iter_rows():
        said[hour] = split(names)
    lines = [_numbers(loaded.block.values[row, at]) for row in range(len(chosen))]
    labels = tuple(hour_label(one) for one in starts)
    return Stretch(labels, starts, lines[0], tuple(said), dict(zip(beside, lines[1:], strict=True)), loaded)


def _numbers(values: Any) -> tuple[float | None, ...]:
    return tuple(None if one == MISSING else one / 1000 for one in np.asarray(values).tolist())


def unit_of(quantity: str) -> str:
    return pollutant(quantity).unit.replace("m3", "m³")
