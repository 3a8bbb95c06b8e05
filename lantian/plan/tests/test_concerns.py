"""A measure whose subject names areas is a duty of these areas only."""

from __future__ import annotations

import pytest

from lantian.kit.errors import DomainError
from lantian.plan.models import Assignment, Measure
from lantian.plan.rules import partition
from lantian.plan.services.adoption import adopt
from lantian.plan.services.documents import import_document
from lantian.plan.services.review import accept_all, edit

pytestmark = pytest.mark.django_db

PLAN = """青川市2020年蓝天计划

青政办发〔2020〕9号

一、重点任务

1. 整治锅炉。甲县要于2020年6月底前拆除全部燃煤锅炉。其他县要于2020年9月底前完成排查。\
各县每月上报进展。（市生态环境局牵头，各县人民政府、青川经济开发区负责落实）
"""


@pytest.fixture
def version(city):
    return import_document(city.people["office"], PLAN.encode(), kind="city_plan", place=city.city, name="plan.txt")


def holders(part: str) -> set[str]:
    return set(Assignment.objects.filter(measure__text__contains=part).values_list("place__name", flat=True))


def test_duties_go_to_the_areas_that_the_subject_names(city, version):
    office = city.people["office"]
    accept_all(office, version, confidence=0.0)
    version.refresh_from_db()
    adopt(office, version)
    everybody = {area.name for area in city.areas}
    assert holders("拆除全部") == {"甲县"}
    assert holders("完成排查") == everybody - {"甲县"}
    assert holders("每月上报") == everybody


def test_a_person_can_say_which_areas_a_measure_concerns(city, version):
    measure = Measure.objects.get(clause__task__version=version, text__contains="每月上报")
    edit(city.people["office"], measure, {"concerns": ["乙县"]})
    measure.refresh_from_db()
    assert measure.concerns == ["乙县"]
    with pytest.raises(DomainError) as refused:
        edit(city.people["office"], measure, {"concerns": ["无此县"]})
    assert refused.value.field == "concerns"


def test_joined_measures_concern_all_as_soon_as_one_does():
    one = {"start": 0, "end": 5, "nature": "task", "confidence": 1, "periods": [], "fields": [], "targets": []}
    one |= {name: [] for name in partition.LISTS}
    assert partition.joined(one | {"concerns": ["甲县"]}, one | {"concerns": []})["concerns"] == []
    assert partition.joined(one | {"concerns": ["甲县"]}, one | {"concerns": ["乙县"]})["concerns"] == ["甲县", "乙县"]
