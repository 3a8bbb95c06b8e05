"""The home page: each number is that of the list that it opens, for everybody who sees it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import LoadedPack, Place
from lantian.plan.models import Assignment
from lantian.plan.overview import overview
from lantian.plan.rules.states import OPEN_STATES
from tests.builders import make_assignment, make_ledger

pytestmark = pytest.mark.django_db
TILE = re.compile(r'<a class="card card-link h-100" href="([^"]+)">.*?<span class="h1 mb-0">(\d+)</span>', re.DOTALL)
DAYS = (-40, -3, -1, 0, 3, 7, 8, 29, 30, 31, 90)


@pytest.fixture
def full(city):
    """A ledger in which every open state meets every distance from the deadline, with parts of some."""
    make_ledger(city)
    whole = Assignment.objects.first()
    for state in (*OPEN_STATES, "submitted", "verified", "signed_off", "cancelled"):
        for days in DAYS:
            name = f"{state}{days}"
            values = {"holder": "enterprise", "enterprise": name, "holder_key": name, "state": state}
            values["deadline"] = clock.today() + dt.timedelta(days=days)
            made = make_assignment(whole.measure, city.areas[days % 3], **values)
            values |= {"enterprise": f"part {name}", "holder_key": f"part {name}", "parent": made}
            make_assignment(whole.measure, city.areas[days % 3], **values)
    return city


def _listed(client, address):
    """Return how many rows a list counts."""
    page = client.get(address.replace("&amp;", "&"), headers={"accept-language": "en"}).text
    counted = re.search(r"\d+–\d+ (?:of|，共|/) ?(\d+)|共 ?(\d+)", page)
    if counted is None:
        assert "<tbody>" in page
        return 0
    return int(next(g for g in counted.groups() if g))


@pytest.mark.parametrize("who", ["office", "county", "dept", "inspector"])
def test_each_number_is_that_of_its_list(client, full, who):
    client.force_login(full.people[who])
    tiles = TILE.findall(client.get("/").text)
    assert len(tiles) == 6
    assert any(int(n) for _address, n in tiles)
    for address, n in tiles:
        assert _listed(client, address) == int(n), address


def test_areas_and_tasks_add_up_to_the_totals(full):
    view = overview(scope_of(full.people["office"]))
    assert sum(view.totals.values()) == view.due["all"] == sum(row.n for row in view.tasks)
    assert view.totals == sum((row.counts for row in view.tasks), type(view.totals)())
    assert Assignment.objects.filter(parent__isnull=False).count() > 50


def test_home_judges_by_the_thresholds_of_the_pack(full):
    soon = overview(scope_of(full.people["office"])).totals["due_soon"]
    pack = LoadedPack.objects.first() or LoadedPack(slug="x", name="x", loaded_at=clock.now(), calendar={})
    pack.thresholds = {**(pack.thresholds or {}), "assignment.due_soon_days": 30}
    pack.save()
    view = overview(scope_of(full.people["office"]))
    assert view.totals["due_soon"] > soon
    assert {row.place.pk for row in view.areas} == set(Place.objects.areas().values_list("pk", flat=True))
