"""The tree of headings: 一、 over （一） over 1. over （1）, wherever the numbers stand, even run into the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lantian.plan.reading.clean import Document
from lantian.plan.reading.numerals import from_chinese
from lantian.plan.reading.titles import Title, find_title

_CN = "[一二三四五六七八九十百]{1,4}"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

# rank: the smaller, the higher. The names are those of the groups in _NUMBER.
RANKS = {
    "annex": 0,
    "chapter": 5,
    "cn": 10,
    "cn_bracket": 20,
    "article": 25,
    "digit": 30,
    "decimal": 35,
    "decimal3": 37,
    "digit_bracket": 40,
    "half_bracket": 50,
    "circled": 60,
}
ITEM_RANK = 40
_MARKED_RANK = 6

# 3.2020年底前… and 5.10月底前…: a number, then a date.
_DATED = r"20\d{2}年|\d{1,2}月(?:底|末|份|中|上|下|初|前|\d)"
_DATED_REST = r"月(?:底|末|份|中|上|下|初|前|\d)|年"

_NUMBER = re.compile(
    rf"(?P<annex>(?:附件|附表|附录)\s*[\d一二三四五六七八九十]{{0,2}}(?=[：\n]|$|[^\d、，。；的]{{2,40}}(?:\n|$)))"
    rf"|第(?P<chapter>{_CN})(?:章|部分|篇)"
    rf"|第(?P<article>{_CN})条"
    rf"|(?P<cn>{_CN})(?:、|[.](?!\d)|，(?=[^，。；]{{2,20}}(?:\n|$)))"
    rf"|（(?P<cn_bracket>{_CN})）[、.]?"
    rf"|(?P<decimal3>\d{{1,2}}\.\d{{1,2}}\.\d{{1,2}})(?=[\u4e00-\u9fff“《])[、.]?"
    rf"|(?P<decimal>\d{{1,2}}\.\d{{1,2}})(?=[\u4e00-\u9fff“《])(?!{_DATED_REST})(?![万亿千百]?[吨米家户台辆个公千亩平小倍度元微毫分蒸级])[、.]?"
    rf"|(?P<digit>\d{{1,3}})(?:[.、](?!\d)|[.、](?={_DATED})|．|。)"
    rf"|（(?P<digit_bracket>\d{{1,2}})）[、.]?"
    rf"|(?P<half_bracket>\d{{1,2}})）[、.]?"
    rf"|(?P<circled>[{_CIRCLED}])[、.]?"
)
_INLINE = re.compile(
    rf"(?<=[。；）：”])(?:(?P<digit>\d{{1,2}})[.、](?=[\u4e00-\u9fff“《]|{_DATED})|（(?P<cn_bracket>{_CN})）(?=[\u4e00-\u9fff“《])"
    rf"|(?P<cn>{_CN})、(?=[\u4e00-\u9fff“《]))"
)
_DOCUMENT_TITLE = re.compile(r"(?:计划|方案|意见|规划|细则|要点|办法|通知)(?:（[^（）]*）)?$")
_CLOSING = re.compile(r"^(?:抄送|抄报|共印|（?此件|主题词|信息公开选项|主动公开)")
_SIGNATURE = re.compile(
    r"^[^，。；：、]{4,30}\n(?:\d{4}|[〇零一二三四五六七八九]{4})年[\d一二三四五六七八九十]{1,2}月[\d一二三四五六七八九十]{1,3}日(?:印发)?$",
    re.M,
)

SectionKind = Literal["aims", "safeguards", "tasks", "other"]
_KINDS: tuple[tuple[SectionKind, re.Pattern[str]], ...] = (
    ("safeguards", re.compile(r"保障|组织领导|组织实施|考核|问责|监督检查|宣传教育|工作要求|责任落实|加强组织")),
    ("tasks", re.compile(r"任务|措施|重点工作|工作内容|主要工作|行动(?!计划)")),
    ("aims", re.compile(r"目标|总体要求|决战要求|指导思想|基本原则|基本思路|工作思路|总体思路|总体|要求|编制|指标")),
)


@dataclass(slots=True)
class Node:
    """A heading with everything under it. `begin` at its number, `own_end` before its first child, `end` of all."""

    style: str
    rank: int
    value: int
    label: str
    begin: int
    number_end: int
    end: int = 0
    own_end: int = 0
    title: Title = field(default_factory=lambda: Title(0, 0, 0, "", 0.0))
    children: list[Node] = field(default_factory=list)
    parent: Node | None = None

    @property
    def kind(self) -> SectionKind:
        return next((kind for kind, words in _KINDS if words.search(self.title.text)), "other")

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def ancestors(self) -> Iterator[Node]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


def read_outline(document: Document, strong: tuple[tuple[int, int], ...] = ()) -> Node:
    """The root of the tree. Its own text, before the first heading, is the letterhead and the preamble."""
    root = Node("root", -1, 0, "", 0, 0)
    numbers = list(_numbers(document))
    body_end = _body_end(document, numbers)
    stack = [root]
    for node in numbers:
        while stack[-1].rank >= node.rank:
            stack.pop()
        node.parent = stack[-1]
        stack[-1].children.append(node)
        stack.append(node)
    _close(root, body_end)
    for node in root.walk():
        if node is not root:
            node.title = find_title(document, node.number_end, node.own_end, strong, bool(node.children))
    return root


def _close(root: Node, end: int) -> None:
    """Set where each node ends: at its next sibling or its parent's end."""
    root.end = end
    pending = [root]
    while pending:
        node = pending.pop()
        starts = [child.begin for child in node.children]
        node.own_end = min(starts[0], node.end) if starts else node.end
        for child, following in zip(node.children, [*starts[1:], node.end], strict=False):
            child.end = max(child.number_end, min(following, node.end))
            pending.append(child)


