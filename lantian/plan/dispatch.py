"""Reading a dispatch round: its entries as facts, tables, the comparison with the last round. Nothing is changed here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from lantian.city.access import Scope
from lantian.city.models import Agency, Place
from lantian.plan.models import Assignment, ClauseAgency, DispatchRound, ProgressReport, RoundEntry, Task
from lantian.plan.rules import rounds
from lantian.plan.rules.rounds import Cell, EntryFacts, Move, Table
from lantian.plan.thresholds import Thresholds, thresholds

RESPONSIBLE = ("lead", "each")
# Whoever handed a duty in for checking has said all there is to say; it waits for others.
WITH_CHECKERS = frozenset({"submitted", "verified", "signed_off"})
_MEASURE = "assignment__measure"


@dataclass
class View:
    """A round as one person sees it: entries with their assignments, and the facts that tables are counted from."""

    round: DispatchRound
    entries: list[RoundEntry]
    facts: list[EntryFacts]
    tasks: list[Task] = field(default_factory=list)

    @cached_property
    def by_area(self) -> Table:
        return rounds.tabulate(self.counted, rounds.by_area)

    @cached_property
    def by_agency(self) -> Table:
        return rounds.tabulate(self.counted, rounds.by_agency)

    @property
    def counted(self) -> list[EntryFacts]:
        """Entries of assignments that are still asked for: a cancelled duty no longer counts."""
        return [fact for fact in self.facts if fact.live]

    @property
    def total(self) -> Cell:
        return self.by_area.total

    @cached_property
    def areas(self) -> list[Place]:
        """The areas that the round asks, in the city's order."""
        keys = {fact.area for fact in self.counted}
        return [place for place in Place.objects.areas().defer("boundary") if place.pk in keys]

    @cached_property
    def agencies(self) -> list[Agency]:
        """The agencies that lead or answer for what the round asks, in the city's order."""
        return list(Agency.objects.filter(pk__in={key for fact in self.counted for key in fact.agencies}))


def visible_rounds(scope: Scope) -> QuerySet[DispatchRound]:
    """Return the rounds that ask for something the person may see, with `asked` and `handed_in` counted for them."""
    seen = Assignment.objects.visible_to(scope)
    entries = RoundEntry.objects.filter(assignment__in=seen, round=OuterRef("pk")).order_by()
    live = ~Q(assignment__state="cancelled")
    counts = entries.values("round").annotate(n=Count("pk", filter=live)).values("n")
    reported = (
        entries.filter(live)
        .filter(
            Q(closing_report__isnull=False)
            | Q(round__state="closed", closing_status__in=WITH_CHECKERS)
            | Q(round__state="open", assignment__state__in=WITH_CHECKERS)
            | Q(round__state="open", assignment__reports__round=OuterRef("pk"), assignment__reports__withdrawn_at=None)
        )
        .values("round")
        .annotate(n=Count("pk", distinct=True))
        .values("n")
    )
    found = DispatchRound.objects.annotate(asked=Subquery(counts), handed_in=Subquery(reported))
    return found if scope.sees_everything else found.filter(asked__gt=0)


def entries_of(round_: DispatchRound, scope: Scope | None) -> QuerySet[RoundEntry]:
    """Return a round's entries that the person may see (all for None), with what rows and facts need.

    Annotated: `percent` (of any valid report; as it was at closing in a closed round), `said_at` and `said_by` (of the
    newest valid report of this round), `entry_state` (handed_in, late, excused, missing, cancelled).
    """
    rows = RoundEntry.objects.filter(round=round_)
    if scope is not None:
        rows = rows.filter(assignment__in=Assignment.objects.visible_to(scope))
    valid = ProgressReport.objects.filter(assignment=OuterRef("assignment"), withdrawn_at__isnull=True)
    newest = valid.order_by("-reported_at", "-id")
    own = newest.filter(round=round_.pk)
    if round_.state == DispatchRound.State.CLOSED:
        rows = rows.annotate(
            percent=F("closing_percent"),
            said_at=F("closing_report__reported_at"),
            said_by=F("closing_report__reported_by__display_name"),
        )
    else:
        rows = rows.annotate(
            percent=Subquery(newest.values("percent")[:1]),
            said_at=Subquery(own.values("reported_at")[:1]),
            said_by=Subquery(own.values("reported_by__display_name")[:1]),
        )
    return (
        rows.annotate(entry_state=_entry_state(round_))
        .select_related(f"{_MEASURE}__clause__task", "assignment__area", "assignment__place", "assignment__agency")
        .defer("assignment__area__boundary", "assignment__place__boundary")
        .prefetch_related(f"{_MEASURE}__clause__agencies")
        .order_by(
            F("assignment__area__position").asc(nulls_last=True),
            f"{_MEASURE}__clause__task__position",
            f"{_MEASURE}__clause__position",
            f"{_MEASURE}__position",
            "pk",
        )
    )


