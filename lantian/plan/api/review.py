"""The review of a text: what the pages' keyboard does, as verbs. Each act can be undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.models import Agency, Place
from lantian.kit.api import Id, seen_version, set_version
from lantian.kit.errors import DomainError
from lantian.plan.api.base import router
from lantian.plan.api.schemas import measures as content
from lantian.plan.api.schemas import texts as say
from lantian.plan.api.texts import REVIEW, measures_of, version_or_404
from lantian.plan.document_access import visible_versions
from lantian.plan.models import Clause, DocumentVersion, Measure, Task
from lantian.plan.services import documents, name_areas, review, review_clauses, review_structure, review_undo

TAGS = ["Plan: review"]


def _measure(request: SignedRequest, pk: int) -> Measure:
    return get_object_or_404(measures_of(request).select_related("clause__task__version__document"), pk=pk)


def _clause(request: SignedRequest, pk: int) -> Clause:
    seen = visible_versions(scope_of(request.user)).order_by().values("pk")
    rows = Clause.objects.filter(task__version__in=seen).select_related("task__version__document")
    found: Clause = get_object_or_404(rows, pk=pk)
    return found


def _answer(request: SignedRequest, response: HttpResponse, pk: int) -> Measure:
    found = measures_of(request).get(pk=pk)
    set_version(response, found.version)
    return found


@router.post("/plan/measures/{pk}/accept", response=content.MeasureOut, auth=REVIEW, tags=TAGS)
def accept_measure(request: SignedRequest, response: HttpResponse, pk: Id, data: say.VersionIn) -> Measure:
    """Say that a measure was read rightly."""
    review.accept(request.user, _measure(request, pk), seen_version=seen_version(request, data.version))
    return _answer(request, response, pk)


@router.patch("/plan/measures/{pk}", response=content.MeasureOut, auth=REVIEW, tags=TAGS)
def edit_measure(request: SignedRequest, response: HttpResponse, pk: Id, data: content.MeasureEdit) -> Measure:
    """Correct a measure's fields and take it as reviewed; `targets` replaces all its numbers."""
    given = data.dict(exclude={"reason", "version"}, exclude_none=True)
    changes = {name: _plain(value) for name, value in given.items()}
    seen = seen_version(request, data.version)
    review.edit(request.user, _measure(request, pk), changes, reason=data.reason, seen_version=seen)
    return _answer(request, response, pk)


def _plain(value: Any) -> Any:
    """Days as ISO texts, as the service takes them."""
    return [one.isoformat() if isinstance(one, dt.date) else one for one in value] if isinstance(value, list) else value


@router.post("/plan/measures/{pk}/merge", response=content.MeasureOut, auth=REVIEW, tags=TAGS)
def merge_measure(request: SignedRequest, response: HttpResponse, pk: Id, data: say.VersionIn) -> Measure:
    """Join a measure with the next one of its clause."""
    review.merge(request.user, _measure(request, pk), seen_version=seen_version(request, data.version))
    return _answer(request, response, pk)


@router.post("/plan/measures/{pk}/split", response=list[content.MeasureOut], auth=REVIEW, tags=TAGS)
def split_measure(request: SignedRequest, pk: Id, data: content.SplitIn) -> list[Measure]:
    """Divide a measure at an offset of the source text; the answer holds both parts."""
    seen = seen_version(request, data.version)
    parts = review.split(request.user, _measure(request, pk), offset=data.offset, seen_version=seen)
    return list(measures_of(request).filter(pk__in=[part.pk for part in parts]))


@router.post("/plan/measures/{pk}/delete", response={204: None}, auth=REVIEW, tags=TAGS)
def delete_measure(request: SignedRequest, pk: Id, data: say.ReasonIn) -> None:
    """Take out what is no measure; it can be undone."""
    seen = seen_version(request, data.version)
    review.delete(request.user, _measure(request, pk), reason=data.reason, seen_version=seen)


@router.post("/plan/versions/{pk}/measures", response={201: content.MeasureOut}, auth=REVIEW, tags=TAGS)
def add_measure(request: SignedRequest, response: HttpResponse, pk: Id, data: content.AddIn) -> Measure:
    """Make a measure of a stretch of the source text."""
    found = version_or_404(request, pk)
    clause = None
    if data.clause is not None:
        clause = Clause.objects.filter(pk=data.clause, task__version=found).first()
        if clause is None:
            raise DomainError(_("This text has no such clause."), hint=str(data.clause), field="clause")
    made = review.add(request.user, found, start=data.start, end=data.end, clause=clause)
    return _answer(request, response, made.pk)


@router.post("/plan/versions/{pk}/accept-all", response=say.Count, auth=REVIEW, tags=TAGS)
def accept_all(request: SignedRequest, pk: Id, data: content.AcceptAllIn) -> dict[str, int]:
    """Accept everything unreviewed that was read at least so surely; the answer counts measures and clauses."""
    return {"count": review.accept_all(request.user, version_or_404(request, pk), confidence=data.confidence)}


@router.post("/plan/clauses/{pk}/accept", response=content.ClauseOut, auth=REVIEW, tags=TAGS)
def accept_clause(request: SignedRequest, pk: Id, data: say.VersionIn) -> Clause:
    """Say that a clause's responsibilities were read rightly."""
    seen = seen_version(request, data.version)
    review_clauses.accept_clause(request.user, _clause(request, pk), seen_version=seen)
    return _clause(request, pk)


