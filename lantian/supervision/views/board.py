"""The live board: per county, how many plants report, produce, and have alarms; what is newest."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lantian.city import clock
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.sources import queries as sources
from lantian.supervision import queries
from lantian.supervision.models import Alarm, Judged
from lantian.supervision.tabs import tabs
from lantian.supervision.views.shown import rows_of

_NEWEST = 20


@require_safe
@needs("alarm.view")
def board(request: SignedRequest) -> HttpResponse:
    """The board; `?part=1` answers only what changes (asked for every minute)."""
    scope = scope_of(request.user)
    alarms = queries.alarms(scope)
    undecided = Q(alarms__state__in=Alarm.OPEN)
    plants = sources.visible_to(scope, verb="alarm.view").exclude(state="closed")
    rows = (
        plants.values("area__code", "area__name", "area__name_en", "area__position")
        .annotate(
            plants=Count("pk", distinct=True),
            judged=Count("pk", filter=Q(pk__in=Judged.objects.values("enterprise")), distinct=True),
            high=Count("alarms", filter=undecided & Q(alarms__severity="high"), distinct=True),
            medium=Count("alarms", filter=undecided & Q(alarms__severity="medium"), distinct=True),
            low=Count("alarms", filter=undecided & Q(alarms__severity="low"), distinct=True),
            going=Count("alarms", filter=undecided & Q(alarms__ongoing=True), distinct=True),
        )
        .order_by("area__position", "area__code")
    )
    context: dict[str, Any] = {
        "title": _("Supervision"), "tabs": tabs(request), "now": clock.now(), "rows": list(rows),
        "newest": rows_of(alarms.filter(state__in=Alarm.OPEN).select_related("enterprise__area").order_by("-raised_at", "-id")[:_NEWEST]),
        "leads": queries.leads(scope).filter(state__in=("open", "taken")).select_related("enterprise__area")[:8],
        "last": Judged.objects.order_by("-until").values_list("until", flat=True).first(),
        "failures": Judged.objects.exclude(failures=[]).count() if scope.may("alarm.manage") else 0,
    }  # fmt: skip
    template = "supervision/board_part.html" if request.GET.get("part") else "supervision/board.html"
    return render(request, template, context)
