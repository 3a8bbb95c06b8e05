"""What the home page and the wall screen show: counts by area, by task and by day due. A constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min, Q

from lantian.city.access import Scope
from lantian.city.models import Place
from lantian.plan.dispatch import visible_rounds
from lantian.plan.models import Assignment, DispatchRound, DocumentVersion, Measure, Task
from lantian.plan.querysets import OPEN_STATES
from lantian.plan.rules.lights import Light, default_rule, light, with_overrides
from lantian.plan.thresholds import Thresholds, thresholds

URGENT = 10


@dataclass
class AreaRow:
    place: Place
    counts: Counter[str]
    light: Light


@dataclass
class TaskRow:
    task: Task
    counts: Counter[str]
    light: Light

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def done_percent(self) -> int | None:
        return round(100 * self.counts["signed_off"] / self.n) if self.n else None


@dataclass(frozen=True)
class UrgentRow:
    """A measure with `n` assignments that are late, rebounded or due within a week; `first`: the earliest deadline."""

    measure: Measure
    n: int
    first: dt.date | None
    status: str


@dataclass
class Overview:
    """`versions`: adopted city plans; `totals`: counts by status; `due`: open work due within 7 and 30 days, and `all`.

    Every number is that of the list which it opens.
    """

    versions: list[DocumentVersion]
    areas: list[AreaRow]
    tasks: list[TaskRow]
    totals: Counter[str]
    due: dict[str, int]
    round: DispatchRound | None = None
    round_asked: int = 0
    round_reported: int = 0
    urgent: list[UrgentRow] = field(default_factory=list)


def overview(scope: Scope) -> Overview:
    """Return the overview of what this person may see today, by the thresholds of every other page."""
    limits = thresholds()
    today, pack = limits.today, limits.pack
    city_plans = Assignment.objects.live().filter(measure__clause__task__version__document__kind="city_plan")
    seen = city_plans.wholes().visible_to(scope)  # wholes, as in the list that each number opens
    # `Any`: the annotation is made inside the query set, where the types do not see it.
    with_status: Any = seen.with_status(today, limits.due_soon_days, grace_days=limits.grace_days)
    counted = (
        with_status.order_by().values_list("area_id", "measure__clause__task_id", "status").annotate(n=Count("pk"))
    )
    by_area: dict[int | None, Counter[str]] = defaultdict(Counter)
    by_task: dict[int, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for area, task, status, n in counted:
        by_area[area][status] += n
        by_task[task][status] += n
        totals[status] += n
    rule = with_overrides(default_rule(), pack.thresholds if pack else {})
    versions = list(
        DocumentVersion.objects.filter(state="adopted", document__kind="city_plan").select_related("document")
    )
    tasks = Task.objects.filter(version__in=versions).order_by("version_id", "position")
    return Overview(
        versions=versions,
        areas=[AreaRow(p, by_area[p.pk], light(by_area[p.pk], rule)) for p in Place.objects.areas()],
        tasks=[TaskRow(t, by_task[t.pk], light(by_task[t.pk], rule)) for t in tasks],
        totals=totals,
        due=_due(seen, limits),
        urgent=_urgent(seen, limits),
        **_last_round(scope),
    )


def _due(seen: Any, limits: Thresholds) -> dict[str, int]:
    open_, today = Q(state__in=OPEN_STATES), limits.today

    def within(days: int) -> Q:
        return open_ & Q(deadline__gte=today, deadline__lte=today + dt.timedelta(days=days))

    counts: dict[str, int] = seen.aggregate(
        in_7=Count("pk", filter=within(7)), in_30=Count("pk", filter=within(30)), all=Count("pk")
    )
    return counts


def _urgent(seen: Any, limits: Thresholds) -> list[UrgentRow]:
    """What hurts first, one row per measure: how many areas are late with it, or have to finish it within a week."""
    today = limits.today
    rows = seen.filter(Q(state="rebounded") | Q(state__in=OPEN_STATES, deadline__lte=today + dt.timedelta(days=7)))
    grouped = (
        rows.order_by()
        .values("measure_id")
        .annotate(
            n=Count("pk"),
            first=Min("deadline"),
            rebounded=Count("pk", filter=Q(state="rebounded")),
            overdue=Count("pk", filter=Q(deadline__lt=limits.late)),
        )
    )
    worst = sorted(grouped, key=lambda g: (-g["rebounded"], g["first"] or today, -g["n"]))[:URGENT]
    measures = Measure.objects.select_related("clause__task").in_bulk([g["measure_id"] for g in worst])
    return [UrgentRow(measures[g["measure_id"]], g["n"], g["first"], _worst_status(g)) for g in worst]


def _worst_status(group: dict[str, Any]) -> str:
    if group["rebounded"]:
        return "rebounded"
    return "overdue" if group["overdue"] else "due_soon"


def _last_round(scope: Scope) -> dict[str, Any]:
    newest: Any = visible_rounds(scope).order_by("-month").first()  # with its counts
    if newest is None:
        return {}
    return {"round": newest, "round_asked": newest.asked or 0, "round_reported": newest.handed_in or 0}
