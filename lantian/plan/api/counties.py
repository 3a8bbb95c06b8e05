"""County plans beside the city's, and the ledger at any two days."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query

from lantian.city import clock
from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.models import Place
from lantian.kit.api import Id
from lantian.kit.errors import DomainError, Unlawful
from lantian.plan import baselines, queries
from lantian.plan.api.base import router
from lantian.plan.api.schemas import counties as say
from lantian.plan.api.schemas.texts import Count
from lantian.plan.api.texts import measures_of, version_or_404
from lantian.plan.county_tracing import CityRow, Handed, TraceRow, handed_in, tracing
from lantian.plan.document_access import visible_versions
from lantian.plan.models import DocumentVersion, Measure, Task, Trace
from lantian.plan.rules.baseline import Difference, Side
from lantian.plan.services.traces import add_trace, decide_trace, suggest_traces

TAGS = ["County plans"]
VIEW = Guard("plan.view")
TRACE = Guard("plan.trace")


@router.get("/county-plans", response=list[say.HandedOut], auth=VIEW, tags=TAGS)
def county_plans(request: SignedRequest, wanted: Query[say.CityPlanFilter]) -> list[dict[str, Any]]:
    """Every county that owes something of the city plan: its implementation plan, and what that covers."""
    city = version_or_404(request, wanted.plan_version) if wanted.plan_version else queries.city_plan()
    if city is None:
        return []
    return [_handed(row) for row in handed_in(city, scope_of(request.user))]


def _handed(row: Handed) -> dict[str, Any]:
    names = ("place", "timely", "handed_in", "due", "owed", "percent", "suggested")
    return {name: getattr(row, name) for name in names} | {
        "version": row.version.pk if row.version and row.visible else None
    }


def _county_version(request: SignedRequest, pk: int) -> DocumentVersion:
    rows = visible_versions(scope_of(request.user)).filter(document__kind="county_plan")
    found: DocumentVersion = get_object_or_404(rows.select_related("document__serves"), pk=pk)
    return found


@router.get("/county-plans/{pk}/tracing", response=say.TracingOut, auth=VIEW, tags=TAGS)
def county_tracing(request: SignedRequest, pk: Id) -> dict[str, Any]:
    """What a county's text carries out of the city plan, where it is looser, and what it leaves out."""
    found = tracing(_county_version(request, pk))
    if found is None:
        raise Unlawful(_("The city plan has no text in force yet."), hint=_("Adopt the city plan first."))
    return {
        "version": found.version.pk,
        "city_version": found.city.pk,
        "percent": found.percent,
        "owed": [_owed(row) for row in found.rows],
        "loose_ends": found.loose_ends,
    }


def _owed(row: CityRow) -> dict[str, Any]:
    return {"measure": row.measure, "state": row.state, "traces": [_traced(one) for one in row.traces]}


def _traced(row: TraceRow) -> dict[str, Any]:
    looser = [{"what": one.what, "county": one.county, "city": one.city} for one in row.looser]
    return _trace(row.trace, row.county, row.city) | {"looser": looser}


def _trace(trace: Trace, county: Measure, city: Measure) -> dict[str, Any]:
    return {
        "id": trace.pk,
        "county": county,
        "city": city,
        "score": trace.score,
        "state": trace.state,
        "looser": [],
    }


@router.post("/county-plans/{pk}/suggest", response=Count, auth=TRACE, tags=TAGS)
def suggest(request: SignedRequest, pk: Id) -> dict[str, int]:
    """Look anew for the city's measures that a county's text carries out; decisions stay."""
    return {"count": suggest_traces(request.user, _county_version(request, pk))}


@router.post("/county-plans/{pk}/traces", response={201: say.TraceOut}, auth=TRACE, tags=TAGS)
def join(request: SignedRequest, pk: Id, data: say.TraceIn) -> dict[str, Any]:
    """Say by hand that a county's measure carries out a measure of the city."""
    version = _county_version(request, pk)
    own, theirs = _measure(request, data.county, "county"), _measure(request, data.city, "city")
    made = add_trace(request.user, version, county_measure=own, city_measure=theirs)
    return _trace(made, own, theirs)


def _measure(request: SignedRequest, pk: int, field: str) -> Measure:
    found = measures_of(request).filter(pk=pk).first()
    if found is None:
        raise DomainError(_("There is no such measure."), hint=str(pk), field=field)
    return found


@router.post("/traces/{pk}/decide", response=say.TraceOut, auth=TRACE, tags=TAGS)
def decide_about_trace(request: SignedRequest, pk: Id, data: say.TraceDecision) -> dict[str, Any]:
    """Confirm or reject a trace, or take the decision back."""
    versions = visible_versions(scope_of(request.user)).order_by().values("pk")
    rows = Trace.objects.select_related("county_measure", "city_measure")
    found = get_object_or_404(rows, pk=pk, county_measure__clause__task__version__in=versions)
    decided = decide_trace(request.user, found, state=data.state, reason=data.reason)
    return _trace(decided, found.county_measure, found.city_measure)


@router.get("/baseline", response=say.BaselineOut, auth=Guard("baseline.view"), tags=["Comparison"])
def baseline(request: SignedRequest, wanted: Query[say.BaselineFilter]) -> dict[str, Any]:
    """What differs in the ledger between the ends of two days, rewound along the audit chain."""
    area = Place.objects.areas().filter(code=wanted.area).first() if wanted.area else None
    if wanted.area and area is None:
        raise DomainError(_("There is no such place."), hint=wanted.area, field="area")
    task = Task.objects.filter(pk=wanted.task).first() if wanted.task else None
    if wanted.task and task is None:
        raise DomainError(_("There is no such task."), hint=str(wanted.task), field="task")
    until = wanted.until or clock.today()
    found = baselines.compare(scope_of(request.user), wanted.since, until, area=area, task=task)
    return {
        "since": found.since,
        "until": found.until,
        "differences": [_difference(found, one) for one in found.changed],
        "unchanged": len(found.differences) - len(found.changed),
        "faults": [
            {"assignment": f.id, "field": f.field, "seq": f.seq, "recorded": f.recorded, "found": f.found}
            for f in found.faults
        ],
    }


def _difference(found: baselines.Comparison, one: Difference) -> dict[str, Any]:
    return {
        "assignment": found.assignments[one.id],
        "kind": one.kind,
        "before": _side(one.before),
        "after": _side(one.after),
    }


def _side(side: Side | None) -> dict[str, Any] | None:
    return {"status": side.status, "deadline": side.deadline, "percent": side.percent} if side else None
