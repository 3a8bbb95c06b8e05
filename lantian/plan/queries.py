"""What pages and the API read of the ledger, always as far as the person may see it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from lantian.city import clock
from lantian.city.access import Scope
from lantian.plan.authority import CHECK_PART, RESPONSIBLE
from lantian.plan.models import (
    Assignment,
    ClauseAgency,
    Document,
    DocumentVersion,
    Objection,
    ProgressReport,
    Publicity,
    RoundEntry,
    Step,
)
from lantian.plan.querysets import OPEN_STATES, AssignmentQuerySet
from lantian.plan.thresholds import Thresholds, thresholds

ROW = ("measure", "place", "agency", "area")
# Texts and outlines are large; rows do not show them.
HEAVY = (
    "place__boundary", "place__aliases", "area__boundary", "area__aliases", "agency__aliases", "agency__own_aliases",
    *(f"measure__{name}" for name in ("fields", "cites", "concerns", "deadlines", "enterprises", "periods", "places")),
)  # fmt: skip
HEAVY_CLAUSE = ("measure__clause__fields", "measure__clause__implement_text")


def city_plan() -> DocumentVersion | None:
    """Return the city plan in force that was adopted last, or None before the first."""
    adopted = DocumentVersion.objects.filter(state="adopted", document__kind=Document.Kind.CITY_PLAN)
    return adopted.select_related("document").order_by("-adopted_at", "-pk").first()


def ledger(scope: Scope) -> AssignmentQuerySet:
    """Return the assignments of plans in force that a person may see, parts included, cancelled ones not."""
    live: AssignmentQuerySet = Assignment.objects.live()
    return live.visible_to(scope) if scope.may("assignment.view") else live.none()


def rows(assignments: AssignmentQuerySet, limits: Thresholds) -> AssignmentQuerySet:
    """Return assignments with all that a row shows: both lights, measure, holder; in one query."""
    return assignments.lit(limits).select_related(*ROW).defer(*HEAVY)


def with_task(assignments: AssignmentQuerySet) -> AssignmentQuerySet:
    """Return `rows` with their task as well."""
    return assignments.select_related("measure__clause__task").defer(*HEAVY, *HEAVY_CLAUSE)


def urgent_first(assignments: AssignmentQuerySet, limits: Thresholds | None = None) -> AssignmentQuerySet:
    """Order by what hurts first (rebounded, overdue, returned, due soon …), then by deadline."""
    known = limits or thresholds()
    return assignments.urgent_first(known.today, known.due_soon_days, grace_days=known.grace_days)


def urgent_rows(assignments: AssignmentQuerySet, limits: Thresholds) -> AssignmentQuerySet:
    """Return `rows` in the order of `urgent_first`."""
    return urgent_first(rows(assignments, limits), limits)


def counts_by(assignments: AssignmentQuerySet, limits: Thresholds, *keys: str) -> dict[Any, Counter[str]]:
    """Return {key: {status: n}} in one query; with several keys the key is a tuple."""
    statuses = assignments.with_status(limits.today, limits.due_soon_days, grace_days=limits.grace_days)
    found: dict[Any, Counter[str]] = defaultdict(Counter)
    for *key, status, n in statuses.order_by().values_list(*keys, "status").annotate(n=Count("pk")):
        found[key[0] if len(keys) == 1 else tuple(key)][status] += n
    return found


def held_by(scope: Scope) -> Q:
    """Return the condition for what the person's own area, agency, town or enterprise carries out itself.

    A county holds its wholes; the parts inside it are its towns' (it looks after them, see `to_verify`).
    """
    own = Q(pk__in=[])
    if scope.place_ids:
        whole_elsewhere = Q(parent__isnull=True) | ~Q(parent__place__in=scope.place_ids)
        own |= Q(place__in=scope.place_ids) & ~Q(holder=Assignment.Holder.ENTERPRISE) & whole_elsewhere
    if scope.agency_ids:
        own |= Q(agency__in=scope.agency_ids)
    if scope.enterprises:
        own |= Q(enterprise__in=scope.enterprises)
    return own


def parts_under(scope: Scope) -> Q:
    """Return the condition for parts of what the person's own place carries out."""
    return Q(parent__place__in=scope.place_ids) if scope.place_ids else Q(pk__in=[])


