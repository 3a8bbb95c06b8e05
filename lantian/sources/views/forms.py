"""Entering, changing, ending rows; putting evidence into the file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.forms import KitForm, perform, status_of
from lantian.sources import access, services
from lantian.sources.forms import EndForm, PaperForm, ReopenForm, RowForm
from lantian.sources.kinds import Kind, kind_named
from lantian.sources.kinds.plain import blank, plain_of
from lantian.sources.models import Change, Enterprise
from lantian.sources.papers import add_papers
from lantian.sources.services.writing import fresh
from lantian.sources.views.enterprise import paper_codes, visible_enterprise
from lantian.sources.views.shown import changes_shown, sections_of


@needs("source.edit")
def new(request: SignedRequest) -> HttpResponse:
    """Enter an enterprise."""
    kind = kind_named("enterprise")
    form = RowForm(kind, request.POST or None, values=blank(kind))
    if request.method == "POST":
        made = perform(
            form, lambda data: services.enter(
                request.user, "enterprise", form.values(), reason=data["reason"], key=data["key"] or None
            ),
        )  # fmt: skip
        if made:
            messages.success(request, _("“%(row)s” was entered.") % {"row": made})
            return redirect("sources:enterprise", code=made.code)
    return _form_page(request, form, _("Enter an enterprise"), reverse("sources:list"))


@needs("source.edit")
def edit(request: SignedRequest, code: str) -> HttpResponse:
    """Change the head of an enterprise's file."""
    one = visible_enterprise(request, code)
    return _edit(request, one, kind_named("enterprise"), one)


@needs("source.edit")
def add(request: SignedRequest, code: str, kind: str) -> HttpResponse:
    """Enter a row below an enterprise."""
    one, wanted = visible_enterprise(request, code), _kind(kind)
    access.require(scope_of(request.user), "source.edit", one)
    form = RowForm(wanted, request.POST or None, enterprise=one, values=blank(wanted))
    if request.method == "POST":
        made = perform(
            form, lambda data: services.enter(
                request.user, kind, form.values(), enterprise=one, reason=data["reason"], key=data["key"] or None
            ),
        )  # fmt: skip
        if made:
            messages.success(request, _("“%(row)s” was entered.") % {"row": made})
            return redirect(f"{one.get_absolute_url()}#{kind}")
    return _form_page(request, form, f"{wanted.label} · {one}", one.get_absolute_url(), one=one)


@needs("source.view")
def row(request: SignedRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """One row: change it, end it, take it up again; its own history. Who may not change it sees the history."""
    one, wanted = visible_enterprise(request, code), _kind(kind)
    found = _row(one, wanted, pk)
    if request.method == "POST":
        access.require(scope_of(request.user), "source.edit", one)
    return _edit(request, one, wanted, found)


def _edit(request: SignedRequest, one: Enterprise, kind: Kind, found: Any) -> HttpResponse:
    current = fresh(kind, found.pk)
    values = plain_of(kind, current)
    may = access.may(scope_of(request.user), "source.edit", one)
    if request.method == "POST":
        form = RowForm(kind, request.POST, enterprise=one, values=values)
        done = perform(
            form,
            lambda data: services.change(
                request.user, current, form.values(), reason=data["reason"], **form.guards
            ),
            record=current,
        )  # fmt: skip
        if done:
            messages.success(request, _("“%(row)s” was changed.") % {"row": done})
            return redirect(f"{one.get_absolute_url()}{'' if kind.is_enterprise else '#' + kind.name}")
    else:
        form = RowForm(kind, enterprise=one, values=values, initial={"version": current.version})
    more: dict[str, Any] = {"one": one, "history": changes_shown(_history(kind, found)), "may": may}
    if not kind.is_enterprise:
        more["ending"] = EndForm.of(current) if current.until is None else ReopenForm.of(current)
        more["ending_url"] = reverse(
            "sources:row_end" if current.until is None else "sources:row_reopen", args=[one.code, kind.name, found.pk]
        )
    return _form_page(request, form, f"{kind.label} · {current}", one.get_absolute_url(), **more)


def _history(kind: Kind, found: Any) -> Any:
    return Change.objects.filter(kind=kind.name, row=found.pk).select_related("by", "batch")[:50]


@require_POST
@needs("source.edit")
def end(request: SignedRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """End a row with its last day."""
    one, wanted = visible_enterprise(request, code), _kind(kind)
    found = _row(one, wanted, pk)
    form = EndForm(request.POST)
    done = perform(
        form, lambda data: services.end(
            request.user, found, until=data["until"], reason=data["reason"], **form.guards
        ), record=found,
    )  # fmt: skip
    return _after(request, form, one, wanted, found, done, _("“%(row)s” was ended; it stays in the file."))


@require_POST
@needs("source.edit")
def reopen(request: SignedRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Take up a row that has ended."""
    one, wanted = visible_enterprise(request, code), _kind(kind)
    found = _row(one, wanted, pk)
    form = ReopenForm(request.POST)
    done = perform(
        form, lambda data: services.reopen(request.user, found, reason=data["reason"], **form.guards), record=found
    )
    return _after(request, form, one, wanted, found, done, _("“%(row)s” was taken up again."))


def _after(
    request: SignedRequest, form: KitForm, one: Enterprise, kind: Kind, found: Any, done: Any, words: str
) -> HttpResponse:
    if done:
        messages.success(request, words % {"row": done})
        return redirect(f"{one.get_absolute_url()}#{kind.name}")
    current = fresh(kind, found.pk)
    plain = RowForm(kind, enterprise=one, values=plain_of(kind, current), initial={"version": current.version})
    more = {"one": one, "history": changes_shown(_history(kind, found)), "may": True, "ending": form,
            "ending_url": request.path}  # fmt: skip
    return _form_page(
        request, plain, f"{kind.label} · {current}", one.get_absolute_url(), status=status_of(form), **more
    )


@needs("evidence.add")
def papers(request: SignedRequest, code: str) -> HttpResponse:
    """Put evidence into an enterprise's file."""
    one = visible_enterprise(request, code)
    codes = paper_codes(sections_of(one))
    form = PaperForm(request.POST or None, request.FILES or None, codes=codes)
    if request.method == "POST":
        done = perform(form, lambda data: _save_papers(request, form, one, data))
        if done is not None:
            messages.success(request, _("The file was put into the enterprise's documents."))
            return redirect(f"{one.get_absolute_url()}#papers")
    return _form_page(
        request, form, _("Documents of %(enterprise)s") % {"enterprise": one}, one.get_absolute_url(), one=one
    )


def _save_papers(request: SignedRequest, form: PaperForm, one: Enterprise, data: dict[str, Any]) -> Any:
    from django.db import transaction

    with transaction.atomic():
        evidence = form.save_evidence(request.user, place=one.area, key=data["key"] or None)
        return add_papers(request.user, one, evidence, code=data["code"])


def _form_page(
    request: SignedRequest, form: KitForm, title: str, back: str, *, status: int | None = None, **more: Any
) -> HttpResponse:
    context = {"title": title, "form": form, "back": back, "may": True, **more}
    answer = status or (status_of(form) if form.is_bound else 200)
    return render(request, "sources/form.html", context, status=answer)


def _kind(name: str) -> Kind:
    try:
        found = kind_named(name)
    except KeyError as error:
        raise Http404 from error
    if found.is_enterprise:
        raise Http404
    return found


def _row(one: Enterprise, kind: Kind, pk: int) -> Any:
    return get_object_or_404(kind.model.objects.select_related("enterprise"), pk=pk, enterprise=one)
