"""What a number wants: its comparator, whether it is a target or only describes, and the change that it means.

Comparators: 以上, 不低于, 达到 are floors; 以内, 不超过, 控制在 are ceilings; 达到 is a ceiling too where less is
better (浓度, 降尘量, 排放); 超过 and 不足 are strict. A quantity of work (完成32家) is a floor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from lantian.plan.reading.amounts import Amount
from lantian.plan.reading.model import Comparator, Target, TargetRole
from lantian.plan.reading.objects import before_amount, is_metric, is_share, less_is_better

_TAIL = r"(?:在|到|至|为|约|近|了|以|达|率达|一律|均|都|分别|平均|同比|累计|共|，){0,3}$"
_FLOOR = re.compile(
    r"(?:不(?:得|能|应|宜)?低于|不(?:得|能|应|宜)?少于|不(?:得|能|应|宜)?小于|大于或?等于|达到或超过|达到或优于|至少(?:达到|完成)?|≥|>=|最低)"
    + _TAIL
)
_CEILING = re.compile(
    r"(?:不(?:得|能|应|宜)?超过|不(?:得|能|应|宜)?高于|不(?:得|能|应|宜)?大于|不(?:得|能|应|宜)?多于|不(?:得|能|应|宜)?突破|小于或?等于|控制|≤|<=|最高|最多|压减到|压减至|降至|降到|降低到|降低至|下降到|下降至|减至|减少到|减少至|削减到|削减至|缩短至|力争降)"
    + _TAIL
)
_ABOVE = re.compile(r"(?:高于|大于|超过|超|突破|>)" + _TAIL)
_UNDER = re.compile(r"(?:低于|小于|少于|不足|不到|未达到?|未满|<)" + _TAIL)
_UP_TO = re.compile(r"(?:提高到|提高至|提升到|提升至|增加到|增加至|增至|增长到|扩大到|上升到|提至)" + _TAIL)
_REACH = re.compile(r"(?:达到|达|实现|完成(?!率)|稳定在|保持在|维持在|稳定|保持|维持|为|约为)" + _TAIL)
_DECREASE = re.compile(
    r"(?:下降|降低|减少|削减|压减|压缩|缩减|降幅|减排|降|节约|下降率|削减率|下降幅度)(?:比例|幅度|量)?(?:达到|达|不低于|不少于|至少|超过)?"
    + _TAIL
)
_INCREASE = re.compile(
    r"(?:增加|提高|增长|提升|上升|扩大|增幅|增长率|提速)(?:比例|幅度|量)?(?:达到|达|不低于|不少于|至少|超过)?" + _TAIL
)
_NOT_MORE = re.compile(r"不(?:得|能|应|宜)?(?:超过|高于|大于|多于)" + _TAIL)
_OF_BASE = re.compile(r"(不低于|不少于|不小于|达到|达|不超过|不高于|控制在)[^，。；\d]{2,24}的$")
_WORK = re.compile(
    r"(?:完成|淘汰|整治|整改|新增|新建|建设|建成|改造|压减|退出|关停|关闭|安装|推广|拆除|取缔|替代|治理|更新|更换|绿化|造林|营造|实施|推动|推进|清理|培育|创建|"
    r"抽检|抽查|抽测|检查|检测|监测|巡查|排查|配备|购置|投放|打造|铺设|搬迁|整合|建立|设立|增设|布设|修复|硬化|启动|升级|置换|投入|完善|达标|回收|处置|核发|登记|力争|再|削减|减排|压缩|压降|节约|节省|替换|更替|其中)[^。；]{0,40}$"
)
_WORK_AFTER = re.compile(
    r"完成|淘汰|关停|关闭|搬迁|改造|整治|退出|建成|投运|达标|治理|拆除|取缔|抽[查测检]|检查|检测|监测|安装|清零"
)
# 推动15家以上企业达到B级水平: so many are to get there.
_PUSHED = re.compile(r"(?:推动|推进|组织|支持|引导|力争|争取|确保|指导|帮助|促进)$")
_RESULT = re.compile(r"^[^，。；]{0,24}?(?:达到|完成|实现|创建|建成|通过|入选|退出|实施|升级|转型|纳入)")
_SEGMENT_END = re.compile(r"(?<=.)[。；\n]")
_AFTER_FLOOR = re.compile(r"^(?:（含）|（含本数）)?(?:的)?(?:及|或|含)?以上")
_AFTER_CEILING = re.compile(
    r"^(?:（含）|（不含）)?(?:的)?(?:及|或|含)?(?:以下|以内|之内|内(?!容|部|蒙|设|外|的?生)|范围内|范围以内)"
)
_AFTER_ABOUT = re.compile(r"^(?:左右|上下)")
_DESCRIBES = re.compile(r"^(?:的)?[\u4e00-\u9fffA-Za-z（“]")
_CLAUSE_END = re.compile(r"^(?:的)?(?:目标|要求|水平|标准|考核标准|任务)?(?:[，。；、）\n]|$)")
_SAYS_WHICH = re.compile(r"^(?:及?以[上下内])?的[\u4e00-\u9fff]")
_IS_GOAL = re.compile(
    r"^(?:及?以[上下内])?的[\u4e00-\u9fff]{0,6}(?:目标|要求|水平|标准|任务|比例|指标|规定|幅度|速度|覆盖|前提)"
)
_LISTED_THING = re.compile(r"[，、](?!涉及|共|覆盖|其中|分布|包括|每|对|全市|全县|不|按)[\u4e00-\u9fffA-Za-z“”]{2,10}")
_WINDOW = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """`prefix` is where the comparing word begins; `sure` between 0 and 1."""

    comparator: Comparator
    role: TargetRole
    change: Literal["", "increase", "decrease"]
    prefix: int
    sure: float


def judge_raised(begin: int, *, falls: bool) -> Reading:
    """由60%提高到90%: the second number is the level to reach."""
    return Reading("<=" if falls else ">=", "target", "", begin, 0.9)


def judge(view: str, start: int, first: Amount, last: Amount) -> Reading | None:
    """Comparator, role and change of a chain, or None when the number is neither."""
    before, after = view[start : first.begin], _SEGMENT_END.split(view[last.end : last.end + 40], 1)[0]
    before = before[-_WINDOW:]
    of_base = _OF_BASE.search(before)
    if of_base:
        # 不低于保有量的80%: what it is a share of stands between comparator and number.
        sign_of: Comparator = "<=" if of_base.group(1) in ("不超过", "不高于", "控制在") else ">="
        return Reading(sign_of, "target", "", first.begin - (len(before) - of_base.start()), 0.85)
    change = _change(before)
    prefix = first.begin - (len(change[1]) if change else 0)
    for pattern, comparator in ((_FLOOR, ">="), (_CEILING, "<="), (_UP_TO, ">="), (_ABOVE, ">"), (_UNDER, "<")):
        match = pattern.search(before)
        if match and not (change and pattern in (_ABOVE, _UNDER)):
            sign: Comparator = ">=" if pattern is _CEILING and _AFTER_FLOOR.match(after) else comparator  # type: ignore[assignment]
            kind = change[0] if change and pattern is not _CEILING else _change_beside(before, match)
            return Reading(sign, "target", kind, start + _offset(view, start, first, before, match), 0.92)
    if change:
        sign = "<=" if _AFTER_CEILING.match(after) or _NOT_MORE.search(before) else ">="
        return Reading(sign, "target", change[0], prefix, 0.88)
    reach = _REACH.search(before)
    if reach:
        subject = before[: reach.start()]
        return _reached(after, subject, first, prefix=first.begin - (len(before) - reach.start()))
    return _bare(before, after, first, last)


def _offset(view: str, start: int, first: Amount, before: str, match: re.Match[str]) -> int:
    return first.begin - start - (len(before) - match.start())


def _change(before: str) -> tuple[Literal["increase", "decrease"], str] | None:
    down, up = _DECREASE.search(before), _INCREASE.search(before)
    if down:
        return "decrease", before[down.start() :]
    if up:
        return "increase", before[up.start() :]
    return None


def _change_beside(before: str, match: re.Match[str]) -> Literal["", "increase", "decrease"]:
    """下降幅度不低于15%: the word for the change stands before the comparator."""
    head = before[: match.start()]
    if re.search(r"(?:下降|降低|减少|削减|压减)(?:比例|幅度|率|量)?$", head):
        return "decrease"
    if re.search(r"(?:增加|提高|增长|提升|上升)(?:比例|幅度|率|量)?$", head):
        return "increase"
    return ""


def _reached(after: str, subject: str, amount: Amount, *, prefix: int) -> Reading:
    if _AFTER_FLOOR.match(after):
        return Reading(">=", "target", "", prefix, 0.95)
    if _AFTER_CEILING.match(after):
        return Reading("<=", "target", "", prefix, 0.95)
    if _AFTER_ABOUT.match(after):
        return Reading("=", "target", "", prefix, 0.7)
    lower = amount.unit.kind in ("concentration", "flux") or (less_is_better(subject) and not is_share(subject))
    return Reading("<=" if lower else ">=", "target", "", prefix, 0.85 if lower else 0.92)


def describing(reading: Reading, amount: Amount, after: str, subject: str = "") -> Reading:
    """销售量大于5000吨的加油站: a comparison that only says which things are meant; 不少于30%的加油站 wants a share of them."""
    own_share = amount.unit.kind == "share" and (reading.prefix == amount.begin or not is_metric(subject))
    if reading.role == "target" and not own_share and _SAYS_WHICH.match(after) and not _IS_GOAL.match(after):
        return replace(reading, role="criterion", change="", sure=min(reading.sure, 0.75))
    return reading


def _bare(before: str, after: str, first: Amount, last: Amount) -> Reading | None:
    """Without a comparing word in front: a description, a quantity of work, or nothing."""
    kind, begin = first.unit.kind, first.begin
    floor, ceiling = _AFTER_FLOOR.match(after), _AFTER_CEILING.match(after)
    if floor or ceiling:
        rest = after[(floor or ceiling).end() :]  # type: ignore[union-attr]
        sign: Comparator = ">=" if floor else "<="
        pushed = kind == "count" and _PUSHED.search(before) and _RESULT.search(rest)
        describes = bool(_DESCRIBES.match(rest)) and kind != "share" and not pushed
        return Reading(sign, "criterion" if describes else "target", "", begin, 0.85 if describes else 0.75)
    if kind == "spec" and _DESCRIBES.match(after):
        return Reading("=", "criterion", "", begin, 0.7)
    if kind == "share":
        sure = 0.6 if is_metric(before_amount(before)) or first.sure < 0.7 else 0.5
        return Reading(">=", "target", "", begin, sure)
    if kind in ("concentration", "flux"):
        return Reading("<=", "target", "", begin, 0.55)
    if kind == "time":
        return Reading(">=", "target", "", begin, 0.5)
    if _WORK.search(before):
        return Reading(">=", "target", "", begin, 0.75)
    if _WORK_AFTER.search(after):
        return Reading(">=", "target", "", begin, 0.65)
    return Reading("=", "criterion", "", begin, 0.5) if kind != "money" and _DESCRIBES.match(after) else None


def continued(view: str, amount: Amount, earlier: list[Target]) -> Reading | None:
    """改造4万户，其中“煤改电”2万户: a part of the quantity before, in the same unit and sentence."""
    before = earlier[-1] if earlier else None
    if before is None or before.role != "target":
        return None
    if before.unit != amount.unit.code:
        # 建成充电桩1.2万个，充电站20座: another thing of the same list.
        listed = before.comparator == ">=" and not before.change and amount.unit.kind == "count"
        if not listed or not _LISTED_THING.fullmatch(view, before.end, amount.begin):
            return None
    between = re.sub(r"[。；](?=其中)", "", view[before.end : amount.begin])
    same_sentence = not re.search(r"[。；\n]", between)
    return Reading(before.comparator, "target", before.change, amount.begin, 0.6) if same_sentence else None


def suffix_end(view: str, end: int) -> int:
    for pattern in (_AFTER_FLOOR, _AFTER_CEILING, _AFTER_ABOUT):
        match = pattern.match(view[end : end + 12])
        if match:
            return end + match.end()
    return end
