"""The plan of Xinzhou read once, with its pack and without, and an invented city for all other examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from lantian.city.gazetteer import AgencyName, AreaName, Gazetteer
from lantian.plan.reading import ParsedPlan, SourceText, read_plan, read_source

PLAN = Path(__file__).parents[4] / "cities" / "xinzhou" / "plan.txt"


@pytest.fixture(scope="session")
def xinzhou_source() -> SourceText:
    return read_source(PLAN)


@pytest.fixture(scope="session")
def xinzhou_names() -> Gazetteer:
    from lantian.city.pack import find_pack, load_pack

    return load_pack(find_pack("xinzhou")).names


@pytest.fixture(scope="session")
def xinzhou(xinzhou_source, xinzhou_names) -> ParsedPlan:
    return read_plan(xinzhou_source, xinzhou_names)


@pytest.fixture(scope="session")
def xinzhou_without_pack(xinzhou_source) -> ParsedPlan:
    return read_plan(xinzhou_source)


@pytest.fixture(scope="session")
def city() -> Gazetteer:
    """An invented city: two counties and a district, a zone, a scenic area, heating from 1 November."""
    return Gazetteer.national().with_city(
        city_name="云阳市",
        agencies=[AgencyName("云阳供电公司", ("国网云阳供电公司",), "company")],
        areas=[
            AreaName("东山区", "990102", "district"),
            AreaName("西河县", "990121", "county"),
            AreaName("南岭县", "990122", "county"),
            AreaName("云湖风景名胜区", "990180", "scenic", ("云湖景区",)),
            AreaName("云阳经济开发区", "990181", "zone", ("云阳经开区",)),
        ],
        heating_season=("11-01", "03-31"),
    )
