"""A person corrects who answers for a clause, says who is meant by a name, and mends the head of a text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city.models import Agency, Place, User
from lantian.city.services import name_agency
from lantian.kit.errors import DomainError
from lantian.kit.locking import check_version, update_versioned
from lantian.plan.models import Clause, ClauseAgency, DocumentVersion, Review
from lantian.plan.services.review_acts import (
    Act,
    clause_gone,
    clause_snapshot,
    heading_snapshot,
    replace_holders,
)

__all__ = ["accept_clause", "edit_heading", "name_all_areas", "resolve_name", "set_roles"]

Holder = tuple[Agency, str]


@transaction.atomic
def accept_clause(actor: User, clause: Clause, *, seen_version: int | None = None, key: str | None = None) -> Clause:
    """Say that a clause's responsibilities were read rightly. Raises DomainError while a name in it is not resolved."""
    act = Act(actor, clause.task.version, "accept_clause", key, clause=clause)
    if act.repeated:
        return _again(clause)
    found = act.clause(clause.pk, seen_version)
    if found.unresolved:
        raise DomainError(
            _("Nobody is known by the name “%s” yet.") % found.unresolved[0]["name"],
            hint=_("Say who is meant, then accept the clause."),
        )
    if found.review == Review.UNREVIEWED:
        update_versioned(found, review=Review.ACCEPTED, reviewed_by=actor)
        act.finish(found, clauses=[found.pk], changes={"review": (Review.UNREVIEWED, Review.ACCEPTED)})
    return found


@transaction.atomic
def set_roles(
    actor: User,
    clause: Clause,
    *,
    agencies: Sequence[Holder],
    areas: str,
    places: Iterable[Place] = (),
    reason: str = "",
    seen_version: int | None = None,
    key: str | None = None,
) -> Clause:
    """Say who answers for a clause: agencies with their roles, the mode of its areas, and the areas.

    For mode "all" without `places`, every county is taken. Names that nobody is known by stay (see resolve_name).
    Raises DomainError when an agency is named twice or a role is unknown; NotAllowed, Unlawful, Conflict.
    """
    act = Act(actor, clause.task.version, "set_roles", key, clause=clause)
    if act.repeated:
        return _again(clause)
    found = act.clause(clause.pk, seen_version)
    check_roles(agencies, areas)
    chosen = chosen_areas(areas, places)
    before = named(found)
    replace_holders(found, [(agency.pk, role) for agency, role in agencies], chosen)
    update_versioned(found, areas=areas, review=Review.EDITED, reviewed_by=actor)
    act.finish(found, clauses=[found.pk], changes=_difference(before, named(found)), reason=reason)
    return found


def check_roles(agencies: Sequence[Holder], areas: str) -> None:
    """Raise DomainError when an agency is named twice, or a role or the mode of the areas is unknown."""
    ids = [agency.pk for agency, _role in agencies]
    if len(ids) != len(set(ids)):
        raise DomainError(_("An agency can hold one role in a clause only."), field="agencies")
    if any(role not in ClauseAgency.Role.values for _agency, role in agencies):
        raise DomainError(_("A role is lead, cooperate or each."), field="agencies")
    if areas not in Clause.Areas.values:
        raise DomainError(_("Areas are all, some or named."), field="areas")


def check_areas(places: Iterable[Place]) -> None:
    """Raise DomainError unless all are areas in use: a town or a village would later hold what only an area can."""
    if strangers := [str(p) for p in places if p.kind not in Place.AREA_KINDS or not p.is_active]:
        raise DomainError(
            _("These are no areas of the city: %(names)s.") % {"names": "、".join(strangers[:5])}, field="places"
        )


def chosen_areas(areas: str, places: Iterable[Place]) -> list[int]:
    """Return the ids of the areas, each once; for mode "all" without any, every county. Raises DomainError."""
    chosen = {place.pk: place for place in places}
    check_areas(chosen.values())
    if areas == Clause.Areas.ALL and not chosen:
        return [place.pk for place in counties()]
    return list(chosen)


def counties() -> list[Place]:
    """Return the places that “all counties” means: counties, not development zones or scenic areas."""
    return list(Place.objects.areas().filter(kind=Place.Kind.COUNTY).defer("boundary"))


