"""What can be asked about: places and stations that the store holds something of, and where their values come from.

A place has a series of its own (a release, an imported table), or its values come from its stations; what is taken for
a period is an `Origin`. Invented series are never taken while a real one has anything of the period.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lantian.air.assessing.pack_places import PackPlace
from lantian.air.assessing.periods import Period
from lantian.air.assessing.places import UnknownPlaceError, bare, resolve
from lantian.air.assessing.series import DAY, STATION, Series, split_source
from lantian.air.network import Network, Station
from lantian.observations.reading import Subject as Held

RELEASE, STATIONS, AUTO = "release", "stations", "auto"
BASES = (AUTO, RELEASE, STATIONS)
_ORDER = {"city": 0, "area": 1, "station": 2}


class NoOriginError(LookupError):
    """The place has data, but none of the kind that is asked for in this period."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Something that a place's values can be taken from.

    `basis`: "release" (a series of its own) or "stations". `sources`: the store's sources by name of the release or code
    of the station. `stations`: all that count for the place, also those without data. `first`, `last`: beginning of the
    first and the last interval, aware.
    """

    series: Series
    basis: str
    sources: Mapping[str, str]
    first: dt.datetime
    last: dt.datetime
    stations: tuple[Station, ...] = ()

    @property
    def synthetic(self) -> bool:
        return self.series.synthetic

    @property
    def daily(self) -> bool:
        """Whether it holds days, not hours."""
        return self.series.step == DAY

    def days_in(self, first: dt.date, last: dt.date) -> int:
        """How many days of a period lie between its first and its last interval."""
        start, end = max(first, self.first.date()), min(last, self.last.date())
        return max(0, (end - start).days + 1)


@dataclass(frozen=True, slots=True)
class Subject:
    """A place or station that has data. `name`: as the release writes it; `zh`, `en`: as it is shown; `code`: of the
    pack's place or of the station, "" where the pack does not know it; `kind`: city, area or station.

    `origins`: what its values can be taken from, preferred first. `spellings`: names that mean it.
    """

    name: str
    code: str
    kind: str
    zh: str
    en: str
    origins: tuple[Origin, ...]
    spellings: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Name of the series that is preferred."""
        return self.origins[0].series.id

    @property
    def series(self) -> Series:
        return self.origins[0].series

    @property
    def basis(self) -> str:
        return self.origins[0].basis

    @property
    def synthetic(self) -> bool:
        """Whether all that there is was invented."""
        return all(one.synthetic for one in self.origins)

    @property
    def first(self) -> dt.datetime:
        """Beginning of the first hour (or day) of what is preferred: real data where there are any; local and aware."""
        return min(one.first for one in self._alike())

    @property
    def last(self) -> dt.datetime:
        """Beginning of the last hour (or day)."""
        return max(one.last for one in self._alike())

    def _alike(self) -> tuple[Origin, ...]:
        return tuple(one for one in self.origins if one.synthetic == self.synthetic)

    def label(self, lang: str) -> str:
        """The name to be shown in a language ("zh…" or "en…")."""
        return self.zh if lang.startswith("zh") else self.en

    def origin_for(self, first: dt.date, last: dt.date, basis: str = AUTO, series: str | None = None) -> Origin:
        """Return what the values of a period are taken from: of the real origins the one with most days of it, then by
        preference; an invented one only where no real one has a day of it.

        Raises NoOriginError when nothing of the basis (or the one series that is asked for) is there at all.
        """
        fitting = self.fitting(basis, series)
        return min(fitting, key=lambda one: _badness(one, one.days_in(first, last)))

    def origins_for(
        self, now: Period, before: Period, basis: str = AUTO, series: str | None = None
    ) -> tuple[Origin, Origin]:
        """Return what the two sides of a comparison are taken from: one origin for both wherever one has days of both.

        Raises as `origin_for`.
        """
        own = self.origin_for(now.first, now.last, basis, series)
        alike = [one for one in self.fitting(basis, series) if one.synthetic == own.synthetic]
        shared = [one for one in alike if _days(one, now) and _days(one, before)]
        if shared:
            best = min(shared, key=lambda one: -_days(one, now) - _days(one, before))
            return best, best
        other = self.origin_for(before.first, before.last, basis, series)
        return own, other if other.synthetic == own.synthetic else own

    def fitting(self, basis: str = AUTO, series: str | None = None) -> tuple[Origin, ...]:
        """Return the origins of a basis or series; raises NoOriginError for none, ValueError for an unknown basis."""
        if basis not in BASES:
            raise ValueError(f"basis {basis!r}: there are {', '.join(BASES)}")
        found = tuple(one for one in self.origins if basis in (AUTO, one.basis) and series in (None, one.series.id))
        if not found:
            asked = series or basis
            there = ", ".join(f"{one.series.id} ({one.basis})" for one in self.origins)
            raise NoOriginError(f"{self.name} has no values of {asked}; there are: {there}")
        return found


