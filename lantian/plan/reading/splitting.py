"""Cut the text that a clause covers into the smallest duties that can be checked on their own.

Cuts are made, outside brackets, quotation marks and titles:
1. after 。！？ and ； and at the end of a paragraph;
2. at a comma, where what follows has a deadline and what precedes has one already;
3. at a comma, where what follows has a numeric target and what precedes has one already;
4. at a comma, before 鼓励, 力争 and 原则上, where a duty becomes an encouragement;
5. before 一是, 二是 ... and （1）, ① ... that open a sentence or follow a semicolon.
A deadline at the very front of a sentence governs all the pieces of that sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lantian.plan.reading.brackets import Shelter
from lantian.plan.reading.dates import Moment
from lantian.plan.reading.model import Target

_STOP = re.compile(r"[。！？；\n]")
_LISTED = re.compile(r"(?<=[。；，：\n])(?:[一二三四五六七八九十]是|第[一二三四五六]，|（\d{1,2}）|[①-⑳]|\d{1,2}）)")
_ONLY_MARKS = re.compile(r"^[\s，。；、：！？）（”“.*]*$")
_TRIM_FRONT = " \n\t，。；、：！？）”.*—"
_TRIM_BACK = " \n\t，。；、：！？（.*"
_ITEM_NUMBER = re.compile(
    r"（(?:\d{1,2}|[一二三四五六七八九十])）|\d{1,2}）|[①-⑳]|\d{1,2}[.、](?=[\u4e00-\u9fff“《])"
    r"|(?:主要|工作|重点|具体|目标|年度)?(?:任务|措施|内容|目标|要求|举措)(?:内容|要求|目标)?(?:：|$)"
)
_SHORTEST = 4
_SOFTENED = re.compile(r"^(?:并且?|同时|且)?鼓励")
_SOFTER = re.compile(r"^(?:并且?|同时|且|其[他余它](?:地区|区域)?)?(?:力争|争取|原则上)")
_DUTY = re.compile(
    r"完成|淘汰|实现|达到|建成|取缔|关停|退出|改造|整治|治理|压减|提升|下降|降低|推进|开展|实施|加强|禁止|严禁|不得"
)
_SUBJECT = re.compile(r"(?:的[^，的]{0,12}|对[^，]*|者|基础上|前提下|同时|项目|企业|单位)，$")
_TOPIC = re.compile(r"^[^，]*(?:企业|单位|项目|车辆|锅炉|区域|地区|炉窑|工地|道路|）)，$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A measure's place in the view and the deadline that its sentence lends it."""

    begin: int
    end: int
    lent: Moment | None = None


def split_measures(
    view: str, begin: int, end: int, shelter: Shelter, moments: list[Moment], targets: list[Target]
) -> list[Piece]:
    """Pieces between two positions, trimmed of punctuation, none empty."""
    duties = [target for target in targets if target.role == "target"]
    pieces: list[Piece] = []
    for sentence_begin, sentence_end in _sentences(view, begin, end, shelter):
        lent = next((m for m in moments if sentence_begin <= m.begin < sentence_end and m.fronted), None)
        for part_begin, part_end in _parts(view, sentence_begin, sentence_end, shelter):
            for piece_begin, piece_end in _at_commas(view, part_begin, part_end, shelter, moments, duties):
                trimmed = _trim(view, piece_begin, piece_end)
                if trimmed is None:
                    continue
                own = any(trimmed[0] <= moment.begin < trimmed[1] for moment in moments)
                pieces.append(Piece(*trimmed, None if own else lent))
    return _without_crumbs(pieces)


def _sentences(view: str, begin: int, end: int, shelter: Shelter) -> Iterator[tuple[int, int]]:
    """Stretches that end in a full stop or a paragraph; a semicolon does not end a sentence."""
    start = begin
    for match in _STOP.finditer(view, begin, end):
        if match.group() == "\n" or (match.group() != "；" and match.start() not in shelter):
            yield start, match.end()
            start = match.end()
    if start < end:
        yield start, end


def _parts(view: str, begin: int, end: int, shelter: Shelter) -> Iterator[tuple[int, int]]:
    cuts = {match.end() for match in re.compile("；").finditer(view, begin, end) if match.start() not in shelter}
    cuts |= {match.start() for match in _LISTED.finditer(view, begin, end) if match.start() - 1 not in shelter}
    start = begin
    for cut in sorted(cuts):
        if cut > start:
            yield start, cut
            start = cut
    if start < end:
        yield start, end


def _at_commas(
    view: str, begin: int, end: int, shelter: Shelter, moments: list[Moment], duties: list[Target]
) -> Iterator[tuple[int, int]]:
    """Join comma segments into pieces with at most one deadline and one target of their own."""
    start, has_moment, has_target = begin, False, False
    last_duty_end = begin
    for segment_begin, segment_end in _segments(view, begin, end, shelter):
        text = view[segment_begin:segment_end]
        moment = any(segment_begin <= item.begin < segment_end for item in moments)
        target = any(segment_begin <= item.start < segment_end for item in duties)
        again = (moment and has_moment) or (target and has_target)
        softer = segment_begin - start >= _SHORTEST and _turns_soft(view, start, segment_begin, text)
        if segment_begin > start and (again or softer):
            # A topic between two targets (具有铁路专用线的大型工矿企业，…比例达到80%) belongs to the second.
            topic = target and last_duty_end < segment_begin and _TOPIC.search(view[last_duty_end:segment_begin])
            cut = last_duty_end if topic and last_duty_end > start else segment_begin
            if view.endswith("其中，", start, cut) and cut - 3 > start:
                cut -= 3
            yield start, cut
            start, has_moment, has_target = cut, False, False
        has_moment, has_target = has_moment or moment, has_target or target
        if moment or target:
            last_duty_end = segment_end
    yield start, end


def _turns_soft(view: str, begin: int, comma: int, text: str) -> bool:
    """Does a new, softer duty begin here? 鼓励 always opens one; 力争 and 原则上 only behind a duty that is complete:
    新建项目，原则上不得… is one duty with its subject."""
    if _SOFTENED.match(text):
        return True
    before = view[begin:comma]
    return bool(_SOFTER.match(text) and _DUTY.search(before) and not _SUBJECT.search(before))


def _segments(view: str, begin: int, end: int, shelter: Shelter) -> Iterator[tuple[int, int]]:
    start = begin
    for match in re.compile("，").finditer(view, begin, end):
        if match.start() not in shelter:
            yield start, match.end()
            start = match.end()
    if start < end:
        yield start, end


def _trim(view: str, begin: int, end: int) -> tuple[int, int] | None:
    before = -1
    while begin != before:
        before = begin
        while begin < end and view[begin] in _TRIM_FRONT:
            begin += 1
        number = _ITEM_NUMBER.match(view, begin, end)
        begin = number.end() if number else begin
    while end > begin and view[end - 1] in _TRIM_BACK:
        end -= 1
    return (begin, end) if end - begin >= 2 and not _ONLY_MARKS.match(view[begin:end]) else None


def _without_crumbs(pieces: list[Piece]) -> list[Piece]:
    """A piece of a few characters belongs to the one before it."""
    kept: list[Piece] = []
    for piece in pieces:
        if kept and piece.end - piece.begin < _SHORTEST and piece.begin - kept[-1].end <= 2:
            kept[-1] = Piece(kept[-1].begin, piece.end, kept[-1].lent)
        else:
            kept.append(piece)
    return kept
