"""Rules: which there are, on or off, their numbers, how good they were measured to be, and a trial over stored data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from lantian.city import clock
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.models import Place
from lantian.kit.forms import KitForm, day_field, perform, status_of, text_field
from lantian.sources.models import Enterprise
from lantian.supervision import queries
from lantian.supervision.models import Alarm, RuleOverride
from lantian.supervision.rules.parameters import RuleText
from lantian.supervision.services import numbers as service
from lantian.supervision.services.trial import Trial, trial
from lantian.supervision.tabs import tabs
from lantian.supervision.views.shown import subjects
from lantian.supervision.words import chinese, measured, rule_name, sentence

_MOST_DAYS = 62


class SwitchForm(KitForm):
    reason = text_field(label=gettext_lazy("Reason"), rows=2)
    submit_label = gettext_lazy("Switch")


class TrialForm(forms.Form):
    first = day_field(label=gettext_lazy("from"))
    last = day_field(label=gettext_lazy("until"))
    area = forms.ModelChoiceField(
        label=gettext_lazy("Area"), queryset=Place.objects.none(), required=False, to_field_name="code",
        empty_label=gettext_lazy("all areas"),
    )  # fmt: skip

    def __init__(self, rule: RuleText, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = Place.objects.areas().defer("boundary")  # type: ignore[attr-defined]
        for one in rule.parameters.values():
            self.fields[f"n_{one.name}"] = forms.FloatField(
                label=f"{one.zh if chinese() else one.en} ({one.unit})" if one.unit else (one.zh if chinese() else one.en),
                initial=one.value, min_value=one.least, max_value=one.most, required=False,
            )  # fmt: skip
        for field in self.fields.values():
            field.widget.attrs.setdefault(
                "class", "form-select" if isinstance(field, forms.ModelChoiceField) else "form-control"
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") and data.get("last"):
            if data["last"] < data["first"]:
                raise forms.ValidationError(_("The last day lies before the first."))
            if (data["last"] - data["first"]).days > _MOST_DAYS:
                raise forms.ValidationError(_("At most %(days)d days at once.") % {"days": _MOST_DAYS})
        return data

    @property
    def numbers(self) -> dict[str, float]:
        return {name[2:]: v for name, v in self.cleaned_data.items() if name.startswith("n_") and v is not None}


@require_safe
@needs("alarm.view")
def rules(request: SignedRequest) -> HttpResponse:
    """All rules, with their state and how often they spoke in the last 30 days."""
    on, known = queries.rules_on(), queries.pack_parameters().rules
    since = clock.now() - dt.timedelta(days=30)
    spoke: dict[str, int] = {}
    for rule in queries.alarms(scope_of(request.user)).filter(start__gte=since).values_list("rule", flat=True):
        spoke[rule] = spoke.get(rule, 0) + 1
    rows = [
        {
            "id": name, "name": rule_name(name), "what": one.what_zh if chinese() else one.what_en, "severity": one.severity,
            "kind": one.kind, "on": name in on, "spoke": spoke.get(name, 0), "measured": measured(name),
        }
        for name, one in known.items()
    ]  # fmt: skip
    return render(request, "supervision/rules.html", {"title": _("Rules"), "tabs": tabs(request), "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("alarm.view")
def rule(request: SignedRequest, rule: str) -> HttpResponse:
    """One rule: its words and numbers; a trial over stored data by GET (`first`, `last`); switching by POST."""
    found = queries.pack_parameters().rules.get(rule)
    if found is None:
        raise Http404
    form = SwitchForm()
    status = 200
    if request.method == "POST":
        scope_of(request.user).require("alarm.manage")
        form = SwitchForm(request.POST)
        on = not queries.is_on(rule)
        if form.is_valid():
            perform(form, lambda data: service.switch(request.user, rule, on=on, reason=data["reason"]))
        if form.is_valid() and not form.errors:
            messages.success(request, _("Switched."))
            return redirect("supervision:rule", rule=rule)
        status = status_of(form)
    return _rule_page(request, found, form, status)


def _rule_page(request: SignedRequest, found: RuleText, form: SwitchForm, status: int) -> HttpResponse:
    asked = "first" in request.GET
    today = clock.today()
    days = {"first": today - dt.timedelta(days=7), "last": today}
    trial_form = TrialForm(found, request.GET) if asked else TrialForm(found, initial=days)
    may = scope_of(request.user).may("alarm.manage")
    done = _try(request, found, trial_form) if asked and may and trial_form.is_valid() else None
    settings = queries.parameters()
    context = {
        "title": rule_name(found.id), "found": found, "tabs": tabs(request), "on": queries.is_on(found.id), "may": may,
        "what": found.what_zh if chinese() else found.what_en, "form": form, "trial_form": trial_form, "trial": done,
        "numbers": [(one, one.zh if chinese() else one.en) for one in found.parameters.values()],
        "measured": measured(found.id), "switch": queries.switches().get(found.id), "version": settings.version,
        "overrides": RuleOverride.objects.filter(rule=found.id).select_related("by", "enterprise"),
        "open": queries.alarms(scope_of(request.user)).filter(rule=found.id, state__in=Alarm.OPEN).count(),
    }  # fmt: skip
    return render(request, "supervision/rule.html", context, status=status)


def _try(request: SignedRequest, found: RuleText, form: TrialForm) -> dict[str, Any]:
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(form.cleaned_data["first"], dt.time(), zone)
    end = dt.datetime.combine(form.cleaned_data["last"] + dt.timedelta(days=1), dt.time(), zone)
    area = form.cleaned_data["area"]
    done: Trial = trial(
        request.user, found.id, start, min(end, clock.now()), numbers=form.numbers, area=area.code if area else None
    )
    names = subjects(one.subject for one in done.findings)
    plants = dict(Enterprise.objects.filter(code__in={one.plant for one in done.findings}).values_list("code", "name"))
    rows = [
        (one, plants.get(one.plant, one.plant), names.get(one.subject) or one.subject, sentence(one.rule, one.numbers))
        for one in done.findings[:200]
    ]
    return {"done": done, "rows": rows, "many": len(done.findings)}
