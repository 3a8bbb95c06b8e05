"""My work: cards of what one person has to do. Sign-off: what waits at each step of the way."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.city.pack.calendar import Calendar
from lantian.kit.numbers import whole
from lantian.plan import queries
from lantian.plan.models import Assignment, DispatchRound, Step
from lantian.plan.querysets import OPEN_STATES
from lantian.plan.services import several
from lantian.plan.thresholds import Thresholds, thresholds

SHOWN = several.MOST
# Rows of a heap whose whole list is one click away, on a page of many heaps.
FEW = 20


@dataclass
class Card:
    """A heap of work: the rows of one page of it, how many there are in all, where the whole list is."""

    name: str
    title: str | Promise
    colour: str
    rows: list[Assignment]
    n: int
    link: str = ""
    words: dict[int, Step] = field(default_factory=dict)
    act: str = ""
    page: int = 1
    size: int = 0

    @property
    def pages(self) -> int:
        return max(1, -(-self.n // self.size))

    @property
    def first(self) -> int:
        """Which of all the page's first row is, counted from 1."""
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def _card(
    name: str, title: str | Promise, colour: str, found: Any, limits: Thresholds, *, page: int = 1, **more: Any
) -> Card:
    """Return a card with a page of its rows, the last one where there is no such page (two queries: count and rows).

    `n`: how many rows there are, where that is known.
    """
    more.setdefault("size", FEW if more.get("link") else SHOWN)
    if "n" not in more:
        more["n"] = found.count()
    card = Card(name, title, colour, [], **more)
    card.page = min(max(page, 1), card.pages)
    if card.n:
        card.rows = list(queries.urgent_rows(found, limits)[card.first - 1 : card.page * card.size])
    return card


@needs("assignment.view")
def my_work(request: SignedRequest) -> HttpResponse:
    """What this person has to do, the most pressing on top."""
    scope, limits = scope_of(request.user), thresholds()
    cards = [card for card in _cards(scope, limits) if card.n]
    rounds = DispatchRound.objects.filter(state=DispatchRound.State.OPEN) if scope.may("round.view") else ()
    context = {"title": _("My work"), "cards": cards, "rounds": rounds, "limits": limits}
    return render(request, "plan/my_work.html", context)


def _cards(scope: Scope, limits: Thresholds) -> list[Card]:
    returned, rebounded, late, soon, far = _own_cards(scope, limits)
    asked, verify = queries.asked_in_open_round(scope), queries.to_verify(scope)
    parts = _open_parts(scope)
    return [
        returned,
        rebounded,
        late,
        soon,
        _card("round", gettext_lazy("Asked for in the open round"), "azure", asked, limits),
        _card("verify", gettext_lazy("To verify"), "azure", verify, limits),
        *_office_cards(scope, limits),
        far,
        _card("parts", gettext_lazy("Open parts of your assignments"), "blue", parts, limits, link="?parts=only"),
    ]


def _own_cards(scope: Scope, limits: Thresholds) -> list[Card]:
    """Return the cards of what the person's own place, agency or enterprise carries out; counted in one query."""
    mine = queries.ledger(scope).filter(queries.held_by(scope))
    days = {"soon": limits.due_soon_days, "far": limits.due_far_days}
    later = limits.today + dt.timedelta(days=days["soon"])
    back = Q(state__in=("returned", "rebounded"))
    kinds: list[tuple[str, str | Promise, str, Q, str]] = [
        ("returned", gettext_lazy("Returned: read the reviewer's words"), "orange", Q(state="returned"), ""),
        ("rebounded", gettext_lazy("Rebounded"), "purple", Q(state="rebounded"), ""),
        ("overdue", gettext_lazy("Overdue"), "red", queries.is_late(limits) & ~back, "?status=overdue"),
        (
            "soon", _("Due within %(soon)s days") % days, "yellow",
            queries.due_within(limits.today, days["soon"]), f"?due={days['soon']}",
        ),
        (
            "far", _("Due within %(far)s days") % days, "blue",
            queries.due_within(limits.today, days["far"]) & Q(deadline__gt=later), f"?due={days['far']}",
        ),
    ]  # fmt: skip
    numbers = mine.aggregate(**{name: Count("pk", filter=which) for name, _title, _colour, which, _link in kinds})
    cards = [
        _card(name, title, colour, mine.filter(which), limits, n=numbers[name], link=link)
        for name, title, colour, which, link in kinds
    ]
    cards[0].words = queries.last_words(cards[0].rows, "return", "return_verified", "uphold_objection")
    cards[1].words = queries.last_words(cards[1].rows, "rebound")
    return cards


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