def _days(one: Origin, period: Period) -> int:
    return one.days_in(period.first, period.last)


def _badness(one: Origin, days: int) -> tuple[bool, bool, int]:
    return days == 0, one.synthetic, -days


def subjects_of(
    held: Iterable[Held], places: Collection[PackPlace], network: Network, offset: dt.timedelta
) -> tuple[Subject, ...]:
    """Return everything that can be asked about: cities first, then areas, then stations; the pack's in its order."""
    known = _known(held, offset)
    released = [one for one in known if one.series.kind != STATION]
    stations = [one for one in known if one.series.kind == STATION]
    found = [*_places(released, stations, places, network), *_stations(stations, network)]
    rank = {place.code: n for n, place in enumerate(places)}
    return tuple(sorted(found, key=lambda one: (_ORDER[one.kind], rank.get(one.code, len(rank)), one.name)))


@dataclass(frozen=True, slots=True)
class _Source:
    series: Series
    name: str
    source: str
    first: dt.datetime
    last: dt.datetime


def _known(held: Iterable[Held], offset: dt.timedelta) -> list[_Source]:
    """The sources of known series, once each; times on the local clock."""
    found: dict[str, _Source] = {}
    zone = dt.timezone(offset)
    for one in held:
        series, name = split_source(one.source)
        if series is None:
            continue
        new = _Source(series, name, one.source, one.first.astimezone(zone), one.last.astimezone(zone))
        old = found.setdefault(one.source, new)
        found[one.source] = replace(new, first=min(old.first, new.first), last=max(old.last, new.last))
    return list(found.values())


def _places(
    released: list[_Source], stations: list[_Source], places: Collection[PackPlace], network: Network
) -> Iterator[Subject]:
    groups: dict[tuple[str, str], list[_Source]] = defaultdict(list)
    pack = {place.code: place for place in places}
    for one in released:
        place = _pack_place(one, places)
        groups[(place.kind, place.code) if place else (one.series.kind, f"?{one.name}")].append(one)
    for code in network.places():
        if code in pack:
            groups.setdefault((pack[code].kind, code), [])
    by_code = {code: list(ones) for code, ones in _by(stations)}
    for (kind, key), ones in _merged(groups).items():
        place = pack.get(key)
        own = [_released(one) for one in ones]
        made = list(_from_stations(network.counting(key), by_code)) if place else []
        origins = tuple(sorted([*own, *made], key=lambda one: (one.synthetic, one.basis != RELEASE, one.series.order)))
        if origins:
            yield _subject(kind, ones, place, origins)


def _subject(kind: str, ones: list[_Source], place: PackPlace | None, origins: tuple[Origin, ...]) -> Subject:
    spelled = tuple(dict.fromkeys(one.name for one in ones))
    # A release's own spelling is the name: lists that people compare with are written so.
    name = next(iter(origins[0].sources)) if origins[0].basis == RELEASE else place.zh if place else spelled[0]
    if place is None:
        return Subject(name, "", kind, name, name, origins, spelled)
    return Subject(name, place.code, kind, place.zh, place.en, origins, (*place.spellings, *spelled))


