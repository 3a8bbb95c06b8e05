"""The other shapes of the genre, by invented examples: what a person reads in them, the reader must read."""

from __future__ import annotations

import pytest

from lantian.plan.reading import read_plan, read_source
from lantian.plan.tests.reading import shapes
from lantian.plan.tests.reading.builders import numbered_word_file, pdf_file, word_file


def read(text: str, name: str = "plan.txt", gazetteer=None, encoding: str = "utf-8"):
    return read_plan(read_source(text.encode(encoding), name), gazetteer)


def groups_of(plan):
    return [group for task in plan.tasks for group in task.groups]


def measures_of(plan):
    return [measure for group in groups_of(plan) for measure in group.measures]


def find(plan, words: str):
    return next(measure for measure in measures_of(plan) if words in measure.text)


class TestHandedDown:
    def test_roles(self):
        groups = groups_of(read(shapes.HANDED_DOWN))
        assert [group.lead for group in groups] == [
            ("生态环境局",),
            ("生态环境局", "市场监管局"),
            ("生态环境局", "工信局"),
            ("发改局",),
        ]
        assert groups[0].cooperate == ("发改局", "工信局")
        assert groups[2].cooperate == ("公安局", "云阳供电公司")

    def test_later_clauses_inherit_the_areas(self):
        groups = groups_of(read(shapes.HANDED_DOWN))
        assert [group.inherited for group in groups] == [False, True, True, True]
        assert all(group.implement == ("*",) and group.areas == "all" for group in groups)

    def test_with_a_pack_all_counties_are_listed(self, city):
        groups = groups_of(read(shapes.HANDED_DOWN, gazetteer=city))
        assert groups[3].implement == ("东山区", "西河县", "南岭县")

    def test_numbers(self):
        plan = read(shapes.HANDED_DOWN)
        assert find(plan, "不再新建").targets[0].role == "criterion"
        gas = find(plan, "天然气").targets[0]
        assert (gas.comparator, gas.value, gas.unit) == (">=", 12, "%")
        assert find(plan, "天然气").deadlines == ("2020-12-31",)
        falls = [(t.object, t.value, t.change, t.basis) for goal in plan.goals for t in goal.targets if t.change]
        assert falls == [("二氧化硫排放总量", 12, "decrease", "2015"), ("氮氧化物排放总量", 9, "decrease", "2015")]


class TestRunningNumbers:
    def test_tasks_are_the_bracketed_numbers(self):
        plan = read(shapes.RUNNING_NUMBERS)
        assert [(task.number, task.title) for task in plan.tasks] == [
            ("三", "优化产业布局"),
            ("四", "严控“两高”行业产能"),
            ("五", "开展锅炉整治"),
        ]
        assert plan.tasks[0].section == "二、调整产业结构"
        assert [len(task.groups) for task in plan.tasks] == [2, 1, 1]

    def test_forerunners_keep_their_names(self):
        first = groups_of(read(shapes.RUNNING_NUMBERS))[0]
        assert first.lead == ("环保局",)
        assert first.cooperate == ("发改委", "经信委", "国土资源局")

    def test_areas(self, city):
        groups = groups_of(read(shapes.RUNNING_NUMBERS, gazetteer=city))
        assert groups[0].implement == ("东山区", "西河县", "南岭县")
        assert groups[2].areas == "some"
        assert groups[3].implement == ("东山区", "西河县")
        assert groups[3].excluded == ("南岭县",)

    def test_years_of_a_plan_of_several_years(self):
        plan = read(shapes.RUNNING_NUMBERS)
        assert find(plan, "三线一单").deadlines == ("2018-12-31",)
        assert find(plan, "5家重污染企业").deadlines == ("2019-12-31",)
        assert find(plan, "压减炼铁产能").deadlines == ("2018-12-31",)
        assert find(plan, "600万吨").targets[0].comparator == "<="

    def test_nature(self):
        plan = read(shapes.RUNNING_NUMBERS)
        assert find(plan, "原则上不再新建").nature == "striving"
        assert find(plan, "65蒸吨").nature == "binding"


