"""The list of dust: which hours are left out, what the rule proposes, the official list, taking back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lantian.air import queries
from lantian.air.assessing.dust_file import ListFault, ListFileError, read_list
from lantian.air.assessing.dust_list import Listed, Proposal, Written, listed, proposals
from lantian.air.assessing.periods import Period, month_end
from lantian.air.assessing.places import UnknownPlaceError
from lantian.air.assessing.series import STATION
from lantian.air.assessing.shelf import Shelf
from lantian.air.forms.dust import ConfirmForm, ListForm, SpanForm, WithdrawForm, packed, unpacked
from lantian.air.services.dust import VERB, list_dust, withdraw_dust
from lantian.air.tabs import tabs
from lantian.city import clock
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.errors import DomainError
from lantian.kit.forms import perform, status_of
from lantian.standards.dust import dust_rules
from lantian.standards.tables import OutOfForceError

_MOST_FAULTS = 20


@needs("air.view")
@require_safe
def dust(request: HttpRequest) -> HttpResponse:
    """What is listed in some days, and what the rule proposes there."""
    return _page(request)


def _page(
    request: HttpRequest,
    *,
    confirm: ConfirmForm | None = None,
    import_: ListForm | None = None,
    faults: tuple[ListFault, ...] = (),
    status: int = 200,
) -> HttpResponse:
    span = SpanForm(request.GET) if "first" in request.GET else SpanForm(initial=_this_month())
    period = _period(span)
    shelf = queries.shelf() if queries.store_version() else None
    may = scope_of(request.user).may(VERB)
    context: dict[str, Any] = {
        "title": _("Dust days"), "tabs": tabs(request), "span": span, "period": period, "empty": shelf is None,
        "may": may, "here": _address(period),
    }  # fmt: skip
    if shelf is not None:
        context |= {"listed": [_listed_row(one, may) for one in _listed(shelf, period)], **_proposed(shelf, period)}
        if may:
            context["confirm"] = confirm or ConfirmForm()
            context["import_form"] = import_ or ListForm()
    lang = get_language() or "zh-hans"
    context["faults"] = [one.sentence(lang) for one in faults[:_MOST_FAULTS]]
    context["more_faults"] = max(0, len(faults) - _MOST_FAULTS)
    return render(request, "air/dust.html", context, status=status)


def _this_month() -> dict[str, dt.date]:
    today = clock.today()
    return {"first": today.replace(day=1), "last": month_end(today)}


def _period(span: SpanForm) -> Period:
    if span.is_bound and span.is_valid():
        return Period(span.cleaned_data["first"], span.cleaned_data["last"])
    month = _this_month()
    return Period(month["first"], month["last"])


def _address(period: Period) -> str:
    return f"?first={period.first}&last={period.last}"


def _listed(shelf: Shelf, period: Period) -> tuple[Listed, ...]:
    return queries.remembered("dust listed", period, lambda: listed(shelf, period))


def _listed_row(one: Listed, may: bool) -> dict[str, Any]:
    form = None
    if may:
        form = WithdrawForm(initial={"hours": packed(one.subject.name, one.begin, one.end)}, auto_id=False)
    return {"one": one, "label": one.subject.label(get_language() or "zh"), "form": form}


def _proposed(shelf: Shelf, period: Period) -> dict[str, Any]:
    """What the rule proposes and the rule itself with its source; without a rule (before 2017) nothing."""
    try:
        rules = dust_rules(period.last)
    except OutOfForceError:
        return {"rule": None, "proposals": []}
    lang = get_language() or "zh"
    found = [
        {"one": one, "label": one.subject.label(lang), "value": packed(one.subject.name, one.begin, one.end),
         "done": one.listed >= one.hours}
        for one in _proposals(shelf, period)
    ]  # fmt: skip
    rule = {
        "ratio": rules.number("start.ratio"), "above": rules.number("start.above"), "window": rules.whole("window"),
        "end": (rules.number("end.ratio") - 1) * 100, "source": rules.rule("start.ratio").source,
        "confidence": rules.rule("start.ratio").confidence.value,
        "leaves_out": ", ".join(rules.names("leaves_out")),
    }  # fmt: skip
    return {"rule": rule, "proposals": found}


def _proposals(shelf: Shelf, period: Period) -> tuple[Proposal, ...]:
    places = [one for one in shelf.subjects if one.kind != STATION]
    return queries.remembered("dust proposed", period, lambda: proposals(shelf, places, period))


def _back(period: Period) -> HttpResponse:
    return redirect(reverse("air:dust") + _address(period))


def _tell(request: HttpRequest, done: tuple[Written, ...]) -> None:
    flags, already = sum(one.flags for one in done), sum(one.already for one in done)
    text = ngettext("%(n)s value was changed.", "%(n)s values were changed.", flags) % {"n": flags}
    if already:
        text += " " + ngettext("%(n)s was so already.", "%(n)s were so already.", already) % {"n": already}
    messages.success(request, text)
    if lacking := dict.fromkeys(one.entry.place for one in done if one.nothing):
        names = "、".join(lacking) if (get_language() or "zh").startswith("zh") else ", ".join(lacking)
        messages.warning(request, _("No values are there for these hours: %(places)s") % {"places": names})


@needs(VERB)
@require_POST
def confirm(request: SignedRequest) -> HttpResponse:
    """Put ticked proposals on the list."""
    span = SpanForm(request.GET) if "first" in request.GET else SpanForm(initial=_this_month())
    period = _period(span)
    offered: tuple[tuple[str, str], ...] = ()
    if queries.store_version():
        offered = tuple((row["value"], row["value"]) for row in _proposed(queries.shelf(), period)["proposals"])
    form = ConfirmForm(request.POST, offered=offered)
    done = perform(
        form,
        lambda data: list_dust(
            request.user, [unpacked(one, data["document"]) for one in data["hours"]], key=data["key"] or None
        ),
    )
    if done is None:
        return _page(request, confirm=form, status=status_of(form))
    _tell(request, done)
    return _back(period)


@needs(VERB)
@require_POST
def import_list(request: SignedRequest) -> HttpResponse:
    """Put the official list of a file on the list; one fault and nothing is written."""
    form = ListForm(request.POST, request.FILES)
    faults: list[ListFault] = []

    def act(data: dict[str, Any]) -> tuple[Written, ...]:
        if not queries.store_version():
            raise DomainError(_("There are no air data yet."), hint=_("Import some first."), field="file")
        try:
            entries = read_list(
                data["file"].read(), offset=queries.shelf().offset,
                encoding=data["encoding"] or "utf-8", document=data["document"],
            )  # fmt: skip
            return list_dust(request.user, entries, key=data["key"] or None)
        except ListFileError as error:
            faults.extend(error.faults)
            raise DomainError(_("The list has faults; nothing was written."), field="file") from error
        except UnknownPlaceError as error:
            raise DomainError(_("There are no data of this place."), hint=str(error), field="file") from error

    done = perform(form, act)
    if done is None:
        return _page(request, import_=form, faults=tuple(faults), status=status_of(form))
    _tell(request, done)
    first = min(one.entry.begin for one in done).date()
    last = (max(one.entry.end for one in done) - dt.timedelta(hours=1)).date()
    return _back(Period(first, min(last, first + dt.timedelta(days=365))))


@needs(VERB)
@require_POST
def withdraw(request: SignedRequest) -> HttpResponse:
    """Take hours of a place off the list."""
    span = SpanForm(request.GET) if "first" in request.GET else SpanForm(initial=_this_month())
    form = WithdrawForm(request.POST)

    def act(data: dict[str, Any]) -> Written:
        try:
            entry = unpacked(data["hours"], data["reason"])
        except ValueError as error:
            raise DomainError(_("These hours cannot be read."), hint=_("Open the page again.")) from error
        return withdraw_dust(request.user, entry, reason=data["reason"], key=data["key"] or None)

    done = perform(form, act)
    if done is None:
        for reasons in form.errors.values():
            for reason in reasons:
                messages.error(request, str(reason))
    else:
        _tell(request, (done,))
    return _back(_period(span))
