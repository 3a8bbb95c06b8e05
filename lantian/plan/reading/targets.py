"""Numeric targets: amounts with their direction, their object, and whether they bind or only describe.

A number is a *target* when the sentence wants it reached (覆盖率达到100%, 淘汰32家) and a *criterion* when it
says which things are meant (每小时10蒸吨及以下燃煤锅炉); `judging` decides. 增加 and 下降 are floors of a change, kept in
`change`, with the year compared with in `basis`. The level that something is raised from (由60%提高到90%) is no target.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lantian.plan.reading.amounts import Amount, find_amounts
from lantian.plan.reading.brackets import Shelter
from lantian.plan.reading.judging import Reading, continued, describing, judge, judge_raised, suffix_end
from lantian.plan.reading.model import Comparator, Target
from lantian.plan.reading.objects import (
    after_amount,
    basis_of,
    before_amount,
    complete,
    concise,
    distribute,
    is_metric,
    measured_quality,
    says_only_work,
    things_before,
    under_title,
    without_work,
)
from lantian.plan.reading.units import units

_SEPARATOR = re.compile(r"^(?:、|和|及|与|以及)$")
_DISTRIBUTED = re.compile(r"分别[^，。；]{0,12}$")
_FROM = re.compile(r"(?:由|从|自)(?:[^，。；由从自\d]{0,6}|(?:20\d{2}年(?:底|末)?|上年|去年|目前|现在)的?)$")
_RAISED = re.compile(
    r"^(?:左右|以上|以下)?[^，。；\d]{0,3}?(?:(?:提高|提升|增加|增长|上升|扩大|增|提|升)|(?P<falls>下降|降低|降|压减|减少|压缩|缩减|削减|缩短|减))"
    r"(?:到|至)?(?:20\d{2}年(?:底|末)?的?)?$"
)
_LIST_MARK = re.compile(r"[、，；]|以?及(?!以)|(?<!总)和(?!谐)")
_SUMMED = re.compile(r"^[，（]?(?:共计|合计|总计|累计|共|总)(?:约|达|达到)?$")
_PREDICATE = re.compile(r"[为是]|完成|达到|实现|采用|使用|落实|覆盖|安装|更换|纳入")
_COUNTED = ("count", "mass", "length", "area", "energy", "volume", "spec", "money")
_STARTS = "，。；：\n"
_BORROWED = 0.7
_GUESSED = 0.55
_ASSUMED = 0.4


@dataclass(frozen=True, slots=True)
class _Base:
    """由60% in 由60%提高到90%: where it begins, the year it is of, whether the number falls from it."""

    begin: int
    end: int
    year: str
    falls: bool


def find_targets(view: str, begin: int, end: int, shelter: Shelter) -> list[Target]:
    """All targets and criteria between two positions, in order; offsets are those of the view."""
    return _Finder(view, begin, end, shelter).find()


def with_object(target: Target, topic: str) -> Target:
    """完成2万户 under the title 清洁取暖: the title says what is counted; without one the unit does (30家 are enterprises)."""
    if not says_only_work(target.object):
        return target
    things = next((unit.things for unit in units().values() if unit.code == target.unit), "")
    if topic:
        named = under_title(target.object, topic)
        return replace(target, object=named, confidence=min(target.confidence, 0.5), note="object taken from the title")
    if things and not target.object:
        sure = min(target.confidence, _ASSUMED)
        return replace(target, object=things, confidence=sure, note="object assumed from the unit")
    return target


def shifted(target: Target, start: int, end: int) -> Target:
    """The same target at other offsets (those of the source)."""
    return replace(target, start=start, end=end)


class _Finder:
    """One stretch of text, its amounts, and the targets found so far."""

    def __init__(self, view: str, begin: int, end: int, shelter: Shelter) -> None:
        self.view, self.begin, self.end, self.shelter = view, begin, end, shelter
        self.amounts = [amount for amount in find_amounts(view, begin, end) if _counts(view, begin, amount)]
        self.found: list[Target] = []

    def find(self) -> list[Target]:
        position, base = 0, None
        while position < len(self.amounts):
            base_of_next = self._base(position)
            if base_of_next:
                position, base = position + 1, base_of_next
                continue
            chain = self._chain(position)
            self.found.extend(self._read(chain, position, base))
            position, base = position + len(chain), None
        return self.found

    def _base(self, position: int) -> _Base | None:
        """Is this amount the level from which the next one rises or falls?"""
        amount = self.amounts[position]
        if position + 1 == len(self.amounts):
            return None
        source = _FROM.search(self.view, max(self.begin, amount.begin - 16), amount.begin)
        change = _RAISED.match(self.view[amount.end : self.amounts[position + 1].begin])
        if not source or not change or self.amounts[position + 1].unit.kind != amount.unit.kind:
            return None
        year = re.search(r"20\d{2}", source.group())
        return _Base(source.start(), amount.end, year.group() if year else "", bool(change.group("falls")))

    def _chain(self, position: int) -> list[Amount]:
        """15%、10%和26%: amounts that only separators part share what stands before the first and after the last."""
        chain = [self.amounts[position]]
        for following in self.amounts[position + 1 :]:
            gap = self.view[chain[-1].end : following.begin]
            alike = following.unit.kind == chain[0].unit.kind and not following.derived and not chain[0].derived
            if not _SEPARATOR.match(gap) or not alike:
                break
            chain.append(following)
        return chain

    def _read(self, chain: list[Amount], position: int, base: _Base | None) -> list[Target]:
        view, first = self.view, chain[0]
        start = _segment_start(view, self.begin, first.begin, self.shelter)
        if base:
            reading: Reading | None = judge_raised(base.end, falls=base.falls)
        else:
            reading = judge(view, start, first, chain[-1]) or continued(view, first, self.found)
        if reading is None:
            return []
        subject = before_amount(view[start : reading.prefix])
        reading = describing(reading, first, view[chain[-1].end : chain[-1].end + 12], subject)
        names = self._objects(chain, position, start, reading, base)
        basis = base.year if base else basis_of(view[start : first.begin])
        return [self._target(amount, first, reading, name, basis) for amount, name in zip(chain, names, strict=True)]

    def _target(self, amount: Amount, first: Amount, reading: Reading, named: tuple[str, float], basis: str) -> Target:
        comparator: Comparator = "range" if amount.upper is not None else reading.comparator
        notes = ("no number in the text" if amount.derived else "", f"rate {amount.rate}" if amount.rate else "")
        return Target(
            value=round(amount.value, 6),
            unit=amount.unit.code,
            comparator=comparator,
            object=concise(named[0]),
            role=reading.role,
            start=min(reading.prefix, amount.begin) if amount is first else amount.begin,
            end=suffix_end(self.view, amount.end),
            confidence=round(min(reading.sure, amount.sure, named[1]), 2),
            change=reading.change,
            basis=basis,
            upper=amount.upper,
            note="; ".join(filter(None, notes)),
            derived=amount.derived,
        )

    # What the numbers are about.

    def _objects(
        self, chain: list[Amount], position: int, start: int, reading: Reading, base: _Base | None
    ) -> list[tuple[str, float]]:
        """One object per amount with how sure it is: shared, or handed out one by one where the text says 分别."""
        view, first, finish = self.view, chain[0], base.begin if base else reading.prefix
        begin = self._object_start(position - (1 if base else 0), start)
        begin = begin if begin <= finish else start
        if reading.role == "criterion":
            name = measured_quality(view[begin : min(finish, first.begin)]) or self._behind(chain, position)
            return [(name, 0.85 if name else 0.4)] * len(chain)
        quoted = _quoted_slogan(view, start, first)
        if quoted:
            return [(quoted, 0.7)] * len(chain)
        if first.unit.kind == "share" and not first.derived and self._is_share_of(chain, begin, finish):
            # 100%的县城, 三分之一的县: a share of the things named behind it.
            behind = self._behind(chain, position)
            if len(behind) >= 2 and not _PREDICATE.match(behind):
                return [(behind, 0.6)] * len(chain)
        if self._is_sum(position) and self.found:
            return [(self.found[-1].object, 0.75)] * len(chain)
        written = before_amount(view[begin:finish])
        if not is_metric(written) and first.unit.kind in _COUNTED:
            behind = self._behind(chain, position)
            written = behind if len(behind) >= 2 else without_work(written)
        return self._handed_out(chain, start, written) or [self._completed(first, start, written)] * len(chain)

    def _handed_out(self, chain: list[Amount], start: int, written: str) -> list[tuple[str, float]]:
        if len(chain) == 1 or not _DISTRIBUTED.search(self.view[start : chain[0].begin]):
            return []
        sentence = self._sentence(chain[0].begin)
        shared = distribute(self.view[sentence:start], written, len(chain))
        return [(name, 0.85) for name in shared or []]

    def _completed(self, first: Amount, start: int, written: str) -> tuple[str, float]:
        """The object of a chain: as written, with a measured word lent by a target before, or from the comma before."""
        if first.unit.kind not in ("share", "concentration", "flux", "time"):
            if says_only_work(written) and self._continues(first):
                # 企业共56家，其中关停21家; 装机容量达到400万千瓦，力争450万千瓦: of the same things.
                return self.found[-1].object, _GUESSED
            if written:
                return written, 0.9
            before = things_before(self._comma_before(start))
            return (before, _GUESSED) if before else ("", 0.4)
        lenders = [
            t.object
            for t in self.found
            if t.role == "target" and t.confidence > _BORROWED and t.unit == first.unit.code
        ]
        name = complete(written, lenders)
        return name, 0.9 if name == written and name else 0.7 if name else 0.4

    def _is_share_of(self, chain: list[Amount], begin: int, finish: int) -> bool:
        """Is it a share of what follows, and not how far something named before goes?"""
        if finish == chain[0].begin:
            return True
        following = self.view[suffix_end(self.view, chain[-1].end) :][:1]
        return following == "的" and not is_metric(before_amount(self.view[begin:finish]))

    def _continues(self, amount: Amount) -> bool:
        """Does the sentence speak of this unit already?"""
        before = self.found[-1] if self.found else None
        sentence = self._sentence(amount.begin)
        return before is not None and before.unit == amount.unit.code and before.start >= sentence

    def _object_start(self, position: int, start: int) -> int:
        """绿地12公顷、造林8万亩: in a list the words before a number begin behind the number before it."""
        before = [one for one in self.amounts[:position] if one.begin >= start and not one.derived]
        if not before:
            return start
        last = suffix_end(self.view, before[-1].end)
        mark = _LIST_MARK.search(self.view, last, self.amounts[position].begin)
        return mark.end() if mark else last

    def _is_sum(self, position: int) -> bool:
        """35台共计186蒸吨: the same things, measured again."""
        if position == 0:
            return False
        before = self.amounts[position - 1]
        return bool(_SUMMED.match(self.view[suffix_end(self.view, before.end) : self.amounts[position].begin]))

    def _behind(self, chain: list[Amount], position: int) -> str:
        """The things named behind the last number; in 2台75吨/小时锅炉 the rating between is passed over."""
        finish, following = suffix_end(self.view, chain[-1].end), position + len(chain)
        if following < len(self.amounts) and chain[-1].unit.kind == "count":
            rating = self.amounts[following]
            if rating.unit.kind == "spec" and rating.begin == finish:
                finish = suffix_end(self.view, rating.end)
        return after_amount(self.view, finish, self.end)

    def _sentence(self, position: int) -> int:
        return max(self.begin, *(self.view.rfind(mark, self.begin, position) + 1 for mark in "。；\n"))

    def _comma_before(self, start: int) -> str:
        """The comma segment of the same sentence that ends at `start`."""
        sentence = self._sentence(start)
        if start <= sentence or self.view[start - 1] != "，":
            return ""
        return self.view[max(sentence, self.view.rfind("，", sentence, start - 1) + 1) : start - 1]


def _counts(view: str, begin: int, amount: Amount) -> bool:
    """Numbers in titles 《》, days that are no count of days, and slogans are no targets."""
    opening, closing = view.rfind("《", begin, amount.begin), view.rfind("》", begin, amount.begin)
    if opening > closing:
        return False
    if amount.unit.code == "天":
        return bool(re.search(r"天数|优良|污染|达标", view[max(begin, amount.begin - 24) : amount.begin]))
    if amount.unit.code == "次":
        return not re.search(r"每$|第$|连续$", view[max(begin, amount.begin - 2) : amount.begin])
    return True


def _quoted_slogan(view: str, start: int, amount: Amount) -> str:
    """扬尘整治“六个百分之百”: a number inside quotation marks is about what the marks enclose."""
    opening, closing = view.rfind("“", start, amount.begin), view.find("”", amount.end, amount.end + 20)
    if opening < 0 or closing < 0 or "”" in view[opening : amount.begin]:
        return ""
    return before_amount(view[start:opening]) + view[opening : closing + 1]


def _segment_start(view: str, begin: int, position: int, shelter: Shelter) -> int:
    """The comma or stop before the number; marks inside brackets and quotes do not count."""
    inside = position in shelter
    index = position - 1
    while index >= begin:
        if inside and view[index] == "（":
            return index + 1
        if view[index] in _STARTS and (inside or index not in shelter):
            return index + 1
        index -= 1
        if position - index > 160:
            break
    return max(begin, index + 1)
