"""Forms that offices use besides the usual one: numbers, headings and names as they really stand. All invented."""

from __future__ import annotations

import pytest

from lantian.plan.reading import SourceText, read_plan, read_source

HEAD = "云阳市2023年治气方案\n云政办发〔2023〕6号\n云阳市人民政府办公室\n2023年2月1日\n一、主要任务\n"


def read(text: str, name: str = "plan.txt", gazetteer=None, head: str = HEAD):
    return read_plan(read_source((head + text).encode(), name), gazetteer)


def only(text: str, gazetteer=None, head: str = HEAD):
    (task,) = read(f"1.综合治理。开展排查。{text}\n", gazetteer=gazetteer, head=head).tasks
    (group,) = task.groups
    return group


class TestNumbers:
    def test_a_number_before_a_date_or_a_quantity(self):
        plan = read(
            "1.8月底前关停3座石灰窑。（市工信局牵头）\n2.11月底前，拆除烟囱6座。（市住建局牵头）\n"
            "3.20蒸吨以下燃气锅炉全部改造。（市能源局牵头）\n4.2023年10月底前搬迁4家铸造厂。（市发改委牵头）\n"
            "5.100%安装喷淋设施。（市水利局牵头）\n"
        )
        assert [task.number for task in plan.tasks] == ["1", "2", "3", "4", "5"]
        assert [task.groups[0].measures[0].deadlines for task in plan.tasks[:2]] == [("2023-08-31",), ("2023-11-30",)]
        assert plan.tasks[3].groups[0].measures[0].deadlines == ("2023-10-31",)
        assert plan.tasks[4].groups[0].lead == ("水利局",)

    def test_sub_numbers_stay(self):
        plan = read("1.工业\n1.1改造钢厂。完成改造。（市工信局牵头）\n1.2改造焦化。完成改造。（市工信局牵头）\n")
        assert [task.number for task in plan.tasks] == ["1.1", "1.2"]

    def test_a_quantity_that_the_line_cut_off(self):
        plan = read(
            "1.水泥改造。改造后全市水泥行业能耗降至\n2.5万吨以内。（市工信局牵头）\n2.砖瓦整治。完成。（市能源局牵头）\n"
        )
        assert [task.title for task in plan.tasks] == ["水泥改造", "砖瓦整治"]
        assert plan.tasks[0].groups[0].measures[0].targets[0].value == 2.5

    @pytest.mark.parametrize("text", ["行动一：清洁取暖行动", "任务1：清洁取暖行动", "专项行动一 清洁取暖行动"])
    def test_actions_and_tasks_as_numbers(self, text):
        second = text.replace("一", "二").replace("1", "2").replace("取暖", "运输")
        plan = read(f"{text}\n9月底前完成3万户。\n责任单位：市能源局\n{second}\n年底前完成。\n责任单位：市交通运输局\n")
        assert [(task.number, task.title) for task in plan.tasks] == [
            (plan.tasks[0].number, "清洁取暖行动"),
            (plan.tasks[1].number, "清洁运输行动"),
        ]
        assert plan.tasks[0].number in "一1"

    def test_a_word_is_no_number(self):
        plan = read("1.统一标准。行动一致，任务一览表由各单位保存。（市能源局牵头）\n")
        assert [task.number for task in plan.tasks] == ["1"]


class TestRunIn:
    def test_headings_in_one_line(self):
        plan = read(
            "（一）工业提升1.水泥改造。8月底前完成。（市工信局牵头）2.砖瓦整治。年底前完成。（市生态环境局牵头）"
            "（二）扬尘管控3.工地喷淋。全部安装（市住建局牵头）\n",
            head=HEAD.rstrip("\n"),
        )
        assert [(task.number, task.title, task.section) for task in plan.tasks] == [
            ("1", "水泥改造", "（一）工业提升"),
            ("2", "砖瓦整治", "（一）工业提升"),
            ("3", "工地喷淋", "（二）扬尘管控"),
        ]

    def test_the_plan_of_xinzhou_without_line_breaks(self, xinzhou, xinzhou_source, xinzhou_names):
        plan = read_plan(SourceText(xinzhou_source.text.replace("\n", ""), "joined.txt"), xinzhou_names)
        assert [task.title for task in plan.tasks] == [task.title for task in xinzhou.tasks]
        joined = [group for task in plan.tasks for group in task.groups]
        groups = [group for task in xinzhou.tasks for group in task.groups]
        assert len(joined) == 37
        assert [(g.lead, g.cooperate, g.each, g.implement) for g in joined] == [
            (g.lead, g.cooperate, g.each, g.implement) for g in groups
        ]


