"""From the holder's self-check to the office's approval, and back when it did not hold.

submit → verify (spot check) → publicise → approve; withdraw, return, reopen and rebound lead back. Three people: who
handed in does not verify, who verified does not approve.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.models import User
from lantian.kit.errors import DomainError, NotAllowed, Unlawful
from lantian.plan.models import Assignment, Publicity, SpotCheck, Step
from lantian.plan.rules.states import SETTLED_STATES
from lantian.plan.services import telling
from lantian.plan.services.moves import follow, move
from lantian.plan.services.publicity import void_publicity
from lantian.records.models import Evidence

SENT_BACK = ("return", "return_verified", "uphold_objection", "reopen", "rebound")


@dataclass(frozen=True)
class Check:
    """The record of a check on the spot: the day, where, how, what was found, and whether it passed."""

    on: dt.date
    location: str
    method: str
    found: str
    passed: bool


@transaction.atomic
def submit(
    actor: User,
    assignment: Assignment,
    *,
    statement: str,
    evidence: Iterable[Evidence],
    parts_reason: str = "",
    seen_version: int | None = None,
    key: str | None = None,
) -> Step:
    """Hand in: the holder checked it and says so (`statement`), with evidence.

    While a part is not finished, `parts_reason` must say why the whole may be handed in all the same. After a rebound
    at least one proof must speak of a day since then. Raises NotAllowed, Conflict, Unlawful, DomainError.
    """
    proofs = list(evidence)

    def check(current: Assignment) -> None:
        _check_parts(current, parts_reason)
        _check_new_proof(current, proofs)

    last = assignment.reports.filter(withdrawn_at__isnull=True).first()
    note = f"\n{_('Open parts:')} {parts_reason.strip()}" if parts_reason.strip() else ""
    done = move(
        actor,
        assignment,
        "submit",
        reason=statement.strip() and statement.strip() + note,
        evidence=proofs,
        report=last,
        check=check,
        seen_version=seen_version,
        key=key,
    )
    if not done.again:
        telling.submitted(done)
    return done.step


def _check_parts(current: Assignment, parts_reason: str) -> None:
    open_parts = list(current.parts.exclude(state__in=SETTLED_STATES).select_related("place", "measure")[:5])
    if open_parts and not parts_reason.strip():
        names = "、".join(part.enterprise or str(part.place) for part in open_parts)
        raise DomainError(
            _("These parts are not finished: %(names)s.") % {"names": names},
            hint=_("Finish them, or say why the whole can be handed in without them."),
            field="parts_reason",
        )


def _check_new_proof(current: Assignment, proofs: list[Evidence]) -> None:
    rebound = current.steps.filter(action="rebound").order_by("-pk").first()
    if rebound is None or current.state != Assignment.State.REBOUNDED:
        return
    since = timezone.localdate(rebound.at)
    if proofs and all(proof.effective_on < since for proof in proofs):
        raise DomainError(
            _("It rebounded on %(day)s: proof from before that day shows nothing now.") % {"day": since},
            hint=_("Attach at least one proof from that day or later."),
            field="evidence",
        )


@transaction.atomic
def withdraw(
    actor: User, assignment: Assignment, *, reason: str, seen_version: int | None = None, key: str | None = None
) -> Step:
    """Take back what was handed in, before it is checked; the state is what it was before."""
    done = move(actor, assignment, "withdraw", reason=reason, seen_version=seen_version, key=key)
    if not done.again:
        telling.withdrawn(done)
    return done.step


@transaction.atomic
def verify(
    actor: User,
    assignment: Assignment,
    *,
    reason: str,
    check: Check,
    evidence: Iterable[Evidence] = (),
    seen_version: int | None = None,
    key: str | None = None,
) -> Step:
    """Confirm what was handed in, with the record of a spot check that passed. Not by who handed it in."""

    def guard(current: Assignment) -> None:
        _check_record(current, check)
        if not check.passed:
            raise DomainError(
                _("The spot check did not pass, so this cannot be confirmed."),
                hint=_("Return it; the record of the spot check goes with it."),
                field="passed",
            )
        refuse_same_person(actor, last_step(current, "submit"), _("Who handed it in does not verify it."))

    done = move(
        actor, assignment, "verify", reason=reason, evidence=evidence, check=guard, seen_version=seen_version, key=key
    )
    if not done.again:
        _record(done.step, check)
        telling.verified(done)
    return done.step


@transaction.atomic
def return_(
    actor: User,
    assignment: Assignment,
    *,
    reason: str,
    check: Check | None = None,
    evidence: Iterable[Evidence] = (),
    seen_version: int | None = None,
    key: str | None = None,
) -> Step:
    """Send back with words that say what is missing: the verifier what was handed in, the office what was verified.

    A spot check that was made may go with it (`check`). A running publicity period ends.
    """
    assignment.refresh_from_db(fields=["state"])
    action = "return_verified" if assignment.state == Assignment.State.VERIFIED else "return"
    if key and (first := Step.objects.filter(idempotency_key=key, assignment=assignment).first()):
        action = first.action

    def guard(current: Assignment) -> None:
        if check is not None:
            _check_record(current, check)

    done = move(
        actor, assignment, action, reason=reason, evidence=evidence, check=guard, seen_version=seen_version, key=key
    )
    if not done.again:
        if check is not None:
            _record(done.step, check)
        void_publicity(actor, done.assignment)
        telling.returned(done)
    return done.step


@transaction.atomic
def approve(
    actor: User, assignment: Assignment, *, reason: str, seen_version: int | None = None, key: str | None = None
) -> Step:
    """Sign off, after the publicity period is over and without an open objection. Not by who verified it.

    Its verified parts are signed off with it.
    """

    def guard(current: Assignment) -> None:
        refuse_same_person(actor, last_step(current, "verify"), _("Who verified it does not approve it."))
        refuse_before_publicity(current)

    done = move(actor, assignment, "approve", reason=reason, check=guard, seen_version=seen_version, key=key)
    if not done.again:
        _sign_off_parts(actor, done.assignment, done.step)
        telling.approved(done)
    return done.step


def refuse_before_publicity(current: Assignment) -> None:
    """Raise Unlawful unless a publicity period of the assignment is over and no objection in it is open."""
    period = Publicity.objects.filter(assignment=current, void_at__isnull=True).first()
    if period is None:
        raise Unlawful(_("It was not made public yet."), hint=_("Open the publicity period first."))
    if clock.today() <= period.ends_on:
        raise Unlawful(
            _("It is in publicity until %(day)s.") % {"day": period.ends_on},
            hint=_("It can be approved from the day after."),
        )
    if period.objections.filter(resolved_at__isnull=True).exists():
        raise Unlawful(_("An objection was not answered yet."), hint=_("Answer it in the sign-off inbox first."))


def _sign_off_parts(actor: User, whole: Assignment, step: Step) -> None:
    """Parts follow their whole: no duty stays half-way when the whole is done."""
    for part in whole.parts.filter(state=Assignment.State.VERIFIED).select_related("measure", "place"):
        follow(actor, part, "approve", Assignment.State.SIGNED_OFF, step)


@transaction.atomic
def reopen(
    actor: User, assignment: Assignment, *, reason: str, seen_version: int | None = None, key: str | None = None
) -> Step:
    """Open again what was signed off by mistake; the work goes on."""
    done = move(actor, assignment, "reopen", reason=reason, seen_version=seen_version, key=key)
    if not done.again:
        void_publicity(actor, done.assignment)
        telling.reopened(done)
    return done.step


@transaction.atomic
def rebound(
    actor: User,
    assignment: Assignment,
    *,
    reason: str,
    evidence: Iterable[Evidence],
    seen_version: int | None = None,
    key: str | None = None,
) -> Step:
    """Record that what was verified or signed off came back (反弹), with evidence; the cycle starts again."""
    done = move(actor, assignment, "rebound", reason=reason, evidence=evidence, seen_version=seen_version, key=key)
    if not done.again:
        void_publicity(actor, done.assignment)
        telling.rebounded(done)
    return done.step


def last_step(current: Assignment, action: str) -> Step | None:
    """Return the newest step of a kind, or None."""
    return current.steps.filter(action=action).order_by("-pk").first()


def refuse_same_person(actor: User, step: Step | None, message: str) -> None:
    """Raise NotAllowed when `step` was taken by the same person: four eyes."""
    if step is not None and step.by_id == actor.pk:
        raise NotAllowed(message, hint=_("Ask a colleague: two people look at every sign-off."))


def _check_record(current: Assignment, check: Check) -> None:
    for name, value, longest in (
        ("location", check.location, 200),
        ("method", check.method, 200),
        ("found", check.found, 5000),
    ):
        if not value.strip():
            raise DomainError(_("The record of the spot check is not complete."), field=name)
        if len(value) > longest:
            raise DomainError(_("The text is longer than %(n)s characters.") % {"n": longest}, field=name)
    if check.on > clock.today():
        raise DomainError(_("The day of the spot check lies in the future."), field="checked_on")
    sent_back = current.steps.filter(action__in=SENT_BACK).order_by("-pk").first()
    if sent_back and check.on < timezone.localdate(sent_back.at):
        raise DomainError(
            _("It was sent back on %(day)s: a spot check from before shows nothing now.")
            % {"day": timezone.localdate(sent_back.at)},
            field="checked_on",
        )


def _record(step: Step, check: Check) -> None:
    SpotCheck.objects.create(
        step=step,
        checked_on=check.on,
        location=check.location.strip(),
        method=check.method.strip(),
        found=check.found.strip(),
        passed=check.passed,
    )


__all__ = [
    "Check",
    "approve",
    "last_step",
    "rebound",
    "reopen",
    "return_",
    "submit",
    "verify",
    "withdraw",
]
