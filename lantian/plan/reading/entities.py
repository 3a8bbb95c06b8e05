"""Names in the running text: enterprises, places, and documents cited in 《》."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.localities import place_names

_DATA = Path(__file__).parent / "data" / "enterprises.toml"
_ENDING = (
    r"(?:(?:股份|集团|责任)?有限(?:责任)?公司(?:[\u4e00-\u9fff]{1,6}(?:分公司|分厂|电厂|热电厂|煤矿|铁矿|焦化厂))?|集团(?:有限)?公司|总公司|分公司|"
    r"[\u4e00-\u9fff]{2,10}集团[\u4e00-\u9fff]{0,8}(?:铁矿|煤矿|钢厂|电厂|公司|矿业|矿)|(?:热电|发电|钢铁|水泥|焦化|化工|化肥|铝|炼油|造纸|电|制药|耐火材料|供热)厂|(?:煤|铁|铝土|铜|金)矿(?=[、，。；）（和及与等]|完成|实施|开展|$)|集团(?=[、，。；和及与等（]))"
)
_COMPANY = re.compile(rf"[\u4e00-\u9fffA-Za-z（）]{{2,30}}?{_ENDING}")
_BREAK = re.compile(
    r"[的对将由被在及和与或等以把让给含、]|(?:使用|退出|拆除|完成|推进|推动|按照|根据|要求|辖区内?|开展|淘汰|关停|关闭|搬迁|整合|改造|治理|建设|实施|启动|加快|"
    r"督促|支持|依托|组织|协调|严格|取缔|力争|其中|例如|包括|企业|项目|位于|属于|作为|来自|停产|压减|达到|向|从|至|到|为)"
)
# Endings that mean a kind of plant, not a name, unless a place or a known name stands in front.
_KIND_ONLY = re.compile(r"[厂矿]$")
_SUFFIX = re.compile(
    r"(?:省|市)?(?:（[\u4e00-\u9fff]{2,6}）)?(?:(?:股份|集团|责任)?有限(?:责任)?公司|集团(?:有限)?公司|总公司|分公司|公司)"
)
_PLANT_TAIL = re.compile(r"[\u4e00-\u9fff第]{2,}(?:厂|矿)$")
_LISTED = re.compile(r"^[、和及与]$")
_STEM_BEFORE = re.compile(r"(?:^|[、，。；：（“和及与在对由的为]|完成|推进|其中)$")
_STEM_AFTER = re.compile(r"[、，。；）”和及与等的\d]|$|[两三四五六七八九十]?个?(?:县|市|区)")
_GENERIC = re.compile(r"^(?:.{0,4}(?:企业|产业|龙头|骨干|大型|上市|国有|央企|特色))集团$")
_CITE = re.compile(r"《(?P<title>[^《》\n]{2,100})》(?P<number>（[^（）《》\n]{2,14}?（\d{4}）(?:第)?\d+号）)?")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a view, printed as `text`, with how sure the reader is."""

    begin: int
    end: int
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Cited:
    begin: int
    end: int
    title: tuple[int, int]
    number: tuple[int, int] | None


def find_enterprises(view: str, begin: int, end: int, gazetteer: Gazetteer) -> list[Name]:
    """Companies named in the text, the pack's own list first."""
    found = _known(view, begin, end, gazetteer)
    plants: list[Name] = []
    for match in _COMPANY.finditer(view, begin, end):
        start, sure = _name_start(view, match.start(), match.end())
        name = view[start : match.end()]
        if len(name) < (4 if name.endswith("集团") else 5) or _GENERIC.search(name):
            continue
        if any(item.begin < match.end() and start < item.end for item in found):
            continue
        is_kind = bool(_KIND_ONLY.search(name)) and (sure < 0.8 or not _own_name(name))
        (plants if is_kind else found).append(Name(start, match.end(), name, sure))
    found += [plant for plant in plants if _beside(view, plant, found)]
    return sorted(found, key=lambda item: item.begin)


def _own_name(name: str) -> bool:
    """山西煤矿 is a kind of mine in a place, 乙县白峪里铁矿 is a mine."""
    place = next((match for match in _place_pattern().finditer(name)), None)
    return not name.endswith("矿") or place is None or len(name) - place.end() >= 5