class TestItems:
    def test_an_item_with_one_sentence_keeps_it(self):
        (task,) = read("1.精细管理。\n（1）落实五项制度。（市住建局牵头）\n（2）整治堆场7处。（市公安局牵头）\n").tasks
        assert [group.measures[0].text for group in task.groups] == ["落实五项制度", "整治堆场7处"]

    def test_an_item_keeps_its_subject(self):
        (task,) = read(
            "1.分业施策。①水泥改造：8月底前完成。（市工信局牵头）②砖瓦整治：年底前完成。（市能源局牵头）\n"
        ).tasks
        assert [g.measures[0].text for g in task.groups] == ["水泥改造：8月底前完成", "砖瓦整治：年底前完成"]

    def test_a_title_alone_is_the_duty(self):
        (task,) = read("1.划定禁燃区范围。（市生态环境局牵头）\n").tasks
        assert [measure.text for measure in task.groups[0].measures] == ["划定禁燃区范围"]
        assert task.groups[0].measures[0].confidence <= 0.6

    def test_items_of_an_article(self):
        plan = read(
            "第一条 淘汰锅炉。\n（一）6月底前淘汰9台；（市能源局牵头）\n（二）年底前改造4台。（市住建局牵头）\n"
            "第二条 禁烧秸秆。全年巡查。（市农业农村局牵头）\n",
            head="云阳市2023年治气任务书\n2023年2月1日\n第一章 任务\n",
        )
        assert [(task.number, len(task.groups)) for task in plan.tasks] == [("一", 2), ("二", 1)]
        assert plan.tasks[0].groups[1].lead == ("住建局",)


class TestNames:
    @pytest.mark.parametrize(
        "text",
        [
            "（市能源局牵头 市财政局配合 各县（市、区）政府负责落实）",
            "（市能源局牵头\n市财政局配合\n各县（市、区）政府负责落实）",
            "(市能源局牵头　市财政局配合　各县(市、区)政府负责落实)",
        ],
    )
    def test_blanks_part_names(self, text):
        group = only(text)
        assert (group.lead, group.cooperate, group.implement) == (("能源局",), ("财政局",), ("*",))

    def test_blanks_of_justified_print_do_not(self):
        group = only("（市 能 源 局 牵 头 ，市 财 政 局 配 合 ）")
        assert (group.lead, group.cooperate) == (("能源局",), ("财政局",))

    @pytest.mark.parametrize("gap", ["\n", " ", "<br>"])
    def test_labels_with_names_below(self, gap):
        text = f"| 序号 | 任务 | 责任单位 |\n|---|---|---|\n| 1 | 完成排查 | 市公安局{'<br>' if gap == chr(10) else gap}市商务局 |\n"
        (task,) = read(text, "plan.md").tasks
        assert task.groups[0].each == ("公安局", "商务局")
        if gap != "<br>":
            assert only(f"\n责任单位：{gap}市公安局{gap}市商务局").each == ("公安局", "商务局")

    def test_bracketed_labels(self):
        group = only("\n【责任单位】市公安局、市商务局\n【完成时限】2023年7月底")
        assert group.each == ("公安局", "商务局")
        assert group.measures[0].deadlines == ("2023-07-31",)

    def test_a_role_word_inside_a_name(self):
        group = only("（牵头单位：市城市管理监督局、市住房城乡建设局，配合单位：市公安局）")
        assert (group.lead, group.cooperate) == (("城市管理监督局", "住建局"), ("公安局",))

    def test_a_grid_company_keeps_its_place(self):
        assert only("（市能源局牵头，国网西河县供电公司配合）").cooperate == ("国网西河县供电公司",)


class TestSentences:
    def test_a_clause_as_last_sentence(self):
        group = only("本条由市能源局牵头，市财政局配合，西河县人民政府负责落实。")
        assert (group.lead, group.cooperate, group.implement) == (("能源局",), ("财政局",), ("西河县",))
        assert [measure.text for measure in group.measures] == ["开展排查"]

    def test_without_a_leader(self):
        group = only("市水利局负责指导，各县（市、区）人民政府组织实施。")
        assert (group.supervise, group.areas) == (("水利局",), "all")

    def test_a_clause_above_the_duties(self):
        (task,) = read("1.禁烧秸秆。市农业农村局负责指导，各县区组织实施。综合利用率达到95%。\n").tasks
        (group,) = task.groups
        assert group.areas == "all"
        assert group.measures[0].targets[0].value == 95

    def test_duties_of_levels(self):
        group = only("（市级层面由市能源局牵头；县级层面由各县区政府负责）")
        assert (group.lead, group.areas, group.implement) == (("能源局",), "all", ("*",))
        group = only("（市能源局牵头，各县（市、区）人民政府主体责任）")
        assert (group.lead, group.areas) == (("能源局",), "all")


