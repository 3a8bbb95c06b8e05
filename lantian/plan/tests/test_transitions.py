"""Every state × action × role: a step is taken when table and role allow it, and refused with the right error else."""

from __future__ import annotations

import pytest

from lantian.kit.errors import DomainError, NotAllowed, Unlawful
from lantian.plan import services
from lantian.plan.models import Assignment, Objection, Publicity
from lantian.plan.possible import possible
from lantian.plan.rules.states import ACTIONS, STATES
from lantian.plan.services import Part
from lantian.plan.tests import ledger as lib

pytestmark = pytest.mark.django_db

PEOPLE = (
    "office", "office2", "dept", "dept2", "county", "county2", "town", "enterprise", "inspector", "public", "admin",
    "nobody",
)  # fmt: skip
OFFICE, LEAD, HOLDER = {"office", "office2"}, {"dept"}, {"county"}
# Who may take each step on a whole that 生态环境局 (dept) leads, held by the county of area 0.
ROLES = {
    "start": HOLDER, "report": HOLDER, "withdraw_report": HOLDER, "submit": HOLDER, "withdraw": HOLDER,
    "verify": LEAD, "return": LEAD, "return_verified": OFFICE, "publicise": OFFICE, "dismiss_objection": OFFICE,
    "uphold_objection": OFFICE, "approve": OFFICE, "reopen": OFFICE | LEAD | {"inspector"},
    "rebound": OFFICE | LEAD | {"inspector"}, "decompose": HOLDER | OFFICE, "set_deadline": OFFICE, "cancel": OFFICE,
    "drop_part": set(), "reinstate": OFFICE,
}  # fmt: skip


def test_the_roles_of_this_test_cover_the_table():
    assert set(ROLES) == set(ACTIONS)


def attempt(city, a, action, name):
    """Take a step as a person, with everything that it needs."""
    user = city.people[name]
    if action in ("start", "report"):
        return services.report(user, a, percent=50, text="进展")
    if action == "withdraw_report":
        report = a.reports.first() or a.reports.create(
            percent=1, text="x", effective_on=lib.START, reported_by=city.people["county"], reported_at=a.created_at
        )
        return services.withdraw_report(user, report, reason="写错了")
    if action == "submit":
        return services.submit(user, a, statement="完成", evidence=[lib.proof(user)])
    if action == "verify":
        return services.verify(user, a, reason="属实", check=lib.check())
    if action in ("return", "return_verified"):
        return services.return_(user, a, reason="不足")
    if action == "publicise":
        return services.publicise(user, a, statement="公示")
    if action in ("dismiss_objection", "uphold_objection"):
        upheld = action == "uphold_objection"
        return services.resolve_objection(user, objection(a, city), upheld=upheld, resolution="已复核")
    if action == "rebound":
        return services.rebound(user, a, reason="复烧", evidence=[lib.proof(user)])
    if action == "decompose":
        return services.decompose(user, a, [Part("town", city.towns[0])])
    if action == "set_deadline":
        return services.set_deadline(user, a, deadline=lib.START, reason="市里调整")
    service = services.cancel if action == "drop_part" else getattr(services, action)
    return service(user, a, reason="说明")


def objection(a, city):
    """Return an open objection, in a period made for it if need be."""
    period = a.publicity_periods.first() or Publicity.objects.create(
        assignment=a, starts_on=lib.START, ends_on=lib.START, statement="x", opened_by=city.people["office"],
        opened_at=a.created_at,
    )  # fmt: skip
    return Objection.objects.create(publicity=period, name="王某", text="不对", received_at=a.created_at)


def state_facts(a):
    """Return what a refused step must leave as it was."""
    a.refresh_from_db()
    return a.state, a.version, a.steps.count(), a.reports.count()


