"""Find the responsibility clauses of a document: in brackets, behind labels, or as sentences of their own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.brackets import Bracket, find_brackets
from lantian.plan.reading.clauses import Clause, is_clause, iter_labels, let_first_lead, read_clause
from lantian.plan.reading.roles import DIRECTIVE, HINT, LABEL_START

_LONGEST = 900
_LABEL_TRIES = 4
_DANGLING_REACH = 300
_ACTOR_ONLY = re.compile(r"^[各市县区省相有国]|(?:局|委|办|政府|管委会|中心|公司|支队|部门|单位|院)(?:等)?$")
_ENDS = re.compile(r"[。；，、\s]*(?:\n|$)|[。；]")
_SENTENCE = re.compile(r"[^。；\n]+[。；]?")
_CLAUSE_START = re.compile(
    r"[—-]{0,2}(?P<subject>(?:本|此|该|以上|上述)(?:条|项|款)?(?:各项)?(?:工作|任务)?由?|由)?(?=市|县|区|省|各|州|国网)"
)
_WHOLE_CLAUSE = re.compile(r"(?:负责|牵头)[^。；]*(?:落实|实施|配合|负责|执行)")
# 市规划局：负责…: who, a colon, and the duties in the same line.
_DUTY_LINE = re.compile(
    r"^(?:（?[一二三四五六七八九十\d]{1,3}[.、）]{1,2})?(?P<who>[^。；：\n]{3,80})：(?=[^\n])", re.M
)
_DUTY_SENTENCE = re.compile(
    r"(?:(?<=[。；：，\n])|^)(?P<who>[市县区省州各国][^。；：\n负牵]{2,60}?)(?P<role>(?:牵头)?负责|牵头)，?(?=[\u4e00-\u9fff]{4})"
    r"(?!(?:具体)?(?:抓好)?(?:落实|组织实施|实施)(?:[。；，、\n]|$))",
    re.M,
)
_NEW_AGENCY = re.compile(r"[市县区州国][\u4e00-\u9fff]{2,12}(?:局|委|办|中心|公司|支队|大队)$")
_LEAST_DUTY_LINES = 2
_CLEAN = 0.05
_SUSPECT = re.compile(r"牵头|负责落实|责任单位|配合单位")


@dataclass(slots=True)
class Found:
    """All clauses in order, and brackets that look like clauses but could not be read."""

    clauses: list[Clause] = field(default_factory=list)
    general: list[Clause] = field(default_factory=list)
    """What hands duties down (以下各项均由…落实，不再列出) and covers no text of its own."""
    suspects: list[tuple[int, int]] = field(default_factory=list)


def find_clauses(view: str, begin: int, end: int, gazetteer: Gazetteer) -> Found:
    """Every responsibility clause between two positions of a view."""
    found = Found()
    brackets = [bracket for bracket in find_brackets(view) if begin <= bracket.begin < end]
    _from_brackets(view, brackets, gazetteer, found)
    _from_dangling(view, begin, end, gazetteer, found)
    _from_labels(view, begin, end, gazetteer, found)
    _from_duty_lists(view, begin, end, gazetteer, found)
    _from_sentences(view, begin, end, gazetteer, found)
    _from_duty_sentences(view, begin, end, gazetteer, found)
    for match in _SENTENCE.finditer(view, 0, begin):
        if len(match.group()) <= _LONGEST:
            _is_general(view, match, gazetteer, found)
    found.clauses.sort(key=lambda clause: clause.begin)
    rule = next((clause.begin for clause in found.clauses if clause.first_leads == "on"), None)
    for clause in found.clauses:
        if rule is not None and clause.begin > rule:
            let_first_lead(clause)
    return found


def _from_brackets(view: str, brackets: list[Bracket], gazetteer: Gazetteer, found: Found) -> None:
    taken_to = -1
    for bracket in brackets:
        inner_begin, inner_end = bracket.inner
        if bracket.begin < taken_to or inner_end - inner_begin < 3:
            continue
        if view[inner_begin] == "（" and view[inner_end - 1] == "）":
            continue  # Doubled brackets: the inner pair comes next.
        if not bracket.closed:
            inner_end = _unclosed_end(view, inner_begin, min(inner_end, inner_begin + _LONGEST))
        if inner_end - inner_begin > _LONGEST:
            continue
        inside = view[inner_begin:inner_end]
        if not HINT.search(inside) and not _ACTOR_ONLY.search(inside):
            continue
        clause = read_clause(view, inner_begin, inner_end, gazetteer)
        finish = bracket.end if bracket.closed else inner_end
        clause.begin, clause.end, clause.closed = bracket.begin, finish, bracket.closed
        if is_clause(clause, stands_at_end=bool(_ENDS.match(view, finish))):
            found.clauses.append(clause)
            taken_to = finish
        elif clause.directives and not clause.assigned:
            found.general.append(clause)
            taken_to = finish
        elif _SUSPECT.search(inside) and not clause.vetoed and clause.assigned:
            found.suspects.append((bracket.begin, finish))


def _unclosed_end(view: str, begin: int, end: int) -> int:
    """Where a bracket that nobody closed stops: at the full stop that ends the clause, or at the line's end."""
    stop = re.compile(r"。(?!以下|各)").search(view, begin, end)
    return stop.start() if stop else end


