"""The limits of an outlet: looked up by declared words only, the permit beside the law, and the card on the page."""

import datetime as dt
import doctest

import pytest
from django.urls import reverse

from lantian.city import clock
from lantian.sources.facts import Limit, Outlet
from lantian.sources.models import Outlet as OutletRow
from lantian.sources.models import OutletLimit, Work
from lantian.sources.rules import limits
from lantian.sources.rules.limits import outlet_limits, process_of
from lantian.sources.tests.builders import make_enterprise
from lantian.standards.stacks import stack_processes
from tests.builders import make_city

DAY = dt.date(2020, 6, 5)


def _numbers(outlet: Outlet, **more) -> dict[str, str]:
    return {one.pollutant: str(one.value) for one in outlet_limits(outlet, DAY, **more).binding}


def test_a_process_is_a_known_word_or_nothing() -> None:
    assert process_of("  燃煤锅炉 ") == ("boiler", "coal")
    assert process_of("Coal-Boiler") == ("boiler", "coal")
    assert all(process_of(one.zh) == (one.id, "") or one.zh == "石灰窑" for one in stack_processes().values())
    unknown = outlet_limits(Outlet("E1.DA1", "1", process="窑"), DAY)
    assert (unknown.limits, unknown.why) == ((), "unknown")
    assert outlet_limits(Outlet("E1.DA1", "1", process="锅炉"), DAY).why == "fuel"
    assert outlet_limits(Outlet("E1.DA1", "1"), DAY).why == "unknown"


def test_the_permit_stands_beside_the_law() -> None:
    own = (
        Limit("a21002", 150.0),
        Limit("a21002", 120.0, valid_until=dt.date(2020, 6, 4)),
        Limit("a34013", 10.0, period="day"),
        Limit("a21026", 35.0, unit="kg/h"),
        Limit("a99999", 1.0),
    )
    boiler = Outlet("E1.DA1", "1", process="燃煤锅炉", oxygen=9.0, limits=own)
    assert _numbers(boiler) == {"PM": "50", "SO2": "300", "NOx": "150"}
    assert _numbers(boiler, limits=()) == {"PM": "50", "SO2": "300", "NOx": "300"}
    assert not outlet_limits(boiler, DAY).differs
    assert outlet_limits(Outlet("E1.DA1", "1", process="燃煤锅炉", oxygen=6.0), DAY).differs


def test_a_permit_at_another_oxygen_stands_alone_and_an_equal_one_leaves_the_law_to_bind() -> None:
    own = (Limit("a34013", 10.0),)
    pellet = Outlet("E1.DA1", "1", process="球团竖炉", oxygen=16.0, limits=own)
    got = [
        (str(one.value), str(one.oxygen), one.scheme.id)
        for one in outlet_limits(pellet, DAY).binding
        if one.pollutant == "PM"
    ]
    assert sorted(got) == [("10", "16", "permit"), ("50", "None", "gb28662-new")]
    with_programme = outlet_limits(pellet, DAY, flags={"ultra_low"})
    same = [one.scheme.id for one in with_programme.binding if one.pollutant == "PM" and one.oxygen == 16]
    assert same == ["ultra-low-steel"]
    assert not any(one.conflict for one in with_programme.limits)


def test_examples() -> None:
    assert doctest.testmod(limits).failed == 0


@pytest.mark.django_db
def test_the_page_of_an_enterprise_shows_what_binds_its_stacks(login, tmp_path, settings) -> None:
    settings.LANTIAN_DATA = tmp_path
    with clock.travel(DAY):
        town = make_city()
        firm = make_enterprise("E1", "甲厂", area=town.areas[0], industry="pellet")
        stack = OutletRow.objects.create(enterprise=firm, code="E1.DA001", name="一号烟囱", process="球团竖炉")
        OutletRow.objects.create(enterprise=firm, code="E1.DA002", name="二号烟囱", process="某窑")
        OutletLimit.objects.create(enterprise=firm, outlet=stack, code="X1", quantity="a21002", value=400)
        client = login(town.people["office"])
        client.cookies["lantian_language"] = "en"
        html = client.get(reverse("sources:enterprise", args=["E1"])).content.decode()
        assert "Limits of the stacks by the law of 2020-06-05" in html
        assert "is no word that the law is looked up by" in html
        assert "milder than the law: does not count" in html
        assert "ultra-low emission of steel" not in html
        Work.objects.create(enterprise=firm, code="W1", programme="ultra_low_stack")
        html = client.get(reverse("sources:enterprise", args=["E1"])).content.decode()
        assert "ultra-low emission of steel" in html
        assert "The plant has undertaken ultra-low emission." in html
