"""Monthly dispatch: a round is opened, those who have not reported are reminded, it is closed with a snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.city.queries import calendar, threshold
from lantian.kit.errors import Conflict, DomainError, Unlawful
from lantian.kit.locking import check_version, update_versioned
from lantian.plan import dispatch
from lantian.plan.models import Assignment, DispatchRound, Document, RoundEntry
from lantian.plan.rules.rounds import EntryFacts
from lantian.plan.services.telling import holder_people
from lantian.records.services import Wording, audit, difference, notify, snapshot

BATCH = 500
MAX_TITLE = 120


def due_day(month: dt.date, today: dt.date) -> dt.date:
    """Return when reports for a month are due: the calendar's day, or today where that day is over.

    Raises DomainError when no city pack is loaded.
    """
    _opens, due, _circular = calendar().dispatch_days(month.year, month.month)
    return max(due, today)


@transaction.atomic
def open_round(
    actor: User,
    document: Document,
    *,
    month: dt.date | None = None,
    due_on: dt.date | None = None,
    title: str = "",
    instructions: str = "",
) -> DispatchRound:
    """Open the round of a month for a city plan and tell everybody who is asked; return it.

    Asked are all assignments in force that are not signed off; parts of a divided assignment report to its holder and
    are not asked by the city. `month`: any day of it (the next one due if left out); `due_on`: the calendar's day if
    left out. Raises NotAllowed, Conflict (a round is open, or the month had its round), Unlawful (no version in force),
    DomainError (fields month, due_on, title).
    """
    scope_of(actor).require("round.manage")
    document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    today = clock.today()
    last = document.rounds.order_by("-month").first()
    first_day = (month or dispatch.next_month(today, last.month if last else None)).replace(day=1)
    _check_opening(document, last, first_day, today)
    due = due_on or due_day(first_day, today)
    _check_due(due, today)
    asked = list(_asked(document))
    if not asked:
        raise Unlawful(
            _("“%(plan)s” has no assignment in force that is still open.") % {"plan": document},
            hint=_("A round asks the assignments of an adopted plan: adopt one first."),
        )
    made = _create(
        document=document,
        month=first_day,
        title=_title(title, first_day),
        instructions=instructions.strip(),
        opened_at=clock.now(),
        opened_by=actor,
        due_on=due,
    )
    RoundEntry.objects.bulk_create([RoundEntry(round=made, assignment=a) for a in asked], batch_size=BATCH)
    audit(actor, "plan.open_round", made, data={"asked": len(asked), "due_on": due, "month": first_day})
    _announce(made, asked)
    return made


def _check_opening(document: Document, last: DispatchRound | None, month: dt.date, today: dt.date) -> None:
    if document.kind != Document.Kind.CITY_PLAN:
        raise Unlawful(_("Rounds are opened for city plans; a county reports on the city's assignments."))
    if last is not None and last.state == DispatchRound.State.OPEN:
        raise Conflict(
            _("“%(round)s” is still open: one round at a time.") % {"round": last},
            hint=_("Close it before the next one is opened."),
        )
    if last is not None and month <= last.month:
        raise Conflict(
            _("There is a round for %(month)s already: “%(round)s”.") % {"month": f"{last.month:%Y-%m}", "round": last},
            hint=_("Choose a later month."),
            field="month",
        )
    if month > dispatch.next_month(today, today):
        raise DomainError(_("A round is opened for this month or the next."), field="month")


def _check_due(due: dt.date, today: dt.date) -> None:
    if due < today:
        raise DomainError(
            _("%(day)s is over.") % {"day": due.isoformat()}, hint=_("Choose today or a later day."), field="due_on"
        )
    if due > today + dt.timedelta(days=92):
        raise DomainError(_("%(day)s is more than three months away.") % {"day": due.isoformat()}, field="due_on")


def _asked(document: Document) -> Iterable[Assignment]:
    rows = Assignment.objects.live().wholes().exclude(state=Assignment.State.SIGNED_OFF)
    rows = rows.filter(measure__clause__task__version__document=document)
    related = ("measure", "place", "area", "agency", "parent")
    return rows.select_related(*related).defer("place__boundary", "area__boundary", "measure__fields").order_by("pk")


def _title(title: str, month: dt.date) -> str:
    text = " ".join(title.split())
    if len(text) > MAX_TITLE:
        raise DomainError(_("The title is longer than %(n)s characters.") % {"n": MAX_TITLE}, field="title")
    return text or _("Dispatch of %(year)s-%(month)s") % {"year": month.year, "month": month.month}


def _create(**values: object) -> DispatchRound:
    try:
        with transaction.atomic():
            return DispatchRound.objects.create(**values)
    except IntegrityError as error:
        raise Conflict(_("Somebody opened this round a moment ago."), hint=_("Open the list of rounds.")) from error


def _announce(made: DispatchRound, asked: list[Assignment]) -> None:
    """Tell every person once how many of theirs the round asks for."""
    for person, mine in by_person(asked).items():
        if person is None:
            continue
        values = {"round": made, "n": len(mine), "day": made.due_on}
        notify(
            [person],
            kind="plan.round_open",
            subject=Wording(gettext_lazy("%(round)s: %(n)s assignments to report on by %(day)s"), **values),
            body=made.instructions,
            link=reverse("plan:round", args=[made.pk]),
            target=made,
            dedupe_key_prefix=f"round-{made.pk}-open",
        )


def by_person(assignments: Iterable[Assignment]) -> dict[User | None, list[Assignment]]:
    """Group assignments by the people who carry them out; under None those that nobody can be reached for.

    One look-up of people for each holder, not for each assignment.
    """
    by_holder: dict[str, list[Assignment]] = {}
    for assignment in assignments:
        by_holder.setdefault(assignment.holder_key, []).append(assignment)
    found: dict[User | None, list[Assignment]] = {}
    for rows in by_holder.values():
        people: list[User | None] = [*holder_people(rows[0])] or [None]
        for person in people:
            found.setdefault(person, []).extend(rows)
    return found


@transaction.atomic
def amend_round(
    actor: User,
    round_: DispatchRound,
    *,
    due_on: dt.date,
    title: str,
    instructions: str,
    seen_version: int | None = None,
) -> DispatchRound:
    """Change the due day, title or instructions of an open round. Raises NotAllowed, Conflict, Unlawful, DomainError."""
    scope_of(actor).require("round.manage")
    current = DispatchRound.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    check_version(current, seen_version)
    _require_open(current)
    if due_on != current.due_on:
        _check_due(due_on, clock.today())
    before = snapshot(current, "due_on", "title", "instructions")
    update_versioned(current, due_on=due_on, title=_title(title, current.month), instructions=instructions.strip())
    if changes := difference(before, current):
        audit(actor, "plan.amend_round", current, changes=changes)
    return current


def _require_open(round_: DispatchRound) -> None:
    if round_.state != DispatchRound.State.OPEN:
        raise Unlawful(
            _("“%(round)s” is closed since %(day)s.")
            % {"round": round_, "day": timezone.localdate(round_.closed_at).isoformat() if round_.closed_at else ""},
            hint=_("What was reported later belongs to the next round."),
        )


@dataclass
class Reminded:
    """What a reminder did: messages sent, entries reminded of, holders whom nobody could be reached for."""

    messages: int = 0
    entries: int = 0
    again_today: int = 0
    nobody: list[str] = field(default_factory=list)


@transaction.atomic
def remind(actor: User | None, round_: DispatchRound, *, area_id: int | None = None) -> Reminded:
    """Remind those who have not reported yet (of one area, or all), each person at most once a day.

    Every reminder is a notification with its record of delivery and reading; the entries count their reminders.
    `actor` None: the worker. Raises NotAllowed, Unlawful (closed).
    """
    if actor is not None:
        scope_of(actor).require("round.manage")
    current = DispatchRound.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    _require_open(current)
    waiting = [e for e, fact in _with_facts(current) if fact.live and not fact.handed_in]
    waiting = [e for e in waiting if area_id is None or e.assignment.area_id == area_id]
    today = clock.today()
    due_again = [e for e in waiting if e.reminded_at is None or timezone.localdate(e.reminded_at) < today]
    done = Reminded(again_today=len(waiting) - len(due_again))
    groups = by_person(e.assignment for e in due_again)
    unreached = groups.pop(None, [])
    done.nobody = sorted({str(row.enterprise or row.place or row.agency) for row in unreached})
    for person, rows in groups.items():
        if person is not None:
            _send_reminder(current, person, rows, today)
    reached = {row.pk for rows in groups.values() for row in rows}
    done.messages, done.entries = len(groups), len(reached)
    _count_reminder([e for e in due_again if e.assignment_id in reached])
    if done.entries:
        audit(
            actor,
            "plan.remind_round",
            current,
            data={"people": done.messages, "entries": done.entries, "area": area_id},
        )
    return done


def _with_facts(round_: DispatchRound) -> list[tuple[RoundEntry, EntryFacts]]:
    view = dispatch.view(round_, None)
    return list(zip(view.entries, view.facts, strict=True))


def _send_reminder(round_: DispatchRound, person: User, rows: list[Assignment], today: dt.date) -> None:
    days = (round_.due_on - today).days
    text = (
        gettext_lazy("%(round)s: %(n)s assignments not reported, due %(day)s")
        if days >= 0
        else gettext_lazy("%(round)s: %(n)s assignments not reported, overdue since %(day)s")
    )
    codes = "、".join(row.measure.code for row in rows[:60])
    notify(
        [person],
        kind="plan.round_remind",
        subject=Wording(text, round=round_, n=len(rows), day=round_.due_on),
        body=codes,
        link=f"{reverse('plan:round_entries', args=[round_.pk])}?state=missing",
        target=round_,
        dedupe_key_prefix=f"round-{round_.pk}-remind-{today.isoformat()}",
    )


def _count_reminder(entries: list[RoundEntry]) -> None:
    now = clock.now()
    for entry in entries:
        entry.reminded_at, entry.reminders = now, entry.reminders + 1
    RoundEntry.objects.bulk_update(entries, ["reminded_at", "reminders"], batch_size=BATCH)


@transaction.atomic
def close_round(actor: User, round_: DispatchRound, *, seen_version: int | None = None) -> DispatchRound:
    """Close a round: each entry keeps the status, percent and report of this moment. Closing twice is refused.

    Raises NotAllowed, Conflict, Unlawful.
    """
    scope_of(actor).require("round.manage")
    current = DispatchRound.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    check_version(current, seen_version)
    _require_open(current)
    pairs = _with_facts(current)
    reports = _newest_reports(current)
    for entry, fact in pairs:
        entry.closing_status, entry.closing_percent = fact.status, fact.percent
        entry.closing_report_id = reports.get(entry.assignment_id)
    RoundEntry.objects.bulk_update(
        [entry for entry, _fact in pairs], ["closing_status", "closing_percent", "closing_report"], batch_size=BATCH
    )
    facts = [fact for _entry, fact in pairs if fact.live]
    state = current.state
    update_versioned(current, state=DispatchRound.State.CLOSED, closed_at=clock.now(), closed_by=actor)
    counts = {
        "asked": len(facts),
        "handed_in": sum(fact.handed_in for fact in facts),
        "late": sum(fact.late for fact in facts),
        "overdue": sum(fact.status == "overdue" for fact in facts),
    }
    audit(actor, "plan.close_round", current, changes={"state": (state, current.state)}, data=counts)
    return current


def _newest_reports(round_: DispatchRound) -> dict[int, int]:
    """Return the newest valid report of the round by assignment."""
    rows = round_.reports.filter(withdrawn_at__isnull=True).order_by("reported_at", "pk")
    return dict(rows.values_list("assignment_id", "pk"))


def remind_before_due(today: dt.date) -> dict[int, Reminded]:
    """Remind everybody who has not reported of the rounds due soon or overdue (the worker, once a day)."""
    ahead = dt.timedelta(days=int(threshold("dispatch.remind_before_days")))
    rounds = DispatchRound.objects.filter(state=DispatchRound.State.OPEN, due_on__lte=today + ahead)
    return {round_.pk: remind(None, round_) for round_ in rounds}
