"""Whom a single measure concerns: 甲县要… only that county, 其他县… the rest of the clause's, 各县… all of them.

Areas count when they are the subject of a segment (a stretch between commas): at its front, after times and
words such as 鼓励, or at its end behind a description (污染突出的甲县，…). Names inside titles, quotation marks,
brackets and companies, names of examples (推广甲区经验) and recipients never count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.brackets import Shelter
from lantian.plan.reading.entities import Name
from lantian.plan.reading.model import AreaMode, Measure
from lantian.plan.reading.numerals import to_number

_UNIT = r"[县区市旗]"
_CHAIN = rf"(?:{_UNIT}(?:（[^（）]{{1,12}}）|[、/]{_UNIT}|{_UNIT})*|地区|地方)(?:人民)?(?:政府)?"
_COUNT = r"[\d一二两三四五六七八九十]{1,3}"
_OTHERS = re.compile(rf"(?:其他|其它|其余|剩余)(?:的|各|{_COUNT}个?)?{_CHAIN}")
_EVERY = re.compile(
    rf"(?:各|所有|全部)(?:个|有关)?{_CHAIN}|全市{_COUNT}个{_CHAIN}|全(?:市|县|区)(?!域)|{_UNIT}(?:（[^（）]{{1,12}}）)政府"
)
_TIME = (
    r"(?:[到至于在自从]?(?:20\d{2}年?)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?[底末初内]|[上下]半年|[采供]暖[季期]|第?[一二三四]季度|[上中下]旬|夏收|秋收)?"
    r"(?:之前|以前|前|起|内|止|期间)?，?)"
)
_LEAD_IN = re.compile(
    rf"(?:其中[，：]?|同时，?|另外，?|此外，?|并|由|对于|鼓励|支持|引导|督促|指导|组织|责成|要求|确保|力争|争取|原则上|重点是|[一二三四五六]是|{_TIME})*"
)
_MODAL = re.compile(
    r"(?:，)?(?:要|应|须|需|必须|务必|不得|不再|负责|率先|继续|力争|争取|确保|结合|根据|按照|按|针对|围绕|依托|完成|实现|建成|建立|制定|编制|开展|推进|推动|加快|实施|淘汰|退出|关停|"
    r"关闭|压减|新增|新建|改造|达到|启动|组织|划定|扩大|全部|全面|基本|率|于|到|在|至|对|将|\d)"
)
_INSIDE = re.compile(
    r"(?:的)?(?:县城|城区|建成区|主城区|规划区|辖区|境内|范围内|行政区域|全境|全域|平川|平原|山区|农村|城乡|城市)"
)
_NO_SUBJECT = re.compile(
    r"(?:的|\d{4}年)?[^，。；]{0,16}(?:经验|做法|模式)|(?:至|到|—)[\u4e00-\u9fff]{2,8}(?:公路|铁路|高速|段|沿线)|(?:公路|铁路|高速|大道|车站|机场|电厂|煤矿|路段)"
)
_TOGETHER = re.compile(r"(?:、|和|及|与|以及)")
_ENDING = re.compile(
    rf"(?P<open>等)?(?P<count>{_COUNT})?个?(?:{_CHAIN})?(?:（[^（）]{{1,12}}）)?(?:人民政府|政府|党委、政府|管委会)?"
)
_AT = re.compile(r"(?:在|对)")
_CARRIED_ON = re.compile(
    rf"{_TIME}(?:并|且|同时|再|力争|争取|确保|完成|实现|建成|做到|全面|全部|基本|于|报|达到|开展|制定|编制|逐步|进一步|严格|加强|对)|(?:该|上述|整治|实施|工作)?方案(?!》)"
)
# Without a pack: a name that ends like an area's and is none of the words that do so too.
_UNKNOWN = re.compile(
    r"(?![在对完向从将把由使让经按以为是其同])(?!.{0,3}(?:各|全|本|该|城|建成|辖|地区|功能|示范|园|开发|厂|库|社|矿|禁|重点|有关|相关|条件|我|核心|敏感|保护|区域|县域|市域|市区|主|新|老|和|及))"
    r"[\u4e00-\u9fff]{1,4}?[县区市旗](?![县区市域级长委办场政容民属直])"
)
# 甲、乙、丙3县: the count says that these stems are areas.
_COUNTED = re.compile(rf"(?P<names>(?:[\u4e00-\u9fff]{{2,4}}、)+[\u4e00-\u9fff]{{2,4}}?)(?P<count>{_COUNT})个?{_CHAIN}")
_SURE, _PLACED, _LOOSE, _LOCATED = 0.95, 0.75, 0.7, 0.55


@dataclass(frozen=True, slots=True)
class Head:
    """Areas that stand as subject of a segment, in clean offsets. `names` is empty for all and for the others."""

    mode: AreaMode
    names: tuple[str, ...]
    begin: int
    end: int
    confidence: float


class SubjectFinder:
    """Finds the areas that a piece of text makes its subject.

    `learnt`: areas that the document itself makes responsible; `own`: a text with the name of the city (or county)
    that the whole plan is for, which is no area of its own.
    """

    def __init__(self, gazetteer: Gazetteer, learnt: Iterable[str] = (), own: str = "") -> None:
        self._names = {spelling: area.name for spelling, area in gazetteer.area_names.items()}
        self._names |= {name: name for name in learnt if name not in self._names and "*" not in name}
        self._own = own
        ordered = sorted(self._names, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._guesses = not gazetteer.areas

    def find(self, view: str, begin: int, end: int, shelter: Shelter, companies: Sequence[Name]) -> Head | None:
        """The subject of a piece, put together from its segments, or None where no areas are the subject."""
        heads: list[Head] = []
        for first, (start, stop) in _numbered(_segments(view, begin, end, shelter)):
            head = self._head(view, start, stop, is_first=first)
            if head and head.begin not in shelter and not any(c.begin <= head.begin < c.end for c in companies):
                heads.append(head)
        return _joined(heads)

    def _head(self, view: str, start: int, stop: int, *, is_first: bool) -> Head | None:
        lead = _LEAD_IN.match(view, start, stop)
        begin = lead.end() if lead else start
        others, every = _OTHERS.match(view, begin, stop), _EVERY.match(view, begin, stop)
        if others:
            return Head("others", (), begin, others.end(), 0.85)
        if every:
            return Head("clause", (), begin, every.end(), _SURE)
        if is_first and _AT.match(view, start, stop):
            listed = self._list(view, start + 1, stop)
            return replace(listed, confidence=min(_LOCATED, listed.confidence)) if listed else None
        listed = self._counted(view, begin, stop) or self._list(view, begin, stop) or self._list(view, start, stop)
        if listed:
            return listed if is_first or listed.confidence > _LOOSE else None
        return self._described(view, start, stop)

    def _list(self, view: str, begin: int, stop: int) -> Head | None:
        """Names parted by 、 from `begin` on, judged by what stands behind them."""
        names: list[str] = []
        position, suffixed, guessed = begin, False, False
        while True:
            found = self._name(view, position, stop)
            if found is None:
                break
            names.append(found.text)
            guessed = guessed or found.confidence < _SURE
            suffixed = suffixed or view[found.end - 1] in "县区市旗"
            position = found.end
            following = _TOGETHER.match(view, position, stop)
            if not following or self._name(view, following.end(), stop) is None:
                break
            position = following.end()
        if not names:
            return None
        tail = _ENDING.match(view, position, stop)
        assert tail is not None
        suffixed = suffixed or tail.end() > position
        sure = self._judge(view, tail.end(), stop, suffixed=suffixed)
        if guessed:
            # Without a list of names only a verb shows that these are areas.
            sure = 0.8 if sure >= 0.85 else 0
        if sure and (tail.group("open") or not _agrees(tail.group("count"), len(names))):
            sure = min(sure, _LOCATED)
        return Head("named", tuple(dict.fromkeys(names)), begin, tail.end(), sure) if sure else None

    def _name(self, view: str, begin: int, stop: int) -> Name | None:
        known = self._known.match(view, begin, stop) if self._known else None
        match = known or (_UNKNOWN.match(view, begin, stop) if self._guesses else None)
        if match is None:
            return None
        name = self._names.get(match.group(), match.group())
        # 完成甲市…: what ends in the city's own name is no area either.
        if name in self._own or (not known and any(name[cut:] in self._own for cut in range(1, len(name) - 1))):
            return None
        return Name(*match.span(), name, _SURE if known else _LOOSE)

    def _counted(self, view: str, begin: int, stop: int) -> Head | None:
        """Stems that only their count shows to be areas, where no list of names is at hand."""
        match = _COUNTED.match(view, begin, stop) if self._guesses else None
        if match is None or match.group("names").count("、") + 1 != to_number(match.group("count")):
            return None
        sure = self._judge(view, match.end(), stop, suffixed=True)
        names = tuple(match.group("names").split("、"))
        return Head("named", names, *match.span(), min(sure, 0.8)) if sure >= _PLACED else None

    def _judge(self, view: str, position: int, stop: int, *, suffixed: bool) -> float:
        """How sure it is that names which end here are a subject; 0 for no."""
        if _NO_SUBJECT.match(view, position, stop):
            return 0
        if position >= stop or view[position] in "，。；":
            return 0.85 if suffixed else 0
        if _MODAL.match(view, position, stop):
            return _SURE if suffixed else 0.8
        if not suffixed:
            return 0
        return _PLACED if _INSIDE.match(view, position, stop) else _LOOSE

    def _described(self, view: str, start: int, stop: int) -> Head | None:
        """污染突出的甲县，… and 企业集中的甲、乙县结合实际…: a description before the names."""
        for mark in list(re.compile("的").finditer(view, start + 2, stop))[:4]:
            listed = self._list(view, mark.end(), stop)
            if listed and listed.confidence > _PLACED:
                return replace(listed, confidence=min(listed.confidence, 0.9))
        return None


def carries_on(view: str, begin: int, between: str) -> bool:
    """Does a piece without a subject of its own go on with the subject before? `between` stands before the piece."""
    match = _CARRIED_ON.match(view, begin)
    if match is None:
        return False
    return "方案" in match.group() if re.search(r"[。；\n]", between) else True


def settle(measures: Iterable[Measure], areas: Sequence[str]) -> Iterator[Measure]:
    """其他县 gets its names: the clause's areas less those that earlier measures of the clause named."""
    named: list[str] = []
    for measure in measures:
        scope = measure.areas
        if scope.mode != "others":
            named += scope.names
            yield measure
            continue
        rest = tuple(name for name in areas if name not in named)
        sure = scope.confidence if named else min(scope.confidence, _LOCATED)
        yield replace(measure, areas=replace(scope, names=rest, confidence=sure))


