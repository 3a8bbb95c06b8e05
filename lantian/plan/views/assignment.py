"""One assignment: two lights, its sentence, its history with the evidence, and the steps that this person may take now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.city.models import Place, User
from lantian.kit.forms import KitForm, perform, status_of
from lantian.plan import authority, forms, queries, services
from lantian.plan.models import Assignment, ClauseAgency, Objection, ProgressReport, RoundEntry, Step
from lantian.plan.possible import SAME_FORM, possible, shown_actions, situation
from lantian.plan.querysets import OPEN_STATES
from lantian.plan.rules.states import TRANSITIONS
from lantian.plan.target_words import name_what_is_reported
from lantian.plan.thresholds import Thresholds, thresholds
from lantian.plan.views.measure import computed_rows, passage
from lantian.records.models import Evidence
from lantian.records.queries import for_strip

SHOWN = 20
Run = Callable[[User, Assignment, Any, dict[str, Any]], Any]
RELATED = ("measure__clause__task__version__document", "place", "agency", "area", "parent__place", "parent__measure")


@dataclass(frozen=True)
class Action:
    """A step as the page offers it: its form, what it calls, what it says when it is done."""

    label: Promise
    form: type[KitForm]
    run: Run
    done: Promise


def _report(actor: User, a: Assignment, form: Any, data: dict[str, Any]) -> Any:
    entry = RoundEntry.objects.filter(assignment=a, round__state="open").select_related("round").first()
    about = data.get("target") if data.get("value") is not None else None
    return services.report(
        actor, a, percent=data["percent"], text=data["text"], problems=data["problems"],
        effective_on=data["effective_on"], target=about.target if about else None,
        indicator=about.indicator if about else "", value=data.get("value"), evidence=form.evidence(actor),
        round=entry.round if entry else None, **form.guards,
    )  # fmt: skip


def _submit(actor: User, a: Assignment, form: Any, data: dict[str, Any]) -> Any:
    reason = data.get("parts_reason", "")
    proofs = form.evidence(actor)
    return services.submit(actor, a, statement=data["statement"], evidence=proofs, parts_reason=reason, **form.guards)


def _verify(actor: User, a: Assignment, form: Any, data: dict[str, Any]) -> Any:
    check = form.record(passed=True)
    return services.verify(actor, a, reason=data["reason"], check=check, evidence=form.evidence(actor), **form.guards)


def _return(actor: User, a: Assignment, form: Any, data: dict[str, Any]) -> Any:
    check = form.check_record()
    return services.return_(actor, a, reason=data["reason"], check=check, evidence=form.evidence(actor), **form.guards)


def _rebound(actor: User, a: Assignment, form: Any, data: dict[str, Any]) -> Any:
    return services.rebound(actor, a, reason=data["reason"], evidence=form.evidence(actor), **form.guards)


def _publicise(actor: User, a: Assignment, form: Any, data: dict[str, Any]) -> Any:
    return services.publicise(actor, a, statement=data["reason"], **form.guards)


def _deadline(actor: User, a: Assignment, form: Any, data: dict[str, Any]) -> Any:
    return services.set_deadline(actor, a, deadline=data["deadline"], reason=data["reason"], **form.guards)


def _plain(service: Callable[..., Any]) -> Run:
    return lambda actor, a, form, data: service(actor, a, reason=data["reason"], **form.guards)


# In the order of the page: the next step of the way first, what goes back or aside last.
ACTIONS: dict[str, Action] = {
    "report": Action(
        gettext_lazy("Report progress"), forms.ReportForm, _report, gettext_lazy("Your report is recorded.")
    ),
    "submit": Action(
        gettext_lazy("Hand in"), forms.SubmitForm, _submit, gettext_lazy("Handed in: a department verifies it next.")
    ),
    "verify": Action(gettext_lazy("Verify"), forms.VerifyForm, _verify, gettext_lazy("Verified.")),
    "publicise": Action(
        gettext_lazy("Open publicity"), forms.PubliciseForm, _publicise, gettext_lazy("It is public now.")
    ),
    "approve": Action(
        gettext_lazy("Sign off"), forms.ApproveForm, _plain(services.approve), gettext_lazy("Signed off.")
    ),
    "return": Action(
        gettext_lazy("Return"), forms.ReturnForm, _return, gettext_lazy("Returned to the holder with your words.")
    ),
    "withdraw": Action(
        gettext_lazy("Take back"), forms.WithdrawForm, _plain(services.withdraw), gettext_lazy("Taken back.")
    ),
    "rebound": Action(
        gettext_lazy("Record a rebound"), forms.ReboundForm, _rebound, gettext_lazy("The rebound is recorded.")
    ),
    "reopen": Action(
        gettext_lazy("Open again"), forms.ReopenForm, _plain(services.reopen), gettext_lazy("The work goes on.")
    ),
    "set_deadline": Action(
        gettext_lazy("Set the deadline"), forms.DeadlineForm, _deadline, gettext_lazy("The deadline is set.")
    ),
    "cancel": Action(
        gettext_lazy("Cancel this assignment"), forms.CancelForm, _plain(services.cancel), gettext_lazy("Cancelled.")
    ),
    "reinstate": Action(
        gettext_lazy("Reinstate"), forms.ReinstateForm, _plain(services.reinstate), gettext_lazy("In force again.")
    ),
}


def visible(scope: Scope, pk: int) -> Assignment:
    """Return an assignment that the person may see (cancelled and superseded ones too), else 404."""
    scope.require("assignment.view")
    seen = Assignment.objects.visible_to(scope).select_related(*RELATED)
    agencies = Prefetch("measure__clause__agencies", ClauseAgency.objects.select_related("agency"))
    found: Assignment = get_object_or_404(seen.prefetch_related(agencies), pk=pk)
    return found


@needs("assignment.view")
def assignment(request: SignedRequest, pk: int) -> HttpResponse:
    """The page of an assignment."""
    return _page(request, visible(scope_of(request.user), pk))


@require_POST
@needs("assignment.view")
def act(request: SignedRequest, pk: int, action: str) -> HttpResponse:
    """Take a step; when it is refused the page comes back with the reason beside the field, and the input."""
    if action not in ACTIONS:
        raise Http404
    found, spec, actor = visible(scope_of(request.user), pk), ACTIONS[action], request.user
    # Asked before files are taken in; the service asks again under the lock.
    names = [t.action for t in TRANSITIONS if SAME_FORM.get(t.action, t.action) == action]
    if not any(authority.may(scope_of(actor), found, name) for name in names):
        authority.require(scope_of(actor), found, names[0])
    form = _form(action, found, request)

    def run(data: dict[str, Any]) -> Any:
        with transaction.atomic():
            return spec.run(actor, found, form, data)

    if perform(form, run, record=found) is None:
        return _page(request, visible(scope_of(actor), pk), {action: form}, status_of(form))
    messages.success(request, str(spec.done))
    return redirect("plan:assignment", pk=pk)


def _form(action: str, found: Assignment, request: HttpRequest | None = None) -> KitForm:
    spec, auto_id = ACTIONS[action], f"id_{action}_%s"
    if request is not None:
        return spec.form(request.POST, request.FILES, assignment=found, auto_id=auto_id)
    form: KitForm = spec.form.of(found, assignment=found, auto_id=auto_id, initial=_initial(action, found))
    return form


def _initial(action: str, found: Assignment) -> dict[str, Any]:
    if action == "publicise":
        values = {"holder": found.enterprise or found.place or found.agency, "text": found.measure.text}
        return {"reason": _("%(holder)s has finished this and a department has verified it: %(text)s") % values}
    return {"deadline": found.deadline} if action == "set_deadline" else {}


@dataclass
class Event:
    """An entry of the timeline: a step or a report."""

    at: Any
    step: Step | None = None
    report: ProgressReport | None = None
    notes: list[str] = field(default_factory=list)


def _page(
    request: SignedRequest, found: Assignment, bound: dict[str, KitForm] | None = None, status: int = 200
) -> HttpResponse:
    scope, limits, bound = scope_of(request.user), thresholds(), bound or {}
    now = situation(found)
    able = possible(request.user, found, now)
    shown = [name for name in ACTIONS if name in shown_actions(able) or name in bound]
    last = max((r.reported_at for r in now.reports), default=None)
    events = timeline(found)
    context = {
        "title": str(found),
        "assignment": found,
        "measure": found.measure,
        "pieces": passage(found.measure, only_clause=True) if scope.may("plan.view") else [],
        "status": limits.status(found.state, found.deadline),
        "freshness": limits.freshness_of(timezone.localdate(last) if last else None, found.measure.recurrence),
        "is_open": found.state in OPEN_STATES,
        "situation": now,
        "percent": now.reports[0].percent if now.reports else None,
        "forms": [(name, ACTIONS[name], bound.get(name) or _form(name, found)) for name in shown],
        "opened": next(iter(bound), "") or (shown[0] if shown and shown[0] in FIRST else ""),
        "may_divide": "decompose" in able,
        "may_withdraw_report": "withdraw_report" in able,
        "agencies": _agencies(found),
        "parts": _parts(found, scope, limits),
        "events": events[:SHOWN],
        "older": events[SHOWN:],
        "waits_for": waits_for(found, now),
        "objections": _objections(found, scope),
        "computed": computed_rows(found.measure, scope, area=found.area) if scope.may("plan.view") else None,
    }
    return render(request, "plan/assignment.html", context, status=status)


# A form that stands open at once: the next step of the way.
FIRST = ("report", "submit", "verify", "publicise", "approve")


def _agencies(found: Assignment) -> dict[str, list[ClauseAgency]]:
    links = list(found.measure.clause.agencies.all())
    return {role: [link for link in links if link.role == role] for role in ("lead", "each", "cooperate")}


def _parts(found: Assignment, scope: Scope, limits: Thresholds) -> list[Assignment]:
    parts = Assignment.objects.filter(parent=found).visible_to(scope)
    return list(queries.urgent_rows(parts, limits)[:500])


def timeline(found: Assignment) -> list[Event]:
    """Return steps and reports, newest first, each with its evidence (six queries, whatever the length)."""
    evidence = Prefetch("evidence", for_strip(Evidence.objects.all()), to_attr="strip")
    steps = Step.objects.filter(assignment=found).select_related("by", "spot_check").prefetch_related(evidence)
    reports = (
        ProgressReport.objects.filter(assignment=found)
        .select_related("reported_by", "round", "target")
        .prefetch_related(evidence)
    )
    name_what_is_reported([report for report in reports if report.value is not None])
    events = [Event(s.at, step=s) for s in steps] + [Event(r.reported_at, report=r) for r in reports]
    return sorted(events, key=lambda event: (event.at, event.step is not None), reverse=True)


def waits_for(found: Assignment, now: Any) -> str:
    """Return in words who takes the next step."""
    if found.state in OPEN_STATES:
        return _("The holder works on it and hands it in.")
    if found.state == Assignment.State.SUBMITTED:
        names = "、".join(
            str(link.agency) for link in found.measure.clause.agencies.all() if link.role in ("lead", "each")
        )
        if found.parent is not None:
            return _("%(holder)s checks its part.") % {"holder": found.parent.place}
        return (
            _("%(names)s verifies it.") % {"names": names}
            if names
            else _("The office verifies it: no department leads.")
        )
    if found.state == Assignment.State.VERIFIED and found.parent is None:
        return _verified_waits(now)
    return ""


def _verified_waits(now: Any) -> str:
    if now.period is None:
        return _("The office opens the publicity period.")
    if now.open_objections:
        return _("The office answers an objection.")
    if not now.publicity_over:
        return _("In publicity until %(day)s.") % {"day": now.period.ends_on}
    return _("The office signs it off; somebody else than who verified it.")


def _objections(found: Assignment, scope: Scope) -> list[dict[str, Any]]:
    """Return the objections with the form for an answer; names and contacts are for the office only."""
    office = scope.may_at("objection.resolve")
    rows = Objection.objects.filter(publicity__assignment=found).select_related("resolved_by", "publicity")
    return [
        {
            "objection": row,
            "private": office,
            "form": forms.ResolveForm.of(found, auto_id=f"id_objection_{row.pk}_%s")
            if office and row.resolved_at is None and row.publicity.void_at is None
            else None,
        }
        for row in rows
    ]


@require_POST
@needs("objection.resolve")
def resolve(request: SignedRequest, pk: int) -> HttpResponse:
    """Answer an objection."""
    scope = scope_of(request.user)
    objection = get_object_or_404(Objection.objects.select_related("publicity__assignment"), pk=pk)
    found = visible(scope, objection.publicity.assignment_id)
    form = forms.ResolveForm(request.POST, auto_id=f"id_objection_{pk}_%s")
    done = perform(
        form,
        lambda data: services.resolve_objection(
            request.user, objection, upheld=data["upheld"], resolution=data["resolution"], **form.guards
        ),
        record=found,
    )
    if done is None:
        errors = " ".join(str(error) for errors in form.errors.values() for error in errors)
        messages.error(request, errors)
        return _page(request, visible(scope, found.pk), status=status_of(form))
    messages.success(request, _("The objection is answered."))
    return redirect("plan:assignment", pk=found.pk)


@needs("assignment.report")
def withdraw_report(request: SignedRequest, pk: int) -> HttpResponse:
    """Withdraw a report that was wrong, with the reason (its own small page)."""
    report = get_object_or_404(ProgressReport.objects.select_related("reported_by"), pk=pk)
    found = visible(scope_of(request.user), report.assignment_id)
    form = forms.WithdrawForm(request.POST or None, assignment=found)
    status = 200
    if request.method == "POST":
        done = perform(form, lambda data: services.withdraw_report(request.user, report, reason=data["reason"]))
        if done is not None:
            messages.success(request, _("The report is withdrawn; it stays in the history."))
            return redirect("plan:assignment", pk=found.pk)
        status = status_of(form)
    context = {"title": _("Withdraw a report"), "form": form, "report": report, "assignment": found}
    return render(request, "plan/withdraw_report.html", context, status=status)


@needs("assignment.decompose")
def divide(request: SignedRequest, pk: int) -> HttpResponse:
    """Divide an assignment among towns, villages (of the town `?town=`) and enterprises."""
    found = visible(scope_of(request.user), pk)
    towns = Place.objects.filter(parent=found.place_id, kind=Place.Kind.TOWN, is_active=True).defer("boundary")
    town = towns.filter(code=request.GET.get("town", "")).first()
    inside = Place.objects.filter(parent=town or found.place_id, is_active=True).defer("boundary")
    there = found.parts.exclude(state=Assignment.State.CANCELLED).exclude(place__isnull=True)
    taken = there.exclude(holder="enterprise").values("place")
    places = inside.filter(kind__in=(Place.Kind.TOWN, Place.Kind.VILLAGE)).exclude(pk__in=taken)
    if request.method == "POST":
        form = forms.PartsForm(request.POST, places=places)
        made = perform(
            form, lambda data: services.decompose(request.user, found, form.parts(), **form.guards), record=found
        )
        if made is not None:
            messages.success(request, _("%(n)s parts were made.") % {"n": len(made)})
            return redirect(reverse("plan:assignment", args=[pk]) + "#parts")
        status = status_of(form)
    else:
        initial = {"enterprises": "\n".join(found.measure.enterprises)}
        form, status = forms.PartsForm.of(found, places=places, initial=initial), 200
    context = {
        "title": _("Divide"),
        "form": form,
        "assignment": found,
        "towns": towns if found.holder == "area" else (),
        "town": town,
        "able": "decompose" in possible(request.user, found),
    }
    return render(request, "plan/divide.html", context, status=status)


__all__ = ["act", "assignment", "divide", "resolve", "visible", "withdraw_report"]
