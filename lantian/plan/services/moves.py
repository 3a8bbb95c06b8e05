"""The one way in which an assignment takes a step: asked, locked, checked, written, audited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import Scope, scope_of
from lantian.city.models import User
from lantian.kit.errors import DomainError, Unlawful
from lantian.kit.locking import check_repeat, check_version, update_versioned
from lantian.plan import authority
from lantian.plan.models import Assignment, ProgressReport, Step
from lantian.plan.rules.states import Transition
from lantian.records.models import Evidence
from lantian.records.services import audit

MIN_REASON = 2
MAX_TEXT = 5000
RELATED = ("measure__clause__task__version", "place", "agency", "area", "parent")


@dataclass(frozen=True)
class Move:
    """A step that was taken. `again`: the same key had been used before, nothing was done this time."""

    step: Step
    assignment: Assignment
    again: bool = False


def lock(pk: int) -> Assignment:
    """Return the assignment, locked until the transaction ends, with what every check needs."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related(*RELATED)
    return rows.prefetch_related("measure__clause__agencies").get(pk=pk)


def move(
    actor: User,
    assignment: Assignment,
    action: str,
    *,
    reason: str = "",
    evidence: Iterable[Evidence] = (),
    report: ProgressReport | None = None,
    values: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    check: Callable[[Assignment], None] | None = None,
    seen_version: int | None = None,
    key: str | None = None,
) -> Move:
    """Take one step inside the caller's transaction; `assignment` is brought up to date.

    `check` is asked with the locked assignment after role, version and state; it raises what forbids the step.
    `values` are further fields to write. Raises NotAllowed, Conflict (version, or the key was used for something
    else), Unlawful (state), DomainError (field "reason" or "evidence").
    """
    scope = scope_of(actor)
    current = lock(assignment.pk)
    transition = authority.require(scope, current, action)
    if done := _done_before(actor, current, action, key, reason):
        _mirror(current, assignment)
        return Move(done, current, again=True)
    check_version(current, seen_version)
    require_state(current, transition)
    text, proofs = checked_reason(reason, transition), list(evidence)
    if transition.evidence and not proofs:
        raise DomainError(
            _("This step needs evidence."), hint=_("Attach at least one photo or file."), field="evidence"
        )
    check_evidence(scope, current, proofs)
    if check:
        check(current)
    step = _write(actor, scope, current, transition, text, report, values or {}, key)
    step.evidence.set(proofs)
    _audit(actor, current, step, values or {}, {**(data or {}), "evidence": [p.pk for p in proofs]})
    _mirror(current, assignment)
    return Move(step, current)


def _write(
    actor: User,
    scope: Scope,
    current: Assignment,
    transition: Transition,
    reason: str,
    report: ProgressReport | None,
    values: Mapping[str, Any],
    key: str | None,
) -> Step:
    now, before = clock.now(), current.state
    after = transition.end(before, _state_before_submission(current) if transition.target == "before" else "")
    current.was = {"state": before, **{name: getattr(current, name) for name in values}}  # type: ignore[attr-defined]
    since = {"state_since": now} if after != before else {}
    update_versioned(current, state=after, **since, **values)
    return Step.objects.create(
        assignment=current,
        action=transition.action,
        from_state=before,
        to_state=after,
        by=actor,
        role=authority.acting_role(scope, current, transition.action),
        at=now,
        reason=reason,
        report=report,
        idempotency_key=key,
    )