def _joined(heads: list[Head]) -> Head | None:
    """Several subjects: the same kind add up; named areas beside all or the others leave the clause's areas."""
    if len(heads) <= 1:
        return heads[0] if heads else None
    first, last = heads[0], heads[-1]
    if all(head.mode == "named" for head in heads):
        names = dict.fromkeys(name for head in heads for name in head.names)
        sure = min(head.confidence for head in heads)
        return Head(
            "named",
            tuple(names),
            first.begin,
            first.end,
            min(sure, _PLACED) if len(names) > len(first.names) else first.confidence,
        )
    if len({head.mode for head in heads}) == 1:
        return first
    return Head("clause", (), first.begin, last.end, _LOOSE)


def _agrees(written: str | None, count: int) -> bool:
    return written is None or to_number(written) == count


def _segments(view: str, begin: int, end: int, shelter: Shelter) -> Iterator[tuple[int, int]]:
    start = begin
    for match in re.compile("[，；。]").finditer(view, begin, end):
        if match.start() not in shelter:
            yield start, match.end()
            start = match.end()
    if start < end:
        yield start, end


def _numbered(segments: Iterable[tuple[int, int]]) -> Iterator[tuple[bool, tuple[int, int]]]:
    """With each segment whether it opens the piece; a time alone does not count."""
    first = True
    for segment in segments:
        yield first, segment
        first = first and segment[1] - segment[0] <= 12
