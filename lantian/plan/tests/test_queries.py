"""What the inboxes list is what the rules allow."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.plan import queries, services
from lantian.plan.models import Assignment, ClauseAgency
from lantian.plan.possible import possible
from lantian.plan.services import Part
from lantian.plan.tests import ledger as lib
from lantian.plan.thresholds import thresholds
from tests.builders import make_user

pytestmark = pytest.mark.django_db
PEOPLE = (
    "office", "office2", "dept", "dept2", "county", "county2", "town", "enterprise", "inspector", "public", "admin",
    "nobody",
)  # fmt: skip


@pytest.fixture
def city(go, ledger):
    return ledger[0]


def many_submissions(city):
    """Hand in wholes with and without a lead, an agency's own work, parts of a town and an enterprise."""
    for area, by in ((0, "county"), (1, "county2")):
        for a in (lib.led(city, area), lib.unled(city, area)):
            lib.submit(city, a, by)
    measure = Assignment.objects.get(measure__code="1-1-2", place=city.areas[0])
    parts = services.decompose(
        city.people["county"], measure, [Part("town", city.towns[0]), Part("enterprise", enterprise="青川砖厂")]
    )
    lib.submit(city, parts[0], "town")
    lib.submit(city, parts[1], "enterprise")
    version = measure.measure.clause.task.version
    for short, role in (("生态环境局", "lead"), ("能源局", "each")):
        agency = city.agencies[short]
        ClauseAgency.objects.get_or_create(
            clause=lib.unled(city, 2).measure.clause if role == "each" else measure.measure.clause, agency=agency,
            defaults={"role": role},
        )  # fmt: skip
        own = Assignment.objects.create(
            measure=measure.measure, holder="agency", agency=agency, holder_key=f"agency:{agency.pk}",
            deadline_basis="plan_end", state_since=version.imported_at, created_at=version.imported_at,
        )  # fmt: skip
        user = city.people["dept"] if role == "lead" else make_user("energy", "department", agency=agency)
        city.people[user.username] = user
        services.submit(user, own, statement="完成", evidence=[lib.proof(user)])


def test_to_verify_lists_exactly_what_each_person_may_verify(city):
    many_submissions(city)
    total = 0
    for name in (*PEOPLE, "energy"):
        user = city.people[name]
        listed = set(queries.to_verify(scope_of(user)))
        able = {
            a
            for a in Assignment.objects.all()
            if "verify" in possible(user, a) and scope_of(user).may("assignment.view")
        }
        assert listed == able, name
        total += len(listed)
    assert total >= 8


def test_the_boxes_of_sign_off_hold_each_assignment_once(city, go):
    office, scope = city.people["office"], scope_of(city.people["office"])
    a, b, c = (
        lib.led(city),
        Assignment.objects.get(measure__code="1-1-2", place=city.areas[0]),
        lib.led(city, 1),
    )
    for row, by in ((a, "county"), (b, "county"), (c, "county2")):
        lib.submit(city, row, by)
        lib.verify(city, row)
    assert set(queries.to_publicise(scope)) == {a, b, c}
    for row in (b, c):
        period = services.publicise(office, row, statement="公示")
    services.object_to(period, name="王某", text="不属实")
    today = clock.today()
    assert set(queries.in_publicity(scope, today)) == {b, c}
    assert set(queries.with_objections(scope)) == {c}
    go(period.ends_on + dt.timedelta(days=1))
    today = clock.today()
    assert set(queries.in_publicity(scope, today)) == set()
    assert set(queries.to_approve(scope, today)) == {b}
    assert set(queries.to_publicise(scope)) == {a}


def test_who_holds_what(city):
    parts = services.decompose(
        city.people["county"], lib.led(city), [Part("town", city.towns[0]), Part("enterprise", enterprise="青川砖厂")]
    )
    village = lib.village(city.towns[0])
    [deep] = services.decompose(city.people["town"], parts[0], [Part("village", village)])

    def mine(name):
        scope = scope_of(city.people[name])
        return set(queries.ledger(scope).filter(queries.held_by(scope)))

    assert mine("county") == set(Assignment.objects.filter(parent=None, area=city.areas[0]))
    assert mine("town") == {parts[0]}
    assert mine("enterprise") == {parts[1]}
    assert mine("office") == set()
    scope = scope_of(city.people["county"])
    assert set(queries.ledger(scope).filter(queries.parts_under(scope))) == {*parts, deep}


def test_what_hurts_comes_first(city):
    go_back = lib.led(city)
    lib.submit(city, go_back)
    services.return_(city.people["dept"], go_back, reason="缺少照片")
    late = lib.unled(city, 1)
    services.set_deadline(city.people["office"], late, deadline=dt.date(2020, 6, 1), reason="提前")
    soon = lib.unled(city, 2)
    services.set_deadline(city.people["office"], soon, deadline=dt.date(2020, 6, 25), reason="提前")
    scope = scope_of(city.people["office"])
    rows = list(queries.urgent_rows(queries.ledger(scope), thresholds())[:4])
    assert [row.status for row in rows] == ["overdue", "returned", "due_soon", "not_started"]
    assert rows[:3] == [late, go_back, soon]


def test_counts_by_one_or_several_keys(city):
    scope = scope_of(city.people["office"])
    by_area = queries.counts_by(queries.ledger(scope), thresholds(), "area_id")
    assert {area: sum(c.values()) for area, c in by_area.items()} == {area.pk: 3 for area in city.areas}
    both = queries.counts_by(queries.ledger(scope), thresholds(), "area_id", "measure__clause__task__number")
    assert both[city.areas[0].pk, "1"] == {"not_started": 2}


def test_asked_for_in_the_open_round_until_it_is_reported(city):
    from lantian.plan.models import DispatchRound, RoundEntry

    a = lib.led(city)
    asked = DispatchRound.objects.create(
        document=a.measure.clause.task.version.document, month=dt.date(2020, 6, 1), title="6月调度",
        opened_at=clock.now(), opened_by=city.people["office"], due_on=dt.date(2020, 6, 25),
    )  # fmt: skip
    RoundEntry.objects.create(round=asked, assignment=a)
    scope = scope_of(city.people["county"])
    assert list(queries.asked_in_open_round(scope)) == [a]
    assert not queries.asked_in_open_round(scope_of(city.people["county2"])).exists()
    made = services.report(city.people["county"], a, percent=5, text="开工", round=asked)
    assert not queries.asked_in_open_round(scope).exists()
    services.withdraw_report(city.people["county"], made, reason="写错了")
    assert list(queries.asked_in_open_round(scope)) == [a]


def test_the_inbox_says_what_waits_too_long(city, go, login):
    """生态环境局 has ten working days from 2020-06-20; 25 and 26 June are holidays, 28 June is worked."""
    lib.submit(city, lib.led(city))
    page = login(city.people["dept"])
    for day, late in ((dt.date(2020, 7, 6), None), (dt.date(2020, 7, 7), dt.date(2020, 7, 6))):
        go(day)
        [card] = [c for c in page.get("/signoff/").context["cards"] if c.name == "verify"]
        assert getattr(card.rows[0], "wait_over_since", None) == late, day