def _audit(actor: User, current: Assignment, step: Step, values: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    was: dict[str, Any] = current.was  # type: ignore[attr-defined]
    changes = {name: (was[name], getattr(current, name)) for name in ("state", *values)}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    data = {"step": step.pk, **{name: value for name, value in data.items() if value not in ([], None)}}
    audit(actor, f"plan.{step.action}", current, changes=changes, reason=step.reason, data=data)


def _state_before_submission(current: Assignment) -> str:
    last = current.steps.filter(action="submit").order_by("-pk").first()
    return last.from_state if last else "in_progress"


def _done_before(actor: User, current: Assignment, action: str, key: str | None, reason: str) -> Step | None:
    """Return the step that was taken with this key; the same key for anything else, or other words, is a conflict."""
    if not key:
        return None
    done = Step.objects.filter(idempotency_key=key).first()
    if done:
        check_repeat(done, assignment_id=current.pk, action=action, by_id=actor.pk, reason=reason.strip())
    return done


def follow(actor: User, part: Assignment, action: str, state: str, cause: Step) -> Step:
    """Let a part follow its whole into `state`; the step names the cause and carries its reason."""
    before = part.state
    update_versioned(part, state=state, state_since=cause.at)
    step = Step.objects.create(
        assignment=part, action=action, from_state=before, to_state=state, by=actor, role=cause.role, at=cause.at,
        reason=cause.reason,
    )  # fmt: skip
    data = {"step": step.pk, "with": cause.assignment_id}
    audit(actor, f"plan.{action}", part, changes={"state": (before, state)}, reason=cause.reason, data=data)
    return step


def require_state(current: Assignment, transition: Transition) -> None:
    """Raise Unlawful unless the action is lawful in the assignment's state and its plan is in force."""
    if current.measure.clause.task.version.state != "adopted":
        raise Unlawful(
            _("The plan version of “%(record)s” is no longer in force.") % {"record": current},
            hint=_("Open the assignment of the version in force."),
        )
    if current.state not in transition.sources:
        names = dict(Assignment.State.choices)
        raise Unlawful(
            _("“%(record)s” is %(state)s; this step is only possible when it is %(states)s.")
            % {
                "record": current,
                "state": names[current.state],
                "states": _(" or ").join(str(names[state]) for state in transition.sources),
            },
            hint=_("Reload the page: somebody may have taken a step meanwhile."),
        )


def checked_reason(reason: str, transition: Transition) -> str:
    """Return the reason without blanks around; raises DomainError when it is needed and missing, or too long."""
    text = reason.strip()
    if transition.reason and len(text) < MIN_REASON:
        raise DomainError(_("Say why: this step needs a reason."), field="reason")
    if len(text) > MAX_TEXT:
        raise DomainError(_("The text is longer than %(n)s characters.") % {"n": MAX_TEXT}, field="reason")
    return text


def check_evidence(scope: Scope, current: Assignment, proofs: Iterable[Evidence]) -> None:
    """Raise DomainError unless each proof still proves something, and the person uploaded it or it belongs to the
    assignment (or a part) already."""
    proofs, today = list(proofs), clock.today()
    for proof in proofs:
        if not proof.proves_on(today):
            rejected = proof.review == Evidence.Review.REJECTED
            why = _("“%(evidence)s” was rejected.") if rejected else _("“%(evidence)s” was valid until %(day)s.")
            raise DomainError(
                why % {"evidence": proof, "day": proof.expires_on}, hint=_("Attach a newer proof."), field="evidence"
            )
    foreign = [proof.pk for proof in proofs if proof.uploaded_by_id != scope.user_id]
    if not foreign:
        return
    own = Q(pk=current.pk) | Q(parent=current.pk)
    known = set(
        Evidence.objects.filter(
            Q(progress_reports__assignment__in=Assignment.objects.filter(own))
            | Q(steps__assignment__in=Assignment.objects.filter(own)),
            pk__in=foreign,
        ).values_list("pk", flat=True)
    )
    if set(foreign) - known:
        raise DomainError(
            _("You can only attach evidence that you uploaded, or that belongs to this assignment."), field="evidence"
        )


def _mirror(current: Assignment, assignment: Assignment) -> None:
    """Bring the caller's object up to date."""
    for field in Assignment._meta.concrete_fields:
        setattr(assignment, field.attname, getattr(current, field.attname))
