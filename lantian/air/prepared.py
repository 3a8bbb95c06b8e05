"""What the pages of the air that everybody opens are made of, ready in every process of the web server before somebody
asks. What it takes is loaded when it is needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable

from lantian.kit import ready


def register() -> None:
    """Have the air ready (at start-up)."""
    ready.register("air", stamp, prepare)


def stamp() -> Hashable:
    """What is prepared holds for one store and one hour."""
    from lantian.air.queries import data_folder, store_version
    from lantian.city import clock

    return data_folder(), store_version(), clock.now().replace(minute=0, second=0, microsecond=0)


def prepare() -> None:
    """Make the board of now, the city's month and year, its targets and the month of every source; nothing without data."""
    from lantian.air.queries import store_version

    if store_version() is not None:
        _front()
        _quality()


def _front() -> None:
    from django.conf import settings
    from django.utils import timezone, translation

    from lantian.air.front.board import board_at
    from lantian.air.front.todate import spans, standings
    from lantian.city import clock
    from lantian.standards.regimes import UnknownDateError

    now = clock.now()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            try:
                city = board_at(now).city
            except UnknownDateError:
                return
    if city is not None and city.subject is not None:
        today = timezone.localdate(now)
        spans(city.subject, today)
        standings(city.code, today)


def _quality() -> None:
    from lantian.air.control.data import newest_day
    from lantian.air.control.monthly import month_of_sources
    from lantian.city import clock

    months: set[dt.date] = {newest_day(kind).replace(day=1) for kind in (None, "station")}
    for month in months:
        month_of_sources(month, clock.now())
