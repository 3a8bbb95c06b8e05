"""Which rules are on and with which numbers: the house's, the pack's, and what people set, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import DomainError
from lantian.records.services import audit
from lantian.sources.models import Enterprise
from lantian.supervision.models import RuleOverride, RuleSwitch
from lantian.supervision.queries import is_on, pack_parameters
from lantian.supervision.rules.parameters import Override, ParameterError, check_override

VERB = "alarm.manage"


@transaction.atomic
def switch(actor: User, rule: str, *, on: bool, reason: str) -> RuleSwitch | None:
    """Switch a rule on or off for the city; None when it is so already. Raises NotAllowed, DomainError."""
    scope_of(actor).require(VERB)
    if rule not in pack_parameters().rules:
        raise DomainError(_("There is no rule “%(rule)s”.") % {"rule": rule})
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")
    if is_on(rule) == on:
        return None
    made = RuleSwitch.objects.create(rule=rule, on=on, at=clock.now(), by=actor, reason=reason.strip())
    audit(actor, "supervision.switch", made, changes={"on": (not on, on)}, reason=reason.strip(), data={"rule": rule})
    return made


@transaction.atomic
def set_numbers(
    actor: User,
    rule: str,
    numbers: Mapping[str, float],
    *,
    reason: str,
    industry: str = "",
    enterprise: Enterprise | None = None,
) -> RuleOverride:
    """Set other numbers of a rule for an industry or one enterprise; earlier ones of the same end. Raises NotAllowed,
    DomainError for unknown numbers, numbers outside their bounds, or no reason."""
    scope_of(actor).require(VERB)
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")
    try:
        check_override(pack_parameters(), Override(rule, numbers, industry, enterprise.code if enterprise else ""))
    except ParameterError as error:
        raise DomainError(_("These numbers cannot be used."), hint=str(error)) from error
    now = clock.now()
    RuleOverride.objects.filter(rule=rule, industry=industry, enterprise=enterprise, ended_at__isnull=True).update(
        ended_at=now
    )
    made = RuleOverride.objects.create(
        rule=rule,
        industry=industry,
        enterprise=enterprise,
        numbers=dict(numbers),
        at=now,
        by=actor,
        reason=reason.strip(),
    )
    audit(actor, "supervision.numbers", made, reason=reason.strip(), data={"rule": rule, "numbers": dict(numbers)})
    return made


@transaction.atomic
def end_numbers(actor: User, override: RuleOverride, *, reason: str) -> None:
    """Go back to the usual numbers. Raises NotAllowed, DomainError without a reason or when they have ended already."""
    scope_of(actor).require(VERB)
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")
    ended = RuleOverride.objects.filter(pk=override.pk, ended_at__isnull=True).update(ended_at=clock.now())
    if not ended:
        raise DomainError(_("These numbers have ended already."))
    audit(actor, "supervision.numbers_end", override, reason=reason.strip(), data={"rule": override.rule})
