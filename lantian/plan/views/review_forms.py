"""The forms of the review page, each a fragment beside the text or a page of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lantian.city.access import SignedRequest, needs
from lantian.city.queries import threshold
from lantian.kit.forms import KitForm, perform, status_of
from lantian.kit.numbers import whole
from lantian.plan import review_forms as forms
from lantian.plan import review_page
from lantian.plan.models import DocumentVersion
from lantian.plan.reader import clean
from lantian.plan.rules.partition import break_points
from lantian.plan.services import review as acts
from lantian.plan.services.review_clauses import edit_heading, resolve_name, set_roles
from lantian.plan.views.review import acted, back, problems_beside, reviewed_clause, reviewed_measure, reviewed_version

_SHOWN = 30


def show(
    request: HttpRequest, version: DocumentVersion, form: KitForm, *, anchor: str, heading: str, **more: Any
) -> HttpResponse:
    """Show a form in its card's place, or on a page of its own."""
    template = more.pop("template", "plan/review_form.html")
    context = {
        "form": form, "version": version, "anchor": anchor, "heading": heading, "title": heading,
        "action": request.get_full_path(), "cancel": back(version, anchor), "inner": template, **more,
    }  # fmt: skip
    status = status_of(form) if form.is_bound else 200
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, template, context, status=status)
    return render(request, "plan/review_form_page.html", context, status=status)


@needs("plan.view")
@problems_beside
def edit(request: SignedRequest, pk: int) -> HttpResponse:
    """Edit every field of a measure."""
    found = reviewed_measure(request, pk)
    version = found.clause.task.version
    form = forms.MeasureForm(request.POST or None, measure=found)

    def act(data: dict[str, Any]) -> Any:
        return acts.edit(request.user, found, form.values(), reason=data["reason"], **form.guards)

    if request.method == "POST" and perform(form, act, record=found):
        said = _("%(code)s saved.") % {"code": found.code}
        card = review_page.measure_card(version, pk)
        return acted(request, version, said, card=card, next_after=f"m{pk}", tasks=[found.clause.task_id])
    heading = _("Edit %(code)s") % {"code": found.code}
    return show(
        request, version, form, anchor=f"m{pk}", heading=heading, template="plan/review_edit.html", measure=found,
        back_to_card=_card_url("measure", pk),
    )  # fmt: skip


@needs("plan.view")
@problems_beside
def split(request: SignedRequest, pk: int) -> HttpResponse:
    """Choose where a measure is divided; `offset` in the address is where the cursor stands."""
    found = reviewed_measure(request, pk)
    version = found.clause.task.version
    cursor = whole(request.GET.get("offset"))
    here = cursor if cursor is not None and found.start < cursor < found.end else None
    places = _places(version.text, found.start, found.end, here)
    form = forms.SplitForm(request.POST or None, places=places, initial=_initial(found, places))

    def act(data: dict[str, Any]) -> Any:
        return acts.split(request.user, found, offset=data["offset"], **form.guards)

    if request.method == "POST" and perform(form, act, record=found):
        said = _("%(code)s was split.") % {"code": found.code}
        return acted(request, version, said, select=f"m{pk}", tasks=[found.clause.task_id])
    heading = _("Split %(code)s") % {"code": found.code}
    return show(request, version, form, anchor=f"m{pk}", heading=heading, back_to_card=_card_url("measure", pk))


def _initial(found: Any, places: list[tuple[int, str]]) -> dict[str, Any]:
    return {"version": found.version, "offset": places[0][0] if places else None}


def _places(text: str, start: int, end: int, cursor: int | None) -> list[tuple[int, str]]:
    """Return (offset, "…before ┃ after…"): the cursor first."""
    points = break_points(text, start, end)
    if cursor is not None:
        points = [cursor, *(p for p in points if p != cursor)]
    return [(at, f"…{clean(text, start, at)[-_SHOWN:]} ┃ {clean(text, at, end)[:_SHOWN]}…") for at in points]


@needs("plan.view")
@problems_beside
def delete(request: SignedRequest, pk: int) -> HttpResponse:
    """Take a measure out, with the reason."""
    found = reviewed_measure(request, pk)
    version = found.clause.task.version
    form = forms.DeleteForm(request.POST) if request.method == "POST" else forms.DeleteForm.of(found)

    def act(data: dict[str, Any]) -> bool:
        acts.delete(request.user, found, reason=data["reason"], **form.guards)
        return True

    if request.method == "POST" and perform(form, act, record=found):
        said = _("%(code)s was deleted.") % {"code": found.code}
        return acted(request, version, said, next_after=f"m{pk}", tasks=[found.clause.task_id])
    heading = _("Delete %(code)s: %(text)s") % {"code": found.code, "text": found.text}
    return show(request, version, form, anchor=f"m{pk}", heading=heading, back_to_card=_card_url("measure", pk))


