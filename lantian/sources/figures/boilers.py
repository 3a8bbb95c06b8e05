"""Figures of boilers: what is left, what is near a large plant or inside a zone, low-NOx."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from lantian.indicators.value import Note
from lantian.sources.figures.base import Asked, Figure, firms_of, invented, none, nothing, refs, rule, share, zones_of
from lantian.sources.rules.boilers import boiler_rules
from lantian.sources.rules.geo import as_points, within
from lantian.sources.spatial import HEATING, Judged, judged, plants_on, radius


def _coal_left(asked: Asked) -> list[Judged]:
    rows = judged(asked.register, asked.day)
    return [one for one in rows if asked.mine(one.boiler.firm) and one.boiler.fuel == "coal" and one.boiler.left_on(asked.day)]  # fmt: skip


def _no_boilers(asked: Asked) -> Figure | None:
    """Why nothing can be said where the register holds no boiler at all, not even one that is gone."""
    if any(asked.mine(one.firm) for one in asked.register.boilers):
        return None
    return none(_("No data yet: the register holds no boiler of this place."))


@rule
def coal_boilers_small(asked: Asked) -> Figure:
    if (reason := _no_boilers(asked)) is not None:
        return reason
    most = float(boiler_rules(asked.day).number("small.capacity"))
    there = [one.boiler for one in _coal_left(asked)]
    sized = [one for one in there if one.th is not None]
    left = [one for one in sized if one.th is not None and one.th <= most]
    seen = [one for one in asked.register.boilers if asked.mine(one.firm)]
    return Figure(
        Decimal(len(left)),
        len(sized),
        len(there),
        partial=len(sized) < len(there),
        named=refs(left),
        seen=firms_of(seen),
    )


@rule
def coal_boilers_near_chp(asked: Asked) -> Figure:
    if (reason := _no_boilers(asked)) is not None:
        return reason
    plants = plants_on(asked.register, asked.day)
    if not plants.any:
        return none(_("No data yet: the register holds no heat and power plant."))
    there = [one for one in _coal_left(asked) if one.boiler.purpose in HEATING]
    placed = [one for one in there if one.placed]
    near = [one for one in placed if one.near is not None]
    notes = []
    if plants.unplaced:
        text = _("Large heat and power plants without a position: %(n)s.")
        notes.append(Note("position", text % {"n": len(plants.unplaced)}))
    small = _small_within(asked)
    if small:
        text = _("Besides, small heat and power plants within the radius, for people to judge: %(names)s.")
        notes.append(Note("small", text % {"names": "、".join(small)}))
    # Without a position a boiler may be inside; without that of a plant any boiler may be.
    open_ = len(placed) < len(there) or (bool(plants.unplaced) and bool(there))
    seen = firms_of(one for one in asked.register.boilers if asked.mine(one.firm))
    return Figure(
        Decimal(len(near)), len(placed), len(there), open_, notes=tuple(notes),
        named=refs([one.boiler for one in near]), seen=seen,
    )  # fmt: skip


def _small_within(asked: Asked) -> list[str]:
    """The small heat and power plants of the place that lie within the radius of a large one."""
    plants = plants_on(asked.register, asked.day)
    mine = [one for one in plants.small if asked.mine(one.firm)]
    large = plants.large
    points = as_points([(one.lon, one.lat) for one in mine])
    pairs = within(points, as_points([(one.lon, one.lat) for one in large]), radius(asked.day))
    return [mine[at].firm.shown for at in sorted({pair.point for pair in pairs})]


@rule
def coal_boilers_in_zone(asked: Asked) -> Figure:
    if (reason := _no_boilers(asked)) is not None:
        return reason
    kind = asked.said["zone"]
    if not zones_of(kind, asked):
        return none(_("No data yet: the city pack draws no zone of this kind that is in force here."))
    there = _coal_left(asked)
    placed = [one for one in there if one.placed]
    inside = [one.boiler for one in placed if any(zone.kind == kind for zone in one.zones)]
    notes = invented(zones_of(kind, asked))
    seen = firms_of(one for one in asked.register.boilers if asked.mine(one.firm))
    return Figure(
        Decimal(len(inside)),
        len(placed),
        len(there),
        len(placed) < len(there),
        notes=notes,
        named=refs(inside),
        seen=seen,
    )


@rule
def gas_boilers_low_nox(asked: Asked) -> Figure:
    if (reason := _no_boilers(asked)) is not None:
        return reason
    gas = [
        one for one in asked.register.boilers if asked.mine(one.firm) and one.fuel == "gas" and one.left_on(asked.day)
    ]
    if not gas:
        return nothing(_("The register holds no gas boiler of this place."))
    done = [one for one in gas if one.low_nox]
    return Figure(
        share(len(done), len(gas)),
        len(gas),
        len(gas),
        named=refs([one for one in gas if not one.low_nox]),
        seen=firms_of(gas),
    )
