"""Departments and companies in a clause, known by alias or recognised by how their names end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.areas import BOUNDARY

_SUFFIX = (
    r"(?:委员会|委办|办公室|指挥部|领导小组|工作专班|专班|联席会议|成员单位|有关部门|相关部门|部门|单位|分局|总局|局|厅|委|办|部|院|处|支队|大队|总队|中队|队|"
    r"中心|分公司|总公司|公司|集团|企业|总站|站|所|协会|联合会|总会|学会|商会|会|联社|社|台|银行|行|车务段|工务段|机务段|段|小组|组|海关|机关|督查室|督查办|室|厂|矿|"
    r"学校|大学|学院|研究院|军分区|武装部|总工会|工商联|妇联|残联|科协|文联|团[市县区]委|科|股|项目部|主体|物业|街道办)"
)
# Names that only a line break parted (市住建局 市城管局 in a table's cell) stand together once blanks are gone.
_NEXT_NAME = r"(?=[市县区省][\u4e00-\u9fff]{2,16}?(?:局|委|办|厅|中心|公司|支队|部|院)|各[县市区乡镇]|国网)"
_BOUNDARY = re.compile(rf"{BOUNDARY}|{_NEXT_NAME}")
_NAME = re.compile(
    rf"(?:[^、，；。：/\s（）]|（[^、（）]{{1,12}}）){{1,36}}?(?:{_SUFFIX})(?:（[^（）]{{1,20}}）)?(?:{BOUNDARY}|{_NEXT_NAME})"
)
_GOES_ON = re.compile(
    r"(?:监督|督导|指导|协调|执行|支持|统筹|推进|综合|和|及|与)[\u4e00-\u9fff]{0,6}?(?:局|委|办|支队|大队|中心|处|所|站)(?=[、，；。：）\s]|$|牵头|负责|配合|参与)"
)
_ENDED = re.compile(r"(?:局|委|办|厅|部|会|室|公司|中心|支队|大队|院|队|所|站|部门)$")
_HARD_STOP = re.compile(r"[、，；。：（）/\s]")
_LONGEST = 30
_LEVEL = re.compile(
    r"^(?:市(?![场政容委区域直级属辖府民长])|县(?![级域城委政直府属])|区(?![域委政直级块府属])|州(?=[\u4e00-\u9fff]{3})|旗|盟)(?=.{2})"
)
_PERSONAL = re.compile(r"^(?:各|有关|相关|市直|市级|县直)")


@dataclass(frozen=True, slots=True)
class AgencyPhrase:
    """A name in the clause: as written, its short form, and how sure the reader is that it is an agency."""

    begin: int
    end: int
    short: str
    known: bool


def match_agency(view: str, begin: int, end: int, gazetteer: Gazetteer) -> AgencyPhrase | None:
    """The agency whose name starts exactly at `begin`, or None. Known names win, the longest first."""
    stop = _HARD_STOP.search(view, begin, end)
    limit = min(stop.start() if stop else end, begin + _LONGEST)
    for finish in range(limit, begin + 1, -1):
        known = gazetteer.agency(view[begin:finish]) if _BOUNDARY.match(view, finish, end) else None
        if known and _GOES_ON.match(view, finish, end) and not _ENDED.search(view[begin:finish]):
            continue  # 城市管理|监督局: the stem of one agency in the name of another.
        if known and view.startswith("国网", begin) and known == "供电公司":
            known = short_name(view[begin:finish], Gazetteer())  # Which one it is stands before it.
        if known:
            return AgencyPhrase(begin, finish, known, True)
    match = _NAME.match(view, begin, end)
    if not match:
        return None
    bare = gazetteer.agency(match.group().partition("（")[0])
    if bare:  # 市自然资源局（林业局）
        return AgencyPhrase(begin, match.end(), bare, True)
    return AgencyPhrase(begin, match.end(), short_name(match.group(), gazetteer), False)


def short_name(written: str, gazetteer: Gazetteer) -> str:
    """The short form of a name: by alias, else as it stands without the level in front (市大数据中心 -> 大数据中心)."""
    plain = re.sub(r"\s+", "", written)
    return gazetteer.agency(plain) or _LEVEL.sub("", plain)


def is_generic(short: str) -> bool:
    """有关部门, 市直各单位: somebody must still say who that is."""
    return bool(_PERSONAL.match(short)) and bool(re.search(r"(?:部门|单位|企业|机关)$", short))
