"""A part of an enterprise's page: the limits of its stacks by the law of today, beside those of its permit."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.sources import parts
from lantian.sources.queries import plants
from lantian.sources.rules.geo import as_points
from lantian.sources.rules.limits import OutletLimits, outlet_limits
from lantian.sources.snapshot import snapshot
from lantian.sources.spatial import zones
from lantian.standards.stacks import StackLimit, stack_pollutants, stack_processes


def register() -> None:
    parts.register("limits", 5, limits_part)


def limits_part(request: HttpRequest, plant_code: str) -> str | None:
    """Return the card, or None for an enterprise without outlets. Who may see the enterprise may see the law."""
    found = plants(codes=[plant_code])
    if not found or not found[0].outlets:
        return None
    plant, day = found[0], clock.today()
    register_ = snapshot()
    undertaken = any(
        one.firm.code == plant.code and one.programme == "ultra_low_stack" and one.in_force(day)
        for one in register_.works
    )
    here = zones(register_).at(as_points([(plant.lon, plant.lat)]), day)[0]
    flags = {"ultra_low"} if undertaken else set()
    if any(zone.kind == "key_region" for zone in here):
        flags |= {"key_region", "special_limits"}
    rows = [(one, outlet_limits(one, day, region=plant.area, flags=flags)) for one in plant.outlets]
    context = {"rows": [_row(outlet, limits) for outlet, limits in rows], "day": day, "ultra_low": undertaken}
    return render_to_string("sources/limits_part.html", context)


def _row(outlet: Any, found: OutletLimits) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    process = stack_processes().get(found.process)
    whys = {
        "unknown": _("The process “%(word)s” is no word that the law is looked up by.")
        % {"word": outlet.process or "–"},
        "fuel": _("The process needs its fuel (for example “燃煤锅炉”)."),
    }
    return {
        "outlet": outlet.name or outlet.code,
        "process": (process.en if english else process.zh) if process else "",
        "why": whys.get(found.why, "" if found.limits else _("No limit is known: that is not the same as none.")),
        "differs": found.differs,
        "limits": [_limit(one, english) for one in found.limits if one.binding or one.conflict],
    }


def _limit(one: StackLimit, english: bool) -> dict[str, Any]:
    pollutant = stack_pollutants()[one.pollutant]
    entry = one.entry
    return {
        "pollutant": pollutant.en if english else pollutant.zh,
        "value": f"{one.value} {one.unit}",
        "oxygen": "" if one.oxygen is None else f"{one.oxygen} %",
        "scheme": one.scheme.en if english else one.scheme.zh,
        "where": f"{entry.source} {entry.clause}" if entry else "",
        "note": entry.note if entry else "",
        "sure": one.sure,
        "confidence": one.confidence.value,
        "conflict": one.conflict,
    }
