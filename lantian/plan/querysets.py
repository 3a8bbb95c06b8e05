"""Querysets of the plan room: statuses that are computed, and what a person may see.

The models stand above: they are named as foreign keys name them, so that nothing here imports them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.query import ModelIterable
from django.utils import timezone

from lantian.plan.rules.states import OPEN_STATES, STATUSES, ageing_after, rhythm, stale_after

if TYPE_CHECKING:
    from lantian.city.access import Scope
    from lantian.plan.models.ledger import Assignment  # noqa: F401 - named in the base class
    from lantian.plan.thresholds import Thresholds

__all__ = ["OPEN_STATES", "AssignmentQuerySet", "start_of_day"]


def start_of_day(today: dt.date, days: int) -> dt.datetime:
    """Return the moment at which the day `days` before `today` begins here."""
    return timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=days), dt.time()))


def _overlays(today: dt.date, due_soon_days: int, grace_days: int) -> list[tuple[str, Q]]:
    """Return (status, condition) of those statuses that time or a setback lays over the stored state, in order."""
    open_ = Q(state__in=OPEN_STATES)
    soon = today + dt.timedelta(days=due_soon_days)
    late = today - dt.timedelta(days=grace_days)
    return [
        ("rebounded", Q(state="rebounded")),
        ("overdue", open_ & Q(deadline__lt=late)),
        ("returned", Q(state="returned")),
        ("due_soon", open_ & Q(deadline__lte=soon)),
    ]


class _LitRows(ModelIterable):  # type: ignore[type-arg]
    """Assignments with both lights laid on each as it is read."""

    def __iter__(self) -> Iterator[Any]:
        queryset: Any = self.queryset
        limits = queryset._limits
        for row in super().__iter__():
            row.status = limits.status(row.state, row.deadline)
            last = timezone.localdate(row.last_report_at) if row.last_report_at else None
            row.freshness = limits.freshness_of(last, row.measure.recurrence)
            yield row


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    _limits: Thresholds | None = None

    def _clone(self) -> AssignmentQuerySet:
        copy: AssignmentQuerySet = super()._clone()  # type: ignore[misc]
        copy._limits = self._limits
        return copy

    def lit(self, limits: Thresholds) -> AssignmentQuerySet:
        """Give each row both lights: `status`, `freshness`, `last_report_at`, `last_percent`.

        For rows that are shown: the lights are computed for these, and not by the database for all of them. To filter or
        order by a light take `with_lights`. Select `measure` with it.
        """
        copy = self.with_last_report()
        copy._limits = limits
        copy._iterable_class = _LitRows
        return copy

    def live(self) -> AssignmentQuerySet:
        """Assignments of adopted plans that were not cancelled."""
        return self.filter(measure__clause__task__version__state="adopted").exclude(state="cancelled")

    def wholes(self) -> AssignmentQuerySet:
        """Without the parts into which another assignment was divided: a duty is counted once."""
        return self.filter(parent__isnull=True)

    def with_lights(self, limits: Thresholds) -> AssignmentQuerySet:
        """Annotate both lights: `status`, and `freshness` with `last_report_at` and `last_percent`."""
        return (
            self.with_status(limits.today, limits.due_soon_days, grace_days=limits.grace_days)
            .with_last_report()
            .with_freshness(limits)
        )

    def with_freshness(self, limits: Thresholds) -> AssignmentQuerySet:
        """Annotate `freshness` from `last_report_at`, by the rhythm of the measure (two queries, whatever the size)."""
        by_rhythm: dict[str, list[int]] = {}
        recurring = apps.get_model("plan", "Measure").objects.exclude(recurrence=[]).order_by()
        for pk, recurrence in recurring.values_list("pk", "recurrence"):
            by_rhythm.setdefault(rhythm(recurrence), []).append(pk)
        by_rhythm.pop("once", None)
        whens = [When(last_report_at__isnull=True, then=Value("never"))]
        for name, pks in [*by_rhythm.items(), ("once", None)]:
            whose = Q() if pks is None else Q(measure_id__in=pks)
            stale = stale_after([name], limits.freshness)
            ageing = ageing_after(stale, limits.freshness["ageing_share"])
            whens += [
                When(whose & Q(last_report_at__lt=start_of_day(limits.today, stale)), then=Value("stale")),
                When(whose & Q(last_report_at__lt=start_of_day(limits.today, ageing)), then=Value("ageing")),
            ]
            if pks is not None:
                whens.append(When(whose, then=Value("fresh")))
        return self.annotate(
            freshness=Case(*whens, default=Value("fresh"), output_field=models.CharField()),
        )

    def with_status(self, today: dt.date, due_soon_days: int, *, grace_days: int = 0) -> AssignmentQuerySet:
        """Annotate `status`: the stored state, overlaid by overdue and due soon where work is still open.

        The pure twin is `rules.states.status`; a test holds both to the same answers.
        """
        return self.annotate(
            status=Case(
                *(When(when, then=Value(name)) for name, when in _overlays(today, due_soon_days, grace_days)),
                default=F("state"),
                output_field=models.CharField(),
            )
        )

    def urgent_first(self, today: dt.date, due_soon_days: int, *, grace_days: int = 0) -> AssignmentQuerySet:
        """Order by what hurts first (the order of `rules.states.STATUSES`), then by deadline.

        The rank is computed from the conditions themselves: ordering by the annotated status would repeat its whole
        expression for each rank.
        """
        rank: dict[str, int] = {name: at for at, name in enumerate(STATUSES)}
        whens = [When(when, then=Value(rank[name])) for name, when in _overlays(today, due_soon_days, grace_days)]
        whens += [When(state=name, then=Value(at)) for name, at in rank.items() if name not in ("overdue", "due_soon")]
        urgency = Case(*whens, default=Value(len(rank)), output_field=models.IntegerField())
        return self.annotate(urgency=urgency).order_by("urgency", "deadline", "pk")

    def with_last_report(self) -> AssignmentQuerySet:
        """Annotate `last_report_at`, `last_percent` from the newest report that was not withdrawn."""
        valid = apps.get_model("plan", "ProgressReport").objects.filter(withdrawn_at__isnull=True)
        newest = valid.filter(assignment=OuterRef("pk")).order_by("-reported_at", "-id")
        return self.annotate(
            last_report_at=Subquery(newest.values("reported_at")[:1]),
            last_percent=Subquery(newest.values("percent")[:1]),
        )

    def visible_to(self, scope: Scope) -> AssignmentQuerySet:
        """Only what the person may see: everything, or their places, their agencies' measures, their enterprise."""
        if scope.sees_everything:
            return self
        mine = Q(pk__in=[])
        if scope.place_ids:
            mine |= Q(place_id__in=scope.place_ids) | Q(area_id__in=scope.place_ids)
        if scope.agency_ids:
            mine |= Q(agency_id__in=scope.agency_ids) | Q(
                measure__clause__in=models.Subquery(self._clauses_of(scope.agency_ids).values("clause_id"))
            )
        if scope.enterprises:
            mine |= Q(enterprise__in=scope.enterprises)
        return self.filter(mine)

    @staticmethod
    def _clauses_of(agency_ids: frozenset[int]) -> models.QuerySet[models.Model]:
        rows: models.QuerySet[models.Model] = apps.get_model("plan", "ClauseAgency").objects.filter(
            agency_id__in=agency_ids
        )
        return rows