class TestLabels:
    def test_letterhead(self):
        plan = read(shapes.LABELS)
        assert plan.title == "云阳市2022年大气污染防治攻坚方案"
        assert (plan.number, plan.issuer, plan.date) == ("云政办字〔2022〕15号", "云阳市人民政府办公室", "2022-03-07")

    def test_lines(self):
        first = read(shapes.LABELS).tasks[0].groups[0]
        assert (first.lead, first.cooperate, first.implement) == (("生态环境局",), ("工信局", "发改委"), ("东山区",))
        assert first.measures[0].deadlines == ("2022-09-30",)
        assert first.measures[0].enterprises == ("云阳钢铁集团有限公司",)

    def test_leaders_and_standing_duties(self):
        second = read(shapes.LABELS).tasks[1].groups[0]
        assert second.leaders == ("张三",)
        assert second.areas == "all"
        assert second.implement == ("*", "开发区管委会")
        assert second.measures[0].deadlines == ("2022-06-30",)
        assert second.measures[-1].recurrence == ("continuous",)

    def test_zones_in_general_are_the_packs_zones(self, city):
        second = read(shapes.LABELS, gazetteer=city).tasks[1].groups[0]
        assert second.implement == ("东山区", "西河县", "南岭县", "云湖风景名胜区", "云阳经济开发区")

    def test_brackets_and_running_text(self):
        plan = read(shapes.LABELS)
        third, fourth = plan.tasks[2].groups[0], plan.tasks[3].groups[0]
        assert third.each == ("住建局", "城市管理局")
        assert third.measures[0].deadlines == ("2022-06-30",)
        assert fourth.each == ("城市管理局",)
        assert [measure.deadlines for measure in fourth.measures] == [("2022-12-31",)] * 2
        assert fourth.measures[1].targets[0].object == "县城道路机械化清扫率"

    def test_a_sentence_that_is_a_clause(self):
        fifth = read(shapes.LABELS).tasks[4].groups[0]
        assert (fifth.lead, fifth.cooperate) == (("农业农村局",), ("生态环境局", "应急管理局"))
        assert fifth.confidence < 0.8

    def test_labels_above_the_duties(self):
        plan = read(shapes.LABELS_FIRST)
        assert [group.each or group.lead for group in groups_of(plan)] == [
            ("发改委", "能源局"),
            ("公安局", "交通运输局"),
            ("住建局",),
        ]
        assert groups_of(plan)[2].cooperate == ("城市管理委", "国网云阳供电公司")
        assert find(plan, "光伏").targets[0].value == 500
        assert find(plan, "路检路查").recurrence == ("monthly",)
        assert find(plan, "其中").deadlines == ("2024-09-30",)
        assert plan.date == "2024-02-06"


class TestCounty:
    def test_articles_are_tasks(self):
        plan = read(shapes.COUNTY)
        assert [task.number for task in plan.tasks] == ["二", "三", "四", "五"]
        assert plan.title == "河东县2023年环境空气质量改善行动方案"
        assert plan.goals[0].targets[0].value == 75

    def test_towns_carry_out(self):
        groups = groups_of(read(shapes.COUNTY))
        assert groups[0].lead == ("市场监管局",)
        assert groups[0].each == ("能源局", "公安局")
        assert groups[0].leaders == ("李四",)
        assert all(group.areas == "all" and "*" in group.implement for group in groups[:3])
        assert groups[1].implement[-1] == "县经开区管委会"
        assert groups[2].lead == ("综合行政执法局",)
        assert groups[2].cooperate == ("市场监管局",)
        assert groups[3].each == ("住建局", "交通运输局", "水务局")

    def test_lists_inside_a_task_are_measures(self):
        plan = read(shapes.COUNTY)
        assert [measure.text[:6] for measure in plan.tasks[3].groups[0].measures] == [
            "严格落实“六",
            "20家在建工",
            "渣土车全部密",
        ]
        assert find(plan, "夏收").periods[0].begin == "2023-06-01"
        assert find(plan, "夏收").deadlines == ()


