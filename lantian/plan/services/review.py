"""A person corrects what the reader made of a text: accept, edit, merge, split, add, delete.

Every act locks the text, checks the version that the person saw, keeps old and new in the audit chain, and can be
undone (see review_undo). Only a text in review can be changed.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city.models import User
from lantian.kit.errors import Conflict, DomainError
from lantian.kit.locking import update_versioned
from lantian.plan.models import Clause, DocumentVersion, Measure, MeasureTarget, Review
from lantian.plan.reader import clean
from lantian.plan.rules import partition
from lantian.plan.rules.partition import LISTS, Json
from lantian.plan.services.measure_input import validated
from lantian.plan.services.review_acts import Act, measure_snapshot, renumber, replace_targets, target_snapshot

__all__ = ["accept", "accept_all", "add", "delete", "edit", "merge", "split"]

_LABELLED = ("text", "start", "end", "nature", *LISTS)


@transaction.atomic
def accept(actor: User, measure: Measure, *, seen_version: int | None = None, key: str | None = None) -> Measure:
    """Say that a measure was read rightly. Accepting twice changes nothing. Raises NotAllowed, Unlawful, Conflict."""
    act = Act(actor, _version_of(measure), "accept", key, measure=measure)
    if act.repeated:
        return _again(measure)
    found = act.measure(measure.pk)
    if found.review != Review.UNREVIEWED:
        return found
    act.before["measures"].clear()
    found = act.measure(measure.pk, seen_version)
    update_versioned(found, review=Review.ACCEPTED, reviewed_by=actor)
    act.finish(found, measures=[found.pk], changes={"review": (Review.UNREVIEWED, Review.ACCEPTED)})
    return found


@transaction.atomic
def edit(
    actor: User,
    measure: Measure,
    changes: dict[str, Any],
    *,
    reason: str = "",
    seen_version: int | None = None,
    key: str | None = None,
) -> Measure:
    """Correct a measure's fields and take it as reviewed.

    `changes` maps a field to its new value: text, start, end, nature, deadlines and the other lists of texts,
    targets (a list of {role, comparator, value, upper, unit, object}). Raises DomainError (with `field`) for a value
    that cannot be, NotAllowed, Unlawful, Conflict.
    """
    act = Act(actor, _version_of(measure), "edit", key, measure=measure)
    if act.repeated:
        return _again(measure)
    found = act.measure(measure.pk, seen_version)
    values = validated(changes, text_length=len(act.version.text), span=(found.start, found.end))
    before = _plain(found)
    targets = values.pop("targets", None)
    if {"deadlines", *LISTS} & values.keys():
        values["fields"] = partition.fields_still_true(found.fields, {**before, **values})
    update_versioned(found, **values, review=Review.EDITED, reviewed_by=actor)
    if targets is not None:
        replace_targets(found, targets)
    if "start" in values:
        renumber(found.clause)
    after = _plain(Measure.objects.get(pk=found.pk))
    act.finish(found, measures=[found.pk], changes=_difference(before, after), reason=reason)
    return _again(found)


@transaction.atomic
def merge(actor: User, measure: Measure, *, seen_version: int | None = None, key: str | None = None) -> Measure:
    """Join a measure with the next one of its clause; what was read in both is kept. Returns the joined measure.

    Raises DomainError when it is the clause's last, NotAllowed, Unlawful, Conflict.
    """
    act = Act(actor, _version_of(measure), "merge", key, measure=measure)
    if act.repeated:
        return _again(measure)
    first = act.measure(measure.pk, seen_version)
    follower = first.clause.measures.filter(position__gt=first.position).order_by("position").first()
    if follower is None:
        raise DomainError(
            _("%(code)s is the last measure of its clause: there is no next one to join.") % {"code": first.code}
        )
    second = act.measure(follower.pk)
    one, other = (measure_snapshot(m) for m in (first, second))
    joined = partition.joined(one, other)
    joined["text"] = _joined_text(act.version.text, one, other)
    targets = joined.pop("targets")
    second.delete()
    update_versioned(first, **joined, review=Review.EDITED, reviewed_by=actor)
    replace_targets(first, targets)
    renumber(first.clause)
    changes = {"text": (one["text"], joined["text"]), "joined": (other["code"], None)}
    act.finish(first, measures=[first.pk], changes=changes)
    return _again(first)


@transaction.atomic
def split(
    actor: User, measure: Measure, *, offset: int, seen_version: int | None = None, key: str | None = None
) -> tuple[Measure, Measure]:
    """Divide a measure at an offset of the source text; figures and dates go with the words that they were read in.

    Raises DomainError (field "offset") when one side would be empty, NotAllowed, Unlawful, Conflict.
    """
    act = Act(actor, _version_of(measure), "split", key, measure=measure)
    if act.repeated:
        first_id, second_id = (row["id"] for row in act.repeated.after["measures"])
        return Measure.objects.get(pk=first_id), Measure.objects.get(pk=second_id)
    found = act.measure(measure.pk, seen_version)
    source = act.version.text
    left_text, right_text = clean(source, found.start, offset), clean(source, offset, found.end)
    if not (found.start < offset < found.end and partition.says_something(left_text, right_text)):
        raise DomainError(
            _("There is no text on one side of this place."),
            hint=_("Put the cursor between two sentences or parts of the measure."),
            field="offset",
        )
    left, right = partition.divided(measure_snapshot(found), offset)
    left_targets, right_targets = left.pop("targets"), right.pop("targets")
    before = found.text
    update_versioned(found, **left, text=left_text, review=Review.EDITED, reviewed_by=actor)
    replace_targets(found, left_targets)
    second = Measure.objects.create(
        **right,
        text=right_text,
        clause=found.clause,
        position=200_000,
        code="",
        review=Review.EDITED,
        reviewed_by=actor,
    )
    replace_targets(second, right_targets)
    renumber(found.clause)
    act.finish(found, measures=[found.pk, second.pk], changes={"text": (before, [left_text, right_text])})
    return _again(found), _again(second)


@transaction.atomic
def add(
    actor: User, version: DocumentVersion, *, start: int, end: int, clause: Clause | None = None, key: str | None = None
) -> Measure:
    """Make a measure of a selected stretch of the source text, in the clause that covers it.

    Raises DomainError when the stretch is empty, is a measure already, or lies under no clause; NotAllowed, Unlawful.
    """
    act = Act(actor, version, "add", key)
    if act.repeated:
        return Measure.objects.get(pk=act.repeated.after["measures"][0]["id"])
    start, end = partition.trimmed(act.version.text, start, end)
    text = clean(act.version.text, start, end)
    if not partition.says_something(text):
        raise DomainError(_("Nothing is selected."), hint=_("Mark the words of the new measure in the text."))
    home = clause or _covering(act.version, start, end)
    if home.measures.filter(start=start, end=end).exists():
        raise DomainError(_("These words are a measure already."), hint=_("Select it and edit it."))
    made = Measure.objects.create(
        clause=home, position=200_000, code="", text=text, start=start, end=end, confidence=1,
        review=Review.ADDED, reviewed_by=actor,
    )  # fmt: skip
    renumber(home)
    act.finish(made, measures=[made.pk], changes={"text": (None, text)})
    return _again(made)


@transaction.atomic
def delete(
    actor: User, measure: Measure, *, reason: str, seen_version: int | None = None, key: str | None = None
) -> None:
    """Take out what is no measure, with the reason. Raises DomainError without one, NotAllowed, Unlawful, Conflict."""
    act = Act(actor, _version_of(measure), "delete", key, measure=measure)
    if act.repeated:
        return
    found = act.measure(measure.pk, seen_version)
    if not reason.strip():
        raise DomainError(_("Say why this is no measure."), field="reason")
    clause, gone = found.clause, measure_snapshot(found)
    act.finish(found, changes={"measure": (gone, None)}, reason=reason)
    Measure.objects.filter(pk=found.pk).delete()
    renumber(clause)


@transaction.atomic
def accept_all(actor: User, version: DocumentVersion, *, confidence: float, key: str | None = None) -> int:
    """Accept everything not yet reviewed that was read with at least this confidence (0 to 1); return how many
    measures and clauses that were. Clauses with names that nobody is known by stay open. Raises NotAllowed, Unlawful."""
    act = Act(actor, version, "accept_all", key)
    if act.repeated:
        return len(act.repeated.after["measures"]) + len(act.repeated.after["clauses"])
    unsure = {"review": Review.UNREVIEWED, "confidence__gte": confidence}
    measures = list(Measure.objects.filter(clause__task__version=act.version, **unsure).values_list("pk", flat=True))
    clauses = Clause.objects.filter(task__version=act.version, unresolved=[], **unsure)
    # Areas that the text leaves open may be named later; names that led nowhere may not.
    clause_ids = [c.pk for c in clauses if c.areas == Clause.Areas.SOME or not names_areas_missing(c)]
    for pk in measures:
        accepted = act.measure(pk)
        update_versioned(accepted, review=Review.ACCEPTED, reviewed_by=actor)
    for pk in clause_ids:
        update_versioned(act.clause(pk), review=Review.ACCEPTED, reviewed_by=actor)
    if measures or clause_ids:
        data = {"confidence": confidence, "measures": len(measures), "clauses": len(clause_ids)}
        act.finish(act.version, measures=measures, clauses=clause_ids, data=data)
    return len(measures) + len(clause_ids)


def names_areas_missing(clause: Clause) -> bool:
    """Tell whether a clause speaks of areas of which none is named yet (相关县, or names that led nowhere)."""
    if clause.areas == Clause.Areas.NAMED and not clause.implement_text:
        return False
    return not clause.area_links.exists()


def _version_of(measure: Measure) -> DocumentVersion:
    return measure.clause.task.version


def _again(measure: Measure) -> Measure:
    """Return the measure as it is now (Conflict when it is gone)."""
    found = Measure.objects.select_related("clause__task__version").filter(pk=measure.pk).first()
    if found is None:
        raise Conflict(_("This measure is not there any more."), hint=_("Reload the page."))
    return found


def _plain(measure: Measure) -> Json:
    values = {name: getattr(measure, name) for name in _LABELLED}
    return values | {"targets": [target_snapshot(t) for t in MeasureTarget.objects.filter(measure=measure)]}


def _difference(before: Json, after: Json) -> dict[str, tuple[Any, Any]]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def _joined_text(source: str, one: Json, other: Json) -> str:
    """Read both parts anew from the source; wordings corrected by hand are put together instead."""
    untouched = all(m["text"] == clean(source, m["start"], m["end"]) for m in (one, other))
    if untouched:
        return clean(source, min(one["start"], other["start"]), max(one["end"], other["end"]))
    return f"{one['text']}{other['text']}"


def _covering(version: DocumentVersion, start: int, end: int) -> Clause:
    """Return the clause whose covered text holds the stretch, the narrowest if several do."""
    found = Clause.objects.filter(task__version=version, start__lte=start, end__gte=end)
    clauses = sorted(found, key=lambda c: c.end - c.start)
    if not clauses:
        raise DomainError(
            _("No responsibility clause covers these words, so nobody would be responsible for them."),
            hint=_("Mark words above one clause only; or add the clause that is missing, then its measures."),
        )
    return clauses[0]
