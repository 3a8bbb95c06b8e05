"""County plans traced to the city plan: suggestions by likeness, decisions by people."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import DomainError, Unlawful
from lantian.plan.county_tracing import city_version_for, owed_measures
from lantian.plan.document_access import require_work_on
from lantian.plan.facts import measure_facts, measures_of
from lantian.plan.models import Document, DocumentVersion, Measure, Trace
from lantian.plan.rules.matching import likeness
from lantian.plan.rules.tracing import suggest
from lantian.records.services import audit

__all__ = ["add_trace", "decide_trace", "suggest_traces"]


@transaction.atomic
def suggest_traces(actor: User, version: DocumentVersion) -> int:
    """Look anew for the city measures that a county's text carries out; decisions stay. Returns how many are suggested.

    Raises NotAllowed; Unlawful when it is no county plan or no city plan is in force.
    """
    require_work_on(scope_of(actor), "trace", version)
    if version.document.kind != Document.Kind.COUNTY_PLAN:
        raise Unlawful(_("Only a county's implementation plan is traced to the city plan."))
    city = city_version_for(version)
    if city is None:
        raise Unlawful(_("The city plan has no text in force yet."), hint=_("Adopt the city plan first."))
    owed = owed_measures(city, version.document.place)
    own = [measure_facts(m) for m in measures_of(version)]
    found = suggest(own, [measure_facts(m) for m in measures_of(city) if m.pk in owed])
    of_version = Trace.objects.filter(county_measure__clause__task__version=version)
    of_version.filter(state=Trace.State.SUGGESTED).delete()
    decided = set(of_version.values_list("county_measure_id", "city_measure_id"))
    new = [
        Trace(county_measure_id=s.county, city_measure_id=s.city, score=s.score)
        for s in found
        if (s.county, s.city) not in decided
    ]
    Trace.objects.bulk_create(new)
    audit(actor, "plan.trace_suggest", version, data={"suggested": len(new), "city_version": city.pk})
    return len(new)


@transaction.atomic
def decide_trace(actor: User, trace: Trace, *, state: str, reason: str = "", key: str | None = None) -> Trace:
    """Confirm or reject a trace (state "confirmed", "rejected") or take the decision back ("suggested").

    Deciding the same twice changes nothing, so `key` needs no memory. Raises NotAllowed, DomainError.
    """
    locked = Trace.objects.select_for_update().get(pk=trace.pk)
    version = DocumentVersion.objects.select_related("document").get(tasks__clauses__measures=locked.county_measure_id)
    require_work_on(scope_of(actor), "trace", version)
    if state not in Trace.State.values:
        raise DomainError(_("“%s” is no decision about a trace.") % state, field="state")
    if locked.state == state:
        return locked
    before, locked.state = locked.state, state
    undecided = state == Trace.State.SUGGESTED
    locked.decided_by = None if undecided else actor
    locked.decided_at = None if undecided else clock.now()
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    audit(actor, "plan.trace_decide", locked, changes={"state": (before, state)}, reason=reason, data=_who(locked))
    return locked


@transaction.atomic
def add_trace(
    actor: User, version: DocumentVersion, *, county_measure: Measure, city_measure: Measure, key: str | None = None
) -> Trace:
    """Say by hand that a county measure carries out a city measure; one that was suggested or rejected is confirmed.

    Raises NotAllowed; DomainError when either measure belongs to another text.
    """
    require_work_on(scope_of(actor), "trace", version)
    city = city_version_for(version)
    own = Measure.objects.filter(pk=county_measure.pk, clause__task__version=version).exists()
    theirs = Measure.objects.filter(pk=city_measure.pk, clause__task__version=city).exists()
    if not own or not theirs:
        raise DomainError(_("Choose a measure of this county plan and one of the city plan in force."), field="city")
    trace, created = Trace.objects.get_or_create(
        county_measure=county_measure,
        city_measure=city_measure,
        defaults={"score": round(likeness(county_measure.text, city_measure.text), 4)},
    )
    return decide_trace(actor, trace, state=Trace.State.CONFIRMED, reason=_("added by hand") if created else "")


def _who(trace: Trace) -> dict[str, int]:
    return {"county_measure": trace.county_measure_id, "city_measure": trace.city_measure_id}
