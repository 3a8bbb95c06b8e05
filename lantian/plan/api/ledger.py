"""The ledger, read: assignments with both lights, their history, what waits for whom, targets computed and reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query

from lantian.city.access import Scope, SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.indicators.schemas import value_out
from lantian.kit.api import Id, paged, set_version
from lantian.kit.errors import DomainError
from lantian.plan import computed, queries
from lantian.plan.api.base import router
from lantian.plan.api.schemas import ledger as say
from lantian.plan.api.texts import measures_of
from lantian.plan.models import Assignment, MeasureTarget, Objection, ProgressReport, Publicity, Step, TargetSplit
from lantian.plan.possible import possible
from lantian.plan.possible import situation as situation_of
from lantian.plan.querysets import AssignmentQuerySet
from lantian.plan.services.publicity import in_publicity
from lantian.plan.thresholds import thresholds
from lantian.plan.views.assignments import AssignmentFilter
from lantian.records.models import Evidence
from lantian.records.queries import for_strip

TAGS = ["Ledger: assignments"]
VIEW = Guard("assignment.view")


def seen(request: SignedRequest) -> AssignmentQuerySet:
    """Return all assignments that the caller may see, cancelled and superseded ones too."""
    found: AssignmentQuerySet = Assignment.objects.visible_to(scope_of(request.user))
    return found


def assignment_or_404(request: SignedRequest, pk: int) -> Assignment:
    """Return an assignment that the caller may see, with what steps need."""
    rows = seen(request).select_related("measure__clause__task__version__document", "place", "agency", "area", "parent")
    found: Assignment = get_object_or_404(rows.prefetch_related("measure__clause__agencies"), pk=pk)
    return found


@router.get("/assignments", response=list[say.AssignmentOut], auth=VIEW, tags=TAGS)
@paged
def assignments(request: SignedRequest, wanted: Query[say.AssignmentFilter]) -> QuerySet[Assignment]:
    """The ledger as the caller sees it, what hurts first on top. Cancelled assignments are left out."""
    rows = queries.with_task(queries.urgent_rows(queries.ledger(scope_of(request.user)), thresholds()))
    given = {name: value for name, value in wanted.dict().items() if value not in (None, "")}
    # The same filters as on the page, so that both answer alike.
    filters = AssignmentFilter(given, queryset=rows, request=request)
    if not filters.is_valid():
        field, errors = next(iter(filters.errors.items()))
        error = DomainError(" ".join(errors), field=field)
        error.status = 422
        raise error
    found: QuerySet[Assignment] = filters.qs
    return found


_QUEUES: dict[str, Callable[[Scope], Any]] = {
    "mine": lambda scope: queries.ledger(scope).filter(queries.held_by(scope)),
    "to_verify": queries.to_verify,
    "to_publicise": queries.to_publicise,
    "in_publicity": lambda scope: queries.in_publicity(scope, thresholds().today),
    "objections": queries.with_objections,
    "to_approve": lambda scope: queries.to_approve(scope, thresholds().today),
    "asked": queries.asked_in_open_round,
}


@router.get("/work", response=list[say.AssignmentOut], auth=VIEW, tags=TAGS)
@paged
def work(request: SignedRequest, wanted: Query[say.WorkFilter]) -> QuerySet[Assignment]:
    """What waits at one step of the way: the caller's own, to verify, to make public, to sign off, asked in a round."""
    found = _QUEUES[wanted.queue](scope_of(request.user))
    rows: QuerySet[Assignment] = queries.with_task(queries.urgent_rows(found, thresholds()))
    return rows


@router.get("/assignments/{pk}", response=say.AssignmentDetail, auth=VIEW, tags=TAGS)
def assignment(request: SignedRequest, response: HttpResponse, pk: Id) -> Any:
    """One assignment: both lights, its parts, its publicity, and the steps that the caller may take now."""
    return detail(request, response, pk)


