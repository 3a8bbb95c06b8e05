"""Who carries out what: assignments made from an adopted plan, areas named later, parts, cancelling, deadlines."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import Place, User
from lantian.kit.errors import DomainError, Unlawful
from lantian.kit.locking import update_versioned
from lantian.plan import authority
from lantian.plan.models import Assignment, Clause, ClauseArea, Document, DocumentVersion, Measure, Step
from lantian.plan.rules.deadlines import due
from lantian.plan.services import telling
from lantian.plan.services.moves import follow, move
from lantian.plan.services.publicity import void_publicity
from lantian.records.services import audit

BATCH = 500


@dataclass(frozen=True)
class Generated:
    """What came of a plan: how many assignments were made and carried over, which clauses wait for their areas."""

    created: int
    carried: int
    waiting: tuple[Clause, ...] = ()


@transaction.atomic
def generate_assignments(actor: User, version: DocumentVersion) -> Generated:
    """Make the assignments of an adopted city plan; what is there already stays as it is.

    One for every measure and implementing area; where a clause names no area, one for each responsible agency; none
    yet where the areas are still to be named. Assignments of measures that were carried over from an earlier version
    move to the new one with their history. A county's plan makes none: its county reports on the city's.
    Raises NotAllowed, Unlawful when the version is not adopted.
    """
    scope_of(actor).require("plan.adopt")
    if version.state != DocumentVersion.State.ADOPTED:
        raise Unlawful(_("Only an adopted version has assignments."), hint=_("Adopt the version first."))
    if version.document.kind != Document.Kind.CITY_PLAN:
        return Generated(0, 0)
    clauses = list(_clauses(version))
    carried = _carry_over(actor, version)
    made = _make(clauses, version)
    waiting = tuple(clause for clause in clauses if _waits(clause))
    data = {"created": len(made), "carried": carried, "waiting": [clause.pk for clause in waiting]}
    if made or carried:
        audit(actor, "plan.generate_assignments", version, data=data)
        telling.assigned(version, made)
    return Generated(len(made), carried, waiting)


def _clauses(version: DocumentVersion) -> QuerySet[Clause]:
    return (
        Clause.objects.filter(task__version=version)
        .select_related("task")
        .prefetch_related("agencies", Prefetch("area_links", ClauseArea.objects.select_related("place")), "measures")
    )


def _waits(clause: Clause) -> bool:
    return clause.areas == Clause.Areas.SOME and not clause.area_links.all()


def _make(clauses: Iterable[Clause], version: DocumentVersion) -> list[Assignment]:
    """Insert what is missing, in bulk; return what was inserted."""
    wanted = [row for clause in clauses for row in _wanted(clause, version)]
    there = set(
        Assignment.objects.filter(measure__in={row.measure_id for row in wanted}).values_list(
            "measure_id", "holder_key"
        )
    )
    missing = [row for row in wanted if (row.measure_id, row.holder_key) not in there]
    return Assignment.objects.bulk_create(missing, batch_size=BATCH)


def _wanted(clause: Clause, version: DocumentVersion) -> list[Assignment]:
    now = clock.now()
    rows = []
    for measure in clause.measures.all():
        deadline = due(measure.deadlines, version.period_to, version.issued_on)
        common = {
            "measure": measure, "deadline": deadline.day, "deadline_basis": deadline.basis,
            "state_since": now, "created_at": now,
        }  # fmt: skip
        rows += [Assignment(**common, **holder) for holder in holders_of(clause, measure)]
    return rows


def holders_of(clause: Clause, measure: Measure) -> list[dict[str, Any]]:
    """Return who carries a measure out: the areas of its clause (only those that the measure's subject names, if it
    names any), else the clause's responsible agencies (else those that cooperate)."""
    places = [link.place for link in clause.area_links.all()]
    if places:
        # A subject that is none of the clause's areas was misread: then all of them are asked rather than nobody.
        places = [place for place in places if place.name in measure.concerns] or places
        return [_area_holder(place) for place in places]
    if clause.areas == Clause.Areas.SOME:
        return []
    links = list(clause.agencies.all())
    chosen = [link for link in links if link.role in authority.RESPONSIBLE] or links
    return [
        {"holder": Assignment.Holder.AGENCY, "agency_id": link.agency_id, "holder_key": f"agency:{link.agency_id}"}
        for link in chosen
    ]


