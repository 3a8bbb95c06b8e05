"""Any two days of the ledger side by side, as far as a person may see it: rewound along the audit chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from lantian.city.access import Scope
from lantian.city.models import Place
from lantian.plan.lines import FIELDS, Line, lines_of
from lantian.plan.models import Assignment, Document, DocumentVersion, ProgressReport, Task
from lantian.plan.rules import baseline
from lantian.plan.rules.baseline import Difference, Sum
from lantian.plan.thresholds import Thresholds, thresholds
from lantian.records.models import AuditEntry

_VERSION = "measure__clause__task__version"


@dataclass
class Comparison:
    """What differs between two days. `lines` by assignment; `differences` of all of them, unchanged ones included."""

    since: dt.date
    until: dt.date
    lines: dict[int, Line]
    differences: list[Difference]
    faults: list[baseline.Fault]
    measures: list[AuditEntry] = field(default_factory=list)

    @cached_property
    def changed(self) -> list[Difference]:
        return [d for d in self.differences if d.kind != baseline.SAME]

    @cached_property
    def assignments(self) -> dict[int, Assignment]:
        """The changed assignments as records (one query more)."""
        rows = Assignment.objects.filter(pk__in=[d.id for d in self.changed])
        related = ("measure__clause__task", "place", "area", "agency")
        return rows.select_related(*related).defer("place__boundary", "area__boundary").in_bulk()

    def sums(self, what: str) -> dict[Hashable, tuple[Sum, Sum]]:
        """Return (before, after) counts by "area", "task" or "all"."""

        def rows_of(key: int) -> Iterable[Hashable]:
            if what == "area":
                area = self.lines[key].area
                return (area,) if area else ()
            return (self.lines[key].task,) if what == "task" else ("all",)

        return baseline.totals(self.differences, rows_of)


def end_of(day: dt.date) -> dt.datetime:
    """Return the last moment of a day here."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))


def compare(
    scope: Scope, since: dt.date, until: dt.date, *, area: Place | None = None, task: Task | None = None
) -> Comparison:
    """Compare the ledger at the end of two days (in either order of the calendar; `since` is the left side).

    Whole assignments of the city plans, as far as the person may see them. Eight queries, whatever the size.
    """
    limits, superseded = thresholds(), _superseded_at()
    rows = list(_rows(scope, area, task, (since, until)))
    present = [_present(row, superseded) for row in rows]
    changes = list(_changes(end_of(min(since, until)), {row["pk"] for row in rows}))
    sides: list[dict[int, baseline.Side]] = []
    faults: dict[tuple[int, str, int], baseline.Fault] = {}
    for name, day in (("percent_since", since), ("percent_until", until)):
        past = baseline.rewind(present, changes, end_of(day))
        faults |= {(fault.id, fault.field, fault.seq): fault for fault in past.faults}
        sides.append(_sides(past, {row["pk"]: row[name] for row in rows}, day, limits))
    return Comparison(
        since,
        until,
        lines_of(rows),
        baseline.compare(*sides),
        sorted(faults.values(), key=lambda fault: fault.seq),
        list(_measure_changes(since, until, {row["measure"] for row in rows})),
    )


def _sides(
    past: baseline.Past, percents: dict[int, int | None], day: dt.date, limits: Thresholds
) -> dict[int, baseline.Side]:
    return baseline.sides(past, percents, day, limits.due_soon_days, limits.grace_days)


def _rows(scope: Scope, area: Place | None, task: Task | None, days: tuple[dt.date, dt.date]) -> Any:
    """Return what the comparison needs of each assignment, as plain values: models would cost ten times as much."""
    rows = Assignment.objects.filter(
        **{f"{_VERSION}__state__in": ["adopted", "superseded"], f"{_VERSION}__document__kind": Document.Kind.CITY_PLAN}
    )
    rows = rows.wholes().visible_to(scope)
    if area is not None:
        rows = rows.filter(area=area)
    if task is not None:
        rows = rows.filter(measure__clause__task=task)
    return (
        rows.annotate(percent_since=_percent_on(days[0]), percent_until=_percent_on(days[1]))
        .order_by("pk")
        .values(*FIELDS, _VERSION, "state", "deadline", "created_at", "percent_since", "percent_until")
    )


def _percent_on(day: dt.date) -> Subquery:
    """The percent last reported by the end of a day, of reports that were not withdrawn by then."""
    moment = end_of(day)
    valid = ProgressReport.objects.filter(
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=moment), assignment=OuterRef("pk"), reported_at__lte=moment
    )
    return Subquery(valid.order_by("-reported_at", "-id").values("percent")[:1])


def _superseded_at() -> dict[int, dt.datetime]:
    """Return when each superseded version's successor was adopted."""
    found: dict[int, dt.datetime] = {}
    last: dict[int, dt.datetime] = {}
    rows = DocumentVersion.objects.filter(state__in=["adopted", "superseded"], adopted_at__isnull=False)
    for pk, document, state, at in rows.order_by("document", "-ordinal").values_list(
        "pk", "document", "state", "adopted_at"
    ):
        if state == "superseded" and document in last:
            found[pk] = last[document]
        if at is not None:
            last[document] = at
    return found


def _present(row: dict[str, Any], superseded: dict[int, dt.datetime]) -> baseline.Present:
    deadline = row["deadline"].isoformat() if row["deadline"] else None
    values = {"state": row["state"], "deadline": deadline}
    return baseline.Present(row["pk"], row["created_at"], values, superseded.get(row[_VERSION]))


def _changes(after: dt.datetime, wanted: set[int]) -> Iterable[baseline.Change]:
    entries = AuditEntry.objects.filter(target_type="plan.assignment", at__gt=after).exclude(changes={}).order_by("seq")
    for seq, at, target, changes in entries.values_list("seq", "at", "target_id", "changes"):
        if target.isdecimal() and int(target) in wanted:
            for name in baseline.FIELDS:
                if name in changes:
                    yield baseline.Change(seq, at, int(target), name, *changes[name])


def _measure_changes(since: dt.date, until: dt.date, wanted: set[int]) -> QuerySet[AuditEntry]:
    """Return what the chain says about the measures themselves (their wording, deadlines, numbers) between the days."""
    first, last = sorted((since, until))
    entries = AuditEntry.objects.filter(target_type="plan.measure", at__gt=end_of(first), at__lte=end_of(last))
    return entries.filter(target_id__in=[str(pk) for pk in wanted]).exclude(changes={}).order_by("-seq")[:200]
