"""What a number is about: the words before it (覆盖率, 年均浓度) or behind it (燃煤锅炉), cut to a name."""

from __future__ import annotations

import re

_METRIC = re.compile(
    r"(?:率|比例|比重|占比|浓度|总量|[^数]量|指数|天数|面积|能力|里程|水平|强度|指标|数量|覆盖|幅度|时间|[点次人户件起]数)$"
)
_LESS = re.compile(r"降尘|浓度|排放(?!标准)|综合指数|逃逸|能耗|煤耗|水耗|超标|污染天|消费总量|消耗|反弹|投诉")
_LEAD_IN = re.compile(
    r"^(?:—+|“?十[二三四五六]五”?(?:期间|时期)|（\d{1,2}）|（[一二三四五六七八九十]）|其中|同时|另外|此外|并且?|且|要|应当?|须|必须|确保|保证|力争|争取|努力|实现|使得?|将|让|把|全面|基本|进一步|继续|持续|稳步|逐步|大力|积极|"
    r"到?20\d{2}年(?:底|末|年底)?(?:之?前|以前)?|\d{1,2}月(?:\d{1,2}日|底|末|[上中下]旬)?(?:之?前|以前)?|\d{1,2}年内|累计|[采供]暖[季期]前|年底(?:之?前)?|今年|当年|年内|全年|上半年|下半年|第?[一二三四]季度末?前?|前三季度|每(?:个)?(?:半年|半月|年|季度?|月|旬|周|日|天)|[到至于]|在(?![用建产线册役])|对(?!外)|由|按照|严格|推进|推动|加快|完成|提高|提升|降低|保持|"
    r"不(?:低|少|高|小|大)于|不超过|至少|即|原则上|严格落实|落实|一是|二是|三是|四是|五是|其余|上述|以上)"
)
_TRAILING = re.compile(
    r"(?:要|应当?|须|必须|每(?:个)?(?:半年|半月|年|季度?|月|旬|周|日|天|平方米|村|县|乡镇)|均|都|全部|力争|共计|合计|总计|争取|确保|原则上|基本|分别|同比|平均|累计|稳定|实现|达到|力争达到|一律|再|共|约|控制|不断|逐步|总体|力争实现|(?<=[量率度])年|(?:\d{1,2}、)*\d{1,2}月份?|(?<=.{4})(?:下降|降低|减少|削减|压减|增加|提高|增长|提升|上升)|，|、|在|到|至|为|将|可|达)$"
)
_WORK_WORDS = re.compile(
    r"^(?:[\u4e00-\u9fffA-Za-z、（）]{2,24}?(?:区|县|市|镇|乡|局|委|公司|企业|单位|部门)(?:要|应|须)?(?=完成|淘汰|新[增建]|建成|改造|关停|推广|实施|退出))?"
    r"(?:完成|淘汰|整治|整改|新增|新建|改建|建设|建成|改造|压减|退出|关停|关闭|安装|推广|拆除|取缔|替代|治理|更新|更换|绿化(?!造林)|营造(?!林)|清理|培育|创建|购置|投放|打造|铺设|"
    r"搬迁|整合|修复|硬化|置换|累计|其中|共|再|削减|减排|压缩|节约|设置|设立|建立|配备|培训|实施)+"
)
# Whom it concerns is said by the clause, not by the object: 全市优良天数 -> 优良天数.
_WHERE = re.compile(
    r"^(?:全[国市县区省州镇]|[本我][市县区省]|各(?:有关|相关)?(?:县（[市区、]{1,4}）|县市区|县区|市县|县|市|区|地|乡镇)|(?:有关|相关)县（市、区）|位于|辖区内?|涉及|纳入|每(?:个)?(?:乡镇|街道|村|县))+(?=.{2,})"
)
_CUTS = (
    re.compile(r"等(?!级)"),
    re.compile(r"的|采用|使用(?!率|量)|购[买置]|更新|进行|开展"),
    re.compile(r"行业|企业|单位|机构|公司|部门|园区"),
)
_METRIC_FIRST = re.compile(
    r"(?P<metric>.{2,}(?:率|比例|占比|浓度|总量))(?P<where>[\u4e00-\u9fff]{0,6}(?:区|县|市|城|镇|村|乡))"
)
_LISTS = re.compile(r"、|等(?!级)")
_BRIEF = 18
_WORK_ONLY = re.compile(r"(?:改造|替代|治理|整治|更新|置换|搬迁|修复)+")
# 不低于3天用气量、不低于年销售量10%: what stands before the second comparison belongs to the first.
_COMPARED_LIST = re.compile(
    r"^.*(?:不低于|不少于|不高于|不超过|至少)[^、]*[、和](?=.)|^.*、(?:不低于|不少于|不高于|不超过|至少)|^(?:要)?具备不低于"
)
_COMPARED = re.compile(
    r"(?:较|比|与|同|相比|相较于?|在)(?:去年同期|上年同期|上一年度?|去年|上年|同期|20\d{2}年(?:同期)?|“?十[二三四五]五”?[^，]{0,6})(?:相比|同期|基础上|实际|水平)?(?:，)?(?:同比)?$"
)
_BASIS = re.compile(r"(?:较|比|与|同|相较于?|在)(20\d{2})年|(?:较|比|与|同)(上年|去年|上一年)|(同比)")
_QUALITY = re.compile(
    r"[\u4e00-\u9fffA-Za-z]{0,12}?(?:高度|直径|半径|宽度|长度|深度|厚度|[^数含]量|面积|规模|能力|功率|容量|距离|吨位|排量|年限|人口|热值|出力|装机|占地|产能|率|比例|占比|浓度|周边|沿线|两侧|点|[数人户]数|数量)$"
)
_STOP_IN_QUALITY = "的区内外中上下旁边侧在对为以及和与或将把被按由从向县市"
_VERBS_IN_QUALITY = re.compile(
    r"^.*(?:完成|淘汰|关停|退出|关闭|压减|取缔|推进|实施|加快|严格|保留|禁止|新建|整合|拆除|扩建|改造|开展|对于?)"
)
_ASIDE = re.compile(r"（[^（）]{0,60}(?:确定|名单|以下简称|下同|包括|不含)[^（）]{0,60}）")
_QUALITY_TAIL = re.compile(r"(?:供热|服务|覆盖)?(?:半径|直径|高度|周边|沿线)$")
# 重点企业VOCs深度治理: the enterprises are counted, what is done to them follows.
_WORK_TAIL = re.compile(
    r"(?<=[企业单位工地家炉窑])(?:挥发性有机物|VOCs)?(?:深度|综合|超低排放|提标|低氮|升级|清洁化?|源头)+$"
)
_OBJECT_END = re.compile(
    r"共计|合计|总计|累计|[，。；：、（）《\n\d]|全部|基本|原则上|有序|逐步|依法|严格|淘汰|关停|退出|清零|关闭|取缔|整治|治理|改造|均|应|要|完成|实施|进行|开展|安装|达到|实现|必须|一律|率先|建设|不得|须|的(?=.)"
)
_LIST = re.compile(
    r"((?:[A-Za-z0-9.\u4e00-\u9fff（）]{1,16}、)*[A-Za-z0-9.\u4e00-\u9fff（）]{1,16})(?:和|及|与|以及)([A-Za-z0-9.\u4e00-\u9fff（）]{1,40})"
)
_LATIN_LIST = re.compile(
    r"((?:[A-Za-z][A-Za-z0-9.]{0,9}[、])*[A-Za-z][A-Za-z0-9.]{0,9})(?:和|及|与|、)([A-Za-z][A-Za-z0-9.]{0,9})"
)
_SHARED_TAIL = re.compile(
    r"(?:等)?(?:主要)?(?:大气)?(?:污染物)?"
    r"((?:年均|年平均|平均)?(?:排放总量|排放量|排放浓度|浓度|总量|减排量|消费量|比例|比重|覆盖率|使用率)[^、]{0,6})$"
)
_ITEM_MARK = re.compile(r"^(?:\d{1,2}[.、）]|（\d{1,2}）|[①-⑳])")
_LONGEST = 60


