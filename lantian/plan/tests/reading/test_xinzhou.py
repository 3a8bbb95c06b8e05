"""The real plan, against what a person reads in it."""

from __future__ import annotations

import pytest

from lantian.plan.tests.reading import xinzhou_expected as expected

ISSUE_KEYS = {
    "plan": {"title", "number", "issuer", "date", "tasks", "warnings"},
    "task": {"number", "title", "section", "groups"},
    "group": {"start", "end", "lead", "cooperate", "each", "implement", "areas", "measures"},
    "measure": {
        "text",
        "start",
        "end",
        "deadlines",
        "recurrence",
        "targets",
        "enterprises",
        "nature",
        "confidence",
    },
    "target": {"value", "unit", "comparator", "object"},
}


def measures_of(task):
    return [measure for group in task.groups for measure in group.measures]


def test_letterhead(xinzhou):
    assert xinzhou.title == "忻州市打赢蓝天保卫战2020年决战计划"
    assert xinzhou.number == "忻政办发〔2020〕36号"
    assert xinzhou.issuer == "忻州市人民政府办公室"
    assert xinzhou.date == "2020-04-03"
    assert xinzhou.notice == "忻州市人民政府办公室关于印发忻州市打赢蓝天保卫战2020年决战计划的通知"


def test_tasks_in_order(xinzhou):
    assert [task.number for task in xinzhou.tasks] == [str(n) for n in range(1, 22)]
    assert [task.title for task in xinzhou.tasks] == expected.TITLES
    assert xinzhou.tasks[0].section == "（一）向结构开刀，优化调整产业结构和布局"
    assert xinzhou.tasks[20].section == "(五)有效应对重污染天气"


def test_every_clause_with_every_role(xinzhou):
    read = [(int(task.number), group) for task in xinzhou.tasks for group in task.groups]
    assert len(read) == len(expected.CLAUSES) == 37
    for (number, group), wanted in zip(read, expected.CLAUSES, strict=True):
        where = f"task {wanted.task}: {wanted}"
        assert number == wanted.task, where
        assert list(group.lead) == wanted.lead.split(), where
        assert list(group.cooperate) == wanted.cooperate.split(), where
        assert list(group.each) == wanted.each.split(), where
        assert (group.areas, sorted(group.implement)) == areas_of(wanted.areas), where
        assert not group.inherited, where


def areas_of(written: str) -> tuple[str, list[str]]:
    if written.startswith("all"):
        zones = [name for name in written[3:].split("+") if name]
        return "all", sorted([*expected.COUNTIES, *zones])
    if written == "some":
        return "some", []
    return "named", sorted([] if written == "-" else written.split())


def test_open_lists_are_marked(xinzhou):
    """等部门, 等单位: the clause names more than those it names."""
    marked = [
        (int(task.number), at) for task in xinzhou.tasks for at, group in enumerate(task.groups) if group.open_ended
    ]
    assert marked == [(1, 0), (1, 1), (2, 1), (3, 0), (12, 0), (16, 0), (17, 2)]


@pytest.mark.parametrize("number", range(1, 22))
def test_deadlines(xinzhou, number):
    task = xinzhou.tasks[number - 1]
    read = [deadline for measure in measures_of(task) for deadline in measure.deadlines]
    assert read == expected.DEADLINES[number]


@pytest.mark.parametrize("number", range(1, 22))
def test_recurrences(xinzhou, number):
    read = [code for measure in measures_of(xinzhou.tasks[number - 1]) for code in measure.recurrence]
    assert read == expected.RECURRENCES.get(number, [])


@pytest.mark.parametrize("number", range(1, 22))
def test_targets(xinzhou, number):
    read = [target for measure in measures_of(xinzhou.tasks[number - 1]) for target in measure.targets]
    wanted = expected.TARGETS.get(number, [])
    assert [(t.role, t.comparator, t.value, t.unit) for t in read] == [(r, c, v, u) for r, _, c, v, u in wanted]
    for target, (_, words, *_rest) in zip(read, wanted, strict=True):
        assert words in target.object
        assert len(target.object) <= 20


def test_targets_in_words_stand_apart(xinzhou):
    read = [(int(task.number), t) for task in xinzhou.tasks for m in measures_of(task) for t in m.derived_targets]
    assert [number for number, _ in read] == [number for number, _ in expected.DERIVED]
    for (_, target), (_, words) in zip(read, expected.DERIVED, strict=True):
        assert words in target.object
        assert (target.value, target.unit, target.derived) == (100, "%", True)


def test_change_knows_its_basis(xinzhou):
    freight = measures_of(xinzhou.tasks[9])[0].targets[0]
    assert (freight.change, freight.basis) == ("increase", "2017")


@pytest.mark.parametrize("number", range(1, 22))
def test_enterprises(xinzhou, number):
    read = [name for measure in measures_of(xinzhou.tasks[number - 1]) for name in measure.enterprises]
    assert list(dict.fromkeys(read)) == expected.ENTERPRISES.get(number, [])


