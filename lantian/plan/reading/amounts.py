"""Numbers with a unit in a text: 80%, 2.5mg/m3, 每小时10蒸吨, 百分之九十, 三分之一, 25—30微克/立方米, 15%、10%和26%."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from lantian.plan.reading.numerals import from_chinese, to_number
from lantian.plan.reading.units import Unit, unit_pattern, units

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_CN = "[一二两三四五六七八九十百千]"
_CN_UNITS = "家|户|台|辆|座|艘|套|条|处|名|株|个|项|次|蒸吨|万吨|公里"
# 新建三座, 不少于十二个: small numbers in characters count only behind a word that counts. Never 一企一策 or 三项制度.
_COUNTING = re.compile(
    r"(?:不(?:得|能|应)?(?:少于|低于|超过|多于)|至少|达到|新建|建成|新增|增设|购置|配备|配置|安装|淘汰|关停|关闭|改造|拆除|取缔|投放|打造|"
    r"培育|创建|布设|完成|整治|建设)(?:了|约|共|建成|建设)?$"
)
_FLOORS = re.compile(r"(?:不(?:得|能|应)?(?:少于|低于)|至少)$")
_LOOSE_UNITS = ("个", "项", "条", "处", "次")
_MAGNITUDES = {"": 1.0, "万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2}
# A number that counts something no measure is judged by: 14个县, 168个城市, 3个方面.
_NO_TARGET_AFTER = re.compile(
    r"(?:县|市|区(?!域)|城市|省|乡镇|街道|方面|阶段|月|小时|工作日|季度|星期|年|国家|部门|单位(?!面积)|大类|类别|层面|环节|专项行动|百分之百|专班|小组|省份|百分[之百])"
)
_PREFIX = r"(?:(?<![\dA-Za-z.第—])|(?<=VOCs)|(?<=NOx))"
# 200万吨/年, 8次/日: how often stands behind the unit and is no part of it.
_RATE = re.compile(r"/(?:年|月|日|天|周|旬|季度?|a(?![A-Za-z])|d(?![A-Za-z])|台|户|人|村|县)(?!·)")
_PER_AREA = re.compile(r"每(?:1)?平方米[^，。；\d]{0,10}$")
_SLOGAN = re.compile(r"[二两三四五六七八九十\d]个$")
_RANKED = re.compile(r"[前后]$|倒数$")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a view. `upper` ends a range; `begin` includes 每小时 and the like, `end` the unit and the rate (/年).

    `derived`: the text has no number, 全覆盖 and “六个百分之百” were read as 100 %.
    """

    begin: int
    end: int
    value: float
    unit: Unit
    upper: float | None = None
    sure: float = 0.95
    derived: bool = False
    rate: str = ""


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    unit = unit_pattern()
    return re.compile(
        rf"(?:每小时|单台)?{_PREFIX}(?P<low>{_NUMBER})(?P<low_mag>[万亿千])?(?:{unit})?(?:—|-|至)(?P<high>{_NUMBER})(?P<high_mag>[万亿千])?(?P<high_unit>{unit})"
        rf"|(?:每小时|单台)?{_PREFIX}(?P<number>{_NUMBER})(?P<unit_full>{unit})"
        rf"|(?:每小时|单台)?{_PREFIX}(?P<counted>{_NUMBER})(?P<mag>[万亿千百])(?:多|余)?(?P<unit_mag>{unit})"
        rf"|(?P<full>百分百)|百分之(?P<percent>{_CN}+(?:点{_CN}+)?|{_NUMBER})"
        rf"|(?P<below>{_CN}+)分之(?P<above>{_CN}+)"
        rf"|(?<![〇零一二两三四五六七八九十百千第每数几近上约逾超])(?P<cn>{_CN}+)(?P<cn_unit>{_CN_UNITS})(?!{_CN}|百分)"
        rf"|{_PREFIX}(?P<grams>{_NUMBER})克(?=以[下内]|之内|左右|的?$|[^/每\u4e00-\u9fff])"
        rf"|(?P<half>一半|半数)(?=以上|的|及以上|达)"
        rf"|(?P<whole>(?<=[\u4e00-\u9fff）]{{2}})全覆盖)"
    )


def find_amounts(view: str, begin: int, end: int) -> list[Amount]:
    """All amounts between two positions, in order, those without a unit of their own included (53和32微克)."""
    found: list[Amount] = []
    if begin and view[begin - 1] in ".、":
        # 3.35蒸吨以下锅炉: the stretch begins behind its item's number, which is no part of the amount.
        view = f"{view[: begin - 1]}，{view[begin:]}"
    for match in _pattern().finditer(view, begin, end):
        amount = _amount(match)
        if amount is None or not _is_amount(view, begin, match, amount):
            continue
        if amount.value == 100 and _SLOGAN.search(view, max(begin, amount.begin - 6), amount.begin):
            amount = replace(amount, sure=min(amount.sure, 0.6), derived=True)
        rate = _RATE.match(view, amount.end, end) if amount.unit.kind not in ("share", "flux") else None
        if rate:
            amount = replace(amount, end=rate.end(), rate=rate.group())
        found.extend(_sharing(view, begin, amount))
        found.append(amount)
    return found


