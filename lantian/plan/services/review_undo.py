"""Take back the last act of a review: the inverse act, in its turn recorded."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city.models import User
from lantian.kit.choices import badge
from lantian.kit.errors import Conflict, DomainError
from lantian.kit.locking import update_versioned
from lantian.plan.models import Clause, DocumentVersion, Measure, Review, ReviewAction, Task
from lantian.plan.services.review_acts import (
    CLAUSE_FIELDS,
    MEASURE_FIELDS,
    Act,
    Json,
    clause_snapshot,
    heading_snapshot,
    measure_snapshot,
    renumber,
    replace_holders,
    replace_targets,
    same_content,
)
from lantian.plan.services.review_order import close_gaps, make_again

__all__ = ["undo", "undoable"]
_DAYS = ("issued_on", "period_from", "period_to")


def undoable(actor: User, version: DocumentVersion) -> ReviewAction | None:
    """Return this person's last act on the text that is not undone yet (None when there is none)."""
    acts = ReviewAction.objects.filter(version=version, by=actor, undoes__isnull=True, undone_by__isnull=True)
    return acts.exclude(verb="discard").order_by("-id").first()


@transaction.atomic
def undo(actor: User, version: DocumentVersion, *, key: str | None = None) -> ReviewAction:
    """Undo this person's last act; again: the one before it. Returns the act that undoes.

    Raises DomainError when there is nothing to undo; Conflict when somebody changed the same rows since; NotAllowed,
    Unlawful.
    """
    act = Act(actor, version, "undo", key)
    if act.repeated:
        return act.repeated
    last = undoable(actor, version)
    if last is None:
        raise DomainError(_("There is nothing of yours to undo in this text."))
    _refuse_if_changed(last)
    _refuse_if_moved(last)
    gone, made = last.before.get("rows", {}), last.after.get("rows", {})
    make_again(act.version, gone)
    measures = [_restore_measure(act, row, last) for row in last.before.get("measures", [])]
    left_over = {m["id"] for m in last.after.get("measures", [])} - set(measures)
    for pk in left_over:
        act.measure(pk)
    touched = {row["clause_id"] for side in (last.before, last.after) for row in side.get("measures", [])}
    Measure.objects.filter(pk__in=left_over).delete()
    for clause in Clause.objects.filter(pk__in=touched):
        renumber(clause)
    clauses = [_restore_clause(act, row) for row in last.before.get("clauses", [])]
    _take_out(act, made)
    heading = _restore_heading(act, last)
    if gone or made:
        close_gaps(act.version)
    rows = (made, gone) if gone or made else None
    return act.finish(
        act.version, measures=measures, clauses=clauses, heading=heading, rows=rows, undoes=last,
        data={"undone": last.verb},
    )  # fmt: skip


def _refuse_if_changed(last: ReviewAction) -> None:
    after = {row["id"]: row for row in last.after.get("measures", [])}
    now = {m.pk: measure_snapshot(m) for m in Measure.objects.filter(pk__in=after)}
    clauses = {row["id"]: row for row in last.after.get("clauses", [])}
    clauses_now = {c.pk: clause_snapshot(c) for c in Clause.objects.filter(pk__in=clauses)}
    gone = [row["id"] for row in last.before.get("measures", []) if row["id"] not in after]
    changed = (
        any(pk not in now or not same_content(row, now[pk]) for pk, row in after.items())
        or any(pk not in clauses_now or not same_content(row, clauses_now[pk]) for pk, row in clauses.items())
        or Measure.objects.filter(pk__in=gone).exists()
        or last.after.get("heading", heading_snapshot(last.version)) != heading_snapshot(last.version)
    )
    if changed:
        raise _changed_since(last)


def _changed_since(last: ReviewAction) -> Conflict:
    return Conflict(
        _("What you did last (%s) was changed again since, so it cannot be undone.")
        % badge("review_act", last.verb).label,
        hint=_("Correct it by hand."),
    )


def _refuse_if_moved(last: ReviewAction) -> None:
    """Raise Conflict when others put something into what came, or took away where what went has to come back."""
    gone, made = last.before.get("rows", {}), last.after.get("rows", {})
    tasks_back, back = {row["id"] for row in gone.get("tasks", [])}, {row["id"] for row in gone.get("clauses", [])}
    came, tasks_came = [row["id"] for row in made.get("clauses", [])], [row["id"] for row in made.get("tasks", [])]
    own = [row["id"] for row in last.after.get("measures", [])]
    homes = {row["task_id"] for row in gone.get("clauses", [])} - tasks_back
    needed = {row["clause_id"] for row in last.before.get("measures", [])} - back
    changed = (
        Measure.objects.filter(clause__in=came).exclude(pk__in=own).exists()
        or Clause.objects.filter(task__in=tasks_came).exclude(pk__in=came).exists()
        or Clause.objects.filter(pk__in=needed).count() < len(needed)
        or Task.objects.filter(pk__in=homes).count() < len(homes)
        or any(_taken_again(last, row) for row in last.before.get("measures", []) if row["clause_id"] in back)
    )
    if changed:
        raise _changed_since(last)


def _taken_again(last: ReviewAction, row: Json) -> bool:
    """Were the words of a measure that went with its clause given to a clause that was made later?"""
    later = Measure.objects.filter(clause__task__version=last.version_id, clause__gt=row["clause_id"])
    return later.filter(start__lt=row["end"], end__gt=row["start"], review=Review.ADDED).exists()


def _take_out(act: Act, made: Json) -> None:
    """Take out the clauses and tasks that came; their measures are gone already."""
    for row in made.get("clauses", []):
        act.clause(row["id"])
        Clause.objects.filter(pk=row["id"]).delete()
    Task.objects.filter(pk__in=[row["id"] for row in made.get("tasks", [])]).delete()


def _restore_measure(act: Act, row: Json, last: ReviewAction) -> int:
    values = {name: row[name] for name in MEASURE_FIELDS if name not in ("version", "position", "code")}
    existing = Measure.objects.filter(pk=row["id"]).first()
    if existing is None:
        measure = Measure.objects.create(
            id=row["id"], **values, code=row["code"], position=300_000 + row["position"], version=row["version"] + 1
        )
    else:
        measure = act.measure(row["id"])
        update_versioned(measure, **values)
    replace_targets(measure, row["targets"])
    return measure.pk


def _restore_clause(act: Act, row: Json) -> int:
    clause = act.clause(row["id"])
    replace_holders(clause, [(pk, role) for pk, role in row["agencies"]], row["place_ids"])
    update_versioned(clause, **{name: row[name] for name in CLAUSE_FIELDS if name != "version"})
    return clause.pk


def _restore_heading(act: Act, last: ReviewAction) -> tuple[Json, Json] | None:
    if "heading" not in last.before:
        return None
    wanted = last.before["heading"]
    now = heading_snapshot(act.version)
    days = {name: dt.date.fromisoformat(wanted[name]) if wanted[name] else None for name in _DAYS}
    update_versioned(act.version, **{**wanted, **days})
    return now, wanted
