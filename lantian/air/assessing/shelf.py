"""One snapshot of a store with the pack that explains it: what can be asked about, and what was measured there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lantian.air.assessing.measured import Measured, measure
from lantian.air.assessing.pack_places import PackPlace, pack_places
from lantian.air.assessing.periods import Period
from lantian.air.assessing.series import is_synthetic
from lantian.air.assessing.subjects import AUTO, Origin, Subject, find, subjects_of
from lantian.air.network import DEMO_FILE, FILE, Network, read_network
from lantian.air.reading.importing import store_in
from lantian.city.pack.locate import default_pack, find_pack
from lantian.observations.errors import StoreError
from lantian.observations.model import InputVersion
from lantian.observations.reading import Reader
from lantian.observations.store import Store


@dataclass(frozen=True)
class Shelf:
    """A snapshot: everything asked of one shelf is answered from the same rows."""

    reader: Reader
    offset: dt.timedelta
    pack: Path | None
    places: tuple[PackPlace, ...]
    network: Network
    subjects: tuple[Subject, ...]

    @property
    def version(self) -> InputVersion:
        return self.reader.version()

    def find(self, name: str, kind: str | None = None) -> Subject:
        """Return what a name or code means; raises UnknownPlaceError."""
        return find(name, self.subjects, kind)

    def measure(
        self,
        subjects: Iterable[Subject],
        first: dt.date,
        last: dt.date,
        *,
        basis: str = AUTO,
        series: str | None = None,
        as_known_on: dt.datetime | None = None,
    ) -> Measured:
        """Read what was measured at some places; raises NoOriginError, ValueError for an unknown basis."""
        chosen = tuple(subjects)
        origins = [one.origin_for(first, last, basis, series) for one in chosen]
        return self.measure_from(chosen, origins, Period(first, last), as_known_on)

    def measure_from(
        self,
        subjects: Sequence[Subject],
        origins: Sequence[Origin],
        period: Period,
        as_known_on: dt.datetime | None = None,
    ) -> Measured:
        """Read what was measured, from origins that the caller chose (one for each place)."""
        return measure(self.reader, subjects, origins, period.first, period.last, self.offset, as_known_on)


def open_shelf(data: Path | None, pack: str | Path | None = None) -> Shelf:
    """Open the store of a data folder as it is now; raises StoreError without a store.

    `pack`: name or folder of the city pack whose places and stations are meant; by default the default one, if any.
    """
    store = store_of(data)
    reader = store.reader()
    root = pack_folder(pack)
    places = pack_places(root) if root else ()
    held = reader.subjects()
    network = Network(())
    if root:
        # The invented stations of the demonstration exist only where there are invented values.
        network = _network(root, _changed(root), any(is_synthetic(one.source) for one in held))
    return Shelf(reader, store.offset, root, places, network, subjects_of(held, places, network, store.offset))


def store_of(data: Path | None) -> Store:
    """Return the store of a data folder, one for the process; raises StoreError when there is none yet."""
    store = store_in(data)
    settings = store.root / "store.json"
    if not settings.exists():
        raise StoreError(f"there is no observation store in {store.root}: the first import makes it")
    return _kept(store.root.parent, settings.stat().st_ino)


@lru_cache(8)
def _kept(data: Path, _made: int) -> Store:
    """One store for each folder: it remembers the log, the files' footers and its engine."""
    return store_in(data)


def pack_folder(pack: str | Path | None) -> Path | None:
    """Return the folder of a pack, by default of the default one; None where no pack is said and none is the default."""
    if pack is not None:
        return find_pack(pack)
    try:
        return find_pack(default_pack())
    except FileNotFoundError:
        return None


@lru_cache(8)
def _network(root: Path, _changed: tuple[int, ...], demonstration: bool) -> Network:
    return read_network(root, demonstration=demonstration)


def _changed(root: Path) -> tuple[int, ...]:
    files = (root / FILE, root / DEMO_FILE)
    return tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
