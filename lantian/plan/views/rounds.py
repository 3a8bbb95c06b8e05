"""Pages of dispatch rounds: the list, one round with its tables, its entries, the comparison with the last one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from lantian.city import clock
from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.city.models import Agency, Place
from lantian.kit.columns import BadgeColumn
from lantian.kit.forms import KitForm, day_field, perform, status_of, text_field
from lantian.kit.lists import ListPage
from lantian.kit.numbers import whole
from lantian.kit.templatetags.kit import number
from lantian.plan import dispatch
from lantian.plan.models import DispatchRound, Document
from lantian.plan.rules import rounds as rules
from lantian.plan.services import rounds as services
from lantian.plan.views.columns import NUMBER, Day


def visible_round(request: HttpRequest, pk: int) -> DispatchRound:
    """Return a round that asks this person for something, else 404."""
    rows = dispatch.seen_rounds(scope_of(request.user)).select_related("document", "opened_by", "closed_by")
    found: DispatchRound = get_object_or_404(rows, pk=pk)
    return found


class RoundTable(tables.Table):
    month = Day(form="%Y-%m", verbose_name=gettext_lazy("Month"))
    title = tables.Column(gettext_lazy("Round"), linkify=lambda record: reverse("plan:round", args=[record.pk]))
    document = tables.Column(gettext_lazy("Plan"))
    state = BadgeColumn("round_state", verbose_name=gettext_lazy("State"))
    due_on = Day(verbose_name=gettext_lazy("Due"))
    asked = tables.Column(gettext_lazy("Asked"), attrs=NUMBER)
    handed_in = tables.Column(pgettext_lazy("round", "Reported"), attrs=NUMBER, empty_values=())
    missing = tables.Column(gettext_lazy("Missing"), empty_values=(), orderable=False, attrs=NUMBER)
    closed_at = Day(verbose_name=gettext_lazy("Closed"))

    def render_handed_in(self, record: Any) -> int:
        return int(record.handed_in or 0)

    def render_missing(self, record: Any) -> int:
        return int(record.asked or 0) - int(record.handed_in or 0)


@method_decorator(needs("round.view"), name="dispatch")
class RoundList(ListPage):
    table_class = RoundTable
    template_name = "plan/rounds.html"
    title = gettext_lazy("Dispatch rounds")
    file_name = "rounds"

    def get_queryset(self) -> Any:
        return dispatch.visible_rounds(scope_of(self.request.user)).select_related("document").order_by("-month", "-pk")


class OpenRoundForm(KitForm):
    submit_label = gettext_lazy("Open the round")
    intro = gettext_lazy(
        "The round asks every assignment of the plan that is in force and not signed off. Everybody who is asked gets a "
        "message."
    )
    document = forms.ModelChoiceField(queryset=Document.objects.none(), label=gettext_lazy("Plan"), empty_label=None)
    month = forms.CharField(label=gettext_lazy("Month"), help_text=gettext_lazy("for example 2020-06"), max_length=7)
    due_on = day_field(label=gettext_lazy("Reports due on"))
    title = forms.CharField(  # type: ignore[assignment]
        label=gettext_lazy("Title"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("empty: made from the month"),
    )
    instructions = text_field(label=gettext_lazy("Instructions"), required=False, rows=4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].queryset = plans_to_dispatch()  # type: ignore[attr-defined]

    def clean_month(self) -> dt.date:
        try:
            return dt.date.fromisoformat(f"{self.cleaned_data['month']}-01")
        except ValueError:
            raise forms.ValidationError(_("Write the month as 2020-06.")) from None


def plans_to_dispatch() -> Any:
    """Return the city plans of which a version is in force."""
    return Document.objects.filter(kind=Document.Kind.CITY_PLAN, versions__state="adopted").distinct()


@needs("round.manage")
def open_round(request: SignedRequest) -> HttpResponse:
    """Open the round of a month."""
    form = OpenRoundForm(request.POST) if request.method == "POST" else OpenRoundForm(initial=_opening())
    if request.method == "POST":
        made = perform(form, lambda data: services.open_round(
            request.user, data["document"], month=data["month"], due_on=data["due_on"], title=data["title"],
            instructions=data["instructions"],
        ))  # fmt: skip
        if made:
            messages.success(request, _("The round is open; everybody who is asked got a message."))
            return redirect("plan:round", pk=made.pk)
    context = {"title": _("Open a round"), "form": form, "cancel": reverse("plan:rounds")}
    return render(request, "plan/round_form.html", context, status=status_of(form) if form.is_bound else 200)


def _opening() -> dict[str, Any]:
    """Suggest the next month and the calendar's due day."""
    today = clock.today()
    document = plans_to_dispatch().order_by("-pk").first()
    last = document.rounds.order_by("-month").first() if document else None
    month = dispatch.next_month(today, last.month if last else None)
    return {"document": document, "month": f"{month:%Y-%m}", "due_on": services.due_day(month, today)}