def _numbers(document: Document) -> Iterator[Node]:
    """Headings in order: every number that opens a paragraph, and numbers within one that continue a count."""
    last: dict[int, int] = {}
    open_ranks: list[int] = []

    def note(node: Node) -> Node:
        while open_ranks and open_ranks[-1] >= node.rank:
            open_ranks.pop()
        open_ranks.append(node.rank)
        last[node.rank] = node.value
        return node

    marked = dict(document.headings)
    for begin, end in document.paragraphs():
        head = _head(document, begin, end, marked.get(begin))
        position = begin
        if head is not None and head.style == "annex" and not last:
            head = None  # 附件 above the title: the plan itself is the annex of its notice.
        if head is not None and _is_believable(head, last):
            yield note(head)
            position = head.number_end
        for match in _INLINE.finditer(document.view, position, end):
            node = _node(match)
            expected = last.get(node.rank, 0) + 1
            is_next = node.value == expected and (node.rank in open_ranks or node.value > 1)
            is_first = node.value == 1 and bool(open_ranks) and open_ranks[-1] < node.rank
            if (is_next or is_first) and not _is_enumeration(document.view, match.start()):
                yield note(node)


def _head(document: Document, begin: int, end: int, mark: int | None) -> Node | None:
    match = _NUMBER.match(document.view, begin, end)
    if match:
        node = _node(match)
        if node.style == "annex" and end - begin > 60:
            return None
        return node
    if mark is not None and end - begin <= 60 and not _DOCUMENT_TITLE.search(document.view[begin:end]):
        return Node("marked", _MARKED_RANK + min(mark, 3), 0, "", begin, begin)
    return None


def _node(match: re.Match[str]) -> Node:
    style = str(match.lastgroup)
    printed = match.group(style)
    rank = RANKS[style]
    if style == "circled":
        value = _CIRCLED.index(printed) + 1
    elif style == "annex":
        value = 0
    elif style.startswith("decimal"):
        value = int(printed.rsplit(".", 1)[1])
    else:
        value = int(printed) if printed.isdigit() else from_chinese(printed) or 0
    return Node(style, rank, value, printed, match.start(), match.end())


def _is_believable(node: Node, last: dict[int, int]) -> bool:
    """Numbers like 30. that open a broken line are no headings: a count starts at 1 and goes on by small steps."""
    if node.style != "digit":
        return True
    before = last.get(node.rank, 0)
    return node.value <= 3 or before < node.value <= before + 3


def _is_enumeration(view: str, position: int) -> bool:
    """（二） after a semicolon or 1. after a colon is a list inside a sentence, not a heading."""
    return position > 0 and view[position - 1] in "；："


def _body_end(document: Document, numbers: list[Node]) -> int:
    """Where the plan's text stops: before the copies list or the signature that follows the last heading."""
    if not numbers:
        return len(document.text)
    last = numbers[-1].number_end
    signature = _SIGNATURE.search(document.view, last)
    end = signature.start() if signature else len(document.text)
    for begin, _ in document.paragraphs():
        if last < begin < end and _CLOSING.match(document.view[begin : begin + 12]):
            return begin
    return end
