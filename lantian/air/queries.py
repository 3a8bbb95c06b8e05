"""What the pages and the API of this room ask for: the door of figures with the folders of this installation, remembered
as long as the store stays as it is.

A request that only reads looks once at what the store and the pack are: all of a page is of one moment.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.signals import request_finished, request_started

from lantian.air.assessing.shelf import Shelf, open_shelf, store_of
from lantian.air.assessing.subjects import Subject
from lantian.city.models import LoadedPack
from lantian.city.pack.locate import find_pack
from lantian.kit.kept import Kept
from lantian.observations.errors import StoreError
from lantian.observations.model import InputVersion

if TYPE_CHECKING:
    from lantian.air.published import MonthlyAir

_T = TypeVar("_T")
_kept = Kept(256)


class _Request(threading.local):
    """What the thread's present request has looked at; None outside of requests and for those that may change something."""

    seen: dict[str, Any] | None = None


_request = _Request()


def _begin(environ: dict[str, Any] | None = None, **_more: Any) -> None:
    _request.seen = {} if environ and environ.get("REQUEST_METHOD") in ("GET", "HEAD") else None


def _end(**_more: Any) -> None:
    _request.seen = None


request_started.connect(_begin, dispatch_uid="lantian.air.queries")
request_finished.connect(_end, dispatch_uid="lantian.air.queries")


def _once(name: str, look: Callable[[], _T]) -> _T:
    """Look, or say what was seen before in this request."""
    if _request.seen is None:
        return look()
    if name not in _request.seen:
        _request.seen[name] = look()
    found: _T = _request.seen[name]
    return found


def data_folder() -> Path:
    """The folder that holds the observations."""
    return Path(settings.LANTIAN_DATA)


def pack_root() -> Path | None:
    """The folder of the city pack in force, None where none is loaded or its folder is not there any more."""
    return _once("pack", _pack_root)


def _pack_root() -> Path | None:
    slug = LoadedPack.objects.values_list("slug", flat=True).first()
    try:
        return find_pack(slug) if slug else None
    except FileNotFoundError:
        return None


def store_version() -> InputVersion | None:
    """What the store is at now; None before the first import."""
    return _once("version", _store_version)


def _store_version() -> InputVersion | None:
    try:
        return store_of(data_folder()).reader().version()
    except StoreError:
        return None


def remembered(name: str, arguments: Hashable, make: Callable[[], _T]) -> _T:
    """Return what `make` returned last for these arguments while the store and the pack stay as they are."""
    return _kept.get((name, data_folder(), store_version(), pack_root(), arguments), make)


def forget() -> None:
    """Drop everything that is remembered (for tests)."""
    _kept.forget()


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