def is_metric(name: str) -> bool:
    """Does the name end in something that is measured?"""
    return bool(_METRIC.search(re.sub(r"（[^（）]*）$", "", name)))


def is_share(name: str) -> bool:
    """Shares of good things (占消费总量比重) rise although the thing itself should not."""
    return bool(re.search(r"(?<!超标)(?:率|比例|比重|占比)$", before_amount(name)))


def less_is_better(name: str) -> bool:
    """Concentrations, emissions, dustfall: reaching a number means staying at or below it."""
    return bool(_LESS.search(name))


def before_amount(text: str) -> str:
    """The subject in the words before a number, without time, comparison and connecting words."""
    name = _COMPARED_LIST.sub("", _ASIDE.sub("", text))
    for _ in range(6):
        shorter = _COMPARED.sub("", _TRAILING.sub("", _LEAD_IN.sub("", _WHERE.sub("", name))))
        if shorter == name:
            break
        name = shorter
    if len(name) > _LONGEST:
        cut = max(name.rfind("、", 0, -10), name.rfind("的", 0, -10), len(name) - _LONGEST)
        name = name[cut + 1 :]
    name = name.strip("，、 的")
    return name[1:-1] if name.startswith("“") and name.endswith("”") and name.count("“") == 1 else name


def without_work(name: str) -> str:
    """老旧货车 in 淘汰老旧货车: the things without the verb, and without the area that does it."""
    shorter = _WORK_WORDS.sub("", _WHERE.sub("", name))
    if not shorter and _WORK_ONLY.fullmatch(name):
        return name
    return name if len(shorter) == 1 else shorter.strip("“”") if shorter.startswith("“") else shorter