def _area_holder(place: Place) -> dict[str, Any]:
    return {"holder": Assignment.Holder.AREA, "place": place, "area": place, "holder_key": f"place:{place.code}"}


def _carry_over(actor: User, version: DocumentVersion) -> int:
    """Move the assignments (and their parts) of carried-over measures to the new version's measures."""
    successors: dict[int, Measure] = {}
    new = Measure.objects.filter(clause__task__version=version, carried_from__isnull=False)
    for measure in new.order_by("clause__task__position", "clause__position", "position"):
        if measure.carried_from_id is not None:
            successors.setdefault(measure.carried_from_id, measure)
    old = Assignment.objects.select_for_update(of=("self",)).filter(measure__in=successors).select_related("measure")
    taken = set(Assignment.objects.filter(measure__in=successors.values()).values_list("measure_id", "holder_key"))
    moved = 0
    for assignment in old:
        measure = successors[assignment.measure_id]
        if (measure.pk, assignment.holder_key) in taken:
            continue
        _carry(actor, assignment, measure, version)
        moved += 1
    return moved


def _carry(actor: User, assignment: Assignment, measure: Measure, version: DocumentVersion) -> None:
    was = assignment.measure.code
    values: dict[str, Any] = {"measure": measure}
    changes: dict[str, tuple[Any, Any]] = {"measure": (was, measure.code)}
    deadline = due(measure.deadlines, version.period_to, version.issued_on)
    # A deadline that a person set stays; one from the text follows the text.
    if assignment.deadline_basis != Assignment.DeadlineBasis.MANUAL and assignment.parent_id is None:
        values |= {"deadline": deadline.day, "deadline_basis": deadline.basis}
        if assignment.deadline != deadline.day:
            changes["deadline"] = (assignment.deadline, deadline.day)
    update_versioned(assignment, **values)
    audit(actor, "plan.carry_over", assignment, changes=changes, data={"version": version.pk})


@transaction.atomic
def name_areas(actor: User, clause: Clause, places: Iterable[Place], *, reason: str = "") -> list[Assignment]:
    """Name the areas of a clause that left them open (相关县); return the assignments that were made.

    May be called again for further areas. Raises NotAllowed, Unlawful, DomainError (field "places").
    """
    scope_of(actor).require("assignment.name_areas")
    clause = Clause.objects.select_for_update(of=("self",)).select_related("task__version__document").get(pk=clause.pk)
    version = clause.task.version
    if version.state != DocumentVersion.State.ADOPTED or version.document.kind != Document.Kind.CITY_PLAN:
        raise Unlawful(_("Areas are named in the version of the city plan that is in force."))
    if clause.areas != Clause.Areas.SOME:
        raise Unlawful(_("This clause names its areas itself."))
    chosen = list(dict.fromkeys(places))
    if not chosen:
        raise DomainError(_("Name at least one area."), field="places")
    known = set(Place.objects.areas().filter(pk__in=[place.pk for place in chosen]).values_list("pk", flat=True))
    if strangers := [str(place) for place in chosen if place.pk not in known]:
        raise DomainError(
            _("These are no areas of the city: %(names)s.") % {"names": "、".join(strangers)}, field="places"
        )
    ClauseArea.objects.bulk_create([ClauseArea(clause=clause, place=place) for place in chosen], ignore_conflicts=True)
    made = _make(list(_clauses(version).filter(pk=clause.pk)), version)
    if made:
        names = [str(place) for place in chosen]
        audit(actor, "plan.name_areas", clause, reason=reason.strip(), data={"areas": names, "created": len(made)})
        telling.assigned(version, made)
    return made


