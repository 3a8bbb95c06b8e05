"""The words by which a responsibility clause hands out roles. Patterns work on the view (see `normalise`).

A clause names its actors before a role word (市工信局牵头，市发改委配合，各县负责落实) or after a label
(牵头单位：市工信局；配合单位：市发改委). Roles:

lead       牵头: one department answers for the whole
cooperate  配合、参与、会同 …: helps the lead
each       分别负责、按职责 …: every one answers for its own part; also a plain 负责落实 of departments
implement  负责落实 of areas
supervise  督导: watches over those who carry out
"""

from __future__ import annotations

import re
from typing import Literal

Role = Literal["lead", "cooperate", "each", "do", "supervise", "leader", "deadline", "implement"]

_DUTY = r"(?:按照?|依据?|依照|根据|结合)(?:各自|部门|工作|法定|本|自身|其)*(?:职责|职能|分工|责任|权限|任务)+(?:范围)?(?:分工)?(?:要求)?"
_HOW = r"(?:共同|联合|分别|具体|积极|密切|分工|主动|全力|直接|统筹|总|各自|做好)*"
_DONE = r"(?:负责|落实|实施|组织|推进|抓好|做好|工作|承担|执行|抓总|协调|推动|统筹|开展|完成|具体|到位|整改|治理)*"

# Tried in this order; the first that matches at a place wins.
ROLE_WORDS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "lead",
        re.compile(
            rf"(?:{_DUTY}，?)?{_HOW}(?:牵头|主办|主责|为主|总负责|负总责)(?:单位|部门)?(?:督导|指导|协调|抓总)?{_DONE}"
        ),
    ),
    (
        "cooperate",
        re.compile(
            rf"(?:{_DUTY}，?)?{_HOW}(?:予以|给予|做好)?(?:配合|参与|参加|协办|协助|协同|支持|协作|会办)(?:配合|支持|参与|协助|做好)?{_DONE}"
        ),
    ),
    (
        "supervise",
        re.compile(
            rf"(?:{_DUTY}，?)?{_HOW}(?:负责)?(?:监督|督导|督促|督查|督办|监管|指导|调度|考核)+(?:指导|检查|管理|工作)*(?:落实|实施)?"
        ),
    ),
    (
        "each",
        re.compile(
            rf"{_DUTY}，?{_HOW}{_DONE}|(?:分别|分工|各自|各负其责|分头|分类|分级)(?:负责|落实|实施|组织|牵头)+{_DONE}|各负其责"
        ),
    ),
    (
        "do",
        re.compile(
            rf"{_HOW}(?:负责|落实|实施|组织实施|承担|执行|抓好落实|推进落实|组织落实|承办|办理){_DONE}|(?:承担|落实|负)?(?:责任|实施|落实)(?:主体|单位)|(?:承担|落实|负)?主体责任"
        ),
    ),
)

_LEVEL = r"(?:市级|县级|区级)?"
# 责任单位：市住建局, or 责任单位 市住建局 where a blank (cleaned away) stands for the colon.
_UNIT = r"(?:单位|部门|地区|主体|机关|分工)(?:：|[为是]：?(?=[市县区省各])|(?=[市县区省各]))"


def _label(words: str) -> re.Pattern[str]:
    """责任单位：… and 【责任单位】…"""
    return re.compile(rf"{_LEVEL}(?:{words})(?:{_UNIT}|：)|（{_LEVEL}(?:{words})(?:单位|部门|主体|分工)）：?")


