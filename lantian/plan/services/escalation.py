"""Escalation: the rules propose, a person of the office decides, the notice goes out, is read and answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import Scope, active_people, scope_of
from lantian.city.models import LoadedPack, User
from lantian.city.queries import pack_in_force
from lantian.kit.choices import badge
from lantian.kit.errors import Conflict, DomainError
from lantian.kit.locking import check_repeat, check_version, update_versioned
from lantian.plan.escalation_facts import gather, subject_of
from lantian.plan.models import Assignment, EscalationProposal, Notice, NoticeReceipt
from lantian.plan.rules import escalation as rules
from lantian.plan.rules.escalation import Decided, Open, Proposal, Subject
from lantian.plan.rules.escalation_rules import LEVELS, Rule, RuleError, load_rules
from lantian.plan.services.notices import answer, notices_visible_to, read_notice
from lantian.plan.services.telling import holder_people, office_people
from lantian.records.services import Wording, audit, notify

__all__ = [
    "Draft", "Proposed", "addressees", "answer", "decide", "draft", "notices_visible_to", "proposals_visible_to", "propose",
    "read_notice", "rules_in_force", "said", "subject_name",
]  # fmt: skip
State = EscalationProposal.State
# Longer ago than any rule looks back.
_MEMORY = dt.timedelta(days=400)
MAX_TITLE, MAX_BODY, MAX_REASON = 200, 8000, 5000


def rules_in_force() -> tuple[Rule, ...]:
    """Return the national rules with the pack's settings over them. Raises DomainError that names every faulty setting."""
    pack = pack_in_force()
    try:
        return load_rules(pack.escalation if pack else [])
    except RuleError as error:
        raise DomainError(
            _("The city pack's escalation settings cannot be used: %(faults)s") % {"faults": "; ".join(error.faults)},
            hint=_("Correct escalation.toml of the pack and load it again."),
        ) from error


@dataclass(frozen=True)
class Proposed:
    """What one evaluation did."""

    new: int
    kept: int
    lapsed: int


@transaction.atomic
def propose(actor: User | None) -> Proposed:
    """Evaluate all rules and bring the open proposals up to date; doing it again changes nothing.

    New reasons become proposals, reasons that are gone let theirs lapse, standing ones get their present figures.
    `actor` None: the worker. Raises NotAllowed, DomainError (faulty settings of the pack).
    """
    if actor is not None:
        scope_of(actor).require("escalation.decide")
    in_force = rules_in_force()
    LoadedPack.objects.select_for_update().first()  # one evaluation at a time
    today = clock.today()
    standing = {p.pk: p for p in EscalationProposal.objects.select_for_update().filter(state=State.PROPOSED)}
    outcome = rules.evaluate(
        in_force, gather(today), standing=[_open(p) for p in standing.values()], decided=_decided(), today=today
    )
    for case, why in outcome.lapse:
        _lapse(actor, standing[case.id], why)
    for case, proposal in outcome.keep:
        _refresh(standing[case.id], proposal)
    new = [_create(actor, proposal) for proposal in outcome.propose]
    if new:
        _tell_office(len(new), today)
    return Proposed(len(new), len(outcome.keep), len(outcome.lapse))


def _subject(proposal: EscalationProposal) -> Subject:
    _family, kind, key = proposal.subject_key.rsplit(":", 2)
    return Subject(kind, int(key))


def _open(proposal: EscalationProposal) -> Open:
    return Open(proposal.pk, proposal.family, proposal.level, _subject(proposal))


def _decided() -> list[Decided]:
    rows = EscalationProposal.objects.filter(
        state__in=[State.ACCEPTED, State.REJECTED], decided_at__gte=clock.now() - _MEMORY
    ).prefetch_related("notices")
    found = []
    for row in rows:
        notice = next(iter(row.notices.all()), None)
        day = timezone.localdate(row.decided_at)
        found.append(
            Decided(
                row.family, row.level, _subject(row), day, notice.pk if notice else None, notice.title if notice else ""
            )
        )
    return found


def _lapse(actor: User | None, proposal: EscalationProposal, why: str) -> None:
    update_versioned(proposal, state=State.LAPSED, lapse=why, decided_at=clock.now())
    audit(
        actor,
        "plan.lapse_escalation",
        proposal,
        changes={"state": (State.PROPOSED.value, State.LAPSED.value)},
        data={"why": why},
    )


def _refresh(standing: EscalationProposal, proposal: Proposal) -> None:
    """A decision is taken on present figures: put them in, if they differ."""
    reasons = [reason.plain() for reason in proposal.reasons]
    if reasons != standing.reasons:
        update_versioned(standing, reasons=reasons, rule=proposal.rule.id, rule_version=proposal.rule.version)


