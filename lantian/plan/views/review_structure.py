"""Pages of the review for whole clauses: add one that the reader passed over, delete what is none."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from lantian.city.access import SignedRequest, needs
from lantian.kit.forms import perform
from lantian.kit.numbers import whole
from lantian.plan.clause_forms import ClauseForm, DeleteClauseForm
from lantian.plan.models import DocumentVersion
from lantian.plan.services.review_structure import add_clause, delete_clause, pieces_of
from lantian.plan.views.review import acted, problems_beside, reviewed_clause, reviewed_version
from lantian.plan.views.review_forms import show

_SHOWN = 12


@needs("plan.view")
@problems_beside
def add(request: SignedRequest, pk: int) -> HttpResponse:
    """Add a clause: from the selection (`start`, `end` in the address), or from words typed in."""
    version = reviewed_version(request, pk)
    marked = _selection(request, version)
    form = ClauseForm(request.POST or None, version=version, initial=marked)

    def act(data: dict[str, Any]) -> Any:
        return add_clause(request.user, version, **form.values(), key=form.guards["key"])

    made = perform(form, act) if request.method == "POST" else None
    if made:
        said = _("Clause %(clause)s was added with %(n)s measures.") % {"clause": made, "n": made.measures.count()}
        return acted(request, version, said, select=f"c{made.pk}", whole_text=True)
    pieces = pieces_of(version, **marked) if marked else []
    return show(
        request, version, form, anchor="cards", heading=_("Add a clause"), template="plan/review_add_clause.html",
        pieces=pieces[:_SHOWN], more=max(0, len(pieces) - _SHOWN), pieces_n=len(pieces),
    )  # fmt: skip


def _selection(request: HttpRequest, version: DocumentVersion) -> dict[str, Any]:
    """Return the offsets in the address where they lie in the text."""
    start, end = whole(request.GET.get("start")), whole(request.GET.get("end"))
    if start is None or end is None or not 0 <= start < end <= len(version.text):
        return {}
    return {"start": start, "end": end}


@needs("plan.view")
@problems_beside
def delete(request: SignedRequest, pk: int) -> HttpResponse:
    """Take out what is no clause, with the reason."""
    found = reviewed_clause(request, pk)
    version = found.task.version
    form = DeleteClauseForm(request.POST or None, clause=found)

    def act(data: dict[str, Any]) -> bool:
        delete_clause(request.user, found, **form.values(), **form.guards)
        return True

    label = str(found)
    if request.method == "POST" and perform(form, act, record=found):
        said = _("Clause %(clause)s was deleted.") % {"clause": label}
        return acted(request, version, said, next_after=f"c{pk}", whole_text=True)
    heading = _("Delete clause %(clause)s") % {"clause": label}
    return show(
        request, version, form, anchor=f"c{pk}", heading=heading, back_to_card=reverse("plan:review_clause", args=[pk])
    )
