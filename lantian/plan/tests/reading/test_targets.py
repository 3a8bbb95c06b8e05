"""Numbers with their comparator, unit, object and role."""

from __future__ import annotations

import pytest

from lantian.plan.reading.brackets import Shelter
from lantian.plan.reading.normalise import view_of
from lantian.plan.reading.targets import find_targets, with_object
from lantian.plan.reading.units import units


def read(text: str):
    view = view_of(text)
    return find_targets(view, 0, len(view), Shelter(view))


def brief(text: str):
    return [(target.object, target.comparator, target.value, target.unit) for target in read(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("清洁方式运输的比例不低于80%", ("清洁方式运输的比例", ">=", 80, "%")),
        ("涂料使用率达到90%以上", ("涂料使用率", ">=", 90, "%")),
        ("PM2.5年均浓度控制在35微克/立方米以内", ("PM2.5年均浓度", "<=", 35, "ug/m3")),
        ("PM2.5平均浓度降至47微克每立方米", ("PM2.5平均浓度", "<=", 47, "ug/m3")),
        ("氮氧化物排放浓度不高于200mg/m³", ("氮氧化物排放浓度", "<=", 200, "mg/m3")),
        ("降尘量达到9吨/月·平方公里的考核标准", ("降尘量", "<=", 9, "t/(month·km2)")),
        ("降尘量不得高于7吨/（平方公里·月）", ("降尘量", "<=", 7, "t/(month·km2)")),
        ("铁路货运量较2017年增加1400万吨", ("铁路货运量", ">=", 1400, "万吨")),
        ("排放总量比2015年下降15%以上", ("排放总量", ">=", 15, "%")),
        ("煤炭消费总量控制在900万吨以内", ("煤炭消费总量", "<=", 900, "万吨")),
        ("天然气占能源消费总量比重达到10%", ("天然气占能源消费总量比重", ">=", 10, "%")),
        ("全市优良天数达到315天", ("优良天数", ">=", 315, "天")),
        ("机动车保有量不超过20万辆", ("机动车保有量", "<=", 200000, "辆")),
        ("秸秆综合利用率达到百分之九十以上", ("秸秆综合利用率", ">=", 90, "%")),
        ("合格率达到百分之九十八点五", ("合格率", ">=", 98.5, "%")),
        ("新能源公交车占比达到一半以上", ("新能源公交车占比", ">=", 50, "%")),
        ("装配式建筑比例达到三分之一以上", ("装配式建筑比例", ">=", 33.33, "%")),
        ("完成32家现有钢铁企业改造", ("现有钢铁企业", ">=", 32, "家")),
        ("淘汰老旧货车2.3万辆", ("老旧货车", ">=", 23000, "辆")),
        ("完成1.5万户散煤替代", ("散煤替代", ">=", 15000, "户")),
        ("淘汰燃煤锅炉三十二台", ("燃煤锅炉", ">=", 32, "台")),
        ("新增光伏装机50万千瓦", ("光伏装机", ">=", 500, "MW")),
        ("收集率≥90%", ("收集率", ">=", 90, "%")),
        ("收集率>=90%", ("收集率", ">=", 90, "%")),
        ("排放浓度<30mg/m3", ("排放浓度", "<", 30, "mg/m3")),
        ("抽测数量不低于保有量的80%", ("抽测数量", ">=", 80, "%")),
        ("超标率低于5%", ("超标率", "<", 5, "%")),
        ("１０％以上的抽检比例", ("抽检比例", ">=", 10, "%")),
    ],
)
def test_targets(text, wanted):
    (target,) = read(text)
    assert target.role == "target"
    assert (target.object, target.comparator, target.value, target.unit) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("淘汰每小时10蒸吨及以下燃煤锅炉", ("燃煤锅炉", "<=", 10, "t/h")),
        ("65蒸吨/小时以上的燃煤锅炉", ("燃煤锅炉", ">=", 65, "t/h")),
        ("未完成炉膛直径3米以下煤气发生炉淘汰", ("炉膛直径", "<=", 3, "m")),
        ("炭化室高度4.3米焦炉", ("炭化室高度", "=", 4.3, "m")),
        ("30万千瓦及以上热电联产电厂", ("热电联产电厂", ">=", 300, "MW")),
        ("供热半径15公里范围内的锅炉", ("供热半径", "<=", 15, "km")),
        ("日运输量10辆及以上的重点用车单位", ("日运输量", ">=", 10, "辆")),
        ("年货运量150万吨以上的大型工矿企业", ("年货运量", ">=", 150, "万吨")),
        ("年销售汽油量大于5000吨的加油站", ("年销售汽油量", ">", 5000, "t")),
        ("施工面积5000平方米以上的工地", ("施工面积", ">=", 5000, "m2")),
    ],
)
def test_criteria_say_whom_a_measure_concerns(text, wanted):
    (criterion,) = read(text)
    assert criterion.role == "criterion"
    assert (criterion.object, criterion.comparator, criterion.value, criterion.unit) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "14个县（市、区）",
        "在全国168个城市中排名前移",
        "“1+30”重点区域",
        "落实“一企一策”",
        "2020年9月底前完成",
        "晋政办发〔2020〕17号",
        "《产业结构调整指导目录（2019年本）》",
        "VOCs和PM2.5、PM10、SO2协同控制",
        "最后一公里",
        "接到预警后2小时内启动",
        "3个方面",
        "国五及以上排放标准",
    ],
)
def test_numbers_that_are_no_target(text):
    assert read(text) == []


