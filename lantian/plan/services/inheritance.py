"""What people decided about a text holds for the same words of its re-issue, so that nobody reviews them twice."""

from __future__ import annotations

from lantian.plan.models import Clause, DocumentVersion, Measure, Review
from lantian.plan.rules.matching import bare
from lantian.plan.rules.partition import LISTS
from lantian.plan.services.review_acts import replace_targets, target_snapshot
from lantian.plan.services.succession import comparison_of, measures_by_key

_CORRECTED = ("nature", "concerns", *LISTS)


def inherit_review(version: DocumentVersion, previous: DocumentVersion) -> int:
    """Take over the review of the text in force where the new one says the same; return of how many measures.

    A measure that reads the same and stands in the same words counts as reviewed; one whose fields a person corrected
    gets the corrections. A clause counts as reviewed when the same agencies and areas answer for it.
    """
    comparison = comparison_of(previous, version)
    old, new = measures_by_key(previous), measures_by_key(version)
    taken = 0
    for pair in comparison.pairs:
        if pair.old and pair.new:
            taken += _inherit_measure(old[pair.old.key], new[pair.new.key])
    reviewed = dict(
        Clause.objects.filter(task__version=previous)
        .exclude(review=Review.UNREVIEWED)
        .values_list("pk", "reviewed_by_id")
    )
    for clause in comparison.clauses:
        if clause.old and clause.new and not clause.roles and clause.old.key in reviewed:
            same = Clause.objects.filter(pk=clause.new.key, unresolved=[])
            same.update(review=Review.ACCEPTED, reviewed_by=reviewed[clause.old.key])
    return taken


def _inherit_measure(old: Measure, new: Measure) -> bool:
    if old.review == Review.UNREVIEWED or bare(old.text) != bare(new.text):
        return False
    if old.review == Review.EDITED:
        for name in _CORRECTED:
            setattr(new, name, getattr(old, name))
        spans = {(t.object, t.value): (t.start, t.end) for t in new.targets.all()}
        replace_targets(new, [_moved(target_snapshot(t), spans.get((t.object, t.value))) for t in old.targets.all()])
    new.review = Review.EDITED if old.review == Review.EDITED else Review.ACCEPTED
    new.reviewed_by_id = old.reviewed_by_id
    new.save(update_fields=["review", "reviewed_by", *_CORRECTED])
    return True


def _moved(target: dict[str, object], span: tuple[int | None, int | None] | None) -> dict[str, object]:
    """The number stands elsewhere in the new text: at the place where it was read there, if it was."""
    start, end = span or (None, None)
    return {**target, "start": start, "end": end}