def _from_dangling(view: str, begin: int, end: int, gazetteer: Gazetteer, found: Found) -> None:
    """A closing bracket without an opening: 市甲局牵头，各县负责落实）. The clause began after the last full stop."""
    covered = sorted((clause.begin, clause.end) for clause in found.clauses)
    for position in _dangling_ends(view, begin, end):
        floor = max(begin, position - _DANGLING_REACH)
        start = max(view.rfind(mark, floor, position) for mark in "。；\n") + 1
        if (start == 0 and floor > begin) or view[position - 1] in "（），、。；\n":
            continue
        if _overlaps(covered, start, position):
            continue
        clause = read_clause(view, max(start, begin), position, gazetteer)
        if is_clause(clause, stands_at_end=True) and clause.has_role_word and clause.unread_share() < 0.05:
            clause.end, clause.closed = position + 1, False
            found.clauses.append(clause)


def _dangling_ends(view: str, begin: int, end: int) -> Iterator[int]:
    depth = 0
    for match in re.compile(r"[（）\n]").finditer(view, begin, end):
        mark = match.group()
        if mark == "\n":
            depth = 0
        elif mark == "（":
            depth += 1
        elif depth:
            depth -= 1
        else:
            yield match.start()


def _from_labels(view: str, begin: int, end: int, gazetteer: Gazetteer, found: Found) -> None:
    """责任单位：… at the beginning of a line or sentence, together with the labels that follow it."""
    covered = sorted((clause.begin, clause.end) for clause in found.clauses)
    position, failed = begin, (begin, 0)
    for label in iter_labels(view, begin, end):
        if failed[1] >= _LABEL_TRIES and label.start() < failed[0]:
            continue  # A line of labels and rubbish is not read again for each label in it.
        if label.start() < position or _overlaps(covered, label.start(), label.start() + 1):
            continue
        finish = _label_block_end(view, label.start(), end)
        clause = read_clause(view, label.start(), finish, gazetteer)
        clause.form = "label"
        if (clause.assigned or clause.deadline_spans) and clause.unread_share() <= 0.4:
            found.clauses.append(clause)
            position = finish
        else:
            failed = (finish, failed[1] + 1 if failed[0] == finish else 1)


def _from_duty_lists(view: str, begin: int, end: int, gazetteer: Gazetteer, found: Found) -> None:
    """A list of who does what: every line opens with the names of those whose duties it says."""
    covered = sorted((clause.begin, clause.end) for clause in found.clauses)
    listed: list[Clause] = []
    for match in _DUTY_LINE.finditer(view, begin, end):
        if _overlaps(covered, *match.span()):
            continue
        clause = read_clause(view, *match.span("who"), gazetteer)
        named = clause.assigned and all(
            actor.phrase or actor.known or _NEW_AGENCY.match(view, actor.begin, actor.end) for actor in clause.actors
        )
        if named and not clause.vetoed and not clause.unread and not clause.has_role_word:
            clause.begin, clause.end = match.start("who"), match.end()
            clause.form, clause.has_role_word = "label", True
            listed.append(clause)
    if len(listed) >= _LEAST_DUTY_LINES:
        found.clauses.extend(listed)