def test_numbers_handed_out_one_by_one():
    found = read("SCR和SNCR脱硝系统安装监控仪表，氨逃逸指标分别控制在2.5mg/m3、8mg/m3以内")
    assert [(t.object, t.value, t.comparator) for t in found] == [
        ("SCR氨逃逸指标", 2.5, "<="),
        ("SNCR氨逃逸指标", 8, "<="),
    ]
    found = read("细颗粒物（PM2.5）和可吸入颗粒物（PM10）平均浓度分别不高于53和32微克/立方米")
    assert [(t.object, t.value, t.unit) for t in found] == [
        ("细颗粒物（PM2.5）平均浓度", 53, "ug/m3"),
        ("可吸入颗粒物（PM10）平均浓度", 32, "ug/m3"),
    ]
    found = read("二氧化硫、氮氧化物和挥发性有机物排放总量比2015年分别下降15%、10%和26%")
    assert [(t.object, t.value, t.change, t.basis) for t in found] == [
        ("二氧化硫排放总量", 15, "decrease", "2015"),
        ("氮氧化物排放总量", 10, "decrease", "2015"),
        ("挥发性有机物排放总量", 26, "decrease", "2015"),
    ]


def test_an_unfinished_object_borrows_the_measured_word():
    found = read("建成区清洁取暖覆盖率达到100%，农村地区力争达到60%以上")
    assert [target.object for target in found] == ["建成区清洁取暖覆盖率", "农村地区清洁取暖覆盖率"]
    assert found[1].confidence < found[0].confidence


def test_parts_of_a_quantity():
    found = read("完成清洁取暖改造4万户，其中“煤改电”2万户、“煤改气”1.5万户")
    assert [(t.object, t.value) for t in found] == [("清洁取暖改造", 40000), ("煤改电", 20000), ("煤改气", 15000)]
    found = read("铁路运输比例达到80%以上（其中重点煤矿达到95%）")
    assert [target.object for target in found] == ["铁路运输比例", "重点煤矿铁路运输比例"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("重型货车新能源占比由12%提高至45%", [("重型货车新能源占比", ">=", 45, "%")]),
        ("铁路运输比例从2020年的35%提高到2023年的55%", [("铁路运输比例", ">=", 55, "%")]),
        ("吨钢颗粒物排放量从0.9公斤降低到0.6公斤", [("吨钢颗粒物排放量", "<=", 0.6, "kg")]),
    ],
)
def test_the_level_that_something_is_raised_from_is_no_target(text, wanted):
    assert brief(text) == wanted


