"""The pages of the air room as tabs, as data: shown to those who hold the verb, when the address exists."""

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
    Tab(pgettext_lazy("air", "Now"), "air:home", "air.view"),
    Tab(_("Ranking"), "air:ranking", "air.view"),
    Tab(pgettext_lazy("air", "Places"), "air:places", "air.view"),
    Tab(pgettext_lazy("air", "Targets"), "air:targets", "air.view"),
    Tab(_("Dustfall"), "air:dustfall", "air.view"),
    Tab(_("Stations"), "air:stations", "air.view"),
    Tab(_("Data quality"), "air:quality", "air.view"),
    Tab(_("Quality review"), "air:review", "air.flag"),
    Tab(_("Dust days"), "air:dust", "air.view"),
    Tab(_("Imports"), "air:imports", "air.import"),
)


def tabs(request: HttpRequest, here: str = "") -> list[dict[str, object]]:
    """Return the tabs that this person sees: label, url, whether it is the present page (the longest address that fits).

    `here` names another page's address for a page that belongs to it; the home is the present page only by itself.
    """
    shown = []
    for tab in TABS:
        if not scope_of(request.user).may(tab.verb):
            continue
        try:
            shown.append({"label": tab.label, "url": reverse(tab.url_name)})
        except NoReverseMatch:
            continue
    path, home = reverse(here) if here else request.path, reverse("air:home")
    fit = (str(one["url"]) for one in shown if path == one["url"] or str(one["url"]) != home)
    active = max((url for url in fit if path.startswith(url)), key=len, default="")
    return [{**one, "active": one["url"] == active} for one in shown]