def test_natures(xinzhou):
    measures = [measure for task in xinzhou.tasks for measure in measures_of(task)]
    for words in expected.STRIVING:
        found = [measure for measure in measures if words in measure.text]
        assert found, words
        assert {measure.nature for measure in found} == {"striving"}, words
    binding = next(measure for measure in measures if "清洁取暖覆盖率达到100%" in measure.text)
    assert binding.nature == "binding"
    plain = next(measure for measure in measures if measure.text == "大力实施国土绿化工程")
    assert plain.nature == "task"


def test_measures_are_small(xinzhou):
    measures = [measure for task in xinzhou.tasks for measure in measures_of(task)]
    assert 90 <= len(measures) <= 120
    for measure in measures:
        assert "。" not in measure.text
        assert sum(target.role == "target" for target in measure.targets) <= 2, measure.text
        assert len(measure.deadlines) <= 1, measure.text


def test_places(xinzhou):
    first = next(m for m in measures_of(xinzhou.tasks[3]) if "32家" in m.text)
    assert first.places == ("繁峙县", "代县", "五台县")
    three = next(m for m in measures_of(xinzhou.tasks[6]) if "散煤清零" in m.text)
    assert three.places == ("忻府区", "定襄县", "原平市")


def test_a_name_inside_another_name_is_no_place(xinzhou):
    """中铁太原局原平车务段 is a railway section, not the city 原平."""
    section = next(m for m in measures_of(xinzhou.tasks[9]) if "原平车务段" in m.text)
    assert section.places == ()


def test_citations(xinzhou):
    cites = {cite.title: cite.number for task in xinzhou.tasks for m in measures_of(task) for cite in m.cites}
    assert cites["忻州市推进运输结构调整实施方案"] == "忻政办发〔2019〕67号"
    assert "挥发性有机物无组织排放控制标准" in cites


def test_brackets_that_are_no_clause(xinzhou):
    tenth = " ".join(measure.text for measure in measures_of(xinzhou.tasks[9]))
    assert "名单由市能源局牵头确定" in tenth
    assert "名单由市发改委会同市工信局" in tenth
    assert len(xinzhou.tasks[9].groups) == 1


def test_safeguards_and_aims_are_no_tasks(xinzhou):
    kinds = {section.title: section.kind for section in xinzhou.sections}
    assert kinds["决战保障"] == "safeguards"
    assert kinds["决战目标"] == "aims"
    assert kinds["拓宽融资渠道，加大资金支持"] == "safeguards"
    assert not any("融资渠道" in measure.text for task in xinzhou.tasks for measure in measures_of(task))


def test_page_breaks_are_healed(xinzhou):
    texts = "".join(measure.text for task in xinzhou.tasks for measure in measures_of(task))
    for words in ("山西省淘汰煤炭洗选企业暂行规定", "报市大气污染防治工作领导小组办公室", "大力推广新能源车辆"):
        assert words in texts


def test_without_a_pack(xinzhou_without_pack):
    plan = xinzhou_without_pack
    groups = [group for task in plan.tasks for group in task.groups]
    assert len(plan.tasks) == 21
    assert len(groups) == 37
    for group, wanted in zip(groups, expected.CLAUSES, strict=True):
        assert list(group.lead) == wanted.lead.split()
        assert list(group.cooperate) == wanted.cooperate.split()
        assert list(group.each) == wanted.each.split()
    assert groups[0].implement == ("*", "忻州经济开发区")
    assert groups[1].implement == ()
    assert groups[1].areas == "some"
    assert groups[5].implement == ("繁峙县", "代县", "五台县")
    assert groups[8].implement == ("*", "五台山风景区管委会")


def test_without_a_pack_the_heating_season_is_assumed_and_said(xinzhou_without_pack):
    measure = measures_of(xinzhou_without_pack.tasks[8])[-1]
    assert measure.deadlines == ("2020-10-31",)
    field = next(field for field in measure.fields if field.name == "deadline")
    assert field.confidence < 0.7
    assert "assumed" in field.note
    assert any("heating season" in str(warning) for warning in xinzhou_without_pack.warnings)


def test_json_has_the_keys_of_the_issue(xinzhou):
    data = xinzhou.to_json()
    assert data.keys() >= ISSUE_KEYS["plan"]
    assert all(isinstance(warning, str) for warning in data["warnings"])
    for task in data["tasks"]:
        assert task.keys() >= ISSUE_KEYS["task"]
        for group in task["groups"]:
            assert group.keys() >= ISSUE_KEYS["group"]
            assert group["areas"] in ("all", "some", "named")
            for measure in group["measures"]:
                assert measure.keys() >= ISSUE_KEYS["measure"]
                assert measure["nature"] in ("binding", "striving", "task")
                assert 0 <= measure["confidence"] <= 1
                assert all(target.keys() >= ISSUE_KEYS["target"] for target in measure["targets"])


def test_what_must_be_named_by_a_person_is_said(xinzhou, xinzhou_source):
    warned = [w for w in xinzhou.warnings if w.code == "areas-to-name"]
    assert len(warned) == 3
    assert all(xinzhou_source.text[w.start : w.end].startswith("相关县") for w in warned)
