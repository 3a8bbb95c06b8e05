"""Numbers as plans write them: 九, 十五, 二十一, 二〇二〇, 百分之九十, 三分之一, 1.5万."""

from __future__ import annotations

import re

DIGITS = "〇零一二两三四五六七八九"
NUMERAL = "[〇零一二两三四五六七八九十百千万亿]"

_VALUES = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_PLAIN_DIGITS = re.compile(f"^[{DIGITS}]{{2,}}$")
_CHINESE_DIGITS = "零一二三四五六七八九"


def from_chinese(text: str) -> int | None:
    """Value of a whole number in Chinese characters (二十一 -> 21, 二〇二〇 -> 2020), or None if it is none."""
    if not text or not all(c in _VALUES or c in _SMALL or c in _LARGE for c in text):
        return None
    if _PLAIN_DIGITS.match(text):
        return int("".join(str(_VALUES[c]) for c in text))
    total = section = digit = 0
    for character in text:
        if character in _VALUES:
            digit = _VALUES[character]
        elif character in _SMALL:
            section += (digit or 1) * _SMALL[character]
            digit = 0
        else:
            total += (section + digit or 1) * _LARGE[character]
            section = digit = 0
    return total + section + digit


def to_number(text: str) -> float | None:
    """Value of a number in digits (1,400 or 1.5) or Chinese characters, or None."""
    plain = text.replace(",", "").replace("，", "")
    try:
        return float(plain)
    except ValueError:
        value = from_chinese(plain)
        return None if value is None else float(value)


def to_chinese(value: int) -> str:
    """A whole number from 0 to 9999 in Chinese characters, as headings print it (21 -> 二十一)."""
    if not 0 <= value <= 9999:
        return str(value)
    if value < 10:
        return _CHINESE_DIGITS[value]
    if value < 20:
        return "十" + (_CHINESE_DIGITS[value - 10] if value > 10 else "")
    for size, name in ((1000, "千"), (100, "百"), (10, "十")):
        if value >= size:
            head, rest = divmod(value, size)
            gap = "零" if 0 < rest < size // 10 else ""
            tail = to_chinese(rest) if rest else ""
            # Inside a number ten is 一十: 110 is 一百一十.
            return _CHINESE_DIGITS[head] + name + gap + ("一" + tail if tail.startswith("十") else tail)
    return ""
