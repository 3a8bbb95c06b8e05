"""What a re-issued text does to the ledger: which measure became which, whose duties stay, move, end and begin."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from lantian.plan.facts import clause_facts
from lantian.plan.models import Assignment, Clause, ClauseArea, Document, DocumentVersion, Measure
from lantian.plan.rules.compare import Comparison, MeasurePair, compare
from lantian.plan.rules.deadlines import due
from lantian.plan.rules.states import ACTIONS
from lantian.plan.services.assignments import holders_of

_CAN_END = ACTIONS["cancel"].sources


@dataclass
class Consequences:
    """What adopting will do. `kept`: assignments that go on; `ends`: those that end, with the reason; `begins`: how
    many are new; `new_days`: kept ones whose deadline moves (old, new); `signed_off`: kept ones that are signed off
    although their wording changed."""

    previous: DocumentVersion
    comparison: Comparison
    kept: list[Assignment] = field(default_factory=list)
    ends: list[tuple[Assignment, str]] = field(default_factory=list)
    begins: int = 0
    new_days: list[tuple[Assignment, dt.date | None, dt.date | None]] = field(default_factory=list)
    signed_off: list[Assignment] = field(default_factory=list)


def previous_of(version: DocumentVersion) -> DocumentVersion | None:
    """Return the adopted text that this one would replace."""
    adopted = version.document.versions.filter(state=DocumentVersion.State.ADOPTED).exclude(pk=version.pk)
    return adopted.first()


def comparison_of(old: DocumentVersion, new: DocumentVersion) -> Comparison:
    return compare(clause_facts(old), clause_facts(new))


def consequences(version: DocumentVersion) -> Consequences | None:
    """Return what adopting a city plan's text would do to the assignments of the text in force; None without one."""
    previous = previous_of(version)
    if previous is None:
        return None
    found = Consequences(previous, comparison_of(previous, version))
    if version.document.kind != Document.Kind.CITY_PLAN:
        return found
    holders = holder_keys(version, found.comparison)
    running = _running(previous)
    for pair in found.comparison.pairs:
        _weigh(found, version, pair, running, holders)
    return found


def holder_keys(version: DocumentVersion, comparison: Comparison) -> dict[int, set[str]]:
    """Return, by new measure, who will have to carry it out; areas named for the old clause count where it left
    them open and the new one does so again."""
    inherited = areas_to_inherit(comparison)
    named = defaultdict(set)
    for clause_pk, code in ClauseArea.objects.filter(clause__in=inherited.values()).values_list(
        "clause_id", "place__code"
    ):
        named[clause_pk].add(f"place:{code}")
    clauses = (
        Clause.objects.filter(task__version=version)
        .select_related("task")
        .prefetch_related(
            "agencies",
            "measures",
            Prefetch("area_links", ClauseArea.objects.select_related("place").defer("place__boundary")),
        )
    )
    keys: dict[int, set[str]] = {}
    for clause in clauses:
        left_open = named[inherited[clause.pk]] if clause.pk in inherited else set()
        for measure in clause.measures.all():
            keys[measure.pk] = {holder["holder_key"] for holder in holders_of(clause, measure)} or left_open
    return keys


def areas_to_inherit(comparison: Comparison) -> dict[int, int]:
    """Return new clause -> old clause where both say “the counties concerned” and only the old one had them named."""
    return {
        pair.new.key: pair.old.key
        for pair in comparison.clauses
        if pair.old and pair.new and pair.old.areas == pair.new.areas == Clause.Areas.SOME and not pair.new.named
    }


def _running(previous: DocumentVersion) -> dict[int, list[Assignment]]:
    rows = Assignment.objects.filter(measure__clause__task__version=previous, parent__isnull=True)
    found: dict[int, list[Assignment]] = defaultdict(list)
    rows = rows.exclude(state=Assignment.State.CANCELLED).select_related("measure", "place", "agency")
    for row in rows.defer("place__boundary"):
        found[row.measure_id].append(row)
    return found


def _weigh(
    found: Consequences,
    version: DocumentVersion,
    pair: MeasurePair,
    running: dict[int, list[Assignment]],
    holders: dict[int, set[str]],
) -> None:
    rows = running.get(pair.old.key, []) if pair.old else []
    if pair.new is None:
        found.ends += [(row, removed_reason(version)) for row in rows if row.state in _CAN_END]
        return
    wanted = holders.get(pair.new.key, set())
    found.begins += len(wanted - {row.holder_key for row in rows})
    day = due(pair.new.deadlines, version.period_to, version.issued_on).day
    for row in rows:
        if row.holder_key not in wanted and row.state in _CAN_END:
            found.ends.append((row, unnamed_reason(version)))
            continue
        found.kept.append(row)
        if row.deadline_basis != Assignment.DeadlineBasis.MANUAL and row.deadline != day:
            found.new_days.append((row, row.deadline, day))
        if row.state == Assignment.State.SIGNED_OFF and pair.kind == "changed":
            found.signed_off.append(row)


def removed_reason(version: DocumentVersion) -> str:
    return _("The re-issued text “%s” does not contain this measure any more.") % version


def unnamed_reason(version: DocumentVersion) -> str:
    return _("The re-issued text “%s” does not name this holder for the measure any more.") % version


def measures_by_key(version: DocumentVersion) -> dict[int, Measure]:
    """Return a version's measures by id, with their targets."""
    rows = Measure.objects.filter(clause__task__version=version).prefetch_related("targets")
    return {measure.pk: measure for measure in rows}
