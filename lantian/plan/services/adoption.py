"""Adopting a text: nothing open, frozen, the former one superseded, its duties carried over, new ones made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import DomainError, Unlawful
from lantian.kit.locking import check_version, update_versioned
from lantian.plan.document_access import require_work_on
from lantian.plan.facts import target_facts
from lantian.plan.models import (
    Assignment,
    ClauseArea,
    Document,
    DocumentVersion,
    Measure,
    ProgressReport,
    ReviewAction,
    TargetSplit,
    Trace,
)
from lantian.plan.rules.compare import MeasurePair
from lantian.plan.rules.matching import pair_targets
from lantian.plan.services import telling
from lantian.plan.services.assignments import cancel, generate_assignments
from lantian.plan.services.bindings import bind_version
from lantian.plan.services.blockers import Doubt, blockers
from lantian.plan.services.review_acts import done_before, lock_version
from lantian.plan.services.succession import Consequences, areas_to_inherit, consequences, measures_by_key
from lantian.records.services import Wording, audit, notify

__all__ = ["adopt"]


@transaction.atomic
def adopt(
    actor: User, version: DocumentVersion, *, seen_version: int | None = None, key: str | None = None
) -> DocumentVersion:
    """Put a reviewed text in force and freeze it.

    The former text of the same document is superseded; measures that it has in common keep their assignments, with
    the deadline of the new text where the old one came from the text; those of removed measures are cancelled; new
    ones are made. Raises NotAllowed; DomainError with everything that is still open; Unlawful unless in review;
    Conflict.
    """
    locked = lock_version(version.pk)
    require_work_on(scope_of(actor), "adopt", locked)
    if done_before(actor, locked, "adopt", key):
        return locked
    if locked.state != DocumentVersion.State.IN_REVIEW:
        raise Unlawful(
            _("“%(version)s” is %(state)s; only a text in review can be adopted.")
            % {"version": locked, "state": locked.get_state_display()}
        )
    check_version(locked, seen_version)
    _refuse_while_open(blockers(locked))
    # The reasons of cancelled assignments are kept: in the house's language, whoever adopts from wherever.
    with translation.override(settings.LANGUAGE_CODE):
        planned = consequences(locked)
    if planned is not None:
        update_versioned(planned.previous, state=DocumentVersion.State.SUPERSEDED)
        audit(actor, "plan.supersede", planned.previous, changes={"state": ("adopted", "superseded")})
        _link(locked, planned)
    update_versioned(locked, state=DocumentVersion.State.ADOPTED, adopted_by=actor, adopted_at=clock.now())
    Document.objects.filter(pk=locked.document_id).update(title=locked.title)
    ReviewAction.objects.create(version=locked, by=actor, at=clock.now(), verb="adopt", idempotency_key=key)
    changes = {"state": ("in_review", "adopted")}
    data = {"supersedes": planned.previous.pk, **planned.comparison.counts} if planned else {}
    audit(actor, "plan.adopt", locked, changes=changes, data=data)
    if locked.document.kind == Document.Kind.CITY_PLAN:
        _put_in_force(actor, locked, planned)
    return locked


def _refuse_while_open(open_: list[Doubt]) -> None:
    if open_:
        raise DomainError(
            _("The text cannot be adopted yet; %(n)s points are open: %(list)s")
            % {"n": len(open_), "list": " ".join(f"({at}) {d.message}" for at, d in enumerate(open_, 1))},
            hint=_("Settle them on the review page."),
        )


def _link(version: DocumentVersion, planned: Consequences) -> None:
    """Say of every measure which one it was before, and take along what hangs on the old one's numbers and traces."""
    old, new = measures_by_key(planned.previous), measures_by_key(version)
    for pair in planned.comparison.pairs:
        if pair.old and pair.new:
            Measure.objects.filter(pk=pair.new.key).update(carried_from=pair.old.key)
            _take_along(old[pair.old.key], new[pair.new.key])
    _carry_traces(version, list(planned.comparison.pairs))
    for clause_new, clause_old in areas_to_inherit(planned.comparison).items():
        places = ClauseArea.objects.filter(clause=clause_old).values_list("place_id", flat=True)
        ClauseArea.objects.bulk_create(ClauseArea(clause_id=clause_new, place_id=pk) for pk in places)


def _take_along(old: Measure, new: Measure) -> None:
    """Splits and reported values go on with the same number of the new text."""
    before, after = list(old.targets.all()), list(new.targets.all())
    for i, j in pair_targets([target_facts(t) for t in before], [target_facts(t) for t in after]):
        TargetSplit.objects.filter(target=before[i]).update(target=after[j])
        ProgressReport.objects.filter(target=before[i]).update(target=after[j])


def _carry_traces(version: DocumentVersion, pairs: Iterable[MeasurePair]) -> None:
    """Decisions about which county measure carries out which city measure hold for the new text as well."""
    successor = {p.old.key: p.new.key for p in pairs if p.old and p.new}
    if version.document.kind == Document.Kind.CITY_PLAN:
        for trace in Trace.objects.filter(city_measure__in=successor):
            _copy_trace(trace, trace.county_measure_id, successor[trace.city_measure_id])
        return
    for trace in Trace.objects.filter(county_measure__in=successor):
        _copy_trace(trace, successor[trace.county_measure_id], trace.city_measure_id)


def _copy_trace(trace: Trace, county: int, city: int) -> None:
    decided = {
        "score": trace.score,
        "state": trace.state,
        "decided_by": trace.decided_by,
        "decided_at": trace.decided_at,
    }
    copy, created = Trace.objects.get_or_create(county_measure_id=county, city_measure_id=city, defaults=decided)
    if not created and copy.state == Trace.State.SUGGESTED and trace.state != Trace.State.SUGGESTED:
        Trace.objects.filter(pk=copy.pk).update(**decided)


def _put_in_force(actor: User, version: DocumentVersion, planned: Consequences | None) -> None:
    generate_assignments(actor, version)
    if planned is not None:
        for assignment, reason in planned.ends:
            cancel(actor, Assignment.objects.get(pk=assignment.pk), reason=reason)
        _tell_new_days(version, planned)
    bind_version(version, actor)


def _tell_new_days(version: DocumentVersion, planned: Consequences) -> None:
    """Tell each holder once how many deadlines the new text moved."""
    by_holder: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment, _old, _new in planned.new_days:
        by_holder[assignment.holder_key].append(assignment)
    for rows in by_holder.values():
        values = {"n": len(rows), "plan": version.title}
        notify(
            telling.holder_people(rows[0]),
            kind="plan.deadlines_moved",
            subject=Wording(
                gettext_lazy("%(n)s of your deadlines moved with the re-issued text of “%(plan)s”"), **values
            ),
            body="\n".join(f"{row}: {old or '–'} → {new or '–'}" for row, old, new in planned.new_days if row in rows),
            link=reverse("plan:my_work"),
            target=version,
        )
