"""From stored texts to the plain facts that the pure rules compare and trace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from lantian.plan.models import Clause, ClauseArea, DocumentVersion, Measure, MeasureTarget
from lantian.plan.rules.compare import ClauseFacts
from lantian.plan.rules.matching import MeasureFacts, TargetFacts


def target_facts(target: MeasureTarget) -> TargetFacts:
    return TargetFacts(target.pk, target.object, target.comparator, target.value, target.unit, target.role)


def measure_facts(measure: Measure) -> MeasureFacts:
    """Return a measure's facts (prefetch `targets` and select `clause__task` for many)."""
    return MeasureFacts(
        key=measure.pk,
        text=measure.text,
        code=measure.code,
        task=measure.clause.task.title,
        deadlines=tuple(measure.deadlines),
        recurrence=tuple(measure.recurrence),
        targets=tuple(target_facts(t) for t in measure.targets.all()),
        nature=measure.nature,
        concerns=tuple(measure.concerns),
        enterprises=tuple(measure.enterprises),
        cites=tuple(measure.cites),
    )


def measures_of(version: DocumentVersion) -> QuerySet[Measure]:
    """Return a version's measures in the order of the text, with what `measure_facts` needs."""
    found = Measure.objects.filter(clause__task__version=version)
    return (
        found.select_related("clause__task")
        .prefetch_related("targets")
        .order_by("clause__task__position", "clause__position", "position")
    )


def clause_facts(version: DocumentVersion) -> list[ClauseFacts]:
    """Return the facts of a version's clauses in the order of the text (five queries)."""
    measures: dict[int, list[MeasureFacts]] = defaultdict(list)
    for measure in measures_of(version):
        measures[measure.clause_id].append(measure_facts(measure))
    clauses = Clause.objects.filter(task__version=version).select_related("task")
    areas = Prefetch("area_links", ClauseArea.objects.select_related("place").defer("place__boundary"))
    clauses = clauses.prefetch_related("agencies__agency", areas).order_by("task__position", "position")
    return [_clause_facts(clause, measures[clause.pk]) for clause in clauses]


def _clause_facts(clause: Clause, measures: Iterable[MeasureFacts]) -> ClauseFacts:
    roles: dict[str, list[str]] = defaultdict(list)
    for link in clause.agencies.all():
        roles[link.role].append(link.agency.short)
    for name in clause.unresolved:
        if name["kind"] == "agency":
            roles[name["role"]].append(name["name"])
    for role, names in clause.extras.get("written_roles", {}).items():
        roles[role] += names
    return ClauseFacts(
        key=clause.pk,
        label=str(clause),
        task=clause.task.title,
        lead=tuple(roles["lead"]),
        cooperate=tuple(roles["cooperate"]),
        each=tuple(roles["each"]),
        areas=clause.areas,
        named=tuple(link.place.name for link in clause.area_links.all()) if clause.areas != "all" else (),
        measures=tuple(measures),
    )
