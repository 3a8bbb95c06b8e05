"""Sentences and shapes of other cities' plans: see genre.toml for the sentences, below for whole documents."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from lantian.plan.reading import SourceText, read_plan, read_source
from lantian.plan.tests.reading.builders import numbered_word_file, pdf_file

CASES = tomllib.loads((Path(__file__).parent / "genre.toml").read_text("utf-8"))
HEAD = "襄城市2024年空气质量改善方案\n襄政办发〔2024〕9号\n襄城市人民政府办公室\n2024年3月1日\n一、重点任务\n"


def read(body: str, head: str = HEAD, name: str = "plan.txt"):
    return read_plan(read_source((head + body).encode(), name))


def group_of(sentence: str):
    (task,) = read(f"1.综合任务。{sentence}\n").tasks
    (group,) = task.groups
    return group


def measures_of(sentence: str):
    return group_of(f"{sentence}。（市生态环境局牵头）").measures


def roles(plan) -> list[list[tuple[tuple[str, ...], ...]]]:
    return [
        [(group.lead, group.cooperate, group.each, group.implement) for group in task.groups] for task in plan.tasks
    ]


@pytest.mark.parametrize("case", CASES["clause"], ids=lambda case: case["text"][:40])
def test_who_has_which_role(case):
    group = group_of(case["text"])
    for role in ("lead", "cooperate", "each", "implement", "supervise", "leaders", "excluded"):
        assert list(getattr(group, role)) == case.get(role, []), role
    assert group.areas == case.get("areas", "named")


@pytest.mark.parametrize("case", CASES["times"], ids=lambda case: case["text"])
def test_when(case):
    measures = measures_of(case["text"])
    assert sorted({day for measure in measures for day in measure.deadlines}) == case.get("deadlines", [])
    assert sorted({code for measure in measures for code in measure.recurrence}) == case.get("recurrence", [])


@pytest.mark.parametrize("case", CASES["targets"], ids=lambda case: case["text"])
def test_how_much(case):
    targets = [target for measure in measures_of(case["text"]) for target in measure.targets]
    assert [[t.object, t.comparator, t.value, t.unit] for t in targets] == case["targets"]
    assert [i for i, t in enumerate(targets) if t.role == "criterion"] == case.get("criteria", [])
    assert [t.change for t in targets] == case.get("change", [""] * len(targets))


@pytest.mark.parametrize(
    ("sentence", "natures"),
    [
        ("建成区淘汰10蒸吨及以下燃煤锅炉，原则上不再新建35蒸吨以下燃煤锅炉", ["task", "striving"]),
        ("新建涉及大宗物料运输的项目，原则上不得采用公路运输", ["striving"]),
        ("完成干熄焦改造任务，力争实现清洁运输", ["task", "striving"]),
        ("明确禁止和限制发展的行业目录", ["task"]),
        ("逾期不退城的予以停产", ["binding"]),
        ("增加天然气供应，提高应急响应能力", ["task"]),
        ("力争3家企业达到A级水平，推动15家以上企业达到B级水平", ["striving", "binding"]),
    ],
)
def test_what_binds(sentence, natures):
    assert [measure.nature for measure in measures_of(sentence)] == natures


class TestWhoseDutiesStandWhere:
    def test_a_list_of_departments_and_their_duties(self):
        plan = read(
            "市规划局：负责河道工程的扬尘防治。\n市公安局：负责车辆检测。\n各区政府、开发区管委会：6月底前拆除小锅炉。\n"
        )
        (groups,) = roles(plan)
        assert groups[:2] == [((), (), ("规划局",), ()), ((), (), ("公安局",), ())]
        assert plan.tasks[0].groups[2].areas == "all"
        assert plan.tasks[0].groups[2].measures[0].deadlines == ("2024-06-30",)

    def test_a_salutation_is_no_duty(self):
        assert not read("", head="各县（市、区）人民政府：\n市直各单位：\n现将方案印发给你们。\n").tasks

    def test_duties_handed_out_in_sentences(self):
        plan = read("1.扬尘。市住建局牵头，落实工地标准；市城管局负责加强渣土监管；市水利局负责水利工地扬尘治理。\n")
        assert roles(plan) == [[(("住建局",), (), (), ()), ((), (), ("城市管理局",), ()), ((), (), ("水利局",), ())]]
        assert [m.text for g in plan.tasks[0].groups for m in g.measures][1] == "加强渣土监管"

    def test_a_clause_in_the_heading_covers_the_items_below(self):
        plan = read(
            "（二）散煤治理（牵头单位：市发改委；配合单位：市财政局）\n3.9月底前，新增供热面积200万平方米。\n4.电代煤改造3万户。\n"
        )
        (task,) = plan.tasks
        assert (task.number, len(task.groups), task.groups[0].lead) == ("二", 1, ("发改委",))
        targets = [target for measure in task.groups[0].measures for target in measure.targets]
        assert [(target.value, target.unit) for target in targets] == [(200, "万m2"), (30000, "户")]

    def test_a_clause_below_the_items_covers_the_last_too(self):
        plan = read("（一）工业治理\n1.完成8家焦化企业改造。\n2.淘汰砖瓦窑12座。\n责任单位：市工信局，各县市区政府\n")
        (task,) = plan.tasks
        assert [t.value for m in task.groups[0].measures for t in m.targets] == [8, 12]

    def test_one_item_below_a_label_belongs_to_its_sheet(self):
        sheet = "（{}）{}行动\n主要措施：\n1.6月底前，完成{}家企业清洗。\n牵头部门：市商务局\n"
        plan = read(sheet.format("一", "餐饮", 90) + sheet.format("二", "加油", 70))
        assert [task.number for task in plan.tasks] == ["一", "二"]

    def test_the_first_named_leads_where_the_document_says_so(self):
        plan = read(
            "1.锅炉。完成5台。（责任单位：市能源局、市公安局，各区县，排在第一位的为牵头单位，下同）\n"
            "2.扬尘。完成。（责任单位：市住建局、市水利局）\n3.油烟。完成。（责任单位：市商务局）\n"
        )
        assert [(task.groups[0].lead, task.groups[0].each) for task in plan.tasks] == [
            (("能源局",), ("公安局",)),
            (("住建局",), ("水利局",)),
            ((), ("商务局",)),
        ]
        assert [task.groups[0].areas for task in plan.tasks] == ["all", "named", "named"]

    def test_blanks_part_labels_inside_brackets(self):
        group = group_of("完成。（牵头单位：市公安局 责任单位：市交通运输局 完成时限：2024年10月底前）")
        assert (group.lead, group.each) == (("公安局",), ("交通运输局",))
        assert group.measures[0].deadlines == ("2024-10-31",)

    def test_a_zone_behind_all_counties_is_named(self):
        assert group_of("完成。（各县市区政府、市高新区管委会落实）").implement == ("*", "市高新区管委会")

    def test_a_name_in_the_line_below_the_label(self):
        plan = read(
            "1.补贴。制定办法。\n责任单位：市发改委、市能源局\n各县区政府\n2.联动。会商。\n责任单位：市公安局\n"
        )
        assert roles(plan)[0] == [((), (), ("发改委", "能源局"), ("*",))]

    def test_dashes_open_the_items_of_a_list(self):
        plan = read("1.能力。\n——建成自动站10个（市公安局负责）；\n——建成遥感设备2套（市能源局负责）。\n")
        measures = [measure for group in plan.tasks[0].groups for measure in group.measures]
        assert [(m.text, m.targets[0].object) for m in measures] == [
            ("建成自动站10个", "自动站"),
            ("建成遥感设备2套", "遥感设备"),
        ]


class TestNumbersAndHeadings:
    def test_an_excerpt_begins_in_the_middle(self):
        plan = read(
            "5.道路保洁。\n加强保洁。（市城管局负责）\n6.秸秆禁烧。\n加强禁烧。（市农业农村局负责）\n",
            head="（四）强化面源\n",
        )
        assert [task.number for task in plan.tasks] == ["5", "6"]

    def test_chapters_with_bare_numbers(self):
        head = "襄城市2024年方案\n1 工作目标\nPM2.5不高于30微克/立方米。\n2 重点任务\n"
        plan = read(
            "2.1 优化结构\n2.1.1 化解产能。关闭企业6家。责任单位：市工信局\n3 保障措施\n3.1 加强领导。要重视。\n",
            head=head,
        )
        assert plan.title == "襄城市2024年方案"
        assert [task.number for task in plan.tasks] == ["2.1.1"]

    def test_an_amount_behind_the_items_number(self):
        plan = read(
            "1.9月底前完成12家治理，12月底前完成20家（市工信局牵头）\n2.35蒸吨以下锅炉全部淘汰。（市发改委牵头）\n"
        )
        first, second = ([t for g in task.groups for m in g.measures for t in m.targets] for task in plan.tasks)
        assert [(t.object, t.value) for t in first] == [("企业", 12), ("企业", 20)]
        assert [(t.object, t.value, t.unit) for t in second] == [("锅炉", 35, "t/h")]

    def test_a_heading_in_markdown_is_the_title(self):
        plan = read(
            "1.治理。完成。（市公安局牵头）\n",
            head="# 襄城市强化措施\n\n襄政办发〔2020〕5号\n\n## 一、任务\n\n",
            name="a.md",
        )
        assert (plan.title, plan.number) == ("襄城市强化措施", "襄政办发〔2020〕5号")

    def test_what_a_web_page_prints_below_is_no_duty(self):
        plan = read("1.治理。完成。（市公安局牵头）\n主办：襄城市人民政府办公室 打印本页 备案号：晋ICP备1号\n")
        assert len(plan.tasks[0].groups) == 1

    def test_numbers_that_word_computes(self):
        plan = read_plan(
            read_source(
                numbered_word_file(
                    [
                        (-1, "襄城市2024年方案"),
                        (0, "任务"),
                        (1, "结构"),
                        (2, "压减产能。完成。"),
                        (-1, "（牵头单位：市发改委）"),
                        (1, "能源"),
                        (2, "清洁取暖。完成2万户。"),
                        (-1, "（牵头单位：市住建局）"),
                    ]
                ),
                "a.docx",
            )
        )
        assert [(task.number, task.section, task.groups[0].lead) for task in plan.tasks] == [
            ("1", "（一）结构", ("发改委",)),
            ("1", "（二）能源", ("住建局",)),
        ]


class TestPrintedPages:
    def test_lines_that_return_are_heads_and_clauses_that_return_are_not(self):
        items = "".join(
            f"{n}.强化第{n}类油品的监督管理工作。每季度抽检一次。\n牵头单位：市公安局\n" for n in range(1, 9)
        )
        plan = read_plan(read_source(pdf_file(f"襄城市2024年方案\n一、任务\n{items}", lines=7), "a.pdf"))
        assert [task.groups[0].lead for task in plan.tasks] == [("公安局",)] * 8

    def test_a_title_over_two_lines(self):
        text = "襄城市人民政府办公室关于印发\n襄城市2024年空气质量持续改善暨综合指数\n“退后十”攻坚行动方案的通知\n襄政办〔2024〕8号\n"
        text += "襄城市2024年空气质量持续改善暨综合指数\n“退后十”攻坚行动方案\n一、任务\n"
        text += "".join(
            f"{n}.持续推进重点行业企业环保绩效提升和绿色标杆企业培育工作取得实际成效。（市工信局牵头）\n"
            for n in (1, 2, 3, 4)
        )
        plan = read_plan(read_source(pdf_file(text), "a.pdf"))
        assert plan.title == "襄城市2024年空气质量持续改善暨综合指数“退后十”攻坚行动方案"


def test_the_mark_of_gb18030_is_not_text():
    source = read_source("\ufeff襄城市２０２４年方案".encode("gb18030"), "a.txt")
    assert source.text == "襄城市２０２４年方案"


@pytest.mark.parametrize(
    "line", ["（责任单位：市局", "1.责任单位：", "，责任单位：", "完成时限：", "市局：负责", "市公安局负责治理；"]
)
def test_a_line_of_labels_takes_no_longer_than_it_is(line):
    start = time.perf_counter()
    read_plan(SourceText(line * (24000 // len(line)), "any.txt"))
    assert time.perf_counter() - start < 5