def _beside(view: str, plant: Name, companies: list[Name]) -> bool:
    """A plant without a place counts where it stands in a list with companies (某某公司、三兴焦化厂)."""
    return any(
        _LISTED.match(view[company.end : plant.begin]) or _LISTED.match(view[plant.end : company.begin])
        for company in companies
    )


def _known(view: str, begin: int, end: int, gazetteer: Gazetteer) -> list[Name]:
    found: list[Name] = []
    for enterprise in gazetteer.enterprises:
        for written in (enterprise.name, *enterprise.names):
            position = view.find(written, begin, end)
            while position >= 0:
                found.append(Name(position, position + len(written), enterprise.name, 0.97))
                position = view.find(written, position + len(written), end)
    found.sort(key=lambda item: (item.begin, item.begin - item.end))
    return [item for index, item in enumerate(found) if index == 0 or item.begin >= found[index - 1].end]


def _name_start(view: str, begin: int, end: int) -> tuple[int, float]:
    """A company's name begins at the name of a province or city, else after the last word that is no part of it."""
    text = view[begin:end]
    tail = 4 if text.endswith("集团") else 6
    cut = max(_open_bracket(text), 0)
    for match in _BREAK.finditer(text[: max(0, len(text) - tail)]):
        cut = max(cut, match.end())
    group = _group_pattern().search(text, cut)
    places = [match for match in _place_pattern().finditer(text) if _opens_name(text, match, cut)]
    after = [match.start() for match in places if match.start() >= cut]
    if after and group and group.start() < after[0]:
        county = re.fullmatch(r"[\u4e00-\u9fff]{1,4}[县市区]", text[cut : group.start()])
        return begin + (cut if county else group.start()), 0.9
    if after:
        return begin + after[0], 0.92
    if places and _BREAK.search(text[places[-1].start() :]) is None:
        return begin + places[-1].start(), 0.85
    return begin + cut, 0.6


def _opens_name(text: str, place: re.Match[str], cut: int) -> bool:
    """Not so the place in brackets (台泥（贵港）水泥有限公司) and the one before the suffix (同忻煤矿山西有限公司)."""
    if place.start() > len(text) - 6:
        return False
    if place.start() <= cut:
        return True
    bracketed = text[place.start() - 1] == "（" and "）" in text[place.end() :]
    return not bracketed and not _SUFFIX.fullmatch(text, place.end())


def _open_bracket(text: str) -> int:
    """Where the name can begin at the earliest: behind a bracket that has no partner."""
    depth, position = 0, 0
    for index, character in enumerate(text):
        depth += {"（": 1, "）": -1}.get(character, 0)
        if depth < 0:
            depth, position = 0, index + 1
    return text.rfind("（") + 1 if depth > 0 else position


@lru_cache(maxsize=1)
def _group_pattern() -> re.Pattern[str]:
    names = tomllib.loads(_DATA.read_text("utf-8"))["groups"]
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _place_pattern() -> re.Pattern[str]:
    return re.compile("|".join(place_names()))


def find_citations(view: str, begin: int, end: int) -> list[Cited]:
    """Documents in 《》 with the number printed behind them."""
    return [
        Cited(
            *match.span(),
            match.span("title"),
            (match.start("number") + 1, match.end("number") - 1) if match.group("number") else None,
        )
        for match in _CITE.finditer(view, begin, end)
    ]


class PlaceFinder:
    """Areas named in running text: those of the pack, or those that the document itself makes responsible."""

    def __init__(self, gazetteer: Gazetteer, learnt: frozenset[str]) -> None:
        names = {spelling: area.name for spelling, area in gazetteer.area_names.items()}
        names |= {name: name for name in learnt if name not in names and name != "*"}
        self._names = names
        ordered = sorted(names, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def find(self, view: str, begin: int, end: int) -> list[Name]:
        """Each place once, where it is first named."""
        if self._pattern is None:
            return []
        found: dict[str, Name] = {}
        for match in self._pattern.finditer(view, begin, end):
            name = self._names[match.group()]
            whole = match.group() == name or match.group()[-1] in "县区市旗"
            # A bare stem counts only where it stands alone: 甲、乙县 but not 省城局甲车务段.
            if not whole and not (
                _STEM_BEFORE.search(view[begin : match.start()]) and _STEM_AFTER.match(view, match.end())
            ):
                continue
            found.setdefault(name, Name(*match.span(), name, 0.95 if whole else 0.8))
        return sorted(found.values(), key=lambda item: item.begin)
