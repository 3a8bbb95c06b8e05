"""Leads: the list by likelihood, and a card for the person who goes there."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.models import Place
from lantian.kit.charts import Chart, download
from lantian.kit.choices import badge, family
from lantian.kit.columns import BadgeColumn, MomentColumn
from lantian.kit.forms import KitForm, perform, status_of, text_field
from lantian.kit.lists import ListPage
from lantian.supervision import queries
from lantian.supervision.models import Lead
from lantian.supervision.services import leads as service
from lantian.supervision.tabs import tabs
from lantian.supervision.views.alarms import charts_of
from lantian.supervision.views.shown import rows_of
from lantian.supervision.words import rule_name

_MOST_ALARMS = 60


class LeadTable(tables.Table):
    likelihood = tables.Column(attrs={"td": {"class": "lt-number"}})
    enterprise = tables.Column(linkify=lambda record: reverse("supervision:lead", args=[record.pk]))
    area = tables.Column(
        gettext_lazy("Area"), accessor="enterprise__area", order_by=("enterprise__area__position", "pk")
    )
    kind = BadgeColumn("lead_kind")
    alarms = tables.Column(gettext_lazy("Alarms"), accessor="many", attrs={"td": {"class": "lt-number"}})
    state = BadgeColumn("lead_state")
    opened_at = MomentColumn()
    changed_at = MomentColumn()
    taken_by = tables.Column(gettext_lazy("taken up by"))

    class Meta:
        model = Lead
        fields: tuple[str, ...] = ()

    def render_likelihood(self, value: float) -> str:
        return f"{100 * value:.0f} %"

    def value_likelihood(self, value: float) -> float:
        return round(value, 3)

    def render_enterprise(self, record: Lead) -> Any:
        mark = (
            format_html(' <span class="badge lt-purple">{}</span>', _("invented"))
            if record.enterprise.synthetic
            else ""
        )
        return format_html("{}{}", str(record.enterprise), mark)

    def value_enterprise(self, record: Lead) -> str:
        return f"{record.enterprise} ({_('invented')})" if record.enterprise.synthetic else str(record.enterprise)


class LeadFilter(django_filters.FilterSet):
    area = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Area"),
        queryset=lambda request: Place.objects.areas().defer("boundary"),
        to_field_name="code",
        field_name="enterprise__area",
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("kind"), choices=lambda: [(v, c.label) for v, c in family("lead_kind").items()]
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("state"), choices=lambda: [(v, c.label) for v, c in family("lead_state").items()]
    )

    class Meta:
        model = Lead
        fields: tuple[str, ...] = ()


@method_decorator(needs("alarm.view"), name="dispatch")
class LeadPage(ListPage):
    table_class = LeadTable
    filterset_class = LeadFilter
    template_name = "supervision/list.html"
    title = pgettext_lazy("supervision", "Leads")
    default_columns = ("likelihood", "enterprise", "area", "kind", "alarms", "state", "changed_at")
    file_name = "leads"

    def get_queryset(self) -> QuerySet[Lead]:
        rows = queries.leads(scope_of(self.request.user)).select_related("enterprise__area", "taken_by")
        return rows.defer("enterprise__area__boundary").annotate(many=Count("alarms"))

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        return {**kwargs, "tabs": tabs(self.request)}


class LeadForm(KitForm):
    note = text_field(label=gettext_lazy("What was found, or why"), required=False)
    what = forms.CharField(widget=forms.HiddenInput)


_LABELS = {
    "taken": (gettext_lazy("Take it up"), "primary"),
    "released": (gettext_lazy("Give it back"), "secondary"),
    "noted": (gettext_lazy("Note"), "secondary"),
    "confirmed": (gettext_lazy("Confirmed on site"), "danger"),
    "refuted": (gettext_lazy("Refuted on site"), "secondary"),
    "reopened": (gettext_lazy("Open again"), "secondary"),
}


@require_safe
@needs("alarm.view")
def lead(request: SignedRequest, pk: int) -> HttpResponse:
    """A lead as a card: where to go, what to look for, why it is likely, the series."""
    one = _find(request, pk)
    charts = _charts(one)
    if answer := download(request, charts):
        return answer
    return _page(request, one, charts, None)


def _find(request: SignedRequest, pk: int) -> Lead:
    found: Lead = get_object_or_404(
        queries.leads(scope_of(request.user)).select_related("enterprise__area", "taken_by"), pk=pk
    )
    return found


def _charts(one: Lead) -> list[Chart]:
    newest = list(one.alarms.exclude(state__in=("cleared", "dismissed")).select_related("enterprise")[:10])
    return charts_of(newest)


def _page(
    request: SignedRequest, one: Lead, charts: list[Chart], form: LeadForm | None, status: int = 200
) -> HttpResponse:
    alarms = rows_of(one.alarms.select_related("enterprise")[:_MOST_ALARMS])
    context = {
        "title": f"{one.enterprise} · {one.get_kind_display()}", "one": one, "tabs": tabs(request), "charts": charts,
        "percent": round(100 * one.likelihood), "rows": alarms, "many": one.alarms.count(),
        "basis": [(rule_name(each["rule"]), each["alarms"], each["weight"]) for each in one.basis],
        "steps": [(step, badge("lead_act", step.act).label) for step in one.steps.select_related("by")],
        "form": form or LeadForm.of(one), "buttons": [(what, *_LABELS[str(what)]) for what in service.moves(request.user, one)],
    }  # fmt: skip
    return render(request, "supervision/lead.html", context, status=status)


@require_POST
@needs("alarm.act")
def act(request: SignedRequest, pk: int) -> HttpResponse:
    """Take a step with a lead."""
    one = _find(request, pk)
    form = LeadForm(request.POST)
    done = perform(
        form,
        lambda data: service.act(
            request.user, one, data["what"], note=data["note"], seen_version=data["version"], key=data["key"] or None
        ),
        record=one,
    )
    if done is None:
        return _page(request, one, _charts(one), form, status_of(form))
    messages.success(request, _("Kept."))
    return redirect("supervision:lead", pk=pk)
