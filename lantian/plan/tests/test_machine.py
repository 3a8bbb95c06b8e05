"""Random people take random steps: no unlawful state is ever reached, and history, audit and rows always agree."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantian.city import clock
from lantian.kit.errors import DomainError
from lantian.plan import services
from lantian.plan.models import Assignment, Objection, Publicity
from lantian.plan.rules.states import ACTIONS, SETTLED_STATES, lawful
from lantian.plan.services import Part
from lantian.plan.tests import ledger as lib
from lantian.records.chain import HASHED
from lantian.records.models import AuditEntry

pytestmark = pytest.mark.django_db

PEOPLE = ("office", "office2", "dept", "dept2", "county", "county2", "town", "inspector", "admin", "nobody")
STEPS = (
    "report", "withdraw_report", "submit", "withdraw", "verify", "return", "publicise", "object", "dismiss", "uphold",
    "approve", "reopen", "rebound", "decompose", "set_deadline", "cancel", "reinstate", "wait",
)  # fmt: skip
# Half of the moves are taken by somebody who may take them, so that runs get far.
LIKELY = {
    "report": "county", "withdraw_report": "county", "submit": "county", "withdraw": "county", "verify": "dept",
    "return": "dept", "publicise": "office", "dismiss": "office", "uphold": "office", "approve": "office",
    "reopen": "inspector", "rebound": "inspector", "decompose": "county", "set_deadline": "office",
    "cancel": "office", "reinstate": "office",
}  # fmt: skip
moves = st.lists(
    st.tuples(st.sampled_from(STEPS), st.sampled_from(PEOPLE), st.booleans(), st.integers(0, 3), st.booleans()),
    min_size=5, max_size=30,
)  # fmt: skip


def take(city, a, step, user):
    """Take one step; returns nothing, raises what the service raises."""
    if step == "report":
        services.report(user, a, percent=50, text="进展")
    elif step == "withdraw_report" and a.reports.exists():
        services.withdraw_report(user, a.reports.first(), reason="写错了")
    elif step == "submit":
        services.submit(user, a, statement="完成", evidence=[lib.proof(user)], parts_reason="另行安排")
    elif step == "verify":
        services.verify(user, a, reason="属实", check=lib.check())
    elif step == "return":
        services.return_(user, a, reason="不足")
    elif step == "publicise":
        services.publicise(user, a, statement="公示")
    elif step in ("dismiss", "uphold"):
        for objection in Objection.objects.filter(publicity__assignment=a, resolved_at=None)[:1]:
            services.resolve_objection(user, objection, upheld=step == "uphold", resolution="复核")
    elif step == "object":
        for period in Publicity.objects.filter(assignment=a, void_at=None):
            services.object_to(period, name="王某", text="不属实", sender="x")
    elif step == "rebound":
        services.rebound(user, a, reason="复烧", evidence=[lib.proof(user)])
    elif step == "decompose":
        services.decompose(user, a, [Part("town", city.towns[0])])
    elif step == "set_deadline":
        services.set_deadline(user, a, deadline=clock.today(), reason="调整")
    elif step in ("withdraw", "approve", "reopen", "cancel", "reinstate"):
        getattr(services, step)(user, a, reason="说明")


def invariants(whole):
    """What must hold after every move, taken or refused."""
    for a in [whole, *whole.parts.all()]:
        a.refresh_from_db()
        steps = list(a.steps.order_by("pk"))
        for earlier, later in itertools.pairwise(steps):
            assert earlier.to_state == later.from_state
        assert (steps[-1].to_state if steps else "not_started") == a.state
        for step in steps:
            follows = a.parent_id and step.action in ("approve", "cancel", "reinstate")
            assert follows or lawful(step.from_state, step.action), (step.from_state, step.action)
            assert step.reason or not ACTIONS[step.action].reason
        assert AuditEntry.objects.filter(target_type="plan.assignment", target_id=str(a.pk)).count() >= len(steps)
        signed = [s for s in steps if s.to_state == "signed_off"]
        for s in signed:
            check_four_eyes(a, s, steps)
    valid = Publicity.objects.filter(assignment=whole, void_at=None)
    assert valid.count() <= 1
    if whole.state not in ("verified", "signed_off"):
        assert not valid.exists()
    if whole.state in ("signed_off", "cancelled"):
        open_parts = whole.parts.exclude(state__in=SETTLED_STATES)
        assert whole.state == "signed_off" or not open_parts.exists()


def check_four_eyes(a, approval, steps):
    if a.parent_id:
        return
    before = [s for s in steps if s.pk < approval.pk]
    verified = [s for s in before if s.action == "verify"][-1]
    submitted = [s for s in before if s.action == "submit"][-1]
    assert verified.by_id not in (approval.by_id, submitted.by_id)
    assert verified.spot_check.passed
    assert submitted.evidence.exists()
    period = Publicity.objects.filter(assignment=a, opened_at__lte=approval.at).latest("pk")
    assert period.ends_on < approval.at.astimezone(dt.timezone(dt.timedelta(hours=8))).date()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=moves, use_led=st.booleans())
def test_no_unlawful_state_is_ever_reached(city, ledger, plan, use_led):
    with transaction.atomic(), lib.calendar_days() as go:
        whole = lib.led(city) if use_led else lib.unled(city)
        for step, name, likely, days, on_part in plan:
            if step == "wait":
                go(clock.today() + dt.timedelta(days=days * 4))
                continue
            usual = "office2" if step == "verify" and not use_led else LIKELY.get(step, name)
            user = city.people[usual if likely else name]
            target = (whole.parts.first() if on_part else None) or whole
            before = (target.state, target.version)
            try:
                with transaction.atomic():
                    take(city, target, step, user)
            except DomainError:
                target.refresh_from_db()
                assert (target.state, target.version) == before
            invariants(whole)
        check_chain()
        transaction.set_rollback(True)


def check_chain():
    from lantian.records.chain import digest

    assert HASHED
    entries = list(AuditEntry.objects.order_by("seq"))
    for earlier, later in itertools.pairwise(entries):
        assert later.prev_hash == earlier.hash
    assert all(entry.hash == digest(entry) for entry in entries)


def test_a_full_cycle_is_within_reach_of_the_machine(city, ledger, go):
    """The same moves, in the right order, do reach sign-off: the machine above is not empty."""
    whole = lib.led(city)
    for step in ("report", "submit", "verify", "publicise"):
        take(city, whole, step, city.people[LIKELY[step]])
    go(clock.today() + dt.timedelta(days=30))
    take(city, whole, "approve", city.people["office"])
    assert whole.state == "signed_off"
    invariants(whole)
    assert Assignment.objects.filter(state="signed_off").count() == 1
