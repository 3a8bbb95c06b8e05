"""The register's indicators: counted by hand here, with n, what is partial, as of a day, and the reasons where nothing is known."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from lantian.city import clock
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.queries import current, evaluate
from lantian.indicators.registry import registry
from lantian.indicators.services import Statement, enter_value
from lantian.indicators.value import ReasonCode, Verdict, compare
from lantian.sources.figures import RULES
from lantian.sources.models import Boiler, Chp, Furnace, Outlet, Permit, Solvent, Work
from lantian.sources.rules.geo import circle
from lantian.sources.tests.builders import make_enterprise
from tests.builders import make_city

pytestmark = pytest.mark.django_db
TODAY = dt.date(2020, 9, 30)
AT = (112.7, 38.4)


@pytest.fixture
def town(tmp_path, settings):
    settings.LANTIAN_DATA = tmp_path
    with clock.travel(TODAY):
        yield make_city()


def at(metres: float, bearing: int = 0) -> dict:
    """A position so far from the plant, as a row holds it."""
    lon, lat = circle(*AT, metres, corners=4)[bearing // 90]
    return {"lon": lon, "lat": lat, "datum": "WGS-84", "wgs_lon": lon, "wgs_lat": lat}


def boiler(firm, code: str, **values) -> Boiler:
    given = {"capacity_th": 6.0, "fuel": "coal", "purpose": "heating", **values}
    return Boiler.objects.create(enterprise=firm, code=code, name=f"锅炉{code}", **given)


def now(code: str, place, day: dt.date = TODAY):
    return evaluate(code, place, periods.to_date(day), Context(today=TODAY))


def test_every_entry_of_the_file_is_an_indicator_with_a_rule() -> None:
    mine = [one for one in registry if one.supplied_by == "sources"]
    assert len(mine) == 21
    assert all(one.computes and one.by_hand and one.low == 0 for one in mine)
    assert {one.unit for one in mine} == {"台", "%", "家"}
    assert len(RULES) == 17


def test_an_empty_register_says_so_and_never_zero(town) -> None:
    for one in registry:
        if one.supplied_by == "sources":
            for place in (town.city, town.areas[0]):
                value = current(one.code, place, Context())
                assert value.number is None, one.code
                assert str(value.reason)
                assert value.reason.code != ReasonCode.BROKEN, one.code


def test_small_coal_boilers_are_counted_at_the_end_of_the_day(town) -> None:
    firm = make_enterprise(area=town.areas[0])
    boiler(firm, "B1", capacity_th=10.0)
    boiler(firm, "B2", capacity_th=None, capacity_mw=7.0)
    boiler(firm, "B3", capacity_th=10.1)
    boiler(firm, "B4", capacity_th=None, capacity_mw=7.1)
    boiler(firm, "B5", fuel="gas")
    boiler(firm, "B6", removed_on=dt.date(2020, 9, 30))
    boiler(firm, "B7", removed_on=dt.date(2020, 10, 1))
    boiler(firm, "B8", installed_on=dt.date(2020, 10, 1))
    boiler(firm, "B9", until=dt.date(2020, 9, 29))
    value = now("coal_boilers_10t_left", town.areas[0])
    assert (value.number, value.n, value.n_expected, value.partial) == (3, 5, 5, False)
    assert [ref.label.split("锅炉")[-1] for ref in value.lineage[1:]] == ["B1", "B2", "B7"]
    assert compare(value, "==", Decimal(0)) is Verdict.NOT_MET
    assert any(note.code == "synthetic" for note in value.notes)
    the_day_before = now("coal_boilers_10t_left", town.areas[0], dt.date(2020, 9, 29))
    assert the_day_before.number == 5  # B6 stood until then, B9 counted until then
    assert now("coal_boilers_10t_left", town.city).number == 3
    assert now("coal_boilers_10t_left", town.areas[1]).reason.code == ReasonCode.NO_DATA_YET


def test_a_county_whose_boilers_are_all_gone_has_zero(town) -> None:
    boiler(make_enterprise(area=town.areas[0]), "B1", removed_on=dt.date(2020, 5, 1))
    value = now("coal_boilers_10t_left", town.areas[0])
    assert (value.number, value.n) == (0, 0)
    assert compare(value, "==", Decimal(0)) is Verdict.MET


def test_boilers_within_fifteen_kilometres_of_a_large_plant(town) -> None:
    one, two = (
        make_enterprise("E1", area=town.areas[0]),
        make_enterprise("E2", "乙", area=town.areas[1], **at(14_000, 90)),
    )
    plant = make_enterprise("E9", "热电厂", area=town.areas[2])
    boiler(one, "B1", **at(14_999))
    assert now("coal_boilers_near_chp_left", town.city).reason.code == ReasonCode.NO_DATA_YET  # no plant is known
    Chp.objects.create(enterprise=plant, code="H1", unit_mw=150, total_mw=300, **at(0))
    boiler(one, "B2", **at(15_001))
    boiler(one, "B3", purpose="industry", **at(100))
    boiler(one, "B4", purpose="both", **at(15_000 - 0.01, 180))
    boiler(two, "B5")  # stands where its enterprise stands
    value = now("coal_boilers_near_chp_left", town.areas[0])
    assert (value.number, value.n, value.n_expected, value.partial) == (2, 3, 3, False)
    assert now("coal_boilers_near_chp_left", town.city).number == 3
    boiler(one, "B6")  # nobody knows where
    open_ = now("coal_boilers_near_chp_left", town.areas[0])
    assert (open_.number, open_.n, open_.n_expected, open_.partial) == (2, 3, 4, True)
    assert compare(open_, "==", Decimal(0)) is Verdict.UNKNOWN


def test_a_plant_below_the_power_or_without_a_position_decides_nothing(town) -> None:
    firm = make_enterprise("E1", area=town.areas[0])
    boiler(firm, "B1", **at(1000))
    plant = make_enterprise("E9", "小热电", area=town.areas[0])
    Chp.objects.create(enterprise=plant, code="H1", unit_mw=135, total_mw=299.9, **at(0))
    assert (
        now("coal_boilers_near_chp_left", town.city).number,
        now("coal_boilers_near_chp_left", town.city).partial,
    ) == (0, False)
    Chp.objects.create(enterprise=plant, code="H2", unit_mw=350, total_mw=700)
    value = now("coal_boilers_near_chp_left", town.city)
    assert (value.number, value.partial) == (0, True)
    assert any(note.code == "position" for note in value.notes)
    Chp.objects.create(enterprise=plant, code="H3", unit_mw=350, total_mw=700, started_on=dt.date(2021, 1, 1), **at(0))
    assert now("coal_boilers_near_chp_left", town.city).number == 0
    Chp.objects.create(enterprise=plant, code="H4", unit_mw=350, total_mw=700, **at(0))
    Chp.objects.create(enterprise=plant, code="H5", name="小热电", unit_mw=12, total_mw=24, **at(5000))
    value = now("coal_boilers_near_chp_left", town.city)
    assert value.number == 1
    assert "小热电" in next(str(note.text) for note in value.notes if note.code == "small")


def draw(tmp_path, monkeypatch, *features) -> None:
    """A pack's folder with zones, as the pack in force."""
    (tmp_path / "zones.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "datum": "WGS-84", "features": list(features)}), encoding="utf-8"
    )
    monkeypatch.setattr("lantian.sources.spatial._pack_root", lambda: tmp_path)


