"""How zones and their kinds are called in the language of the page."""

from __future__ import annotations

from django.utils.translation import get_language, pgettext

from lantian.sources.rules.geo import Zone


def zone_kind(kind: str) -> str:
    """Return the name of a kind of zone; raises KeyError."""
    return {
        "built_up": pgettext("zone", "built-up area"),
        "no_coal": pgettext("zone", "no-coal zone"),
        "no_high_pollution_fuel": pgettext("zone", "zone without highly polluting fuels"),
        "planning": pgettext("zone", "planning area"),
        "key_region": pgettext("zone", "key region"),
    }[kind]


def zone_name(zone: Zone) -> str:
    """Return a zone's name."""
    return zone.name_en if (get_language() or "").startswith("en") else zone.name_zh
