"""Alarms: the list, one alarm with its evidence, and what people do with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
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
from lantian.kit.search import all_words
from lantian.sources import queries as sources
from lantian.supervision import queries
from lantian.supervision.drawing import Window, power_chart, stack_charts
from lantian.supervision.models import Alarm, AlarmStep
from lantian.supervision.rules.parameters import house_parameters
from lantian.supervision.services import acting
from lantian.supervision.tabs import tabs
from lantian.supervision.views.shown import rows_of, subjects
from lantian.supervision.words import chinese, rule_name, sentence, text

_AROUND = dt.timedelta(hours=12)
_LONGEST = dt.timedelta(days=31)


class AlarmTable(tables.Table):
    start = MomentColumn(
        attrs={"td": {"class": "text-nowrap"}}, linkify=lambda record: reverse("supervision:alarm", args=[record.pk])
    )
    enterprise = tables.Column(linkify=lambda record: reverse("sources:enterprise", args=[record.enterprise.code]))
    area = tables.Column(
        gettext_lazy("Area"), accessor="enterprise__area", order_by=("enterprise__area__position", "pk")
    )
    rule = tables.Column()
    said = tables.Column(gettext_lazy("What was found"), accessor="numbers", orderable=False)
    severity = BadgeColumn("severity")
    state = BadgeColumn("alarm_state")
    level = tables.Column()
    end = MomentColumn(attrs={"td": {"class": "text-nowrap"}})
    subject = tables.Column()
    raised_at = MomentColumn()

    class Meta:
        model = Alarm
        fields: tuple[str, ...] = ()

    def render_enterprise(self, record: Alarm) -> Any:
        mark = (
            format_html(' <span class="badge lt-purple">{}</span>', _("invented"))
            if record.enterprise.synthetic
            else ""
        )
        return format_html("{}{}", str(record.enterprise), mark)

    def value_enterprise(self, record: Alarm) -> str:
        return f"{record.enterprise} ({_('invented')})" if record.enterprise.synthetic else str(record.enterprise)

    def render_rule(self, value: str) -> str:
        return str(rule_name(value))

    def render_said(self, record: Alarm) -> str:
        return sentence(record.rule, record.numbers)

    def render_level(self, record: Alarm) -> str:
        return str(record.get_level_display())

    def render_end(self, record: Alarm, value: dt.datetime) -> str:
        return _("goes on") if record.ongoing else MomentColumn().render(value)


class AlarmFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Words"), method="words")
    area = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Area"),
        queryset=lambda request: Place.objects.areas().defer("boundary"),
        to_field_name="code",
        field_name="enterprise__area",
    )
    rule = django_filters.ChoiceFilter(
        label=gettext_lazy("rule"), choices=lambda: [(one, rule_name(one)) for one in house_parameters().rules]
    )
    severity = django_filters.ChoiceFilter(
        label=gettext_lazy("severity"), choices=lambda: [(v, c.label) for v, c in family("severity").items()]
    )
    state = django_filters.ChoiceFilter(label=gettext_lazy("state"), choices=lambda: _states(), method="in_state")

    class Meta:
        model = Alarm
        fields: tuple[str, ...] = ()

    def words(self, rows: QuerySet[Alarm], name: str, value: str) -> QuerySet[Alarm]:
        return rows.filter(all_words(value.split()[:8], "enterprise__name", "enterprise__code", "subject"))

    def in_state(self, rows: QuerySet[Alarm], name: str, value: str) -> QuerySet[Alarm]:
        return rows.filter(state__in=Alarm.OPEN) if value == "undecided" else rows.filter(state=value)


def _states() -> list[tuple[str, Any]]:
    return [
        ("undecided", pgettext_lazy("alarm", "not decided")),
        *((v, c.label) for v, c in family("alarm_state").items()),
    ]


@method_decorator(needs("alarm.view"), name="dispatch")
class AlarmPage(ListPage):
    table_class = AlarmTable
    filterset_class = AlarmFilter
    template_name = "supervision/list.html"
    title = pgettext_lazy("supervision", "Alarms")
    default_columns = ("start", "end", "enterprise", "area", "rule", "said", "severity", "state")
    file_name = "alarms"

    def get_queryset(self) -> QuerySet[Alarm]:
        return (
            queries.alarms(scope_of(self.request.user))
            .select_related("enterprise__area")
            .defer("enterprise__area__boundary")
        )

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        return {**kwargs, "tabs": tabs(self.request)}


class StepForm(KitForm):
    note = text_field(label=gettext_lazy("What was found, or why"), required=False)
    what = forms.CharField(widget=forms.HiddenInput)


_LABELS = {
    "acknowledged": (gettext_lazy("Take note"), "primary"),
    "answered": (gettext_lazy("Explain"), "primary"),
    "confirmed": (gettext_lazy("Confirm"), "danger"),
    "dismissed": (gettext_lazy("Dismiss"), "secondary"),
    "reopened": (gettext_lazy("Open again"), "secondary"),
}


def find(request: HttpRequest, pk: int) -> Alarm:
    """Return the alarm, or answer 404 where this person may not see it."""
    rows = queries.alarms(scope_of(request.user)).select_related("enterprise__area", "lead")
    found: Alarm = get_object_or_404(rows, pk=pk)
    return found


@require_safe
@needs("alarm.view")
def alarm(request: SignedRequest, pk: int) -> HttpResponse:
    """One alarm: what was found, the series behind it, who was told, what was answered."""
    one = find(request, pk)
    charts = charts_of([one])
    if answer := download(request, charts):
        return answer
    return _page(request, one, charts, None)


def _page(
    request: SignedRequest, one: Alarm, charts: list[Chart], form: StepForm | None, status: int = 200
) -> HttpResponse:
    moves = acting.moves(request.user, one)
    words = text(one.rule)
    lead = one.lead if one.lead and queries.leads(scope_of(request.user)).filter(pk=one.lead.pk).exists() else None
    context = {
        "title": rule_name(one.rule), "one": one, "row": rows_of([one])[0], "tabs": tabs(request), "charts": charts,
        "what": (words.what_zh if chinese() else words.what_en) if words else "", "words": words,
        "steps": [(step, badge("alarm_act", step.act).label, _told(step)) for step in one.steps.select_related("by")],
        "form": form or StepForm.of(one), "lead": lead,
        "buttons": [(what, *_LABELS[str(what)]) for what in moves],
    }  # fmt: skip
    return render(request, "supervision/alarm.html", context, status=status)


def _told(step: AlarmStep) -> str:
    """Return what a step's data say: how many people were told, what was judged then."""
    if "people" in step.data:
        return (
            _("%(people)d people told") % step.data
            if step.data["people"]
            else _("nobody holds a login there: nobody was told")
        )
    if "numbers" in step.data:
        return sentence(step.alarm.rule, step.data["numbers"])
    return ""


