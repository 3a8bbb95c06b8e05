"""What the escalation rules judge, read from the ledger: lateness, silence, returns, rebounds, indicators, notices.

Each function returns facts about subjects (an area, an agency, or one assignment) in the units of the data file. The
number of queries does not grow with the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q
from django.utils import timezone

from lantian.city.models import Place
from lantian.indicators import queries as indicators
from lantian.indicators.context import Context
from lantian.indicators.value import Freshness, Value
from lantian.indicators.value import gap as gap_of
from lantian.plan import ledger_facts
from lantian.plan.dispatch import WITH_CHECKERS
from lantian.plan.models import (
    Assignment,
    DispatchRound,
    Document,
    EscalationProposal,
    MeasureTarget,
    Notice,
    RoundEntry,
)
from lantian.plan.rules.escalation import Fact, Ref, Subject
from lantian.plan.rules.rounds import missed_in_a_row
from lantian.plan.rules.states import OPEN_STATES, stale_after
from lantian.plan.thresholds import Thresholds, thresholds
from lantian.standards.rounding import round_half_even

ROUNDS_BACK = 12
_RETURNS = ("return", "return_verified", "uphold_objection")


@dataclass(frozen=True)
class Duty:
    """An assignment in force with what the rules ask of it."""

    assignment: Assignment
    subject: Subject
    last_report: dt.date | None

    @property
    def ref(self) -> Ref:
        return self.ref_with(None)

    def ref_with(self, figure: Decimal | int | None) -> Ref:
        return Ref("assignment", self.assignment.pk, str(self.assignment), None if figure is None else Decimal(figure))


def subject_of(assignment: Assignment) -> Subject:
    """Return the area or agency that answers for an assignment."""
    if assignment.area_id is not None:
        return Subject("place", assignment.area_id)
    if assignment.agency_id is not None:
        return Subject("agency", assignment.agency_id)
    return Subject("assignment", assignment.pk)


def duties() -> list[Duty]:
    """Return the whole assignments of the city plans in force that are not signed off."""
    rows = (
        Assignment.objects.live()
        .wholes()
        .filter(measure__clause__task__version__document__kind=Document.Kind.CITY_PLAN)
        .exclude(state=Assignment.State.SIGNED_OFF)
        .with_last_report()
        .select_related("measure__clause__task__version", "place", "area", "agency")
        .defer("place__boundary", "area__boundary", "measure__clause__task__version__text", "measure__clause__task__version__parsed")
        .order_by("deadline", "pk")
    )  # fmt: skip
    return [
        Duty(a, subject_of(a), timezone.localdate(a.last_report_at) if a.last_report_at else None)  # type: ignore[attr-defined]
        for a in rows
    ]


def gather(today: dt.date) -> list[Fact]:
    """Return every fact that the rules may ask for, as things stand today."""
    limits, held = thresholds(), duties()
    return [
        *lateness(held, today, limits),
        *silence(held, today, limits),
        *missed_rounds(),
        *setbacks(held),
        *off_pace(held, today),
        *missing_plans(today),
        *unanswered(today),
    ]


def _open(held: Iterable[Duty]) -> list[Duty]:
    return [duty for duty in held if duty.assignment.state in OPEN_STATES]


def _by_subject(held: Iterable[Duty]) -> dict[Subject, list[Duty]]:
    found: dict[Subject, list[Duty]] = defaultdict(list)
    for duty in held:
        found[duty.subject].append(duty)
    return found


def lateness(held: list[Duty], today: dt.date, limits: Thresholds) -> list[Fact]:
    """days_late (days past the deadline, by assignment) and share_late (% of the open ones) of each holder."""
    facts = []
    for subject, mine in _by_subject(_open(held)).items():
        late = [(d, _days_late(d, today, limits)) for d in mine]
        late = [(d, days) for d, days in late if days > 0]
        share = round_half_even(Decimal(100 * len(late)) / len(mine), 1)
        facts.append(Fact("days_late", subject, parts=tuple(d.ref_with(days) for d, days in late)))
        facts.append(Fact("share_late", subject, share, len(mine), tuple(d.ref_with(days) for d, days in late)))
    return facts


def _days_late(duty: Duty, today: dt.date, limits: Thresholds) -> int:
    deadline = duty.assignment.deadline
    return (today - deadline).days - limits.grace_days if deadline else 0


def silence(held: list[Duty], today: dt.date, limits: Thresholds) -> list[Fact]:
    """days_stale: by how many days the newest word on an open assignment is older than its rhythm allows."""
    facts = []
    for subject, mine in _by_subject(_open(held)).items():
        parts = []
        for duty in mine:
            since = duty.last_report or timezone.localdate(duty.assignment.created_at)
            days = (today - since).days - stale_after(duty.assignment.measure.recurrence, limits.freshness)
            if days > 0:
                parts.append(duty.ref_with(days))
        facts.append(Fact("days_stale", subject, parts=tuple(parts)))
    return facts


def missed_rounds() -> list[Fact]:
    """rounds_missed: closed rounds in a row in which a holder who was asked handed in nothing at all."""
    closed = list(
        DispatchRound.objects.filter(state="closed", document__kind=Document.Kind.CITY_PLAN).order_by("-month")[
            :ROUNDS_BACK
        ]
    )
    said = Q(closing_report__isnull=False) | Q(closing_status__in=WITH_CHECKERS)
    counted = (
        RoundEntry.objects.filter(round__in=closed)
        .exclude(assignment__state=Assignment.State.CANCELLED)
        .order_by()
        .values_list("round", "assignment__area", "assignment__agency")
        .annotate(asked=Count("pk"), said=Count("pk", filter=said))
    )
    history: dict[Subject, dict[int, tuple[int, int]]] = defaultdict(dict)
    for round_id, area, agency, asked, said_count in counted:
        subject = Subject("place", area) if area else Subject("agency", agency)
        before = history[subject].get(round_id, (0, 0))
        history[subject][round_id] = (before[0] + asked, before[1] + said_count)
    return [_missed(subject, closed, rows) for subject, rows in history.items()]


def _missed(subject: Subject, closed: list[DispatchRound], rows: dict[int, tuple[int, int]]) -> Fact:
    figure = missed_in_a_row([rows.get(one.pk, (0, 0)) for one in closed])
    asked = [one for one in closed if rows.get(one.pk, (0, 0))[0]]
    refs = tuple(Ref("round", one.pk, one.title) for one in asked[:figure])
    return Fact("rounds_missed", subject, Decimal(figure), refs=refs)


def setbacks(held: list[Duty]) -> list[Fact]:
    """returns and rebounds of assignments that are returned or rebounded now."""
    wanted = {"returned": ("returns", _RETURNS), "rebounded": ("rebounds", ("rebound",))}
    rows = {d.assignment.pk: d for d in held if d.assignment.state in wanted}
    steps = (
        Assignment.objects.filter(pk__in=rows)
        .order_by()
        .annotate(
            returns=Count("steps", filter=Q(steps__action__in=_RETURNS)),
            rebounds=Count("steps", filter=Q(steps__action="rebound")),
        )
        .values_list("pk", "returns", "rebounds")
    )
    facts = []
    for pk, returns, rebounds in steps:
        name, _actions = wanted[rows[pk].assignment.state]
        figure = {"returns": returns, "rebounds": rebounds}[name]
        facts.append(Fact(name, Subject("assignment", pk), Decimal(figure), refs=(rows[pk].ref,)))
    return facts


def off_pace(held: list[Duty], today: dt.date) -> list[Fact]:
    """off_pace: how far an area's indicator is behind what its target asks by today, in percent of the target.

    A target to be reached by a day ("at least 90 %") is asked for in proportion to the time that has passed since the
    plan began; a limit ("at most 9") is asked for in full. A value that is missing, partial or stale proves nothing.
    """
    context = Context(today=today)
    areas = {area.pk: area for area in context.areas}
    mine = [d for d in _open(held) if d.assignment.area_id in areas]
    targets: dict[int, list[MeasureTarget]] = defaultdict(list)
    for target in MeasureTarget.objects.filter(
        measure__in={d.assignment.measure_id for d in mine}, indicator_value__isnull=False
    ).exclude(indicator=""):
        targets[target.measure_id].append(target)
    parts: dict[Subject, dict[str, Ref]] = defaultdict(dict)
    for duty in mine:
        for target in targets[duty.assignment.measure_id]:
            ref = _behind(duty, target, areas[duty.assignment.area_id or 0], today, context)
            if ref is not None:
                parts[duty.subject][target.indicator] = ref
    return [Fact("off_pace", subject, parts=tuple(refs.values())) for subject, refs in parts.items()]


def _behind(duty: Duty, target: MeasureTarget, area: Place, today: dt.date, context: Context) -> Ref | None:
    value = indicators.current(target.indicator, area, context)
    if value.number is None or value.partial or value.freshness == Freshness.STALE or target.indicator_value is None:
        return None
    comparator = target.indicator_comparator or target.comparator
    wanted = target.indicator_value
    if comparator in (">=", ">"):
        wanted = wanted * _elapsed(duty.assignment, today)
    share = _distance(value, comparator, wanted, target.indicator_value)
    if share is None or share <= 0:
        return None
    one = indicators.find(target.indicator, context)
    return Ref("indicator", target.indicator, str(one.title) if one else target.indicator, share)


def _distance(value: Value, comparator: str, wanted: Decimal, target: Decimal) -> Decimal | None:
    """The distance in percent of the target; one that is nought makes any distance the whole."""
    distance = gap_of(value, comparator, wanted)
    if distance is None or distance <= 0:
        return None
    return round_half_even(100 * distance / abs(target), 1) if target else Decimal(100)


def _elapsed(assignment: Assignment, today: dt.date) -> Decimal:
    """Return the share 0..1 of the time between the plan's beginning and the deadline that has passed."""
    version = assignment.measure.clause.task.version
    start = version.issued_on or version.period_from or timezone.localdate(assignment.created_at)
    if assignment.deadline is None or assignment.deadline <= start:
        return Decimal(1)
    passed = Decimal((today - start).days) / (assignment.deadline - start).days
    return min(max(passed, Decimal(0)), Decimal(1))


