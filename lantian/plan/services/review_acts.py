"""What every act of a review does: lock the text, look at what it touches before and after, write it down once.

with_act(actor, version, "accept", key) -> Act      locked, allowed, in review
act.measure(pk, seen_version)                       the row, locked by version, remembered as it is
act.finish(...)                                     the act and its audit entry
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import Conflict, Unlawful
from lantian.kit.locking import check_repeat, check_version, other_form
from lantian.plan.document_access import require_work_on
from lantian.plan.models import Clause, ClauseAgency, ClauseArea, DocumentVersion, Measure, MeasureTarget, ReviewAction
from lantian.plan.services.rows import make_target
from lantian.records.services import audit

Json = dict[str, Any]
MEASURE_FIELDS = (
    "clause_id", "position", "code", "text", "start", "end", "nature", "deadlines", "recurrence", "enterprises",
    "places", "concerns", "cites", "periods", "fields", "confidence", "review", "reviewed_by_id", "version",
)  # fmt: skip
TARGET_FIELDS = (
    "role", "comparator", "unit", "object", "change", "basis", "start", "end", "confidence", "derived_from",
)  # fmt: skip
CLAUSE_FIELDS = ("areas", "unresolved", "extras", "review", "reviewed_by_id", "version")
HEADING_FIELDS = ("title", "number", "issuer", "issued_on", "period_from", "period_to")
# What an act does not mean to change, and what another act may change without touching the content.
_BOOKKEEPING = frozenset({"version", "position", "code"})


def lock_version(pk: int) -> DocumentVersion:
    """Lock a text, so that acts of a review come one after the other."""
    versions = DocumentVersion.objects.select_for_update(of=("self",)).select_related("document")
    return versions.defer("parsed").get(pk=pk)


def require_in_review(version: DocumentVersion) -> None:
    """Raise Unlawful when the text is frozen (adopted, superseded) or discarded."""
    if version.state != DocumentVersion.State.IN_REVIEW:
        raise Unlawful(
            _("“%(version)s” is %(state)s: its content cannot be changed any more.")
            % {"version": version, "state": version.get_state_display()},
            hint=_("Import a re-issued text, correct that one, and adopt it."),
        )


def target_snapshot(target: MeasureTarget) -> Json:
    """Return a target as plain JSON, in the shape that `make_target` takes."""
    plain = {name: getattr(target, name) for name in TARGET_FIELDS}
    upper = None if target.upper is None else format(target.upper.normalize(), "f")
    return plain | {"value": format(target.value.normalize(), "f"), "upper": upper}


def measure_snapshot(measure: Measure) -> Json:
    plain = {name: getattr(measure, name) for name in MEASURE_FIELDS}
    return plain | {"id": measure.pk, "targets": [target_snapshot(t) for t in measure.targets.all()]}


def clause_snapshot(clause: Clause) -> Json:
    plain = {name: getattr(clause, name) for name in CLAUSE_FIELDS}
    agencies = [[link.agency_id, link.role] for link in clause.agencies.order_by("position", "pk")]
    places = sorted(clause.area_links.values_list("place_id", flat=True))
    return plain | {"id": clause.pk, "agencies": agencies, "place_ids": places}


def heading_snapshot(version: DocumentVersion) -> Json:
    days = {"issued_on", "period_from", "period_to"}
    values = {name: getattr(version, name) for name in HEADING_FIELDS}
    return {n: (v.isoformat() if v and n in days else v) for n, v in values.items()}


def done_before(actor: User, version: DocumentVersion, verb: str, key: str | None) -> ReviewAction | None:
    """Return the act that was done with this key; raises Conflict when it was another person's, text's or verb's."""
    done = ReviewAction.objects.filter(idempotency_key=key).first() if key else None
    if done is not None:
        check_repeat(done, version_id=version.pk, by_id=actor.pk, verb=verb)
    return done


def _refuse_other(done: ReviewAction, measure: Measure | None, clause: Clause | None) -> None:
    """Raise Conflict unless the act touched what is asked for now."""
    for kind, one in (("measures", measure), ("clauses", clause)):
        if one is not None and one.pk not in {row["id"] for row in done.before.get(kind, [])}:
            raise other_form()


def clause_gone() -> Conflict:
    """Return the refusal of an act on a clause that is not there any more."""
    return Conflict(_("This clause is not there any more: somebody deleted it meanwhile."), hint=_("Reload the page."))