def test_traditional_characters():
    plan = read(shapes.TRADITIONAL)
    first, second = groups_of(plan)
    assert first.lead == ("经信局", "发改委", "行政审批局")
    assert first.cooperate == ("生态环境局",)
    assert second.lead == ("经信局",)
    boilers = second.measures[0]
    assert boilers.deadlines == ("2019-12-31",)
    assert boilers.text == "到2019年12月底,淘汰10蒸噸及以下燃煤鍋爐20臺"
    assert [(t.role, t.value, t.unit) for t in boilers.targets] == [("criterion", 10, "t/h"), ("target", 20, "台")]


def test_markdown_with_a_table(city):
    plan = read(shapes.MARKDOWN, "plan.md", city)
    assert plan.title == "云阳市秋冬季大气污染综合治理攻坚方案"
    assert (plan.number, plan.date) == ("云政办发〔2020〕51号", "2020-10-15")
    assert [(task.number, task.kind) for task in plan.tasks] == [
        ("一", "text"),
        ("二", "text"),
        ("1", "table"),
        ("2", "table"),
    ]
    assert find(plan, "回头看").deadlines == ("2020-12-31",)
    assert find(plan, "完成评估").deadlines == ("2021-03-31",)
    assert find(plan, "散煤替代").deadlines == ("2020-10-31",)
    assert find(plan, "散煤替代").targets[0].value == 75000
    heating = plan.tasks[1].groups[0]
    assert heating.lead == ("能源局",)
    assert heating.implement == ("东山区", "西河县", "南岭县")
    assert plan.tasks[3].groups[0].each == ("公安局", "交通运输局")
    assert plan.tasks[3].groups[0].measures[0].deadlines == ("2021-03-31",)
    assert plan.tasks[2].section == "（三）清洁运输"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_html_table_with_merged_cells(encoding):
    """The page declares GB2312; where that is a lie the content decides."""
    plan = read(shapes.HTML_TABLE, "list.html", encoding=encoding)
    assert plan.title == "云阳市2021年大气污染综合治理工作清单"
    assert (plan.number, plan.date) == ("云环委办〔2021〕7号", "2021-03-04")
    assert [(task.number, task.title, task.section) for task in plan.tasks] == [
        ("1", "钢铁行业超低排放", "一、工业源治理"),
        ("2", "工业炉窑", "一、工业源治理"),
        ("3", "道路扬尘", "二、扬尘源治理"),
    ]
    steel = plan.tasks[0].groups
    assert len(steel) == 1, "rows that share one cell of responsible units are one clause"
    assert (steel[0].lead, steel[0].cooperate, steel[0].implement) == (("生态环境局",), ("工信局",), ("东山区",))
    assert [measure.deadlines for measure in steel[0].measures] == [("2021-06-30",), ("2021-12-31",)]
    assert [len(task.groups[0].measures) for task in plan.tasks] == [2, 2, 2]
    assert plan.tasks[1].groups[0].implement == ("*",)
    assert find(plan, "每月通报").recurrence == ("monthly", "continuous"), "the row's 长期坚持 stays beside 每月"
    assert find(plan, "清扫率").recurrence == ("continuous",)
    assert find(plan, "玻璃炉窑").targets[0].comparator == "<="


def test_word_table_continued_on_the_next_page():
    document = word_file(
        ["云阳市2021年清洁运输任务分解表", "2021年2月1日"], [shapes.TABLE_ROWS, shapes.TABLE_CONTINUED]
    )
    plan = read_plan(read_source(document, "table.docx"))
    assert [task.number for task in plan.tasks] == ["1", "2", "3"]
    assert plan.tasks[0].groups[0].lead == ("发改委",)
    assert plan.tasks[0].groups[0].cooperate == ("交通运输局",)
    assert plan.tasks[0].groups[0].implement == ("东山区",)
    assert [m.deadlines for m in plan.tasks[0].groups[0].measures] == [("2021-12-31",)] * 2
    assert plan.tasks[1].groups[0].measures[0].deadlines == ("2021-06-30",)
    assert plan.tasks[2].groups[0].measures[0].recurrence == ("monthly",)
    assert plan.tasks[2].groups[0].lead == ("市场监管局",)


