"""Which texts may stand as a name: nothing that a spreadsheet would run, a page would render or an eye would miss."""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 80
_FORMULA = re.compile(r"[=+\-@＝＋－＠]")
_MARKUP = re.compile(r"[<>\\`|{}\"]")


def name_trouble(name: str) -> str:
    """Return what is wrong with a name ("starts like a formula"), or "" when nothing is."""
    if not name.strip():
        return "is empty"
    if name != name.strip():
        return "has blanks at an end"
    if len(name) > MAX_NAME:
        return f"is longer than {MAX_NAME} characters"
    if _FORMULA.match(name):
        return "starts like a formula"
    if found := next((char for char in name if unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Cn"}), ""):
        return f"holds an invisible character (U+{ord(found):04X})"
    if _MARKUP.search(name):
        return "holds markup"
    return ""
