"""What the figures of the ledger are computed from, read once per context: a handful of queries for any number of figures."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Max
from django.utils import timezone

from lantian.city import clock
from lantian.indicators.context import Context
from lantian.plan.county_tracing import Handed, standing
from lantian.plan.models import (
    Assignment,
    DispatchRound,
    Document,
    DocumentVersion,
    Measure,
    ProgressReport,
    RoundEntry,
    Step,
)
from lantian.plan.rules.figures import Duty, Move
from lantian.plan.rules.states import stale_after
from lantian.plan.thresholds import Thresholds, thresholds

LEDGER = {
    "measure__clause__task__version__state": "adopted",
    "measure__clause__task__version__document__kind": "city_plan",
}


def local_day(moment: dt.datetime, zone: dt.tzinfo | None = None) -> dt.date:
    """Return the city's day of a moment; give the zone when asking for thousands."""
    return moment.astimezone(zone or timezone.get_current_timezone()).date()


def limits(context: Context) -> Thresholds:
    return context.memo("plan thresholds", thresholds)


def plans(context: Context) -> list[DocumentVersion]:
    """Return the adopted city plans (without their texts)."""

    def read() -> list[DocumentVersion]:
        found = DocumentVersion.objects.filter(state="adopted", document__kind=Document.Kind.CITY_PLAN)
        return list(found.select_related("document").defer("text", "parsed"))

    return context.memo("adopted plans", read)


def duties(context: Context) -> list[Duty]:
    """Return the whole assignments of the adopted city plans with their moves (two queries)."""

    def read() -> list[Duty]:
        moves: dict[int, list[Move]] = defaultdict(list)
        zone = timezone.get_current_timezone()
        steps = Step.objects.filter(**{f"assignment__{k}": v for k, v in LEDGER.items()}).exclude(
            from_state=F("to_state")
        )
        for pk, at, source, target in steps.order_by("id").values_list("assignment_id", "at", "from_state", "to_state"):
            moves[pk].append(Move(local_day(at, zone), source, target))
        rows = Assignment.objects.filter(**LEDGER, parent__isnull=True).order_by("pk")
        return [
            Duty(pk, measure, area, deadline, local_day(created, zone), state, tuple(moves[pk]))
            for pk, measure, area, deadline, created, state in rows.values_list(
                "pk", "measure_id", "area_id", "deadline", "created_at", "state"
            )
        ]

    return context.memo("duties", read)


def last_reports(context: Context, day: dt.date) -> dict[int, dt.date]:
    """Return the day of each assignment's newest report as it stood at the end of a day."""

    def read() -> dict[int, dt.date]:
        end = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
        found = ProgressReport.objects.filter(withdrawn_at__isnull=True, reported_at__lt=min(end, clock.now()))
        newest = found.order_by().values_list("assignment_id").annotate(newest=Max("reported_at"))
        zone = timezone.get_current_timezone()
        return {pk: local_day(at, zone) for pk, at in newest}

    return context.memo(("last reports", day), read)


def rhythms(context: Context) -> dict[int, list[str]]:
    """Return the recurrence of each measure that has one."""

    def read() -> dict[int, list[str]]:
        return dict(Measure.objects.exclude(recurrence=[]).order_by().values_list("pk", "recurrence"))

    return context.memo("rhythms", read)


@dataclass(frozen=True, slots=True)
class Asked:
    """An assignment that a round asked for: its area, whether it was reported, and by the day due."""

    assignment: int
    area: int | None
    reported: bool
    in_time: bool


def last_round(context: Context, start: dt.date, end: dt.date) -> tuple[DispatchRound, list[Asked]] | None:
    """Return the newest round of the months that touch a period, with all that it asked for; None without a round."""

    def read() -> tuple[DispatchRound, list[Asked]] | None:
        months = DispatchRound.objects.filter(month__gte=start.replace(day=1), month__lte=end)
        newest = months.filter(document__kind=Document.Kind.CITY_PLAN).order_by("-month").first()
        if newest is None:
            return None
        first: dict[int, dt.date] = {}
        reports = ProgressReport.objects.filter(round=newest, withdrawn_at__isnull=True).order_by("reported_at")
        for pk, at in reports.values_list("assignment_id", "reported_at"):
            first.setdefault(pk, local_day(at))
        entries = RoundEntry.objects.filter(round=newest, assignment__parent__isnull=True)
        asked = [
            Asked(pk, area, pk in first, pk in first and first[pk] <= newest.due_on)
            for pk, area in entries.values_list("assignment_id", "assignment__area_id")
        ]
        return newest, asked

    return context.memo(("round", start, end), read)


def county_plans(context: Context) -> list[Handed]:
    """Return the areas that owe something of each adopted city plan, with their plans: what the county plans' page shows."""
    return context.memo("county plans", lambda: [row for plan in plans(context) for row in standing(plan)])


def is_old(last: dt.date | None, recurrence: list[str], day: dt.date, limits: Thresholds) -> bool:
    """Tell whether the newest report of an open assignment was too old on a day, by the rhythm of its measure."""
    return last is None or (day - last).days > stale_after(recurrence, limits.freshness)