def _create(actor: User | None, proposal: Proposal) -> EscalationProposal:
    kind, key = proposal.subject.kind, proposal.subject.id
    assignment = Assignment.objects.get(pk=key) if kind == "assignment" else None
    holder = subject_of(assignment) if assignment else proposal.subject
    made = EscalationProposal.objects.create(
        rule=proposal.rule.id,
        rule_version=proposal.rule.version,
        family=proposal.family,
        level=proposal.level,
        proposed_level=proposal.level,
        place_id=holder.id if holder.kind == "place" else None,
        agency_id=holder.id if holder.kind == "agency" else None,
        assignment=assignment,
        subject_key=proposal.key,
        reasons=[reason.plain() for reason in proposal.reasons],
        proposed_at=clock.now(),
    )
    first = proposal.reasons[0]
    audit(actor, "plan.propose_escalation", made, data={
        "level": proposal.level, "rule": proposal.rule.id, "figure": first.figure, "threshold": first.threshold,
    })  # fmt: skip
    return made


def _tell_office(count: int, today: dt.date) -> None:
    notify(
        office_people(),
        kind="plan.escalation_proposed",
        subject=Wording(gettext_lazy("%(n)s new escalation proposals wait for a decision"), n=count),
        link=reverse("plan:escalations"),
        dedupe_key_prefix=f"escalation-proposed-{today.isoformat()}",
    )


# Deciding


def answer_days(proposal: EscalationProposal) -> int:
    """Return how many days the rule gives for an answer (5 for a rule that is no longer there)."""
    return next((rule.answer_days for rule in rules_in_force() if rule.id == proposal.rule), 5)


@dataclass(frozen=True)
class Draft:
    title: str
    body: str
    reply_due_on: dt.date


def subject_name(proposal: EscalationProposal | Notice) -> str:
    """Return whom it goes to, in the page's language."""
    return str(proposal.place or proposal.agency or getattr(proposal, "assignment", None) or "")


def draft(proposal: EscalationProposal, level: str | None = None) -> Draft:
    """Return title, text and answer day as the office may send them, in the language of the page.

    The day is not in the text: it is added when the notice is issued, so that both cannot differ.
    """
    level = level or proposal.level
    due = clock.today() + dt.timedelta(days=answer_days(proposal))
    name = subject_name(proposal)
    lines = [_("To %(name)s:") % {"name": name}, _("The following was found in the ledger of the plan:")]
    lines += [f"{n}. {said(reason)}{_listed(reason, name)}" for n, reason in enumerate(_to_name(proposal), start=1)]
    lines += [str(_ASKS[level])]
    title = _("%(document)s to %(name)s") % {"document": _DOCUMENTS[level], "name": name}
    return Draft(title[:MAX_TITLE], "\n".join(lines), due)


# So many assignments of one reason a notice names; all of them stand on the page of the proposal.
NAMED = 20


def _to_name(proposal: EscalationProposal) -> list[dict[str, object]]:
    """Return the reasons that the notice names: those of the proposal, and the strongest of each other family."""
    families = {rule.id: rule.family for rule in rules_in_force()}
    named, seen = [], {proposal.family}
    for reason in proposal.reasons:
        family = families.get(reason["rule"], "")
        if not reason["supporting"] or family not in seen:
            named.append(reason)
            seen.add(family)
    return named


_ANSWER_BY = gettext_lazy("Please answer in the system by %(day)s: what was done, and by when the rest will be.")
_DOCUMENTS = {
    "remind": gettext_lazy("Letter of reminder"),
    "warn": gettext_lazy("Letter of warning"),
    "circular": gettext_lazy("Circular"),
    "interview": gettext_lazy("Summons to an interview"),
    "inspection": gettext_lazy("Notice of a special inspection"),
    "accountability": gettext_lazy("Proposal of accountability"),
}
_ASKS = {
    "remind": gettext_lazy("You are reminded to catch up at once and to keep the ledger up to date."),
    "warn": gettext_lazy("You are warned: analyse the causes, make a plan to catch up, and carry it out."),
    "circular": gettext_lazy("The matter is named in a circular to all areas and departments."),
    "interview": gettext_lazy("Your heads are asked to an interview; time and place will be told separately."),
    "inspection": gettext_lazy("A special inspection will look into it on the spot."),
    "accountability": gettext_lazy("It is proposed to hold those responsible to account by the rules."),
}


def said(reason: dict[str, object]) -> str:
    """Return a reason's sentence in the page's language."""
    return str(reason["text_en"] if (get_language() or "").startswith("en") else reason["text_zh"])


def _listed(reason: dict[str, object], addressee: str) -> str:
    """Name the first assignments of a reason, without repeating the addressee, and say how many more there are."""
    refs = reason["refs"]
    labels = [str(ref["label"]) for ref in refs if ref["kind"] == "assignment"] if isinstance(refs, list) else []
    names = pgettext("between names", ", ").join(label.removesuffix(f" · {addressee}") for label in labels[:NAMED])
    if len(labels) > NAMED:
        return _(" (%(names)s and %(n)d more)") % {"names": names, "n": len(labels) - NAMED}
    return _(" (%(names)s)") % {"names": names} if labels else ""


