"""Counties and departments: how each stands, a heat map of duties, and their lists."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.city.models import Agency, Place
from lantian.kit.choices import family
from lantian.kit.export import XLSX_MIME, attachment, to_xlsx
from lantian.plan import queries
from lantian.plan.authority import RESPONSIBLE
from lantian.plan.models import Assignment, ClauseAgency, Task
from lantian.plan.rules.lights import Light, light
from lantian.plan.thresholds import Thresholds, thresholds

SHOWN = 20


@dataclass
class Cell:
    """One square of the heat map: an area's (or department's) duties of one task."""

    task: Task
    counts: Counter[str]

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.counts["signed_off"]

    @property
    def light(self) -> Light:
        return light(self.counts)


@dataclass
class Line:
    """A row of the heat map."""

    holder: Any
    cells: list[Cell]
    counts: Counter[str]

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def light(self) -> Light:
        return light(self.counts)


def _tasks() -> list[Task]:
    version = queries.city_plan()
    return list(Task.objects.filter(version=version).order_by("position")) if version else []


def _line(holder: Any, key: Any, tasks: list[Task], counts: dict[Any, Counter[str]]) -> Line:
    cells = [Cell(task, counts.get((key, task.pk), Counter())) for task in tasks]
    return Line(holder, cells, sum((cell.counts for cell in cells), Counter[str]()))


@needs("assignment.view")
def counties(request: SignedRequest) -> HttpResponse:
    """The heat map of duties: areas by tasks."""
    scope, limits, tasks = scope_of(request.user), thresholds(), _tasks()
    seen = queries.ledger(scope).wholes().filter(measure__clause__task__in=tasks)
    counts = queries.counts_by(seen, limits, "area_id", "measure__clause__task_id")
    areas = [area for area in Place.objects.areas().defer("boundary") if _may_open(scope, area)]
    lines = [_line(area, area.pk, tasks, counts) for area in areas]
    without = _line(_("Departments themselves"), None, tasks, counts)
    if request.GET.get("export") == "xlsx":
        return _counties_book([*lines, *([without] if without.n else [])], tasks)
    context = {"title": _("Counties"), "lines": lines, "without": without if without.n else None, "tasks": tasks}
    return render(request, "plan/counties.html", context)


def _counties_book(lines: list[Line], tasks: list[Task]) -> HttpResponse:
    """Return the heat map as a workbook: signed off of all, for each area and task."""
    header = [_("Area"), _("Signed off"), _("All"), *[f"{task.number} {task.title}" for task in tasks]]
    rows = [
        [str(line.holder), line.counts["signed_off"], line.n]
        + [f"{cell.done}/{cell.n}" if cell.n else "" for cell in line.cells]
        for line in lines
    ]
    return attachment(to_xlsx(header, rows), "counties.xlsx", XLSX_MIME)


def _may_open(scope: Scope, area: Place) -> bool:
    return scope.sees_everything or area.pk in scope.place_ids or bool(scope.agency_ids)


@needs("assignment.view")
def county(request: SignedRequest, code: str) -> HttpResponse:
    """One area: its light, its tasks, what is late, due, and with whom."""
    scope, limits = scope_of(request.user), thresholds()
    area = get_object_or_404(Place.objects.areas().defer("boundary"), code=code)
    seen = queries.ledger(scope).filter(area=area)
    if not _may_open(scope, area) and not seen.exists():
        raise Http404
    tasks = _tasks()
    counts = queries.counts_by(seen.wholes(), limits, "area_id", "measure__clause__task_id")
    context = {
        "title": str(area),
        "area": area,
        "line": _line(area, area.pk, tasks, counts),
        "lists": _lists(seen.wholes(), limits, f"area={area.code}"),
        "n_parts": seen.filter(parent__isnull=False).count(),
    }
    return render(request, "plan/county.html", context)


def _lists(seen: Any, limits: Thresholds, where: str) -> list[dict[str, Any]]:
    """Return the lists of an area's or department's page: what hurts, what is due, what is with others."""
    far = limits.due_far_days
    kinds = [
        (_("Rebounded, overdue, returned"), "?sort=status", queries.hurting(limits)),
        (_("Due within %(n)s days") % {"n": far}, f"?due={far}", queries.due_within(limits.today, far)),
        (_("Handed in or verified"), "", Q(state__in=("submitted", "verified"))),
    ]
    numbers = seen.aggregate(**{f"n{at}": Count("pk", filter=kind[-1]) for at, kind in enumerate(kinds)})
    return [
        {
            "title": title,
            "n": numbers[f"n{at}"],
            "rows": list(queries.urgent_rows(seen.filter(which), limits)[:SHOWN]) if numbers[f"n{at}"] else [],
            "link": f"{link or '?'}{'&' if link else ''}{where}",
        }
        for at, (title, link, which) in enumerate(kinds)
    ]


@needs("assignment.view")
def agencies(request: SignedRequest) -> HttpResponse:
    """Departments: what each leads, answers for and cooperates in, and how that stands."""
    scope, limits = scope_of(request.user), thresholds()
    version = queries.city_plan()
    roles: dict[int, Counter[str]] = {}
    by_clause: dict[int, list[int]] = {}
    for link in ClauseAgency.objects.filter(clause__task__version=version):
        roles.setdefault(link.agency_id, Counter())[link.role] += 1
        if link.role in RESPONSIBLE:
            by_clause.setdefault(link.clause_id, []).append(link.agency_id)
    seen = queries.ledger(scope).wholes().filter(measure__clause__task__version=version)
    counts: dict[int, Counter[str]] = {}
    for clause_id, found in queries.counts_by(seen, limits, "measure__clause_id").items():
        for agency_id in by_clause.get(clause_id, ()):
            counts.setdefault(agency_id, Counter()).update(found)
    rows = [
        {"agency": agency, "roles": roles[agency.pk], "counts": found, "light": light(found)}
        for agency in Agency.objects.filter(pk__in=roles)
        for found in [counts.get(agency.pk, Counter())]
    ]
    if request.GET.get("export") == "xlsx":
        return _agencies_book(rows)
    context = {"title": _("Departments"), "rows": rows, "version": version}
    return render(request, "plan/agencies.html", context)


def _agencies_book(rows: list[dict[str, Any]]) -> HttpResponse:
    """Return the departments as a workbook: clauses by role, assignments by status."""
    statuses = family("status")
    header = [_("Department"), _("Clauses led"), _("By its duty"), _("Cooperating")]
    body = [
        [str(row["agency"]), *[row["roles"][role] for role in ("lead", "each", "cooperate")]]
        + [row["counts"][name] for name in statuses]
        for row in rows
    ]
    book = to_xlsx([*header, *[str(choice.label) for choice in statuses.values()]], body)
    return attachment(book, "departments.xlsx", XLSX_MIME)


@needs("assignment.view")
def agency(request: SignedRequest, pk: int) -> HttpResponse:
    """One department: its clauses by role, how the areas stand with them, and its lists."""
    scope, limits = scope_of(request.user), thresholds()
    found = get_object_or_404(Agency, pk=pk)
    version = queries.city_plan()
    links = list(
        ClauseAgency.objects.filter(agency=found, clause__task__version=version)
        .select_related("clause__task")
        .order_by("clause__task__position", "clause__position")
    )
    responsible = [link.clause_id for link in links if link.role in RESPONSIBLE]
    seen = queries.ledger(scope).wholes().filter(Q(measure__clause__in=responsible) | Q(agency=found))
    counts = queries.counts_by(seen, limits, "measure__clause_id")
    clauses = [(link, counts.get(link.clause_id, Counter())) for link in links]
    waiting = seen.filter(state=Assignment.State.SUBMITTED).exclude(agency=found)
    context = {
        "title": str(found),
        "agency": found,
        "clauses": clauses,
        "total": sum((one for _link, one in clauses), Counter[str]()),
        "to_verify": list(queries.urgent_rows(waiting, limits)[:SHOWN]),
        "own": list(queries.urgent_rows(seen.filter(agency=found), limits)[:SHOWN]),
        "lists": _lists(seen, limits, f"agency={found.pk}"),
    }
    return render(request, "plan/agency.html", context)
