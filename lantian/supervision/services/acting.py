"""What people do with an alarm: take note, explain, confirm, dismiss, open again; shield for a time."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import Scope, scope_of
from lantian.city.models import Role, User
from lantian.kit.errors import DomainError, NotAllowed
from lantian.kit.locking import check_version
from lantian.records.services import audit
from lantian.sources import queries as sources
from lantian.sources.models import Enterprise
from lantian.supervision.models import Alarm, AlarmStep, Shield
from lantian.supervision.queries import alarms, pack_parameters
from lantian.supervision.services.leads import join

ACT, MANAGE = "alarm.act", "alarm.manage"
_S, _A = Alarm.State, AlarmStep.Act
# act: (from these states, to this one, only for those who supervise, a text is needed)
MOVES = {
    _A.ACKNOWLEDGED: ((_S.NEW,), _S.ACKNOWLEDGED, False, False),
    _A.ANSWERED: ((_S.NEW, _S.ACKNOWLEDGED, _S.ANSWERED), _S.ANSWERED, False, True),
    _A.CONFIRMED: ((_S.NEW, _S.ACKNOWLEDGED, _S.ANSWERED, _S.CLEARED), _S.CONFIRMED, True, True),
    _A.DISMISSED: ((_S.NEW, _S.ACKNOWLEDGED, _S.ANSWERED), _S.DISMISSED, True, True),
    _A.REOPENED: ((_S.CONFIRMED, _S.DISMISSED, _S.SHIELDED), _S.NEW, True, True),
}


def supervises(scope: Scope) -> bool:
    """Tell whether a person supervises (and is not the enterprise that the alarm is about)."""
    return any(
        role in (Role.OFFICE, Role.DEPARTMENT, Role.COUNTY) and ACT in verbs
        for role, verbs in scope.verbs_by_role.items()
    )


def moves(actor: User, alarm: Alarm) -> list[str]:
    """Return what a person may do with an alarm as it stands."""
    scope = scope_of(actor)
    if not alarms(scope, verb=ACT).filter(pk=alarm.pk).exists():
        return []
    return [
        act
        for act, (states, _to, high, _text) in MOVES.items()
        if alarm.state in states and (not high or supervises(scope))
    ]


@transaction.atomic
def act(
    actor: User, alarm: Alarm, what: str, *, note: str = "", seen_version: int | None = None, key: str | None = None
) -> AlarmStep:
    """Take a step with an alarm. The same `key` again returns the first step. Raises NotAllowed, DomainError (not possible
    in this state, text missing), Conflict when it changed meanwhile."""
    scope = scope_of(actor)
    scope.require(ACT)
    if key and (done := AlarmStep.objects.filter(key=key, by=actor).first()):
        return done
    row = alarms(scope, verb=ACT).select_for_update(of=("self",)).filter(pk=alarm.pk).first()
    if row is None or what not in MOVES:
        raise NotAllowed(_("You may not answer this alarm."))
    states, to, high, text = MOVES[AlarmStep.Act(what)]
    if high and not supervises(scope):
        raise NotAllowed(_("Only those who supervise may decide about an alarm."))
    check_version(row, seen_version)
    if row.state not in states:
        raise DomainError(_("An alarm that is “%(state)s” cannot be changed so.") % {"state": row.get_state_display()})
    if text and not note.strip():
        raise DomainError(_("Write what was found, or why."), field="note")
    old, row.state, row.changed_at = row.state, to, clock.now()
    row.version += 1
    row.save(update_fields=["state", "changed_at", "version"])
    step = AlarmStep.objects.create(alarm=row, act=what, at=row.changed_at, by=actor, note=note.strip(), key=key)
    audit(actor, "supervision.alarm", row, changes={"state": (old, to)}, reason=note.strip(), data={"act": what})
    join([row])
    return step


@transaction.atomic
def shield(
    actor: User, enterprise: Enterprise, *, until: dt.datetime, reason: str, rule: str = "", subject: str = ""
) -> Shield:
    """Let alarms about an enterprise tell nobody until a moment; they are kept. Raises NotAllowed, DomainError."""
    scope = scope_of(actor)
    scope.require(MANAGE)
    if not sources.visible_to(scope, verb=MANAGE).filter(pk=enterprise.pk).exists():
        raise NotAllowed(_("You may not shield alarms of this enterprise."))
    now = clock.now()
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")
    if not now < until <= now + dt.timedelta(days=90):
        raise DomainError(_("A shield ends within 90 days from now."), field="until")
    if rule and rule not in pack_parameters().rules:
        raise DomainError(_("There is no rule “%(rule)s”.") % {"rule": rule}, field="rule")
    made = Shield.objects.create(
        enterprise=enterprise,
        rule=rule,
        subject=subject,
        since=now,
        until=until,
        reason=reason.strip(),
        by=actor,
        at=now,
    )
    audit(
        actor,
        "supervision.shield",
        made,
        reason=reason.strip(),
        data={"rule": rule, "subject": subject, "until": until.isoformat()},
    )
    return made


@transaction.atomic
def end_shield(actor: User, made: Shield, *, reason: str) -> None:
    """End a shield before its time. Raises NotAllowed, DomainError without a reason or when it has ended."""
    scope_of(actor).require(MANAGE)
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")
    if not Shield.objects.filter(pk=made.pk, ended_at__isnull=True).update(ended_at=clock.now()):
        raise DomainError(_("This shield has ended already."))
    audit(actor, "supervision.shield_end", made, reason=reason.strip())