def to_verify(scope: Scope) -> AssignmentQuerySet:
    """Return what was handed in and this person may verify (the same rule as `authority`), except what they handed in."""
    clause_links = ClauseAgency.objects.filter(clause=OuterRef("measure__clause"), role__in=RESPONSIBLE)
    mine = Q(pk__in=[])
    if scope.may("assignment.verify") and scope.agency_ids:
        # 0 stands for "no agency holds it": compared with NULL, every link would be left out.
        holder = Coalesce(OuterRef("agency"), Value(0))
        in_charge = Exists(clause_links.filter(agency__in=scope.agency_ids).exclude(agency=holder))
        # Somebody with two hats does not verify what their own area handed in.
        own_area = Q(place__in=scope.place_ids) if scope.place_ids else Q(pk__in=[])
        mine |= Q(in_charge) & ~own_area
    if scope.may_at("assignment.verify_unled"):
        mine |= ~Q(Exists(clause_links)) | Q(Exists(clause_links.filter(agency=OuterRef("agency"))))
    if scope.may(CHECK_PART):
        mine |= parts_under(scope)
    submitted = Step.objects.filter(assignment=OuterRef("pk"), action="submit").order_by("-pk")
    waiting = ledger(scope).filter(mine, state=Assignment.State.SUBMITTED)
    return waiting.annotate(handed_in_by=submitted.values("by")[:1]).exclude(handed_in_by=scope.user_id)


def _verified(scope: Scope) -> QuerySet[Any]:
    valid = Publicity.objects.filter(assignment=OuterRef("pk"), void_at__isnull=True).order_by("-pk")
    objections = Objection.objects.filter(
        publicity__assignment=OuterRef("pk"), publicity__void_at__isnull=True, resolved_at__isnull=True
    )
    return (
        ledger(scope)
        .wholes()
        .filter(state=Assignment.State.VERIFIED)
        .annotate(
            public_until=valid.values("ends_on")[:1],
            public_from=valid.values("starts_on")[:1],
            has_objection=Exists(objections),
        )
    )


def to_publicise(scope: Scope) -> QuerySet[Any]:
    """Return what is verified and not yet public."""
    return _verified(scope).filter(public_until__isnull=True)


def in_publicity(scope: Scope, today: dt.date) -> QuerySet[Any]:
    """Return what is public now."""
    return _verified(scope).filter(public_until__gte=today)


def with_objections(scope: Scope) -> QuerySet[Any]:
    """Return what waits for an answer to an objection."""
    return _verified(scope).filter(has_objection=True)


def to_approve(scope: Scope, today: dt.date) -> QuerySet[Any]:
    """Return what the office may sign off: its publicity is over and no objection is open."""
    return _verified(scope).filter(public_until__lt=today, has_objection=False)


def asked_in_open_round(scope: Scope) -> AssignmentQuerySet:
    """Return what an open round asks this person's area, agency or enterprise for and has not got a report on."""
    answered = ProgressReport.objects.filter(
        round=OuterRef("round"), assignment=OuterRef("assignment"), withdrawn_at__isnull=True
    )
    entries = RoundEntry.objects.filter(~Exists(answered), round__state="open")
    return ledger(scope).filter(held_by(scope), pk__in=entries.values("assignment"))


def last_words(assignments: Iterable[Assignment], *actions: str) -> dict[int, Step]:
    """Return {assignment id: its newest step of these kinds}, in one query."""
    found: dict[int, Step] = {}
    steps = Step.objects.filter(assignment__in=[a.pk for a in assignments], action__in=actions).select_related("by")
    for step in steps.order_by("pk"):
        found[step.assignment_id] = step
    return found


def due_within(today: dt.date, days: int) -> Q:
    """Return the condition for open work that is due within so many days from `today`, not overdue."""
    return Q(state__in=OPEN_STATES, deadline__gte=today, deadline__lte=today + dt.timedelta(days=days))


def is_late(limits: Thresholds) -> Q:
    """Return the condition for open work whose deadline is past."""
    return Q(state__in=OPEN_STATES, deadline__lt=limits.late)


def hurting(limits: Thresholds) -> Q:
    """Return the condition for what is rebounded, overdue or returned."""
    return Q(state__in=("returned", "rebounded")) | is_late(limits)


def open_and_due(assignments: AssignmentQuerySet, days: int) -> AssignmentQuerySet:
    """Return open work that is due within so many days from today, not overdue."""
    return assignments.filter(due_within(clock.today(), days))


def overdue(assignments: AssignmentQuerySet, limits: Thresholds) -> AssignmentQuerySet:
    """Return open work whose deadline is past."""
    return assignments.filter(is_late(limits))


def reported_by(assignments: AssignmentQuerySet) -> QuerySet[ProgressReport]:
    """Return the reports on some assignments, newest first."""
    return ProgressReport.objects.filter(assignment__in=assignments).select_related("reported_by")
