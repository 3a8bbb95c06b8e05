"""Which stations and cities a demonstration has: read from a city pack."""

from __future__ import annotations

import csv
from pathlib import Path

from lantian.air.assessing.places import bare
from lantian.air.assessing.scopes import FILE as SCOPES
from lantian.air.assessing.scopes import read_scopes
from lantian.air.synthetic.noise import generator
from lantian.air.synthetic.values import Site
from lantian.city.pack.model import CityPack

STATION_SERIES, CITY_SERIES = "synthetic-station", "synthetic-city"
# The pack's own stations, whose codes are taken with invented values, and those that exist nowhere.
FILES = ("stations.csv", "demo/stations.csv")
# People emit less in a scenic area.
_LEVELS = {"scenic": 0.55, "zone": 1.1}


class NoSitesError(LookupError):
    """The pack names neither stations nor cities that data could be invented for."""


def sites(pack: CityPack, seed: int) -> tuple[Site, ...]:
    """Return the stations of the pack and the other cities of its scopes; raises NoSitesError when there are none.

    The city itself and its areas get no series: their values come from their stations.
    """
    found = (*_stations(pack), *_cities(pack, seed))
    if not found:
        raise NoSitesError(f"the pack {pack.meta.slug} has no {' or '.join(FILES)} and no scope with other cities")
    return found


def _stations(pack: CityPack) -> list[Site]:
    levels = {one.code: _LEVELS.get(one.form, 1.0) for one in pack.places.areas}
    rows = [row for name in FILES for row in _rows(pack.root / name)]
    return [
        Site(f"{STATION_SERIES}:{row['code']}", row["code"], float(row["lon"]), float(row["lat"]), levels.get(row["counts_for"], 1.0))
        for row in rows
    ]  # fmt: skip


def _rows(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _cities(pack: CityPack, seed: int) -> list[Site]:
    """Cities of the ranking scopes. The pack does not say where they lie; somewhere around the city will do."""
    middle = pack.places.bbox
    lon, lat = (middle[0] + middle[2]) / 2, (middle[1] + middle[3]) / 2
    found = []
    for name in _other_cities(pack):
        drawn = generator(seed, f"{CITY_SERIES}:{name} where", 0)
        east, north, level = drawn.normal(0, 1.0), drawn.normal(0, 1.0), drawn.uniform(0.85, 1.45)
        found.append(Site(f"{CITY_SERIES}:{name}", name, lon + east, lat + north, level, instruments=False))
    return found


def _other_cities(pack: CityPack) -> list[str]:
    file = pack.root / SCOPES
    places = (pack.places.city, *pack.places.areas)
    own = {bare(one) for place in places for one in (place.name_zh, place.code, *place.aliases)}
    named = [name for scope in (read_scopes(file) if file.is_file() else ()) for name in scope.places]
    return [name for name in dict.fromkeys(named) if bare(name) not in own]