@dataclass(frozen=True)
class Part:
    """A part to be made: a town or village (`place`), or an enterprise by name (`place`: where it lies, if known)."""

    kind: str
    place: Place | None = None
    enterprise: str = ""
    deadline: dt.date | None = None
    note: str = ""


@transaction.atomic
def decompose(
    actor: User,
    assignment: Assignment,
    parts: Sequence[Part],
    *,
    reason: str = "",
    seen_version: int | None = None,
    key: str | None = None,
) -> list[Assignment]:
    """Divide an assignment among towns, villages and enterprises inside the holder's place; return the parts made.

    A part's deadline is the whole's unless an earlier one is given. A part that was dropped before comes back.
    Raises NotAllowed, Conflict, Unlawful, DomainError (field "parts", with the part's name).
    """
    rows: list[Assignment] = []
    names: list[str] = []

    def guard(current: Assignment) -> None:
        rows.extend(_parts(current, parts))
        names.extend(row.holder_name for row in rows)

    data = {"parts": names}
    done = move(
        actor, assignment, "decompose", reason=reason, data=data, check=guard, seen_version=seen_version, key=key
    )
    if done.again:
        return list(assignment.parts.filter(created_at=done.step.at).order_by("pk"))
    dropped = {p.holder_key: p for p in assignment.parts.filter(state=Assignment.State.CANCELLED)}
    back = [dropped[row.holder_key] for row in rows if row.holder_key in dropped]
    for part in back:
        follow(actor, part, "reinstate", Assignment.State.NOT_STARTED, done.step)
    for row in rows:
        row.created_at = row.state_since = done.step.at
    made = Assignment.objects.bulk_create([row for row in rows if row.holder_key not in dropped], batch_size=BATCH)
    telling.parts_made(assignment, [*back, *made])
    return [*back, *made]


def _parts(whole: Assignment, parts: Sequence[Part]) -> list[Assignment]:
    """Return unsaved parts; raises DomainError for one that cannot be."""
    if not parts:
        raise DomainError(_("Name at least one part."), field="parts")
    if len(parts) > BATCH:
        raise DomainError(_("At most %(n)s parts at a time.") % {"n": BATCH}, field="parts")
    inside = _inside(whole, [part.place for part in parts if part.place])
    rows = [_part(whole, part, inside) for part in parts]
    keys = [row.holder_key for row in rows]
    taken = set(
        Assignment.objects.filter(measure=whole.measure_id, holder_key__in=keys)
        .exclude(parent=whole.pk, state=Assignment.State.CANCELLED)
        .values_list("holder_key", flat=True)
    )
    twice = {key for key, n in Counter(keys).items() if n > 1}
    for row in rows:
        if row.holder_key in taken | twice:
            raise _refused(row.enterprise or str(row.place), _("has this duty already."))
    return rows


def _part(whole: Assignment, part: Part, inside: set[int]) -> Assignment:
    name = part.enterprise.strip() or str(part.place or "")
    if part.kind not in (Assignment.Holder.TOWN, Assignment.Holder.VILLAGE, Assignment.Holder.ENTERPRISE):
        raise _refused(name, _("is neither a town nor a village nor an enterprise."))
    if part.place is not None and part.place.pk not in inside:
        raise _refused(name, _("does not lie inside %(place)s.") % {"place": whole.place})
    if part.deadline and whole.deadline and part.deadline > whole.deadline:
        raise _refused(name, _("would be due after the whole (%(day)s).") % {"day": whole.deadline})
    if part.kind == Assignment.Holder.ENTERPRISE:
        holder = _enterprise_holder(whole, part, name)
    else:
        if part.place is None or part.place.kind != part.kind or part.place.pk == whole.place_id:
            raise _refused(name, _("is no town or village that can hold a part."))
        holder = {"place": part.place, "holder_key": f"place:{part.place.code}"}
    return Assignment(
        measure_id=whole.measure_id,
        parent_id=whole.pk,
        area_id=whole.area_id,
        holder=part.kind,
        deadline=part.deadline or whole.deadline,
        deadline_basis=Assignment.DeadlineBasis.MANUAL if part.deadline else whole.deadline_basis,
        note=part.note.strip()[:300],
        **holder,
    )