def test_word_merged_cells():
    rows = [
        ["序号", "项目", "工作措施", "责任单位", "完成时限"],
        ["1", "工业", "改造钢铁企业2家", "市工信局", "6月底"],
        ["", "", "改造焦化企业4家", "市生态环境局", "9月底"],
    ]
    document = word_file(["云阳市2021年工业治理清单"], [rows], merges=[(0, (1, 0), (2, 0)), (0, (1, 1), (2, 1))])
    plan = read_plan(read_source(document, "merged.docx"))
    assert [(task.number, task.title) for task in plan.tasks] == [("1", "工业")]
    assert [(group.each, group.measures[0].deadlines) for group in plan.tasks[0].groups] == [
        (("工信局",), ("2021-06-30",)),
        (("生态环境局",), ("2021-09-30",)),
    ]


def test_word_counts_the_numbers():
    document = numbered_word_file(
        [
            (-1, "云阳市2022年大气污染防治方案"),
            (0, "工作目标"),
            (-1, "全市PM2.5浓度不高于40微克/立方米。"),
            (0, "重点任务"),
            (1, "工业"),
            (2, "治理钢铁。6月底前完成3家钢铁企业改造。（市生态环境局牵头，各县区落实）"),
            (2, "治理焦化。年底前关停焦炉2座。（市工信局牵头）"),
            (1, "扬尘"),
            (2, "道路清扫。机械化清扫率达到90%以上。（市城管局负责）"),
        ]
    )
    plan = read_plan(read_source(document, "numbered.docx"))
    assert [(task.number, task.title, task.section) for task in plan.tasks] == [
        ("1", "治理钢铁", "（一）工业"),
        ("2", "治理焦化", "（一）工业"),
        ("1", "道路清扫", "（二）扬尘"),
    ]
    assert plan.goals[0].targets[0].comparator == "<="


def test_pdf_reads_like_the_text_it_was_made_of(xinzhou_source, xinzhou_names):
    from lantian.plan.reading.clean import clean_document

    text = clean_document(xinzhou_source).text
    plan = read_plan(read_source(pdf_file(text, shapes.TABLE_ROWS), "plan.pdf"), xinzhou_names)
    wanted = read_plan(read_source(text.encode(), "plan.txt"), xinzhou_names)
    from_text = [task for task in plan.tasks if task.kind == "text"]
    assert plan.title == wanted.title
    assert [task.title for task in from_text] == [task.title for task in wanted.tasks]
    for task, other in zip(from_text, wanted.tasks, strict=True):
        for group, wanted_group in zip(task.groups, other.groups, strict=True):
            assert (group.lead, group.cooperate, group.each, group.implement) == (
                wanted_group.lead,
                wanted_group.cooperate,
                wanted_group.each,
                wanted_group.implement,
            )
            assert [m.text for m in group.measures] == [m.text for m in wanted_group.measures]
    rows = [task for task in plan.tasks if task.kind == "table"]
    assert [(task.number, task.groups[0].lead) for task in rows] == [("1", ("发改委",)), ("2", ("公安局",))]
    assert rows[0].groups[0].cooperate == ("交通运输局",)


def test_an_excerpt_without_headings_is_one_task():
    plan = read("2021年底前淘汰燃煤锅炉30台。（市生态环境局牵头，各县区负责落实）")
    assert len(plan.tasks) == 1
    assert plan.tasks[0].groups[0].lead == ("生态环境局",)
    assert find(plan, "燃煤锅炉").targets[0].value == 30


