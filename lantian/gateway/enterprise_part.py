"""The devices of an enterprise as a part of its file."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from lantian.sources import parts


def register() -> None:
    """Take the place in the enterprise's file (at start-up)."""
    parts.register("devices", 10, _devices)


def _devices(request: HttpRequest, plant_code: str) -> str | None:
    from lantian.city.access import scope_of
    from lantian.gateway import access, queries

    devices = list(access.visible(scope_of(request.user)).filter(plant=plant_code))
    if not devices:
        return None
    seen = queries.seen([one.mn for one in devices])
    rows = [{"device": one, "seen": seen.get(one.mn)} for one in devices]
    return render_to_string("gateway/enterprise_part.html", {"rows": rows}, request=request)