def _from_duty_sentences(view: str, begin: int, end: int, gazetteer: Gazetteer, found: Found) -> None:
    """市住建局负责工地扬尘治理；市城管局负责渣土运输监管。: a paragraph that hands its duties out one by one."""
    covered = sorted((clause.begin, clause.end) for clause in found.clauses)
    for paragraph in re.compile(r"[^\n]+").finditer(view, begin, end):
        if _overlaps(covered, *paragraph.span()) or LABEL_START.match(view, paragraph.end() + 1, end):
            continue
        listed = [
            clause
            for match in _DUTY_SENTENCE.finditer(view, *paragraph.span())
            if (clause := _handed(view, match, gazetteer)) is not None
        ]
        if len(listed) >= _LEAST_DUTY_LINES:
            found.clauses.extend(listed)


def _handed(view: str, match: re.Match[str], gazetteer: Gazetteer) -> Clause | None:
    clause = read_clause(view, match.start("who"), match.end("role"), gazetteer)
    named = clause.assigned and all(actor.phrase or actor.known for actor in clause.actors)
    if not named or clause.vetoed or clause.unread or not clause.has_role_word:
        return None
    clause.begin, clause.end, clause.form = match.start("who"), match.end(), "sentence"
    return clause


def _label_block_end(view: str, begin: int, end: int) -> int:
    """Sentence by sentence and line by line, as long as a label opens the next one."""
    position = begin
    while True:
        stop = re.compile(r"[。\n]|$").search(view, position, end)
        finish = stop.start() if stop else end
        following = finish
        while following < end and view[following] in "。\n":
            following += 1
        if following >= end or not LABEL_START.match(view, following, end):
            return min(finish + 1, end) if finish < end and view[finish] == "。" else finish
        position = following


def _from_sentences(view: str, begin: int, end: int, gazetteer: Gazetteer, found: Found) -> None:
    """A sentence, or the rest of one, that is nothing but a clause: …，由市住建局牵头，各县负责落实。"""
    covered = sorted((clause.begin, clause.end) for clause in found.clauses)
    for match in _SENTENCE.finditer(view, begin, end):
        text = match.group()
        if len(text) > _LONGEST or _overlaps(covered, match.start(), match.end()):
            continue
        if _is_general(view, match, gazetteer, found):
            continue
        if "牵头" in text or _WHOLE_CLAUSE.search(text):
            _from_sentence(view, match.start(), match.end(), gazetteer, found)


def _is_general(view: str, sentence: re.Match[str], gazetteer: Gazetteer, found: Found) -> bool:
    """以下任务均由各县区落实，不再列出。: kept apart, since it covers no text of its own."""
    if "不再" not in sentence.group() or not DIRECTIVE.search(sentence.group()):
        return False
    clause = read_clause(view, sentence.start(), sentence.end(), gazetteer)
    if not clause.directives or clause.assigned:
        return False
    found.general.append(clause)
    return True


def _from_sentence(view: str, begin: int, end: int, gazetteer: Gazetteer, found: Found) -> None:
    """Try the sentence from its beginning, then from each comma: the first part that reads cleanly is the clause."""
    starts = [begin, *(match.end() for match in re.compile("，").finditer(view, begin, end))]
    for start in starts[:12]:
        opening = _CLAUSE_START.match(view, start, end)
        if not opening:
            continue
        clause = read_clause(view, opening.end(), end, gazetteer)
        clause.begin, clause.form = start, "sentence"
        leads = any(item.role == "lead" for item in clause.assigned)
        both = len({actor.phrase is None for actor in clause.actors}) == 2 and clause.has_role_word
        hands_out = (leads or (both and start == begin)) and len(clause.assigned) >= 2
        if hands_out and not clause.vetoed and clause.unread_share() < _CLEAN:
            found.clauses.append(clause)
            return


def _overlaps(spans: list[tuple[int, int]], begin: int, end: int) -> bool:
    """Does a stretch meet one of the spans, which are sorted and disjoint?"""
    index = bisect_right(spans, (begin, begin)) - 1
    return any(low < end and begin < high for low, high in spans[max(0, index) : index + 2])
