"""Figures of furnaces, outlets, solvents, zones and grades."""

from __future__ import annotations

from decimal import Decimal

import shapely
from django.utils.translation import gettext as _

from lantian.indicators.value import Note, ReasonCode
from lantian.sources.figures.base import (
    Asked,
    Figure,
    firm_refs,
    firms_of,
    invented,
    none,
    nothing,
    refs,
    rule,
    share,
    zones_of,
)
from lantian.sources.rules.boilers import boiler_rules
from lantian.sources.rules.classes import is_a_or_b
from lantian.sources.rules.geo import as_points, square_metres
from lantian.sources.snapshot import FurnaceRow, OutletRow, SolventRow
from lantian.sources.spatial import zones


def _furnaces(asked: Asked, *kinds: str) -> list[FurnaceRow]:
    return [one for one in asked.of(asked.register.furnaces) if not kinds or one.kind in kinds]


@rule
def furnaces_done(asked: Asked) -> Figure:
    rows = [one for one in _furnaces(asked) if one.path in ("eliminate", "replace", "treat")]
    if not rows:
        return nothing(_("The register lists no furnace that is to be shut, replaced or treated here."))
    left = [one for one in rows if one.done_on is None or one.done_on > asked.day]
    done_share = share(len(rows) - len(left), len(rows))
    return Figure(done_share, len(rows), len(rows), named=refs(left), seen=firms_of(rows))


@rule
def coke_ovens_left(asked: Asked) -> Figure:
    most = float(boiler_rules(asked.day).number("coke_oven.height"))
    rows = _furnaces(asked, "coke_oven")
    if not rows:
        return none(_("No data yet: the register holds no coke oven of this place."))
    there = [one for one in rows if not one.gone_on(asked.day, ("eliminate",))]
    sized = [one for one in there if one.size_m is not None]
    left = [one for one in sized if one.size_m is not None and one.size_m <= most]
    return Figure(
        Decimal(len(left)), len(sized), len(there), len(sized) < len(there), named=refs(left), seen=firms_of(rows)
    )


@rule
def gas_producers_left(asked: Asked) -> Figure:
    below = float(boiler_rules(asked.day).number("gas_producer.diameter"))
    rows = _furnaces(asked, "gas_producer", "single_stage")
    if not rows:
        return none(_("No data yet: the register holds no gas producer of this place."))
    there = [one for one in rows if not one.gone_on(asked.day, ("eliminate", "replace"))]
    known = [one for one in there if one.kind == "single_stage" or one.size_m is not None]
    left = [one for one in known if one.kind == "single_stage" or (one.size_m is not None and one.size_m < below)]
    return Figure(
        Decimal(len(left)), len(known), len(there), len(known) < len(there), named=refs(left), seen=firms_of(rows)
    )


@rule
def ammonia_meters(asked: Asked) -> Figure:
    rows: list[OutletRow] = asked.of(asked.register.outlets)
    if not rows:
        return nothing(_("The register holds no outlet behind a denitration here."))
    known = [one for one in rows if one.ammonia_meter]
    with_meter = [one for one in known if one.ammonia_meter == "yes"]
    if not known:
        return none(_("No data yet: nobody has looked whether the denitrations have a meter."), seen=firms_of(rows))
    left = [one for one in rows if one.ammonia_meter != "yes"]
    return Figure(
        share(len(with_meter), len(known)),
        len(known),
        len(rows),
        len(known) < len(rows),
        named=refs(left),
        seen=firms_of(rows),
    )


@rule
def low_voc(asked: Asked) -> Figure:
    rows: list[SolventRow] = [
        one
        for one in asked.register.solvents
        if asked.mine(one.firm)
        and one.since is not None
        and one.until is not None
        and asked.period.start <= one.since
        and one.until <= asked.period.end
    ]
    used = sum(one.used_t for one in rows)
    if not rows or not used:
        return none(_("No entry for this period."), ReasonCode.NO_ENTRY)
    reporting = {one.firm for one in rows}
    ever = {one.firm for one in asked.register.solvents if asked.mine(one.firm)}
    low_share = share(sum(one.low_t for one in rows), used)
    notes = (Note("amount", _("of %(used)s t used") % {"used": f"{used:g}"}),)
    return Figure(low_share, len(reporting), len(ever), len(reporting) < len(ever), notes=notes, seen=tuple(ever))


# --- zones and grades


@rule
def no_coal_zones(asked: Asked) -> Figure:
    built = zones_of("built_up", asked)
    if not built:
        return none(_("No data yet: the city pack draws no zone of this kind that is in force here."))
    banned = shapely.union_all([one.geometry for one in zones_of("no_coal", asked)])
    towns = shapely.union_all([one.geometry for one in built])
    covered = share(square_metres(towns.intersection(banned)), square_metres(towns))
    return Figure(covered, len(built), len(built), notes=invented(built))


@rule
def below_grade_b(asked: Asked) -> Figure:
    drawn = zones_of("planning", asked)
    if not drawn:
        return none(_("No data yet: the city pack draws no zone of this kind that is in force here."))
    firms = [
        one
        for one in asked.register.firms.values()
        if asked.mine(one) and asked.industry(one) and one.works_on(asked.day)
    ]
    if not firms:
        return none(_("No data yet: the register holds no plant of this industry."))
    placed = [one for one in firms if one.lon is not None and one.lat is not None]
    held = zones(asked.register).at(as_points([(one.lon, one.lat) for one in placed]), asked.day)
    inside = [one for one, here in zip(placed, held, strict=True) if any(zone.kind == "planning" for zone in here)]
    left = [one for one in inside if not is_a_or_b(one.grade)]
    notes = [*invented(drawn)]
    if ungraded := sum(not one.grade for one in left):
        notes.append(Note("open", _("%(n)s of them are not graded.") % {"n": ungraded}))
    return Figure(
        Decimal(len(left)), len(placed), len(firms), len(placed) < len(firms), notes=tuple(notes), named=firm_refs(left),
        seen=tuple(firms),
    )  # fmt: skip