class TestAreas:
    @pytest.mark.parametrize(
        ("text", "mode", "names"),
        [
            ("各乡镇街道园区", "all", "*"),
            ("各县市区政府管委会", "all", "*"),
            ("东山、西河、南岭三县（区）人民政府", "named", "东山 西河 南岭"),
            ("东山区、西河县等2个县（区）人民政府", "named", "东山区 西河县"),
            ("东山、西河县人民政府", "named", "东山 西河县"),
            ("有水泥企业的县（区）人民政府", "some", ""),
            ("承担改造任务的县（市、区）政府", "some", ""),
            ("各县区政府、管委会", "all", "* 管委会"),
            ("西河县政府、各村委会", "all", "西河县 *"),
        ],
    )
    def test_without_a_pack(self, text, mode, names):
        group = only(f"（市能源局牵头，{text}负责落实）")
        assert (group.lead, group.each) == (("能源局",), ())
        assert (group.areas, group.implement) == (mode, tuple(names.split()))

    def test_with_a_pack_stems_get_their_names(self, city):
        group = only("（市能源局牵头，东山、西河、南岭三县（区）人民政府负责落实）", city)
        assert group.implement == ("东山区", "西河县", "南岭县")
        assert min(field.confidence for field in group.fields) > 0.7


class TestHandedDown:
    def test_a_general_bracket_is_no_clause_of_its_own(self):
        group = only("（市能源局牵头，各县区政府负责落实）（以下均需各县区政府落实，不再列出）")
        assert group.lead == ("能源局",)
        plan = read(
            "1.甲类治理。开展排查。市能源局牵头，各县区政府负责落实。（以下均需各县区政府落实，不再列出）\n"
            "2.乙类治理。开展整改。（市公安局牵头）\n"
        )
        assert [len(task.groups) for task in plan.tasks] == [1, 1]
        assert plan.tasks[1].groups[0].inherited
        assert plan.tasks[1].groups[0].implement == ("*",)

    @pytest.mark.parametrize("head", [HEAD, HEAD.replace("一、主要任务\n", "")])
    def test_said_before_the_first_task(self, head):
        text = "以下任务均由各县（市、区）人民政府负责落实，不再逐条列出。\n"
        text += "一、重点工作\n" if "一、" not in head else ""
        plan = read(
            f"{text}1.甲类治理。完成排查。（市能源局牵头）\n2.乙类治理。完成整改。（市公安局牵头）\n", head=head
        )
        assert [(group.lead, group.areas) for task in plan.tasks for group in task.groups] == [
            (("能源局",), "all"),
            (("公安局",), "all"),
        ]


class TestTables:
    ROWS = (
        ("序号", "重点工作", "主要任务", "完成时限", "责任单位"),
        ("1", "重点企业治理", "目标任务", "6月底", "市能源局"),
        ("2", "锅炉改造项目", "改造锅炉7台", "时间要求另定", "市公安局 市商务局"),
        ("一", "工作任务", "具体措施", "8月底", "市水利局"),
    )

    def page(self, head: str = "") -> str:
        rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in self.ROWS)
        return f"<html><body><p>云阳市2023年任务清单</p><p>2023年2月1日</p><table>{head}{rows}</table></body></html>"

    def test_rows_that_sound_like_headings_are_rows(self):
        plan = read(self.page(), "list.html", head="")
        assert [(task.number, task.title) for task in plan.tasks] == [
            ("1", "重点企业治理"),
            ("2", "锅炉改造项目"),
            ("一", "工作任务"),
        ]
        assert plan.tasks[1].groups[0].each == ("公安局", "商务局")

    def test_the_same_in_markdown(self):
        lines = ["| " + " | ".join(row) + " |" for row in self.ROWS]
        plan = read("\n".join([lines[0], "|---|---|---|---|---|", *lines[1:]]), "list.md", head="# 云阳市清单\n\n")
        assert [task.number for task in plan.tasks] == ["1", "2", "一"]

    def test_a_second_heading_row_beside_blanks(self):
        text = (
            "| 序号 | 主要任务 | 责任单位 | |\n|---|---|---|---|\n| | | 牵头单位 | 配合单位 |\n"
            "| 1 | 改造锅炉7台 | 市能源局 | 市公安局 |\n"
        )
        (task,) = read(text, "list.md", head="# 云阳市清单\n\n").tasks
        assert (task.groups[0].lead, task.groups[0].cooperate) == (("能源局",), ("公安局",))

    def test_a_second_heading_row_under_a_wide_cell(self):
        page = (
            "<table><tr><th rowspan=2>序号</th><th rowspan=2>任务</th><th colspan=2>责任</th></tr>"
            "<tr><th>牵头</th><th>配合</th></tr><tr><td>1</td><td>目标任务</td><td>市能源局</td><td>市公安局</td></tr></table>"
        )
        (task,) = read(page, "list.html", head="<p>云阳市清单</p>").tasks
        assert (task.groups[0].lead, task.groups[0].cooperate) == (("能源局",), ("公安局",))