class AmendRoundForm(KitForm):
    submit_label = gettext_lazy("Save")
    due_on = day_field(label=gettext_lazy("Reports due on"))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)  # type: ignore[assignment]
    instructions = text_field(label=gettext_lazy("Instructions"), required=False, rows=4)


@needs("round.manage")
def amend(request: SignedRequest, pk: int) -> HttpResponse:
    """Change due day, title or instructions of an open round."""
    found = visible_round(request, pk)
    if request.method == "POST":
        form = AmendRoundForm(request.POST)
        done = perform(form, lambda data: services.amend_round(
            request.user, found, due_on=data["due_on"], title=data["title"], instructions=data["instructions"],
            seen_version=form.guards["seen_version"],
        ), record=found)  # fmt: skip
        if done:
            messages.success(request, _("Saved."))
            return redirect("plan:round", pk=pk)
        status = status_of(form)
    else:
        initial = {"due_on": found.due_on, "title": found.title, "instructions": found.instructions}
        form, status = AmendRoundForm.of(found, initial=initial), 200
    context = {"title": _("Change the round"), "form": form, "round": found, "cancel": reverse("plan:round", args=[pk])}
    return render(request, "plan/round_form.html", context, status=status)


@needs("round.view")
def round_page(request: SignedRequest, pk: int) -> HttpResponse:
    """A round: counts, table area × task or department × task, who has not reported."""
    scope = scope_of(request.user)
    found = visible_round(request, pk)
    view = dispatch.view(found, scope)
    by = "agency" if request.GET.get("by") == "agency" else "area"
    table = view.by_agency if by == "agency" else view.by_area
    rows: list[Any] = list(view.agencies if by == "agency" else view.areas)
    places, of = _places(found, by, table, scope)
    comparison = dispatch.comparison(view, scope)
    context = {
        "title": found.title,
        "round": found,
        "view": view,
        "by": by,
        "rows": [_row(row, view, table, places.get(row.pk), _entries_of(found, by, row)) for row in rows],
        "columns": [(task, table.columns[task.pk]) for task in view.tasks if task.pk in table.columns],
        "total": table.total,
        "ranked": of,
        "rank_rule": rules.rank_rule(),
        "balance": comparison.by("all").get("all"),
        "before": comparison.before,
        "manages": scope.may_at("round.manage"),
        "fills": scope.may("round.fill"),
        "mine": [] if scope.may_at("round.manage") else own_workbooks(scope, view),
    }
    return render(request, "plan/round.html", context)


def _entries_of(found: DispatchRound, by: str, row: Any) -> str:
    """Return the address of the entries of an area or department."""
    return reverse("plan:round_entries", args=[found.pk]) + (
        f"?area={row.code}" if by == "area" else f"?agency={row.pk}"
    )


