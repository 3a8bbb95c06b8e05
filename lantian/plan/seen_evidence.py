"""What the ledger tells the records room about evidence: who sees it, and what it is used for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from lantian.city.access import Scope
from lantian.plan.models import Assignment, ProgressReport, Step
from lantian.records.models import Evidence
from lantian.records.queries import Usage, register_evidence_scope, register_evidence_usage


def evidence_of_visible_assignments(scope: Scope) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Return the keys of the evidence in reports and in steps of assignments that the person sees."""
    seen = Assignment.objects.visible_to(scope).order_by().values("pk")
    # Through the link tables, not by joins: each side stays one indexed lookup.
    in_reports = ProgressReport.evidence.through.objects.filter(progressreport__assignment__in=seen)
    in_steps = Step.evidence.through.objects.filter(step__assignment__in=seen)
    return in_reports.values("evidence_id"), in_steps.values("evidence_id")


def uses(evidence: Evidence, scope: Scope) -> Iterator[Usage]:
    """Yield the reports and steps that a piece of evidence belongs to, as far as the person may see them."""
    seen = Assignment.objects.visible_to(scope).filter(Q(reports__evidence=evidence) | Q(steps__evidence=evidence))
    for assignment in seen.select_related("measure", "place", "agency").distinct():
        yield Usage(str(assignment), reverse("plan:assignment", args=[assignment.pk]), _("assignment"))


def register() -> None:
    """Tell the records room (at start-up)."""
    register_evidence_scope(evidence_of_visible_assignments)
    register_evidence_usage(uses)
