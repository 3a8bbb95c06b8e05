"""How the plan room is searched: measures, assignments, documents, reports."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lantian.city.access import Scope
from lantian.kit.search import Hit, Source, all_words, around, register_search
from lantian.plan.models import Assignment, Measure, ProgressReport, Task


def _tasks(scope: Scope, words: list[str], limit: int) -> list[Hit]:
    if not scope.may("plan.view"):
        return []
    found = Task.objects.filter(all_words(words, "title", "number", "section"), version__state="adopted")
    return [Hit(str(t), t.section, reverse("plan:task", args=[t.pk])) for t in found[:limit]]


def _measures(scope: Scope, words: list[str], limit: int) -> list[Hit]:
    if not scope.may("plan.view"):
        return []
    found = Measure.objects.filter(all_words(words, "text", "code"), clause__task__version__state="adopted")
    return [
        Hit(f"{m.code} {m.clause.task.title}", around(m.text, words), reverse("plan:measure", args=[m.pk]))
        for m in found.select_related("clause__task")[:limit]
    ]


def _assignments(scope: Scope, words: list[str], limit: int) -> list[Hit]:
    fields = ("measure__text", "measure__code", "place__name", "place__name_en", "agency__short", "enterprise", "note")
    found = Assignment.objects.live().visible_to(scope).filter(all_words(words, *fields))
    return [
        Hit(str(a), around(a.measure.text, words), reverse("plan:assignment", args=[a.pk]))
        for a in found.select_related("measure", "place", "agency")[:limit]
    ]


def _reports(scope: Scope, words: list[str], limit: int) -> list[Hit]:
    found = ProgressReport.objects.filter(all_words(words, "text", "problems"))
    if not scope.sees_everything:
        # Left out where it would leave out nothing: the database would look up the assignment of every report.
        found = found.filter(assignment_id__in=Assignment.objects.visible_to(scope).values("pk"))
    return [
        Hit(
            f"{r.assignment} · {r.percent} %", around(r.text, words), reverse("plan:assignment", args=[r.assignment_id])
        )
        for r in found.select_related("assignment__measure", "assignment__place", "assignment__agency")[:limit]
    ]


def register() -> None:
    """Register the room's kinds (called once when Django is ready)."""
    register_search(Source("task", _("Tasks"), _tasks))
    register_search(Source("measure", _("Measures"), _measures))
    register_search(Source("assignment", _("Assignments"), _assignments))
    register_search(Source("report", _("Progress reports"), _reports))
