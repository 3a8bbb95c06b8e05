"""Stores with invented hours or days of any series, and small city packs that explain them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from lantian.air.reading.importing import store_in
from lantian.observations.model import Batch
from lantian.standards.pollutants import core_codes, pollutant

ZONE = dt.timezone(dt.timedelta(hours=8))
QUIET = {"SO2": 20.0, "NO2": 30.0, "CO": 0.8, "O3": 60.0, "PM10": 50.0, "PM2.5": 35.0}
HEADER = "code,name_zh,name_en,place,lon,lat,datum,kind,counts_for,from,until,source,confidence"


def rows_of(
    source: str, first: dt.date, days: int, values: Mapping[str, float] = QUIET, *, hours: Sequence[int] = range(24)
) -> list[dict[str, object]]:
    """The same values in each of the hours (0: the one labelled 1) of some days."""
    name, found = source.partition(":")[2], []
    for n in range(days):
        midnight = dt.datetime.combine(first + dt.timedelta(days=n), dt.time(), ZONE)
        for hour in hours:
            begin = midnight + dt.timedelta(hours=hour)
            found += [
                row(source, name, code, begin, begin + dt.timedelta(hours=1), one) for code, one in values.items()
            ]
    return found


def table_of(source: str, first: dt.date, values: Sequence[Mapping[str, float]]) -> list[dict[str, object]]:
    """One row for each day and pollutant."""
    name, found = source.partition(":")[2], []
    for n, each in enumerate(values):
        begin = dt.datetime.combine(first + dt.timedelta(days=n), dt.time(), ZONE)
        found += [row(source, name, code, begin, begin + dt.timedelta(days=1), one) for code, one in each.items()]
    return found


def row(source, place, code, begin, end, value) -> dict[str, object]:
    unit = pollutant(code.partition("_")[0]).unit
    return {
        "source": source, "place": place, "quantity": code, "valid_from": begin, "valid_to": end, "value": value,
        "unit": unit,
    }  # fmt: skip


def stored(data: Path, rows: Sequence[Mapping[str, object]], name: str = "made") -> Path:
    with store_in(data).writer("test") as writer:
        writer.append(Batch(id=name), list(rows))
    return data


def pack(folder: Path, stations: Sequence[str] = (), *, scopes: str = "", demo: Sequence[str] = ()) -> Path:
    """A pack of the city 临水 (990000) with 甲县 (990001) and 乙县 (990002): only the files that figures read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text(
        '[pack]\nname_zh = "临水市"\nname_en = "Linshui"\nadcode = "990000"\n', encoding="utf-8"
    )
    areas = "".join(
        f'[[area]]\ncode = "{code}"\nkind = "county"\nname_zh = "{zh}"\nname_en = "{en}"\naliases = []\n'
        for code, zh, en in (("990001", "甲县", "Jia County"), ("990002", "乙县", "Yi County"))
    )
    (folder / "places.toml").write_text(f'[city]\naliases = ["临水"]\n{areas}', encoding="utf-8")
    if stations:
        (folder / "stations.csv").write_text("\n".join([HEADER, *stations]) + "\n", encoding="utf-8")
    if demo:
        (folder / "demo").mkdir(exist_ok=True)
        (folder / "demo" / "stations.csv").write_text("\n".join([HEADER, *demo]) + "\n", encoding="utf-8")
    if scopes:
        (folder / "scopes.toml").write_text(scopes, encoding="utf-8")
    return folder


def station(code: str, *, kind: str = "national", counts_for: str = "990000", first: str = "", last: str = "") -> str:
    return f"{code},站{code},Station {code},990001,112.7,38.4,WGS-84,{kind},{counts_for},{first},{last},invented,R-L"


def all_but(*codes: str) -> dict[str, float]:
    return {code: QUIET[code] for code in core_codes() if code not in codes}