STEPS = ("verify", "waiting", "publicise", "public", "objections", "approve")


def _signoff_context(request: HttpRequest) -> dict[str, Any]:
    scope, limits = scope_of(request.user), thresholds()
    publicise = "publicise" if scope.may_at("assignment.publicise") else ""
    approve = "approve" if scope.may_at("assignment.approve") else ""
    submitted = queries.ledger(scope).filter(state=Assignment.State.SUBMITTED)
    mine = queries.to_verify(scope)
    elsewhere = submitted.exclude(pk__in=mine.values("pk"))
    today, asked = limits.today, request.GET.get("step", "")
    pages = {asked: whole(request.GET.get("page")) or 1}

    def card(name: str, title: Promise, colour: str, found: Any, act: str = "") -> Card:
        if asked in STEPS and name != asked:  # only its number is shown
            return Card(name, title, colour, [], found.count(), size=SHOWN)
        size = SHOWN if name == asked else min(FEW, SHOWN)
        return _card(name, title, colour, found, limits, page=pages.get(name, 1), act=act, size=size)

    cards = [
        card("verify", gettext_lazy("To verify by you"), "azure", mine),
        card("waiting", gettext_lazy("With others for verification"), "grey", elsewhere),
        card("publicise", gettext_lazy("To make public"), "lime", queries.to_publicise(scope), publicise),
        card("public", gettext_lazy("In publicity"), "blue", queries.in_publicity(scope, today)),
        card("objections", gettext_lazy("Objections to answer"), "orange", queries.with_objections(scope)),
        card("approve", gettext_lazy("To sign off"), "green", queries.to_approve(scope, today), approve),
    ]
    rows = [row for one in cards for row in one.rows]
    words = queries.last_words(rows, "submit", "verify")
    limit = {"verify": limits.department_days, "waiting": limits.department_days}
    limit |= {"publicise": limits.office_days, "approve": limits.office_days}
    days = limits.calendar
    for one in cards:
        for row in one.rows:
            if days and one.name in limit:
                row.wait_over_since = _over_since(days, row, limit[one.name], today)  # type: ignore[attr-defined]
        one.words = {row.pk: words[row.pk] for row in one.rows if row.pk in words}
    chosen = [one for one in cards if one.name == asked] or cards
    return {
        "title": _("Sign-off"),
        "cards": cards,
        "chosen": chosen,
        "step": asked,
        "waiting": any(one.n for one in cards),
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
    chosen = [pk for pk in map(whole, request.POST.getlist("assignment")[:SHOWN]) if pk is not None]
    rows = queries.ledger(scope_of(request.user)).filter(pk__in=chosen).select_related("measure", "place", "agency")
    reason, key = request.POST.get("reason", ""), request.POST.get("key") or None
    if action == "publicise":
        result = several.publicise_several(request.user, rows, statement=reason, key=key)
    else:
        result = several.approve_several(request.user, rows, reason=reason, key=key)
    for row, problem in result.refused:
        messages.error(request, f"{row}: {problem}")
    if not chosen:
        messages.warning(request, _("Tick at least one assignment."))
    if result.done:
        messages.success(request, _("%(n)s done.") % {"n": len(result.done)})
    # Back to the step that the form stood on: what is left there comes next.
    back = reverse("plan:signoff")
    return redirect(f"{back}?step={action}" if request.POST.get("step") == action else back)
