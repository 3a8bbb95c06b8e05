"""Factor codes of both editions, and what a 2005 code is called since 2017.

A code says what is measured, never in which unit: the tables changed units (S02 m3/h became a01011 m/s, mercury mg/L
became µg/L) and devices keep their own. So numbers stay as they were sent, and the unit belongs to the device.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

# HJ/T 212-2005 calls the night Ld and the day Ln; HJ 212-2017 the reverse.
_SWAPPED = {"Ld": "Ln", "Ln": "Ld"}
# Codes of 2005 that 2017 names without saying so in its table of old codes.
_SAME = frozenset({"Leq", "Ldn", "L5", "L10", "L50", "L90", "L95", "LMx", "LMn"})


class Factor(NamedTuple):
    """A factor of HJ 212-2017: `table` of appendix B, `unit` and `unit_emission` as printed, `old` the 2005 code."""

    table: str
    code: str
    zh: str
    old: str
    unit: str
    unit_emission: str
    data_type: str


class OldFactor(NamedTuple):
    """A factor of HJ/T 212-2005."""

    code: str
    zh: str
    scope: str
    unit: str
    data_type: str


class Canonical(NamedTuple):
    """A code as 2017 writes it. `known`: it stands in a table; `units_differ`: the tables print other units.

    `unit_2005`, `unit_2017`: as printed ("" where none is); neither says what a device sends.
    """

    code: str
    known: bool
    units_differ: bool = False
    unit_2005: str = ""
    unit_2017: str = ""
    swapped: bool = False


def _rows(name: str) -> Iterator[list[str]]:
    text = (files("lantian.gateway") / "data" / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    width = len(lines[0].split("\t"))
    for line in lines[1:]:
        cells = line.split("\t")
        yield cells + [""] * (width - len(cells))


@cache
def factors() -> tuple[Factor, ...]:
    """Return the table of HJ 212-2017 (e701xx and g119xx stand twice: the standard gives them two meanings)."""
    return tuple(Factor(*row) for row in _rows("factors_2017.tsv"))


@cache
def by_code() -> dict[str, Factor]:
    """Return the factors of 2017 by code; of a code with two meanings the first."""
    return {factor.code: factor for factor in reversed(factors())}


@cache
def old_factors() -> dict[str, OldFactor]:
    """Return the factors of HJ/T 212-2005 by code."""
    return {row[0]: OldFactor(*row) for row in _rows("factors_2005.tsv")}


@cache
def _new_of_old() -> dict[str, str]:
    return {factor.old: factor.code for factor in reversed(factors()) if factor.old}


@cache
def canonical(code: str, edition: str = "2017") -> Canonical:
    """Return what 2017 calls a factor. Only Ld and Ln depend on the edition of the packet; unknown codes stay as they are."""
    if edition == "2005" and code in _SWAPPED:
        return Canonical(_SWAPPED[code], True, False, "dB", by_code()[code].unit, True)
    factor, old = by_code().get(code), old_factors().get(code)
    if factor is not None or code in _SAME:
        return Canonical(code, True, unit_2017=factor.unit if factor else "")
    new = _new_of_old().get(code)
    if new is None:
        return Canonical(code, old is not None, unit_2005=old.unit if old else "")
    unit_2005, unit_2017 = (old.unit if old else ""), by_code()[new].unit
    return Canonical(new, True, _differ(unit_2005, unit_2017), unit_2005, unit_2017)


_SYMBOLS = {
    "毫克/升": "mg/l",
    "毫克/立方米": "mg/m3",
    "摄氏度": "℃",
    "平方米": "m2",
    "分贝": "dB",
    "[色]度": "色度单位",
}


def _differ(unit_2005: str, unit_2017: str) -> bool:
    """Tell whether two printed units differ (one that is not printed differs from none)."""
    if not unit_2005 or unit_2017 in ("", "无量纲"):
        return False
    return _SYMBOLS.get(unit_2017, unit_2017).replace("％", "%") != unit_2005.replace("％", "%")
