"""What was measured at some places in a period, read once: as hours and as days, raw or with the dust hours left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lantian.air.assessing.days import EIGHT_HOURS, Daily, Days, daily_values
from lantian.air.assessing.dust import dust_marks
from lantian.air.assessing.hours import DECIMALS, HOURS, Hours, read_hours
from lantian.air.assessing.subjects import STATIONS, Origin, Subject
from lantian.air.assessing.tables import Table, read_tables
from lantian.air.network import Station
from lantian.air.network.combine import days_of_place, highest_of_place, hours_of_place
from lantian.observations.model import InputVersion
from lantian.observations.reading import Reader
from lantian.standards.arrays import MISSING, RatioArray
from lantian.standards.pollutants import core_codes
from lantian.standards.regimes import Regime

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """Hours [source, pollutant, day, hour] of all sources that places are made of, and tables of days.

    `dust[source, pollutant, day, hour]`: the hours that the list of dust leaves out; None where there is none.
    """

    subjects: tuple[Subject, ...]
    origins: tuple[Origin, ...]
    first: dt.date
    last: dt.date
    sources: tuple[str, ...]
    values: Whole
    dust: Flags | None
    tables: Mapping[str, Table]
    version: InputVersion

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.subjects)

    @property
    def day_list(self) -> tuple[dt.date, ...]:
        return tuple(self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1))

    @property
    def has_dust(self) -> bool:
        """Whether anything is left out when dust is deducted."""
        return self.dust is not None or any(one.dust.any() for one in self.tables.values())

    def taken(self, *, deducted: bool) -> Whole:
        """Return the hours of all sources, without the dust hours where they are `deducted`."""
        if not deducted or self.dust is None:
            return self.values
        return np.where(self.dust, MISSING, self.values)

    # -- hours ------------------------------------------------------------------------------------------------------

    def hours(self, law: Regime, *, deducted: bool = False) -> Hours:
        """Return the places' hours; a place whose values are a table of days has none."""
        values = self.taken(deducted=deducted)
        if self._as_they_are:
            return Hours(self.names, core_codes(), self.first, values, self.version, self.origins)
        shape = (len(self.subjects), *values.shape[1:])
        found = np.full(shape, MISSING, dtype=np.int64)
        stations = np.zeros(shape, dtype=np.int16)
        for at, origin in enumerate(self.origins):
            if origin.basis == STATIONS:
                serves, expected = self._service(origin)
                found[at], stations[at] = hours_of_place(law, values[self._rows(origin)], serves, expected)
            elif not origin.daily:
                found[at] = values[self._rows(origin)[0]]
        return Hours(self.names, core_codes(), self.first, found, self.version, self.origins, stations)

    @cached_property
    def _as_they_are(self) -> bool:
        """Whether each place is one source, in this order: then nothing has to be put together."""
        own = tuple(source for one in self.origins for source in one.sources.values())
        return own == self.sources and all(one.basis != STATIONS and not one.daily for one in self.origins)

    def _rows(self, origin: Origin) -> list[int]:
        return [self.sources.index(source) for source in origin.sources.values()]

    def _service(self, origin: Origin) -> tuple[Flags, Whole]:
        """Which of the origin's sources count on which day [station, day], and how many stations should [day]."""
        in_service = {one.code: _days_of_service(one, self.first, len(self.day_list)) for one in origin.stations}
        serves = np.stack([in_service[code] for code in origin.sources])
        expected: Whole = np.stack(list(in_service.values())).astype(np.int64).sum(axis=0)
        return serves, expected

    # -- days -------------------------------------------------------------------------------------------------------

    def days(self, law: Regime, *, deducted: bool = False) -> Days:
        """Return the places' days: of hours, of a table of days, or of their stations' days (HJ 663: the stations' daily
        values are averaged, not the hours)."""
        hours = Hours(self.sources, core_codes(), self.first, self.taken(deducted=deducted), self.version)
        if self._as_they_are:
            found = daily_values(law, replace(hours, places=self.names))
            return replace(found, origins=self.origins, version=self.version)
        made = daily_values(law, hours) if self.sources else None
        places = [self._place(law, origin, made, deducted=deducted) for origin in self.origins]
        return _stacked(law, self, places)

    def _place(self, law: Regime, origin: Origin, made: Days | None, *, deducted: bool) -> _OnePlace:
        if origin.daily:
            return _of_table(self.tables[next(iter(origin.sources.values()))], deducted=deducted)
        assert made is not None
        rows = self._rows(origin)
        if origin.basis != STATIONS:
            return _of_source(made, rows[0])
        serves, expected = self._service(origin)
        hours, _ = hours_of_place(law, self.taken(deducted=deducted)[rows], serves, expected)
        return _of_stations(law, made, rows, hours, serves, expected)


