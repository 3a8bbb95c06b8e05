"""How often a duty returns: 每月, 逐月, 每日, 经常性 ... as the codes of `CODES`."""

from __future__ import annotations

import re
from dataclasses import dataclass

# code -> what it means; the codes are what `Measure.recurrence` holds.
CODES = {
    "daily": "every day",
    "weekly": "every week",
    "ten-daily": "every ten days (每旬)",
    "half-monthly": "every half month",
    "monthly": "every month",
    "quarterly": "every quarter",
    "half-yearly": "every half year",
    "yearly": "every year, or over each whole year (全年)",
    "continuous": "all the time (经常性, 常态化, 长期)",
}

# 全年淘汰3117辆 is a quantity due by the year's end, not a duty that returns.
ONCE = r"(?:累计|共|力争|计划)?(?:完成|淘汰|压减|新增|推广|整治|改造|建成|新建|削减|替代|退出|实施|拆除|关停)"
_DAY = r"(?:\d{1,2}[日号]|[一二三四五六日]|第?[一二]周|底|末|初)?(?:之前|前)?"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("half-yearly", re.compile(rf"每半年{_DAY}|(?<!上)(?<!下)半年一次")),
    ("half-monthly", re.compile(rf"每半(?:个)?月{_DAY}|半月一次")),
    ("daily", re.compile(r"每日|每天|逐日|每\d*24小时|日调度|日通报|日巡查|日报告|日日")),
    ("weekly", re.compile(rf"每(?:个)?(?:周|星期){_DAY}|逐周|按周|周调度|周通报|周报告")),
    ("ten-daily", re.compile(rf"每旬{_DAY}|逐旬|旬调度|旬通报")),
    ("monthly", re.compile(rf"每(?:个)?月{_DAY}|逐月|按月(?!份)|月度|月调度|月通报|月排名|月考核|月报告")),
    (
        "quarterly",
        re.compile(
            rf"每(?:个)?季(?:度)?{_DAY}|逐季度?|按季度?|(?<![一二三四1-4两几个])季度(?:调度|通报|考核|评估|排名)|季调度"
        ),
    ),
    (
        "yearly",
        re.compile(
            rf"每年(?:度)?(?:\d{{1,2}}月(?:\d{{1,2}}日|底|份)?)?(?:底|末)?(?:之前|前)?|逐年|按年度?|全年(?!目标|任务|{ONCE})|年度(?:考核|评估|总结)"
        ),
    ),
    ("continuous", re.compile(r"经常性|常态化|长期坚持|长期保持|长期开展|常年|全天候|日常化|全时段")),
)
_CELL = re.compile(r"^(?:长期|持续|常态|日常|全年|经常|贯穿|长效|一直|始终)[^，。；\d]{0,8}$")
_DAY_OF = re.compile(r"(\d{1,2})[日号]")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence in a view; `note` says by which day of the month it falls due, if the text says so."""

    begin: int
    end: int
    code: str
    note: str = ""

    @property
    def span(self) -> tuple[int, int]:
        return self.begin, self.end


def find_recurrences(view: str, begin: int, end: int, *, cell: bool = False) -> list[Recurrence]:
    """All recurrences between two positions, in order. In a table's deadline `cell`, 长期 and 持续推进 count too."""
    found: list[Recurrence] = []
    for code, pattern in _PATTERNS:
        for match in pattern.finditer(view, begin, end):
            if not any(item.begin < match.end() and match.start() < item.end for item in found):
                day = _DAY_OF.search(match.group())
                found.append(Recurrence(*match.span(), code, f"by day {day.group(1)}" if day else ""))
    text = view[begin:end].strip()
    if cell and not found and _CELL.match(text):
        found.append(Recurrence(begin, end, "yearly" if text.startswith("全年") else "continuous"))
    return sorted(found, key=lambda item: item.begin)
