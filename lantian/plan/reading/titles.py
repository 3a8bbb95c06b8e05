"""Where a heading's title ends and its text begins, when both stand in one line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lantian.plan.reading.clean import Document
from lantian.plan.reading.roles import LABEL_START

_END = re.compile(r"[。：；\n]")
_ROLE_BRACKET = re.compile(r"（[^（）]{0,200}?(?:牵头|负责|配合|参与|落实|责任|单位)")
_ONLY_CLAUSE = re.compile(
    r"（[^（）]*(?:（[^（）]*）[^（）]*)*(?:牵头|负责|配合|参与|落实|责任|单位)[^（）]*）[。；\s]*$"
)
_SENTENCE_LIKE = re.compile(r"\d+月底|年底前|\d{4}年.{0,12}[，前]|\d+(?:\.\d+)?%|以上|不低于")
_CONTENT_LABEL = re.compile(r"(?:主要|工作|重点|具体|目标|年度)?(?:任务|措施|内容|举措)(?:内容|要求|目标)?：")
_TIME_FIRST = re.compile(r"(?:到|至|自|从)?(?:20\d{2}年)?[^，。]{0,8}(?:前|底|内|年|末|起|后)，")
_SURE = 24
_SURE_WITHOUT_COMMA = 32
_LIMIT = 46
_CUT = re.compile(r"[，。；：（\n]")


@dataclass(frozen=True, slots=True)
class Title:
    """`begin`..`end` in clean offsets, `body` where the text to be split into measures begins."""

    begin: int
    end: int
    body: int
    text: str
    confidence: float


def find_title(
    document: Document,
    begin: int,
    end: int,
    strong: tuple[tuple[int, int], ...],
    *,
    has_children: bool,
    is_item: bool = False,
) -> Title:
    """The title of a heading whose number ends at `begin` and whose own text ends at `end`.

    `is_item`: an item of a list inside a task, whose only sentence is its duty rather than its title.
    """
    line_end = document.view.find("\n", begin, end)
    line_end = end if line_end < 0 else line_end
    if LABEL_START.match(document.view, begin, line_end) or _CONTENT_LABEL.match(document.view, begin, line_end):
        # 1.责任单位：… with the duties below: no title at all; the first words of the duties stand in.
        content = _CONTENT_LABEL.search(document.view, begin, end)
        first = content.end() if content else begin
        stop = _END.search(document.view, first + 2, end)
        return _title(document, first, min(stop.start() if stop else end, first + _LIMIT), begin, 0.5)
    bold_end = _bold_end(document, begin, line_end, strong)
    if bold_end is not None:
        return _title(document, begin, bold_end, _after(document, bold_end, end), 0.98)
    gap = _gap(document, begin, line_end)
    if gap is not None:
        return _title(document, begin, gap, gap, 0.85)
    stop = _END.search(document.view, begin, line_end)
    stop_at = stop.start() if stop else line_end
    bracket = _ROLE_BRACKET.search(document.view, begin, stop_at)
    if bracket:
        # 推进露天矿山整治（市自然资源局牵头）: the sentence is title and duty in one.
        return _title(document, begin, min(bracket.start(), begin + _LIMIT), begin, 0.8)
    rest = _after(document, stop_at, end)
    if rest >= end and not has_children:
        cut = _CUT.search(document.view, begin, line_end)
        short = stop_at if stop_at - begin <= _LIMIT else cut.start() if cut else stop_at
        return _title(document, begin, min(short, begin + _LIMIT), begin, 0.6)
    if is_item and (document.view[stop_at : stop_at + 1] == "：" or _ONLY_CLAUSE.match(document.view, rest, end)):
        # ①钢铁改造：9月底前完成 and （1）落实要求。（市住建局牵头）: the words are part of the duty.
        return _title(document, begin, min(stop_at, begin + _LIMIT), begin, 0.6)
    return _run_in(document, begin, stop_at, rest)


def _run_in(document: Document, begin: int, stop: int, rest: int) -> Title:
    """The first sentence is the title when it is short and reads like one; a doubtful one counts as a duty too."""
    sentence = document.view[begin:stop]
    sure = _SURE if "，" in sentence else _SURE_WITHOUT_COMMA
    if _SENTENCE_LIKE.search(sentence) or len(sentence) > _LIMIT:
        time = _TIME_FIRST.match(document.view, begin, stop)
        cut = _CUT.search(document.view, time.end() if time else begin, stop)
        return _title(document, begin, min(cut.start() if cut else stop, begin + _LIMIT), begin, 0.5)
    if len(sentence) > sure:
        return _title(document, begin, stop, begin, 0.6)
    return _title(document, begin, stop, rest, 0.95)


def _title(document: Document, begin: int, end: int, body: int, confidence: float) -> Title:
    while end > begin and document.view[end - 1] in "。：；，、.\n":
        end -= 1
    return Title(begin, end, body, document.text[begin:end].strip(), confidence)


def _after(document: Document, position: int, end: int) -> int:
    while position < end and document.view[position] in "。：；\n ":
        position += 1
    return position


def _bold_end(document: Document, begin: int, end: int, strong: tuple[tuple[int, int], ...]) -> int | None:
    """Where bold print that covers the beginning of the line stops, if it stops before the line does."""
    if begin >= end:
        return None
    first, last = document.starts[begin], document.starts[end - 1]
    for bold_begin, bold_finish in strong:
        if bold_begin <= first + 2 and first < bold_finish <= last:
            position = begin
            while position < end and document.starts[position] < bold_finish:
                position += 1
            return position if 2 <= position - begin <= _LIMIT else None
    return None


def _gap(document: Document, begin: int, end: int) -> int | None:
    """A blank between two Chinese characters near the line's beginning: 一、目标要求　到2020年.

    Only where it is the one blank there: justified print has blanks everywhere.
    """
    found: int | None = None
    for position in range(begin + 2, min(end, begin + _SURE_WITHOUT_COMMA)):
        before, here = document.view[position - 1], document.view[position]
        if before in "，。；：（）":
            break
        jump = document.starts[position] - document.ends[position - 1]
        if jump > 0 and _is_han(before) and _is_han(here) and not document.breaks_line(position):
            if found is not None:
                return None
            found = position
    return found if found is not None and end - found > 8 else None


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
