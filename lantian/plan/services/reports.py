"""Progress: what a holder says about an assignment, with evidence. Appended; a wrong report is withdrawn, not erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import DomainError, Unlawful
from lantian.kit.locking import check_repeat, check_version
from lantian.plan import authority
from lantian.plan.dispatch import open_round_for
from lantian.plan.models import (
    Assignment,
    DispatchRound,
    MeasureTarget,
    ProgressReport,
    RoundEntry,
    TargetBinding,
)
from lantian.plan.rules.states import ACTIONS
from lantian.plan.services import moves
from lantian.plan.target_words import unit_of
from lantian.records.models import Evidence
from lantian.records.services import audit


@transaction.atomic
def report(
    actor: User,
    assignment: Assignment,
    *,
    percent: int,
    text: str,
    effective_on: dt.date | None = None,
    problems: str = "",
    value: Decimal | None = None,
    unit: str = "",
    target: MeasureTarget | None = None,
    indicator: str = "",
    evidence: Iterable[Evidence] = (),
    round: DispatchRound | None = None,
    seen_version: int | None = None,
    key: str | None = None,
) -> ProgressReport:
    """Append a progress report (percent 0..100, `value` in `unit` for `target`); the first one starts the work.

    `indicator`: what the value is of where the measure's target is in words. A criterion's value is counted in the unit
    of its indicator (boilers left, not their size).

    `effective_on`: the day that it speaks of (today if left out). `round`: the open round that asked for it (found by
    itself if left out, so that whatever the holder says during a round counts for the round).
    Raises NotAllowed, Conflict, Unlawful, DomainError (fields percent, text, effective_on, target, unit, round, evidence).
    """
    scope = scope_of(actor)
    current = moves.lock(assignment.pk)
    action = "start" if current.state == "not_started" else "report"
    authority.require(scope, current, action)
    if done := _reported_before(actor, current, key, percent=percent, text=text.strip(), problems=problems.strip()):
        return done
    check_version(current, seen_version)
    moves.require_state(current, ACTIONS[action])
    proofs, day = list(evidence), effective_on or clock.today()
    _check_content(current, percent, text, problems, day)
    unit = _checked_unit(current, value, unit, target, indicator)
    asked = _round_of(current, round)
    moves.check_evidence(scope, current, proofs)
    made = ProgressReport.objects.create(
        assignment=current,
        round=asked,
        percent=percent,
        value=value,
        unit=unit,
        target=target,
        indicator=indicator if value is not None else "",
        text=text.strip(),
        problems=problems.strip(),
        effective_on=day,
        reported_by=actor,
        reported_at=clock.now(),
        idempotency_key=key,
    )
    made.evidence.set(proofs)
    data = {"report": made.pk, "percent": percent, "value": value, "effective_on": day}
    if action == "start":
        moves.move(actor, assignment, "start", report=made, data=data)
    else:
        audit(actor, "plan.report", current, data={**data, "evidence": [proof.pk for proof in proofs]})
    return made


def _reported_before(actor: User, current: Assignment, key: str | None, **said: object) -> ProgressReport | None:
    if not key:
        return None
    done = ProgressReport.objects.filter(idempotency_key=key).first()
    if done:
        check_repeat(done, assignment_id=current.pk, reported_by_id=actor.pk, **said)
    return done


def _check_content(current: Assignment, percent: int, text: str, problems: str, day: dt.date) -> None:
    if not 0 <= percent <= 100:
        raise DomainError(_("Progress is a number from 0 to 100."), field="percent")
    if len(text.strip()) < moves.MIN_REASON:
        raise DomainError(_("Say what was done."), field="text")
    for name, content in (("text", text), ("problems", problems)):
        if len(content) > moves.MAX_TEXT:
            raise DomainError(_("The text is longer than %(n)s characters.") % {"n": moves.MAX_TEXT}, field=name)
    if day > clock.today():
        raise DomainError(
            _("The report speaks of %(day)s, which is not over yet.") % {"day": day},
            hint=_("Give today or an earlier day."),
            field="effective_on",
        )
    issued = current.measure.clause.task.version.period_from
    if issued and day < issued - dt.timedelta(days=366):
        raise DomainError(_("%(day)s lies long before the plan.") % {"day": day}, field="effective_on")


def _checked_unit(
    current: Assignment, value: Decimal | None, unit: str, target: MeasureTarget | None, indicator: str
) -> str:
    """Return the unit of a value: the one that its target or its indicator is counted in; refuse what cannot be."""
    if target is not None and target.measure_id != current.measure_id:
        raise DomainError(_("This number belongs to another measure."), field="target")
    counted_in = unit_of(target) if target is not None else _unit_of_words(current, indicator) if indicator else None
    if value is None:
        return unit
    if not value.is_finite() or abs(value) >= Decimal("1e12"):
        raise DomainError(_("This is no number that can be kept."), hint=_("Use fewer digits."), field="value")
    if counted_in is None:
        return unit
    if unit and unit != counted_in:
        raise DomainError(
            _("The target is counted in %(unit)s.") % {"unit": counted_in or _("numbers without unit")}, field="unit"
        )
    return counted_in


def _unit_of_words(current: Assignment, indicator: str) -> str:
    words = TargetBinding.objects.filter(measure=current.measure_id, target__isnull=True, indicator=indicator)
    binding = words.first()
    if binding is None:
        raise DomainError(_("No target in words of this measure is shown by this indicator."), field="indicator")
    return binding.unit


def _round_of(current: Assignment, asked: DispatchRound | None) -> DispatchRound | None:
    """Return the round that a report belongs to: the one that is named, else the open one that asks for the assignment.

    The round is locked, so that it is not closed between this look and the report: its figures of the closing would lack
    a report that says it belongs to it.
    """
    found = asked or open_round_for(current)
    if found is None:
        return None
    locked = DispatchRound.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if locked.state != DispatchRound.State.OPEN:
        if asked is None:
            return None
        raise Unlawful(
            _("“%(round)s” is closed.") % {"round": asked}, hint=_("Report without a round, or ask the office.")
        )
    if asked is not None and not RoundEntry.objects.filter(round=asked, assignment=current).exists():
        raise DomainError(_("“%(round)s” does not ask for this assignment.") % {"round": asked}, field="round")
    return locked


@transaction.atomic
def withdraw_report(actor: User, report: ProgressReport, *, reason: str) -> ProgressReport:
    """Withdraw a report that was wrong: it stays, says so, and no longer counts. The assignment keeps its state.

    Only while the work is open: what was handed in or checked leans on its reports. Withdrawing twice changes nothing.
    """
    current = moves.lock(report.assignment_id)
    authority.require(scope_of(actor), current, "withdraw_report")
    report.refresh_from_db()
    if report.withdrawn_at is not None:
        return report
    moves.require_state(current, ACTIONS["withdraw_report"])
    text = moves.checked_reason(reason, ACTIONS["withdraw_report"])
    report.withdrawn_at, report.withdrawn_reason = clock.now(), text
    report.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    changes = {"withdrawn_at": (None, report.withdrawn_at)}
    audit(actor, "plan.withdraw_report", current, changes=changes, reason=text, data={"report": report.pk})
    return report
