"""Numbers with a unit in a text: 80%, 2.5mg/m3, 每小时10蒸吨, 百分之九十, 三分之一, 25—30微克/立方米, 15%、10%和26%."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lantian.plan.reading.numerals import from_chinese, to_number
from lantian.plan.reading.units import Unit, unit_pattern, units

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_CN = "[一二两三四五六七八九十百千]"
_MAGNITUDES = {"": 1.0, "万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2}
# A number that counts something no measure is judged by: 14个县, 168个城市, 3个方面.
_NO_TARGET_AFTER = re.compile(
    r"(?:县|市|区(?!域)|城市|省|乡镇|街道|方面|阶段|月|小时|工作日|季度|星期|年|国家|部门|单位(?!面积)|大类|类别|层面|环节|专项行动|百分之百|专班|小组|省份)"
)
_PREFIX = r"(?<![\dA-Za-z.第—])"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a view. `upper` ends a range; `begin` includes 每小时 and the like, `end` the unit."""

    begin: int
    end: int
    value: float
    unit: Unit
    upper: float | None = None
    sure: float = 0.95


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    unit = unit_pattern()
    return re.compile(
        rf"(?:每小时|单台)?{_PREFIX}(?P<low>{_NUMBER})(?P<low_mag>[万亿千])?(?:{unit})?(?:—|-|至)(?P<high>{_NUMBER})(?P<high_mag>[万亿千])?(?P<high_unit>{unit})"
        rf"|(?:每小时|单台)?{_PREFIX}(?P<number>{_NUMBER})(?P<unit_full>{unit})"
        rf"|(?:每小时|单台)?{_PREFIX}(?P<counted>{_NUMBER})(?P<mag>[万亿千百])(?:多|余)?(?P<unit_mag>{unit})"
        rf"|(?P<full>百分百)|百分之(?P<percent>{_CN}+(?:点{_CN}+)?|{_NUMBER})"
        rf"|(?P<below>{_CN}+)分之(?P<above>{_CN}+)"
        rf"|(?<![一二三四五六七八九十])(?P<cn>{_CN}*[十百千]{_CN}*)(?P<cn_unit>家|户|台|辆|座|艘|蒸吨|万吨|公里)"
        rf"|(?P<half>一半|半数)(?=以上|的|及以上|达)"
        rf"|(?P<whole>(?<=[\u4e00-\u9fff）]{{2}})全覆盖)"
    )


def find_amounts(view: str, begin: int, end: int) -> list[Amount]:
    """All amounts between two positions, in order, those without a unit of their own included (53和32微克)."""
    found: list[Amount] = []
    for match in _pattern().finditer(view, begin, end):
        amount = _amount(match)
        if amount is None or (_NO_TARGET_AFTER.match(view, match.end()) and amount.unit.kind == "count"):
            continue
        if amount.unit.code == "%" and view[match.end() : match.end() + 1] == "的" and amount.value == 0:
            continue
        found.extend(_sharing(view, begin, amount))
        found.append(amount)
    return found


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
    if groups["cn"]:
        value = from_chinese(groups["cn"])
        unit = table[groups["cn_unit"]]
        return Amount(*match.span(), value * unit.factor, unit, None, 0.8) if value else None
    return Amount(*match.span(), 50.0 if groups["half"] else 100.0, table["%"], None, 0.6 if groups["half"] else 0.5)


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
