"""What is wrong with a value or a row: a code with parameters; the words are data in two languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """`column` is "" for a whole row; `code` a word of data/faults.toml."""

    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """What is wrong."""
        return _say(self.code, "en" if lang.startswith("en") else "zh", self.params)

    def mend(self, lang: str = "en") -> str:
        """How to mend it."""
        return _say(self.code, "mend_en" if lang.startswith("en") else "mend_zh", self.params)

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "column": self.column, "params": dict(self.params)}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Fault:
        return cls(data["code"], data["column"], data["params"])


def _say(code: str, which: str, params: Mapping[str, Any]) -> str:
    return str(words()[code][which]).format(**params)


@cache
def words() -> dict[str, dict[str, str]]:
    """Return the words of every fault, repair and remark."""
    path = Path(__file__).parent.parent / "data" / "faults.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {**data["fault"], **data["repair"], **data["remark"]}
