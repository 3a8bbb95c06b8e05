"""The numbers in front of paragraphs that Word computes and does not store as text."""

from __future__ import annotations

import re
from typing import Any

from lantian.plan.reading.numerals import to_chinese

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
_CHINESE = frozenset(
    [
        "chineseCounting",
        "chineseCountingThousand",
        "chineseLegalSimplified",
        "ideographDigital",
        "japaneseCounting",
        "taiwaneseCountingThousand",
    ]
)


class Numbering:
    """Counts list paragraphs in reading order and says what Word prints in front of each."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._levels = _read_levels(numbering)
        self._styles = _read_styles(styles)
        self._counts: dict[str, dict[int, int]] = {}

    def label(self, paragraph: Any) -> str:
        """The printed number of this paragraph, "" when it has none (or a bullet). Counts on by one."""
        number, level = self._number_of(paragraph)
        levels = self._levels.get(number) if number else None
        if not levels or level not in levels:
            return ""
        counts = self._counts.setdefault(number, {})
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [key for key in counts if key > level]:
            del counts[deeper]
        kind, pattern, _ = levels[level]
        if kind in ("bullet", "none"):
            return ""

        def print_one(match: re.Match[str]) -> str:
            index = int(match.group(1)) - 1
            shown = counts.get(index, levels[index][2] if index in levels else 1)
            return _print(shown, levels[index][0] if index in levels else "decimal")

        return _PLACE.sub(print_one, pattern)

    def _number_of(self, paragraph: Any) -> tuple[str, int]:
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return "", 0
        direct = properties.find(f"{W}numPr")
        if direct is not None:
            return _reference(direct)
        style = properties.find(f"{W}pStyle")
        return self._styles.get(style.get(f"{W}val", ""), ("", 0)) if style is not None else ("", 0)


def _read_levels(numbering: Any) -> dict[str, dict[int, tuple[str, str, int]]]:
    """numId -> level -> (number format, printed pattern such as "（%1）", first number)."""
    if numbering is None:
        return {}
    abstract = {
        node.get(f"{W}abstractNumId", ""): {
            int(level.get(f"{W}ilvl", "0")): _level(level) for level in node.iter(f"{W}lvl")
        }
        for node in numbering.iter(f"{W}abstractNum")
    }
    result = {}
    for node in numbering.iter(f"{W}num"):
        link = node.find(f"{W}abstractNumId")
        if link is not None:
            result[node.get(f"{W}numId", "")] = abstract.get(link.get(f"{W}val", ""), {})
    return result


def _level(node: Any) -> tuple[str, str, int]:
    def value(tag: str, default: str) -> str:
        found = node.find(f"{W}{tag}")
        return str(found.get(f"{W}val", default)) if found is not None else default

    start = value("start", "1")
    return value("numFmt", "decimal"), value("lvlText", ""), int(start) if start.isdigit() else 1


def _read_styles(styles: Any) -> dict[str, tuple[str, int]]:
    if styles is None:
        return {}
    result = {}
    for style in styles.iter(f"{W}style"):
        reference = style.find(f"{W}pPr/{W}numPr")
        if reference is not None:
            result[style.get(f"{W}styleId", "")] = _reference(reference)
    return result


def _reference(node: Any) -> tuple[str, int]:
    number, level = node.find(f"{W}numId"), node.find(f"{W}ilvl")
    depth = level.get(f"{W}val", "0") if level is not None else "0"
    return (str(number.get(f"{W}val", "")) if number is not None else ""), int(depth) if depth.isdigit() else 0


def _print(value: int, kind: str) -> str:
    if kind in _CHINESE:
        return to_chinese(value)
    if kind == "decimalEnclosedCircle" and 1 <= value <= 20:
        return chr(0x2460 + value - 1)
    if kind in ("upperLetter", "lowerLetter") and 1 <= value <= 26:
        return chr((65 if kind == "upperLetter" else 97) + value - 1)
    return str(value)