@needs("plan.view")
@problems_beside
def roles(request: SignedRequest, pk: int) -> HttpResponse:
    """Say who answers for a clause."""
    found = reviewed_clause(request, pk)
    version = found.task.version
    form = forms.RolesForm(request.POST or None, clause=found)

    def act(data: dict[str, Any]) -> Any:
        return set_roles(
            request.user, found, agencies=form.holders(), areas=data["areas"], places=data["places"],
            reason=data["reason"], **form.guards,
        )  # fmt: skip

    if request.method == "POST" and perform(form, act, record=found):
        said = _("Responsibilities of %(clause)s saved.") % {"clause": found}
        return acted(request, version, said, next_after=f"c{pk}", tasks=[])
    heading = _("Who answers for %(clause)s") % {"clause": found}
    return show(
        request, version, form, anchor=f"c{pk}", heading=heading, template="plan/review_roles.html",
        back_to_card=_card_url("clause", pk),
    )  # fmt: skip


def _card_url(kind: str, pk: int) -> str:
    from django.urls import reverse

    return reverse(f"plan:review_{kind}", args=[pk])


@needs("plan.view")
@problems_beside
def add(request: SignedRequest, pk: int) -> HttpResponse:
    """Make a measure from the selection, or from words typed in."""
    version = reviewed_version(request, pk)
    form = forms.AddForm(request.POST or None, text=version.text, initial=_selection(request))

    def act(data: dict[str, Any]) -> Any:
        key = form.guards["key"]
        return acts.add(request.user, version, start=data["start"], end=data["end"], key=key)

    made = perform(form, act) if request.method == "POST" else None
    if made:
        said = _("%(code)s was added.") % {"code": made.code}
        return acted(request, version, said, select=f"m{made.pk}", tasks=[made.clause.task_id])
    return show(request, version, form, anchor="cards", heading=_("Add a measure"))


def _selection(request: HttpRequest) -> dict[str, Any]:
    return {name: request.GET[name] for name in ("start", "end") if whole(request.GET.get(name)) is not None}


@needs("plan.view")
@problems_beside
def accept_all(request: SignedRequest, pk: int) -> HttpResponse:
    """Accept everything that was read with at least a confidence."""
    version = reviewed_version(request, pk)
    initial = {"confidence": int(threshold("review.sure_confidence"))}
    form = forms.AcceptAllForm(request.POST or None, initial=initial)
    done: list[int] = []

    def act(data: dict[str, Any]) -> bool:
        share = data["confidence"] / 100
        done.append(acts.accept_all(request.user, version, confidence=share, key=form.guards["key"]))
        return True

    if request.method == "POST" and perform(form, act):
        return acted(request, version, _("%(n)s accepted.") % {"n": done[0]})
    return show(request, version, form, anchor="cards", heading=_("Accept all above a confidence"))


@needs("plan.view")
@problems_beside
def name(request: SignedRequest, pk: int) -> HttpResponse:
    """Say who is meant by a name (`name` in the address)."""
    version = reviewed_version(request, pk)
    asked = request.GET.get("name", "")
    kind = request.GET.get("kind", "agency")
    form = forms.NameForm(request.POST or None, name=asked, kind=kind)

    def act(data: dict[str, Any]) -> int:
        key = form.guards["key"]
        return resolve_name(request.user, version, name=asked, **form.answer(), key=key)

    n = perform(form, act) if request.method == "POST" else None
    if n:
        return acted(request, version, _("“%(name)s” is settled in %(n)s clauses.") % {"name": asked, "n": n}, tasks=[])
    return show(request, version, form, anchor="cards", heading=_("Who is “%(name)s”?") % {"name": asked})


@needs("plan.view")
@problems_beside
def heading(request: SignedRequest, pk: int) -> HttpResponse:
    """Mend the head of the text."""
    version = reviewed_version(request, pk)
    form = forms.HeadingForm(request.POST) if request.method == "POST" else forms.HeadingForm.of_version(version)

    def act(data: dict[str, Any]) -> Any:
        return edit_heading(request.user, version, form.values(), **form.guards)

    if request.method == "POST" and perform(form, act, record=version):
        return acted(request, version, _("The heading was saved."), tasks=[])
    return show(request, version, form, anchor="cards", heading=_("Title, number and period"))
