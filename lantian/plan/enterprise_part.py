"""What the plan asks of an enterprise, on its page in the register: assignments that name it, as holder or in the measure."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string

from lantian.city.access import scope_of
from lantian.kit.search import in_list
from lantian.plan import queries
from lantian.plan.models import Assignment
from lantian.plan.thresholds import thresholds
from lantian.sources import parts
from lantian.sources.queries import called

_MOST = 30


def _assignments(request: HttpRequest, plant_code: str) -> str | None:
    """Return the assignments that concern an enterprise, as far as this person may see them; None where there are none."""
    scope = scope_of(request.user)
    names = called(plant_code)
    if not scope.may("assignment.view") or not names:
        return None
    named = Q(enterprise__in=names)
    for name in names:
        named |= in_list("measure__enterprises", name)
    found = Assignment.objects.visible_to(scope).filter(named).order_by("measure__code", "pk")
    rows = list(queries.rows(found, thresholds())[:_MOST])
    return render_to_string("plan/enterprise_part.html", {"rows": rows}, request) if rows else None


def register() -> None:
    """Put the part on the page of the register (at start-up)."""
    parts.register("assignments", 40, _assignments)
