"""The ledger, worked: reports and the steps of sign-off. Who may take which step, the services ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Form
from ninja.files import UploadedFile

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.models import Place
from lantian.kit.api import Id, seen_version
from lantian.kit.errors import DomainError
from lantian.plan import authority, services
from lantian.plan.api.base import router
from lantian.plan.api.ledger import EVIDENCE, TAGS, assignment_or_404, detail, seen, target_split
from lantian.plan.api.schemas import ledger as say
from lantian.plan.api.texts import measures_of
from lantian.plan.models import Assignment, MeasureTarget, Objection, ProgressReport
from lantian.plan.services.assignments import Part
from lantian.plan.services.signoff import Check
from lantian.records.models import Evidence
from lantian.records.schemas import EvidenceOut
from lantian.records.services import add_evidence

STEPS = ["Ledger: steps"]
REPORT = Guard("assignment.report")
# A county looks after the parts of what it carries out, so it takes some of a department's steps there.
CHECKS = Guard("assignment.verify", "assignment.verify_unled", "assignment.check_part")
RETURNS = Guard("assignment.return", "assignment.check_part")
REOPENS = Guard("assignment.reopen", "assignment.check_part")


def proofs_of(pks: list[int]) -> list[Evidence]:
    """Return the evidence that a body names; the service asks whether the caller may use it."""
    found = Evidence.objects.in_bulk(pks)
    if missing := [str(pk) for pk in pks if pk not in found]:
        raise DomainError(_("There is no such evidence."), hint=", ".join(missing[:5]), field="evidence")
    return [found[pk] for pk in dict.fromkeys(pks)]


def _target(measure_id: int, pk: int | None) -> MeasureTarget | None:
    if pk is None:
        return None
    found = MeasureTarget.objects.filter(pk=pk, measure=measure_id).first()
    if found is None:
        raise DomainError(_("This number belongs to another measure."), hint=str(pk), field="target")
    return found


@router.post("/assignments/{pk}/evidence", response={201: EvidenceOut}, auth=Guard("evidence.add"), tags=STEPS)
def attach(request: SignedRequest, pk: Id, data: Form[say.AttachIn], file: File[UploadedFile]) -> Evidence:
    """Hand in a file about an assignment (multipart/form-data); name its id in a report or step afterwards."""
    found = assignment_or_404(request, pk)
    scope = scope_of(request.user)
    # The same question as the pages ask before they take files in: is there a step here that is this person's?
    if not any(authority.may(scope, found, action) for action in ("report", "submit", "verify", "return", "rebound")):
        authority.require(scope, found, "report")
    made = add_evidence(
        request.user,
        file,
        effective_on=data.effective_on,
        expires_on=data.expires_on,
        title=data.title,
        place=found.place or found.area,
        agency=found.agency,
    )
    related = ("file", "place", "agency", "uploaded_by", "reviewed_by")
    return Evidence.objects.select_related(*related).get(pk=made.pk)


@router.post("/assignments/{pk}/reports", response={201: say.ReportOut}, auth=REPORT, tags=STEPS)
def report(request: SignedRequest, pk: Id, data: say.ReportIn) -> ProgressReport:
    """Report progress as the holder; during an open round it counts for the round."""
    found = assignment_or_404(request, pk)
    made = services.report(
        request.user,
        found,
        percent=data.percent,
        text=data.text,
        problems=data.problems,
        effective_on=data.effective_on,
        value=data.value,
        unit=data.unit,
        target=_target(found.measure_id, data.target),
        indicator=data.indicator,
        evidence=proofs_of(data.evidence),
        seen_version=seen_version(request, data.version),
    )
    return ProgressReport.objects.select_related("reported_by").prefetch_related(EVIDENCE).get(pk=made.pk)


@router.post("/reports/{pk}/withdraw", response=say.ReportOut, auth=REPORT, tags=STEPS)
def withdraw_report(request: SignedRequest, pk: Id, data: say.StepIn) -> ProgressReport:
    """Withdraw a report that was wrong; it stays and says so."""
    rows = ProgressReport.objects.filter(assignment__in=seen(request))
    found = get_object_or_404(rows, pk=pk)
    services.withdraw_report(request.user, found, reason=data.reason)
    return rows.select_related("reported_by").prefetch_related(EVIDENCE).get(pk=pk)


def _step(request: SignedRequest, response: HttpResponse, pk: int, act: Callable[[Assignment], Any]) -> Any:
    """Take a step on an assignment that the caller sees; answer with the assignment as it is then."""
    with transaction.atomic():
        act(assignment_or_404(request, pk))
    return detail(request, response, pk)


@router.post("/assignments/{pk}/submit", response=say.AssignmentDetail, auth=Guard("assignment.submit"), tags=STEPS)
def submit(request: SignedRequest, response: HttpResponse, pk: Id, data: say.SubmitIn) -> Any:
    """Hand in: the holder checked it and says so, with evidence."""
    return _step(
        request,
        response,
        pk,
        lambda found: services.submit(
            request.user,
            found,
            statement=data.statement,
            evidence=proofs_of(data.evidence),
            parts_reason=data.parts_reason,
            seen_version=seen_version(request, data.version),
        ),
    )


@router.post("/assignments/{pk}/verify", response=say.AssignmentDetail, auth=CHECKS, tags=STEPS)
def verify(request: SignedRequest, response: HttpResponse, pk: Id, data: say.VerifyIn) -> Any:
    """Confirm what was handed in, with the record of a spot check that passed. Not by who handed it in."""
    return _step(
        request,
        response,
        pk,
        lambda found: services.verify(
            request.user,
            found,
            reason=data.reason,
            check=_check(data.check),
            evidence=proofs_of(data.evidence),
            seen_version=seen_version(request, data.version),
        ),
    )


def _check(data: say.CheckIn) -> Check:
    return Check(data.on, data.location, data.method, data.found, data.passed)


@router.post("/assignments/{pk}/return", response=say.AssignmentDetail, auth=RETURNS, tags=STEPS)
def return_(request: SignedRequest, response: HttpResponse, pk: Id, data: say.ReturnIn) -> Any:
    """Send back with words that say what is missing; a spot check that did not pass may go with it."""
    return _step(
        request,
        response,
        pk,
        lambda found: services.return_(
            request.user,
            found,
            reason=data.reason,
            check=_check(data.check) if data.check else None,
            evidence=proofs_of(data.evidence),
            seen_version=seen_version(request, data.version),
        ),
    )


@router.post("/assignments/{pk}/rebound", response=say.AssignmentDetail, auth=REOPENS, tags=STEPS)
def rebound(request: SignedRequest, response: HttpResponse, pk: Id, data: say.ProvenStepIn) -> Any:
    """Record, with evidence, that what was verified or signed off came back (反弹)."""
    return _step(
        request,
        response,
        pk,
        lambda found: services.rebound(
            request.user,
            found,
            reason=data.reason,
            evidence=proofs_of(data.evidence),
            seen_version=seen_version(request, data.version),
        ),
    )


def _plain(
    service: Callable[..., Any], request: SignedRequest, response: HttpResponse, pk: int, data: say.StepIn
) -> Any:
    """Take a step that needs nothing but words."""
    seen_by_caller = seen_version(request, data.version)
    return _step(
        request,
        response,
        pk,
        lambda found: service(request.user, found, reason=data.reason, seen_version=seen_by_caller),
    )


@router.post("/assignments/{pk}/withdraw", response=say.AssignmentDetail, auth=Guard("assignment.withdraw"), tags=STEPS)
def withdraw(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Take back what was handed in, before it is checked."""
    return _plain(services.withdraw, request, response, pk, data)


