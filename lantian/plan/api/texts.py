"""Texts and what was read in them: versions, tasks, clauses, measures, the comparison of two texts."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Form, Query
from ninja.files import UploadedFile

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.models import Place
from lantian.kit.api import Id, paged, seen_version, set_version
from lantian.kit.errors import DomainError
from lantian.plan import queries
from lantian.plan.api.base import router
from lantian.plan.api.schemas import measures as content
from lantian.plan.api.schemas import texts as say
from lantian.plan.document_access import visible_versions
from lantian.plan.models import Clause, ClauseAgency, ClauseArea, Document, DocumentVersion, Measure, Task
from lantian.plan.rules.compare import ClausePair, Comparison, MeasurePair
from lantian.plan.services import documents
from lantian.plan.services.blockers import Doubt, doubts
from lantian.plan.services.review_clauses import edit_heading
from lantian.plan.services.succession import comparison_of, consequences

TAGS = ["Plan: texts"]
VIEW = Guard("plan.view")
# Who works on texts: the office on the city's, a county on its own; the services ask which.
REVIEW = Guard("plan.review", "plan.import_county")
HEAVY = ("text", "parsed", "document__place__boundary")


def versions_of(request: SignedRequest) -> QuerySet[DocumentVersion]:
    """Return the texts that the caller may see, without their long columns."""
    return visible_versions(scope_of(request.user)).defer(*HEAVY)


def version_or_404(request: SignedRequest, pk: int) -> DocumentVersion:
    found: DocumentVersion = get_object_or_404(versions_of(request), pk=pk)
    return found


def clauses_of() -> QuerySet[Clause]:
    """Return clauses with what an answer holds."""
    return Clause.objects.defer("fields", "extras").prefetch_related(
        Prefetch("agencies", ClauseAgency.objects.select_related("agency")),
        Prefetch("area_links", ClauseArea.objects.select_related("place").defer("place__boundary")),
    )


def measures_of(request: SignedRequest) -> QuerySet[Measure]:
    """Return the measures of texts that the caller may see, with what an answer holds."""
    seen = visible_versions(scope_of(request.user)).order_by().values("pk")
    rows = Measure.objects.filter(clause__task__version__in=seen).select_related("clause__task")
    return rows.prefetch_related("targets").order_by("clause__task__position", "clause__position", "position")


@router.get("/plan/versions", response=list[say.VersionOut], auth=VIEW, tags=TAGS)
@paged
def versions(request: SignedRequest, wanted: Query[say.VersionFilter]) -> QuerySet[DocumentVersion]:
    """Texts of plans, newest first: those in force and former ones; drafts for those who work on them."""
    conditions = {"document__kind": wanted.kind, "state": wanted.state, "document__place__code": wanted.place}
    return versions_of(request).filter(**{name: value for name, value in conditions.items() if value is not None})


@router.post("/plan/versions", response={201: say.Imported}, auth=Guard("plan.import", "plan.import_county"), tags=TAGS)
def import_version(request: SignedRequest, data: Form[say.ImportIn], file: File[UploadedFile]) -> dict[str, Any]:
    """Import a plan's text (multipart/form-data): it is read and waits for review. The same bytes are imported once."""
    version = documents.import_document(
        request.user,
        file,
        kind=data.kind,
        place=_place(data.place),
        serves=_document(data.serves, "serves"),
        document=_document(data.document, "document"),
    )
    return {"was_there": version.was_there, "version": version_or_404(request, version.pk)}


def _place(code: str | None) -> Place:
    found = Place.objects.filter(code=code).first() if code else Place.objects.filter(kind=Place.Kind.CITY).first()
    if found is None:
        raise DomainError(_("There is no such place."), hint=code or "", field="place")
    return found


def _document(pk: int | None, field: str) -> Document | None:
    if pk is None:
        return None
    found = Document.objects.filter(pk=pk).first()
    if found is None:
        raise DomainError(_("There is no such document."), hint=str(pk), field=field)
    return found


@router.get("/plan/versions/{pk}", response=say.VersionDetail, auth=VIEW, tags=TAGS)
def version(request: SignedRequest, response: HttpResponse, pk: Id) -> DocumentVersion:
    """One text: its head, the reader's warnings, how far the review has come."""
    found = version_or_404(request, pk)
    set_version(response, found.version)
    return found


@router.patch("/plan/versions/{pk}", response=say.VersionDetail, auth=REVIEW, tags=TAGS)
def edit_version(request: SignedRequest, response: HttpResponse, pk: Id, data: say.HeadingIn) -> DocumentVersion:
    """Mend title, number, issuer, day of issue and period of a text in review."""
    found = version_or_404(request, pk)
    values = data.dict(exclude={"version"}, exclude_none=True)
    edit_heading(request.user, found, values, seen_version=seen_version(request, data.version))
    return version(request, response, pk)


@router.get("/plan/versions/{pk}/text", response=say.TextOut, auth=VIEW, tags=TAGS)
def version_text(request: SignedRequest, pk: Id) -> DocumentVersion:
    """The whole text; the offsets of tasks, clauses and measures count its characters."""
    found: DocumentVersion = get_object_or_404(visible_versions(scope_of(request.user)).defer("parsed"), pk=pk)
    return found


@router.get("/plan/versions/{pk}/parsed", response=say.ParsedOut, auth=VIEW, tags=TAGS)
def version_parsed(request: SignedRequest, pk: Id) -> DocumentVersion:
    """What the reader made of the text, before anybody corrected it."""
    found: DocumentVersion = get_object_or_404(visible_versions(scope_of(request.user)).defer("text"), pk=pk)
    return found