def detail(request: SignedRequest, response: HttpResponse, pk: int) -> Any:
    """Return an assignment as the detail schema takes it, and put its version into the ETag."""
    rows = queries.with_task(queries.rows(seen(request), thresholds()))
    found: Any = get_object_or_404(rows.select_related("measure__clause__task__version"), pk=pk)
    now = situation_of(found)
    parts = found.parts.visible_to(scope_of(request.user)).select_related("measure", "place", "agency")
    found.shown_parts = list(parts)
    found.possible = possible(request.user, found, now)
    found.public_from = now.period.starts_on if now.period else None
    found.public_until = now.period.ends_on if now.period else None
    found.open_objections = len(now.open_objections)
    set_version(response, found.version)
    return found


# Whoever sees the assignment sees what was handed in for it.
EVIDENCE = Prefetch("evidence", for_strip(Evidence.objects.all()))


@router.get("/assignments/{pk}/steps", response=list[say.StepOut], auth=VIEW, tags=TAGS)
@paged
def steps(request: SignedRequest, pk: Id) -> QuerySet[Step]:
    """The moves of an assignment, the oldest first."""
    found = Step.objects.filter(assignment=assignment_or_404(request, pk))
    return found.select_related("by", "spot_check").prefetch_related(EVIDENCE)


@router.get("/assignments/{pk}/reports", response=list[say.ReportOut], auth=VIEW, tags=TAGS)
@paged
def reports(request: SignedRequest, pk: Id) -> QuerySet[ProgressReport]:
    """What the holder said, the newest first; withdrawn reports say so."""
    found = ProgressReport.objects.filter(assignment=assignment_or_404(request, pk))
    return found.select_related("reported_by").prefetch_related(EVIDENCE)


@router.get("/assignments/{pk}/objections", response=list[say.ObjectionOut], auth=VIEW, tags=TAGS)
def objections(request: SignedRequest, pk: Id) -> list[Objection]:
    """Objections of the publicity periods; who objected is told to the office only."""
    found = list(
        Objection.objects.filter(publicity__assignment=assignment_or_404(request, pk)).select_related("publicity")
    )
    if not scope_of(request.user).may_at("objection.resolve"):
        for objection in found:
            objection.name = objection.contact = None  # type: ignore[assignment]
    return found


@router.get("/publicity", response=list[say.PublicityOut], tags=TAGS)
@paged
def publicity(request: SignedRequest) -> QuerySet[Publicity]:
    """What is public today: anybody may see it (also without a login, on its page)."""
    return in_publicity()


@router.get("/plan/measures/{pk}/targets", response=list[say.TargetRow], auth=VIEW, tags=TAGS)
def measure_targets(request: SignedRequest, pk: Id) -> list[dict[str, Any]]:
    """The targets of a measure: what the records give beside what holders report, for the areas that the caller sees."""
    measure = get_object_or_404(measures_of(request), pk=pk)
    return [_target_row(row) for row in computed.rows_for(measure, scope_of(request.user))]


def _target_row(row: computed.Row) -> dict[str, Any]:
    return {
        "target": row.target.pk if row.target else None,
        "sentence": row.binding.quote if row.binding else str(row.target or ""),
        "indicator": row.indicator.code if row.indicator else None,
        "comparator": row.comparator,
        "wanted": row.wanted,
        "met": row.met,
        "judged": row.judged,
        "disagreements": row.disagreements,
        "cells": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: computed.Cell) -> dict[str, Any]:
    return {
        "place": cell.place.code,
        "computed": value_out(cell.computed),
        "comparator": cell.comparator,
        "wanted": cell.wanted,
        "verdict": cell.verdict.value,
        "gap": cell.gap,
        "reported": cell.reported.number if cell.reported else None,
        "difference": cell.difference,
        "agreement": cell.agreement,
    }


@router.get("/plan/targets/{pk}/split", response=say.SplitOut, auth=VIEW, tags=TAGS)
def target_split(request: SignedRequest, response: HttpResponse, pk: Id) -> dict[str, Any]:
    """How a number of the plan is divided among assignments, as far as the caller sees them."""
    target = get_object_or_404(MeasureTarget, pk=pk, measure__in=measures_of(request).order_by().values("pk"))
    split = get_object_or_404(TargetSplit, target=target)
    set_version(response, split.version)
    shares = split.shares.filter(assignment__in=seen(request)).order_by("assignment_id")
    return {
        "target": target.pk,
        "method": split.method,
        "explanation": split.explanation,
        "version": split.version,
        "shares": [{"assignment": share.assignment_id, "value": share.value} for share in shares],
    }
