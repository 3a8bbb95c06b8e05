"""In which state permits are on a day: valid, about to expire, expired, none."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from pathlib import Path
from typing import Any

from django.db.models import Case, CharField, Count, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from lantian.sources.models import Permit


@functools.cache
def renewal_days() -> int:
    """How many days before its end a permit's renewal has to be asked for."""
    path = Path(__file__).parent / "data" / "permits.toml"
    return int(tomllib.loads(path.read_text(encoding="utf-8"))["renewal"]["days"])


def state_of(permit: Permit, day: dt.date) -> str:
    """Return the state of one permit: valid, soon, expired, open (without an end)."""
    if permit.expires_on is None:
        return "open"
    if permit.expires_on < day:
        return "expired"
    return "soon" if permit.expires_on <= day + dt.timedelta(days=renewal_days()) else "valid"


def with_permit_state(rows: QuerySet[Any], day: dt.date) -> QuerySet[Any]:
    """Annotate enterprises with `permit_state` (of the permit that lasts longest) and `permit_until`."""
    mine = Permit.objects.filter(Q(until__isnull=True) | Q(until__gte=day), enterprise=OuterRef("pk")).order_by()
    endless = mine.filter(expires_on__isnull=True).values("enterprise").annotate(n=Count("pk")).values("n")
    last = mine.values("enterprise").annotate(last=Max("expires_on")).values("last")
    held = mine.values("enterprise").annotate(n=Count("pk")).values("n")
    soon = day + dt.timedelta(days=renewal_days())
    state = Case(
        When(permits_held=0, then=Value("none")),
        When(permit_until__gt=soon, then=Value("valid")),
        When(permits_endless__gt=0, then=Value("open")),
        When(permit_until__gte=day, then=Value("soon")),
        default=Value("expired"),
        output_field=CharField(),
    )
    found: QuerySet[Any] = rows.annotate(
        permits_held=Coalesce(Subquery(held), 0),
        permits_endless=Coalesce(Subquery(endless), 0),
        permit_until=Subquery(last),
    ).annotate(permit_state=state)
    return found