def _enterprise_holder(whole: Assignment, part: Part, name: str) -> dict[str, Any]:
    clean = " ".join(part.enterprise.split())
    if not 2 <= len(clean) <= 120 or not clean.isprintable():
        raise _refused(name, _("is no name of an enterprise (2 to 120 characters)."))
    area = whole.area or whole.place
    assert area is not None
    return {"enterprise": clean, "place": part.place or whole.place, "holder_key": f"enterprise:{area.code}:{clean}"}


def _inside(whole: Assignment, places: Sequence[Place]) -> set[int]:
    """Return the ids of those places that lie in the whole's place (a village lies in its town and its county)."""
    roots = {whole.place_id}
    rows = Place.objects.filter(pk__in={place.parent_id for place in places}).values_list("pk", "parent_id")
    above: dict[int | None, int | None] = dict(rows)
    return {
        place.pk for place in places if not roots.isdisjoint({place.pk, place.parent_id, above.get(place.parent_id)})
    }


def _refused(name: str, why: str) -> DomainError:
    return DomainError(f"{name}: {why}", field="parts")


@transaction.atomic
def cancel(
    actor: User, assignment: Assignment, *, reason: str, seen_version: int | None = None, key: str | None = None
) -> Step:
    """Cancel a duty that does not exist here (the office), or drop a part (the holder of the whole), parts included."""
    scope = scope_of(actor)
    drops = assignment.parent_id is not None and not authority.may(scope, assignment, "cancel")
    done = move(
        actor, assignment, "drop_part" if drops else "cancel", reason=reason, seen_version=seen_version, key=key
    )
    if not done.again:
        _cancel_parts(actor, done.assignment, done.step)
        void_publicity(actor, done.assignment)
        telling.cancelled(done)
    return done.step


def _cancel_parts(actor: User, whole: Assignment, cause: Step) -> None:
    live = whole.parts.exclude(state__in=[Assignment.State.CANCELLED, Assignment.State.SIGNED_OFF])
    for part in live.select_related("measure", "place"):
        follow(actor, part, "cancel", Assignment.State.CANCELLED, cause)
        _cancel_parts(actor, part, cause)


@transaction.atomic
def reinstate(
    actor: User, assignment: Assignment, *, reason: str, seen_version: int | None = None, key: str | None = None
) -> Step:
    """Bring a cancelled assignment back; its work starts anew, its history stays. Its parts are reinstated one by one."""

    def guard(current: Assignment) -> None:
        if current.parent is not None and current.parent.state == Assignment.State.CANCELLED:
            raise Unlawful(_("The whole is cancelled."), hint=_("Reinstate the whole first."))

    done = move(actor, assignment, "reinstate", reason=reason, check=guard, seen_version=seen_version, key=key)
    if not done.again:
        telling.reinstated(done)
    return done.step


@transaction.atomic
def set_deadline(
    actor: User,
    assignment: Assignment,
    *,
    deadline: dt.date,
    reason: str,
    seen_version: int | None = None,
    key: str | None = None,
) -> Step:
    """Give an assignment another deadline than the text's, with the reason. A part is never due after its whole."""

    def guard(current: Assignment) -> None:
        if deadline == current.deadline:
            raise DomainError(_("This is its deadline already."), field="deadline")
        whole = current.parent
        if whole is not None and whole.deadline and deadline > whole.deadline:
            raise DomainError(
                _("The whole is due on %(day)s; a part cannot be due later.") % {"day": whole.deadline},
                field="deadline",
            )

    values = {"deadline": deadline, "deadline_basis": Assignment.DeadlineBasis.MANUAL.value}
    done = move(
        actor, assignment, "set_deadline", reason=reason, values=values, check=guard, seen_version=seen_version, key=key
    )
    if not done.again:
        telling.deadline_set(done)
    return done.step
