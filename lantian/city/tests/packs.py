"""Small packs made in memory, for tests of what is done with a pack."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

from shapely import Polygon

from lantian.city.gazetteer import AgencyName, AreaName, EnterpriseName, Gazetteer
from lantian.city.gazetteer import HeatingSeason as SeasonName
from lantian.city.pack.calendar import Calendar, Dispatch, HeatingSeason, Publicity
from lantian.city.pack.model import Agency, CityPack, DemoUser, Enterprise, Meta, Place, Places
from lantian.city.pack.schedule import national_thresholds
from lantian.standards.tables import Confidence

SURE = Confidence.RECALLED_HIGH
SQUARE = Polygon([(112, 38), (113, 38), (113, 39), (112, 39)])
PLACES = (
    Place("990000", "city", "city", "青川市", "Qingchuan", None),
    Place("990001", "county", "county", "甲县", "Jia", "990000", ("甲",), SQUARE),
    Place("9900K1", "zone", "zone", "青川经济开发区", "Zone", "990000", inside="990001", local_code=True),
    Place("990001100000", "town", "town", "第一镇", "", "990001"),
    Place("990001100001", "village", "village", "第一村", "", "990001100000"),
)
AGENCIES = (
    Agency("生态环境局", "青川市生态环境局", "Ecology Bureau", "department", "990000", ("市大气办",)),
    Agency("经委", "青川市经济委员会", "Economy Commission", "department", "990000", until=2019, successor="工信局"),
    Agency("工信局", "青川市工业和信息化局", "Industry Bureau", "department", "990000"),
)
PEOPLE = (
    DemoUser("bangong", "王办", "Wang", "office"),
    DemoUser("huanbao", "李环", "Li", "department", agency="生态环境局"),
    DemoUser("jiaxian", "赵甲", "Zhao", "county", place="990001"),
    DemoUser("zhuanchang", "钱砖", "Qian", "enterprise", place="990001", enterprise="青川砖厂"),
    DemoUser("guanli", "孙管", "Sun", "admin"),
)


def small_pack(
    *, places: tuple[Place, ...] = PLACES, agencies: tuple[Agency, ...] = AGENCIES, **changes: Any
) -> CityPack:
    """Return a pack of 青川市 with one county, one zone, one town, one village and three agencies."""
    brickworks = Enterprise("青川砖厂", "Qingchuan brickworks", "990001")
    season = HeatingSeason((11, 1), (3, 31), None, None, "test", SURE)
    names = Gazetteer.national().with_city(
        city_name="青川市",
        agencies=[AgencyName(a.short, (a.full_name, *a.names), "department", a.until, a.successor) for a in agencies],
        areas=[AreaName("甲县", "990001", "county", ("甲",)), AreaName("青川经济开发区", "9900K1", "zone")],
        heating_season=SeasonName("11-01", "03-31", "test"),
        enterprises=[EnterpriseName("青川砖厂", (), "甲县")],
        issuer_marks=("青政办发",),
    )
    pack = CityPack(
        root=Path("nowhere"),
        meta=Meta("qingchuan", "1.0", "青川市", "Qingchuan", "990000", "某省", "Some", "zh-hans", ("青政办发",), ()),
        places=Places(places, (111.0, 37.0, 114.0, 40.0), "", ""),
        agencies=agencies,
        enterprises=(brickworks,),
        calendar=Calendar((season,), Dispatch(1, 25, 5, "test", SURE), Publicity(5, True, "test", SURE), (6, 7), ()),
        thresholds=national_thresholds(),
        escalation=(),
        indicators=(),
        documents=(),
        bindings=(),
        roles=(),
        demo_users=PEOPLE,
        names=names,
        sha256="a" * 64,
    )
    return dataclasses.replace(pack, **changes)


TODAY = dt.date(2020, 6, 20)