def _entry_state(round_: DispatchRound) -> Case:
    """What became of an entry; the pure twin is `EntryFacts.handed_in` and `.late`."""
    state = "closing_status" if round_.state == DispatchRound.State.CLOSED else "assignment__state"
    due = timezone.make_aware(dt.datetime.combine(round_.due_on, dt.time.max))
    return Case(
        When(assignment__state=Assignment.State.CANCELLED, then=Value("cancelled")),
        When(said_at__gt=due, then=Value("late")),
        When(said_at__isnull=False, then=Value("handed_in")),
        When(**{f"{state}__in": list(WITH_CHECKERS)}, then=Value("excused")),
        default=Value("missing"),
        output_field=CharField(),
    )


def view(round_: DispatchRound, scope: Scope | None) -> View:
    """Return a round as a person sees it (all of it for None). Seven queries, whatever its size."""
    limits = thresholds()
    entries = list(entries_of(round_, scope))
    tasks = {entry.assignment.measure.clause.task_id: entry.assignment.measure.clause.task for entry in entries}
    ordered = sorted(tasks.values(), key=lambda task: (task.version_id, task.position))
    return View(round_, entries, [facts_of(entry, round_, limits) for entry in entries], ordered)


def facts_of(entry: RoundEntry, round_: DispatchRound, limits: Thresholds) -> EntryFacts:
    """Return an entry's facts: as they are in an open round, as they were at closing in a closed one."""
    assignment = entry.assignment
    closed = round_.state == DispatchRound.State.CLOSED
    status = entry.closing_status if closed else limits.status(assignment.state, assignment.deadline)
    said: dt.datetime | None = entry.said_at  # type: ignore[attr-defined]
    return EntryFacts(
        assignment=assignment.pk,
        measure=assignment.measure.code,
        task=assignment.measure.clause.task_id,
        area=assignment.area_id,
        agencies=agencies_of(assignment),
        status=status,
        percent=entry.percent,  # type: ignore[attr-defined]
        deadline=assignment.deadline,
        reported_on=timezone.localdate(said) if said else None,
        due_on=round_.due_on,
        excused=status in WITH_CHECKERS,
        live=assignment.state != Assignment.State.CANCELLED,
    )


def agencies_of(assignment: Assignment) -> tuple[int, ...]:
    """Return the agencies that answer for an assignment: the clause's leading ones, and the holder if it is one."""
    links: Iterable[ClauseAgency] = assignment.measure.clause.agencies.all()
    found = [link.agency_id for link in links if link.role in RESPONSIBLE]
    if assignment.agency_id:
        found.append(assignment.agency_id)
    return tuple(dict.fromkeys(found))


def previous(round_: DispatchRound) -> DispatchRound | None:
    """Return the round before this one."""
    return DispatchRound.objects.filter(document=round_.document_id, month__lt=round_.month).order_by("-month").first()


@dataclass
class Comparison:
    """A round beside the one before: one move per assignment, and the moves counted by area, agency and task."""

    before: DispatchRound | None
    moves: list[Move]

    def by(self, what: str) -> dict[Hashable, rounds.Balance]:
        """Count moves by "area", "agency" or "task"."""
        rows = {
            "area": lambda move: (move.area,) if move.area else (),
            "agency": lambda move: move.agencies,
            "task": lambda move: (move.task,),
            "all": lambda move: ("all",),
        }[what]
        return rounds.balance(self.moves, rows)


def comparison(now: View, scope: Scope | None) -> Comparison:
    """Compare a round with the one before it, as far as the person may see. Without one before, all entries are new."""
    before = previous(now.round)
    old = view(before, scope).facts if before else []
    return Comparison(before, [] if before is None else rounds.compare(old, now.counted))


def open_round_for(assignment: Assignment) -> DispatchRound | None:
    """Return the open round that asks for an assignment: a report given now belongs to it."""
    return DispatchRound.objects.filter(state=DispatchRound.State.OPEN, entries__assignment=assignment).first()


def next_month(today: dt.date, last: dt.date | None) -> dt.date:
    """Return the month for which the next round is opened: this one, or the one after the last round."""
    this = today.replace(day=1)
    if last is None or last < this:
        return this
    return (last.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