def _days_of_service(station: Station, first: dt.date, days: int) -> Flags:
    """On which of the days a station was in service, as far as its list says."""
    begin = 0 if station.first is None else (station.first - first).days
    end = days if station.last is None else (station.last - first).days + 1
    numbers = np.arange(days)
    return (numbers >= begin) & (numbers < end)


@dataclass(frozen=True, slots=True)
class _OnePlace:
    """A place's days [day]: daily values by pollutant, ozone's highest hour, how many stations."""

    daily: Mapping[str, Daily]
    highest: Whole
    stations: Mapping[str, Whole]


def _of_source(made: Days, row: int) -> _OnePlace:
    daily = {}
    for code, one in made.daily.items():
        bottom = np.broadcast_to(one.value.denominator, one.value.numerator.shape)[row]
        value = RatioArray(one.value.numerator[row], bottom, one.value.decimals)
        daily[code] = Daily(value, one.hours[row], one.valid[row])
    none = np.zeros(len(made.days), dtype=np.int64)
    return _OnePlace(daily, made.highest_hour[row], dict.fromkeys(daily, none))


def _of_table(table: Table, *, deducted: bool) -> _OnePlace:
    daily, none = {}, np.zeros(table.highest.shape, dtype=np.int64)
    for at, code in enumerate(core_codes()):
        values = np.where(table.dust[at], MISSING, table.values[at]) if deducted else table.values[at]
        there = values != MISSING
        # A table does not say how many hours a day had: it is taken as whole where it has a value.
        daily[code] = Daily(RatioArray(values, np.ones_like(values), DECIMALS), there * HOURS, there)
    return _OnePlace(daily, table.highest, dict.fromkeys(daily, none))


def _of_stations(
    law: Regime, made: Days, rows: Sequence[int], hours: Whole, serves: Flags, expected: Whole
) -> _OnePlace:
    daily, stations = {}, {}
    for at, code in enumerate(core_codes()):
        one = made.daily[code]
        bottom = np.broadcast_to(one.value.denominator, one.value.numerator.shape)[rows]
        value = RatioArray(one.value.numerator[rows], bottom, one.value.decimals)
        combined = days_of_place(law, value, one.valid[rows], serves, expected)
        there = (hours[at] != MISSING).sum(axis=-1, dtype=np.int64)
        daily[code], stations[code] = Daily(combined.value, there, combined.valid), combined.n
    highest = highest_of_place(made.highest_hour[rows], made.daily[EIGHT_HOURS].valid[rows] & serves)
    return _OnePlace(daily, highest, stations)


def _stacked(law: Regime, measured: Measured, places: Sequence[_OnePlace]) -> Days:
    daily = {}
    for code in core_codes():
        ones = [place.daily[code] for place in places]
        value = RatioArray(
            np.stack([one.value.numerator for one in ones]),
            np.stack([np.broadcast_to(one.value.denominator, one.valid.shape) for one in ones]),
            DECIMALS,
        )
        daily[code] = Daily(value, np.stack([one.hours for one in ones]), np.stack([one.valid for one in ones]))
    stations = {code: np.stack([place.stations[code] for place in places]).astype(np.int16) for code in core_codes()}
    highest = np.stack([place.highest for place in places])
    return Days(law, measured.names, measured.day_list, daily, highest, measured.origins, stations, measured.version)


def measure(
    reader: Reader,
    subjects: Sequence[Subject],
    origins: Sequence[Origin],
    first: dt.date,
    last: dt.date,
    offset: dt.timedelta,
    as_known_on: dt.datetime | None = None,
) -> Measured:
    """Read everything that some places are made of, in two questions to the store whatever their number."""
    hourly = tuple(dict.fromkeys(s for one in origins if not one.daily for s in one.sources.values()))
    daily = tuple(dict.fromkeys(s for one in origins if one.daily for s in one.sources.values()))
    days = (last - first).days + 1
    if hourly:
        hours = read_hours(reader, {one: one for one in hourly}, first, last, offset, as_known_on)
        values = hours.values
    else:
        values = np.full((0, len(core_codes()), days, HOURS), MISSING, dtype=np.int64)
    return Measured(
        tuple(subjects),
        tuple(origins),
        first,
        last,
        hourly,
        values,
        dust_marks(reader, hourly, first, last, offset, as_known_on),
        read_tables(reader, daily, first, last, offset, as_known_on),
        reader.version(as_known_on),
    )
