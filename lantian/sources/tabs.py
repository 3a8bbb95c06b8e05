"""The pages of the sources room as tabs, as data: shown to those who hold the verb, when the address exists."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.city.access import scope_of


@dataclass(frozen=True)
class Tab:
    label: Promise
    url_name: str
    verb: str


TABS = (
    Tab(pgettext_lazy("sources", "Register"), "sources:list", "source.view"),
    Tab(pgettext_lazy("sources", "Map"), "sources:map", "source.view"),
    Tab(pgettext_lazy("sources", "Boilers"), "sources:boilers", "source.view"),
    Tab(pgettext_lazy("sources", "Permits"), "sources:permits", "source.view"),
    Tab(pgettext_lazy("sources", "Import"), "sources:import", "source.import"),
    Tab(_("Possible duplicates"), "sources:merge", "source.edit"),
)


def tabs(request: HttpRequest) -> list[dict[str, object]]:
    """Return the tabs that this person sees: label, url, whether it is the present page (the longest address that fits)."""
    shown = []
    for tab in TABS:
        if not scope_of(request.user).may(tab.verb):
            continue
        try:
            shown.append({"label": tab.label, "url": reverse(tab.url_name)})
        except NoReverseMatch:
            continue
    here = max((str(one["url"]) for one in shown if request.path.startswith(str(one["url"]))), key=len, default="")
    return [{**one, "active": one["url"] == here} for one in shown]
