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
    "spaced": 8,
    "cn": 10,
    "action": 12,
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
# （一） inside 第四条: items of the article.
_ARTICLE_ITEM_RANK = 45
_MARKED_RANK = 6

# 3.2020年底前… and 5.10月底前…: a number, then a date.
_DATED = r"20\d{2}年|\d{1,2}月(?:底|末|份|中|上|下|初|前|\d)"
_DATED_REST = r"月(?:底|末|份|中|上|下|初|前|\d)|年"

_NUMBER = re.compile(
    rf"(?P<annex>(?:附件|附表|附录)\s*[\d一二三四五六七八九十]{{0,2}}(?=[：\n]|$|[^\d、，。；的]{{2,40}}(?:\n|$)))"
    rf"|第(?P<chapter>{_CN})(?:章|部分|篇)"
    rf"|第(?P<article>{_CN})条"
    rf"|(?:专项|重点|攻坚)?(?:行动|任务|工程|战役)(?P<action>\d{{1,2}}|{_CN})(?:[：、.]|(?=[\u4e00-\u9fff]{{3,24}}(?:\n|$))(?![致览体般]))"
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
# 3.35蒸吨以下… and 5.100%完成…: a number, then a quantity; only where 3 and 5 are next.
_RUN_ON = re.compile(r"(?P<digit>\d{1,2})[.、](?=\d+(?:\.\d+)?[%\u4e00-\u9fff])")
# 2 重点任务: a number, a blank, a few words, and nothing else in the line.
_SPACED = re.compile(r"(?P<spaced>\d{1,2})(?=[\u4e00-\u9fff]{2,24}$)(?![年月日号个家台户吨])", re.M)
# 一、重点任务（一）工业治理1.钢铁改造: a title whose first item follows in the same line.
_TITLE_ITEM = re.compile(
    rf"[^。；：（）\n\d]{{2,40}}?(?<!附件)(?<![表图第])(?=(?P<number>（{_CN}）|\d{{1,2}}[.、])[\u4e00-\u9fff“《])"
)
_DOCUMENT_TITLE = re.compile(
    r"(?:计划|方案|意见|规划|细则|要点|办法|通知|措施|清单|预案|任务书|行动|攻坚战|安排|分解表)(?:（[^（）]*）)?$"
)
_CLOSING = re.compile(
    r"^(?:抄送|抄报|共印|（?此件|主题词|信息公开选项|主动公开|(?:主办|承办|主管|版权所有)(?:单位)?：|版权所有|网站标识码|[^\n]{0,8}备案号"
    r"|打印本页|【?(?:打印|关闭)|扫一扫|分享到|上一[篇条]：|下一[篇条]：|责任编辑：|附件：)"
)
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
            is_item = node.rank >= ITEM_RANK
            node.title = find_title(
                document, node.number_end, node.own_end, strong, has_children=bool(node.children), is_item=is_item
            )
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
        if node.style == "cn_bracket" and RANKS["article"] in open_ranks and node.rank not in open_ranks:
            node.rank = _ARTICLE_ITEM_RANK
        while open_ranks and open_ranks[-1] >= node.rank:
            open_ranks.pop()
        open_ranks.append(node.rank)
        last[node.rank] = node.value
        return node

    marked = dict(document.headings)
    printed = _printed(document)
    for begin, end in document.paragraphs():
        head = _head(document, begin, end, marked.get(begin), last)
        position = begin
        if head is not None and head.style == "annex" and not last:
            head = None  # 附件 above the title: the plan itself is the annex of its notice.
        if head is not None and _is_believable(head, last, printed):
            yield note(head)
            position = head.number_end
            for node in _title_items(document.view, head, end, last):
                yield note(node)
                position = node.number_end
        for match in _INLINE.finditer(document.view, position, end):
            node = _node(match)
            if match.start() < position or not _is_next(node, last, open_ranks):
                continue
            if not _is_enumeration(document.view, match.start()):
                yield note(node)
                for inner in _title_items(document.view, node, end, last):
                    yield note(inner)
                    position = inner.number_end


def _is_next(node: Node, last: dict[int, int], open_ranks: list[int]) -> bool:
    """Does a number inside a paragraph go on with a count that is open, or begin one below what is open?"""
    if node.value == 1:
        return node.style == "cn" if not open_ranks else open_ranks[-1] < node.rank
    return node.value == last.get(node.rank, 0) + 1


def _title_items(view: str, head: Node, end: int, last: dict[int, int]) -> Iterator[Node]:
    """Numbers that follow a section's title in the same line without any mark between."""
    while head.style in ("chapter", "cn", "cn_bracket"):
        title = _TITLE_ITEM.match(view, head.number_end, end)
        number = _NUMBER.match(view, title.end(), end) if title else None
        if number is None:
            return
        node = _node(number)
        if node.rank <= head.rank or node.value not in (1, last.get(node.rank, 0) + 1):
            return
        yield node
        head = node


def _head(document: Document, begin: int, end: int, mark: int | None, last: dict[int, int]) -> Node | None:
    match = _NUMBER.match(document.view, begin, end)
    run_on = _RUN_ON.match(document.view, begin, end)
    node = _node(match) if match else None
    if run_on and (node is None or (node.style == "decimal" and not 1 <= node.value - _decimals(last, node) <= 3)):
        number = _node(run_on)
        if number.value == last.get(number.rank, 0) + 1 and (last or number.value > 1):
            return number
    if node is None and (spaced := _SPACED.match(document.view, begin, end)):
        number = _node(spaced)
        apart = document.starts[spaced.end()] > document.ends[spaced.end() - 1]
        if apart and number.value == last.get(number.rank, 0) + 1:
            return number
    if match and node:
        return None if node.style == "annex" and end - begin > 60 else node
    if mark is not None and end - begin <= 60 and not _DOCUMENT_TITLE.search(document.view[begin:end]):
        return Node("marked", _MARKED_RANK + min(mark, 3), 0, "", begin, begin)
    return None


def _decimals(last: dict[int, int], node: Node) -> int:
    """Where the count of decimals stands: 2.1 begins it anew."""
    return 0 if node.value == 1 else last.get(node.rank, 0)


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


def _printed(document: Document) -> frozenset[int]:
    """The numbers with which paragraphs open."""
    opened = (_NUMBER.match(document.view, begin, end) for begin, end in document.paragraphs())
    return frozenset(_node(match).value for match in opened if match and match.lastgroup == "digit")


def _is_believable(node: Node, last: dict[int, int], printed: frozenset[int]) -> bool:
    """Numbers like 30. that open a broken line are no headings: a count starts at 1 and goes on by small steps; an
    excerpt begins in the middle of one, but then the next number is there too."""
    if node.style != "digit":
        return True
    before = last.get(node.rank, 0)
    return node.value <= 3 or before < node.value <= before + 3 or (before == 0 and node.value + 1 in printed)


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
