"""The HTTP API of the records room: evidence, the audit chain, the own messages."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.models import Agency, Place
from lantian.kit.api import Id, paged, seen_version, set_version
from lantian.kit.errors import DomainError
from lantian.records import schemas, services
from lantian.records.models import AuditEntry, Evidence, Notification
from lantian.records.queries import evidence_visible_to
from lantian.records.verify import verify_chain
from lantian.records.views import content

router = Router()
EVIDENCE, AUDIT, INBOX = ["Evidence"], ["Audit"], ["Account"]
BINARY: dict[str, Any] = {
    "responses": {"200": {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}
}


def visible(request: SignedRequest) -> QuerySet[Evidence]:
    """Return the evidence that the caller sees, with what an answer holds."""
    related = ("file", "place", "agency", "uploaded_by", "reviewed_by")
    return evidence_visible_to(scope_of(request.user)).select_related(*related).defer("place__boundary")


@router.get("/evidence", response=list[schemas.EvidenceOut], auth=Guard("evidence.view"), tags=EVIDENCE)
@paged
def evidence_list(request: SignedRequest, wanted: Query[schemas.EvidenceFilter]) -> QuerySet[Evidence]:
    """Evidence that the caller may see, newest first."""
    conditions = {
        "review": wanted.review,
        "place__code": wanted.place,
        "agency_id": wanted.agency,
        "effective_on__gte": wanted.effective_from,
        "effective_on__lte": wanted.effective_to,
        "uploaded_by": request.user.pk if wanted.mine else None,
    }
    found = visible(request).filter(**{name: value for name, value in conditions.items() if value is not None})
    if wanted.q:
        found = found.filter(Q(title__icontains=wanted.q) | Q(name__icontains=wanted.q))
    return found


@router.post("/evidence", response={201: schemas.EvidenceOut}, auth=Guard("evidence.add"), tags=EVIDENCE)
def add_evidence(request: SignedRequest, data: Form[schemas.EvidenceIn], file: File[UploadedFile]) -> Evidence:
    """Hand in a file (multipart/form-data), to be named in a report or a step afterwards.

    What it is, is told by its content, not by its name; it is never run and only served as an attachment. For
    evidence about one assignment use /assignments/{id}/evidence, which knows whom it concerns.
    """
    place, agency = _concerned(request, data)
    replaces = None
    if data.replaces is not None:
        replaces = visible(request).filter(pk=data.replaces).first()
        if replaces is None:
            raise DomainError(_("There is no such record."), hint=str(data.replaces), field="replaces")
    made = services.add_evidence(
        request.user,
        file,
        effective_on=data.effective_on,
        expires_on=data.expires_on,
        title=data.title,
        place=place,
        agency=agency,
        replaces=replaces,
    )
    return visible(request).get(pk=made.pk)


def _concerned(request: SignedRequest, data: schemas.EvidenceIn) -> tuple[Place | None, Agency | None]:
    """Return place and agency of a body, which must be the caller's own."""
    scope = scope_of(request.user)
    place = Place.objects.filter(code=data.place).first() if data.place else None
    agency = Agency.objects.filter(pk=data.agency).first() if data.agency else None
    for name, given, found in (("place", data.place, place), ("agency", data.agency, agency)):
        if given and found is None:
            raise DomainError(_("There is no such record."), hint=str(given), field=name)
    if place is not None:
        scope.require("evidence.add", place_ids=[place.pk])
    if agency is not None:
        scope.require("evidence.add", agency_ids=[agency.pk])
    return place, agency


@router.get("/evidence/{pk}", response=schemas.EvidenceOut, auth=Guard("evidence.view"), tags=EVIDENCE)
def evidence(request: SignedRequest, response: HttpResponse, pk: Id) -> Evidence:
    """One piece of evidence."""
    found = get_object_or_404(visible(request), pk=pk)
    set_version(response, found.version)
    return found


@router.get("/evidence/{pk}/content", auth=Guard("evidence.view"), tags=EVIDENCE, openapi_extra=BINARY)
def evidence_content(request: SignedRequest, pk: Id) -> Any:
    """The file as it was handed in, as an attachment."""
    return content.download(request, pk)


@router.post("/evidence/{pk}/review", response=schemas.EvidenceOut, auth=Guard("evidence.review"), tags=EVIDENCE)
def review_evidence(request: SignedRequest, response: HttpResponse, pk: Id, data: schemas.ReviewIn) -> Evidence:
    """Accept or reject evidence. Nobody reviews what they handed in themselves."""
    found = get_object_or_404(visible(request), pk=pk)
    seen = seen_version(request, data.version)
    services.review_evidence(request.user, found, data.accept, data.note, seen_version=seen)
    return evidence(request, response, pk)


@router.get("/audit", response=list[schemas.AuditOut], auth=Guard("audit.view"), tags=AUDIT)
@paged
def audit_entries(request: SignedRequest, wanted: Query[schemas.AuditFilter]) -> QuerySet[AuditEntry]:
    """Entries of the audit chain, newest first."""
    conditions = {
        "target_type": wanted.target_type,
        "target_id": wanted.target_id,
        "actor_id": wanted.actor,
        "at__date__gte": wanted.day_from,
        "at__date__lte": wanted.day_to,
    }
    found = AuditEntry.objects.filter(**{name: value for name, value in conditions.items() if value is not None})
    if wanted.action:
        lookup = "action__startswith" if wanted.action.endswith(".") else "action"
        found = found.filter(**{lookup: wanted.action})
    return found


@router.get("/audit/verification", response=schemas.Verification, auth=Guard("audit.view"), tags=AUDIT)
def audit_verification(request: SignedRequest, anchor: str | None = None) -> dict[str, Any]:
    """Walk the whole chain and say what was edited, removed or re-ordered.

    `anchor`: “seq:hash” as printed on a bulletin; the chain must still hold that entry. This reads every entry.
    """
    return verify_chain(anchor or None).as_json()


@router.get("/audit/{seq}", response=schemas.AuditOut, auth=Guard("audit.view"), tags=AUDIT)
def audit_entry(request: SignedRequest, seq: Id) -> AuditEntry:
    """One entry."""
    return get_object_or_404(AuditEntry, pk=seq)


@router.get("/notifications", response=list[schemas.NotificationOut], tags=INBOX)
@paged
def notifications(request: SignedRequest, wanted: Query[schemas.InboxFilter]) -> QuerySet[Notification]:
    """The caller's own messages, newest first. Listing them here does not count as delivery; reading them does."""
    found = Notification.objects.filter(recipient=request.user)
    return found.filter(read_at__isnull=True) if wanted.unread else found


@router.post("/notifications/read", response=schemas.ReadOut, tags=INBOX)
def read_notifications(request: SignedRequest, data: schemas.ReadIn) -> dict[str, int]:
    """Say that messages were read."""
    return {"read": services.mark_read(request.user, pks=data.ids)}
