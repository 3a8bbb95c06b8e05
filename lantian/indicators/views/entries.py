"""The page of a hand-entered value: what was said, what replaced it, and the forms to correct or withdraw it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.indicators.context import Context
from lantian.indicators.forms import CorrectForm, WithdrawForm
from lantian.indicators.models import Entry
from lantian.indicators.queries import chain, find
from lantian.indicators.registry import Indicator
from lantian.indicators.services import correct_value, may_enter, withdraw_value
from lantian.kit.errors import Conflict
from lantian.kit.forms import perform, status_of


@needs("indicator.view")
def entry(request: SignedRequest, pk: int) -> HttpResponse:
    """Show a value with the whole chain of statements about the same place and period."""
    return _page(request, _visible(request, pk))


def _visible(request: HttpRequest, pk: int) -> Entry:
    rows = Entry.objects.visible_to(scope_of(request.user)).select_related("place", "entered_by")
    found: Entry = get_object_or_404(rows, pk=pk)
    return found


def _page(request: HttpRequest, shown: Entry, *, status: int = 200, **forms: Any) -> HttpResponse:
    context = Context()
    one = find(shown.indicator, context)
    said = chain(shown.indicator, shown.place_id, (shown.period_from, shown.period_to))
    head = said[0]
    scope = scope_of(request.user)
    may = one is not None and one.by_hand and may_enter(scope, shown.indicator, shown.place, context)
    page: dict[str, Any] = {
        "title": f"{one.title if one else shown.indicator} · {shown.place} · {_span(shown)}",
        "one": one,
        "entry": shown,
        "chain": said,
        "head": head,
        "correct_form": _correct_form(one, head) if may and one else None,
        "withdraw_form": WithdrawForm() if may and head.value is not None else None,
    }
    return render(request, "indicators/entry.html", page | forms, status=status)


def _span(shown: Entry) -> str:
    return f"{shown.period_from}–{shown.period_to}" if shown.period_from != shown.period_to else str(shown.period_to)


def _correct_form(one: Indicator, head: Entry) -> CorrectForm:
    said: dict[str, Any] = {"unit": head.unit, "n": head.n, "n_expected": head.n_expected}
    if head.value is not None:
        said["value"] = head.value.normalize()
    return CorrectForm(one=one, initial=said)


@require_POST
@needs("indicator.enter")
def correct(request: SignedRequest, pk: int) -> HttpResponse:
    """Append a correction to the value that the page showed as the last word."""
    shown, context = _visible(request, pk), Context()
    one = find(shown.indicator, context)
    if one is None:
        raise Conflict(_("This indicator is no longer defined; its values stay as they are."))
    form = CorrectForm(request.POST, request.FILES, one=one)

    def act(data: dict[str, Any]) -> Entry:
        with transaction.atomic():
            proofs = tuple(form.save_evidence(request.user, place=shown.place, key=form.guards["key"]))
            said = form.statement(proofs)
            return correct_value(
                request.user, shown, said, reason=data["reason"], key=form.guards["key"], context=context
            )

    made = perform(form, act)
    if made is None:
        return _page(request, shown, status=status_of(form), correct_form=form)
    messages.success(request, _("The value is corrected; the former one stays in its history."))
    return redirect("indicators:entry", pk=made.pk)


@require_POST
@needs("indicator.enter")
def withdraw(request: SignedRequest, pk: int) -> HttpResponse:
    """Withdraw the value that the page showed as the last word."""
    shown = _visible(request, pk)
    form = WithdrawForm(request.POST)
    made = perform(
        form, lambda data: withdraw_value(request.user, shown, reason=data["reason"], key=form.guards["key"])
    )
    if made is None:
        return _page(request, shown, status=status_of(form), withdraw_form=form)
    messages.success(request, _("The value is withdrawn."))
    return redirect("indicators:entry", pk=made.pk)
