"""The evidence list and the viewer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lantian.city.access import needs
from lantian.records.views.content import visible_evidence


@require_safe
@needs("evidence.view")
def evidence_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The viewer."""
    evidence = visible_evidence(request, pk)
    return render(request, "records/evidence.html", {"title": str(evidence), "evidence": evidence})