def _is_amount(view: str, begin: int, match: re.Match[str], amount: Amount) -> bool:
    """Leave out numbers that count nothing a measure is judged by: 14个县, 前10名, 三项制度."""
    if amount.unit.kind == "count" and _NO_TARGET_AFTER.match(view, match.end()):
        return False
    before = view[max(begin, match.start() - 16) : match.start()]
    if match.group("cn"):
        return _counts_in_characters(view, match, before)
    if match.group("grams"):
        return bool(_PER_AREA.search(before))
    if match.group("number") and match.group("unit_full") == "名" and _RANKED.search(before):
        return False
    return not (amount.unit.code == "%" and amount.value == 0 and view[match.end() : match.end() + 1] == "的")


def _counts_in_characters(view: str, match: re.Match[str], before: str) -> bool:
    """三十二台 counts wherever it stands, 三座 only behind 新建 and the like, 一个 only behind 不少于."""
    written, unit = match.group("cn"), match.group("cn_unit")
    if len(written) > 1 or written == "十":
        return unit not in _LOOSE_UNITS or bool(_COUNTING.search(before))
    if written in "百千":
        return False
    if _FLOORS.search(before):
        return True
    if written == "一" or unit in ("项", "次"):
        return False
    # 建立两个机制 is no count, 新建两个监测站 is.
    built = before.endswith(("新建", "建成", "新增", "增设", "布设"))
    return built if unit == "个" else bool(_COUNTING.search(before))


def _sharing(view: str, begin: int, amount: Amount) -> Iterator[Amount]:
    """不高于53和32微克/立方米: numbers joined to this one without a unit of their own."""
    before = view[max(begin, amount.begin - 60) : amount.begin]
    run = re.search(rf"(?:{_PREFIX}{_NUMBER}[、和及])+$", before)
    if not run:
        return
    base = amount.begin - len(run.group())
    for item in re.finditer(_NUMBER, run.group()):
        value = to_number(item.group())
        if value is not None:
            yield Amount(base + item.start(), base + item.end(), value * amount.unit.factor, amount.unit, None, 0.85)


def _amount(match: re.Match[str]) -> Amount | None:
    groups = match.groupdict()
    table = units()
    if groups["low"]:
        unit = table[groups["high_unit"]]
        low, high = to_number(groups["low"]), to_number(groups["high"])
        if low is None or high is None or low > high:
            return None
        scale = _MAGNITUDES[groups["high_mag"] or ""] * unit.factor
        low_scale = _MAGNITUDES[groups["low_mag"] or groups["high_mag"] or ""] * unit.factor
        return Amount(*match.span(), low * low_scale, unit, high * scale)
    if groups["number"]:
        return _plain(match, groups["number"], 1.0, table[groups["unit_full"]])
    if groups["counted"]:
        return _plain(match, groups["counted"], _MAGNITUDES[groups["mag"]], table[groups["unit_mag"]])
    if groups["full"]:
        return Amount(*match.span(), 100.0, table["%"], None, 0.6)
    if groups["percent"]:
        return _percent(match, groups["percent"], table["%"])
    if groups["below"]:
        above, below = from_chinese(groups["above"]), from_chinese(groups["below"])
        return Amount(*match.span(), round(100 * above / below, 2), table["%"], None, 0.8) if above and below else None
    if groups["grams"]:
        return _plain(match, groups["grams"], 1.0, table["克/平方米"])
    if groups["cn"]:
        value = from_chinese(groups["cn"])
        unit = table[groups["cn_unit"]]
        return Amount(*match.span(), value * unit.factor, unit, None, 0.8) if value else None
    if groups["half"]:
        return Amount(*match.span(), 50.0, table["%"], None, 0.6)
    return Amount(*match.span(), 100.0, table["%"], None, 0.5, derived=True)


def _plain(match: re.Match[str], number: str, scale: float, unit: Unit) -> Amount | None:
    value = to_number(number)
    return None if value is None else Amount(*match.span(), value * scale * unit.factor, unit)


def _percent(match: re.Match[str], text: str, unit: Unit) -> Amount | None:
    if text == "百":
        return Amount(*match.span(), 100.0, unit, None, 0.6)
    whole, _, fraction = text.partition("点")
    value = to_number(whole)
    if value is None:
        return None
    tail = "".join(str(from_chinese(digit) or 0) for digit in fraction)
    return Amount(*match.span(), float(f"{value:.0f}.{tail}") if tail else value, unit, None, 0.9)
