"""The clock of the city. Business code asks this clock and never the machine's.

A demonstration may pretend that it is another day (`LANTIAN_CLOCK=2020-06-20`): time then runs on from there at its
normal speed, and every page says so. The audit chain also keeps the machine's own time. Tests and the making of
demonstration data travel with `travel`.
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

_travelled: contextvars.ContextVar[dt.datetime | None] = contextvars.ContextVar("travelled", default=None)


def is_pretended() -> bool:
    """Tell whether the clock is a demonstration's."""
    return bool(settings.LANTIAN_CLOCK_OFFSET)


def now() -> dt.datetime:
    """Return the city's present moment (aware)."""
    return _travelled.get() or timezone.now() + dt.timedelta(seconds=settings.LANTIAN_CLOCK_OFFSET)


def today() -> dt.date:
    """Return the city's present day."""
    return timezone.localdate(now())


@contextlib.contextmanager
def travel(moment: dt.date | dt.datetime) -> Iterator[dt.datetime]:
    """Make `now()` stand still at `moment` inside the block (a day means its noon)."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time(12))
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    token = _travelled.set(moment)
    try:
        yield moment
    finally:
        _travelled.reset(token)
