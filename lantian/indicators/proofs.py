"""Evidence behind hand-entered values: who sees it because of them, and where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from lantian.city.access import Scope
from lantian.indicators.models import Entry
from lantian.records.models import Evidence
from lantian.records.queries import Usage, register_evidence_scope, register_evidence_usage


def evidence_seen(scope: Scope) -> QuerySet[Any]:
    """Return the evidence of the entries that a person may read."""
    rows = Entry.objects.visible_to(scope) if scope.may("indicator.view") else Entry.objects.none()
    return rows.filter(evidence__isnull=False).order_by().values("evidence")


def evidence_used(evidence: Evidence, scope: Scope) -> Iterator[Usage]:
    """Yield the entries that a piece of evidence stands behind."""
    if not scope.may("indicator.view"):
        return
    rows = Entry.objects.visible_to(scope).filter(evidence=evidence).select_related("place").order_by("-id")
    for entry in rows:
        label = f"{entry.indicator} · {entry.place} · {entry.period_from}–{entry.period_to}"
        yield Usage(label, reverse("indicators:entry", args=[entry.pk]))


def register() -> None:
    register_evidence_scope(evidence_seen)
    register_evidence_usage(evidence_used)
