"""The way to sign-off and back, step by step."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

import pytest

from lantian.city import clock
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.plan import services
from lantian.plan.models import Assignment, ProgressReport, Publicity, SpotCheck, Step
from lantian.plan.tests import ledger as lib
from lantian.records.models import AuditEntry, Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(go, ledger):
    return ledger[0]


def last_entry(assignment):
    return AuditEntry.objects.filter(target_type="plan.assignment", target_id=str(assignment.pk)).first()


def told(user, kind):
    return Notification.objects.filter(recipient=user, kind=f"plan.{kind}").count()


# --- reports


def test_the_first_report_starts_the_work(city):
    a, county = lib.led(city), city.people["county"]
    file = lib.proof(county)
    made = services.report(county, a, percent=20, text=" 已摸底 ", evidence=[file])
    assert a.state == "in_progress"
    assert (made.text, made.effective_on, list(made.evidence.all())) == ("已摸底", clock.today(), [file])
    assert last_entry(a).changes == {"state": ["not_started", "in_progress"]}
    second = services.report(county, a, percent=60, text="拆除一半")
    assert a.steps.count() == 1, "only a change of state is a step"
    assert last_entry(a).action == "plan.report"
    assert last_entry(a).data["report"] == second.pk


def test_the_same_key_reports_once(city):
    a, county = lib.led(city), city.people["county"]
    one = services.report(county, a, percent=20, text="开工", key="k1", seen_version=1)
    two = services.report(county, a, percent=20, text="开工", key="k1", seen_version=1)
    assert one == two
    assert ProgressReport.objects.count() == 1


def test_a_key_of_another_assignment_is_refused(city):
    county = city.people["county"]
    services.report(county, lib.led(city), percent=20, text="开工", key="k1")
    with pytest.raises(Conflict):
        services.report(county, lib.unled(city), percent=20, text="开工", key="k1")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"percent": 101}, "percent"), ({"percent": -1}, "percent"), ({"text": " "}, "text"),
        ({"text": "长" * 5001}, "text"), ({"problems": "长" * 5001}, "problems"),
        ({"effective_on": lib.START + dt.timedelta(days=1)}, "effective_on"),
        ({"effective_on": dt.date(1990, 1, 1)}, "effective_on"), ({"value": Decimal("NaN")}, "value"),
        ({"value": Decimal("1e15")}, "value"),
    ],
)  # fmt: skip
def test_a_report_that_cannot_be_is_refused_with_its_field(city, values, field):
    with pytest.raises(DomainError) as refused:
        services.report(city.people["county"], lib.led(city), **{"percent": 5, "text": "开工", **values})
    assert refused.value.field == field
    assert not ProgressReport.objects.exists()


def test_a_value_belongs_to_a_target_of_the_measure(city):
    a, county = lib.led(city), city.people["county"]
    own = a.measure.targets.get()
    other = Assignment.objects.get(measure__code="1-1-2", place=city.areas[0]).measure.targets.get()
    assert services.report(county, a, percent=5, text="开工", value=Decimal(3), target=own).unit == "t/h"
    with pytest.raises(DomainError) as refused:
        services.report(county, a, percent=5, text="开工", value=Decimal(3), target=other)
    assert refused.value.field == "target"
    with pytest.raises(DomainError) as refused:
        services.report(county, a, percent=5, text="开工", value=Decimal(3), target=own, unit="%")
    assert refused.value.field == "unit"


def test_foreign_evidence_cannot_be_attached(city):
    a = lib.led(city)
    with pytest.raises(DomainError) as refused:
        services.report(city.people["county"], a, percent=5, text="开工", evidence=[lib.proof(city.people["county2"])])
    assert refused.value.field == "evidence"


def test_evidence_of_a_colleague_on_the_same_assignment_can_be_used_again(city):
    from tests.builders import make_user

    a, county = lib.led(city), city.people["county"]
    file = lib.proof(county)
    services.report(county, a, percent=5, text="开工", evidence=[file])
    colleague = make_user("county1b", "county", place=city.areas[0])
    services.submit(colleague, a, statement="完成", evidence=[file])
    assert a.state == "submitted"


def test_a_withdrawn_report_stays_and_says_so(city):
    a, county = lib.led(city), city.people["county"]
    made = services.report(county, a, percent=20, text="开工")
    with pytest.raises(DomainError):
        services.withdraw_report(county, made, reason=" ")
    services.withdraw_report(county, made, reason="数字错了")
    services.withdraw_report(county, made, reason="再点一次")
    made.refresh_from_db()
    assert made.withdrawn_reason == "数字错了"
    assert a.state == "in_progress"


def test_a_report_under_a_submission_cannot_be_withdrawn(city):
    a, county = lib.led(city), city.people["county"]
    made = services.report(county, a, percent=20, text="开工")
    lib.submit(city, a)
    with pytest.raises(Unlawful):
        services.withdraw_report(county, made, reason="数字错了")


# --- submit, withdraw


def test_handing_in_needs_a_statement_and_evidence(city):
    a, county = lib.led(city), city.people["county"]
    with pytest.raises(DomainError) as refused:
        services.submit(county, a, statement="  ", evidence=[lib.proof(county)])
    assert refused.value.field == "reason"
    with pytest.raises(DomainError) as refused:
        services.submit(county, a, statement="完成", evidence=[])
    assert refused.value.field == "evidence"
    step = lib.submit(city, a)
    assert (step.from_state, step.to_state, step.role) == ("not_started", "submitted", "county")
    assert last_entry(a).changes == {"state": ["not_started", "submitted"]}
    assert told(city.people["dept"], "to_verify") == 1
    assert told(city.people["dept2"], "to_verify") == 0, "who only cooperates is not asked"
    assert told(city.people["county"], "to_verify") == 0


def test_the_same_key_submits_once(city):
    a, county = lib.led(city), city.people["county"]
    first = services.submit(county, a, statement="完成", evidence=[lib.proof(county)], key="x", seen_version=1)
    again = services.submit(county, a, statement="完成", evidence=[lib.proof(county)], key="x", seen_version=1)
    assert first == again
    assert Step.objects.filter(action="submit").count() == 1
    assert AuditEntry.objects.filter(action="plan.submit").count() == 1
    assert told(city.people["dept"], "to_verify") == 1


def test_without_a_key_a_second_submission_is_unlawful(city):
    a = lib.led(city)
    lib.submit(city, a)
    with pytest.raises(Unlawful):
        lib.submit(city, a)


def test_an_old_form_is_a_conflict(city):
    a, county = lib.led(city), city.people["county"]
    services.report(county, a, percent=5, text="开工")
    with pytest.raises(Conflict):
        services.submit(county, a, statement="完成", evidence=[lib.proof(county)], seen_version=1)


@pytest.mark.parametrize("state", ["in_progress", "returned", "rebounded"])
def test_taking_back_does_not_wash_a_light_away(city, go, state):
    a = lib.bring_to(city, lib.led(city), state, go)
    lib.submit(city, a)
    services.withdraw(city.people["county"], a, reason="材料不全")
    assert a.state == state
    assert told(city.people["dept"], "withdrawn") == 1


def test_after_a_rebound_old_proof_shows_nothing(city, go):
    a = lib.bring_to(city, lib.led(city), "rebounded", go)
    county = city.people["county"]
    old = lib.proof(county, effective_on=lib.START)
    with pytest.raises(DomainError) as refused:
        services.submit(county, a, statement="又完成", evidence=[old])
    assert refused.value.field == "evidence"
    services.submit(county, a, statement="又完成", evidence=[old, lib.proof(county)])
    assert a.state == "submitted"


# --- verify, return


def test_verification_records_the_spot_check(city):
    a = lib.led(city)
    lib.submit(city, a)
    step = lib.verify(city, a)
    record = SpotCheck.objects.get(step=step)
    assert (record.passed, record.location, a.state) == (True, "第1镇锅炉房", "verified")
    assert told(city.people["county"], "verified") == 1
    assert told(city.people["office"], "verified") == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"location": " "}, "location"), ({"method": ""}, "method"), ({"found": ""}, "found"),
        ({"location": "长" * 201}, "location"), ({"passed": False}, "passed"),
        ({"on": lib.START + dt.timedelta(days=1)}, "checked_on"),
    ],
)  # fmt: skip
def test_an_incomplete_spot_check_confirms_nothing(city, values, field):
    a = lib.led(city)
    lib.submit(city, a)
    with pytest.raises(DomainError) as refused:
        services.verify(city.people["dept"], a, reason="属实", check=lib.check(**values))
    assert refused.value.field == field
    assert not SpotCheck.objects.exists()


def test_a_spot_check_from_before_it_was_returned_shows_nothing(city, go):
    a = lib.led(city)
    lib.submit(city, a)
    go(lib.START + dt.timedelta(days=5))
    services.return_(city.people["dept"], a, reason="缺少照片")
    lib.submit(city, a)
    with pytest.raises(DomainError) as refused:
        services.verify(city.people["dept"], a, reason="属实", check=lib.check(on=lib.START))
    assert refused.value.field == "checked_on"
    lib.verify(city, a)


def test_who_handed_in_does_not_verify(city):
    from lantian.city.models import Membership

    county = city.people["county"]
    Membership.objects.create(
        user=county, role="department", agency=city.agencies["生态环境局"], since=dt.date(2000, 1, 1)
    )
    a = lib.led(city)
    lib.submit(city, a)
    with pytest.raises(NotAllowed):
        services.verify(county, a, reason="属实", check=lib.check())


def test_a_failed_spot_check_goes_with_the_return(city):
    a = lib.led(city)
    lib.submit(city, a)
    failed = lib.check(passed=False, found="仍在使用")
    step = services.return_(city.people["dept"], a, reason="未拆除", check=failed)
    assert (a.state, step.action, step.spot_check.passed) == ("returned", "return", False)
    assert told(city.people["county"], "returned") == 1


def test_a_return_needs_words(city):
    a = lib.led(city)
    lib.submit(city, a)
    with pytest.raises(DomainError) as refused:
        services.return_(city.people["dept"], a, reason="")
    assert refused.value.field == "reason"


def test_the_office_does_not_return_what_a_department_checks(city):
    a = lib.led(city)
    lib.submit(city, a)
    with pytest.raises(NotAllowed):
        services.return_(city.people["office"], a, reason="不行")


def test_the_office_returns_what_was_verified_and_its_publicity_ends(city, go):
    a = lib.bring_to(city, lib.led(city), "verified", go)
    period = services.publicise(city.people["office"], a, statement="公示")
    services.return_(city.people["office"], a, reason="数据有误", key="r")
    again = services.return_(city.people["office"], a, reason="数据有误", key="r")
    period.refresh_from_db()
    assert (a.state, again.action, period.void_at is None) == ("returned", "return_verified", False)
    assert told(city.people["dept"], "returned") == 1


# --- who verifies


def test_without_a_lead_the_office_verifies_and_another_person_approves(city, go):
    a = lib.unled(city)
    lib.submit(city, a)
    assert told(city.people["office"], "to_verify") == 1
    with pytest.raises(NotAllowed):
        lib.verify(city, a, "dept")
    lib.verify(city, a, "office")
    period = services.publicise(city.people["office"], a, statement="公示")
    go(period.ends_on + dt.timedelta(days=1))
    with pytest.raises(NotAllowed):
        services.approve(city.people["office"], a, reason="同意")
    services.approve(city.people["office2"], a, reason="同意")
    assert a.state == "signed_off"


# --- publicity and approval


def test_publicity_counts_working_days(city, go):
    a = lib.bring_to(city, lib.led(city), "verified", go)
    period = services.publicise(city.people["office"], a, statement="公示", key="p")
    assert services.publicise(city.people["office"], a, statement="公示", key="p") == period
    # Saturday 2020-06-20; the dragon-boat holiday is 25 to 27 June, the 28th is worked instead.
    assert (period.starts_on, period.ends_on) == (lib.START, dt.date(2020, 6, 29))
    with pytest.raises(Unlawful):
        services.publicise(city.people["office"], a, statement="公示")


def test_approval_waits_for_the_end_of_publicity(city, go):
    a = lib.bring_to(city, lib.led(city), "verified", go)
    office = city.people["office"]
    with pytest.raises(Unlawful):
        services.approve(office, a, reason="同意")
    period = services.publicise(office, a, statement="公示")
    for day in (period.starts_on, period.ends_on):
        go(day)
        with pytest.raises(Unlawful):
            services.approve(office, a, reason="同意")
    go(period.ends_on + dt.timedelta(days=1))
    services.approve(office, a, reason="同意")
    assert a.state == "signed_off"
    assert told(city.people["county"], "signed_off") == 1


def test_an_open_objection_holds_the_approval_back(city, go):
    a = lib.bring_to(city, lib.led(city), "verified", go)
    office = city.people["office"]
    period = services.publicise(office, a, statement="公示")
    objection = services.object_to(period, name="王某", text="夜里仍在烧煤", contact="13800000000", sender="s")
    assert told(office, "objection") == 1
    go(period.ends_on + dt.timedelta(days=1))
    with pytest.raises(Unlawful):
        services.approve(office, a, reason="同意")
    services.resolve_objection(office, objection, upheld=False, resolution="现场复核未见", key="o")
    services.resolve_objection(office, objection, upheld=False, resolution="现场复核未见", key="o")
    with pytest.raises(Conflict):
        services.resolve_objection(office, objection, upheld=True, resolution="改判")
    a.refresh_from_db()
    services.approve(office, a, reason="同意")
    objection.refresh_from_db()
    assert (a.state, objection.upheld, objection.resolved_by) == ("signed_off", False, office)


def test_an_upheld_objection_returns_it_and_the_others_lapse(city, go):
    a = lib.bring_to(city, lib.led(city), "verified", go)
    office = city.people["office"]
    period = services.publicise(office, a, statement="公示")
    one = services.object_to(period, name="王某", text="夜里仍在烧煤", sender="s")
    two = services.object_to(period, name="李某", text="烟囱还在", sender="t")
    services.resolve_objection(office, one, upheld=True, resolution="属实")
    a.refresh_from_db(), two.refresh_from_db()
    assert a.state == "returned"
    assert (two.upheld, two.resolved_at is None) == (None, False)
    assert not Publicity.objects.filter(void_at__isnull=True).exists()
    lib.submit(city, a)
    lib.verify(city, a)
    assert services.publicise(office, a, statement="再公示").pk != period.pk


def test_objections_only_while_it_is_public(city, go):
    a = lib.bring_to(city, lib.led(city), "verified", go)
    period = services.publicise(city.people["office"], a, statement="公示")
    go(period.ends_on + dt.timedelta(days=1))
    with pytest.raises(Unlawful):
        services.object_to(period, name="王某", text="夜里仍在烧煤")


def test_one_sender_objects_a_few_times_a_day(city, go):
    from lantian.plan.services.publicity import OBJECTIONS_PER_SENDER_AND_DAY, TooMany, sender_mark

    a = lib.bring_to(city, lib.led(city), "verified", go)
    period = services.publicise(city.people["office"], a, statement="公示")
    mark = sender_mark("203.0.113.5")
    assert "203" not in mark
    for n in range(OBJECTIONS_PER_SENDER_AND_DAY):
        services.object_to(period, name="王某", text=f"第{n}次", sender=mark)
    assert services.object_to(period, name="王某", text="第0次", sender=mark).text == "第0次", (
        "the same text counts once"
    )
    with pytest.raises(TooMany):
        services.object_to(period, name="王某", text="又一次", sender=mark)
    services.object_to(period, name="李某", text="又一次", sender=sender_mark("203.0.113.6"))
    go(clock.today() + dt.timedelta(days=1))
    services.object_to(period, name="王某", text="又一次", sender=sender_mark("203.0.113.5"))


@pytest.mark.parametrize(
    ("values", "field"), [({"name": " "}, "name"), ({"text": "x"}, "text"), ({"contact": "9" * 121}, "contact")]
)
def test_an_objection_says_who_and_what(city, go, values, field):
    a = lib.bring_to(city, lib.led(city), "verified", go)
    period = services.publicise(city.people["office"], a, statement="公示")
    with pytest.raises(DomainError) as refused:
        services.object_to(period, **{"name": "王某", "text": "夜里仍在烧煤", **values})
    assert refused.value.field == field


# --- back again


def test_a_rebound_starts_the_cycle_again(city, go):
    a = lib.bring_to(city, lib.led(city), "signed_off", go)
    inspector = city.people["inspector"]
    with pytest.raises(DomainError):
        services.rebound(inspector, a, reason="复烧", evidence=[])
    services.rebound(inspector, a, reason="复烧", evidence=[lib.proof(inspector)])
    assert a.state == "rebounded"
    for name in ("county", "dept", "office"):
        assert told(city.people[name], "rebounded") == 1
    services.report(city.people["county"], a, percent=10, text="重新整治")
    assert a.state == "rebounded", "the light stays until it is handed in again"
    lib.submit(city, a)
    lib.verify(city, a)
    with pytest.raises(Unlawful):
        services.approve(city.people["office"], a, reason="同意")


def test_what_was_signed_off_by_mistake_is_opened_again(city, go):
    a = lib.bring_to(city, lib.led(city), "signed_off", go)
    services.reopen(city.people["dept"], a, reason="批错了")
    assert a.state == "in_progress"


def test_nothing_happens_under_a_superseded_version(city, ledger):
    version = ledger[1]
    version.state = "superseded"
    version.save()
    with pytest.raises(Unlawful):
        lib.submit(city, lib.led(city))


def test_a_refused_step_leaves_no_trace(city):
    a = lib.led(city)
    before = AuditEntry.objects.count()
    with pytest.raises(DomainError):
        services.submit(city.people["county"], a, statement="完成", evidence=[])
    a.refresh_from_db()
    assert (a.state, a.version, Step.objects.count(), AuditEntry.objects.count()) == ("not_started", 1, 0, before)


def test_every_step_is_in_the_audit_chain_with_its_reason(city, go):
    a = lib.bring_to(city, lib.led(city), "rebounded", go)
    steps = list(a.steps.all())
    entries = AuditEntry.objects.filter(target_id=str(a.pk), target_type="plan.assignment").order_by("seq")
    assert [e.action for e in entries] == [f"plan.{s.action}" for s in steps]
    assert [e.reason for e in entries] == [s.reason for s in steps]
    for earlier, later in itertools.pairwise(steps):
        assert earlier.to_state == later.from_state


# --- proofs that prove nothing any more


@pytest.mark.parametrize("change", [{"expires_on": dt.date(2020, 6, 19)}, {"review": "rejected"}])
def test_what_is_rejected_or_past_its_end_is_no_proof(city, change):
    a, county = lib.led(city), city.people["county"]
    old = lib.proof(county, effective_on=dt.date(2020, 6, 1))
    if "review" in change:
        change |= {"reviewed_by": city.people["office"], "reviewed_at": clock.now()}
    type(old).objects.filter(pk=old.pk).update(**change)
    old.refresh_from_db()
    with pytest.raises(DomainError) as refused:
        services.submit(county, a, statement="自查完成", evidence=[old])
    assert refused.value.field == "evidence"
    assert a.steps.count() == 0
    services.submit(county, a, statement="自查完成", evidence=[lib.proof(county, expires_on=lib.START)])


# --- many at once


def test_all_steps_show_the_first_rows_and_one_step_its_own(city, login, monkeypatch):
    from lantian.plan.views import work

    for area in (0, 1):
        lib.submit(city, lib.led(city, area), by=("county", "county2")[area])
    monkeypatch.setattr(work, "FEW", 1)
    browser = login(city.people["dept"])

    def rows(address):
        text = browser.get(address).text
        return sum(f"/assignments/{lib.led(city, at).pk}/" in text for at in (0, 1))

    assert rows("/signoff/") == 1
    assert rows("/signoff/?step=verify") == 2
    assert rows("/signoff/?step=approve") == 0


def test_the_inbox_has_pages(city, login, monkeypatch):
    from lantian.plan.views import work

    for area in (0, 1):
        lib.submit(city, lib.led(city, area), by=("county", "county2")[area])
    monkeypatch.setattr(work, "SHOWN", 1)
    browser = login(city.people["dept"])
    first, second = (browser.get("/signoff/", {"step": "verify", "page": page}).text for page in ("", "2"))
    shown = [[f"/assignments/{lib.led(city, at).pk}/" in page for at in (0, 1)] for page in (first, second)]
    assert sorted(shown) == [[False, True], [True, False]], "each on a page of its own"
    assert "page=2" in first
    assert "page=1" in second
    for odd in ("99", "0", "²", "x"):
        assert browser.get("/signoff/", {"step": "verify", "page": odd}).status_code == 200
    assert "?step=verify" in browser.get("/signoff/").text
