"""Which of the clause's areas a single measure concerns: by its subject, never by a name in passing."""

from __future__ import annotations

import pytest

from lantian.plan.reading import read_plan, read_source
from lantian.plan.tests.reading import xinzhou_expected as expected

CLAUSE = "（市能源局牵头，各县（市、区）人民政府、云阳经济开发区管委会负责落实）"


def scopes(text: str, gazetteer=None, clause: str = CLAUSE):
    source = read_source(f"云阳市2023年治气计划\n一、重点任务\n1.清洁取暖。{text}{clause}\n".encode(), "plan.txt")
    (task,) = read_plan(source, gazetteer).tasks
    return source, [measure.areas for group in task.groups for measure in group.measures]


def test_the_plan_of_xinzhou(xinzhou, xinzhou_source):
    read = [
        (int(task.number), at, measure)
        for task in xinzhou.tasks
        for at, group in enumerate(task.groups, 1)
        for measure in group.measures
        if measure.areas.mode != "clause"
    ]
    assert len(read) == len(expected.RESTRICTED)
    for (number, clause, measure), wanted in zip(read, expected.RESTRICTED, strict=True):
        assert (number, clause) == wanted[:2]
        assert measure.text.startswith(wanted[2])
        assert (measure.areas.mode, " ".join(measure.areas.names)) == wanted[3:]
        assert measure.areas.start < measure.areas.end
        assert xinzhou_source.text[measure.areas.start : measure.areas.end].strip()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("东山区要在9月底前完成热源改造。", "东山区"),
        ("2023年10月底前，西河县负责完成散煤清零。", "西河县"),
        ("东山、西河2县（区）要扩大集中供热面积。", "东山区 西河县"),
        ("散煤污染突出的南岭县，改造方案于4月底前报市大气办。", "南岭县"),
        ("去年未完成改造任务的西河县、南岭县要加快进度。", "西河县 南岭县"),
        ("南岭县清洁取暖覆盖率达到80%以上。", "南岭县"),
        ("鼓励东山区开展地热供暖。", "东山区"),
        ("对西河县平川地区实施连片改造。", "西河县"),
        ("云湖景区要实现燃煤清零。", "云湖风景名胜区"),
        ("东山区完成2万户，西河县完成1万户。", "东山区 西河县"),
    ],
)
def test_named_subjects(text, names, city):
    _, read = scopes(text, city)
    assert {item.mode for item in read} == {"named"}
    assert list(dict.fromkeys(name for item in read for name in item.names)) == names.split()
    assert all(item.start < item.end and 0.5 < item.confidence <= 0.95 for item in read)


@pytest.mark.parametrize(
    "text",
    [
        "各县（市、区）要完成散煤清零。",
        "全市完成改造8万户。",
        "积极推广东山区整村推进的成功经验。",
        "按照《东山区清洁取暖办法》开展验收。",
        "东山区华阳热力有限公司完成2台锅炉改造。",
        "改造方案报东山区人民政府办公室备案。",
        "加强东山区、西河县交界处巡查。",
        "有条件的县（市、区）要推广集中供热。",
        "云阳市建成区基本实现集中供热。",
        "市能源局要加强指导，会同东山区做好验收。",
        "东山区至南岭县公路沿线完成绿化。",
    ],
)
def test_what_is_no_subject(text, city):
    _, read = scopes(text, city)
    assert [(item.mode, item.names) for item in read] == [("clause", ())] * len(read)


def test_a_place_is_less_sure_than_a_subject(city):
    _, (sure,) = scopes("西河县要实施连片改造。", city)
    _, (less,) = scopes("在西河县实施连片改造。", city)
    assert less.confidence < 0.6 < 0.9 < sure.confidence


def test_others_are_the_rest_of_the_clause(city):
    _, read = scopes("东山区要完成散煤清零；其他县（市、区）要完成70%以上。", city)
    assert [item.mode for item in read] == ["named", "others"]
    assert read[1].names == ("西河县", "南岭县", "云阳经济开发区")
    _, (alone,) = scopes("其余县（市、区）完成改造。", city)
    assert alone.mode == "others"
    assert alone.confidence < 0.6


def test_the_subject_holds_for_the_rest_of_its_sentence(city):
    text = "西河县要在3月底前制定方案，并于9月底前完成改造。方案于4月底前报市大气办。12月底前建成市级平台。"
    _, read = scopes(text, city)
    assert [item.names for item in read] == [("西河县",), ("西河县",), ("西河县",), ()]
    assert read[1].confidence < read[0].confidence


def test_named_beside_all_is_all(city):
    _, (both,) = scopes("各县（市、区）划定禁煤区，东山区要进一步扩大范围。", city)
    assert both.mode == "clause"
    assert both.confidence == 0.7


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("北川县要完成散煤清零。", "北川县"),
        ("东山、西河、南岭三县（区）要完成散煤清零。", "东山 西河 南岭"),
        ("2023年9月底前，完成云阳市平台建设，在云阳市建成区布设站点。", ""),
        ("在城区实施改造。", ""),
    ],
)
def test_without_a_pack(text, names):
    _, (read,) = scopes(text)
    assert list(read.names) == names.split()


def test_in_tables_and_json(city):
    table = "| 序号 | 主要任务 | 责任单位 |\n|---|---|---|\n| 1 | 南岭县要关停矿山；其他县（区）开展排查 | 各县区人民政府 |\n"
    plan = read_plan(read_source(f"# 云阳市2023年任务清单\n\n{table}".encode(), "plan.md"), city)
    first, second = plan.to_json()["tasks"][0]["groups"][0]["measures"]
    assert first["areas"]["mode"] == "named"
    assert first["areas"]["names"] == ["南岭县"]
    assert second["areas"].keys() == {"mode", "names", "start", "end", "confidence"}
    assert second["areas"]["names"] == ["东山区", "西河县"]