@pytest.mark.parametrize("text", ["", "   \n\n", "今天天气很好，我们去公园散步。", "Dear all, please find attached."])
def test_no_plan_is_said(text):
    plan = read(text)
    assert plan.tasks == ()
    assert [warning.code for warning in plan.warnings] == ["no-tasks"]


def test_a_table_with_all_roles_in_one_column():
    rows = [
        ["类别", "任务", "工作要求", "责任单位", "完成时限"],
        [
            "产业结构",
            "淘汰落后产能",
            "淘汰2家水泥企业",
            "牵头：市工信局；配合：市发改委；落实：各县（市、区）",
            "9月底前",
        ],
        ["产业结构", "整治散乱污", "发现一起整治一起", "市生态环境局牵头，市公安局配合，各县（市、区）落实", "全年"],
        ["能源结构", "清洁取暖", "完成2万户", "市能源局\n市住建局\n各县（市、区）政府", "年底前"],
        ["", "", "新增供热面积150万平方米", "市住建局", "10月底"],
    ]
    plan = read_plan(read_source(word_file(["云阳市2022年大气污染防治任务清单"], [rows]), "list.docx"))
    assert [(task.title, task.section) for task in plan.tasks] == [
        ("淘汰落后产能", "产业结构"),
        ("整治散乱污", "产业结构"),
        ("清洁取暖", "能源结构"),
    ]
    roles = [(group.lead, group.cooperate, group.each, group.implement) for group in groups_of(plan)]
    assert roles == [
        (("工信局",), ("发改委",), (), ("*",)),
        (("生态环境局",), ("公安局",), (), ("*",)),
        ((), (), ("能源局", "住建局"), ("*",)),
        ((), (), ("住建局",), ()),
    ]
    counted = find(plan, "2万户").targets[0]
    assert (counted.object, counted.value) == ("清洁取暖", 20000)
    assert counted.note == "object taken from the title"


def test_a_table_whose_titles_carry_the_numbers():
    rows = [
        ["重点任务", "具体措施", "牵头单位", "责任单位", "完成时间"],
        ["一、工业治理", "", "", "", ""],
        ["1.钢铁企业改造", "完成改造", "市生态环境局", "东山区政府", "6月底"],
        ["二、扬尘", "", "", "", ""],
        ["2.道路", "机械化清扫率85%以上", "市城管局", "各区政府", "长期"],
    ]
    plan = read_plan(read_source(word_file(["附件", "云阳市2023年重点任务分解表"], [rows]), "list.docx"))
    assert plan.title == "云阳市2023年重点任务分解表"
    assert [(task.number, task.title, task.section) for task in plan.tasks] == [
        ("1", "钢铁企业改造", "一、工业治理"),
        ("2", "道路", "二、扬尘"),
    ]
    assert plan.tasks[0].groups[0].implement == ("东山区",)
    assert plan.tasks[1].groups[0].measures[0].recurrence == ("continuous",)


def test_markdown_headings_without_numbers():
    text = (
        "# 云阳市 2022 年蓝天行动方案\n\n## 总体目标\n浓度不高于 40 微克/立方米。\n\n## 重点任务\n\n### 推进钢铁企业改造\n"
        "2022年6月底前完成3家企业改造。（市生态环境局牵头，各县区落实）\n\n### 加强扬尘管控\n全部覆盖。（市住建局负责）\n"
    )
    plan = read(text, "plan.md")
    assert plan.title == "云阳市2022年蓝天行动方案"
    assert [(task.title, task.section) for task in plan.tasks] == [
        ("推进钢铁企业改造", "重点任务"),
        ("加强扬尘管控", "重点任务"),
    ]


def test_a_web_page_without_tables():
    plan = read(shapes.HTML_TEXT, "page.html")
    assert [(task.number, task.title) for task in plan.tasks] == [("一", "推进结构调整"), ("二", "治理PM2.5")]
    assert plan.tasks[0].groups[0].each == ("发改委", "工信局")
    assert plan.tasks[1].groups[0].implement == ("*", "各开发区管委会")
    assert find(plan, "浓度").targets[0].unit == "ug/m3"