def _places(found: DispatchRound, by: str, table: rules.Table, scope: Scope) -> tuple[dict[Any, int | None], int]:
    """Return the place of each row in the ranking of all areas (or departments), and how many are ranked.

    A county sees its own row only, but its place among all.
    """
    whole = table
    if not scope.sees_everything:
        everything = dispatch.view(found, None)
        whole = everything.by_agency if by == "agency" else everything.by_area
    ranked = rules.rank(whole.rows, rules.rank_rule())
    return {row: place for place, row, _cell in ranked}, len(ranked)


def _row(row: Any, view: dispatch.View, table: rules.Table, place: int | None, address: str) -> dict[str, Any]:
    """A row of the tables; `address` leads to its entries."""
    name = str(row)
    cells = []
    for task in view.tasks:
        if task.pk in table.columns:
            cells.append(_field(table.cell(row.pk, task.pk), f"{address}&task={task.pk}", f"{name} · {task}"))
    return {
        "record": row,
        "sum": table.rows.get(row.pk, rules.Cell()),
        "cells": cells,
        "place": place,
        "address": address,
    }


def _field(cell: rules.Cell, address: str, title: str) -> SafeString:
    """A field of the heat table. Made here: hundreds of fields in the template would cost more than all the counting."""
    if not cell.asked:
        return SafeString("")
    mean = "" if cell.mean is None else f"{number(cell.mean)}%"
    overdue = format_html(' <strong class="text-danger" title="{}">!{}</strong>', _("Overdue"), cell.overdue)
    return format_html(
        '<a class="lt-heat-cell lt-{}" href="{}" title="{}">{}/{}</a><span class="small text-nowrap">{}{}</span>',
        _tone(cell), address, title, cell.handed_in, cell.asked, mean, overdue if cell.overdue else "",
    )  # fmt: skip


def own_workbooks(scope: Scope, view: dispatch.View) -> list[tuple[str, str]]:
    """Return (name, address) of the workbooks that a person fills in, or hands out if they manage rounds."""
    everything = scope.may_at("round.manage")
    if not (everything or scope.may("round.fill")):
        return []
    address = reverse("plan:round_workbook", args=[view.round.pk])
    held = dispatch.holding_agencies(view.round, scope)
    areas = [(str(a), f"{address}?area={a.code}") for a in view.areas if everything or a.pk in scope.place_ids]
    agencies = Agency.objects.filter(pk__in=held if everything else held & scope.agency_ids)
    return areas + [(str(a), f"{address}?agency={a.pk}") for a in agencies]


def _tone(cell: rules.Cell) -> str:
    """The colour of a field: how much of what was asked has come."""
    if cell.handed_in == cell.asked:
        return "green"
    return "yellow" if 2 * cell.handed_in >= cell.asked else "orange" if cell.handed_in else "red"


@require_POST
@needs("round.manage")
def remind(request: SignedRequest, pk: int) -> HttpResponse:
    """Remind those who have not reported."""
    found = visible_round(request, pk)
    code = request.POST.get("area", "")
    # An area that does not exist must not come to mean "all of them".
    area = get_object_or_404(Place.objects.areas(), code=code) if code else None
    done = services.remind(request.user, found, area_id=area.pk if area else None)
    if done.messages:
        text = ngettext("%(n)s person was reminded.", "%(n)s people were reminded.", done.messages)
        messages.success(request, text % {"n": done.messages})
    if done.again_today:
        text = _("%(n)s assignments were left out: their holders were reminded today already.")
        messages.info(request, text % {"n": done.again_today})
    if done.nobody:
        text = _("Nobody could be reached for: %(names)s. Ask the administrator to give somebody the role.")
        messages.warning(request, text % {"names": "、".join(done.nobody)})
    if not (done.messages or done.again_today or done.nobody):
        messages.info(request, _("Everybody has reported."))
    return redirect("plan:round", pk=pk)


@require_POST
@needs("round.manage")
def close(request: SignedRequest, pk: int) -> HttpResponse:
    """Close a round."""
    found = visible_round(request, pk)
    services.close_round(request.user, found, seen_version=whole(request.POST.get("version")))
    messages.success(request, _("The round is closed; its figures stay as they are now."))
    return redirect("plan:round", pk=pk)
