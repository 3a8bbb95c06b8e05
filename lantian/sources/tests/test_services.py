"""Rows are entered, changed, ended with a reason; nothing is overwritten; who may do what; plants of programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from lantian.city.models import LoadedPack
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.records.models import AuditEntry
from lantian.sources import facts, queries, services
from lantian.sources.models import Change, Enterprise, Equipment, Line, Outlet
from lantian.sources.reading import credit
from lantian.sources.tests.builders import make_enterprise, make_plant

pytestmark = pytest.mark.django_db
GOOD = "91350100M000100Y43"  # the example of GB 32100-2015


def square(west, south, size=1.0):
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def shapes(city):
    for at, area in enumerate(city.areas[:3]):
        area.boundary = square(112.0 + at, 38.0)
        area.save()
    LoadedPack.objects.update(sha256=f"{id(city):064}")
    return city


def enter(city, who="office", **values):
    said = {"name": "甲砖厂", **values}
    return services.enter(city.people[who], "enterprise", said, reason="普查")


def test_credit_codes():
    assert credit.is_valid(GOOD)
    assert not credit.is_valid(GOOD[:17] + "4")
    assert credit.check_digit(GOOD) == "3"
    assert credit.likely(GOOD.replace("0", "O", 2)) == (GOOD, "OO", "00")
    assert credit.likely(GOOD) is None
    assert credit.likely("9135010OM00010OY4A") is None


def test_entering_gives_a_code_and_keeps_what_was_said(city):
    one = enter(city, credit_code=GOOD, industry="brick")
    two = enter(city, name="乙砖厂")
    assert (one.code, two.code) == ("E0001", "E0002")
    change = Change.objects.get(enterprise=one)
    assert (change.act, change.reason, change.by) == ("create", "普查", city.people["office"])
    assert change.changes["credit_code"] == [None, GOOD]
    assert AuditEntry.objects.filter(action="sources.enter").count() == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"credit_code": "123"}, "credit_code"),
        ({"credit_code": GOOD[:17] + "4"}, "credit_code"),
        ({"code": "有汉字"}, "code"),
        ({"industry": "nonsense"}, "industry"),
        ({"industry_code": "砖"}, "industry_code"),
        ({"lon": 112.5}, "lat"),
        ({"lon": 500.0, "lat": 38.0}, "lon"),
        ({"state": "closed"}, "state_since"),
        ({"area": "没有"}, "area"),
        ({"name": "厂" * 200}, "name"),
    ],
)
def test_what_is_wrong_is_refused_with_its_field(city, values, field):
    with pytest.raises(DomainError) as caught:
        enter(city, **values)
    assert caught.value.field == field
    assert caught.value.hint
    assert not Enterprise.objects.exists()


def test_a_credit_code_belongs_to_one_enterprise(city):
    enter(city, credit_code=GOOD)
    with pytest.raises(DomainError) as caught:
        enter(city, name="另一厂", credit_code=GOOD)
    assert caught.value.status == 409
    assert "E0001" in str(caught.value)


def test_a_change_keeps_old_and_new_and_asks_for_a_reason(city):
    one = enter(city)
    office = city.people["office"]
    with pytest.raises(DomainError):
        services.change(office, one, {"phone": "1"}, reason=" ")
    services.change(office, one, {"phone": "0350-1"}, reason="来电更正", seen_version=1)
    with pytest.raises(Conflict):
        services.change(office, one, {"phone": "0350-2"}, reason="再改", seen_version=1)
    one.refresh_from_db()
    assert (one.phone, one.version) == ("0350-1", 2)
    newest = Change.objects.first()
    assert (newest.changes, newest.reason, newest.row_version) == ({"phone": ["", "0350-1"]}, "来电更正", 2)
    services.change(office, one, {"phone": "0350-1"}, reason="同样")
    assert Change.objects.count() == 2


def test_the_same_form_twice_is_done_once(city):
    office = city.people["office"]
    first = services.enter(office, "enterprise", {"name": "甲"}, reason="普查", key="k1")
    assert services.enter(office, "enterprise", {"name": "甲"}, reason="普查", key="k1") == first
    with pytest.raises(Conflict):
        services.enter(city.people["dept"], "enterprise", {"name": "甲"}, reason="普查", key="k1")
    assert Enterprise.objects.count() == 1


def test_the_position_decides_the_area(shapes):
    one = enter(shapes, lon=113.5, lat=38.5, datum="WGS-84", area="990001")
    assert (one.area.code, one.area_basis, one.area_said) == ("990002", "point", "990001")
    services.change(shapes.people["office"], one, {"lon": 112.5}, reason="更正坐标")
    one.refresh_from_db()
    assert one.area.code == "990001"
    assert Change.objects.first().changes["area"] == ["990002", "990001"]


def test_without_a_datum_a_position_decides_nothing(shapes):
    one = enter(shapes, lon=113.5, lat=38.5, area="990001")
    assert (one.area.code, one.area_basis, one.wgs_lon) == ("990001", "said", None)
    services.change(shapes.people["office"], one, {"datum": "GCJ-02"}, reason="声明坐标系")
    one.refresh_from_db()
    assert one.area.code == "990002"
    assert 113.4 < one.wgs_lon < 113.5
    assert one.lon == 113.5


def test_rows_below_get_codes_and_refer_to_each_other(city):
    one, office = enter(city), city.people["office"]

    def add(kind, **values):
        return services.enter(office, kind, values, enterprise=one, reason="普查")

    line = add("line", name="一线")
    fan = add("equipment", name="窑", role="production", line=line.code)
    pump = add("equipment", name="泵", role="treatment")
    pair = add("pair", production=[fan.code], treatment=[pump.code])
    outlet = add("outlet", number="DA001", lines=[line.code])
    limit = add("limit", outlet=outlet.code, quantity="a34013", value=30.0)
    codes = [row.code for row in (line, fan, pump, pair, outlet, limit)]
    assert codes == ["E0001.L1", "E0001.P01", "E0001.T01", "E0001.R1", "E0001.DA001", "E0001.DA001.a34013.hour"]
    (plant,) = queries.plants()
    assert plant.pairs[0].production == ("E0001.P01",)
    assert plant.outlets[0].lines == ("E0001.L1",)
    assert plant.outlets[0].limits[0].value == 30


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("equipment", {"name": "x", "role": "production", "line": "E0002.L1"}, "line"),
        ("equipment", {"name": "x", "role": "production", "line": "nobody"}, "line"),
        ("equipment", {"name": "x", "role": "production", "off_kw": 9.0, "run_kw": 1.0}, "off_kw"),
        ("pair", {"production": ["E0001.P01"], "treatment": ["E0001.P01"]}, "treatment"),
        ("pair", {"production": [], "treatment": ["E0001.T01"]}, "production"),
        ("order", {"kind": "limit", "start": "2020-05-01T00:00+08:00"}, "share"),
        ("order", {"kind": "stop", "start": "2020-05-01T00:00+08:00", "subjects": ["E0002.P01"]}, "subjects"),
        ("boiler", {"fuel": "coal"}, "capacity_th"),
        ("outlet", {"number": "DA001"}, "number"),
        ("outlet", {"code": "E0001.P01", "number": "DA9"}, "code"),
        ("meter", {"point": "E0002.P01"}, "point"),
        (
            "permit",
            {"number": "1", "kind": "permit", "issued_on": "2020-05-01", "expires_on": "2020-04-01"},
            "expires_on",
        ),
    ],
)
def test_rows_that_cannot_be_are_refused(city, kind, values, field):
    one = make_plant("E0001")
    make_plant("E0002", "乙厂")
    with pytest.raises(DomainError) as caught:
        services.enter(city.people["office"], kind, values, enterprise=one, reason="普查")
    assert caught.value.field == field


def test_a_row_ends_and_is_taken_up_again(city):
    make_plant()
    row, office = Equipment.objects.get(code="E0001.T01"), city.people["office"]
    with pytest.raises(Unlawful):
        services.reopen(office, row, reason="x")
    services.end(office, row, until=dt.date(2020, 6, 1), reason="拆除")
    row.refresh_from_db()
    with pytest.raises(Unlawful):
        services.end(office, row, until=dt.date(2020, 7, 1), reason="拆除")
    services.reopen(office, row, reason="误报")
    assert [c.act for c in Change.objects.filter(row=row.pk, kind="equipment")] == ["reopen", "end"]


def test_who_may_change_what(city):
    mine = make_plant("E0001", "青川砖厂", area=city.areas[0])
    other = make_plant("E0002", "乙厂", area=city.areas[1])
    for who in ("office", "dept", "county"):
        services.change(city.people[who], mine, {"phone": who}, reason="更正")
    for who, one in [
        ("county", other),
        ("county2", mine),
        ("town", mine),
        ("enterprise", mine),
        ("inspector", mine),
        ("public", mine),
    ]:
        with pytest.raises(NotAllowed):
            services.change(city.people[who], one, {"phone": who}, reason="更正")
    line = Line.objects.get(enterprise=other)
    with pytest.raises(NotAllowed):
        services.change(city.people["county"], line, {"name": "x"}, reason="更正")


def test_a_county_neither_enters_nor_moves_an_enterprise_elsewhere(city):
    with pytest.raises(NotAllowed):
        enter(city, who="county", area="990002")
    mine = enter(city, who="county", area="990001")
    with pytest.raises(NotAllowed):
        services.change(city.people["county"], mine, {"area": "990002"}, reason="搬迁")
    mine.refresh_from_db()
    assert mine.area.code == "990001"


PLANT = facts.Plant(
    code="T0001", name="演示锻造", industry="forging", grade="B", area="990001", lon=112.5, lat=38.5, synthetic=True,
    lines=(facts.Line("T0001.L1", "一线", "锻造"),),
    equipment=(
        facts.Equipment("T0001.P01", "加热炉", "production", "heating_furnace", "T0001.L1", 200, 10, 40),
        facts.Equipment("T0001.T01", "除尘", "treatment", "baghouse", "T0001.L1", 55, 3, 20),
    ),
    pairs=(facts.Pair("T0001.R1", ("T0001.P01",), ("T0001.T01",), "any", 5, 15),),
    outlets=(
        facts.Outlet(
            "T0001.DA001", "加热炉烟囱", "加热", ("T0001.L1",), 9.0, "sncr",
            (facts.Limit("a21002", 200, source="许可", clause="表1", valid_from=dt.date(2020, 1, 1)),),
        ),
    ),
    orders=(facts.Order("T0001.O1", "stop", dt.datetime(2020, 5, 1, tzinfo=dt.UTC), None, ("T0001.L1",)),),
)  # fmt: skip


def test_plants_of_a_program_come_back_as_they_were(city):
    done = services.take_plants(None, [PLANT], source="twin")
    assert (done.created, done.updated) == (8, 0)
    assert queries.plants(at=dt.date(2020, 6, 1)) == (PLANT,)
    again = services.take_plants(None, [PLANT], source="twin")
    assert (again.created, again.updated, again.same) == (0, 0, 8)
    changed = replace(PLANT, grade="A", pairs=(replace(PLANT.pairs[0], lag_minutes=20),))
    assert services.take_plants(None, [changed], source="twin").updated == 2
    assert queries.plants(at=dt.date(2020, 6, 1)) == (changed,)
    assert Outlet.objects.get().monitored


def test_taking_plants_asks_for_a_role_and_sound_facts(city):
    with pytest.raises(NotAllowed):
        services.take_plants(city.people["inspector"], [PLANT])
    with pytest.raises(NotAllowed):
        services.take_plants(city.people["county2"], [PLANT])
    with pytest.raises(DomainError, match="T0001"):
        services.take_plants(None, [replace(PLANT, grade="nonsense")])
    with pytest.raises(DomainError):
        services.take_plants(None, [replace(PLANT, area="000000")])
    services.take_plants(city.people["county"], [PLANT], source="twin")
    assert make_enterprise("E9").pk


def test_taking_many_plants_takes_few_queries(city, django_assert_max_num_queries):
    many = [
        replace(PLANT, code=f"T{n:04}", lines=(), equipment=(facts.Equipment(f"T{n:04}.P01", "炉", "production"),), pairs=(),
                outlets=(), orders=())
        for n in range(100)
    ]  # fmt: skip
    with django_assert_max_num_queries(30):
        services.take_plants(None, many, source="twin")
