"""Tasks and clauses that a review adds or takes out: their whole rows, their order, and everybody's codes after that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, QuerySet

from lantian.plan.models import Clause, DocumentVersion, Measure, Task
from lantian.plan.services.review_acts import Json, clause_snapshot, replace_holders
from lantian.plan.services.rows import labels_of

TASK_COLUMNS = ("position", "number", "title", "section", "start", "end")
CLAUSE_COLUMNS = (
    "task_id", "position", "start", "end", "clause_start", "clause_end", "areas", "implement_text", "unresolved",
    "extras", "fields", "confidence", "review", "reviewed_by_id", "version",
)  # fmt: skip
# Positions are unique: what comes new waits up here until it is put in its place.
WAITING = 200_000


def rows_of(tasks: Iterable[Task], clauses: Iterable[Clause]) -> Json:
    """Return whole rows as plain JSON, enough to make them again."""
    return {
        "tasks": [{"id": one.pk} | {name: getattr(one, name) for name in TASK_COLUMNS} for one in tasks],
        "clauses": [clause_snapshot(one) | {name: getattr(one, name) for name in CLAUSE_COLUMNS} for one in clauses],
    }


def make_again(version: DocumentVersion, rows: Json) -> None:
    """Make tasks and clauses again, with their ids, at their old places."""
    for row in rows.get("tasks", []):
        values = {name: row[name] for name in TASK_COLUMNS} | {"position": WAITING}
        task = Task.objects.create(pk=row["id"], version=version, **values)
        put_at(version.tasks.all(), task.pk, row["position"] - 1)
    for row in rows.get("clauses", []):
        values = {name: row[name] for name in CLAUSE_COLUMNS} | {"position": WAITING, "version": row["version"] + 1}
        clause = Clause.objects.create(pk=row["id"], **values)
        replace_holders(clause, [(pk, role) for pk, role in row["agencies"]], row["place_ids"])
        put_at(clause.task.clauses.all(), clause.pk, row["position"] - 1)


def put_by_text(rows: QuerySet[Any], row: Task | Clause) -> None:
    """Put a new row before the first of its fellows that begins behind it in the text; the others keep their order."""
    others = list(rows.exclude(pk=row.pk).order_by("position").values_list("start", flat=True))
    put_at(rows, row.pk, next((at for at, start in enumerate(others) if start > row.start), len(others)))


def put_at(rows: QuerySet[Any], pk: int, index: int) -> None:
    """Put a row among its fellows; all get positions from 1 without gaps."""
    order = list(rows.exclude(pk=pk).order_by("position").values_list("pk", flat=True))
    order.insert(min(index, len(order)), pk)
    _set_order(rows, order)


def close_gaps(version: DocumentVersion) -> None:
    """After rows went: positions from 1 without gaps, and the measures' codes after them."""
    _set_order(version.tasks.all(), list(version.tasks.order_by("position").values_list("pk", flat=True)))
    for task in version.tasks.all():
        _set_order(task.clauses.all(), list(task.clauses.order_by("position").values_list("pk", flat=True)))
    code_anew(version)


def _set_order(rows: QuerySet[Any], order: Sequence[int]) -> None:
    now = dict(rows.values_list("pk", "position"))
    moving = [(pk, at) for at, pk in enumerate(order, 1) if now[pk] != at]
    rows.filter(pk__in=[pk for pk, _at in moving]).update(position=F("position") + 2 * WAITING)
    for pk, at in moving:
        rows.filter(pk=pk).update(position=at)


def code_anew(version: DocumentVersion) -> None:
    """Give every measure the code "task-clause-measure" of its present place, as the import labels them."""
    labels = labels_of(version.tasks.all())
    wrong = []
    for measure in Measure.objects.filter(clause__task__version=version).select_related("clause"):
        clause = measure.clause
        code = f"{labels[clause.task_id]}-{clause.position}-{measure.position}"[:30]
        if measure.code != code:
            measure.code = code
            wrong.append(measure)
    Measure.objects.bulk_update(wrong, ["code"])
