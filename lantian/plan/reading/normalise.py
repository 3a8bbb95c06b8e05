"""A second view of a text, character for character, in which the many ways to write a thing are one.

Full-width digits and letters become ASCII, half-width punctuation becomes Chinese, brackets of every kind
become one kind, traditional characters become simplified. The length never changes, so a position found in
the view is the position in the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"

OPENING, CLOSING = "（", "）"
_OPENING_FORMS = "([〔【﹝［{<〈＜｛"
_CLOSING_FORMS = ")]〕】﹞］}>〉＞｝"
_SINGLE = {
    "％": "%",
    "﹪": "%",
    "µ": "μ",
    "–": "—",
    "―": "—",
    "─": "—",
    "－": "—",
    "−": "—",
    "～": "—",
    "〜": "—",
    "~": "—",
    "∼": "—",
    "•": "·",
    "・": "·",
    "．": ".",
    "○": "〇",
    "◯": "〇",
    "﹐": "，",
    "﹔": "；",
    "﹕": "：",
    "∶": "：",
    "︰": "：",
    "｡": "。",
    "､": "、",
    "﹑": "、",
    "〝": "“",
    "〞": "”",
    "「": "“",
    "」": "”",
    "『": "“",
    "』": "”",
    "≧": "≥",
    "⩾": "≥",
    "≦": "≤",
    "⩽": "≤",
    "／": "/",
    "|": "；",
    "｜": "；",
}
_SIGN = re.compile(r"[<>＜＞](?=[=＝]?\s*\d)")
_ANGLES = re.compile(r"[<＜][\u4e00-\u9fff、，,]{1,12}[>＞]")
# Half-width marks are punctuation unless they stand between digits or letters (1,400; 12:00; PM2.5).
_HALF = re.compile(r"(?<![0-9A-Za-z]),|,(?![0-9])|;|(?<![0-9A-Za-z]):|:(?![0-9/])")
_HALF_FORMS = {",": "，", ";": "；", ":": "："}
_STOP = re.compile(
    r"(?<!^[一二三四五六七八九十])(?<!\n[一二三四五六七八九十])(?<=[\u4e00-\u9fff）%”》])\.(?=\s|$|[\u4e00-\u9fff（）“《A-Z])"
)
_NUMBER_STOP = re.compile(
    r"(?<!^[一二三四五六七八九十])(?<!\n[一二三四五六七八九十])(?<=[\u4e00-\u9fff）”》])\.(?=\d{1,2}[.、．])"
)


def view_of(text: str) -> str:
    """The view of `text`: equal length, one spelling for each thing.

    >>> view_of("（市發改委牽頭,各縣<市、區>负责)")
    '（市发改委牵头，各县（市、区）负责）'
    >>> view_of("1,400万吨；１０％")
    '1,400万吨；10%'
    """
    view = text.translate(_table())
    if "<" in text or ">" in text or "＜" in text or "＞" in text:
        view = _with_signs(text, view)
    view = _HALF.sub(lambda match: _HALF_FORMS[match.group()], view)
    return _NUMBER_STOP.sub("。", _STOP.sub("。", view))


def _with_signs(text: str, view: str) -> str:
    """< and > before a number are signs, not the brackets of <市、区>."""
    paired = {at for match in _ANGLES.finditer(text) for at in (match.start(), match.end() - 1)}
    characters = list(view)
    for match in _SIGN.finditer(text):
        if match.start() not in paired:
            characters[match.start()] = "<" if match.group() in "<＜" else ">"
    return "".join(characters)


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    table = {ord(form): OPENING for form in _OPENING_FORMS} | {ord(form): CLOSING for form in _CLOSING_FORMS}
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF10, 0xFF1A)}
    table |= {
        code: chr(code - 0xFEE0) for first, last in ((0xFF21, 0xFF3B), (0xFF41, 0xFF5B)) for code in range(first, last)
    }
    table |= {ord(form): plain for form, plain in _SINGLE.items()}
    for line in (_DATA / "traditional.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            table |= {ord(pair[0]): pair[1] for pair in line.split() if len(pair) == 2}
    return table
