"""The pages of supervision as tabs, shown to those who hold the verb."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from lantian.city.access import scope_of

TABS: tuple[tuple[Promise, str, str], ...] = (
    (pgettext_lazy("supervision", "Board"), "supervision:board", "alarm.view"),
    (pgettext_lazy("supervision", "Alarms"), "supervision:alarms", "alarm.view"),
    (pgettext_lazy("supervision", "Leads"), "supervision:leads", "alarm.view"),
    (pgettext_lazy("supervision", "Rules"), "supervision:rules", "alarm.view"),
)


def tabs(request: HttpRequest) -> list[dict[str, object]]:
    """Return the tabs that this person sees: label, url, whether it is the present page."""
    scope = scope_of(request.user)
    shown = [{"label": label, "url": reverse(name)} for label, name, verb in TABS if scope.may(verb)]
    fits = [str(one["url"]) for one in shown if request.path.startswith(str(one["url"]))]
    here = max(fits, key=len, default="")
    return [{**one, "active": one["url"] == here} for one in shown]
