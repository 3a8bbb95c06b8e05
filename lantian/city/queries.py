"""What other rooms ask the city room: the pack in force, its calendar, thresholds and names, and who holds a role."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from lantian.city.gazetteer import AgencyKind, AgencyName, AreaKind, AreaName, EnterpriseName, Gazetteer, HeatingSeason
from lantian.city.models import Agency, LoadedPack, Place
from lantian.city.pack.calendar import Calendar, calendar_from_plain
from lantian.city.pack.schedule import national_thresholds
from lantian.kit.errors import DomainError

_FORMS: dict[str, AreaKind] = {"county": "county", "zone": "zone", "scenic": "scenic"}


def pack_in_force() -> LoadedPack | None:
    """Return the pack that was loaded last, or None before the first."""
    return LoadedPack.objects.first()


def threshold(key: str) -> Decimal:
    """Return a threshold of daily work in its own unit, for example `threshold("assignment.due_soon_days")`.

    The pack's value, or the national default where no pack is loaded. Raises KeyError for an unknown key.
    """
    pack = pack_in_force()
    if pack is not None and key in pack.thresholds:
        return Decimal(str(pack.thresholds[key]))
    return national_thresholds()[key].value


def calendar() -> Calendar:
    """Return the city's calendar (heating seasons, dispatch days, publicity period, working days).

    Raises DomainError when no pack is loaded.
    """
    pack = pack_in_force()
    if pack is None:
        raise DomainError(
            "No city pack is loaded, so there is no calendar.", hint="Run: lantian city load PACK", field="pack"
        )
    return calendar_from_plain(pack.calendar)


def gazetteer_from_database() -> Gazetteer:
    """Return the national names with this city's laid on top, as the database holds them (inactive ones left out)."""
    pack = pack_in_force()
    names: dict[str, Any] = pack.names if pack else {}
    kinds: dict[str, AreaKind] = names.get("area_kinds", {})
    city = Place.objects.filter(kind=Place.Kind.CITY, is_active=True).first()
    season = names.get("heating_season")
    return Gazetteer.national().with_city(
        city_name=city.name if city else None,
        agencies=[_agency_name(one) for one in Agency.objects.filter(is_active=True)],
        areas=[_area_name(one, kinds) for one in Place.objects.areas().defer("boundary")],
        heating_season=HeatingSeason(**season) if season else None,
        enterprises=[EnterpriseName(e["name"], tuple(e["names"]), e["area"]) for e in names.get("enterprises", ())],
        issuer_marks=tuple(names.get("issuer_marks", ())),
    )


def _agency_name(one: Agency) -> AgencyName:
    spellings = tuple(dict.fromkeys(name for name in (one.full_name, *one.aliases) if name))
    return AgencyName(one.short, spellings, cast("AgencyKind", one.kind), one.until, one.successor or None)


def _area_name(one: Place, kinds: dict[str, AreaKind]) -> AreaName:
    return AreaName(one.name, one.code, kinds.get(one.code) or _FORMS[one.kind], tuple(one.aliases))