def missing_plans(today: dt.date) -> list[Fact]:
    """days_without_plan: days since the newest city plan was issued, for each area that owes measures and has no plan."""
    context = Context(today=today)
    issued = [
        plan.issued_on or ledger_facts.local_day(plan.adopted_at)
        for plan in ledger_facts.plans(context)
        if plan.adopted_at
    ]
    if not issued:
        return []
    days = Decimal((today - max(issued)).days)
    rows = ledger_facts.county_plans(context)
    have = {row.place.pk for row in rows if row.handed_in is not None}
    lacking = dict.fromkeys(row.place.pk for row in rows if row.place.pk not in have)
    return [Fact("days_without_plan", Subject("place", area), days) for area in lacking]


def unanswered(today: dt.date) -> list[Fact]:
    """days_unanswered: days past the answer day of notices that nobody answered and that led to no further notice."""
    rows = (
        Notice.objects.filter(reply_due_on__lt=today)
        .annotate(answers=Count("receipts", filter=Q(receipts__replied_at__isnull=False)))
        .filter(answers=0)
        .select_related("proposal")
        .order_by("pk")
    )
    followed = _followed()
    facts = []
    for notice in rows:
        if notice.pk in followed or notice.reply_due_on is None:
            continue
        subject = subject_of_notice(notice)
        if subject is not None:
            ref = Ref("notice", notice.pk, notice.title)
            days = Decimal((today - notice.reply_due_on).days)
            facts.append(Fact("days_unanswered", subject, days, refs=(ref,), level=notice.level))
    return facts


def subject_of_notice(notice: Notice) -> Subject | None:
    """Return whom a notice is about."""
    if notice.proposal is not None and notice.proposal.assignment_id:
        return Subject("assignment", notice.proposal.assignment_id)
    if notice.place_id:
        return Subject("place", notice.place_id)
    return Subject("agency", notice.agency_id) if notice.agency_id else None


def _followed() -> set[int]:
    """Return the notices to which a later decided proposal points."""
    decided = EscalationProposal.objects.filter(state__in=["accepted", "rejected"]).values_list("reasons", flat=True)
    refs = (ref for reasons in decided for reason in reasons for ref in reason["refs"])
    return {int(ref["id"]) for ref in refs if ref["kind"] == "notice"}
