"""What a person reads in the plan of Xinzhou (忻政办发〔2020〕36号): written down by hand from the text, clause by clause.

Roles: short forms, parted by blanks. Areas: "all" (各县), "some" (相关县), "-" (none), or the names themselves;
"all+X" is all counties and the zone X.
"""

from __future__ import annotations

from typing import NamedTuple


class Expected(NamedTuple):
    task: int
    lead: str
    cooperate: str
    each: str
    areas: str


COUNTIES = [
    *("忻府区", "定襄县", "五台县", "代县", "繁峙县", "宁武县", "静乐县"),
    *("神池县", "五寨县", "岢岚县", "河曲县", "保德县", "偏关县", "原平市"),
]

TITLES = """深入推进重污染行业结构优化调整
加快推进传统产业集群升级改造
持续推进“散乱污”综合整治
实施钢铁行业超低排放改造
强化工业炉窑和挥发性有机物大气污染综合治理
强化排污许可管理
持续开展清洁取暖改造
强化民用煤质管控
深入开展锅炉综合整治
大力推进“公转铁”
强化机动车环保排放监管
加强车用油品质量监管
加快机动车结构升级
推进露天矿山综合整治
加强城乡环境综合整治
加强扬尘治理
强化其他面源污染管控
全面加强监测预警
果断启动应急响应
夯实应急减排清单
强化应急减排措施的执行""".splitlines()

CLAUSES = [
    Expected(1, "工信局", "发改委 生态环境局 能源局", "", "all+忻州经济开发区"),
    Expected(1, "能源局", "发改委 工信局 自然资源局 生态环境局 水利局 应急管理局 市场监管局 税务局", "", "some"),
    Expected(2, "", "", "", "all+忻州经济开发区"),
    Expected(2, "生态环境局", "工信局 发改委", "", "忻府区 忻州经济开发区"),
    Expected(3, "生态环境局 工信局", "发改委 自然资源局 能源局 市场监管局 忻州供电公司", "", "all"),
    Expected(4, "生态环境局 工信局", "发改委 交通运输局", "", "繁峙县 代县 五台县"),
    Expected(5, "", "", "生态环境局 工信局 交通运输局 市场监管局 城市管理局", "all"),
    Expected(6, "行政审批局 生态环境局", "", "", "all"),
    Expected(7, "能源局", "清洁取暖领导小组成员单位", "", "all+五台山风景名胜区"),
    Expected(7, "生态环境局", "能源局 城市管理局", "", "all"),
    Expected(7, "市场监管局", "能源局 生态环境局", "", "all"),
    Expected(8, "能源局", "", "", "all"),
    Expected(8, "市场监管局", "", "", "all"),
    Expected(9, "生态环境局", "市场监管局", "", "all+五台山风景名胜区"),
    Expected(9, "", "", "", "all+五台山风景名胜区"),
    Expected(9, "能源局 生态环境局", "城市管理局", "", "some"),
    Expected(10, "工信局", "发改委 交通运输局 能源局 自然资源局 生态环境局", "", "some"),
    Expected(11, "生态环境局 市场监管局", "", "", "all"),
    Expected(11, "生态环境局", "交通运输局 工信局 住建局", "", "all"),
    Expected(11, "生态环境局 交通运输局 住建局 公安局", "", "", "all"),
    Expected(12, "市场监管局 商务局", "交通运输局 工信局 生态环境局", "", "all"),
    Expected(13, "", "", "交通运输局 公安局 生态环境局 财政局 商务局", "all"),
    Expected(14, "自然资源局", "能源局 生态环境局 应急管理局 财政局", "", "all"),
    Expected(15, "", "", "城市管理局", "all"),
    Expected(15, "城市管理局", "", "", "all"),
    Expected(15, "", "", "自然资源局 农业农村局 城市管理局", "all"),
    Expected(16, "", "", "住建局 城市管理局 生态环境局 交通运输局 水利局 公安局", "all"),
    Expected(16, "交通运输局 城市管理局 公安局", "", "", "all"),
    Expected(16, "", "", "", "all"),
    Expected(17, "农业农村局", "", "", "all"),
    Expected(17, "", "", "", "all"),
    Expected(17, "", "", "公安局 应急管理局 市场监管局 城市管理局 生态环境局 自然资源局", "all"),
    Expected(18, "", "", "生态环境局 气象局", "-"),
    Expected(19, "生态环境局", "", "", "all"),
    Expected(20, "生态环境局", "工信局 忻州供电公司", "", "all"),
    Expected(20, "工信局 生态环境局", "行政审批局 忻州供电公司", "", "all"),
    Expected(21, "生态环境局 气象局", "", "", "all"),
]