@router.post("/plan/versions/{pk}/clauses", response={201: content.ClauseOut}, auth=REVIEW, tags=TAGS)
def add_clause(request: SignedRequest, pk: Id, data: content.ClauseIn) -> Clause:
    """Add a responsibility clause that the reader passed over, with its measures; with `title` also its task."""
    found = version_or_404(request, pk)
    made = review_structure.add_clause(
        request.user,
        found,
        start=data.start,
        end=data.end,
        who=(data.who.start, data.who.end) if data.who else None,
        task=_task(found, data.task),
        title=data.title,
        number=data.number,
        cut=data.cut,
        agencies=[(_agency(duty.agency), duty.role) for duty in data.agencies],
        areas=data.areas,
        places=_places(data.places),
        reason=data.reason,
        key=data.key or None,
    )
    return _clause(request, made.pk)


def _task(version: DocumentVersion, pk: int | None) -> Task | None:
    found = version.tasks.filter(pk=pk).first() if pk is not None else None
    if pk is not None and found is None:
        raise DomainError(_("This text has no such task."), hint=str(pk), field="task")
    return found


@router.post("/plan/clauses/{pk}/delete", response={204: None}, auth=REVIEW, tags=TAGS)
def delete_clause(request: SignedRequest, pk: Id, data: content.ClauseDeleteIn) -> None:
    """Take out what is no responsibility clause; it can be undone."""
    review_structure.delete_clause(
        request.user,
        _clause(request, pk),
        reason=data.reason,
        with_measures=data.with_measures,
        with_task=data.with_task,
        seen_version=seen_version(request, data.version),
    )


@router.put("/plan/clauses/{pk}/roles", response=content.ClauseOut, auth=REVIEW, tags=TAGS)
def set_roles(request: SignedRequest, pk: Id, data: content.RolesIn) -> Clause:
    """Say who answers for a clause and where it is carried out."""
    review_clauses.set_roles(
        request.user,
        _clause(request, pk),
        agencies=[(_agency(duty.agency), duty.role) for duty in data.agencies],
        areas=data.areas,
        places=_places(data.places),
        reason=data.reason,
        seen_version=seen_version(request, data.version),
    )
    return _clause(request, pk)


def _agency(pk: int) -> Agency:
    found = Agency.objects.filter(pk=pk).first()
    if found is None:
        raise DomainError(_("There is no such agency."), hint=str(pk), field="agencies")
    return found


def _places(codes: list[str]) -> list[Place]:
    found = {place.code: place for place in Place.objects.filter(code__in=codes).defer("boundary")}
    if missing := [code for code in codes if code not in found]:
        raise DomainError(_("There is no such place."), hint=", ".join(missing[:5]), field="places")
    return list(found.values())


@router.post(
    "/plan/clauses/{pk}/areas", response=say.Count, auth=Guard("assignment.name_areas"), tags=["Ledger: assignments"]
)
def name_clause_areas(request: SignedRequest, pk: Id, data: content.AreasIn) -> dict[str, int]:
    """Name the areas of a clause in force that left them open (相关县); the answer counts the new assignments."""
    made = name_areas(request.user, _clause(request, pk), _places(data.places), reason=data.reason)
    return {"count": len(made)}


@router.post("/plan/versions/{pk}/names", response=say.Count, auth=REVIEW, tags=TAGS)
def resolve_name(request: SignedRequest, pk: Id, data: content.ResolveIn) -> dict[str, int]:
    """Say who is meant by a name that nobody is known by; the answer counts the clauses where it stands."""
    agency = _agency(data.agency) if data.agency else None
    place = _places([data.place])[0] if data.place else None
    new = data.new_agency.dict() if data.new_agency else None
    count = review_clauses.resolve_name(
        request.user,
        version_or_404(request, pk),
        name=data.name,
        agency=agency,
        place=place,
        new_agency=new,
        nobody=data.nobody,
    )
    return {"count": count}


@router.post("/plan/versions/{pk}/name-all-areas", response=say.Count, auth=REVIEW, tags=TAGS)
def name_all_areas(request: SignedRequest, pk: Id) -> dict[str, int]:
    """Give every clause that says “the counties concerned” all counties; the answer counts the clauses."""
    return {"count": review_clauses.name_all_areas(request.user, version_or_404(request, pk))}


@router.post("/plan/versions/{pk}/undo", response={204: None}, auth=REVIEW, tags=TAGS)
def undo(request: SignedRequest, pk: Id) -> None:
    """Undo the caller's last act on this text; again: the one before it."""
    review_undo.undo(request.user, version_or_404(request, pk))


@router.post("/plan/versions/{pk}/discard", response=say.VersionOut, auth=REVIEW, tags=TAGS)
def discard(request: SignedRequest, pk: Id, data: say.ReasonIn) -> DocumentVersion:
    """Put a text in review aside; it stays readable."""
    found = version_or_404(request, pk)
    documents.discard(request.user, found, reason=data.reason, seen_version=seen_version(request, data.version))
    return version_or_404(request, pk)


@router.post(
    "/plan/versions/{pk}/adopt", response=say.VersionOut, auth=Guard("plan.adopt", "plan.import_county"), tags=TAGS
)
def adopt(request: SignedRequest, pk: Id, data: say.VersionIn) -> DocumentVersion:
    """Put a reviewed text in force and freeze it; its measures become assignments, the former text is superseded."""
    found = version_or_404(request, pk)
    documents.adopt(request.user, found, seen_version=seen_version(request, data.version))
    return version_or_404(request, pk)
