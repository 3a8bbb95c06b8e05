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
from lantian.plan.services import several
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
CANCELS = Guard("assignment.cancel", "assignment.decompose")
PUBLICISES = Guard("assignment.publicise")
APPROVES = Guard("assignment.approve")


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


def _take(
    service: Callable[..., Any],
    request: SignedRequest,
    response: HttpResponse,
    pk: int,
    version: int | None,
    words: Callable[[], dict[str, Any]],
) -> Any:
    """Let a service take a step on an assignment that the caller sees; answer with the assignment as it is then.

    `words` is what the service is told; asked for after the assignment was found, because it may look things up.
    """
    seen_by_caller = seen_version(request, version)
    with transaction.atomic():
        found = assignment_or_404(request, pk)
        service(request.user, found, **words(), seen_version=seen_by_caller)
    return detail(request, response, pk)


@router.post("/assignments/{pk}/submit", response=say.AssignmentDetail, auth=Guard("assignment.submit"), tags=STEPS)
def submit(request: SignedRequest, response: HttpResponse, pk: Id, data: say.SubmitIn) -> Any:
    """Hand in: the holder checked it and says so, with evidence."""

    def words() -> dict[str, Any]:
        return {"statement": data.statement, "evidence": proofs_of(data.evidence), "parts_reason": data.parts_reason}

    return _take(services.submit, request, response, pk, data.version, words)


@router.post("/assignments/{pk}/verify", response=say.AssignmentDetail, auth=CHECKS, tags=STEPS)
def verify(request: SignedRequest, response: HttpResponse, pk: Id, data: say.VerifyIn) -> Any:
    """Confirm what was handed in, with the record of a spot check that passed. Not by who handed it in."""

    def words() -> dict[str, Any]:
        return {"reason": data.reason, "check": _check(data.check), "evidence": proofs_of(data.evidence)}

    return _take(services.verify, request, response, pk, data.version, words)


def _check(data: say.CheckIn) -> Check:
    return Check(data.on, data.location, data.method, data.found, data.passed)


@router.post("/assignments/{pk}/return", response=say.AssignmentDetail, auth=RETURNS, tags=STEPS)
def return_(request: SignedRequest, response: HttpResponse, pk: Id, data: say.ReturnIn) -> Any:
    """Send back with words that say what is missing; a spot check that did not pass may go with it."""
    check = _check(data.check) if data.check else None

    def words() -> dict[str, Any]:
        return {"reason": data.reason, "check": check, "evidence": proofs_of(data.evidence)}

    return _take(services.return_, request, response, pk, data.version, words)


@router.post("/assignments/{pk}/rebound", response=say.AssignmentDetail, auth=REOPENS, tags=STEPS)
def rebound(request: SignedRequest, response: HttpResponse, pk: Id, data: say.ProvenStepIn) -> Any:
    """Record, with evidence, that what was verified or signed off came back (反弹)."""

    def words() -> dict[str, Any]:
        return {"reason": data.reason, "evidence": proofs_of(data.evidence)}

    return _take(services.rebound, request, response, pk, data.version, words)


@router.post("/assignments/{pk}/withdraw", response=say.AssignmentDetail, auth=Guard("assignment.withdraw"), tags=STEPS)
def withdraw(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Take back what was handed in, before it is checked."""
    return _take(services.withdraw, request, response, pk, data.version, lambda: {"reason": data.reason})


@router.post("/assignments/{pk}/publicise", response=say.AssignmentDetail, auth=PUBLICISES, tags=STEPS)
def publicise(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Open the publicity period today; `reason` is the statement that everybody reads."""
    return _take(services.publicise, request, response, pk, data.version, lambda: {"statement": data.reason})


@router.post("/assignments/{pk}/approve", response=say.AssignmentDetail, auth=APPROVES, tags=STEPS)
def approve(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Sign off, after the publicity period and without an open objection. Not by who verified it."""
    return _take(services.approve, request, response, pk, data.version, lambda: {"reason": data.reason})


@router.post("/signoff/publicise", response=say.SeveralOut, auth=PUBLICISES, tags=STEPS)
def publicise_several(request: SignedRequest, data: say.SeveralIn) -> dict[str, Any]:
    """Open the publicity period of several assignments; each is its own step, a refusal stops none of the others."""
    return _several(data, several.publicise_several(request.user, _chosen(request, data), statement=data.reason))


@router.post("/signoff/approve", response=say.SeveralOut, auth=APPROVES, tags=STEPS)
def approve_several(request: SignedRequest, data: say.SeveralIn) -> dict[str, Any]:
    """Sign off several assignments; each is its own step, a refusal stops none of the others."""
    return _several(data, several.approve_several(request.user, _chosen(request, data), reason=data.reason))


def _chosen(request: SignedRequest, data: say.SeveralIn) -> list[Assignment]:
    rows = seen(request).filter(pk__in=data.assignments).select_related("measure", "place", "agency")
    return list(rows.order_by("pk"))


def _several(data: say.SeveralIn, found: several.Several) -> dict[str, Any]:
    """What became of each; one that the caller does not see is as if it were not there."""
    refused = [
        {"assignment": one.pk, "message": problem.message, "hint": problem.hint, "field": problem.field}
        for one, problem in found.refused
    ]
    known = {one.pk for one in found.done} | {row["assignment"] for row in refused}
    missing = _("There is no such record, or it is not yours to see.")
    refused += [{"assignment": pk, "message": missing} for pk in dict.fromkeys(data.assignments) if pk not in known]
    return {"done": [one.pk for one in found.done], "refused": refused}


@router.post("/assignments/{pk}/reopen", response=say.AssignmentDetail, auth=REOPENS, tags=STEPS)
def reopen(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Open again what was signed off by mistake."""
    return _take(services.reopen, request, response, pk, data.version, lambda: {"reason": data.reason})


@router.post("/assignments/{pk}/cancel", response=say.AssignmentDetail, auth=CANCELS, tags=STEPS)
def cancel(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Cancel a duty that does not exist here (the office), or drop a part (the holder of the whole)."""
    return _take(services.cancel, request, response, pk, data.version, lambda: {"reason": data.reason})


@router.post("/assignments/{pk}/reinstate", response=say.AssignmentDetail, auth=Guard("assignment.cancel"), tags=STEPS)
def reinstate(request: SignedRequest, response: HttpResponse, pk: Id, data: say.StepIn) -> Any:
    """Bring a cancelled assignment back; its work starts anew."""
    return _take(services.reinstate, request, response, pk, data.version, lambda: {"reason": data.reason})


@router.post(
    "/assignments/{pk}/deadline", response=say.AssignmentDetail, auth=Guard("assignment.set_deadline"), tags=STEPS
)
def set_deadline(request: SignedRequest, response: HttpResponse, pk: Id, data: say.DeadlineIn) -> Any:
    """Give an assignment another deadline than the text's, with the reason."""

    def words() -> dict[str, Any]:
        return {"deadline": data.deadline, "reason": data.reason}

    return _take(services.set_deadline, request, response, pk, data.version, words)


@router.post("/assignments/{pk}/parts", response=say.AssignmentDetail, auth=Guard("assignment.decompose"), tags=STEPS)
def decompose(request: SignedRequest, response: HttpResponse, pk: Id, data: say.PartsIn) -> Any:
    """Divide an assignment among towns, villages and enterprises inside the holder's place."""

    def words() -> dict[str, Any]:
        return {"parts": [_part(one) for one in data.parts], "reason": data.reason}

    return _take(services.decompose, request, response, pk, data.version, words)


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