@transaction.atomic
def resolve_name(
    actor: User,
    version: DocumentVersion,
    *,
    name: str,
    agency: Agency | None = None,
    place: Place | None = None,
    new_agency: Mapping[str, str] | None = None,
    nobody: str = "",
    key: str | None = None,
) -> int:
    """Say who is meant by a name, in every clause of the text where it stands; return in how many.

    Give exactly one: `agency` (the name becomes its alias, so that the next text is read rightly), `place`,
    `new_agency` {short, full_name, kind}, or `nobody` = the reason why it is no name of anybody.
    Raises DomainError otherwise; NotAllowed, Unlawful.
    """
    act = Act(actor, version, "resolve_name", key)
    if act.repeated:
        return len(act.repeated.after["clauses"])
    if sum(map(bool, (agency, place, new_agency, nobody.strip()))) != 1:
        raise DomainError(
            _("Say who “%s” is: an agency, an area, a new agency, or nobody (with the reason).") % name, field="who"
        )
    concerned = [
        c for c in Clause.objects.filter(task__version=act.version) if any(u["name"] == name for u in c.unresolved)
    ]
    if not concerned:
        raise DomainError(_("“%s” is not among the names that are open.") % name, field="name")
    if place is not None:
        check_areas([place])
    if agency or new_agency:
        agency = name_agency(actor, name, agency=agency, new=new_agency)
    for clause in concerned:
        _put(act, clause.pk, name, agency, place)
    meant = str(agency or place or "")
    changes = {"name": (name, meant or None)}
    act.finish(act.version, clauses=[c.pk for c in concerned], changes=changes, reason=nobody)
    return len(concerned)


def _put(act: Act, clause_pk: int, name: str, agency: Agency | None, place: Place | None) -> None:
    clause = act.clause(clause_pk)
    entries = [u for u in clause.unresolved if u["name"] == name]
    holders = [(link.agency_id, link.role) for link in clause.agencies.order_by("position", "pk")]
    places = list(clause.area_links.values_list("place_id", flat=True))
    if agency is not None and agency.pk not in {pk for pk, _role in holders}:
        role = entries[0]["role"] if entries[0]["role"] in ClauseAgency.Role.values else ClauseAgency.Role.EACH
        holders.append((agency.pk, role))
    if place is not None and place.pk not in places:
        places.append(place.pk)
    replace_holders(clause, holders, places)
    left = [u for u in clause.unresolved if u["name"] != name]
    update_versioned(clause, unresolved=left, review=Review.EDITED, reviewed_by=act.actor)


@transaction.atomic
def name_all_areas(actor: User, version: DocumentVersion, *, key: str | None = None) -> int:
    """Give every clause that says “the counties concerned” all counties; return how many clauses that were.

    Naming fewer is done clause by clause with `set_roles`. Raises NotAllowed, Unlawful.
    """
    act = Act(actor, version, "name_all_areas", key)
    if act.repeated:
        return len(act.repeated.after["clauses"])
    open_ = Clause.objects.filter(task__version=act.version, areas=Clause.Areas.SOME, area_links__isnull=True)
    ids = list(open_.values_list("pk", flat=True))
    everywhere = [place.pk for place in counties()]
    for pk in ids:
        clause = act.clause(pk)
        holders = [(link.agency_id, link.role) for link in clause.agencies.order_by("position", "pk")]
        replace_holders(clause, holders, everywhere)
        update_versioned(clause, review=Review.EDITED, reviewed_by=actor)
    if ids:
        act.finish(act.version, clauses=ids, data={"clauses": len(ids), "areas": len(everywhere)})
    return len(ids)


@transaction.atomic
def edit_heading(
    actor: User,
    version: DocumentVersion,
    values: Mapping[str, Any],
    *,
    seen_version: int | None = None,
    key: str | None = None,
) -> DocumentVersion:
    """Mend title, number, issuer, day of issue and period of a text in review.

    Raises DomainError for an empty title or a period that ends before it begins; NotAllowed, Unlawful, Conflict.
    """
    act = Act(actor, version, "edit_heading", key)
    if act.repeated:
        return act.version
    check_version(act.version, seen_version)
    if not str(values.get("title", act.version.title)).strip():
        raise DomainError(_("A document needs a title."), field="title")
    # What is left out stays: the new day must fit the one that is there.
    begin, finish = (values.get(name, getattr(act.version, name)) for name in ("period_from", "period_to"))
    if isinstance(begin, dt.date) and isinstance(finish, dt.date) and finish < begin:
        raise DomainError(_("The period ends before it begins."), field="period_to")
    before = heading_snapshot(act.version)
    update_versioned(act.version, **{k: v for k, v in values.items() if k in before})
    after = heading_snapshot(act.version)
    act.finish(act.version, heading=(before, after), changes=_difference(before, after))
    return act.version


def named(clause: Clause) -> dict[str, Any]:
    """Return who answers for a clause as the audit chain says it."""
    links = clause.agencies.select_related("agency").order_by("position", "pk")
    return {
        "agencies": [f"{link.role}: {link.agency.short}" for link in links],
        "areas": clause_snapshot(clause)["areas"],
        "places": sorted(clause.area_links.values_list("place__name", flat=True)),
    }


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def _again(clause: Clause) -> Clause:
    found = Clause.objects.select_related("task__version").filter(pk=clause.pk).first()
    if found is None:
        raise clause_gone()
    return found
