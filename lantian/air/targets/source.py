"""The days of places out of the store, each judged by the law of its own day, raw and with dust hours left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lantian.air.assessing.days import daily_values
from lantian.air.assessing.hours import DECIMALS, Hours, known_places, read_hours
from lantian.air.assessing.places import UnknownPlaceError, resolve
from lantian.air.reading.formats import format_named
from lantian.air.reading.importing import store_in
from lantian.air.targets.days import PlaceDays, place_days
from lantian.observations.model import InputVersion, Query
from lantian.observations.reading import Reader
from lantian.standards import arrays
from lantian.standards.arrays import MISSING
from lantian.standards.dust import dust_rules
from lantian.standards.regimes import regimes, split_by_regime
from lantian.standards.tables import OutOfForceError

FORM = "cnemc-city-hourly"
_PM10 = "PM10"


@dataclass(frozen=True, slots=True)
class Known:
    """Days by the name that was asked for, of all hours (`raw`) and without dust hours. Names without data are absent.

    `version` names the snapshot of the store; None without a store.
    """

    raw: Mapping[str, PlaceDays]
    deducted: Mapping[str, PlaceDays]
    version: InputVersion | None


def days_of_places(
    data: Path | None,
    names: Iterable[str],
    first: dt.date,
    last: dt.date,
    *,
    as_known_on: dt.datetime | None = None,
) -> Known:
    """Return the days of places from the first to the last day, both included."""
    store = store_in(data)
    if not store.exists:
        return Known({}, {}, None)
    reader = store.reader()
    declared = format_named(FORM)
    sources = _sources(names, known_places(reader, declared.series))
    first = max(first, regimes()[0].start, _earliest(reader, declared.offset) or first)
    if not sources or first > last:
        return Known({}, {}, reader.version(as_known_on))
    hours = read_hours(reader, sources, first, last, declared.offset, as_known_on)
    return Known(_judged(hours), _judged(_without_dust(hours)), hours.version)


def _earliest(reader: Reader, offset: dt.timedelta) -> dt.date | None:
    """The first local day of which the store may hold something: no need to make room for years before."""
    starts = [file.low["valid_from"] for file in reader.files(Query())]
    return (min(starts) + offset).date() if starts else None


def _sources(names: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = known[resolve(name, known)]
        except UnknownPlaceError:
            continue
    return found


def _judged(hours: Hours) -> dict[str, PlaceDays]:
    """Days of all places of some hours, cut where the law changes; places without any hour are left out."""
    last = hours.days[-1]
    parts = [daily_values(law, _cut(hours, start, end)) for law, start, end in split_by_regime(hours.first, last)]
    there = (hours.values != MISSING).any(axis=(1, 2, 3))
    return {place: place_days(parts, place) for place, any_hour in zip(hours.places, there, strict=True) if any_hour}


def _cut(hours: Hours, first: dt.date, last: dt.date) -> Hours:
    at = slice((first - hours.first).days, (last - hours.first).days + 1)
    return replace(hours, first=first, values=hours.values[:, :, at])


def _without_dust(hours: Hours) -> Hours:
    """Leave out what the rules of dust leave out in the hours that look like dust (proposed, not the official list)."""
    values = hours.values.copy()
    for _, first, last in split_by_regime(hours.first, hours.days[-1]):
        try:
            rules = dust_rules(last)
        except OutOfForceError:  # before dust was left out
            continue
        at = slice((first - hours.first).days, (last - hours.first).days + 1)
        part = values[:, :, at]
        series = part[:, hours.pollutants.index(_PM10)].reshape(len(hours.places), -1)
        marks = arrays.dust_hours(rules, series, DECIMALS).reshape(part.shape[0], *part.shape[2:])
        for code in rules.names("leaves_out"):
            row = part[:, hours.pollutants.index(code)]
            part[:, hours.pollutants.index(code)] = np.where(marks, MISSING, row)
    return replace(hours, values=values)