LABELS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "leader",
        re.compile(r"(?:市级|县级|区级|政府)?(?:牵头|责任|分管|包保|联系|主管|督导|配合|总)(?:市|县|区)?(?:领导|人)："),
    ),
    (
        "deadline",
        re.compile(
            r"(?:任务|工作|整改|计划)?(?:完成|办结|整改|实施|办理|推进|截止|达标)?"
            r"(?:时限|期限|时间|时间节点|时间要求|时限要求|年限)(?:要求)?：|（(?:完成|办结|整改)?(?:时限|期限|时间)）：?"
        ),
    ),
    ("lead", _label("牵头责任|牵头|主责|主办|主管|第一责任|主要责任|总牵头")),
    ("cooperate", _label("配合责任|配合|协办|参与|参加|协同|协助|协作|会办")),
    ("supervise", _label("督导|监督|督促|监管|指导|督查|督办|考核")),
    ("implement", re.compile(r"(?:属地|责任|实施|涉及)(?:地区|区域|属地|范围)：|属地(?:政府|责任)?：")),
    (
        "each",
        re.compile(
            rf"{_LEVEL}(?:责任|负责|落实|实施|承办|承担|具体责任|整改责任|整改|执行)"
            rf"(?:{_UNIT}|(?:部门和单位|单位（部门）|部门（单位）)：)|(?:责任|落实)：|（{_LEVEL}(?:责任|负责|落实|实施|承办)(?:单位|部门|主体)）：?"
        ),
    ),
)
LABEL_START = re.compile("|".join(pattern.pattern for _, pattern in LABELS))

# After these verbs the bracket tells who decides something; it hands out no duty: （名单由市能源局牵头确定）.
VETO = re.compile(
    r"(?:确定|制定|认定|审定|提供|编制|另行|下达|解释|公布|发布|提出|备案|批准|审核|审批|汇总|考核|评估|出具|报送|统计|测算|明确|划定|商定|研究|另文|召集|组建)"
)
HINT = re.compile(
    r"牵头|配合|负责|落实|参与|职责|协办|主办|督导|(?:单位|部门|领导|主体|时限)：|不再(?:一一)?(?:列出|列明|赘述)"
)

# 以下各项均需各县（市、区）落实，不再列出
DIRECTIVE = re.compile(
    r"(?:(?P<reach>以下|下列|下述|后续|以上|上述|本节|本部分|本章|各项|所有|其他|其余)|(?=均|都))"
    r"(?:各项|各条|各类|任务|工作|措施|内容|条款|事项|重点|所有|全部)*(?:均|都|全部|皆)?(?:需要?|由|须|应由?|涉及|为)?"
    r"(?P<who>[^。；\n]{0,60}?)(?:负责|组织)?(?:具体)?(?:落实|实施|负责|参与|配合)*(?:到位)?，?"
    r"(?:以下|下文|后文|后面)?(?:各项|任务)?(?:均)?(?:不再|不)(?:一一|逐一|逐项|逐条|逐个|分别|单独|重复|另行)*"
    r"(?:列出|列明|列示|列入|注明|赘述|标注|罗列|重复)"
)
# 排在第一位的为牵头单位，下同: the first of the units named leads, here or from here on.
FIRST_LEADS = re.compile(
    r"(?:(?:其中|责任单位中)，?)?(?:排名?|列|位)(?:在|于)?(?:第一位?|首位|最前面?)的?(?:责任)?(?:单位|部门)?[为是]牵头(?:责任)?(?:单位|部门)?(?P<on>[，；]?(?:以)?下同)?"
    r"|(?:其中，?)?(?:第一个?|首个)(?:责任)?(?:单位|部门)[为是]牵头(?:责任)?(?:单位|部门)?(?P<on2>[，；]?(?:以)?下同)?"
)
AND_OTHERS = re.compile(
    r"等(?:其他|其它)?(?:市直|市级|县直|有关|相关|各|职能|成员|责任|涉及|多个)*(?:部门和单位|部门、单位|部门单位|部门|单位|企业|机构)?"
)
TOGETHER = re.compile(r"会同|联合|商(?=[市县区省])")
SEPARATOR = re.compile(
    r"[、，；。,;/\s]+|(?:省|市|县|区|乡|镇)级?层面(?:上)?，?由?|以及|并由|和(?!顺县|平区|平县|田|硕|政县|龙|静|林格尔)|[及与并由]|分别由|主要由|具体由|[为是](?=牵头|配合|责任|主|协|实施|落实)"
)
