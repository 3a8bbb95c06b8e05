"""The series of an enterprise, an outlet or a machine: production over treatment, factors with limits, orders shaded."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from lantian.city import clock
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.charts import download
from lantian.kit.forms import day_field
from lantian.sources import queries as sources
from lantian.sources.models import Enterprise
from lantian.supervision import queries
from lantian.supervision.drawing import Window, power_chart, stack_charts
from lantian.supervision.tabs import tabs
from lantian.supervision.words import rule_name

_LONGEST = 92


class SpanForm(forms.Form):
    first = day_field(label=gettext_lazy("from"))
    last = day_field(label=gettext_lazy("until"))

    def clean(self) -> dict[str, dt.date]:
        data = super().clean() or {}
        if "first" in data and "last" in data:
            if data["last"] < data["first"]:
                raise forms.ValidationError(_("The last day lies before the first."))
            if (data["last"] - data["first"]).days > _LONGEST:
                raise forms.ValidationError(_("At most %(days)d days at once.") % {"days": _LONGEST})
        return data


@require_safe
@needs("alarm.view")
def series(request: SignedRequest, code: str) -> HttpResponse:
    """Charts of an enterprise (its code), or of one outlet or machine of it."""
    scope = scope_of(request.user)
    enterprise = sources.visible_to(scope, verb="alarm.view").filter(code__in=_owners(code)).order_by("code").first()
    if enterprise is None:
        raise Http404
    (plant,) = sources.plants(codes=[enterprise.code])
    outlets = [one for one in plant.outlets if code in (plant.code, one.code)]
    if code != plant.code and not outlets and code not in {one.code for one in plant.equipment}:
        raise Http404
    form, first, last = _span(request)
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(first, dt.time(), zone)
    window = Window(plant, start, dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone))
    found = window.read()
    alarms = queries.alarms(scope).filter(enterprise=enterprise, start__lt=window.end, end__gt=window.start)
    spans = [(one.start, one.end, str(rule_name(one.rule))) for one in alarms.exclude(state="cleared")[:40]]
    charts = [one for one in [power_chart(window, found, spans)] if one is not None]
    for outlet in outlets:
        charts += stack_charts(window, found, outlet, [])
    if answer := download(request, charts):
        return answer
    context = {
        "title": _("Series of %(name)s") % {"name": enterprise}, "tabs": tabs(request), "charts": charts, "one": enterprise,
        "form": form, "code": code,
    }  # fmt: skip
    return render(request, "supervision/series.html", context)


def _owners(code: str) -> list[str]:
    """Return the codes of enterprises that a code may belong to: itself, and what stands before its last dots."""
    pieces = code.split(".")
    return [".".join(pieces[:n]) for n in range(1, len(pieces) + 1)]


def _span(request: SignedRequest) -> tuple[SpanForm, dt.date, dt.date]:
    today = clock.today()
    usual = (today - dt.timedelta(days=2), today)
    if "first" not in request.GET:
        return SpanForm(initial={"first": usual[0], "last": usual[1]}), *usual
    form = SpanForm(request.GET)
    if form.is_valid():
        return form, form.cleaned_data["first"], form.cleaned_data["last"]
    return form, *usual


__all__ = ["Enterprise", "series"]