@router.post(
    "/assignments/{pk}/publicise", response=say.AssignmentDetail, auth=Guard("assignment.publicise"), tags=STEPS
)
def publicise(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Open the publicity period today; `reason` is the statement that everybody reads."""
    seen_by_caller = seen_version(request, data.version)
    return _step(
        request,
        response,
        pk,
        lambda found: services.publicise(request.user, found, statement=data.reason, seen_version=seen_by_caller),
    )


@router.post("/assignments/{pk}/approve", response=say.AssignmentDetail, auth=Guard("assignment.approve"), tags=STEPS)
def approve(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Sign off, after the publicity period and without an open objection. Not by who verified it."""
    return _plain(services.approve, request, response, pk, data)


@router.post("/assignments/{pk}/reopen", response=say.AssignmentDetail, auth=REOPENS, tags=STEPS)
def reopen(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Open again what was signed off by mistake."""
    return _plain(services.reopen, request, response, pk, data)


@router.post(
    "/assignments/{pk}/cancel",
    response=say.AssignmentDetail,
    auth=Guard("assignment.cancel", "assignment.decompose"),
    tags=STEPS,
)
def cancel(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Cancel a duty that does not exist here (the office), or drop a part (the holder of the whole)."""
    return _plain(services.cancel, request, response, pk, data)


@router.post("/assignments/{pk}/reinstate", response=say.AssignmentDetail, auth=Guard("assignment.cancel"), tags=STEPS)
def reinstate(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Bring a cancelled assignment back; its work starts anew."""
    return _plain(services.reinstate, request, response, pk, data)


@router.post(
    "/assignments/{pk}/deadline", response=say.AssignmentDetail, auth=Guard("assignment.set_deadline"), tags=STEPS
)
def set_deadline(request: SignedRequest, response: HttpResponse, pk: Id, data: say.DeadlineIn) -> Any:
    """Give an assignment another deadline than the text's, with the reason."""
    return _step(
        request,
        response,
        pk,
        lambda found: services.set_deadline(
            request.user,
            found,
            deadline=data.deadline,
            reason=data.reason,
            seen_version=seen_version(request, data.version),
        ),
    )


@router.post("/assignments/{pk}/parts", response=say.AssignmentDetail, auth=Guard("assignment.decompose"), tags=STEPS)
def decompose(request: SignedRequest, response: HttpResponse, pk: Id, data: say.PartsIn) -> Any:
    """Divide an assignment among towns, villages and enterprises inside the holder's place."""
    return _step(
        request,
        response,
        pk,
        lambda found: services.decompose(
            request.user,
            found,
            [_part(one) for one in data.parts],
            reason=data.reason,
            seen_version=seen_version(request, data.version),
        ),
    )


def _part(data: say.PartIn) -> Part:
    place = Place.objects.filter(code=data.place).first() if data.place else None
    if data.place and place is None:
        raise DomainError(_("There is no such place."), hint=data.place, field="parts")
    if not data.enterprise and place is None:
        raise DomainError(_("A part needs a place or an enterprise."), field="parts")
    kind = "enterprise" if data.enterprise else str(place.kind) if place else ""
    return Part(kind, place, data.enterprise, data.deadline, data.note)


@router.post("/objections/{pk}/resolve", response=say.AssignmentDetail, auth=Guard("objection.resolve"), tags=STEPS)
def resolve_objection(request: SignedRequest, response: HttpResponse, pk: Id, data: say.ResolveIn) -> Any:
    """Answer an objection with words. Upheld: the assignment is returned and its publicity ends."""
    rows = Objection.objects.filter(publicity__assignment__in=seen(request)).select_related("publicity__assignment")
    found = get_object_or_404(rows, pk=pk)
    services.resolve_objection(
        request.user,
        found,
        upheld=data.upheld,
        resolution=data.resolution,
        seen_version=seen_version(request, data.version),
    )
    return detail(request, response, found.publicity.assignment_id)


@router.put("/plan/targets/{pk}/split", response=say.SplitOut, auth=Guard("assignment.split_target"), tags=TAGS)
def set_split(request: SignedRequest, response: HttpResponse, pk: Id, data: say.SplitIn) -> dict[str, Any]:
    """Divide a number of the plan among its assignments; what does not add up needs an explanation."""
    target = get_object_or_404(MeasureTarget, pk=pk, measure__in=measures_of(request).order_by().values("pk"))
    services.set_split(
        request.user,
        target,
        method=data.method,
        shares={share.assignment: share.value for share in data.shares},
        explanation=data.explanation,
        seen_version=seen_version(request, data.version),
    )
    split: dict[str, Any] = target_split(request, response, pk)
    return split
