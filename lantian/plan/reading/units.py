"""Units of measure: every spelling leads to one code and a factor, from data/units.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "units.toml"


@dataclass(frozen=True, slots=True)
class Unit:
    """`value in code = written value x factor`; `kind` and `things` as explained in the data file."""

    code: str
    kind: str
    factor: float
    things: str = ""


@lru_cache(maxsize=1)
def units() -> dict[str, Unit]:
    """Spelling (in the form of `normalise.view_of`) -> unit."""
    table: dict[str, Unit] = {}
    for entry in tomllib.loads(_DATA.read_text("utf-8"))["unit"]:
        unit = Unit(entry["code"], entry["kind"], float(entry.get("factor", 1)), entry.get("things", ""))
        for name in entry["names"]:
            table[name] = unit
    return table


@lru_cache(maxsize=1)
def unit_pattern() -> str:
    """Alternatives of all spellings, the longest first, so that 万千瓦时 is not read as 万千瓦."""
    names = sorted(units(), key=len, reverse=True)
    return "|".join(
        re.escape(name) + (r"(?![A-Za-z])" if name[-1].isascii() and name[-1].isalpha() else "") for name in names
    )
