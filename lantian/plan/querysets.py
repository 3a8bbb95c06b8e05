"""Querysets of the plan room: statuses that are computed, and what a person may see."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When

if TYPE_CHECKING:
    from lantian.city.access import Scope

# Work that still has to be done by the holder: only there can a deadline be near or past.
OPEN_STATES = ("not_started", "in_progress", "returned", "rebounded")


class AssignmentQuerySet(models.QuerySet["models.Model"]):
    def live(self) -> AssignmentQuerySet:
        """Assignments of adopted plans that were not cancelled."""
        return self.filter(measure__clause__task__version__state="adopted").exclude(state="cancelled")

    def with_status(self, today: dt.date, due_soon_days: int) -> AssignmentQuerySet:
        """Annotate `status`: the stored state, overlaid by overdue and due soon where work is still open."""
        open_ = Q(state__in=OPEN_STATES)
        soon = today + dt.timedelta(days=due_soon_days)
        return self.annotate(
            status=Case(
                When(Q(state="rebounded"), then=Value("rebounded")),
                When(open_ & Q(deadline__lt=today), then=Value("overdue")),
                When(Q(state="returned"), then=Value("returned")),
                When(open_ & Q(deadline__lte=soon), then=Value("due_soon")),
                default=F("state"),
                output_field=models.CharField(),
            )
        )

    def with_last_report(self) -> AssignmentQuerySet:
        """Annotate `last_report_at`, `last_percent` from the newest report that was not withdrawn."""
        from lantian.plan.models.ledger import ProgressReport

        newest = ProgressReport.objects.filter(assignment=OuterRef("pk"), withdrawn_at__isnull=True).order_by(
            "-reported_at", "-id"
        )
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
        from lantian.plan.models.document import ClauseAgency

        return ClauseAgency.objects.filter(agency_id__in=agency_ids)
