"""Places on the page of an enterprise for rooms that stand above this one: devices, alarms, leads, series.

    parts.register("devices", 10, function)     # in the other room's AppConfig.ready()

`function(request, plant_code)` returns HTML that is safe (a card), or None where it has nothing to show to this person.
It checks itself what the person may see. Parts stand in the order of `order`, then of their names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

PartFunction = Callable[[HttpRequest, str], str | None]


@dataclass(frozen=True)
class Part:
    name: str
    order: int
    function: PartFunction


_parts: dict[str, Part] = {}


def register(name: str, order: int, function: PartFunction) -> None:
    """Register a part once; another function under a known name is a ValueError."""
    part = Part(name, order, function)
    if _parts.get(name, part) != part:
        raise ValueError(f"the part {name!r} is registered already")
    _parts[name] = part


def render(request: HttpRequest, plant_code: str) -> list[tuple[str, str]]:
    """Return (name, HTML) of each part that has something to show, in order."""
    ordered = sorted(_parts.values(), key=lambda part: (part.order, part.name))
    found = ((part.name, part.function(request, plant_code)) for part in ordered)
    return [(name, html) for name, html in found if html]