@require_POST
@needs("alarm.act")
def act(request: SignedRequest, pk: int) -> HttpResponse:
    """Take a step with an alarm."""
    one = find(request, pk)
    form = StepForm(request.POST)
    done = perform(
        form,
        lambda data: acting.act(
            request.user, one, data["what"], note=data["note"], seen_version=data["version"], key=data["key"] or None
        ),
        record=one,
    )
    if done is None:
        return _page(request, one, charts_of([one]), form, status_of(form))
    messages.success(request, _("Kept."))
    return redirect("supervision:alarm", pk=pk)


def charts_of(alarms: list[Alarm], around: dt.timedelta = _AROUND) -> list[Chart]:
    """Return the charts behind alarms of one enterprise: its meters, its outlets, with the spans of the alarms shaded."""
    if not alarms:
        return []
    code = alarms[0].enterprise.code
    (plant,) = sources.plants(codes=[code]) or (None,)
    if plant is None:
        return []
    start, end = min(one.start for one in alarms) - around, max(one.end for one in alarms) + around
    start = max(start, end - _LONGEST).replace(minute=0, second=0, microsecond=0)
    window = Window(plant, start, end.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1))
    found = window.read()
    spans = [(one.start, one.end, str(rule_name(one.rule))) for one in alarms]
    looked = {source for one in alarms for source, _quantity in one.looked_at}
    charts = [power_chart(window, found, spans)]
    for outlet in plant.outlets:
        if outlet.code in looked:
            charts += stack_charts(window, found, outlet, spans)
    return [one for one in charts if one is not None]


__all__ = ["AlarmPage", "act", "alarm", "charts_of", "subjects"]
