"""Reading a dispatch round: its entries as facts, tables, the comparison with the last round. Nothing is changed here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
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
# Texts and outlines are large; rows do not show them.
_HEAVY = tuple(
    f"{_MEASURE}__{name}"
    for name in ("fields", "cites", "places", "enterprises", "clause__fields", "clause__implement_text")
)


@dataclass
class View:
    """A round as one person sees it (all of it for scope None): the facts that tables are counted from, and its tasks."""

    round: DispatchRound
    scope: Scope | None
    facts: list[EntryFacts]

    @cached_property
    def entries(self) -> list[RoundEntry]:
        """The entries with their assignments, in the order of `facts` (a larger query: only where they are listed)."""
        return list(entries_of(self.round, self.scope))

    @cached_property
    def tasks(self) -> list[Task]:
        """The tasks that the round asks about, in the order of the plan."""
        return list(Task.objects.filter(pk__in={fact.task for fact in self.facts}).order_by("version", "position"))

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


def seen_rounds(scope: Scope) -> QuerySet[DispatchRound]:
    """Return the rounds that ask for something the person may see."""
    if scope.sees_everything:
        return DispatchRound.objects.all()
    mine = _seen(RoundEntry.objects.filter(round=OuterRef("pk")), scope)
    return DispatchRound.objects.filter(Exists(mine))


def _seen(rows: QuerySet[RoundEntry], scope: Scope | None) -> QuerySet[RoundEntry]:
    """Only the entries that the person may see (all for None)."""
    if scope is None or scope.sees_everything:
        return rows
    return rows.filter(assignment__in=Assignment.objects.visible_to(scope))


def visible_rounds(scope: Scope) -> QuerySet[DispatchRound]:
    """Return the rounds that ask for something the person may see, with `asked` and `handed_in` counted for them."""
    entries = _seen(RoundEntry.objects.filter(round=OuterRef("pk")).order_by(), scope)
    entries = entries.exclude(assignment__state=Assignment.State.CANCELLED)
    said = Exists(
        ProgressReport.objects.filter(
            round=OuterRef("round"), assignment=OuterRef("assignment"), withdrawn_at__isnull=True
        )
    )
    closed, open_ = Q(round__state="closed"), Q(round__state="open")
    handed_in = entries.filter(
        (closed & (Q(closing_report__isnull=False) | Q(closing_status__in=WITH_CHECKERS)))
        | (open_ & (Q(assignment__state__in=WITH_CHECKERS) | said))
    )

    def count(rows: QuerySet[RoundEntry]) -> Coalesce:
        return Coalesce(Subquery(rows.values("round").annotate(n=Count("pk")).values("n")), 0)

    return seen_rounds(scope).annotate(asked=count(entries), handed_in=count(handed_in))


def entries_of(round_: DispatchRound, scope: Scope | None) -> QuerySet[RoundEntry]:
    """Return a round's entries that the person may see (all for None), with what rows and facts need.

    Annotated: `percent` (of any valid report; as it was at closing in a closed round), `said_at` and `said_by` (of the
    newest valid report of this round), `entry_state` (handed_in, late, excused, missing, cancelled).
    """
    rows = _seen(RoundEntry.objects.filter(round=round_), scope)
    return _in_order(
        _with_words(rows, round_)
        .annotate(entry_state=_entry_state(round_))
        .select_related(f"{_MEASURE}__clause__task", "assignment__area", "assignment__place", "assignment__agency")
        .defer(*(f"assignment__{name}__boundary" for name in ("area", "place")), *_HEAVY)
        .prefetch_related(f"{_MEASURE}__clause__agencies")
    )


def _in_order(rows: QuerySet[RoundEntry]) -> QuerySet[RoundEntry]:
    """Areas in the city's order, measures in the plan's."""
    return rows.order_by(
        F("assignment__area__position").asc(nulls_last=True),
        f"{_MEASURE}__clause__task__position",
        f"{_MEASURE}__clause__position",
        f"{_MEASURE}__position",
        "pk",
    )


def _with_words(rows: QuerySet[RoundEntry], round_: DispatchRound) -> QuerySet[RoundEntry]:
    """Annotate `percent`, `said_at`, `said_by`: as they are in an open round, as they were at closing in a closed one."""
    valid = ProgressReport.objects.filter(assignment=OuterRef("assignment"), withdrawn_at__isnull=True)
    newest = valid.order_by("-reported_at", "-id")
    own = newest.filter(round=round_.pk)
    if round_.state == DispatchRound.State.CLOSED:
        return rows.annotate(
            percent=F("closing_percent"),
            said_at=F("closing_report__reported_at"),
            said_by=F("closing_report__reported_by__display_name"),
        )
    return rows.annotate(
        percent=Subquery(newest.values("percent")[:1]),
        said_at=Subquery(own.values("reported_at")[:1]),
        said_by=Subquery(own.values("reported_by__display_name")[:1]),
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
    """Return a round as a person sees it (all of it for None). Three queries, whatever its size."""
    limits = thresholds()
    rows = _in_order(_with_words(_seen(RoundEntry.objects.filter(round=round_), scope), round_)).values_list(
        "assignment_id",
        f"{_MEASURE}__code",
        f"{_MEASURE}__clause__task_id",
        f"{_MEASURE}__clause_id",
        "assignment__area_id",
        "assignment__agency_id",
        "assignment__state",
        "assignment__deadline",
        "closing_status",
        "percent",
        "said_at",
    )
    answering = _answering(round_)
    return View(round_, scope, [_facts(round_, limits, answering, *row) for row in rows])


def _answering(round_: DispatchRound) -> dict[int, tuple[int, ...]]:
    """Return the agencies that lead or answer for each clause of the round's plan."""
    found: dict[int, list[int]] = {}
    links = ClauseAgency.objects.filter(
        role__in=RESPONSIBLE, clause__task__version__document=round_.document_id
    ).order_by("clause", "role", "position")
    for clause, agency in links.values_list("clause_id", "agency_id"):
        found.setdefault(clause, []).append(agency)
    return {clause: tuple(agencies) for clause, agencies in found.items()}


def _facts(
    round_: DispatchRound, limits: Thresholds, answering: dict[int, tuple[int, ...]], assignment: int, code: str, task: int,
    clause: int, area: int | None, agency: int | None, state: str, deadline: dt.date | None, closing_status: str,
    percent: int | None, said: dt.datetime | None,
) -> EntryFacts:  # fmt: skip
    """Return an entry's facts: as they are in an open round, as they were at closing in a closed one."""
    closed = round_.state == DispatchRound.State.CLOSED
    status = closing_status if closed else limits.status(state, deadline)
    leading = answering.get(clause, ())
    return EntryFacts(
        assignment=assignment,
        measure=code,
        task=task,
        area=area,
        agencies=leading if agency is None or agency in leading else (*leading, agency),
        status=status,
        percent=percent,
        deadline=deadline,
        reported_on=timezone.localtime(said).date() if said else None,
        due_on=round_.due_on,
        excused=status in WITH_CHECKERS,
        live=state != Assignment.State.CANCELLED,
    )


def holding_agencies(round_: DispatchRound, scope: Scope) -> set[int]:
    """Return the agencies that carry out something of the round themselves, as far as the person may see."""
    rows = _seen(RoundEntry.objects.filter(round=round_, assignment__holder=Assignment.Holder.AGENCY), scope)
    return set(rows.values_list("assignment__agency_id", flat=True)) - {None}


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
