"""What the pages and the API of this room ask for: the door of figures with the folders of this installation, remembered
as long as the store stays as it is."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from lantian.air.assessing.shelf import Shelf, open_shelf, store_of
from lantian.air.assessing.subjects import Subject
from lantian.city.models import LoadedPack
from lantian.city.pack.locate import find_pack
from lantian.observations.errors import StoreError
from lantian.observations.model import InputVersion

if TYPE_CHECKING:
    from lantian.air.published import MonthlyAir

_T = TypeVar("_T")
_MOST = 256
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_guard = threading.Lock()


def data_folder() -> Path:
    """The folder that holds the observations."""
    return Path(settings.LANTIAN_DATA)


def pack_root() -> Path | None:
    """The folder of the city pack in force, None where none is loaded or its folder is not there any more."""
    slug = LoadedPack.objects.values_list("slug", flat=True).first()
    try:
        return find_pack(slug) if slug else None
    except FileNotFoundError:
        return None


def store_version() -> InputVersion | None:
    """What the store is at now; None before the first import."""
    try:
        return store_of(data_folder()).reader().version()
    except StoreError:
        return None


def remembered(name: str, arguments: Hashable, make: Callable[[], _T]) -> _T:
    """Return what `make` returned last for these arguments while the store and the pack stay as they are."""
    key = (name, data_folder(), store_version(), pack_root(), arguments)
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            found: _T = _kept[key]
            return found
    made = make()
    with _guard:
        _kept[key] = made
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return made


def shelf() -> Shelf:
    """The store as it is now, with the pack in force; raises StoreError before the first import."""
    root = pack_root()
    return remembered("shelf", (), lambda: open_shelf(data_folder(), root))


def all_subjects() -> tuple[Subject, ...]:
    """Everything that there are values of; none before the first import."""
    return shelf().subjects if store_version() else ()


def monthly_air(first: dt.date, last: dt.date, until: dt.date) -> MonthlyAir | None:
    """What a published document prints of a month and of the year's targets until a day: see `published.monthly_air`."""
    from lantian.air import published

    return published.monthly_air(first, last, until)


def month_before(day: dt.date, newest: dt.date) -> tuple[dt.date, dt.date]:
    """The last whole month that was over before a day, not later than that of `newest`, as (first day, last day)."""
    from lantian.air import published

    return published.month_before(day, newest)
