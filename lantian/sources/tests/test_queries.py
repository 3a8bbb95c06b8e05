"""Plants as facts: exact, in a constant number of queries; who sees whom."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lantian.city.access import scope_of
from lantian.sources import facts, queries
from lantian.sources.models import Boiler, Chp, Enterprise, Equipment, OrderRecord, OutletLimit
from lantian.sources.tests.builders import make_enterprise, make_plant

pytestmark = pytest.mark.django_db


def test_a_plant_as_facts_holds_everything(city):
    make_plant(area=city.areas[0], lon=112.7, lat=38.4, datum="WGS-84", wgs_lon=112.7, wgs_lat=38.4)
    (plant,) = queries.plants()
    start = dt.datetime(2020, 5, 1, tzinfo=dt.UTC)
    assert plant == facts.Plant(
        code="E0001",
        name="青川砖厂",
        industry="brick",
        area="990001",
        lon=112.7,
        lat=38.4,
        lines=(facts.Line("E0001.L1", "隧道窑一线", "烧成"),),
        equipment=(
            facts.Equipment("E0001.P01", "隧道窑风机", "production", "kiln", "E0001.L1", 90, 5, 30),
            facts.Equipment("E0001.T01", "脱硫浆液泵", "treatment", "slurry_pump", "E0001.L1", 45),
        ),
        pairs=(facts.Pair("E0001.R1", ("E0001.P01",), ("E0001.T01",), "all", 10, 30),),
        outlets=(
            facts.Outlet(
                "E0001.DA001",
                "窑尾烟囱",
                lines=("E0001.L1",),
                oxygen=18,
                limits=(
                    facts.Limit("a21026", 150, clause="排污许可证", source="许可证副本"),
                    facts.Limit("a34013", 30, clause="排污许可证", source="许可证副本"),
                ),
            ),
        ),
        orders=(facts.Order("E0001.O1", "limit", start, start + dt.timedelta(days=3), ("E0001.L1",), 0.5),),
        synthetic=True,
    )


def test_the_number_of_queries_does_not_grow(city):
    make_plant()
    with CaptureQueriesContext(
        connection,
    ) as one:
        queries.plants()
    for n in range(2, 20):
        make_plant(f"E{n:04}", f"厂{n}")
    with CaptureQueriesContext(connection) as many:
        assert len(queries.plants()) == 19
    assert len(many) == len(one) <= 11


def test_what_has_ended_or_not_begun_is_left_out(city):
    make_plant()
    Equipment.objects.filter(code="E0001.T01").update(until=dt.date(2020, 3, 1))
    OutletLimit.objects.filter(quantity="a21026").update(since=dt.date(2020, 4, 1))
    (before,) = queries.plants(at=dt.date(2020, 3, 1))
    (after,) = queries.plants(at=dt.date(2020, 4, 1))
    assert [e.code for e in before.equipment] == ["E0001.P01", "E0001.T01"]
    assert [e.code for e in after.equipment] == ["E0001.P01"]
    assert [limit.quantity for limit in before.outlets[0].limits] == ["a34013"]
    assert [limit.quantity for limit in after.outlets[0].limits] == ["a21026", "a34013"]


def test_chosen_by_code_and_area_and_merged_ones_left_out(city):
    kept = make_enterprise("E1", "甲厂", area=city.areas[0])
    make_enterprise("E2", "乙厂", area=city.areas[1])
    make_enterprise("E3", "甲厂老", area=city.areas[0], merged_into=kept)
    assert [p.code for p in queries.plants()] == ["E1", "E2"]
    assert [p.code for p in queries.plants(area="990002")] == ["E2"]
    assert [p.code for p in queries.plants(codes=["E2", "E3"])] == ["E2"]
    assert queries.code_now("E3") == "E1"
    assert queries.code_now("nobody") == "nobody"


def test_closed_and_long_stopped_say_since_when(city):
    make_enterprise("E1", "甲厂", state="closed", state_since=dt.date(2020, 1, 1))
    make_enterprise("E2", "乙厂", state="stopped", state_since=dt.date(2020, 2, 1))
    make_enterprise("E3", "丙厂", state_since=dt.date(2020, 2, 1))
    assert [p.closed_since for p in queries.plants()] == [dt.date(2020, 1, 1), dt.date(2020, 2, 1), None]


def test_who_sees_whom(city):
    make_enterprise("E1", "青川砖厂", area=city.areas[0])
    make_enterprise("E2", "乙厂", area=city.areas[1])
    make_enterprise("E3", "丙厂", area=city.areas[0], town=city.towns[0])
    make_enterprise("E4", "丁厂")

    def seen(who):
        return sorted(queries.visible_to(scope_of(city.people[who])).values_list("code", flat=True))

    assert seen("office") == seen("dept") == seen("inspector") == ["E1", "E2", "E3", "E4"]
    assert seen("county") == ["E1", "E3"]
    assert seen("county2") == ["E2"]
    assert seen("town") == ["E3"]
    assert seen("enterprise") == ["E1"]
    assert seen("public") == seen("admin") == seen("nobody") == []


@pytest.mark.parametrize(
    "values", [{"code": "E9"}, {"credit_code": "911409000000000X0X"}, {"aliases": ["砖厂", "青川砖厂"]}]
)
def test_a_membership_names_its_enterprise_in_several_ways(city, values):
    make_enterprise(**{"code": "E1", "name": "别名砖厂", **values})
    person = city.people["enterprise"]
    said = next(v[-1] if isinstance(v, list) else v for v in values.values())
    person.memberships.update(enterprise=said)
    assert queries.visible_to(scope_of(person)).get().name == "别名砖厂"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda e: Enterprise.objects.filter(pk=e.pk).update(credit_code="123"),
        lambda e: Enterprise.objects.filter(pk=e.pk).update(state="closed", state_since=None),
        lambda e: Enterprise.objects.filter(pk=e.pk).update(lon=112.0),
        lambda e: Enterprise.objects.filter(pk=e.pk).update(lon=112, lat=38, wgs_lon=112, wgs_lat=38),
        lambda e: Enterprise.objects.filter(pk=e.pk).update(merged_into=e),
        lambda e: Equipment.objects.filter(enterprise=e).update(off_kw=50, run_kw=10),
        lambda e: Equipment.objects.filter(enterprise=e).update(since="2020-05-01", until="2020-04-01"),
        lambda e: OutletLimit.objects.filter(enterprise=e).update(value=0),
        lambda e: OrderRecord.objects.filter(enterprise=e).update(share=None),
        lambda e: OrderRecord.objects.filter(enterprise=e).update(kind="stop"),
        lambda e: Boiler.objects.create(enterprise=e, code="B1", fuel="coal"),
        lambda e: Chp.objects.create(enterprise=e, code="C1", unit_mw=300, total_mw=200),
        lambda e: make_enterprise("E0002", "另一厂", credit_code="X" * 18) and make_enterprise("E3", "三", credit_code="X" * 18),
    ],
)  # fmt: skip
def test_the_database_refuses_what_cannot_be(city, wrong):
    one = make_plant()
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong(one)
