"""The public page: what is in publicity now, and the form with which anybody may object. No login."""

from __future__ import annotations

from axes.helpers import get_client_ip_address
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.kit.forms import perform, status_of
from lantian.plan.forms import ObjectionForm
from lantian.plan.services import object_to
from lantian.plan.services.publicity import in_publicity, sender_mark


def publicity(request: HttpRequest) -> HttpResponse:
    """What is public today, what ends first on top."""
    page = Paginator(in_publicity(), 25).get_page(request.GET.get("page"))
    return render(request, "plan/publicity.html", {"title": _("Publicity"), "page": page, "today": clock.today()})


def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One result with the form for an objection."""
    period = get_object_or_404(in_publicity(), pk=pk)
    form = ObjectionForm(request.POST) if request.method == "POST" else ObjectionForm()
    context = {"title": _("Objection"), "period": period, "form": form, "sent": False}
    if request.method != "POST":
        return render(request, "plan/objection.html", context)
    sender = sender_mark(get_client_ip_address(request) or "")
    made = perform(
        form,
        lambda data: object_to(period, name=data["name"], contact=data["contact"], text=data["text"], sender=sender),
    )
    if made is None:
        return render(request, "plan/objection.html", context, status=status_of(form))
    return render(request, "plan/objection.html", context | {"sent": True, "objection": made})
