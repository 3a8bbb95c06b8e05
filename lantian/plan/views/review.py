"""The review page: the text beside what was read in it, every act on it by key, button or plain form.

Every address answers in two ways: to the page's script with the pieces that changed, otherwise with a whole page or
a redirect back to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.queries import threshold
from lantian.kit.errors import DomainError
from lantian.kit.numbers import whole
from lantian.plan import review_page
from lantian.plan.document_access import may_work_on, require_work_on, visible_versions
from lantian.plan.models import Clause, DocumentVersion, Measure
from lantian.plan.review_page import Card, Wanted
from lantian.plan.services import review as acts
from lantian.plan.services.review_clauses import accept_clause, name_all_areas
from lantian.plan.services.review_undo import undo
from lantian.plan.text_view import blocks

View = Callable[..., HttpResponse]


def reviewed_version(request: HttpRequest, pk: int) -> DocumentVersion:
    """Return a text that the person may review: 404 where they may not see it, NotAllowed where only that."""
    scope = scope_of(request.user)
    version: DocumentVersion = get_object_or_404(visible_versions(scope), pk=pk)
    require_work_on(scope, "review", version)
    return version


def reviewed_measure(request: HttpRequest, pk: int) -> Measure:
    found: Measure = get_object_or_404(Measure.objects.select_related("clause__task"), pk=pk)
    found.clause.task.version = reviewed_version(request, found.clause.task.version_id)
    return found


def reviewed_clause(request: HttpRequest, pk: int) -> Clause:
    found: Clause = get_object_or_404(Clause.objects.select_related("task"), pk=pk)
    found.task.version = reviewed_version(request, found.task.version_id)
    return found


def problems_beside(view: View) -> View:
    """Show a refusal in its own place of the review page, so that no card is lost."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as problem:
            if not request.htmx:  # type: ignore[attr-defined]
                raise
            answer = render(request, "web/problem_fragment.html", {"problem": problem}, status=problem.status)
            return reswap(retarget(answer, "#review-problem"), "innerHTML")

    return guarded


def wanted_of(request: HttpRequest) -> Wanted:
    """Return the filter of the page from which an act was sent."""
    address = getattr(request.htmx, "current_url_abs_path", None) if request.htmx else None  # type: ignore[attr-defined]
    if address:
        return Wanted.of(QueryDict(address.partition("?")[2]))
    return Wanted.of(request.GET)


@needs("plan.view")
def page(request: SignedRequest, pk: int) -> HttpResponse:
    """The page itself."""
    version = reviewed_version(request, pk)
    if version.state != DocumentVersion.State.IN_REVIEW:
        return redirect("plan:document", pk=version.pk)
    context = _context(request, version, Wanted.of(request.GET))
    context["blocks"] = blocks(version)
    return render(request, "plan/review.html", context)


def _context(request: HttpRequest, version: DocumentVersion, wanted: Wanted) -> dict[str, Any]:
    cards = review_page.all_cards(version)
    state = review_page.progress(version, cards, request.user)  # type: ignore[arg-type]
    # Without a choice: what is doubtful, as long as something is.
    wanted.show = wanted.show or ("doubtful" if state.counts["doubtful"] else "all")
    return {
        "title": version.title,
        "version": version,
        "cards": review_page.chosen(cards, wanted),
        "state": state,
        "wanted": wanted,
        "sure": int(threshold("review.sure_confidence")),
        "may_adopt": may_work_on(scope_of(request.user), "adopt", version),
    }


def back(version: DocumentVersion, anchor: str = "") -> str:
    return reverse("plan:review", args=[version.pk]) + (f"?show=all#{anchor}" if anchor else "")


def acted(
    request: HttpRequest,
    version: DocumentVersion,
    said: str,
    *,
    card: Card | None = None,
    select: str = "",
    tasks: Iterable[int] | None = None,
    next_after: str = "",
    whole_text: bool = False,
) -> HttpResponse:
    """Answer an act: the card alone, or the whole list; with the progress and the blocks of text that changed.

    `tasks` None: all blocks; `whole_text`: the text anew, because tasks came or went.
    `select`: the anchor that becomes the present one; `next_after`: or the one behind this.
    """
    version.refresh_from_db()
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, said)
        return redirect(back(version, select or next_after))
    context = _context(request, version, wanted_of(request))
    context |= {"card": card, "blocks": blocks(version, tasks), "said": said, "oob": True, "whole_text": whole_text}
    answer = render(request, "plan/review_answer.html", context)
    if card is None:
        answer = reswap(retarget(answer, "#cards"), "outerHTML")
    return trigger_client_event(answer, "review:acted", {"select": select, "after": next_after, "said": said})


@needs("plan.view")
@problems_beside
def measure(request: SignedRequest, pk: int) -> HttpResponse:
    """A measure's card; on POST: do = accept | merge."""
    found = reviewed_measure(request, pk)
    version = found.clause.task.version
    if request.method != "POST":
        return _card(request, version, review_page.measure_card(version, found.pk), f"m{pk}")
    guards = guards_of(request)
    if request.POST.get("do") == "merge":
        acts.merge(request.user, found, **guards)
        said = _("%(code)s was joined with the next measure.") % {"code": found.code}
        return acted(request, version, said, select=f"m{pk}", tasks=[found.clause.task_id])
    acts.accept(request.user, found, **guards)
    card = review_page.measure_card(version, found.pk)
    said = _("%(code)s accepted.") % {"code": found.code}
    return acted(request, version, said, card=card, next_after=f"m{pk}", tasks=[found.clause.task_id])


@needs("plan.view")
@problems_beside
def clause(request: SignedRequest, pk: int) -> HttpResponse:
    """A clause's card; on POST it is accepted."""
    found = reviewed_clause(request, pk)
    version = found.task.version
    if request.method == "POST":
        accept_clause(request.user, found, **guards_of(request))
        said = _("Responsibilities of %(clause)s accepted.") % {"clause": found}
        card = review_page.one_clause_card(version, pk)
        return acted(request, version, said, card=card, next_after=f"c{pk}", tasks=[])
    return _card(request, version, review_page.one_clause_card(version, pk), f"c{pk}")


def _card(request: HttpRequest, version: DocumentVersion, card: Card | None, anchor: str) -> HttpResponse:
    if not request.htmx or card is None:  # type: ignore[attr-defined]
        return redirect(back(version, anchor))
    return render(request, "plan/review_card.html", {"card": card, "version": version})


def guards_of(request: HttpRequest) -> dict[str, Any]:
    """Return seen_version and key of a card's own small form."""
    return {"seen_version": whole(request.POST.get("version")), "key": request.POST.get("key") or None}


@require_POST
@needs("plan.view")
@problems_beside
def undo_last(request: SignedRequest, pk: int) -> HttpResponse:
    """Take back the person's last act."""
    version = reviewed_version(request, pk)
    done = undo(request.user, version, key=request.POST.get("key") or None)
    rows = done.after["measures"] or done.after["clauses"]
    select = f"{'m' if done.after['measures'] else 'c'}{rows[0]['id']}" if len(rows) == 1 else ""
    return acted(request, version, _("Undone."), select=select, whole_text="rows" in done.after)


@require_POST
@needs("plan.view")
@problems_beside
def areas(request: SignedRequest, pk: int) -> HttpResponse:
    """Name all counties where the text says “the counties concerned”."""
    version = reviewed_version(request, pk)
    n = name_all_areas(request.user, version, key=request.POST.get("key") or None)
    return acted(request, version, _("%(n)s clauses now name all counties.") % {"n": n}, tasks=[])
