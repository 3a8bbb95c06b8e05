"""Which stations and cities a demonstration has, and when people there heat: read from a city pack's small files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from lantian.air.assessing.pack_places import pack_places
from lantian.air.assessing.places import bare
from lantian.air.assessing.scopes import FILE as SCOPES
from lantian.air.assessing.scopes import read_scopes
from lantian.air.network import DEMO_FILE, FILE, Station, read_network
from lantian.air.synthetic.noise import generator
from lantian.air.synthetic.values import Site
from lantian.city.pack.faults import Faults, PackError
from lantian.city.pack.files import PackFiles
from lantian.city.pack.schedule import read_calendar

STATION_SERIES, CITY_SERIES = "synthetic-station", "synthetic-city"


class NoSitesError(LookupError):
    """The pack names neither stations nor cities that data could be invented for."""


def sites(root: Path, seed: int) -> tuple[Site, ...]:
    """Return the stations of the pack in a folder, those invented for the demonstration too, and the other cities of its
    scopes; raises NoSitesError when there are none, PackError for lists that cannot be used.

    The city itself and its areas get no series: their values come from their stations.
    """
    stations = read_network(root, demonstration=True).stations
    found = (*(_station(one, seed) for one in stations), *_cities(root, stations, seed))
    if not found:
        raise NoSitesError(f"the pack {root.name} has no {FILE}, no {DEMO_FILE} and no scope with other cities")
    return found


def _station(one: Station, seed: int) -> Site:
    source = f"{STATION_SERIES}:{one.code}"
    level = generator(seed, f"{source} level", 0).uniform(0.8, 1.2)
    return Site(source, one.code, one.lon or 0.0, one.lat or 0.0, level)


def _cities(root: Path, stations: Sequence[Station], seed: int) -> list[Site]:
    """Cities of the ranking scopes. The pack does not say where they lie; somewhere around the city will do."""
    lon = sum(one.lon or 0.0 for one in stations) / max(len(stations), 1)
    lat = sum(one.lat or 0.0 for one in stations) / max(len(stations), 1)
    found = []
    for name in _other_cities(root):
        drawn = generator(seed, f"{CITY_SERIES}:{name} where", 0)
        east, north, level = drawn.normal(0, 1.0), drawn.normal(0, 1.0), drawn.uniform(0.85, 1.45)
        found.append(Site(f"{CITY_SERIES}:{name}", name, lon + east, lat + north, level, instruments=False))
    return found


def _other_cities(root: Path) -> list[str]:
    file = root / SCOPES
    own = {bare(spelling) for place in pack_places(root) for spelling in place.spellings}
    named = [name for scope in (read_scopes(file) if file.is_file() else ()) for name in scope.places]
    return [name for name in dict.fromkeys(named) if bare(name) not in own]


def heating(root: Path) -> Callable[[dt.date], bool]:
    """Return a function that tells whether a day lies in the heating season; raises PackError without a calendar."""
    faults = Faults()
    calendar = read_calendar(PackFiles(root, faults), faults)
    if calendar is None or len(faults):
        raise PackError(root.name, list(faults))
    return calendar.in_heating_season
