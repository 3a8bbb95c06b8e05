"""What supervision shows on the page of an enterprise: its open alarms and leads, the way to its series."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from lantian.city.access import scope_of


def alarms_part(request: HttpRequest, code: str) -> str | None:
    """Return the card, None for people who see no alarms."""
    from lantian.supervision.queries import alarms, leads
    from lantian.supervision.views.shown import rows_of

    scope = scope_of(request.user)
    if not scope.may("alarm.view"):
        return None
    own = alarms(scope).filter(enterprise__code=code)
    context = {
        "code": code,
        "open": own.filter(state__in=own.model.OPEN).count(),
        "rows": rows_of(own.select_related("enterprise")[:6]),
        "leads": leads(scope).filter(enterprise__code=code, state__in=("open", "taken")),
    }
    return render_to_string("supervision/on_enterprise.html", context, request=request)
