"""Two days compared: random lawful work, and every remembered day comes back as it was."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.urls import reverse

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.kit.errors import DomainError
from lantian.plan import baselines, services
from lantian.plan.models import Assignment, ProgressReport
from lantian.plan.tests import ledger as lib
from lantian.plan.thresholds import thresholds

pytestmark = pytest.mark.django_db


def present() -> dict[int, tuple]:
    """What the ledger says now, through its own queries (not through the code under test)."""
    limits = thresholds()
    rows = Assignment.objects.wholes().exclude(state="cancelled").with_lights(limits)
    return {
        a.pk: (a.state, a.status, a.deadline.isoformat() if a.deadline else None, a.last_percent) for a in rows
    }  # fmt: skip


def recalled(scope, day: dt.date) -> dict[int, tuple]:
    comparison = baselines.compare(scope, day, clock.today())
    assert comparison.faults == []
    return {
        d.id: (d.before.state, d.before.status, d.before.deadline, d.before.percent)
        for d in comparison.differences
        if d.before is not None
    }


def work(city, chance: random.Random) -> None:
    """Somebody takes some step on some assignment; what is refused changes nothing."""
    a = chance.choice(list(Assignment.objects.filter(area=city.areas[0])))
    office, county, dept = city.people["office"], city.people["county"], city.people["dept"]
    steps = [
        lambda: services.report(county, a, percent=chance.randint(0, 100), text="进展"),
        lambda: services.report(county, a, percent=chance.randint(0, 100), text="进展"),
        lambda: services.withdraw_report(county, chance.choice(list(a.reports.all())), reason="写错了"),
        lambda: services.submit(county, a, statement="完成", evidence=[lib.proof(county)], parts_reason="另行安排"),
        lambda: services.return_(dept, a, reason="不足"),
        lambda: services.verify(dept, a, reason="属实", check=lib.check()),
        lambda: services.set_deadline(office, a, deadline=clock.today() + dt.timedelta(days=chance.randint(0, 60)), reason="调整"),
        lambda: services.cancel(office, a, reason="重复"),
        lambda: services.reinstate(office, a, reason="恢复"),
        lambda: services.rebound(city.people["inspector"], a, reason="复烧", evidence=[lib.proof(city.people["inspector"])]),
    ]  # fmt: skip
    try:
        chance.choice(steps)()
    except (DomainError, IndexError):
        return


@pytest.mark.parametrize("seed", range(4))
def test_every_remembered_day_comes_back(ledger, go, seed):
    city, _version = ledger
    Assignment.objects.update(created_at=clock.now() - dt.timedelta(days=1))
    chance = random.Random(seed)
    scope = scope_of(city.people["office"])
    remembered = {}
    for day in (dt.date(2020, 6, 20) + dt.timedelta(days=9 * n) for n in range(8)):
        go(day)
        for _ in range(chance.randint(0, 8)):
            work(city, chance)
        remembered[day] = present()
    assert len({str(sorted(photo.items())) for photo in remembered.values()}) > 3, "nothing happened"
    for day, photo in remembered.items():
        assert recalled(scope, day) == photo, day


def test_differences_are_listed_old_beside_new(ledger, go, login):
    city, _version = ledger
    Assignment.objects.update(created_at=clock.now() - dt.timedelta(days=40))
    a = lib.led(city)
    go(dt.date(2020, 7, 1))
    services.report(city.people["county"], a, percent=40, text="进展")
    services.set_deadline(city.people["office"], a, deadline=dt.date(2020, 10, 31), reason="疫情")
    services.cancel(city.people["office"], lib.unled(city), reason="无此项")
    client = login(city.people["office"])
    page = client.get(reverse("plan:baseline"), {"from": "2020-06-20", "to": "2020-07-01"})
    assert '<del class="lt-was">2020-09-30</del> 2020-10-31' in page.text
    rows = {r["code"]: r for r in page.context["table"].data}
    assert {code: r["kind"] for code, r in rows.items()} == {"1-1-1": "changed", "2-1-1": "cancelled"}
    old, new = page.context["comparison"].sums("area")[city.areas[0].pk]
    assert (old.live, new.live, old.mean, new.mean) == (3, 2, None, 40)
    exported = client.get(reverse("plan:baseline"), {"from": "2020-06-20", "to": "2020-07-01", "export": "csv"})
    assert "2020-09-30 → 2020-10-31" in exported.content.decode("utf-8-sig")


def test_the_address_filters_and_survives_nonsense(ledger, go, login):
    city, version = ledger
    Assignment.objects.update(created_at=clock.now() - dt.timedelta(days=40))
    go(dt.date(2020, 7, 1))
    for area, who in ((0, "county"), (1, "county2")):
        services.report(city.people[who], lib.led(city, area), percent=40, text="进展")
    client = login(city.people["office"])

    def shown(**address):
        page = client.get(reverse("plan:baseline"), {"from": "2020-06-20", "to": "2020-07-01", **address})
        assert page.status_code == 200
        return len(page.context["table"].rows)

    assert shown() == 2
    assert shown(area=city.areas[0].code) == 1
    assert shown(task=version.tasks.get(number="2").pk) == 0
    assert shown(kind="added") == 0
    assert shown(area="x", task="y", kind="z") == 2
    assert client.get(reverse("plan:baseline"), {"from": "x", "to": ""}).status_code == 200
    assert client.get(reverse("plan:baseline")).status_code == 200


def test_a_state_changed_past_the_chain_is_shown(ledger, go, login):
    city, _version = ledger
    Assignment.objects.update(created_at=clock.now() - dt.timedelta(days=40))
    go(dt.date(2020, 7, 1))
    a = lib.led(city)
    services.report(city.people["county"], a, percent=40, text="进展")
    Assignment.objects.filter(pk=a.pk).update(state="signed_off")
    page = login(city.people["office"]).get(reverse("plan:baseline"), {"from": "2020-06-20", "to": "2020-07-01"})
    (fault,) = page.context["comparison"].faults
    assert (fault.id, fault.recorded, fault.found) == (a.pk, "in_progress", "signed_off")
    assert "signed_off" in page.text


def test_people_see_only_their_part(ledger, go, login):
    city, _version = ledger
    Assignment.objects.update(created_at=clock.now() - dt.timedelta(days=40))
    comparison = baselines.compare(scope_of(city.people["county"]), dt.date(2020, 6, 1), clock.today())
    assert {line.area for line in comparison.lines.values()} == {city.areas[0].pk}
    assert login(city.people["town"]).get(reverse("plan:baseline")).status_code == 403


def test_a_comparison_costs_a_constant_number_of_queries(ledger, go, django_assert_max_num_queries):
    city, _version = ledger
    for n in range(5):
        services.report(city.people["county"], lib.led(city), percent=n, text="进展")
    assert ProgressReport.objects.count() == 5
    with django_assert_max_num_queries(8):
        baselines.compare(scope_of(city.people["office"]), dt.date(2020, 6, 1), clock.today())


def test_days_in_the_wrong_order_are_refused_beside_the_field(ledger, go, login):
    page = login(ledger[0].people["office"]).get(reverse("plan:baseline"), {"from": "2020-07-01", "to": "2020-06-01"})
    assert "截止日早于起始日" in page.text
