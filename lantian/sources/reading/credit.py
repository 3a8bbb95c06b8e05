"""Unified social credit codes (GB 32100-2015): 17 signs and a check digit.

The letters I, O, S, V, Z are not used. Check digit: weights 3^(i-1) mod 31 over the values of the first 17 signs, the
check value is 31 minus the sum mod 31 (31 counts as 0).
"""

from __future__ import annotations

import re

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {sign: value for value, sign in enumerate(SIGNS)}
_FORM = re.compile(rf"[{SIGNS}]{{18}}")
# Letters that a code never has, and the digits for which they are written or read by mistake.
_MISTAKEN = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "U"}


def check_digit(first: str) -> str:
    """Return the check digit of the first 17 signs. Raises KeyError for a sign that no code has."""
    total = sum(_VALUE[sign] * pow(3, at, 31) for at, sign in enumerate(first[:17]))
    return SIGNS[(31 - total % 31) % 31]


def is_formed(code: str) -> bool:
    """Tell whether it has 18 signs that codes have."""
    return _FORM.fullmatch(code) is not None


def is_valid(code: str) -> bool:
    """Tell whether it is formed and its check digit fits."""
    return is_formed(code) and check_digit(code) == code[17]


def likely(code: str) -> tuple[str, str, str] | None:
    """Return (code, letter, digit) where putting digits for letters that no code has makes it valid, else None."""
    wrong = [at for at, sign in enumerate(code) if sign in _MISTAKEN]
    if len(code) != 18 or not 0 < len(wrong) <= 6:
        return None
    signs = list(code)
    for at in wrong:
        signs[at] = _MISTAKEN[code[at]]
    found = "".join(signs)
    if not is_valid(found):
        return None
    return found, "".join(code[at] for at in wrong), "".join(found[at] for at in wrong)
