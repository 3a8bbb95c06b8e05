"""The plan as a tree: tasks, their clauses, the measures in their sentences, with counts by status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.city.models import Agency, Place
from lantian.kit.forms import perform, status_of
from lantian.kit.numbers import whole
from lantian.plan import queries
from lantian.plan.document_access import visible_versions
from lantian.plan.forms import NameAreasForm
from lantian.plan.models import Assignment, Clause, ClauseAgency, ClauseArea, DocumentVersion, Measure, Task
from lantian.plan.rules.lights import Light, light
from lantian.plan.rules.passage import Piece, cut, flow
from lantian.plan.services import name_areas
from lantian.plan.thresholds import Thresholds, thresholds


@dataclass
class MeasureNode:
    measure: Measure
    counts: Counter[str]


@dataclass
class ClauseNode:
    """`pieces`: the text that the clause covers, cut at its measures (a piece's key is the measure's id)."""

    clause: Clause
    pieces: list[Piece]
    measures: list[MeasureNode]

    @property
    def waits_for_areas(self) -> bool:
        return self.clause.areas == Clause.Areas.SOME and not self.clause.area_links.all()

    def agencies(self, role: str) -> list[Agency]:
        return [link.agency for link in self.clause.agencies.all() if link.role == role]

    @property
    def lead(self) -> list[Agency]:
        return self.agencies("lead")

    @property
    def each(self) -> list[Agency]:
        return self.agencies("each")

    @property
    def cooperate(self) -> list[Agency]:
        return self.agencies("cooperate")


@dataclass
class TaskNode:
    task: Task
    clauses: list[ClauseNode]
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def n_measures(self) -> int:
        return sum(len(node.measures) for node in self.clauses)

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def light(self) -> Light:
        return light(self.counts)


def nodes(
    tasks: QuerySet[Task], text: str, scope: Scope, limits: Thresholds, wanted: dict[str, Any] | None = None
) -> list[TaskNode]:
    """Return the tree of some tasks of one version (six queries, whatever the size).

    `wanted`: conditions on the assignments that are counted; measures without a match are then left out.
    """
    seen = queries.ledger(scope).wholes().filter(**(wanted or {}))
    counts = queries.counts_by(seen.filter(measure__clause__task__in=tasks), limits, "measure_id")
    measures = Measure.objects.only("clause", "position", "code", "text", "start", "end", "nature", "deadlines")
    agencies = ClauseAgency.objects.select_related("agency").defer("agency__aliases")
    # Areas are shown one by one only where the clause does not say "all".
    areas = ClauseArea.objects.exclude(clause__areas=Clause.Areas.ALL).select_related("place").defer("place__boundary")
    clauses = Clause.objects.prefetch_related(
        Prefetch("agencies", agencies), Prefetch("area_links", areas), Prefetch("measures", measures)
    ).defer("fields")
    built = []
    for task in tasks.prefetch_related(Prefetch("clauses", clauses)):
        parts = [_clause(clause, text, counts, bool(wanted)) for clause in task.clauses.all()]
        parts = [part for part in parts if part.measures or not wanted]
        if parts or not wanted:
            total = sum((node.counts for part in parts for node in part.measures), Counter[str]())
            built.append(TaskNode(task, parts, total))
    return built


def _clause(clause: Clause, text: str, counts: dict[int, Counter[str]], only_counted: bool) -> ClauseNode:
    measures = [m for m in clause.measures.all() if not only_counted or counts.get(m.pk)]
    spans = [(m.start, m.end, str(m.pk)) for m in measures]
    end = max([clause.end, clause.clause_end or 0])
    pieces = flow(cut(text, clause.start, end, spans))
    return ClauseNode(clause, pieces, [MeasureNode(m, counts.get(m.pk, Counter())) for m in measures])


def _version(request: HttpRequest, scope: Scope) -> DocumentVersion | None:
    """Return the version that the address asks for (if the person may see it), else the city plan in force."""
    asked = whole(request.GET.get("version"))
    if asked is not None:
        return get_object_or_404(visible_versions(scope), pk=asked)
    return queries.city_plan()


@needs("plan.view")
def tree(request: SignedRequest) -> HttpResponse:
    """The whole plan; `area`, `agency` and `q` in the address narrow it."""
    scope = scope_of(request.user)
    version = _version(request, scope)
    context: dict[str, Any] = {"title": _("Plan"), "version": version}
    if version is not None:
        context |= _tree_context(request, version, scope)
    return render(request, "plan/tree.html", context)


def _tree_context(request: HttpRequest, version: DocumentVersion, scope: Scope) -> dict[str, Any]:
    area = Place.objects.filter(code=request.GET.get("area", "")).first()
    agency_id = whole(request.GET.get("agency"))
    wanted: dict[str, Any] = {"area": area} if area else {}
    if agency_id is not None:
        wanted["measure__clause__in"] = Clause.objects.filter(agencies__agency=agency_id)
    words = request.GET.get("q", "").strip()[:80]
    if words:
        wanted["measure__text__icontains"] = words
    tasks = Task.objects.filter(version=version).order_by("position")
    found = nodes(tasks, version.text, scope, thresholds(), wanted)
    total = sum((node.counts for node in found), Counter[str]())
    return {
        "nodes": found,
        "total": total,
        "words": words,
        "open_all": bool(wanted),
        "areas": Place.objects.areas().defer("boundary"),
        "agencies": Agency.objects.filter(clauses__clause__task__version=version).distinct(),
        "counted": scope.may("assignment.view"),
    }


@needs("plan.view")
def task(request: SignedRequest, pk: int) -> HttpResponse:
    """One task with its text, and how each area stands with each of its measures."""
    scope = scope_of(request.user)
    versions = visible_versions(scope).values("pk")
    found = get_object_or_404(Task.objects.select_related("version__document"), pk=pk, version__in=versions)
    limits = thresholds()
    node = nodes(Task.objects.filter(pk=pk), found.version.text, scope, limits)[0]
    context = {"title": str(found), "node": node, "version": found.version, **_matrix(pk, scope, limits)}
    context["may_name_areas"] = scope.may_at("assignment.name_areas") and found.version.state == "adopted"
    context["task_open"] = True
    context["neighbours"] = _neighbours(found)
    return render(request, "plan/task.html", context)


def _neighbours(task: Task) -> dict[str, Task | None]:
    others = Task.objects.filter(version=task.version_id)
    return {
        "before": others.filter(position__lt=task.position).order_by("-position").first(),
        "after": others.filter(position__gt=task.position).order_by("position").first(),
    }


def _matrix(task_id: int, scope: Scope, limits: Thresholds) -> dict[str, Any]:
    """Return the holders that occur (columns) and measures with one cell a holder (rows)."""
    seen = queries.ledger(scope).wholes().filter(measure__clause__task=task_id)
    rows = list(queries.rows(seen, limits).order_by("area__position", "agency__position", "pk"))
    holders: dict[str, Assignment] = {}
    for assignment in rows:
        holders.setdefault(assignment.holder_key, assignment)
    by_measure: dict[Measure, dict[str, Assignment]] = {}
    for assignment in sorted(rows, key=lambda a: (a.measure.clause_id, a.measure.position)):
        by_measure.setdefault(assignment.measure, {})[assignment.holder_key] = assignment
    return {
        "holders": list(holders.values()),
        "matrix": [(measure, [cells.get(key) for key in holders]) for measure, cells in by_measure.items()],
    }


@needs("assignment.name_areas")
def name_clause_areas(request: SignedRequest, pk: int) -> HttpResponse:
    """The page on which the office names the areas of a clause (相关县)."""
    clause = get_object_or_404(Clause.objects.select_related("task__version__document"), pk=pk)
    named = clause.area_links.values("place")
    places = Place.objects.areas().exclude(pk__in=named).defer("boundary")
    form = NameAreasForm(request.POST or None, places=places)
    status = 200
    if request.method == "POST":
        made = perform(form, lambda data: name_areas(request.user, clause, data["places"], reason=data["reason"]))
        if made is not None:
            return _named(request, clause, len(made))
        status = status_of(form)
    version = clause.task.version
    node = _clause(Clause.objects.prefetch_related("measures", "agencies__agency").get(pk=pk), version.text, {}, False)
    context = {"title": _("Name the areas"), "node": node, "form": form, "clause": clause, "version": version}
    return render(request, "plan/name_areas.html", context, status=status)


def _named(request: HttpRequest, clause: Clause, n: int) -> HttpResponse:
    from django.contrib import messages
    from django.shortcuts import redirect

    messages.success(request, _("%(n)s assignments were made.") % {"n": n})
    return redirect("plan:task", pk=clause.task_id)