@pytest.mark.parametrize("state", STATES)
def test_each_cell_of_the_table(city, ledger, go, state, django_db_blocker):
    from django.db import transaction

    a = lib.bring_to(city, lib.led(city), state, go)
    if state == "verified":
        ready_to_approve(city, a, go)
    for action, transition in ACTIONS.items():
        # These two names are chosen by the service from the state.
        if (action, state) in {("start", "in_progress"), ("report", "not_started")}:
            continue
        for name in PEOPLE:
            expected = state in transition.sources and name in ROLES[action]
            if action == "drop_part":
                expected = state in ACTIONS["cancel"].sources and name in OFFICE
            sid = transaction.savepoint()
            before = state_facts(a)
            try:
                attempt(city, a, action, name)
                done = True
            except (NotAllowed, Unlawful):
                done = False
                after = state_facts(a)
                assert after[:2] == before[:2]
                assert after[2] == before[2]
            except DomainError as problem:
                pytest.fail(f"{state} {action} {name}: {problem!r}")
            if action in ("start", "report"):
                expected = state in ("not_started", "in_progress", "returned", "rebounded") and name in HOLDER
            if action in ("return", "return_verified"):
                expected = (state == "submitted" and name in LEAD) or (state == "verified" and name in OFFICE)
            if action == "publicise" and state == "verified":
                expected = False  # it has been public already
            transaction.savepoint_rollback(sid)
            a.refresh_from_db()
            assert done == expected, (state, action, name)


def ready_to_approve(city, a, go):
    """Let the publicity period of a verified assignment pass."""
    import datetime as dt

    period = services.publicise(city.people["office"], a, statement="公示")
    go(period.ends_on + dt.timedelta(days=1))


@pytest.mark.parametrize("state", STATES)
def test_what_a_page_offers_is_what_the_services_take(city, ledger, go, state):
    from django.db import transaction

    a = lib.bring_to(city, lib.led(city), state, go)
    for name in PEOPLE:
        offered = set(possible(city.people[name], a))
        for action in ACTIONS:
            if action in ("withdraw_report", "dismiss_objection", "uphold_objection", "drop_part"):
                continue  # they hang on a record of their own
            sid = transaction.savepoint()
            try:
                attempt(city, a, action, name)
                done = True
            except (NotAllowed, Unlawful):
                done = False
            transaction.savepoint_rollback(sid)
            a.refresh_from_db()
            twin = {"start": "report", "report": "start", "return": "return_verified", "return_verified": "return"}
            assert done == bool(offered & {action, twin.get(action, action)}), (state, action, name)


def test_two_departments_each_by_its_duty_verify_and_the_areas_carry_out(city, ledger, go):
    from lantian.plan.models import ClauseAgency

    a = lib.unled(city)
    for short in ("生态环境局", "市场监管局"):
        ClauseAgency.objects.create(clause=a.measure.clause, agency=city.agencies[short], role="each")
    lib.submit(city, a)
    for name, able in (("dept", True), ("dept2", True), ("office", False)):
        assert ("verify" in possible(city.people[name], Assignment.objects.get(pk=a.pk))) == able
    lib.verify(city, a, "dept2")


def test_a_department_does_not_verify_its_own_work(city, ledger, go):
    measure = lib.led(city).measure
    agency = city.agencies["生态环境局"]
    own = Assignment.objects.create(
        measure=measure, holder="agency", agency=agency, holder_key=f"agency:{agency.pk}", deadline_basis="plan_end",
        state_since=measure.clause.task.version.imported_at, created_at=measure.clause.task.version.imported_at,
    )  # fmt: skip
    lib.submit(city, own, by="dept")
    from tests.builders import make_user

    colleague = make_user("dept1b", "department", agency=agency)
    with pytest.raises(NotAllowed):
        services.verify(colleague, own, reason="属实", check=lib.check())
    services.verify(city.people["office"], own, reason="属实", check=lib.check())
    assert own.state == "verified"


def test_another_lead_verifies_the_work_of_one(city, ledger, go):
    from lantian.plan.models import ClauseAgency

    measure = lib.led(city).measure
    ClauseAgency.objects.filter(clause=measure.clause, agency=city.agencies["市场监管局"]).update(role="lead")
    agency = city.agencies["生态环境局"]
    version = measure.clause.task.version
    own = Assignment.objects.create(
        measure=measure, holder="agency", agency=agency, holder_key=f"agency:{agency.pk}", deadline_basis="plan_end",
        state_since=version.imported_at, created_at=version.imported_at,
    )  # fmt: skip
    lib.submit(city, own, by="dept")
    with pytest.raises(NotAllowed):
        lib.verify(city, own, "dept")
    lib.verify(city, own, "dept2")
