"""What has to be settled before a text may be adopted, and what merely should be known."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from lantian.city.queries import threshold
from lantian.plan.models import Clause, Document, DocumentVersion, Measure, Review
from lantian.plan.services.review import names_areas_missing


@dataclass(frozen=True)
class Doubt:
    """Something open. `anchor` is the id of its place on the review page; `blocks`: adopting waits for it."""

    kind: str
    message: str
    anchor: str
    blocks: bool = True


def doubt_confidence() -> float:
    """Return the confidence (0 to 1) below which a person must have looked at what was read."""
    return float(threshold("review.doubt_confidence")) / 100


def doubts(version: DocumentVersion) -> list[Doubt]:
    """Return everything open in a text, what blocks first, each in the order of the text (constant queries)."""
    limit = doubt_confidence()
    clauses = Clause.objects.filter(task__version=version).select_related("task")
    clauses = clauses.prefetch_related("agencies", "area_links", "measures").order_by("task__position", "position")
    found: list[Doubt] = []
    for clause in clauses:
        found += _of_clause(clause, version, limit)
    measures = Measure.objects.filter(clause__task__version=version, review=Review.UNREVIEWED, confidence__lt=limit)
    found += [_unsure(measure) for measure in measures]
    if not clauses:
        found.append(Doubt("nothing", _("No responsibility clause was read in this text."), "text"))
    return sorted(found, key=lambda doubt: not doubt.blocks)


def blockers(version: DocumentVersion) -> list[Doubt]:
    return [doubt for doubt in doubts(version) if doubt.blocks]


def _of_clause(clause: Clause, version: DocumentVersion, limit: float) -> list[Doubt]:
    anchor, label = f"c{clause.pk}", str(clause)
    found = [
        Doubt(
            "name",
            _("%(clause)s: nobody is known by the name “%(name)s”.") % {"clause": label, "name": u["name"]},
            anchor,
        )
        for u in clause.unresolved
    ]
    if not clause.measures.all():
        found.append(Doubt("empty", _("%s has no measure.") % label, anchor, blocks=False))
    if version.document.kind == Document.Kind.COUNTY_PLAN:
        return found
    if clause.review == Review.UNREVIEWED and clause.confidence < limit:
        values = {"clause": label, "percent": round(clause.confidence * 100)}
        found.append(
            Doubt("clause", _("%(clause)s: who is responsible was read with %(percent)s %% only.") % values, anchor)
        )
    if names_areas_missing(clause):
        if clause.areas == Clause.Areas.SOME:
            text = _("%s speaks of “the counties concerned”: name them now, or after adopting.") % label
            found.append(Doubt("areas", text, anchor, blocks=False))
        elif not clause.unresolved:
            found.append(Doubt("areas", _("%s names areas, but none of them was recognised.") % label, anchor))
    elif not clause.agencies.all() and not clause.area_links.all() and not clause.unresolved:
        found.append(Doubt("nobody", _("%s: nobody is responsible.") % label, anchor))
    return found


def _unsure(measure: Measure) -> Doubt:
    values = {"code": measure.code, "percent": round(measure.confidence * 100), "text": measure.text[:24]}
    return Doubt("measure", _("%(code)s “%(text)s…” was read with %(percent)s %% only.") % values, f"m{measure.pk}")
