"""Escalation: what the rules propose with their reasons, a person's decision, notices and their answers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from ninja import Query

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.kit.api import Id, paged, seen_version, set_version
from lantian.plan.api.base import router
from lantian.plan.api.schemas import escalation as say
from lantian.plan.models import EscalationProposal, Notice
from lantian.plan.rules.escalation_rules import Rule
from lantian.plan.services import escalation as services

TAGS = ["Escalation"]
VIEW = Guard("escalation.view")
DECIDE = Guard("escalation.decide")


def proposals_of(request: SignedRequest) -> QuerySet[EscalationProposal]:
    """Return the proposals that the caller may open."""
    return services.proposals_visible_to(scope_of(request.user)).prefetch_related("notices").order_by("-pk")


@router.get("/escalations", response=list[say.ProposalOut], auth=VIEW, tags=TAGS)
@paged
def escalations(request: SignedRequest, wanted: Query[say.ProposalFilter]) -> QuerySet[EscalationProposal]:
    """What the rules propose and what was decided, the newest first. Others than the office see what concerns them."""
    conditions = {
        "state": wanted.state,
        "level": wanted.level,
        "place__code": wanted.area,
        "agency": wanted.agency,
    }
    return proposals_of(request).filter(**{name: value for name, value in conditions.items() if value is not None})


@router.post("/escalations/propose", response=say.ProposedOut, auth=DECIDE, tags=TAGS)
def propose(request: SignedRequest) -> dict[str, int]:
    """Evaluate the rules now; doing it again changes nothing."""
    done = services.propose(request.user)
    return {"new": done.new, "kept": done.kept, "lapsed": done.lapsed}


@router.get("/escalations/rules", response=list[say.RuleOut], auth=VIEW, tags=TAGS)
def escalation_rules(request: SignedRequest) -> list[dict[str, Any]]:
    """The rules in force with threshold, source and how sure that is."""
    return [_rule(rule) for rule in services.rules_in_force()]


def _rule(rule: Rule) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    names = [name for name in say.RuleOut.model_fields if name != "explanation"]
    explanation = rule.explanation_en if english else rule.explanation_zh
    return {name: getattr(rule, name) for name in names} | {"explanation": explanation}


@router.get("/escalations/{pk}", response=say.ProposalOut, auth=VIEW, tags=TAGS)
def escalation(request: SignedRequest, response: HttpResponse, pk: Id) -> EscalationProposal:
    """One proposal with its reasons."""
    found: EscalationProposal = get_object_or_404(proposals_of(request), pk=pk)
    set_version(response, found.version)
    return found


@router.get("/escalations/{pk}/draft", response=say.DraftOut, auth=DECIDE, tags=TAGS)
def draft(request: SignedRequest, pk: Id) -> dict[str, Any]:
    """The notice as it would go out, for the office to change."""
    found = services.draft(get_object_or_404(proposals_of(request), pk=pk))
    return {"title": found.title, "body": found.body, "reply_due_on": found.reply_due_on}


@router.post("/escalations/{pk}/decide", response=say.ProposalOut, auth=DECIDE, tags=TAGS)
def decide(request: SignedRequest, response: HttpResponse, pk: Id, data: say.DecisionIn) -> EscalationProposal:
    """Accept a proposal (a notice goes out) or reject it."""
    found = get_object_or_404(proposals_of(request), pk=pk)
    services.decide(
        request.user,
        found,
        accept=data.accept,
        reason=data.reason,
        level=data.level,
        title=data.title,
        body=data.body,
        reply_due_on=data.reply_due_on,
        seen_version=seen_version(request, data.version),
    )
    return escalation(request, response, pk)


def notices_of(request: SignedRequest) -> QuerySet[Notice]:
    """Return the notices that the caller may open."""
    return services.notices_visible_to(scope_of(request.user)).order_by("-pk")


@router.get("/notices", response=list[say.NoticeOut], tags=TAGS)
@paged
def notices(request: SignedRequest) -> QuerySet[Notice]:
    """Notices that reached the caller (the office: all), the newest first."""
    return notices_of(request)


@router.get("/notices/{pk}", response=say.NoticeDetail, tags=TAGS)
def notice(request: SignedRequest, pk: Id) -> Notice:
    """A notice with its receipts. An addressee who asks for it has read it."""
    found: Notice = get_object_or_404(notices_of(request), pk=pk)
    services.read_notice(request.user, found)
    return found


@router.post("/notices/{pk}/answer", response=say.NoticeDetail, auth=Guard("notice.answer"), tags=TAGS)
def answer(request: SignedRequest, pk: Id, data: say.AnswerIn) -> Notice:
    """Answer a notice, once for each addressee."""
    found: Notice = get_object_or_404(notices_of(request), pk=pk)
    services.answer(request.user, found, reply=data.reply)
    return found
