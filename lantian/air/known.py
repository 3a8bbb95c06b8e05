"""The days of the city and its areas as the store has them now, kept in memory until something of them changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from lantian.air.assessing.scopes import FILE as SCOPES
from lantian.air.assessing.shelf import store_of
from lantian.air.queries import data_folder
from lantian.air.targets.model import likelihood_rules
from lantian.air.targets.reading import DEMO_FILE, FILE, PackTargets, read_targets
from lantian.air.targets.source import Known, days_of_places
from lantian.city.pack import find_pack
from lantian.indicators.context import Context
from lantian.kit.kept import Kept
from lantian.observations.errors import StoreError
from lantian.observations.model import Query

_DAY = dt.timedelta(days=1)
T = TypeVar("T")
_kept = Kept(24)
_small = Kept(4000)


def is_demonstration() -> bool:
    """Tell whether the data folder was made by `lantian demo`: only there invented targets are read."""
    return (data_folder() / "demo.json").is_file()


def pack_root(context: Context) -> Path | None:
    """Return the folder of the pack in force; None before one is loaded or when its folder is gone."""
    if context.pack is None:
        return None
    try:
        return find_pack(context.pack.slug)
    except FileNotFoundError:
        return None


def pack_targets(root: Path, *, demonstration: bool = False) -> PackTargets:
    """Return the targets of a pack's folder, read again only after its files have changed. Raises PackError."""
    files = [root / name for name in (FILE, DEMO_FILE, SCOPES)]
    stamps = tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
    return _pack_targets(root, demonstration, stamps)


@lru_cache(maxsize=8)
def _pack_targets(root: Path, demonstration: bool, stamps: tuple[int, ...]) -> PackTargets:
    return read_targets(root, demonstration=demonstration)


def remember(key: Hashable, make: Callable[[], T], version: str) -> T:
    """Return what was made for this key and version, or make it (the least recently used goes)."""
    return _kept.get((data_folder(), version, key), make)


def remember_small(key: Hashable, make: Callable[[], T]) -> T:
    """The same for small things, of which many are kept; the key says everything that they follow from."""
    return _small.get((data_folder(), key), make)


def forget() -> None:
    """Drop everything (for tests)."""
    _kept.forget()
    _small.forget()


def version_of(context: Context) -> str:
    """Return what all days until yesterday rest on, looked up once per page: hours that come in today change nothing."""
    return context.memo("air version", lambda: _stamp(context))


def _stamp(context: Context) -> str:
    try:
        store = store_of(data_folder())
    except StoreError:
        return ""
    today = dt.datetime.combine(context.today, dt.time(), dt.timezone(store.offset))
    return store.reader().stamp(Query(end=today, as_known_on=context.known_at))


def days_of(names: tuple[str, ...], context: Context, first: dt.date | None = None) -> Known:
    """Return the days of places until yesterday, past years included, as known at the context's moment."""
    start = first or dt.date(context.today.year - likelihood_rules().most_years, 1, 1)
    last, root = context.today - _DAY, pack_root(context)
    key = ("days", root, names, start, last, context.known_at)

    def read() -> Known:
        return days_of_places(data_folder(), names, start, last, pack=root, as_known_on=context.known_at)

    return context.memo(key, lambda: remember(key, read, version_of(context)))


def home_names(context: Context) -> tuple[str, ...]:
    """Names of the city and its areas, as the store may know them."""
    return tuple(place.name for place in (context.city, *context.areas) if place)