# Deadlines of each task in the order of the text, as a person resolves them: the heating season begins on
# 1 November, 年底 is 31 December, a bare "2020年，" means within 2020. Not deadlines: 2019年逾期…, 2019年未按要求…,
# 较2017年…, 2020年采暖期前无法完成拆迁的 (it says which homes are meant).
DEADLINES = {
    1: ["2020-10-31", "2020-09-30"],
    2: ["2020-04-30", "2020-09-30", "2020-04-30", "2020-06-30"],
    3: [],
    4: ["2020-09-30", "2020-09-30"],  # the second measure stands in the same sentence: 2020年9月底前，…；…要同时完成
    5: ["2020-09-30", "2020-06-30"],
    6: ["2020-08-31"],
    7: ["2020-10-31", "2020-04-30", "2020-10-31", "2020-10-31"],
    8: [],
    9: ["2020-09-30", "2020-10-31"],
    10: ["2020-12-31"],
    11: ["2020-10-31", "2020-12-31"],
    12: [],
    13: ["2020-12-31"],
    14: [],
    15: ["2020-06-30"],
    16: [],
    17: ["2020-12-31"],
    18: [],
    19: [],
    20: ["2020-06-30", "2020-08-31", "2020-09-30"],
    21: [],
}

RECURRENCES = {8: ["monthly", "yearly"], 11: ["continuous"], 15: ["continuous"], 18: ["daily"]}

# (role, words that the object must hold, comparator, value, unit), in the order of the text.
TARGETS = {
    1: [("criterion", "炭化室高度", "=", 4.3, "m"), ("criterion", "焦炉", "=", 4.3, "m")],
    4: [("target", "钢铁企业", ">=", 32, "家"), ("target", "清洁方式运输的比例", ">=", 80, "%")],
    5: [
        ("criterion", "炉膛直径", "<=", 3, "m"),
        ("target", "SCR", "<=", 2.5, "mg/m3"),
        ("target", "SNCR", "<=", 8, "mg/m3"),
        ("target", "低VOCs含量涂料、油墨、胶粘剂使用率", ">=", 90, "%"),
    ],
    7: [("target", "建成区及周边城乡结合部清洁取暖覆盖率", ">=", 100, "%"), ("target", "农村地区", ">=", 60, "%")],
    8: [("target", "煤质抽检覆盖率", ">=", 20, "%"), ("target", "抽检覆盖率", ">=", 100, "%")],
    9: [
        ("criterion", "燃煤锅炉", "<=", 10, "t/h"),
        ("criterion", "热电联产电厂", ">=", 300, "MW"),
        ("criterion", "供热半径", "<=", 15, "km"),
    ],
    10: [
        ("target", "铁路货运量", ">=", 1400, "万吨"),
        ("target", "煤炭、焦炭铁路运输比例", ">=", 80, "%"),
        ("target", "铁路专用线接入比例", ">=", 80, "%"),
        ("target", "大宗货物铁路运输比例", ">=", 80, "%"),
        ("target", "城市建成区城乡结合部", ">=", 90, "%"),
        ("criterion", "年货运量", ">=", 150, "万吨"),
    ],
    11: [("criterion", "日运输量", ">=", 10, "辆")],
    13: [("target", "新能源汽车占比例", ">=", 80, "%")],
    16: [("target", "降尘量", "<=", 9, "t/(month·km2)")],
}

# Targets in words, no number in the text: (task, words that the object must hold), all read as 100 %.
DERIVED = [(6, "排污许可证"), (15, "垃圾清扫保洁"), (16, "六个百分之百")]

ENTERPRISES = {
    1: ["山西禹王煤炭气化有限公司", "山西繁荣富化工有限公司"],
    2: ["山西禹王煤炭气化有限公司"],
    4: ["太原钢铁集团峨口铁矿"],
    5: ["山西新石清洁能源科技有限公司"],
}

STRIVING = [
    "忻府区力争退出",
    "鼓励发展飞地经济",
    "有条件的县（市、区）",
    "力争2020年6月底前完成治理",
    "力争2020年9月底前完成治理",
    "鼓励夏秋高温天气",
    "鼓励发展超低排放热电联产",
    "农村地区力争",
    "原则上全部修建铁路专用线",
    "引导加油站",
]

# Measures that concern less than their clause: (task, clause, first words, mode, areas). Read in the text one by one;
# a mixed measure (task 7: 各县…全部划定…，忻府区要进一步扩大…) concerns the clause's areas and is not listed.
RESTRICTED = [
    (1, 1, "2020年10月底前，忻府区力争退出", "named", "忻府区"),
    (2, 1, "锻造（铸造）、独立球团企业集中的定襄、代县", "named", "定襄县 代县"),
    (2, 1, "并于2020年9月底前完成整治", "named", "定襄县 代县"),
    (
        *(2, 1, "其他县（市、区）针对当地特色企业集群", "others"),
        "忻府区 五台县 繁峙县 宁武县 静乐县 神池县 五寨县 岢岚县 河曲县 保德县 偏关县 原平市 忻州经济开发区",
    ),
    (2, 2, "忻府区要结合当地实际", "named", "忻府区"),
    (2, 2, "方案于2020年4月底前报", "named", "忻府区"),
    (2, 2, "力争2020年6月底前完成治理", "named", "忻府区"),
    (5, 1, "原平市辖区山西新石清洁能源", "named", "原平市"),
    (7, 1, "忻府、定襄、原平3县（市、区）", "named", "忻府区 定襄县 原平市"),
    (7, 1, "2019年散煤采暖污染问题突出的定襄县", "named", "定襄县"),
    (7, 2, "2019年未按要求划定“禁煤区”的代县", "named", "代县"),
]