def test_the_year_of_the_level_is_the_basis():
    (target,) = read("铁路运输比例从2020年的35%提高到55%")
    assert (target.basis, target.change) == ("2020", "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "其中热源并网1.2万户、生物质炉具0.8万户、电采暖3.1万户",
            [("热源并网", ">=", 12000, "户"), ("生物质炉具", ">=", 8000, "户"), ("电采暖", ">=", 31000, "户")],
        ),
        (
            "新增湿地7公顷、植树40万株、铺设管网26公里",
            [("湿地", ">=", 7, "hm2"), ("植树", ">=", 400000, "株"), ("管网", ">=", 26, "km")],
        ),
        (
            "整治裸露地块19处、露天料场6处",
            [("裸露地块", ">=", 19, "处"), ("露天料场", ">=", 6, "处")],
        ),
        (
            "污水处理率城区达到96%、乡镇达到70%以上",
            [("城区污水处理率", ">=", 96, "%"), ("乡镇污水处理率", ">=", 70, "%")],
        ),
        (
            "整改小散砖厂共计31家，其中关停取缔12家，提升改造19家",
            [("小散砖厂", ">=", 31, "家"), ("小散砖厂", ">=", 12, "家"), ("小散砖厂", ">=", 19, "家")],
        ),
        ("淘汰窑炉14台共计95蒸吨", [("窑炉", ">=", 14, "台"), ("窑炉", ">=", 95, "t/h")]),
        (
            "淘汰20蒸吨/小时以下燃煤锅炉9台",
            [("燃煤锅炉", "<=", 20, "t/h"), ("燃煤锅炉", ">=", 9, "台")],
        ),
    ],
)
def test_in_a_list_each_number_has_its_own_object(text, wanted):
    assert brief(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("削减烟粉尘860吨", [("烟粉尘", ">=", 860, "t")]),
        ("减排氮氧化物730吨、VOCs410吨", [("氮氧化物", ">=", 730, "t"), ("VOCs", ">=", 410, "t")]),
        ("压减焦炭产能90万吨", [("焦炭产能", ">=", 90, "万吨")]),
        ("每乡镇设立微型站不少于两座", [("微型站", ">=", 2, "座")]),
        ("新建四座储煤棚", [("储煤棚", ">=", 4, "座")]),
        ("购置雾炮车两台", []),
        ("购置两台雾炮车", [("雾炮车", ">=", 2, "台")]),
        ("培训骨干不少于十五名", [("骨干", ">=", 15, "人")]),
        ("近百家企业受到处罚", []),
        ("建立三项制度、两个清单", []),
        ("排名进入前10名", []),
        ("退出单机容量不足20万千瓦的机组", [("单机容量", "<", 200, "MW")]),
        ("对密闭率未达到95%的料场停产整治", [("密闭率", "<", 95, "%")]),
        ("新能源渣土车占比超过40%", [("新能源渣土车占比", ">", 40, "%")]),
        ("扣减比例不超过3%", [("扣减比例", "<=", 3, "%")]),
        ("企业平均产能达到90万吨/年以上", [("企业平均产能", ">=", 90, "万吨")]),
        ("主干道洒水作业不少于3次/日", [("主干道洒水作业", ">=", 3, "次")]),
        ("背街小巷冲洗不少于两次", [("背街小巷冲洗", ">=", 2, "次")]),
        ("组织夜间巡查，每周不少于2次", [("夜间巡查", ">=", 2, "次")]),
        ("道路积尘负荷每平方米不超过2克", [("道路积尘负荷", "<=", 2, "g/m2")]),
        ("完成3台130吨/小时锅炉改造", [("锅炉", ">=", 3, "台"), ("锅炉", "=", 130, "t/h")]),
        ("标准煤消费控制在26万吨标准煤以内", [("标准煤消费", "<=", 26, "万吨标准煤")]),
    ],
)
def test_quantities(text, wanted):
    assert brief(text) == wanted


def test_how_often_is_said_in_the_note():
    (target,) = read("企业平均产能达到90万吨/年以上")
    assert target.note == "rate /年"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("实现乡镇空气自动站全覆盖", "乡镇空气自动站"),
        ("严格落实搅拌站“七个百分之百”", "搅拌站“七个百分之百”"),
        ("落实堆场“五个100%”要求", "堆场“五个100%”"),
    ],
)
def test_words_for_all_are_derived(text, words):
    (target,) = read(text)
    assert target.derived
    assert target.role == "target"
    assert (target.object, target.value, target.unit) == (words, 100, "%")
    assert target.confidence <= 0.7
    assert target.to_json()["derived"] is True


def test_a_share_written_out_is_a_number_of_the_text():
    (target,) = read("密闭运输率达到百分之百")
    assert not target.derived
    assert "derived" not in target.to_json()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("各县（市、区）城区道路机械化清扫率达到85%", "城区道路机械化清扫率"),
        (
            "进出厂区的矿石、燃料、石灰等大宗物料和产品采用皮带廊、铁路等清洁方式运输的比例不低于75%",
            "清洁方式运输的比例",
        ),
        ("全县地热能占取暖能耗的比例达到6%", "地热能占取暖能耗的比例"),
        ("原平市、代县完成生物质替代1.1万户", "生物质替代"),
    ],
)
def test_objects_are_short(text, words):
    (target,) = read(text)
    assert target.object == words


def test_what_is_counted_without_a_name():
    bare = read("9月底前完成20家、11月底前完成35家")
    assert [target.object for target in bare] == ["", ""]
    assert [with_object(target, "").object for target in bare] == ["企业", "企业"]
    titled = with_object(bare[0], "砖瓦窑治理")
    assert (titled.object, titled.confidence) == ("砖瓦窑治理", 0.4)
    assert with_object(bare[0], "").confidence <= 0.4
    (work,) = read("年底前完成改造6000户")
    assert (work.object, with_object(work, "加快热源替代").object) == ("改造", "热源替代改造")


def test_ranges():
    (target,) = read("PM2.5浓度控制在25—30微克/立方米")
    assert (target.comparator, target.value, target.upper) == ("range", 25, 30)
    (target,) = read("推广新能源汽车1-2万辆")
    assert (target.value, target.upper, target.unit) == (10000, 20000, "辆")


def test_the_comparator_beats_a_suffix_of_the_other_side():
    (target,) = read("优良天数比率保持在95%以上")
    assert target.comparator == ">="
    (target,) = read("PM2.5浓度保持在30微克/立方米以下")
    assert target.comparator == "<="


def test_every_spelling_of_a_unit_is_read():
    for name, unit in units().items():
        if unit.code in ("%", "天", "次"):
            continue
        (target,) = read(f"治理规模不低于7{name}。")
        assert target.unit == unit.code, name
        assert target.value == pytest.approx(7 * unit.factor), name