def square(code: str, kind: str, west: float, south: float, side: float, **more: str) -> dict:
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    said = {"code": code, "kind": kind, "name_zh": code, "name_en": code, "source": "文件", **more}
    return {"type": "Feature", "properties": said, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def test_boilers_in_zones_and_the_share_of_the_built_up_area(town, tmp_path, monkeypatch) -> None:
    code = town.areas[0].code
    draw(
        tmp_path, monkeypatch,
        square("Z1", "built_up", 112.6, 38.3, 0.2, area=code),
        square("Z2", "no_coal", 112.6, 38.3, 0.0999, area=code, since="2020-09-30"),
        square("Z3", "planning", 112.5, 38.2, 0.4),
    )  # fmt: skip
    firm = make_enterprise("E1", area=town.areas[0], industry="casting", grade="C", **at(0))
    make_enterprise("E2", "乙", area=town.areas[0], industry="casting", grade="B", **at(0))
    make_enterprise("E3", "丙", area=town.areas[0], industry="casting", grade="D", **at(90_000))
    make_enterprise("E4", "丁", area=town.areas[0], industry="brick", grade="D", **at(0))
    boiler(firm, "B1")
    boiler(firm, "B2", wgs_lon=112.65, wgs_lat=38.35, lon=112.65, lat=38.35, datum="WGS-84")
    boiler(firm, "B3", wgs_lon=113.5, wgs_lat=38.35, lon=113.5, lat=38.35, datum="WGS-84")
    assert now("coal_boilers_built_up_left", town.areas[0]).number == 2
    assert now("coal_boilers_no_coal_zone_left", town.areas[0]).number == 1
    before = now("coal_boilers_no_coal_zone_left", town.areas[0], dt.date(2020, 9, 29))
    assert before.reason.code == ReasonCode.NO_DATA_YET
    assert now("coal_boilers_built_up_left", town.areas[1]).number is None
    share = now("no_coal_zone_share", town.areas[0])
    assert float(share.number) == pytest.approx(25, abs=0.1)
    assert now("no_coal_zone_share", town.areas[0], dt.date(2020, 9, 29)).number == 0
    left = now("plants_below_grade_b_left", town.city)
    assert (left.number, left.n, left.partial) == (1, 3, False)
    assert now("plants_below_grade_b_left", town.areas[0]).reason.code == ReasonCode.NOT_HERE


def test_gas_boilers(town) -> None:
    firm = make_enterprise(area=town.areas[0])
    boiler(firm, "B1", fuel="coal")
    assert now("gas_boiler_low_nox_share", town.areas[0]).reason.code == ReasonCode.NOTHING_TO_COUNT
    for at_, low in enumerate((True, True, False)):
        boiler(firm, f"G{at_}", fuel="gas", low_nox=low)
    boiler(firm, "G9", fuel="gas", low_nox=False, removed_on=TODAY)
    value = now("gas_boiler_low_nox_share", town.areas[0])
    assert (round(float(value.number), 2), value.n) == (66.67, 3)


def test_permit_coverage(town) -> None:
    def firm(code: str, need: str = "permit", **values):
        return make_enterprise(code, f"厂{code}", area=town.areas[0], permit_need=need, **values)

    def permit(one, kind: str = "permit", **values) -> None:
        given = {"issued_on": dt.date(2020, 1, 1), "expires_on": dt.date(2022, 12, 31), **values}
        Permit.objects.create(enterprise=one, code=f"K{one.code}", number="1", kind=kind, **given)

    permit(firm("E1"))
    permit(firm("E2"), "registration")
    permit(firm("E3"), expires_on=dt.date(2020, 9, 29))
    permit(firm("E4", ""), "simple")
    firm("E5", "registration")
    firm("E6", "none")
    firm("E7", state="closed", state_since=TODAY)
    firm("E8", state="building")
    value = now("permit_coverage", town.areas[0])
    assert (value.number, value.n) == (40, 5)
    assert any(note.code == "open" for note in value.notes)
    assert [ref.id for ref in value.lineage[1:]] == ["E2", "E3", "E5"]
    assert (
        round(float(now("permit_coverage", town.areas[0], dt.date(2020, 9, 29)).number), 1) == 50
    )  # E3 and E7 still count


def test_scattered_polluters_are_finished_with_every_proof(town) -> None:
    def firm(code: str, cls: str):
        return make_enterprise(code, f"厂{code}", area=town.areas[0], scattered=cls)

    def work(one, programme: str, *proofs: str, **values) -> None:
        Work.objects.create(
            enterprise=one, code=f"W{one.code}", programme=programme, proofs=list(proofs), done_on=TODAY, **values
        )

    cuts = ("water", "power", "materials", "products", "equipment")
    work(firm("E1", "close"), "close", *cuts)
    work(firm("E2", "close"), "close", *cuts[:4])
    work(firm("E3", "upgrade"), "close", *cuts)  # proven for another class
    firm("E4", "move")
    firm("E5", "")
    firm("E6", "no")
    assert now("scattered_done_share", town.areas[0]).number == 25
    assert now("scattered_closed_share", town.areas[0]).number == 50
    left = now("scattered_left", town.areas[0])
    assert (left.number, left.n) == (3, 4)
    assert any(note.code == "open" and "1" in str(note.text) for note in left.notes)
    assert now("scattered_left", town.areas[0], dt.date(2020, 9, 29)).number == 4


def test_ultra_low_works_and_clusters(town) -> None:
    for at_, industry in enumerate(("steel", "pellet", "coking", "casting")):
        firm = make_enterprise(f"E{at_}", f"厂{at_}", area=town.areas[0], industry=industry)
        proofs = ["rebuilt", "assessed"] if industry != "pellet" else ["rebuilt"]
        Work.objects.create(enterprise=firm, code=f"W{at_}", programme="ultra_low_stack", proofs=proofs, done_on=TODAY)
        Work.objects.create(
            enterprise=firm, code=f"C{at_}", programme="cluster", group="集群", done_on=TODAY if at_ < 2 else None
        )
    assert (now("steel_ultra_low_done", town.city).number, now("steel_ultra_low_done", town.city).n) == (1, 2)
    assert now("steel_ultra_low_share", town.areas[0]).number == 50
    assert now("coking_ultra_low_share", town.areas[0]).number == 100
    assert now("cluster_done_share", town.areas[0]).number == 50
    assert now("casting_done_share", town.areas[0]).number == 0


def test_furnaces(town) -> None:
    firm = make_enterprise(area=town.areas[0])

    def furnace(code: str, kind: str, size: float | None = None, path: str = "", done: dt.date | None = None) -> None:
        Furnace.objects.create(enterprise=firm, code=code, kind=kind, size_m=size, path=path, done_on=done)

    furnace("F1", "coke_oven", 4.3)
    furnace("F2", "coke_oven", 4.3, "eliminate", TODAY)
    furnace("F3", "coke_oven", 4.3, "treat", TODAY)
    furnace("F4", "coke_oven", 6.0)
    value = now("coke_ovens_4_3m_left", town.areas[0])
    assert (value.number, value.n, value.n_expected) == (2, 3, 3)
    assert now("coke_ovens_4_3m_left", town.areas[0], dt.date(2020, 9, 29)).number == 3
    furnace("F5", "coke_oven")
    assert now("coke_ovens_4_3m_left", town.areas[0]).partial
    furnace("G1", "gas_producer", 2.9)
    furnace("G2", "gas_producer", 3.0)
    furnace("G3", "single_stage")
    furnace("G4", "gas_producer", 2.0, "replace", TODAY)
    assert now("gas_producers_3m_left", town.areas[0]).number == 2
    assert now("kiln_done_share", town.areas[0]).number == 100
    furnace("K1", "brick_kiln", path="treat")
    assert now("kiln_done_share", town.areas[0]).number == 75


def test_ammonia_meters_and_solvents(town) -> None:
    firm = make_enterprise(area=town.areas[0])
    for at_, (denitration, meter) in enumerate([("scr", "yes"), ("sncr", "no"), ("", ""), ("scr+sncr", "")]):
        Outlet.objects.create(enterprise=firm, code=f"DA{at_}", denitration=denitration, ammonia_meter=meter)
    value = now("ammonia_monitor_share", town.areas[0])
    assert (value.number, value.n, value.n_expected, value.partial) == (50, 2, 3, True)
    for quarter, used, low in ((1, 10, 9), (2, 30, 15), (4, 50, 0)):
        first = dt.date(2020, 3 * quarter - 2, 1)
        Solvent.objects.create(
            enterprise=firm, code=f"V{quarter}", material="coating", used_t=used, low_t=low,
            since=first, until=periods.quarter(first).end,
        )  # fmt: skip
    assert now("low_voc_share", town.areas[0]).number == 60
    third = evaluate("low_voc_share", town.areas[0], periods.parse("2020-Q3"), Context(today=TODAY))
    assert third.reason.code == ReasonCode.NO_ENTRY


def say(town, place, value: int, period: str = "2020-09") -> None:
    office, said = town.people["office"], Statement(Decimal(value))
    enter_value(office, "coal_boilers_10t_left", place, periods.parse(period), said)


def test_what_people_entered_stands_beside_or_instead(town) -> None:
    one, other = town.areas[:2]
    for place in town.areas:
        say(town, place, 4)
    instead = now("coal_boilers_10t_left", other)
    assert (instead.number, [note.code for note in instead.notes][-1]) == (4, "stated")
    assert now("coal_boilers_10t_left", town.city).number == 4 * len(town.areas)  # the areas' entries, pooled
    boiler(make_enterprise(area=one), "B1")
    computed = now("coal_boilers_10t_left", one)
    assert computed.number == 1
    assert [note.code for note in computed.notes if note.code in ("stated", "disagreement")] == ["disagreement"]
    assert now("coal_boilers_10t_left", town.city).number == 1


def test_the_register_is_read_once_for_all_areas(town, django_assert_max_num_queries) -> None:
    boiler(make_enterprise(area=town.areas[0]), "B1")
    context = Context(today=TODAY)
    context.preload(["coal_boilers_10t_left"], periods.to_date(TODAY))
    with django_assert_max_num_queries(7):
        for place in (town.city, *town.areas):
            evaluate("coal_boilers_10t_left", place, periods.to_date(TODAY), context)
