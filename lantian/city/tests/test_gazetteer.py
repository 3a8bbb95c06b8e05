"""The gazetteer answers who is meant, with and without a city's own names."""

import doctest
import time

import pytest

from lantian.city import gazetteer
from lantian.city.gazetteer import AgencyName, AreaName, Gazetteer, HeatingSeason

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def national() -> Gazetteer:
    return Gazetteer.national()


@pytest.fixture
def city(national: Gazetteer) -> Gazetteer:
    return national.with_city(
        city_name="云阳市",
        agencies=[
            AgencyName("住房城乡建设局", ("住建局",)),
            AgencyName("云阳供电公司", ("国网云阳供电公司",), "company"),
            AgencyName("工信局", ("经济委",)),
        ],
        areas=[
            AreaName("东山区", "990102", "district"),
            AreaName("代县", "990103", "county"),
            AreaName("云湖风景名胜区", "990180", "scenic", ("云湖风景区",)),
            AreaName("云阳经济开发区", "990181", "zone", ("经开区",)),
        ],
        heating_season=("11-01", "03-31"),
    )


def test_documented_examples_run():
    assert doctest.testmod(gazetteer).failed == 0


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("市发改委", "发改委"),
        ("市发展改革委", "发改委"),
        ("发展和改革委员会", "发改委"),
        ("市发展和改革局", "发改局"),
        ("市审批局", "行政审批局"),
        ("市行政审批局", "行政审批局"),
        ("市 工业和\n信息化局", "工信局"),
        ("县生态环境局", "生态环境局"),
        ("潮州市住房城乡建设局", "住建局"),
        ("市委宣传部", "宣传部"),
        ("市清洁取暖领导小组成员单位", "清洁取暖领导小组成员单位"),
        ("市环保局", "环保局"),
    ],
)
def test_national_agencies(national, text, short):
    assert national.agency(text) == short


@pytest.mark.parametrize("text", ["", "市", "局", "大队", "各县人民政府", "某某公司"])
def test_unknown_agency_is_none(national, text):
    assert national.agency(text) is None


def test_every_national_alias_leads_to_its_own_entry(national):
    owners: dict[str, str] = {}
    for entry in national.agencies:
        for name in (entry.short, *entry.names):
            assert owners.setdefault(name, entry.short) == entry.short, name
    shorts = {entry.short for entry in national.agencies}
    assert {e.successor for e in national.agencies if e.successor} <= shorts


def test_city_wins_over_national_alias(city):
    assert city.agency("市住建局") == "住房城乡建设局"
    assert city.agency("云阳市住建局") == "住房城乡建设局"
    assert city.agency("国网云阳供电公司") == "云阳供电公司"


def test_city_entry_keeps_national_aliases_of_the_same_agency(city):
    assert city.agency("市经济委") == "工信局"
    assert city.agency("市工业和信息化局") == "工信局"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("东山区", "东山区"),
        ("东山", "东山区"),
        ("东山区人民政府", "东山区"),
        ("云阳市东山区", "东山区"),
        ("代县", "代县"),
        ("云湖风景区管委会", "云湖风景名胜区"),
        ("云阳经济开发区党工委、管委会", "云阳经济开发区"),
        ("经开区", "云阳经济开发区"),
    ],
)
def test_areas(city, text, name):
    assert city.area(text).name == name


def test_a_one_character_stem_is_no_area(city):
    assert city.area("代") is None


def test_all_areas_are_the_counties_unless_said_otherwise(city, national):
    assert city.all_areas == ("东山区", "代县")
    assert national.all_areas == ()
    chosen = national.with_city(areas=[AreaName("甲县"), AreaName("乙县")], all_areas=["乙县"])
    assert chosen.all_areas == ("乙县",)


def test_faults_are_named(national):
    with pytest.raises(ValueError, match="丙县"):
        national.with_city(areas=[AreaName("甲县")], all_areas=["丙县"])
    with pytest.raises(ValueError, match=r"甲局.*乙局|乙局.*甲局"):
        national.with_city(agencies=[AgencyName("甲局", ("同名局",)), AgencyName("乙局", ("同名局",))])
    with pytest.raises(ValueError, match="MM-DD"):
        HeatingSeason("11-1", "03-31")
    with pytest.raises(ValueError, match=r"short.*missing"):
        gazetteer.agency_from_table({"names": ["甲"]}, where="agencies.toml, agency 3")
    with pytest.raises(ValueError, match="kind"):
        gazetteer.agency_from_table({"short": "甲局", "kind": "bureau"})


def test_look_ups_are_quick(city):
    city.agency("市发改委")
    start = time.perf_counter()
    for _ in range(2000):
        city.agency("云阳市发展和改革委员会")
        city.area("云湖风景区管委会")
    assert time.perf_counter() - start < 1.0
