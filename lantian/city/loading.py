"""A city pack into the database: places, agencies, and the pack's data. Repeating it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import Agency, LoadedPack, Place, User
from lantian.city.pack.model import AREA_KINDS, CityPack, plain
from lantian.city.pack.model import Agency as PackAgency
from lantian.city.pack.model import Place as PackPlace
from lantian.kit.errors import Conflict
from lantian.kit.trail import audit

M = TypeVar("M", bound=models.Model)
# Agencies that the country's names know but the pack does not list stay out of the database: a plan that
# names one is a question for the reviewer.
_LEVELS: tuple[tuple[str, ...], ...] = (("city",), AREA_KINDS, ("town",), ("village",))


@dataclass
class Tally:
    """What happened to one kind of record: names of those made, changed, taken out of use."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.retired)

    def counts(self) -> dict[str, int]:
        return {"created": len(self.created), "changed": len(self.changed), "retired": len(self.retired)}


@dataclass
class LoadReport:
    """The outcome of a loading. `new_pack` tells whether the pack's contents differ from the one in force before."""

    pack: LoadedPack
    new_pack: bool
    places: Tally
    agencies: Tally

    @property
    def nothing_changed(self) -> bool:
        return not (self.new_pack or self.places or self.agencies)


@transaction.atomic
def load_pack_into_database(pack: CityPack, actor: User | None = None) -> LoadReport:
    """Bring places, agencies and the pack's data up to date; what the pack no longer has becomes inactive.

    Without an actor (command line) no verb is asked for. Raises NotAllowed, and Conflict when the database holds
    another city.
    """
    if actor is not None:
        scope_of(actor).require("pack.load")
    newest = LoadedPack.objects.select_for_update().first()
    if newest is not None and newest.slug != pack.meta.slug:
        raise Conflict(
            _("This database holds %(city)s; a second city needs a data folder of its own.") % {"city": newest.name},
            hint=_("Set LANTIAN_DATA to another folder and load the pack there."),
        )
    places = _load_places(pack)
    agencies = _load_agencies(pack)
    new_pack = newest is None or newest.sha256 != pack.sha256
    if new_pack:
        newest = _store(pack)
    assert newest is not None
    report = LoadReport(newest, new_pack, places, agencies)
    if not report.nothing_changed:
        audit(
            actor,
            "city.load_pack",
            newest,
            data={"sha256": pack.sha256, "places": places.counts(), "agencies": agencies.counts()}
            | {"retired_places": places.retired[:50], "retired_agencies": agencies.retired[:50]},
        )
    return report


def _load_places(pack: CityPack) -> Tally:
    """Upsert level by level, because a place needs the key of the place around it."""
    known = {place.code: place for place in Place.objects.all()}
    tally = Tally()
    position = {code: at for at, code in enumerate(pack.places.by_code)}
    for kinds in _LEVELS:
        rows = [place for place in pack.places if place.kind in kinds]
        _upsert(Place, rows, known, lambda p: p.code, lambda p: _place_values(p, known, position), tally)
    _retire(Place, [p for code, p in known.items() if code not in position], tally)
    return tally


def _place_values(place: PackPlace, known: dict[str, Place], position: dict[str, int]) -> dict[str, Any]:
    return {
        "code": place.code,
        "kind": place.kind,
        "name": place.name_zh,
        "name_en": place.name_en,
        "aliases": list(place.aliases),
        "parent_id": known[place.parent].pk if place.parent else None,
        "boundary": plain(place.geometry) if place.geometry is not None else None,
        "position": position[place.code],
        "is_active": True,
    }


def _load_agencies(pack: CityPack) -> Tally:
    """Upsert the pack's agencies. Aliases and agencies that people added stay, unless the pack now claims the name."""
    known = {agency.short: agency for agency in Agency.objects.all()}
    tally = Tally()
    position = {agency.short: at for at, agency in enumerate(pack.agencies)}
    owner = {name: a.short for a in pack.agencies for name in (a.short, a.full_name, *a.names)}
    _upsert(Agency, pack.agencies, known, lambda a: a.short, lambda a: _agency_values(a, position, known, owner), tally)
    gone = [a for short, a in known.items() if short not in position]
    _retire(Agency, [a for a in gone if not a.by_hand or _claimed(a, owner)], tally)
    return tally