def concise(name: str) -> str:
    """The shortest phrase that says what is counted: without the areas, and if long without what describes it.

    >>> concise("全市进出厂区的矿石、燃料等大宗物料采用皮带廊等清洁方式运输的比例")
    '清洁方式运输的比例'
    """
    name = _WHERE.sub("", name)
    turned = _METRIC_FIRST.fullmatch(name)
    if turned:
        name = turned.group("where") + turned.group("metric")
    for cuts in _CUTS:
        rests = [name[cut.end() :] for cut in cuts.finditer(name) if len(name) > _BRIEF]
        kept = [
            rest
            for rest in rests
            if len(rest) >= 5 and rest[0] not in "占的、" and rest.count("）") == rest.count("（")
        ]
        brief = [rest for rest in kept if len(rest) <= _BRIEF]
        name = next((rest for rest in brief if not _LISTS.search(rest)), (brief or kept[-1:] or [name])[0])
    return name


def under_title(name: str, topic: str) -> str:
    """改造 under the title 推进清洁取暖 is 清洁取暖改造; without a name of its own the title is the object."""
    topic = re.sub(
        r"^(?:深入|持续|全面|加快|大力|积极|稳步|扎实)*(?:推进|推动|开展|实施|加强|强化|完成)?(?=.{2,})", "", topic
    )
    return topic if name in topic else f"{topic}{name}"


def says_only_work(name: str) -> bool:
    """Is 改造 or 治理 all that the object says?"""
    return not name or bool(_WORK_ONLY.fullmatch(name))


def things_before(text: str) -> str:
    """路检路查 in 开展路检路查，每月不少于8次: what the comma before a number without object speaks of, "" if unclear."""
    text = _ITEM_MARK.sub("", text)
    name = without_work(before_amount(re.sub(r"^(?:深入|持续|组织)*(?:开展|组织|加强|强化)", "", text)))
    return name if 3 <= len(name) <= 14 and not re.search(r"[\d、，。；：]", name) else ""


def after_amount(view: str, begin: int, end: int) -> str:
    """The things counted, in the words behind a number."""
    position = begin + 1 if view[begin : begin + 1] == "的" else begin
    stop = _OBJECT_END.search(view, position, min(end, position + 40))
    finish = stop.start() if stop else min(end, position + 24)
    name = _WORK_TAIL.sub("", _QUALITY_TAIL.sub("", view[position:finish].strip("的 ")))
    return name.replace("“", "").replace("”", "")


def measured_quality(text: str) -> str:
    """炉膛直径 in 未完成炉膛直径3米以下: a quality of the thing, right before the number. "" if there is none."""
    match = _QUALITY.search(text)
    if not match:
        return ""
    name = _VERBS_IN_QUALITY.sub("", match.group())
    for index in range(len(name) - 3, -1, -1):
        if name[index] in _STOP_IN_QUALITY:
            return name[index + 1 :].removeprefix("其")
    return name.removeprefix("其")


def basis_of(text: str) -> str:
    """The year that a change is measured from: 2017 in 较2017年增加, 上年 in 同比下降."""
    found = list(_BASIS.finditer(text))
    return str(found[-1].group(1) or "上年") if found else ""


def complete(name: str, earlier: list[str]) -> str:
    """农村地区 after 建成区清洁取暖覆盖率 means 农村地区清洁取暖覆盖率: lend it the measured word."""
    if is_metric(name) or not earlier:
        return name
    if not name:
        return earlier[-1]
    metric = _tail_metric(earlier[-1])
    if not metric or (name and metric in name):
        return name
    return f"{name}{metric}"


def _tail_metric(name: str) -> str:
    """The measured part of an object: from the last place word on (…城乡结合部清洁取暖覆盖率 -> 清洁取暖覆盖率)."""
    if not is_metric(name):
        return ""
    match = re.search(
        r"(?:.*(?:县城|城镇|乡镇|地区|区域|建成区|城区|结合部|区|县|市|村|部|企业|车辆|（[^（）]*）|的))?(?P<metric>[^的（）]{2,16})$",
        name,
    )
    return re.sub(r"^全[国省市县区]", "", match.group("metric")) if match else ""


def distribute(before: str, subject: str, count: int) -> list[str] | None:
    """二氧化硫、氮氧化物排放总量分别: as many names as numbers, each with the shared words. None if they do not fit."""
    own = _from_list(subject, count)
    if own:
        return own
    for match in reversed(list(_LATIN_LIST.finditer(before))):
        names = [*match.group(1).split("、"), match.group(2)]
        if len(names) == count:
            return [f"{name}{subject}" for name in names]
    for match in reversed(list(_LIST.finditer(before))):
        names = [*match.group(1).split("、"), match.group(2)]
        if len(names) == count:
            return [f"{name}{subject}" for name in names]
    return None


def _from_list(subject: str, count: int) -> list[str] | None:
    match = _LIST.search(subject)
    listed = f"{match.group(1)}、{match.group(2)}{subject[match.end() :]}" if match else subject
    names = listed.split("、")
    if len(names) != count or not all(names):
        return None
    shared = _SHARED_TAIL.search(names[-1])
    tail = shared.group(1) if shared else ""
    last = names[-1][: shared.start()] if shared else names[-1]
    names[-1] = last or names[-1]
    return [f"{name}{tail}" if tail and not name.endswith(tail) else name for name in names]
