"""The clock of the city. Business code asks this clock and never the machine's.

A demonstration may pretend to start on another day (`LANTIAN_CLOCK=2020-06-20`): time then runs on from there, at
its normal speed, and every page says so. The audit chain also keeps the machine's own time.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.conf import settings
from django.utils import timezone


@lru_cache(maxsize=4)
def _offset(setting: str) -> dt.timedelta:
    start = dt.datetime.fromisoformat(setting)
    if start.time() == dt.time():
        start = start.replace(hour=9)
    if timezone.is_naive(start):
        start = timezone.make_aware(start)
    return start - timezone.now()


def is_pretended() -> bool:
    """Tell whether the clock is a demonstration's."""
    return bool(settings.LANTIAN_CLOCK)


def now() -> dt.datetime:
    """Return the city's present moment (aware)."""
    real = timezone.now()
    return real + _offset(settings.LANTIAN_CLOCK) if settings.LANTIAN_CLOCK else real


def today() -> dt.date:
    """Return the city's present day."""
    return timezone.localdate(now())