def _pack_place(one: _Source, places: Collection[PackPlace]) -> PackPlace | None:
    alike = [place for place in places if place.kind == one.series.kind]
    exact = [place for place in alike if one.name in place.spellings]
    near = [place for place in alike if bare(one.name) in {bare(each) for each in place.spellings}]
    found = exact or near
    return found[0] if len(found) == 1 else None


def _merged(groups: dict[tuple[str, str], list[_Source]]) -> dict[tuple[str, str], list[_Source]]:
    """Put together the spellings with and without an ending of one place that the pack does not know."""
    alike: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, key in groups:
        if key.startswith("?"):
            alike[kind, bare(key[1:])].add(key[1:])
    found: dict[tuple[str, str], list[_Source]] = {}
    for (kind, key), ones in groups.items():
        spelled = alike.get((kind, bare(key[1:])), set()) if key.startswith("?") else set()
        short = bare(key[1:])
        same = len(spelled) > 1 and len(spelled - {short}) == 1
        found.setdefault((kind, f"?{short}" if same else key), []).extend(ones)
    return found


def _released(one: _Source) -> Origin:
    return Origin(one.series, RELEASE, {one.name: one.source}, one.first, one.last)


def _by(stations: list[_Source]) -> Iterator[tuple[str, list[_Source]]]:
    found: dict[str, list[_Source]] = defaultdict(list)
    for one in stations:
        found[one.name].append(one)
    yield from found.items()


def _from_stations(counting: tuple[Station, ...], held: Mapping[str, list[_Source]]) -> Iterator[Origin]:
    """Values made of stations: the real ones with real data, and all of them with invented data."""
    for synthetic in (False, True):
        expected = tuple(one for one in counting if synthetic or not one.synthetic)
        taken = {}
        for station in expected:
            fitting = [one for one in held.get(station.code, ()) if one.series.synthetic == synthetic]
            if fitting:
                taken[station.code] = min(fitting, key=lambda one: one.series.order)
        if taken:
            series = min((one.series for one in taken.values()), key=lambda one: one.order)
            yield Origin(
                series,
                STATIONS,
                {code: one.source for code, one in taken.items()},
                min(one.first for one in taken.values()),
                max(one.last for one in taken.values()),
                expected,
            )


def _stations(stations: list[_Source], network: Network) -> Iterator[Subject]:
    for code, ones in _by(stations):
        station = network.station(code)
        origins = tuple(sorted((_released(one) for one in ones), key=lambda one: (one.synthetic, one.series.order)))
        zh, en = (station.name_zh, station.name_en) if station else (code, code)
        yield Subject(code, code, STATION, zh, en, origins, (code, *((zh,) if station else ())))


def find(name: str, among: Collection[Subject], kind: str | None = None) -> Subject:
    """Return the subject that a name or code means; raises UnknownPlaceError naming near ones.

    Names and codes that are spelled exactly so come first, then names without their ending; a place comes before a
    station of the same name.
    """
    wanted = name.strip()
    asked = [one for one in among if kind in (None, one.kind)]
    exact = [one for one in asked if wanted == one.name] or [one for one in asked if wanted in one.spellings]
    if exact:
        first = min(exact, key=lambda one: _ORDER[one.kind])
        if sum(one.kind == first.kind for one in exact) == 1:
            return first
    spelled = {spelling: one for one in asked for spelling in one.spellings if one.kind != STATION}
    alike = {id(one): one for spelling, one in spelled.items() if bare(spelling) == bare(wanted)}
    if len(alike) == 1:
        return next(iter(alike.values()))
    try:
        return spelled[resolve(wanted, spelled)]
    except UnknownPlaceError as error:
        near = tuple(dict.fromkeys(spelled[one].name for one in error.near if one in spelled))
        raise UnknownPlaceError(wanted, near) from None
