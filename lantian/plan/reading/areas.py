"""The areas that a clause makes responsible: 各县（市、区） = all, 相关县 = to be named, or names in a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.numerals import to_number

# What may stand behind an actor: a separator, a role word, the end. Lets the patterns stop in the right place.
BOUNDARY = (
    r"(?=$|[、，；。,;：\s（）/]|等|和|及|与|以及|会同|联合|牵头|负责|配合|参与|按|依|分别|分工|落实|协助|协同|协办|督导|监督|主办|主责|具体|"
    r"共同|组织|根据|为主|实施|承担|各负其责|支持|做好|抓好|予以|积极|统筹|推进|执行|参加|指导|督促|下同|不再|负总责|主体责任|主抓|是|为)"
)
_UNIT = (
    r"(?:县级市|县城|县|市(?!高新|经开|经济|开发|产业|工业|现代|示范|直|级)|区|旗|州|盟|镇街|街镇|街乡|乡街|镇|乡|街道办事处|街道办|街道|街办|办事处|"
    r"社区居委会|社区|居委会|村民委员会|村委会|村|林场|农场|人民政府|政府|党委|地方|地区|地)"
)
_PAREN = r"（[^（）]{1,24}）"
_CHAIN = rf"(?:{_UNIT}|{_PAREN})(?:(?:、|和|及|以及|与|或|/)?(?:各|有关|相关)?(?:级|类)?(?:{_UNIT}|{_PAREN}))*"
_OFFICE = r"[\u4e00-\u9fff]{2,12}?(?:局|委|大队|支队|部门|中心|办)"
_ALL = re.compile(
    rf"(?:全市|全县|全区|全省|市域|地方)?(?:各级|各个?|所有|全部)(?:级)?{_CHAIN}(?:园区|开发区|高新区|功能区|管委会)*{BOUNDARY}"
    rf"|各(?:县|区|旗|乡|镇)(?:{_PAREN}|[、/]?[县市区旗乡镇])*(?:街道)?(?={_OFFICE})"
    rf"|(?!市区)(?:县|市|区)(?:{_PAREN}|[、/]?[县市区旗])+(?:级)?(?:人民)?(?:政府|管委会)?(?:{_PAREN})?{BOUNDARY}"
    rf"|县级(?:以上)?(?:人民)?政府{BOUNDARY}"
)
# Development zones in general; 高新区 and 经开区 without more are names.
_ZONES = re.compile(
    rf"(?:各个?|全市)?(?:国家级|省级|市级)?(?:及?以上)?(?:经济)?(?:技术)?(?:产业|工业)?"
    rf"(?:开发区|园区|功能区|集聚区|管理区|平台)(?:（[^（）]{{1,16}}）)?(?:党工委、?)?(?:管理委员会|管委会)?{BOUNDARY}|各?(?:管理委员会|管委会){BOUNDARY}"
)
_SOME = re.compile(
    rf"各?(?:相关|有关|涉及|所涉|涉|重点|具备条件|有条件|对应|责任)(?:的)?(?:各)?{_CHAIN}{BOUNDARY}"
    rf"|(?:沿江|沿海|沿河|沿线|平原|山区|平川|主城|重点区域|重点|范围内)(?:的)?各{_CHAIN}{BOUNDARY}"
    rf"|(?:有|存在|涉及|承担|具有|列入|位于|符合)[^、，；。：（）各]{{1,16}}的(?:各)?{_CHAIN}{BOUNDARY}"
    rf"|(?:属地|当地|所在地?|辖区|工程所在地|项目所在地|企业所在地)(?:的)?(?:各)?(?:{_CHAIN})?{BOUNDARY}"
)
_NAMED = re.compile(
    rf"[^、，；。：（）/\s除及各]{{1,14}}?(?:县|区|市|旗|镇|乡|街道|开发区|高新区|新区|园区|景区|示范区|新城|工业园|试验区|保税区|度假区|林场|农场|港区)"
    rf"(?:（[^（）]{{1,16}}）)?(?:党工委、?管委会|党委、?(?:人民)?政府|人民政府|政府|管理委员会|管委会|党工委|办事处)?{BOUNDARY}"
)
_MANAGED = re.compile(rf"[^、，；。：（）/\s]{{2,16}}?(?:管理委员会|管委会|人民政府){BOUNDARY}")
# 甲、乙、丙四县（市、区）人民政府 and 甲区、乙县等2个县（区）: the count is no name; 甲、乙、丙县人民政府 share their ending.
_ITEM = r"(?![^、，；。（）]{0,10}(?:局|委|办|厅|部|公司|中心|支队|部门|单位)(?:、|$))[\u4e00-\u9fff]{2,8}"
_COUNTED = re.compile(
    rf"(?P<names>(?:{_ITEM}、){{1,20}}{_ITEM}?)(?P<open>等)?(?P<count>[\d两二三四五六七八九十]{{1,3}})个?(?:县|市|区|旗)"
    rf"(?:{_PAREN}|[、/]?[县市区旗])*(?:人民)?(?:政府|管委会)?{BOUNDARY}"
)
_SHARED = re.compile(
    rf"(?P<names>(?:[\u4e00-\u9fff]{{2,3}}、){{1,20}}[\u4e00-\u9fff]{{1,3}}[县市区旗])(?:人民)?政府{BOUNDARY}"
)
_EXCEPT_BEFORE = re.compile(r"除(?P<names>[^，。；）]{1,40}?)(?:以)?外(?:的)?，?(?:其他|其余|其它)?")
_EXCEPT_AFTER = re.compile(r"（(?:除|不含|不包括|不包含)(?P<names>[^（）]{1,40}?)(?:以?外)?）")
_GOVERNMENT = re.compile(r"(?:党委、?)?(?:人民)?政府$|党工委、管委会$")
_NOT_AREAS = re.compile(
    r"^(?:市区|城区|建成区|辖区|社区|小区|矿区|厂区|园区|景区|库区|地区|省区|山区|主城区|规划区|区|县|市)$"
)
_COUNTY = re.compile(r"^(?:县|区|市)(?:人民)?政府$")


@dataclass(frozen=True, slots=True)
class AreaPhrase:
    """A match: which areas (`mode`), the names as written, whether it means zones in general, and who is left out."""

    begin: int
    end: int
    mode: Literal["all", "some", "named"]
    names: tuple[str, ...] = ()
    zones: bool = False
    excluded: tuple[str, ...] = ()


def match_areas(view: str, begin: int, end: int, gazetteer: Gazetteer) -> AreaPhrase | None:
    """The area expression that starts exactly at `begin`, or None."""
    left_out: tuple[str, ...] = ()
    position = begin
    exception = _EXCEPT_BEFORE.match(view, begin, end)
    if exception:
        left_out, position = _split(exception.group("names")), exception.end()
    every = _ALL.match(view, position, end)
    if every or exception:
        finish = every.end() if every else position
        after = _EXCEPT_AFTER.match(view, finish, end)
        inner = _EXCEPT_AFTER.search(view, position, finish)
        if after:
            finish = after.end()
        found = after or inner
        if found:
            left_out += _split(found.group("names"))
        return AreaPhrase(begin, finish, "all", (), False, left_out)
    listed = _listed(view, begin, end)
    if listed:
        return listed
    some = _SOME.match(view, begin, end)
    if some:
        return AreaPhrase(begin, some.end(), "some")
    return _named(view, begin, end, gazetteer)


def _named(view: str, begin: int, end: int, gazetteer: Gazetteer) -> AreaPhrase | None:
    known = _known(view, begin, end, gazetteer)
    if known:
        return known
    zones = _ZONES.match(view, begin, end)
    if zones:
        return AreaPhrase(begin, zones.end(), "named", (zones.group(),), zones=True)
    named = _NAMED.match(view, begin, end) or _MANAGED.match(view, begin, end)
    if not named or _NOT_AREAS.match(named.group()) or _COUNTY.match(named.group()):
        return None
    return AreaPhrase(begin, named.end(), "named", (named.group(),))


def _listed(view: str, begin: int, end: int) -> AreaPhrase | None:
    """Names whose list only its end shows to be areas: by a count, or by the one ending that all share."""
    counted = _COUNTED.match(view, begin, end)
    if counted:
        names = _split(counted.group("names"))
        count = to_number(counted.group("count"))
        if count is not None and (len(names) == count or (counted.group("open") and len(names) <= count)):
            return AreaPhrase(begin, counted.end(), "named", names)
    shared = _SHARED.match(view, begin, end)
    if shared and not re.search(r"[县市区旗]、", shared.group("names")):
        return AreaPhrase(begin, shared.end(), "named", _split(shared.group("names")))
    return None


def _known(view: str, begin: int, end: int, gazetteer: Gazetteer) -> AreaPhrase | None:
    """A list item that the gazetteer knows although it shows no 县 or 区 (城关、河东)."""
    if not gazetteer.areas:
        return None
    item = re.compile(r"[^、，；。：（）\s]{2,20}?" + BOUNDARY).match(view, begin, end)
    if item and gazetteer.area(item.group()):
        return AreaPhrase(begin, item.end(), "named", (item.group(),))
    return None


def area_name(written: str, gazetteer: Gazetteer) -> str:
    """The pack's name for an area, else the name as written without 人民政府."""
    found = gazetteer.area(written)
    return found.name if found else _GOVERNMENT.sub("", written) or written


def expand(phrase: AreaPhrase, written: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The names that a phrase stands for; "*" for all where no pack says which there are."""
    if phrase.zones:
        zones = tuple(area.name for area in gazetteer.areas if area.kind in {"zone", "scenic"})
        return zones or phrase.names
    if phrase.mode == "named":
        return tuple(area_name(name, gazetteer) for name in phrase.names)
    if phrase.mode == "some":
        return ()
    left_out = {area_name(name, gazetteer) for name in phrase.excluded}
    townships = bool(re.search(r"乡|镇|街道|村|社区", written)) and not re.search(r"县|区(?!域)", written)
    if not gazetteer.all_areas or townships:
        return ("*",)
    return tuple(name for name in gazetteer.all_areas if name not in left_out)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[、和及与]", text) if part)