class Act:
    """One act of a review, from the lock to the record of it."""

    def __init__(
        self,
        actor: User,
        version: DocumentVersion,
        verb: str,
        key: str | None,
        *,
        measure: Measure | None = None,
        clause: Clause | None = None,
    ) -> None:
        """`measure` or `clause`: what the act is about, if it is about one. Raises Conflict for a key of another act."""
        self.actor, self.verb, self.key = actor, verb, key
        self.version = lock_version(version.pk)
        require_work_on(scope_of(actor), "review", self.version)
        self.repeated = done_before(actor, self.version, verb, key)
        if self.repeated is not None:
            _refuse_other(self.repeated, measure, clause)
        else:
            require_in_review(self.version)
        self.before: dict[str, list[Json]] = {"measures": [], "clauses": []}

    def measure(self, pk: int, seen_version: int | None = None) -> Measure:
        """Return a measure of this text, checked against what the person saw, and remember it."""
        found = self._measures().filter(pk=pk).first()
        if found is None:
            raise Conflict(
                _("This measure is not there any more: somebody merged or deleted it meanwhile."),
                hint=_("Reload the page."),
            )
        check_version(found, seen_version)
        self.before["measures"].append(measure_snapshot(found))
        return found

    def clause(self, pk: int, seen_version: int | None = None) -> Clause:
        """Return a clause of this text, checked against what the person saw, and remember it."""
        found = Clause.objects.select_related("task").filter(pk=pk, task__version=self.version).first()
        if found is None:
            raise clause_gone()
        check_version(found, seen_version)
        self.before["clauses"].append(clause_snapshot(found))
        return found

    def _measures(self) -> QuerySet[Measure]:
        found = Measure.objects.filter(clause__task__version=self.version)
        return found.select_related("clause__task").prefetch_related("targets")

    def finish(
        self,
        target: Measure | Clause | DocumentVersion,
        *,
        measures: Iterable[int] = (),
        clauses: Iterable[int] = (),
        heading: tuple[Json, Json] | None = None,
        rows: tuple[Json, Json] | None = None,
        changes: Mapping[str, tuple[Any, Any]] | None = None,
        reason: str = "",
        undoes: ReviewAction | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> ReviewAction:
        """Record the act: `measures` and `clauses` are the ids of what it left, `changes` what the audit says, `rows`
        the whole tasks and clauses that were there before only, and that are there after only."""
        after: Json = {
            "measures": [measure_snapshot(m) for m in self._measures().filter(pk__in=list(measures))],
            "clauses": [clause_snapshot(c) for c in Clause.objects.filter(pk__in=list(clauses))],
        }
        before: Json = dict(self.before)
        if heading is not None:
            before["heading"], after["heading"] = heading
        if rows is not None:
            before["rows"], after["rows"] = rows
        audit(
            self.actor,
            f"plan.review.{self.verb}",
            target,
            changes=changes,
            reason=reason,
            data={"document_version": self.version.pk, **(data or {})},
        )
        return ReviewAction.objects.create(
            version=self.version, by=self.actor, at=clock.now(), verb=self.verb, before=before, after=after,
            undoes=undoes, idempotency_key=self.key,
        )  # fmt: skip


def renumber(clause: Clause) -> None:
    """Give a clause's measures their positions and codes in the order of the text (position is unique: two passes)."""
    ordered = list(clause.measures.order_by("start", "end", "pk"))
    prefix = _prefix(clause, ordered)
    wanted = [(m, at, f"{prefix}-{at}") for at, m in enumerate(ordered, 1)]
    moving = [(m, at, code) for m, at, code in wanted if (m.position, m.code) != (at, code)]
    clause.measures.filter(pk__in=[m.pk for m, *_ in moving]).update(position=F("position") + 100_000)
    for measure, at, code in moving:
        Measure.objects.filter(pk=measure.pk).update(position=at, code=code)


def _prefix(clause: Clause, measures: list[Measure]) -> str:
    """Return "task-clause" as the reading labelled it."""
    coded = next((m.code for m in measures if m.code), "")
    return coded.rsplit("-", 1)[0] if "-" in coded else str(clause)


def replace_targets(measure: Measure, targets: Iterable[Json]) -> None:
    """Write a measure's numbers anew."""
    measure.targets.all().delete()
    MeasureTarget.objects.bulk_create(make_target(measure, at, one) for at, one in enumerate(targets, 1))


def replace_holders(clause: Clause, agencies: Iterable[tuple[int, str]], place_ids: Iterable[int]) -> None:
    """Write a clause's agencies (id, role) and areas anew."""
    clause.agencies.all().delete()
    clause.area_links.all().delete()
    ClauseAgency.objects.bulk_create(
        ClauseAgency(clause=clause, agency_id=pk, role=role, position=at) for at, (pk, role) in enumerate(agencies)
    )
    ClauseArea.objects.bulk_create(ClauseArea(clause=clause, place_id=pk) for pk in place_ids)


def same_content(one: Json, other: Json) -> bool:
    """Tell whether two snapshots say the same, whatever their lock versions and numbering."""
    return {k: v for k, v in one.items() if k not in _BOOKKEEPING} == {
        k: v for k, v in other.items() if k not in _BOOKKEEPING
    }
