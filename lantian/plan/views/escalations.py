"""Escalation: what the rules propose, what was decided, and the rules themselves."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.db.models import Case, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.models import Agency, Place
from lantian.kit.choices import family
from lantian.kit.columns import BadgeColumn
from lantian.kit.forms import KitForm, day_field, perform, status_of, text_field
from lantian.kit.lists import ListPage
from lantian.plan.models import EscalationProposal
from lantian.plan.rules.escalation_rules import Rule, facts_known
from lantian.plan.services import escalation as services
from lantian.plan.views.columns import Moment

State = EscalationProposal.State
CARDS = 60  # on top of the list; all of them are in the list below it


def _choices(name: str) -> list[tuple[str, Any]]:
    return [(value, choice.label) for value, choice in family(name).items()]


class EscalationTable(tables.Table):
    level = BadgeColumn("level", verbose_name=gettext_lazy("Level"))
    state = BadgeColumn("proposal", verbose_name=gettext_lazy("State"))
    subject = tables.Column(gettext_lazy("Concerns"), empty_values=(), orderable=False)
    why = tables.Column(
        gettext_lazy("Reason"),
        empty_values=(),
        orderable=False,
        linkify=lambda record: reverse("plan:escalation", args=[record.pk]),
    )
    proposed_at = Moment(verbose_name=gettext_lazy("Proposed"))
    decided_at = Moment(verbose_name=gettext_lazy("Decided"))
    decided_by = tables.Column(gettext_lazy("Decided by"))
    decision_reason = tables.Column(gettext_lazy("Reason of the decision"))
    rule = tables.Column(gettext_lazy("Rule"))

    def render_subject(self, record: EscalationProposal) -> str:
        name = services.subject_name(record)
        return f"{name} · {record.assignment.measure.code}" if record.assignment else name

    def render_why(self, record: EscalationProposal) -> str:
        return services.said(record.reasons[0]) if record.reasons else ""


class EscalationFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=lambda: _choices("proposal"))
    level = django_filters.ChoiceFilter(label=gettext_lazy("Level"), choices=lambda: _choices("level"))
    area = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Area"),
        field_name="place",
        queryset=lambda request: Place.objects.areas().defer("boundary"),
        to_field_name="code",
    )
    agency = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Department"), queryset=lambda request: Agency.objects.filter(is_active=True)
    )

    class Meta:
        model = EscalationProposal
        fields: tuple[str, ...] = ()


@method_decorator(needs("escalation.view"), name="dispatch")
class EscalationList(ListPage):
    """On top what waits for a decision, the highest level first; below the history."""

    table_class = EscalationTable
    filterset_class = EscalationFilter
    template_name = "plan/escalations.html"
    title = gettext_lazy("Escalation")
    file_name = "escalations"
    default_columns = ("level", "state", "subject", "why", "proposed_at", "decided_at", "decided_by")

    def get_queryset(self) -> Any:
        return services.proposals_visible_to(scope_of(self.request.user)).order_by("-pk")

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        scope = scope_of(self.request.user)
        waiting = services.proposals_visible_to(scope).filter(state=State.PROPOSED)
        ranks = Case(*(When(level=name, then=Value(at)) for at, name in enumerate(family("level"))))
        first = waiting.annotate(rank=ranks).order_by("-rank", "pk")[:CARDS]
        cards = [(p, services.subject_name(p), services.said(p.reasons[0]), len(p.reasons) - 1) for p in first]
        n = len(cards) if len(cards) < CARDS else waiting.count()
        return super().get_context(waiting=cards, n_waiting=n, decides=scope.may_at("escalation.decide"), **kwargs)


@require_POST
@needs("escalation.decide")
def propose(request: SignedRequest) -> HttpResponse:
    """Evaluate the rules now."""
    done = services.propose(request.user)
    text = _("%(new)s new proposals, %(kept)s still stand, %(lapsed)s lapsed.")
    messages.success(request, text % {"new": done.new, "kept": done.kept, "lapsed": done.lapsed})
    return redirect("plan:escalations")


class DecisionForm(KitForm):
    """One form, two buttons: accept (a notice goes out) and reject."""

    level = forms.ChoiceField(label=gettext_lazy("Level"), choices=lambda: _choices("level"))
    title_of_notice = forms.CharField(
        label=gettext_lazy("Title of the notice"), max_length=services.MAX_TITLE, required=False
    )
    body = text_field(label=gettext_lazy("Text of the notice"), rows=12, required=False, max_length=services.MAX_BODY)
    reply_due_on = day_field(
        label=gettext_lazy("Answer due"), required=False, help_text=gettext_lazy("empty: no answer is asked for")
    )
    reason = text_field(
        label=gettext_lazy("Reason of the decision"),
        required=False,
        rows=3,
        help_text=gettext_lazy("needed to reject, and to accept at another level than proposed"),
    )


@needs("escalation.view")
def escalation(request: SignedRequest, pk: int) -> HttpResponse:
    """A proposal: its reasons, the decision, the notice, and what was decided about the same subject before."""
    scope = scope_of(request.user)
    found = get_object_or_404(services.proposals_visible_to(scope), pk=pk)
    decides = scope.may_at("escalation.decide")
    form, status = None, 200
    if request.method == "POST":
        scope.require("escalation.decide")
        sent = form = DecisionForm(request.POST)
        if perform(sent, lambda data: _decide(request, found, sent, data), record=found):
            return redirect("plan:escalation", pk=pk)
        status = status_of(sent)
    elif decides and found.state == State.PROPOSED:
        words = services.draft(found)
        initial = {
            "level": found.level,
            "title_of_notice": words.title,
            "body": words.body,
            "reply_due_on": words.reply_due_on,
        }
        form = DecisionForm.of(found, initial=initial)
    context = {
        "title": _("%(name)s: proposal of the rules") % {"name": services.subject_name(found)},
        "proposal": found,
        "subject": services.subject_name(found),
        "reasons": _reasons(found),
        "form": form,
        "reaches": services.addressees(found) if form else [],
        "notices": found.notices.all(),
        "earlier": services.proposals_visible_to(scope).filter(subject_key=found.subject_key).exclude(pk=found.pk)[:20],
    }
    return render(request, "plan/escalation.html", context, status=status)


def _decide(
    request: SignedRequest, found: EscalationProposal, form: KitForm, data: dict[str, Any]
) -> EscalationProposal:
    accept = request.POST.get("decision") == "accept"
    done = services.decide(
        request.user,
        found,
        accept=accept,
        reason=data["reason"],
        level=data["level"],
        title=data["title_of_notice"],
        body=data["body"],
        reply_due_on=data["reply_due_on"],
        **form.guards,
    )
    if not accept:
        messages.success(request, _("Rejected; the reason is kept."))
    elif any(notice.receipts.exists() for notice in done.notices.all()):
        messages.success(request, _("The notice went out."))
    else:
        messages.warning(request, _("The notice is recorded, but nobody holds a role there: it reached no one."))
    return done


_REF_PAGES = {
    "assignment": "plan:assignment",
    "round": "plan:round",
    "notice": "plan:notice",
    "indicator": "indicators:detail",
}


def _reasons(found: EscalationProposal) -> list[dict[str, Any]]:
    known = {rule.id: rule for rule in services.rules_in_force()}
    return [_reason(reason, known.get(reason["rule"])) for reason in found.reasons]


def _reason(reason: dict[str, Any], rule: Rule | None) -> dict[str, Any]:
    """A reason as the page shows it, with the rule's explanation and addresses of what it points at."""
    english = (get_language() or "").startswith("en")
    refs = [
        {**ref, "url": reverse(_REF_PAGES[ref["kind"]], args=[ref["id"]]) if ref["kind"] in _REF_PAGES else ""}
        for ref in reason["refs"]
    ]
    explanation = "" if rule is None else rule.explanation_en if english else rule.explanation_zh
    return {**reason, "text": services.said(reason), "refs": refs, "explanation": explanation, "known": rule}


@needs("escalation.view")
def rules(request: SignedRequest) -> HttpResponse:
    """The rules in force with threshold, source and how sure."""
    english = (get_language() or "").startswith("en")
    facts = facts_known()
    rows = [
        {
            "rule": rule,
            "fact": facts[rule.fact].en if english else facts[rule.fact].zh,
            "explanation": rule.explanation_en if english else rule.explanation_zh,
        }
        for rule in services.rules_in_force()
    ]
    return render(request, "plan/escalation_rules.html", {"title": _("Rules of escalation"), "rows": rows})