def _claimed(agency: Agency, owner: dict[str, str]) -> bool:
    """Tell whether the pack now means another agency by one of this one's names."""
    return any(name in owner for name in (agency.short, agency.full_name, *agency.aliases) if name)


def _agency_values(
    agency: PackAgency, position: dict[str, int], known: dict[str, Agency], owner: dict[str, str]
) -> dict[str, Any]:
    former = known.get(agency.short)
    # One that people had made keeps all its names, now that the pack lists it.
    given = [] if former is None else former.aliases if former.by_hand else former.own_aliases
    kept = [name for name in given if owner.get(name, agency.short) == agency.short]
    return {
        "short": agency.short,
        "full_name": agency.full_name,
        "name_en": agency.name_en,
        "kind": agency.kind,
        "aliases": list(dict.fromkeys([*agency.names, *kept])),
        "own_aliases": kept,
        "by_hand": False,
        "until": agency.until,
        "successor": agency.successor or "",
        "position": position[agency.short],
        "is_active": True,
    }


def _upsert(
    model: type[M],
    rows: Iterable[Any],
    known: dict[str, M],
    key: Callable[[Any], str],
    values: Callable[[Any], dict[str, Any]],
    tally: Tally,
) -> None:
    """Create what is missing and write what differs, in two statements; `known` is brought up to date."""
    new, changed = [], []
    names: list[str] = []
    for row in rows:
        wanted = values(row)
        names = list(wanted)
        record = known.get(key(row))
        if record is None:
            known[key(row)] = record = model(**wanted)
            new.append(record)
        elif any(_json_like(getattr(record, name)) != _json_like(value) for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(record, name, value)
            changed.append(record)
    model._default_manager.bulk_create(new, batch_size=500)
    if changed:
        model._default_manager.bulk_update(changed, names, batch_size=200)
    tally.created += [str(record) for record in new]
    tally.changed += [str(record) for record in changed]


def _json_like(value: Any) -> Any:
    """Geometries come back from JSON as lists where they went in as tuples."""
    if isinstance(value, list | tuple):
        return [_json_like(one) for one in value]
    if isinstance(value, dict):
        return {name: _json_like(one) for name, one in value.items()}
    return value


def _retire(model: type[M], records: list[M], tally: Tally) -> None:
    """What a plan or a report may point at is never deleted."""
    gone = [record for record in records if record.is_active]  # type: ignore[attr-defined]
    model._default_manager.filter(pk__in=[record.pk for record in gone]).update(is_active=False)
    tally.retired += [str(record) for record in gone]


def _store(pack: CityPack) -> LoadedPack:
    return LoadedPack.objects.create(
        slug=pack.meta.slug,
        name=pack.meta.name_zh,
        name_en=pack.meta.name_en,
        pack_version=pack.meta.version,
        sha256=pack.sha256,
        names=_names(pack),
        calendar=plain(pack.calendar),
        thresholds={key: _number(one.value) for key, one in pack.thresholds.items()},
        threshold_notes={key: plain(one) for key, one in pack.thresholds.items()},
        indicators=plain(pack.indicators),
        bindings=plain(pack.bindings),
        escalation=plain(pack.escalation),
        provenance=plain(pack.meta.provenance),
        loaded_at=clock.now(),
    )


def _names(pack: CityPack) -> dict[str, Any]:
    """What the gazetteer needs beyond places and agencies."""
    season = pack.names.heating_season
    return {
        "issuer_marks": list(pack.meta.issuer_marks),
        "enterprises": [
            {"name": one.name, "names": list(one.names), "area": one.area} for one in pack.names.enterprises
        ],
        "area_kinds": {area.code: area.kind for area in pack.names.areas},
        "heating_season": {"start": season.start, "end": season.end, "source": season.source} if season else None,
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


__all__ = ["LoadReport", "Tally", "load_pack_into_database"]
