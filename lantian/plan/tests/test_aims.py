"""The aims of a plan: numbers outside its tasks, each with its indicator or plainly without."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import LoadedPack
from lantian.indicators.context import Context
from lantian.indicators.coverage import coverage
from lantian.indicators.tests.samples import definition, say
from lantian.indicators.value import ReasonCode
from lantian.plan.computed import goal_rows
from lantian.plan.models import Assignment, DocumentVersion, Measure
from lantian.plan.services.adoption import adopt
from lantian.plan.services.bindings import bind_version
from lantian.plan.services.documents import import_document
from lantian.plan.services.review import accept_all

pytestmark = pytest.mark.django_db

PLAN = """青川市2020年蓝天计划

青政办发〔2020〕9号

一、总体目标

2020年，全市细颗粒物（PM2.5）年均浓度控制在31微克/立方米以内，优良天数比例不低于82%。甲县、乙县空气质量排名前移。

二、重点任务

1. 整治锅炉。2020年9月底前，完成12台锅炉整治。（市生态环境局牵头，各县人民政府、青川经济开发区负责落实）
"""
COUNTY = PLAN.replace("青川市", "甲县").replace("31微克", "30微克").replace("各县人民政府、青川经济开发区", "第一镇")
SERIES = [
    definition("pm25_mean", "µg/m3", direction="down", frequency="year", supplied_by="air"),
    definition("rank_gain", "名", frequency="year", supplied_by="air", decimals=0),
]


def binding(key: str, quote: str, indicator: str, **more):
    return {
        "id": key, "document": "plan", "task": None, "quote": quote, "form": "word", "value": None, "unit": "",
        "indicator": indicator, "comparator": "<=", "target": "31", "target_unit": "µg/m3", "nature": "binding",
        "areas": [], "note": "",
    } | more  # fmt: skip


BINDINGS = [
    binding("pm25", "年均浓度控制在31微克/立方米以内", "pm25_mean", form="value", value="31", unit="µg/m3"),
    binding("rank", "甲县、乙县空气质量排名前移", "rank_gain", comparator=">", target="0", target_unit="名",
            nature="striving", areas=["990001", "990002"]),
]  # fmt: skip


@pytest.fixture
def plan(city):
    office = city.people["office"]
    with clock.travel(dt.date(2020, 6, 20)):
        version = import_document(office, PLAN.encode(), kind="city_plan", place=city.city, name="plan.txt")
        accept_all(office, version, confidence=0)
        version.refresh_from_db()
        adopt(office, version)
        LoadedPack.objects.update(indicators=SERIES, bindings=BINDINGS)
        bind_version(version)
        version.refresh_from_db()
        yield version


@pytest.fixture
def county_plan(city, plan):
    return import_document(
        city.people["county"], COUNTY.encode(), kind="county_plan", place=city.areas[0], serves=plan.document,
        name="county.txt",
    )  # fmt: skip


def browser(login, person):
    found = login(person)
    found.cookies["lantian_language"] = "en"
    return found


def test_the_readers_goals_are_kept_beside_the_tasks(plan):
    assert [len(goal["targets"]) for goal in plan.goals] == [1, 1]
    assert not Measure.objects.filter(text__contains="PM2.5").exists()


def test_each_aim_has_its_indicator_or_says_that_it_has_none(plan, city):
    say(city.people["office"], "pm25_mean", city.city, "2020", "40")
    rows = goal_rows(scope_of(city.people["office"]), Context())
    found = [(row.indicator.code if row.indicator else "", row.stated, row.nature) for row in rows]
    assert found == [
        ("pm25_mean", "", "binding"), ("", "优良天数比例 ≥ 82 %", "binding"), ("rank_gain", "", "striving"),
    ]  # fmt: skip
    assert rows[0].city.verdict == "not_met"
    assert [cell.place for cell in rows[2].areas] == city.areas[:2]
    assert rows[2].areas[0].computed.reason.code == ReasonCode.NO_DATA_YET


def test_coverage_lists_the_aims_and_counts_the_unbound_ones(plan):
    rows = [row for row in coverage(Context()) if not row.line.measure]
    assert [(row.line.indicator, row.line.bound, row.is_gap) for row in rows] == [
        ("pm25_mean", True, False), ("", False, True), ("rank_gain", True, False),
    ]  # fmt: skip
    assert rows[1].line.wanted == "优良天数比例 ≥ 82 %"
    assert rows[0].line.url == reverse("plan:targets") + "#aim-pm25"
    assert rows[1].line.url == reverse("plan:targets")


def test_nobody_has_an_assignment_of_an_aim(plan):
    assert set(Assignment.objects.values_list("measure__clause__task__number", flat=True)) == {"1"}


def test_the_page_and_the_panel_of_the_tree_show_them(plan, city, login):
    visitor = browser(login, city.people["office"])
    tree = visitor.get(reverse("plan:tree")).text
    address = f"{reverse('plan:targets')}?version={plan.pk}"
    assert f'hx-get="{address}"' in tree
    panel = visitor.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in panel
    assert "Indicator pm25_mean" in panel
    assert "优良天数比例 ≥ 82 %" in panel
    page = visitor.get(address).text
    assert "1 number of the aims is bound to no indicator" in page
    assert 'id="aim-rank"' in page


def test_a_countys_own_aims_are_shown_of_its_plan(plan, county_plan, city, login):
    assert [goal["targets"][0]["value"] for goal in county_plan.goals] == [30, 82]
    address = f"{reverse('plan:targets')}?version={county_plan.pk}"
    visitor = browser(login, city.people["county"])
    assert f'href="{address}"' in visitor.get(reverse("plan:county_plan", args=[county_plan.pk])).text
    page = visitor.get(address).text
    assert "≤ 30 ug/m3" in page
    assert "pm25_mean" not in page
    assert browser(login, city.people["county2"]).get(address).status_code == 404
    assert [row for row in coverage(Context()) if "30 ug" in row.line.wanted] == []


def test_the_page_costs_a_constant_number_of_queries(plan, city, django_assert_max_num_queries):
    scope = scope_of(city.people["office"])
    with django_assert_max_num_queries(14):
        goal_rows(scope, Context())


def test_old_texts_get_their_goals(plan):
    import importlib

    from django.apps import apps

    DocumentVersion.objects.update(goals=[])
    importlib.import_module("lantian.plan.migrations.0008_goals_of_a_text").fill(apps, None)
    plan.refresh_from_db()
    assert [goal["targets"][0]["value"] for goal in plan.goals] == [31, 82]
