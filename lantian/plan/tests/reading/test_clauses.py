"""Responsibility clauses: who has which role, and which brackets are none."""

from __future__ import annotations

import pytest

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.clean import clean_document
from lantian.plan.reading.finding import find_clauses
from lantian.plan.reading.groups import RoleReader
from lantian.plan.reading.sources.base import SourceText

NATIONAL = Gazetteer.national()


def found(text: str, names: Gazetteer = NATIONAL):
    document = clean_document(SourceText(f"完成治理。{text}。"))
    return document, find_clauses(document.view, 0, len(document.view), names)


def roles(text: str, names: Gazetteer = NATIONAL):
    document, result = found(text, names)
    (clause,) = result.clauses
    return RoleReader(document, names, []).roles(clause)


@pytest.mark.parametrize(
    ("text", "lead", "cooperate", "each", "areas", "implement"),
    [
        ("（市工信局牵头，市发改委配合，各县（市、区）人民政府负责落实）", "工信局", "发改委", "", "all", "*"),
        (
            "(市工信局牵头,市发改委、市公安局等部门配合,各县<市、区>政府负责落实)",
            "工信局",
            "发改委 公安局",
            "",
            "all",
            "*",
        ),
        ("【市工信局牵头，市发改委参与】", "工信局", "发改委", "", "named", ""),
        ("〔市工信局牵头，市发改委参与，各县、区人民政府（管委会）负责落实〕", "工信局", "发改委", "", "all", "*"),
        ("[市公安局、市交通运输局按职责分别负责]", "", "", "公安局 交通运输局", "named", ""),
        ("（市住房和城乡建设局、市城市管理和综合执法局依职责负责）", "", "", "住建局 城市管理综合执法局", "named", ""),
        (
            "（市发改、工信、住建、公安等部门配合，各县（市、区）落实）",
            "",
            "发改委 工信局 住建局 公安局",
            "",
            "all",
            "*",
        ),
        ("（市公安局负责，市生态环境局配合）", "公安局", "生态环境局", "", "named", ""),
        ("（市城管局、各县区政府负责落实）", "", "", "城市管理局", "all", "*"),
        ("（市司法局会同市财政局组织实施，各乡镇人民政府配合）", "司法局", "财政局", "", "all", "*"),
        ("（市能源局牵头，相关县（市、区）人民政府负责落实）", "能源局", "", "", "some", ""),
        ("（甲县、乙县人民政府，云阳经济开发区管委会负责落实）", "", "", "", "named", "甲县 乙县 云阳经济开发区管委会"),
        ("（责任单位：市公安局，各县（市、区）人民政府）", "", "", "公安局", "all", "*"),
        ("（牵头单位：市城管局；配合单位：市住建局；责任单位：各区）", "城市管理局", "住建局", "", "all", "*"),
        ("（责任单位：市城管局；配合单位：市住建局）", "城市管理局", "住建局", "", "named", ""),
        ("（市发展和改革局、工业和信息化局牵头）", "发改局 工信局", "", "", "named", ""),
        ("（市生态环境局负总责，市公安局具体负责）", "生态环境局", "", "公安局", "named", ""),
        ("（市政府国资委、市委宣传部按职责分工负责）", "", "", "国资委 宣传部", "named", ""),
        ("（市公安局交警支队及各县(区)政府、高新区管委会落实）", "", "", "公安局交警支队", "all", "* 高新区管委会"),
        ("（各县区住建局、市生态环境局各分局落实）", "", "", "生态环境局各分局", "all", "*"),
        ("（县住建局、县交通局牵头，各镇（街道）落实）", "住建局 交通运输局", "", "", "all", "*"),
        ("（市自然资源局（林业局）牵头，沿江各县区政府参与）", "自然资源局", "", "", "some", ""),
        ("（落实单位：市工信局 市生态环境局）", "", "", "工信局 生态环境局", "named", ""),
        ("（由市商务局负责）", "", "", "商务局", "named", ""),
        ("（市公安局、市商务局，各区县政府）", "", "", "公安局 商务局", "all", "*"),
        ("（2022年12月底前完成，市公安局牵头，各县区负责）", "公安局", "", "", "all", "*"),
        ("（市公安局牵头、市商务局为配合单位，各县（市、区）是责任主体）", "公安局", "商务局", "", "all", "*"),
    ],
)
def test_roles(text, lead, cooperate, each, areas, implement):
    read = roles(text)
    assert (read.lead, read.cooperate, read.each) == (lead.split(), cooperate.split(), each.split())
    assert (read.areas, read.implement) == (areas, implement.split())


@pytest.mark.parametrize(
    "text",
    [
        "（名单由市能源局牵头确定）",
        "（名单由市发改委会同市工信局、中铁云阳车务段确定）",
        "（包括独立球团企业）",
        "（以下简称“双控”）",
        "（切断工业用水、用电，清除原料、产品、生产设备）",
        "（各县<市、区>目标由市大气办根据省下达目标另行分解下达）",
        "（市、区）",
        "（PM2.5）",
        "（落实情况每月通报）",
    ],
)
def test_brackets_that_are_no_clause(text):
    assert found(text)[1].clauses == []


def test_missing_brackets_are_mended_and_said():
    document, result = found("市公安局牵头，各县区负责落实）")
    assert [clause.closed for clause in result.clauses] == [False]
    document, result = found("（市公安局牵头，各县区负责落实")
    assert [clause.closed for clause in result.clauses] == [False]
    assert RoleReader(document, NATIONAL, []).roles(result.clauses[0]).lead == ["公安局"]


def test_a_clause_on_a_line_of_its_own_and_over_a_page_break():
    document = clean_document(
        SourceText(
            "1.整治。完成治理\n\n（市公安局牵头，市住建局、市\n\n商务局配合，各县（市、区）人民\n\n政府负责落实）"
        )
    )
    result = find_clauses(document.view, 0, len(document.view), NATIONAL)
    read = RoleReader(document, NATIONAL, []).roles(result.clauses[0])
    assert (read.lead, read.cooperate, read.implement) == (["公安局"], ["住建局", "商务局"], ["*"])


def test_with_a_pack_areas_get_their_names(city):
    assert roles("（各县（市、区）人民政府、云湖景区管委会落实）", city).implement == [
        "东山区",
        "西河县",
        "南岭县",
        "云湖风景名胜区",
    ]
    assert roles("（东山、西河人民政府落实）", city).implement == ["东山区", "西河县"]
    assert roles("（各开发区管委会落实）", city).implement == ["云湖风景名胜区", "云阳经济开发区"]
    assert roles("（市公安局牵头，国网云阳供电公司配合）", city).cooperate == ["云阳供电公司"]


@pytest.mark.parametrize(
    "text", ["（除东山区外的各县（市、区）负责）", "（各县（市、区）人民政府（不含东山区）负责落实）"]
)
def test_exceptions(text, city):
    read = roles(text, city)
    assert read.implement == ["西河县", "南岭县"]
    assert read.excluded == ["东山区"]
    assert read.areas == "all"


def test_doubt_is_shown():
    document, result = found("（市公安局牵头，某某办法组配合，各县区落实）")
    read = RoleReader(document, NATIONAL, []).roles(result.clauses[0])
    unsure = [field for field in read.fields if field.confidence < 0.8]
    assert [field.value for field in unsure] == ["某某办法组"]
    assert "name as it stands" in unsure[0].note


def test_a_bracket_that_only_resembles_a_clause_is_reported():
    result = found("（市公安局牵头，关于车辆限行的若干规定和有关说明见另行印发的文件附表第三页）")[1]
    assert result.clauses == []
    assert len(result.suspects) == 1
