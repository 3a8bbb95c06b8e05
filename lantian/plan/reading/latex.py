"""Formula fragments that converters leave behind ($2.5\\text{mg}/\\text{m}^3$) as plain characters."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"\\(?:text|mathrm|mathbf|mathit|rm|bf|operatorname|textbf|mathsf)\b\s*"
    r"|\\(?P<command>[A-Za-z]+)\s*|\\(?P<escaped>[%$&#_{}])|\\[,;:! ]|[{}~]|\s+|\^\\circ|[\^_]|(?P<plain>.)",
    re.DOTALL,
)
_COMMANDS = {
    "mu": "μ",
    "sim": "—",
    "leq": "≤",
    "le": "≤",
    "leqslant": "≤",
    "geq": "≥",
    "ge": "≥",
    "geqslant": "≥",
    "times": "×",
    "cdot": "·",
    "pm": "±",
    "circ": "°",
    "div": "÷",
    "approx": "≈",
    "rightarrow": "→",
    "quad": "",
    "left": "",
    "right": "",
}


def plain_formula(formula: str, offset: int) -> Iterator[tuple[str, int, int]]:
    """(character, source start, source end) for each character that remains of a formula.

    >>> "".join(piece for piece, _, _ in plain_formula(r"2.5\\text{mg}/\\text{m}^3", 0))
    '2.5mg/m3'
    """
    for match in _TOKEN.finditer(formula):
        if match.group("plain"):
            piece = match.group("plain")
        elif match.group("escaped"):
            piece = match.group("escaped")
        elif match.group("command"):
            piece = _COMMANDS.get(match.group("command"), "")
        else:
            continue
        if piece:
            yield piece, offset + match.start(), offset + match.end()
