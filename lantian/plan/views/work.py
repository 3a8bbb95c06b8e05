"""My work: cards of what one person has to do. Sign-off: what waits at each step of the way."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.city.pack.calendar import Calendar
from lantian.kit.errors import DomainError
from lantian.plan import queries, services
from lantian.plan.models import Assignment, DispatchRound, Step
from lantian.plan.querysets import OPEN_STATES
from lantian.plan.thresholds import Thresholds, thresholds

SHOWN = 50


@dataclass
class Card:
    """A heap of work: its first rows, how many there are, where the whole list is."""

    name: str
    title: str | Promise
    colour: str
    rows: list[Assignment]
    n: int
    link: str = ""
    words: dict[int, Step] = field(default_factory=dict)
    act: str = ""


def _card(name: str, title: str | Promise, colour: str, found: Any, limits: Thresholds, **more: Any) -> Card:
    """Return a card (two queries: the count and the first rows)."""
    n = found.count()
    rows = list(queries.urgent_rows(found, limits)[:SHOWN]) if n else []
    return Card(name, title, colour, rows, n, **more)


@needs("assignment.view")
def my_work(request: SignedRequest) -> HttpResponse:
    """What this person has to do, the most pressing on top."""
    scope, limits = scope_of(request.user), thresholds()
    cards = [card for card in _cards(scope, limits) if card.n]
    rounds = DispatchRound.objects.filter(state=DispatchRound.State.OPEN) if scope.may("round.view") else ()
    context = {"title": _("My work"), "cards": cards, "rounds": rounds, "limits": limits}
    return render(request, "plan/my_work.html", context)


def _cards(scope: Scope, limits: Thresholds) -> list[Card]:
    mine = queries.ledger(scope).filter(queries.held_by(scope))
    returned = _card(
        "returned", gettext_lazy("Returned: read the reviewer's words"), "orange", mine.filter(state="returned"), limits
    )
    returned.words = queries.last_words(returned.rows, "return", "return_verified", "uphold_objection")
    rebounded = _card("rebounded", gettext_lazy("Rebounded"), "purple", mine.filter(state="rebounded"), limits)
    rebounded.words = queries.last_words(rebounded.rows, "rebound")
    late = queries.overdue(mine, limits).exclude(state__in=("returned", "rebounded"))
    soon = queries.open_and_due(mine, limits.due_soon_days)
    far = queries.open_and_due(mine, limits.due_far_days).exclude(pk__in=soon.values("pk"))
    days = {"soon": limits.due_soon_days, "far": limits.due_far_days}
    return [
        returned,
        rebounded,
        _card("overdue", gettext_lazy("Overdue"), "red", late, limits, link="?status=overdue"),
        _card("soon", _("Due within %(soon)s days") % days, "yellow", soon, limits, link=f"?due={days['soon']}"),
        _card(
            "round", gettext_lazy("Asked for in the open round"), "azure", queries.asked_in_open_round(scope), limits
        ),
        _card("verify", gettext_lazy("To verify"), "azure", queries.to_verify(scope), limits),
        *_office_cards(scope, limits),
        _card("far", _("Due within %(far)s days") % days, "blue", far, limits, link=f"?due={days['far']}"),
        _card(
            "parts",
            gettext_lazy("Open parts of your assignments"),
            "blue",
            _open_parts(scope),
            limits,
            link="?parts=only",
        ),
    ]


def _open_parts(scope: Scope) -> Any:
    # What a town holds and has divided further is its own work, shown above.
    parts = queries.ledger(scope).filter(queries.parts_under(scope), state__in=OPEN_STATES)
    return parts.exclude(pk__in=queries.ledger(scope).filter(queries.held_by(scope)).values("pk"))


def _office_cards(scope: Scope, limits: Thresholds) -> list[Card]:
    if not scope.may_at("assignment.approve"):
        return []
    return [
        _card("objections", gettext_lazy("Objections to answer"), "orange", queries.with_objections(scope), limits),
        _card("publicise", gettext_lazy("To make public"), "lime", queries.to_publicise(scope), limits),
        _card("approve", gettext_lazy("To sign off"), "green", queries.to_approve(scope, limits.today), limits),
    ]


@needs("assignment.view")
def signoff(request: SignedRequest) -> HttpResponse:
    """The way to sign-off, step by step: what waits where, as far as the person sees it."""
    return render(request, "plan/signoff.html", _signoff_context(request))


def _signoff_context(request: HttpRequest) -> dict[str, Any]:
    scope, limits = scope_of(request.user), thresholds()
    publicise = "publicise" if scope.may_at("assignment.publicise") else ""
    approve = "approve" if scope.may_at("assignment.approve") else ""
    submitted = queries.ledger(scope).filter(state=Assignment.State.SUBMITTED)
    mine = queries.to_verify(scope)
    elsewhere = submitted.exclude(pk__in=mine.values("pk"))
    today = limits.today
    cards = [
        _card("verify", gettext_lazy("To verify by you"), "azure", mine, limits),
        _card("waiting", gettext_lazy("With others for verification"), "grey", elsewhere, limits),
        _card("publicise", gettext_lazy("To make public"), "lime", queries.to_publicise(scope), limits, act=publicise),
        _card("public", gettext_lazy("In publicity"), "blue", queries.in_publicity(scope, today), limits),
        _card("objections", gettext_lazy("Objections to answer"), "orange", queries.with_objections(scope), limits),
        _card("approve", gettext_lazy("To sign off"), "green", queries.to_approve(scope, today), limits, act=approve),
    ]
    rows = [row for card in cards for row in card.rows]
    words = queries.last_words(rows, "submit", "verify")
    limit = {"verify": limits.department_days, "waiting": limits.department_days}
    limit |= {"publicise": limits.office_days, "approve": limits.office_days}
    days = limits.calendar
    for card in cards:
        for row in card.rows:
            if days and card.name in limit:
                row.wait_over_since = _over_since(days, row, limit[card.name], today)  # type: ignore[attr-defined]
        card.words = {row.pk: words[row.pk] for row in card.rows if row.pk in words}
    asked = request.GET.get("step", "")
    chosen = [card for card in cards if card.name == asked] or cards
    return {
        "title": _("Sign-off"),
        "cards": cards,
        "chosen": chosen,
        "step": asked,
        "waiting": any(card.n for card in cards),
        "bulk_key": uuid.uuid4().hex,
    }


def _over_since(days: Calendar, row: Assignment, working_days: int, today: dt.date) -> dt.date | None:
    """Return the last day on which the step should have been taken, if that is past."""
    last = days.add_working_days(timezone.localdate(row.state_since), working_days)
    return last if last < today else None


@require_POST
@needs("assignment.approve")
def signoff_several(request: SignedRequest, action: str) -> HttpResponse:
    """Make public or sign off several at once; each is its own step, and each refusal says which and why."""
    if action not in ("publicise", "approve"):
        raise Http404
    scope, reason = scope_of(request.user), request.POST.get("reason", "")
    chosen = [int(pk) for pk in request.POST.getlist("assignment")[:SHOWN] if pk.isdigit()]
    found = queries.ledger(scope).filter(pk__in=chosen).select_related("measure", "place", "agency")
    key, done = request.POST.get("key", ""), 0
    for row in found:
        try:
            _one(request.user, row, action, reason, f"{key[:60]}:{row.pk}" if key else None)
            done += 1
        except DomainError as problem:
            messages.error(request, f"{row}: {problem}")
    if not chosen:
        messages.warning(request, _("Tick at least one assignment."))
    if done:
        messages.success(request, _("%(n)s done.") % {"n": done})
    return redirect("plan:signoff")


def _one(actor: Any, row: Assignment, action: str, reason: str, key: str | None) -> None:
    if action == "publicise":
        services.publicise(actor, row, statement=reason, key=key)
    else:
        services.approve(actor, row, reason=reason, key=key)
