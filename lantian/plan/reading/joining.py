"""Does this line continue the one before? Files break lines at pages, at a fixed width, or at paragraphs."""

from __future__ import annotations

import re
from functools import cached_property

from lantian.plan.reading.normalise import view_of

_SENTENCE_END = re.compile(r"[。！？；：!?]\s*[”’）]*\s*$")
_CONTINUES = re.compile(r"[，、,（《“—的和及与或在对将为]\s*$")
_NUMBERED = re.compile(
    r"^\s*(?:\*\*)?\s*(?:第[一二三四五六七八九十百\d]{1,4}[章节条部分]|[一二三四五六七八九十]{1,3}[、.，]"
    r"|（[一二三四五六七八九十]{1,3}）|（\d{1,2}）|\d{1,2}\s*[.、](?!\s*\d)|\d{1,2}\s*[.、](?=\s*(?:20\d{2}\s*年|\d{1,2}\s*月))|\d{1,2}(?:\.\d{1,2}){1,2}(?=[\s\u4e00-\u9fff])"
    r"|\d{1,2}）|[①-⑳]|附件|附表|附录|\d{1,2}\s+(?![年月日号个家台户吨])[\u4e00-\u9fff]{2,24}\s*$|(?:专项|重点|攻坚)?(?:行动|任务|工程|战役)(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:[：、.]|\s))"
)
_HEADING_MARK = re.compile(
    r"^\s*(?:\*\*)?\s*(?:第[一二三四五六七八九十百\d]{1,4}[章节部分]|[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）)"
)
_LABEL = re.compile(
    r"^\s*(?:\*\*)?(?:（)?(?:市级|县级|区级)?(?:牵头|责任|配合|协办|参与|主办|主责|实施|落实|监督|督导|协同|协作)"
    r"(?:单位|部门|领导|人|主体|分工)(?:\*\*)?(?:\s*[：:）]|\s+(?=[市县区省各]))"
    r"|^\s*(?:\*\*)?(?:（)?(?:完成|办结|整改)?(?:时限|期限|时间|时间要求|时间节点)(?:\*\*)?\s*[：:）]"
    r"|^\s*(?:\*\*)?(?:主要|工作|重点|具体|目标|年度)(?:任务|措施|内容|举措)(?:\*\*)?\s*[：:]"
)
_BRACKETED = re.compile(r"^\s*（[^（）]{0,80}(?:牵头|负责|落实|配合|单位：|职责)")
_AFTER_CLAUSE = re.compile(r"（[^（）]*(?:（[^（）]*）[^（）]*)*(?:牵头|负责|落实|配合|参与)[^（）]*）[。；]?\s*$")
_QUANTITY = re.compile(
    r"^\s*\d+\.\d+\s*(?:%|[万亿千百]?(?:吨|米|家|户|台|辆|亩|元|千瓦|公里|平方|立方|微克|毫克|蒸吨|个百分点)|[万亿])"
)
_ENDED = re.compile(r"[。；：！？）]\s*$")
_ANY_NUMBER = re.compile(r"^\s*\d{1,2}\s*[.、]")
_EMPTY_LABEL = re.compile(
    r"^\s*(?:\*\*)?（?(?:市级|县级|区级)?(?:牵头|责任|配合|协办|参与|主办|主责|实施|落实|监督|督导|协同|协作)(?:单位|部门|主体|分工)(?:）：?|：)(?:\*\*)?\s*$"
)
_ACTOR_LINE = re.compile(
    r"^\s*[\u4e00-\u9fff（）、，；\s]{2,60}?(?:局|委|办|厅|院|部|公司|中心|支队|大队|政府|管委会|办事处|单位|部门|街道|[县市区旗]|[县市区旗）]）)\s*[、，；。]?\s*$"
)
_CLOSING_MATTER = re.compile(r"^\s*(?:抄送|共印|（此件|此件|主动公开|信息公开选项|抄报|主题词)")
_DATE_LINE = re.compile(
    r"^[\s*]*(?:\S{2,20}号[\s*]*)?（?(?:\d{4}|[〇零一二三四五六七八九]{4})\s*年\s*[\d一二三四五六七八九十]{1,2}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日\s*(?:印发|）)?\s*$"
)
_DOCUMENT_NUMBER = re.compile(r"^\s*\S{2,12}\s*（\s*\d{4}\s*）\s*(?:第\s*)?\d+\s*号\s*$")
_TITLE_LIKE = re.compile(
    r"(?:文件|通知|计划|方案|意见|规划|要点|办法|细则|清单|任务书|人民政府|办公[室厅]|委员会)(?:（[^（）]{2,24}）)?$"
)
_TITLE_TAIL = re.compile(r"^\s*（[^（）]{0,16}(?:\d|试行|暂行|征求意见稿|修订)[^（）]{0,8}）\s*$")
# What a web page prints around a document: where one is, who put it there and when.
_NAVIGATION = re.compile(
    r"^\s*(?:当前位置|您(?:现在)?(?:的|所在)位置|来源|信息来源|发布时间|更新时间|索引号|浏览次数|字号|分享到|打印本页|(?:主办|承办|主管|维护)(?:单位)?|责任编辑)(?:\s*[：:]|\s+\S)"
    r"|^\s*(?:版权所有|网站标识码|打印本页|扫一扫)|ICP备|公网安备"
    r"|》》|>>|首页\s*>|索引号\s*[：:]|网站发布\s*[：:]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_AUTHORITY = re.compile(r"(?:文件|人民政府|办公[室厅]|委员会)$")
_SHORT = 34
_SHORTEST_TITLE = 8
_LONG_HEADING = 60
_CLAUSE_REACH = 300
_LONGEST_NAVIGATION = 200


class Line:
    """A line of the source with the features that decide about joining, computed once when asked for."""

    def __init__(
        self, text: str, start: int, end: int, *, mark: int = 0, is_barrier: bool = False, printed: bool = False
    ) -> None:
        self.text, self.start, self.end = text, start, end
        self.mark, self.is_barrier, self.printed = mark, is_barrier, printed

    @cached_property
    def view(self) -> str:
        return view_of(_CONTROL.sub("", self.text[self.start : self.end]))

    @cached_property
    def stripped(self) -> str:
        if self.is_barrier:
            return "|"
        return self.text[self.start : self.end].strip(" \t\u3000\u00a0\u200b\ufeff*")

    @cached_property
    def size(self) -> float:
        """Characters; on printed pages in widths of a Chinese character, of which digits and letters take half."""
        narrow = sum(character.isascii() for character in self.stripped) if self.printed else 0
        return len(self.stripped) - narrow / 2

    @cached_property
    def is_numbered(self) -> bool:
        return bool(_NUMBERED.match(self.view))

    @cached_property
    def is_navigation(self) -> bool:
        """Belongs to the page around the document."""
        return len(self.stripped) <= _LONGEST_NAVIGATION and bool(
            _NAVIGATION.search(self.text[self.start : self.end]) or _NAVIGATION.match(self.view)
        )

    @cached_property
    def is_fixed(self) -> bool:
        """Stands for itself whatever is before it: marked headings, labels, dates, document numbers."""
        return (
            bool(self.mark)
            or bool(_LABEL.match(self.view) or _CLOSING_MATTER.match(self.view))
            or bool(_DATE_LINE.match(self.view) or _DOCUMENT_NUMBER.match(self.view))
            or bool(_TITLE_TAIL.match(self.view))
            or self.is_navigation
        )


def joins(first: Line, last: Line, line: Line, *, depth: int, width: int) -> bool:
    """Does `line` continue the paragraph that began with `first` and so far ends with `last`?

    `depth` counts brackets still open, `width` is the length of a full line where lines are cut at a width.
    """
    if last.mark or line.mark:
        return False
    if depth > 0 and line.start - first.start < _CLAUSE_REACH * 20 and not line.is_numbered:
        return True
    if _EMPTY_LABEL.match(first.view):
        # 责任单位： and below it one name a line.
        return bool(_ACTOR_LINE.match(line.view)) and not line.is_fixed
    if line.is_fixed or (last.is_fixed and not _is_open_label(last, width) and not _names_more(last, line)):
        return False
    if _QUANTITY.match(line.view) and not _ENDED.search(last.view) and not _is_heading(first, last):
        return True  # …降至 / 2.5万吨以内: a number that the page's width cut off, no heading.
    if line.is_numbered:
        return (
            bool(_CONTINUES.search(last.view))
            and len(last.stripped) >= max(width - 3, _SHORT)
            and not _strong_number(line)
        )
    if _AFTER_CLAUSE.search(last.view) and _ANY_NUMBER.match(line.view):
        return False
    if _SENTENCE_END.search(last.view):
        return _fills(last, width) and not _BRACKETED.match(line.view) and not _ends_block(last, line, width)
    if _CONTINUES.search(last.view):
        return True
    if width:
        return _fills(last, width) or _is_title_line(last, line)
    return not _is_heading(first, last) and not _is_front_matter(last, line)


def _is_title_line(last: Line, line: Line) -> bool:
    """A title that was broken where it looks well: centred lines are shorter than the page is wide."""
    if re.search(r"[，。；：、\d]$|[，。；：]", last.view + line.view) or last.is_numbered:
        return False
    if last.view.rstrip().endswith(("关于印发", "关于转发", "关于下发", "关于")):
        return True
    opened = len(last.view.strip()) >= _SHORTEST_TITLE and not _TITLE_LIKE.search(last.view.strip())
    return opened and bool(_TITLE_LIKE.search(line.view.strip())) and not _AUTHORITY.search(line.view.strip())


def _is_open_label(last: Line, width: int) -> bool:
    """A label line that the page's width cut off goes on in the next line."""
    return bool(_LABEL.match(last.view)) and (bool(_CONTINUES.search(last.view)) or _fills(last, width))


def _names_more(last: Line, line: Line) -> bool:
    """责任单位：市发改委 and in a line of its own 各县区政府."""
    return (
        bool(_LABEL.match(last.view) and _ACTOR_LINE.match(line.view))
        and bool(_ACTOR_LINE.match(last.view.partition("：")[2]))
        and not last.view.rstrip().endswith("。")
    )


def _strong_number(line: Line) -> bool:
    return bool(_HEADING_MARK.match(line.view))


def _fills(line: Line, width: int) -> bool:
    return width > 0 and len(line.stripped) >= width - 3


def _ends_block(last: Line, line: Line, width: int) -> bool:
    """After a full stop in a full line one cannot know; an indent of the next line says new paragraph."""
    raw = line.text[line.start : line.end]
    return raw.startswith(("\u3000", "  ", "\t")) or not width


def _is_heading(first: Line, last: Line) -> bool:
    """The paragraph so far is one short numbered line without a sentence in it."""
    if first is not last or "。" in first.view or "，" in first.view[_SHORT:]:
        return False
    limit = _LONG_HEADING if _HEADING_MARK.match(first.view) else _SHORT
    return first.is_numbered and len(first.stripped) <= limit


def _is_front_matter(last: Line, line: Line) -> bool:
    """Letterhead, title and signature lines: short, without any punctuation, mostly ending in a kind of document."""
    letters = re.sub(r"\s+", "", last.view)
    return len(letters) <= _LONG_HEADING and not re.search(r"[，。；：]", letters) and bool(_TITLE_LIKE.search(letters))
