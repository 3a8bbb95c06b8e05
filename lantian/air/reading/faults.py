"""What is wrong with a file: where, what stands there, what it is, how to mend it. Words are data, in two languages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import islice

HEADER = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """`row` counts lines from 1 (the header), 0 is the file itself; `column` is "" for a whole row."""

    row: int
    column: str
    value: str
    code: str
    expected: str = ""
    other: str = ""

    def text(self, lang: str = "en") -> str:
        """What is wrong."""
        return self._word(_short(lang))

    def mend(self, lang: str = "en") -> str:
        """How to mend it."""
        return self._word(f"mend_{_short(lang)}")

    def _word(self, which: str) -> str:
        return _words()[self.code][which].format(value=self.value, expected=self.expected, other=self.other)

    def sentence(self, lang: str = "en") -> str:
        """Where, what and how in one line."""
        if _short(lang) == "zh":
            where = (f"第 {self.row} 行" if self.row else "文件") + (f"“{self.column}”列" if self.column else "")
            return f"{where}：{self._shown()}{self.text(lang)}。{self.mend(lang)}。"
        where = (f"row {self.row}" if self.row else "the file") + (f", column {self.column}" if self.column else "")
        return f"{where}: {self._shown()}{self.text(lang)}. To mend it: {self.mend(lang)}."

    def _shown(self) -> str:
        return f"{self.value[:40]!r} " if self.column and self.value else ""

    def as_json(self, lang: str = "en") -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "text": self.text(lang),
            "mend": self.mend(lang),
        }


def _short(lang: str) -> str:
    return "zh" if lang.startswith("zh") else "en"


class FileFaultError(ValueError):
    """The file as a whole cannot be read; `fault` says why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(" ".join(one.sentence() for one in faults))


@dataclass(slots=True)
class Faults:
    """The first faults (at most `most`) and the number of all of them, by code."""

    most: int = 1000
    kept: list[Fault] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        self.counts[fault.code] = self.counts.get(fault.code, 0) + 1
        if len(self.kept) < self.most:
            self.kept.append(fault)

    def add_all(self, code: str, number: int, first: Iterable[Fault]) -> None:
        """Count many faults of one kind and keep the first of them, as far as there is room."""
        self.counts[code] = self.counts.get(code, 0) + number
        self.kept += islice(first, max(0, self.most - len(self.kept)))

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def in_order(self) -> list[Fault]:
        return sorted(self.kept, key=lambda one: (one.row, one.column))


def fault_words(code: str, lang: str = "en") -> str:
    """What is wrong, without the value: the name of a kind of fault."""
    return _words()[code]["zh" if lang.startswith("zh") else "en"].format(value="…", expected="…", other="…")


@cache
def _words() -> dict[str, dict[str, str]]:
    text = resources.files("lantian.air").joinpath("data/faults.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {key: row for key, row in tomllib.loads(text).items() if isinstance(row, dict)}
    return found
