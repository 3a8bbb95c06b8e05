"""Stations and which of them count for a place on a day. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lantian.air.network.kinds import kinds


@dataclass(frozen=True, slots=True)
class Station:
    """One station. `place`: code of the area it stands in. `counts_for`: codes of places whose values it takes part in.

    `lon`, `lat`: degrees in `datum`. `first`, `last`: its days of service, None where not known (then always).
    `synthetic`: invented for the demonstration. `line`: where it stands in its file.
    """

    code: str
    name_zh: str
    name_en: str
    place: str
    lon: float | None
    lat: float | None
    datum: str
    kind: str
    counts_for: tuple[str, ...]
    first: dt.date | None
    last: dt.date | None
    source: str
    confidence: str
    synthetic: bool = False
    line: int = 0

    @property
    def evaluated(self) -> bool:
        """Whether its kind may count for a place at all."""
        return kinds()[self.kind].counts

    def serves(self, day: dt.date) -> bool:
        """Tell whether it was in service on a day, as far as the list says."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def name(self, lang: str) -> str:
        return self.name_zh if lang.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Network:
    """The stations of a city, in the order of their list."""

    stations: tuple[Station, ...]

    def station(self, code: str) -> Station | None:
        """Return the station of a code."""
        return next((one for one in self.stations if one.code == code), None)

    def counting(self, place: str) -> tuple[Station, ...]:
        """Return the stations whose values make up those of a place (its code), whenever they served."""
        return tuple(one for one in self.stations if one.evaluated and place in one.counts_for)

    def counting_on(self, place: str, day: dt.date) -> tuple[Station, ...]:
        """Return the stations that count for a place on a day."""
        return tuple(one for one in self.counting(place) if one.serves(day))

    def places(self) -> tuple[str, ...]:
        """Return the codes of all places that stations count for, in the order of the list."""
        return tuple(dict.fromkeys(code for one in self.stations if one.evaluated for code in one.counts_for))
