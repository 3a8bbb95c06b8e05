"""The air at a moment: the city, its areas, its stations, each with its newest hour. Out of the store, remembered by the hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import get_language

from lantian.air.assessing.hours import HOURS, Hours
from lantian.air.assessing.series import STATION
from lantian.air.assessing.shelf import Shelf
from lantian.air.assessing.subjects import STATIONS, Origin, Subject
from lantian.air.profiles.present import NONE, PRESENT, Present, days_for, present
from lantian.air.queries import remembered, shelf
from lantian.city.models import Place
from lantian.observations.model import InputVersion
from lantian.standards.regimes import regime_at

_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a place or station, with its air where there is any. `n` of `counting` stations made its newest hour
    (both 0 for a series of its own)."""

    code: str
    label: str
    kind: str
    subject: Subject | None
    present: Present | None = None
    origin: Origin | None = None
    n: int = 0
    counting: int = 0

    @property
    def fresh(self) -> str:
        return self.present.fresh if self.present else NONE

    @property
    def is_present(self) -> bool:
        return self.fresh == PRESENT

    @property
    def synthetic(self) -> bool:
        """Whether the hour that is shown was invented."""
        return bool(self.origin and self.origin.synthetic and self.present and self.present.hour)


@dataclass(frozen=True, slots=True)
class Board:
    """All rows of a moment (local). `newest`: the end of the newest hour of all, however old; None without any."""

    moment: dt.datetime
    city: Line | None
    areas: tuple[Line, ...]
    stations: tuple[Line, ...]
    newest: dt.datetime | None
    version: InputVersion

    @property
    def places(self) -> tuple[Line, ...]:
        return (*((self.city,) if self.city else ()), *self.areas)

    @property
    def lines(self) -> tuple[Line, ...]:
        return (*self.places, *self.stations)

    @property
    def synthetic(self) -> bool:
        return any(one.synthetic for one in self.lines)

    @property
    def some_present(self) -> bool:
        return any(one.is_present for one in self.lines)


def board_at(moment: dt.datetime) -> Board:
    """Return the board of a moment (aware); raises StoreError before the first import, UnknownDateError before all law."""
    local = timezone.localtime(moment).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    regime_at(local.date())
    return remembered("board", (local, get_language()), lambda: _board(local))


def _board(moment: dt.datetime) -> Board:
    one = shelf()
    city = Place.objects.filter(kind=Place.Kind.CITY, is_active=True).first()
    places = [*([city] if city else []), *Place.objects.areas().defer("boundary")]
    known = {place.code: _subject_of(place, one.subjects) for place in places}
    listed = {each.code for each in one.network.stations}
    stations = [each for each in one.subjects if each.kind == STATION and each.code in listed]
    asked = [each for each in known.values() if each is not None] + stations
    found = _found(one, asked, moment) if asked else {}
    lines = [_line(place, known[place.code], found) for place in places]
    ends = [timezone.localtime(each.last).replace(tzinfo=None) + _HOUR for each in asked]
    return Board(
        moment=moment,
        city=lines.pop(0) if city else None,
        areas=tuple(lines),
        stations=tuple(found[each.name] for each in stations),
        newest=max(ends, default=None),
        version=one.version,
    )


def _subject_of(place: Place, subjects: Sequence[Subject]) -> Subject | None:
    """What the store holds of a place: by its code, else by its name where the pack's folder is not there to say the code."""
    own = [each for each in subjects if each.kind != STATION]
    coded = [each for each in own if each.code == place.code]
    named = [each for each in own if not each.code and place.name in (each.name, *each.spellings)]
    return next(iter(coded or named), None)


def _line(place: Place, subject: Subject | None, found: dict[str, Line]) -> Line:
    """A place's row, under the code and name of the place."""
    if subject is None:
        return Line(place.code, str(place), place.kind, None)
    return replace(found[subject.name], code=place.code, label=str(place))


def _found(one: Shelf, asked: Sequence[Subject], moment: dt.datetime) -> dict[str, Line]:
    """The rows of those that the store knows, by their name there."""
    first, last = days_for(moment)
    measured = one.measure(asked, first, last)
    hours = measured.hours(regime_at(last))
    now = present(hours, moment)
    language = get_language() or ""
    return {
        subject.name: Line(
            subject.code,
            subject.label(language),
            subject.kind,
            subject,
            air,
            origin,
            _stations_at(hours, at, air),
            len([each for each in origin.stations if each.serves(last)]) if origin.basis == STATIONS else 0,
        )
        for at, (subject, origin, air) in enumerate(zip(asked, measured.origins, now, strict=True))
    }


def _stations_at(hours: Hours, at: int, air: Present) -> int:
    """How many stations a place's newest hour is the mean of: the most that any of its pollutants has."""
    if hours.stations is None or air.hour is None:
        return 0
    begin = air.hour.ends - _HOUR
    return int(hours.stations[at, :, (begin.date() - hours.first).days, begin.hour % HOURS].max())
