"""The live page: gateways, delivery, links, what was not taken, who waits in quarantine."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.gateway import access, queries
from lantian.gateway.words import lang_of_page
from lantian.sources.queries import knows_all


@require_safe
@needs("device.view")
def page(request: SignedRequest) -> HttpResponse:
    """The page; its lower part renews itself."""
    return render(request, "gateway/live.html", {"title": _("Gateway"), **_now(request)})


@require_safe
@needs("device.view")
def now(request: SignedRequest) -> HttpResponse:
    """The part that renews itself."""
    return render(request, "gateway/now.html", _now(request))


def _now(request: SignedRequest) -> dict[str, Any]:
    scope = scope_of(request.user)
    whole = knows_all(scope, "device.view")
    names = dict(access.visible(scope).values_list("mn", "name"))
    links = queries.links(None if whole else set(names))
    for link in links:
        link["name"] = names.get(link["mn"], "")
        link["known"] = link["mn"] in names
    found = {"links": links, "whole": whole, "may_manage": knows_all(scope, "device.manage")}
    if whole:
        lang = lang_of_page()
        found |= {
            "gateways": queries.gateways(), "delivery": queries.delivery(), "faults": queries.faults(lang=lang),
            "strangers": [
                {"mn": one.mn, "peer": one.peer, "packets": one.packets, "last_at": queries.moment(one.last)}
                for one in queries.strangers()
            ],
        }  # fmt: skip
    return found