@transaction.atomic
def decide(
    actor: User,
    proposal: EscalationProposal,
    *,
    accept: bool,
    reason: str = "",
    level: str | None = None,
    title: str = "",
    body: str = "",
    reply_due_on: dt.date | None = None,
    seen_version: int | None = None,
    key: str | None = None,
) -> EscalationProposal:
    """Accept a proposal (a notice goes out) or reject it. The same `key` again returns the first decision.

    A reason is needed to reject, and to accept at another level than proposed. Title and text left out are drafted.
    `reply_due_on` None: no answer is asked for. Raises NotAllowed, Conflict (decided meanwhile, or an older version),
    DomainError (fields reason, level, title, body, reply_due_on).
    """
    scope_of(actor).require("escalation.decide")
    current = EscalationProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if key and (done := EscalationProposal.objects.filter(decision_key=key).first()):
        check_repeat(done, pk=current.pk, decided_by_id=actor.pk)
        return current
    _require_undecided(current)
    check_version(current, seen_version)
    chosen = level or current.level
    _check_decision(current, accept, reason.strip(), chosen)
    words = draft(current, chosen)
    before = {"state": current.state, "level": current.level}
    update_versioned(
        current,
        state=State.ACCEPTED if accept else State.REJECTED,
        level=chosen if accept else current.level,
        decided_by=actor,
        decided_at=clock.now(),
        decision_reason=reason.strip(),
        decision_key=key,
    )
    changes = {name: (old, getattr(current, name)) for name, old in before.items() if old != getattr(current, name)}
    audit(actor, "plan.decide_escalation", current, changes=changes, reason=reason.strip())
    if accept:
        _issue(actor, current, title.strip() or words.title, body.strip() or words.body, reply_due_on)
    return current


def _require_undecided(current: EscalationProposal) -> None:
    if current.state == State.PROPOSED:
        return
    when = timezone.localtime(current.decided_at).strftime("%Y-%m-%d %H:%M") if current.decided_at else ""
    raise Conflict(
        _("This proposal is no longer open: %(state)s (%(by)s, %(when)s).")
        % {"state": badge("proposal", current.state).label, "by": current.decided_by or _("the system"), "when": when},
        hint=_("Open the list of escalations for what is open now."),
    )


def _check_decision(current: EscalationProposal, accept: bool, reason: str, level: str) -> None:
    if level not in LEVELS:
        raise DomainError(_("There is no such level."), field="level")
    if not accept and len(reason) < 2:
        raise DomainError(_("Say why it is rejected."), field="reason")
    if accept and level != current.level and len(reason) < 2:
        raise DomainError(_("Say why the level differs from the proposed one."), field="reason")
    if len(reason) > MAX_REASON:
        raise DomainError(_("The text is longer than %(n)s characters.") % {"n": MAX_REASON}, field="reason")


def addressees(proposal: EscalationProposal) -> list[User]:
    """Return the active people whom a notice reaches: those of the area or agency, and the assignment's holder."""
    people: list[User] = []
    if proposal.place_id:
        people += active_people(place_id=proposal.place_id, role="county")
    if proposal.agency_id:
        people += active_people(agency_id=proposal.agency_id, role="department")
    if proposal.assignment:
        people += holder_people(proposal.assignment)
    return list({person.pk: person for person in people}.values())


def _issue(actor: User, proposal: EscalationProposal, title: str, body: str, reply_due_on: dt.date | None) -> Notice:
    if len(title) > MAX_TITLE:
        raise DomainError(_("The title is longer than %(n)s characters.") % {"n": MAX_TITLE}, field="title")
    if len(body) > MAX_BODY:
        raise DomainError(_("The text is longer than %(n)s characters.") % {"n": MAX_BODY}, field="body")
    if reply_due_on is not None and reply_due_on < clock.today():
        raise DomainError(_("%(day)s is over.") % {"day": reply_due_on.isoformat()}, field="reply_due_on")
    if reply_due_on is not None:
        body += "\n" + _ANSWER_BY % {"day": reply_due_on.isoformat()}
    notice = Notice.objects.create(
        proposal=proposal, level=proposal.level, place=proposal.place, agency=proposal.agency, title=title, body=body,
        issued_by=actor, issued_at=clock.now(), reply_due_on=reply_due_on,
    )  # fmt: skip
    people = addressees(proposal)
    sent = notify(
        people, kind="plan.notice", subject=title, body=body, link=reverse("plan:notice", args=[notice.pk]),
        target=notice, dedupe_key_prefix=f"notice-{notice.pk}",
    )  # fmt: skip
    NoticeReceipt.objects.bulk_create([NoticeReceipt(notice=notice, notification=one) for one in sent])
    audit(actor, "plan.issue_notice", notice, data={
        "level": notice.level, "people": [person.username for person in people], "reply_due_on": reply_due_on,
    })  # fmt: skip
    return notice


def proposals_visible_to(scope: Scope) -> QuerySet[EscalationProposal]:
    """Return the proposals that a person may open: all for office and inspectors; others see what was decided for them."""
    rows = EscalationProposal.objects.select_related("place", "agency", "assignment__measure", "decided_by").defer(
        "place__boundary"
    )
    if not scope.may("escalation.view"):
        return rows.none()
    if scope.sees_everything:
        return rows
    mine = Q(place__in=scope.place_ids) | Q(agency__in=scope.agency_ids)
    return rows.filter(mine, state=State.ACCEPTED)
