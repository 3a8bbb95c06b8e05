"""The home of the air room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lantian.air.tabs import tabs
from lantian.city.access import needs


@needs("air.view")
def home(request: HttpRequest) -> HttpResponse:
    """Where one begins: what the air is like now, and the ways to everything else."""
    return render(request, "air/home.html", {"title": _("Air"), "tabs": tabs(request)})
