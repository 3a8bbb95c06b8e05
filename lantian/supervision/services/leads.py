"""Leads: alarms of one suspicion about one enterprise, its likelihood, what people found there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import DomainError, NotAllowed
from lantian.kit.locking import check_version
from lantian.records.models import Evidence
from lantian.records.services import audit
from lantian.supervision.models import Alarm, AlarmStep, Lead, LeadStep
from lantian.supervision.rules.life import likelihood, makes_leads

VERB = "alarm.act"
_GONE = (Alarm.State.CLEARED, Alarm.State.DISMISSED, Alarm.State.SHIELDED)
# act: (from these states, to this one or None to stay, a text is needed)
MOVES = {
    LeadStep.Act.TAKEN: ((Lead.State.OPEN,), Lead.State.TAKEN, False),
    LeadStep.Act.RELEASED: ((Lead.State.TAKEN,), Lead.State.OPEN, True),
    LeadStep.Act.NOTED: (tuple(Lead.State), None, True),
    LeadStep.Act.CONFIRMED: (Lead.OPEN, Lead.State.CONFIRMED, True),
    LeadStep.Act.REFUTED: (Lead.OPEN, Lead.State.REFUTED, True),
    LeadStep.Act.REOPENED: ((Lead.State.CONFIRMED, Lead.State.REFUTED), Lead.State.OPEN, True),
}


def join(alarms: Iterable[Alarm]) -> None:
    """Put alarms to the open leads about their suspicion (or open one), and weigh the leads that they touch again.

    Runs inside the caller's transaction."""
    from lantian.supervision.queries import pack_parameters

    texts = pack_parameters().rules
    touched: dict[int, Lead] = {}
    for alarm in alarms:
        if alarm.lead_id is None and alarm.state not in _GONE and makes_leads(alarm.severity):
            lead = _lead(alarm, texts[alarm.rule].kind)
            alarm.lead = lead
            alarm.save(update_fields=["lead"])
            AlarmStep.objects.create(alarm=alarm, act=AlarmStep.Act.JOINED, at=clock.now(), data={"lead": lead.pk})
        if alarm.lead is not None:
            touched.setdefault(alarm.lead.pk, alarm.lead)
    for lead in touched.values():
        weigh(lead)


def _lead(alarm: Alarm, kind: str) -> Lead:
    now = clock.now()
    found = (
        Lead.objects.select_for_update()
        .filter(enterprise_id=alarm.enterprise_id, kind=kind, state__in=Lead.OPEN)
        .first()
    )
    if found is None:
        found = Lead.objects.create(enterprise_id=alarm.enterprise_id, kind=kind, opened_at=now, changed_at=now)
        LeadStep.objects.create(lead=found, act=LeadStep.Act.OPENED, at=now)
    return found


def weigh(lead: Lead) -> None:
    """Compute a lead's likelihood from those of its alarms that stand, and keep how."""
    standing = lead.alarms.exclude(state__in=_GONE).values_list("rule", "strength")
    value, basis = likelihood(standing)
    if (value, basis) != (lead.likelihood, lead.basis):
        lead.likelihood, lead.basis, lead.changed_at = value, basis, clock.now()
        lead.save(update_fields=["likelihood", "basis", "changed_at"])


def moves(actor: User, lead: Lead) -> list[str]:
    """Return what a person may do with a lead as it stands."""
    if not _mine(actor).filter(pk=lead.pk).exists():
        return []
    return [act for act, (states, _to, _text) in MOVES.items() if lead.state in states]


def _mine(actor: User):  # type: ignore[no-untyped-def]
    from lantian.supervision.queries import leads

    return leads(scope_of(actor), verb=VERB)


@transaction.atomic
def act(
    actor: User,
    lead: Lead,
    what: str,
    *,
    note: str = "",
    evidence: Sequence[Evidence] = (),
    seen_version: int | None = None,
    key: str | None = None,
) -> LeadStep:
    """Take a step with a lead. The same `key` again returns the first step. Raises NotAllowed, DomainError, Conflict."""
    scope_of(actor).require(VERB)
    if key and (done := LeadStep.objects.filter(key=key, by=actor).first()):
        return done
    row = _mine(actor).select_for_update(of=("self",)).filter(pk=lead.pk).first()
    if row is None or what not in MOVES:
        raise NotAllowed(_("You may not work on this lead."))
    states, to, text = MOVES[LeadStep.Act(what)]
    check_version(row, seen_version)
    if row.state not in states:
        raise DomainError(_("A lead that is “%(state)s” cannot be changed so.") % {"state": row.get_state_display()})
    if text and not note.strip():
        raise DomainError(_("Write what was found, or why."), field="note")
    if (
        what == LeadStep.Act.REOPENED
        and Lead.objects.filter(enterprise=row.enterprise, kind=row.kind, state__in=Lead.OPEN).exists()
    ):
        raise DomainError(_("There is an open lead of this kind about the enterprise already."))
    old, row.state = row.state, to or row.state
    row.taken_by = actor if what == LeadStep.Act.TAKEN else None if row.state == Lead.State.OPEN else row.taken_by
    row.changed_at = clock.now()
    row.version += 1
    row.save(update_fields=["state", "taken_by", "changed_at", "version"])
    step = LeadStep.objects.create(lead=row, act=what, at=row.changed_at, by=actor, note=note.strip(), key=key)
    step.evidence.set(evidence)
    audit(actor, "supervision.lead", row, changes={"state": (old, row.state)}, reason=note.strip(), data={"act": what})
    return step
