"""stations.csv of a city pack: read and checked, every fault with file and line."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from lantian.air.network.kinds import kinds
from lantian.air.network.stations import Network, Station
from lantian.city.pack.datum import DATUMS
from lantian.city.pack.faults import Faults, PackError
from lantian.city.pack.files import PackFiles
from lantian.standards.tables import Confidence

FILE = "stations.csv"
# Stations invented for the demonstration: read only where the data folder is a demonstration's.
DEMO_FILE = "demo/stations.csv"
COLUMNS = (
    "code", "name_zh", "name_en", "place", "lon", "lat", "datum", "kind",
    "counts_for", "from", "until", "source", "confidence",
)  # fmt: skip
_SEPARATOR = ";"


class NetworkError(PackError):
    """A list of stations cannot be used; `faults` says why."""


def read_network(pack_root: Path, *, demonstration: bool = False) -> Network:
    """Return the stations of a pack, with `demonstration` the invented ones too; a pack without a list has none.

    Raises NetworkError naming file and line of every fault.
    """
    faults = Faults()
    files = PackFiles(pack_root, faults)
    found = _read(files, FILE, faults, synthetic=False)
    if demonstration:
        found += _read(files, DEMO_FILE, faults, synthetic=True)
    _report_twice(found, faults)
    if len(faults):
        raise NetworkError(pack_root.name, list(faults))
    return Network(tuple(one.station for one in found))


def check_stations(files: PackFiles, places: Collection[str], faults: Faults) -> None:
    """Report what is wrong with both lists of a pack; `places`: the codes that the pack knows (none: not compared)."""
    found = [
        *_read(files, FILE, faults, synthetic=False),
        *_read(files, DEMO_FILE, faults, synthetic=True),
    ]
    _report_twice(found, faults)
    for one in found:
        for column, codes in (("place", (one.station.place,)), ("counts_for", one.station.counts_for)):
            for code in codes:
                if places and code not in places:
                    message = f"{column}: {code!r} is no place of the pack."
                    faults.add("orphan", one.file, one.station.line, message, "Take a code of places.toml.")


@dataclass(frozen=True, slots=True)
class _Listed:
    file: str
    station: Station


def _report_twice(found: list[_Listed], faults: Faults) -> None:
    seen: dict[str, _Listed] = {}
    for one in found:
        before = seen.setdefault(one.station.code, one)
        if before is not one:
            message = f"the station {one.station.code} is listed twice."
            hint = f"It stands already in {before.file}, line {before.station.line}."
            faults.add("duplicate", one.file, one.station.line, message, hint)


def _read(files: PackFiles, name: str, faults: Faults, *, synthetic: bool) -> list[_Listed]:
    text = files.text(name, required=False)
    if text is None:
        return []
    stations = []
    for line, row in _rows(name, text, faults):
        own = Faults()
        station = _station(row, name, line, own, synthetic=synthetic)
        for fault in own:
            faults.add(fault.kind, fault.file, fault.line, fault.message, fault.hint)
        if not len(own):
            stations.append(_Listed(name, station))
    return stations


def _rows(name: str, text: str, faults: Faults) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = tuple(next(reader, []))
        if header != COLUMNS:
            message = f"the first line must read {','.join(COLUMNS)}."
            faults.add("bad-header", name, 1, message, f"It reads {','.join(header)[:120]!r}.")
            return
        for cells in reader:
            if len(cells) == len(COLUMNS):
                yield reader.line_num, {key: cell.strip() for key, cell in zip(COLUMNS, cells, strict=True)}
            elif cells:
                message = f"{len(cells)} fields instead of {len(COLUMNS)}."
                faults.add("bad-row", name, reader.line_num, message, "Put texts that hold a comma in quotes.")
    except csv.Error as error:
        faults.add("bad-row", name, reader.line_num, f"this is no CSV: {error}.")


def _station(row: dict[str, str], name: str, line: int, faults: Faults, *, synthetic: bool) -> Station:
    def bad(column: str, why: str, hint: str = "") -> None:
        faults.add("bad-value", name, line, f"{column}: {why}", hint)

    for column in ("code", "name_zh", "name_en", "place", "source"):
        if not row[column]:
            bad(column, "is empty.")
    if ":" in row["code"]:
        bad("code", f"{row['code']!r} holds a colon.")
    if row["kind"] not in kinds():
        bad("kind", f"{row['kind']!r} is none of {', '.join(kinds())}.")
    if row["confidence"] not in {one.value for one in Confidence}:
        bad("confidence", f"{row['confidence']!r} is none of {', '.join(one.value for one in Confidence)}.")
    counts_for = tuple(code for code in (part.strip() for part in row["counts_for"].split(_SEPARATOR)) if code)
    if len(set(counts_for)) != len(counts_for):
        bad("counts_for", "names a place twice.")
    if counts_for and row["kind"] in kinds() and not kinds()[row["kind"]].counts:
        bad("counts_for", f"a station of kind {row['kind']!r} counts for no place.", "Leave it empty.")
    lon, lat = _degree(row, "lon", 180, bad), _degree(row, "lat", 90, bad)
    if bool(row["lon"]) != bool(row["lat"]):
        bad("lon", "longitude and latitude are given both or not at all.")
    if row["datum"] not in DATUMS and lon is not None:
        bad("datum", f"{row['datum']!r} is none of {', '.join(DATUMS)}.")
    first, last = _day(row, "from", bad), _day(row, "until", bad)
    if first and last and last < first:
        bad("until", f"{last} lies before {first}.")
    return Station(
        row["code"], row["name_zh"], row["name_en"], row["place"], lon, lat, row["datum"], row["kind"], counts_for,
        first, last, row["source"], row["confidence"], synthetic, line,
    )  # fmt: skip


def _degree(row: dict[str, str], column: str, most: int, bad: Callable[..., None]) -> float | None:
    text = row[column]
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        bad(column, f"{text!r} is no number of degrees between -{most} and {most}.")
        return None
    return value


def _day(row: dict[str, str], column: str, bad: Callable[..., None]) -> dt.date | None:
    text = row[column]
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        bad(column, f"{text!r} is no date.", "Write YYYY-MM-DD, or leave it empty.")
        return None