class TestFront:
    BODY = "一、任务\n1.锅炉改造。6月底前完成。（市工信局牵头）\n"

    def test_spaced_letterhead(self):
        plan = read(
            self.BODY,
            head="云 阳 市 人 民 政 府 办 公 室 文 件\n云政办发 [2023] 6 号\n云阳市人民政府办公室关于印发\n"
            "云阳市2023年治气方案的通知\n各县（市、区）人民政府：\n现印发给你们。\n云阳市人民政府办公室\n"
            "2023 年 2 月 1 日\n云阳市2023年治气方案\n",
        )
        assert (plan.title, plan.number) == ("云阳市2023年治气方案", "云政办发〔2023〕6号")
        assert (plan.issuer, plan.date) == ("云阳市人民政府办公室", "2023-02-01")

    @pytest.mark.parametrize(
        ("head", "title"),
        [
            ("附件1：\n\n云阳市2023年治气方案\n\n", "云阳市2023年治气方案"),
            ("附件2 云阳市2023年治气任务清单\n", "云阳市2023年治气任务清单"),
            ("来源：云阳市生态环境局 更新时间：2023-02-01\n云阳市2023年治气方案\n", "云阳市2023年治气方案"),
            (
                "云阳市治气行动计划\n（2023—2025年）\n为改善空气质量，制定本计划。\n",
                "云阳市治气行动计划（2023—2025年）",
            ),
            ("", "任务"),
        ],
    )
    def test_titles(self, head, title):
        assert read(self.BODY, head=head).title == title

    def test_navigation_and_marks_around_the_notice(self):
        plan = read(
            self.BODY,
            head="云阳市政府首页 >> 信息公开 >> 文件\n序号:1001 索引号:J01 网站发布:2023/2/17\n云阳市人民政府\n"
            "关于印发云阳市治气方案的通知\n云政〔2023〕11号\n各县(区)人民政府:\n现将《云阳市治气方案》印发给你们。\n"
            "2023年2月13日\n(此件公开发布)\n云阳市治气方案\n",
        )
        assert (plan.issuer, plan.number, plan.title) == ("云阳市人民政府", "云政〔2023〕11号", "云阳市治气方案")
        plan = read(
            self.BODY,
            head="【规范性文件】西河县人民政府关于印发西河县治气方案(2023-2025)的通知(已废止)\n各乡(镇)政府:\n"
            "现将《西河县治气方案》印发给你们。\n附件:西河县任务分解表\n西河县人民政府\n2023年5月29日\n"
            "西河县治气方案(2023-2025年)\n为改善空气质量,制定本方案。\n",
        )
        assert (plan.issuer, plan.date) == ("西河县人民政府", "2023-05-29")
        assert plan.title == "西河县治气方案(2023-2025年)"

    @pytest.mark.parametrize("gap", ["\n", "、", " "])
    def test_joint_issuers(self, gap):
        head = f"云阳市2023年治气方案\n云阳市生态环境局{gap}云阳市人民政府办公室\n2023年2月1日\n"
        assert read(self.BODY, head=head).issuer == "云阳市生态环境局、云阳市人民政府办公室"


class TestHardships:
    @pytest.mark.parametrize("mark", ["\0", "\x07", "\x1f"])
    def test_control_characters_cost_nothing(self, xinzhou, xinzhou_source, xinzhou_names, mark):
        text = xinzhou_source.text.replace("，", "，" + mark).replace("局", "局" + mark)
        plan = read_plan(SourceText(text, "marked.txt"), xinzhou_names)
        assert [(task.title, len(task.groups)) for task in plan.tasks] == [
            (task.title, len(task.groups)) for task in xinzhou.tasks
        ]
        assert plan.tasks[0].groups[0].lead == xinzhou.tasks[0].groups[0].lead

    @pytest.mark.parametrize("tag", ["div", "span", "table><tr><td", "x"])
    def test_pages_nested_beyond_measure(self, tag):
        opening, closing = f"<{tag}>" * 5000, "</td></tr></table>" * 5000 if "table" in tag else f"</{tag}>" * 5000
        page = f"<html><body><p>云阳市治气方案</p>{opening}<p>1.淘汰锅炉。完成排查。（市能源局牵头）</p>{closing}</body></html>"
        source = read_source(page.encode(), "deep.html")
        (task,) = read_plan(source).tasks
        assert task.groups[0].lead == ("能源局",)


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("市工业和信息化委", "工信委"),
        ("市经济和信息化委", "经信委"),
        ("市交通委", "交通委"),
        ("市交通运输委员会", "交通运输委"),
        ("市城市管理委", "城市管理委"),
        ("市交通局", "交通运输局"),
    ],
)
def test_short_forms_keep_their_kind(written, short):
    assert only(f"（{written}牵头）").lead == (short,)