@router.get("/plan/versions/{pk}/tasks", response=list[content.TaskOut], auth=VIEW, tags=TAGS)
def tasks(request: SignedRequest, pk: Id) -> QuerySet[Task]:
    """The tasks of a text with their responsibility clauses, in its order."""
    found = Task.objects.filter(version=version_or_404(request, pk)).order_by("position")
    return found.prefetch_related(Prefetch("clauses", clauses_of().select_related("task")))


@router.get("/plan/tasks/{pk}", response=content.TaskOut, auth=VIEW, tags=TAGS)
def task(request: SignedRequest, pk: Id) -> Task:
    """One task with its clauses."""
    seen = visible_versions(scope_of(request.user)).order_by().values("pk")
    rows = Task.objects.filter(version__in=seen)
    return get_object_or_404(rows.prefetch_related(Prefetch("clauses", clauses_of().select_related("task"))), pk=pk)


@router.get("/plan/measures", response=list[content.MeasureOut], auth=VIEW, tags=TAGS)
@paged
def measures(request: SignedRequest, wanted: Query[content.MeasureFilter]) -> QuerySet[Measure]:
    """The measures of a text (the city plan in force if none is named), in its order."""
    chosen = wanted.plan_version
    if chosen is None:
        in_force = queries.city_plan()
        chosen = in_force.pk if in_force else 0
    found = measures_of(request).filter(clause__task__version=chosen)
    conditions = {
        "clause__task": wanted.task,
        "clause__agencies__agency": wanted.agency,
        "clause__area_links__place__code": wanted.area,
        "nature": wanted.nature,
        "review": wanted.review,
    }
    found = found.filter(**{name: value for name, value in conditions.items() if value is not None})
    return found.filter(Q(text__icontains=wanted.q) | Q(code__istartswith=wanted.q)) if wanted.q else found


@router.get("/plan/measures/{pk}", response=content.MeasureOut, auth=VIEW, tags=TAGS)
def measure(request: SignedRequest, response: HttpResponse, pk: Id) -> Measure:
    """One measure with its numbers and where they were read."""
    found = get_object_or_404(measures_of(request), pk=pk)
    set_version(response, found.version)
    return found


@router.get("/plan/clauses/{pk}", response=content.ClauseOut, auth=VIEW, tags=TAGS)
def clause(request: SignedRequest, response: HttpResponse, pk: Id) -> Clause:
    """One responsibility clause."""
    seen = visible_versions(scope_of(request.user)).order_by().values("pk")
    found = get_object_or_404(clauses_of().select_related("task").filter(task__version__in=seen), pk=pk)
    set_version(response, found.version)
    return found


@router.get("/plan/versions/{pk}/comparison/{old}", response=say.ComparisonOut, auth=VIEW, tags=TAGS)
def comparison(request: SignedRequest, pk: Id, old: Id) -> dict[str, Any]:
    """This text beside an older one, clause by clause and measure by measure."""
    before, after = version_or_404(request, old), version_or_404(request, pk)
    return compared(before, after, comparison_of(before, after))


@router.get("/plan/versions/{pk}/doubts", response=list[say.DoubtOut], auth=REVIEW, tags=TAGS)
def version_doubts(request: SignedRequest, pk: Id) -> list[Doubt]:
    """What is open in a text; what blocks its adoption comes first."""
    return doubts(version_or_404(request, pk))


@router.get("/plan/versions/{pk}/consequences", response=say.ConsequencesOut, auth=REVIEW, tags=TAGS)
def version_consequences(request: SignedRequest, pk: Id) -> dict[str, Any]:
    """What adopting a re-issued text would do to the assignments of the text in force."""
    found = consequences(version_or_404(request, pk))
    if found is None:
        return {"previous": None}
    return {
        "previous": found.previous.pk,
        "counts": found.comparison.counts,
        "kept": [row.pk for row in found.kept],
        "ends": [{"assignment": row.pk, "reason": reason} for row, reason in found.ends],
        "begins": found.begins,
        "new_deadlines": [{"assignment": row.pk, "old": old, "new": new} for row, old, new in found.new_days],
        "signed_off": [row.pk for row in found.signed_off],
    }


def compared(before: DocumentVersion, after: DocumentVersion, found: Comparison) -> dict[str, Any]:
    """Return a comparison as the API says it."""
    clauses = [_clause_pair(pair) for pair in found.clauses]
    return {"old": before.pk, "new": after.pk, "counts": found.counts, "clauses": clauses}


def _clause_pair(pair: ClausePair) -> dict[str, Any]:
    return {
        "kind": pair.kind,
        "old": pair.old.key if pair.old else None,
        "new": pair.new.key if pair.new else None,
        "roles": [{"field": c.field, "old": c.old, "new": c.new} for c in pair.roles],
        "measures": [_measure_pair(one) for one in pair.measures],
    }


def _measure_pair(pair: MeasurePair) -> dict[str, Any]:
    return {
        "kind": pair.kind,
        "old": pair.old.key if pair.old else None,
        "new": pair.new.key if pair.new else None,
        "likeness": pair.likeness,
        "changes": [{"field": c.field, "old": c.old, "new": c.new} for c in pair.changes],
        "words": [{"op": w.op, "text": w.text} for w in pair.words],
    }
