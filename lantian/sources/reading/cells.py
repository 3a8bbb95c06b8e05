"""What stands in a cell, read as its column wants it: a value, the repairs that it took, or what is wrong with it.

Nothing is changed silently: every repair says what stood there, what it became and why, and a person may decline it;
then the text counts as it stands, and is a fault where it cannot be read.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lantian.sources.reading import credit
from lantian.sources.reading.faults import Fault

if TYPE_CHECKING:
    from lantian.sources.kinds.columns import Column

_INVISIBLE = re.compile(r"[\u200b\u200c\u200d\ufeff\u00ad\u2060]")
_BLANKS = re.compile(r"[\s\u3000\u00a0]+")
_NUMBER = re.compile(r"([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[-+]?\.\d+)\s*(\D.*)?")
_YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(.+?)[T\s]+(\d{1,2})[:：时](\d{1,2})(?:[:：分]\d{1,2})?(?:\.\d+)?分?(?:[+-]\d{2}:?\d{2}|Z)?")
_YEAR_MONTH = re.compile(r"\d{4}(?:\s*[-/.年]\s*(?:\d{1,2}月?)?)?")
# Excel counts days from 1899-12-30; these serials lie in 1950 to 2100.
_SERIALS = (18264, 73050)
_SPLIT = re.compile(r"[、,，;；\n]+")
_MISSING = frozenset(
    {"-", "—", "——", "－", "/", "\\", "无", "暂无", "N/A", "n/a", "NA", "null", "None", "未知", "不详", "空"}
)
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
_YES = {
    "是": True,
    "有": True,
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "√": True,
    "✓": True,
    "已联网": True,
    "已安装": True,
}
_NO = {
    "否": False,
    "无": False,
    "没有": False,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
    "×": False,
    "未": False,
}
CLEAR = ("#清空", "#clear")


@dataclass(frozen=True, slots=True)
class Repair:
    """One change that reading a cell took."""

    column: str
    code: str
    old: str
    new: str
    params: Mapping[str, Any] = field(default_factory=dict)
    accepted: bool = True

    def plain(self) -> dict[str, Any]:
        return {
            "column": self.column, "code": self.code, "old": self.old, "new": self.new, "params": dict(self.params),
            "accepted": self.accepted,
        }  # fmt: skip


@dataclass
class Reading:
    """The plain value of a cell (`said` False: the cell says nothing), its repairs, its faults."""

    value: Any = None
    said: bool = False
    repairs: list[Repair] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Words:
    """What a reader must know beyond the cell: spellings of choices, and whom a name of a place means."""

    choices: Callable[[Column], Mapping[str, str]] = lambda column: {}
    aliases: Callable[[Column], Mapping[str, str]] = lambda column: {}
    area: Callable[[str, str], tuple[str, str, bool] | None] = lambda of, text: None


def read(column: Column, text: str, words: Words, declined: Collection[str] = ()) -> Reading:
    """Read a cell's text. `declined` holds the codes of repairs that a person refused for this cell."""
    return _Cell(column, text, words, declined).read()


class _Cell:
    def __init__(self, column: Column, text: str, words: Words, declined: Collection[str]) -> None:
        self._column, self._words, self._declined = column, words, declined
        self._text = text
        self._found = Reading()

    def read(self) -> Reading:
        tidy = _tidy(self._text, self._column.reads)
        if tidy != self._text:
            self._repair("trim", tidy)
        if not self._text.strip():
            return self._found
        if self._text.upper() in _ERRORS:
            return self._wrong("cell_error", found=self._text)
        if self._text in CLEAR:
            self._found.said = True
            self._found.value = _NOTHING.get(self._column.reads, "")
            return self._found
        if self._text in _MISSING and self._column.reads != "yes" and self._repair("missing", "", found=self._text):
            return self._found
        self._found.said = True
        getattr(self, f"_read_{self._column.reads}", self._read_plain)()
        return self._found

    def _repair(self, code: str, new: str, **params: Any) -> bool:
        """Note a repair; True (and the text is the new one) unless a person declined it."""
        accepted = code not in self._declined
        self._found.repairs.append(Repair(self._column.name, code, self._text, new, params, accepted))
        if accepted:
            self._text = new
        return accepted

    def _wrong(self, code: str, **params: Any) -> Reading:
        self._found.faults.append(Fault(code, self._column.name, params))
        self._found.said = False
        return self._found

    def _narrow(self) -> None:
        narrow = unicodedata.normalize("NFKC", self._text)
        if narrow != self._text:
            self._repair("width", narrow)

    # By what the column wants

    def _read_plain(self) -> None:
        """Texts: full-width digits and letters become plain ones, brackets and signs of Chinese stay."""
        narrow = "".join(
            unicodedata.normalize("NFKC", c) if "０" <= c <= "ｚ" and c.isalnum() else c for c in self._text
        )
        if narrow != self._text:
            self._repair("width", narrow)
        self._found.value = self._text

    def _read_code(self) -> None:
        self._narrow()
        self._found.value = self._text

    _read_ref = _read_code

    def _read_refs(self) -> None:
        self._narrow()
        self._found.value = sorted({one.strip() for one in re.split(r"[、,，;；\s]+", self._text) if one.strip()})

    def _read_names(self) -> None:
        self._found.value = [one.strip() for one in _SPLIT.split(self._text) if one.strip()]

    def _read_credit(self) -> None:
        self._narrow()
        plain = _BLANKS.sub("", self._text)
        if plain != self._text:
            self._repair("trim", plain)
        if self._text.upper() != self._text:
            self._repair("upper", self._text.upper())
        if not credit.is_valid(self._text) and (meant := credit.likely(self._text)):
            self._repair("credit_letter", meant[0], found=meant[1], meant=meant[2])
        self._found.value = self._text

    def _read_choice(self) -> None:
        known = self._words.choices(self._column)
        folded = {_fold(said): value for said, value in known.items()}
        if (value := folded.get(_fold(self._text))) is not None:
            self._found.value = value
            return
        aliases = {_fold(said): value for said, value in self._words.aliases(self._column).items()}
        meant = aliases.get(_fold(self._text))
        label = next((said for said, value in known.items() if value == meant and said != value), meant)
        if meant is not None and self._repair("choice_alias", str(label), found=self._text, meant=str(label)):
            self._found.value = meant
            return
        shown = [str(label) for _value, label in self._column.choices]
        self._wrong("choice", found=self._text[:60], expected="、".join(shown[:40]))

    _read_word = _read_choice

    def _read_number(self) -> None:
        self._narrow()
        match = _NUMBER.fullmatch(self._text)
        unit = self._column.unit
        if match is None:
            self._wrong("number", found=self._text[:40], unit=unit or "1")
            return
        digits, behind = match[1], (match[2] or "").strip()
        if "," in digits and not self._repair("thousands", self._text.replace(",", "")):
            self._wrong("number", found=self._text[:40], unit=unit or "1")
            return
        number = Decimal(digits.replace(",", ""))
        if behind and (factor := self._factor(behind, unit)) is None:
            return
        if behind:
            number *= Decimal(str(factor))
            code = "unit" if factor == 1 else "unit_convert"
            if not self._repair(code, _shown(number), unit=behind):
                self._wrong("number", found=self._text[:40], unit=unit or "1")
                return
        self._found.value = float(number)

    def _factor(self, behind: str, unit: str) -> float | None:
        table = _units().get(unit, {})
        folded = {unicodedata.normalize("NFKC", said).casefold(): factor for said, factor in table.items()}
        factor = folded.get(behind.casefold())
        if factor is None:
            self._wrong("number_unit", found=behind[:20], unit=unit or "1")
        return factor

    def _read_whole(self) -> None:
        self._read_number()
        value = self._found.value
        if value is not None and self._found.said:
            if value != int(value):
                self._wrong("whole", found=self._text[:40])
            else:
                self._found.value = int(value)

    def _read_day(self) -> None:
        self._narrow()
        if _is_day(self._text):
            self._found.value = self._text
            return
        day, code = _day_in(self._text)
        if day is None:
            self._wrong("day_lacks" if _YEAR_MONTH.fullmatch(self._text) else "day", found=self._text[:40])
        elif self._repair(code, day.isoformat()):
            self._found.value = day.isoformat()
        else:
            self._wrong("day", found=self._text[:40])

    def _read_moment(self) -> None:
        """Local time of the city, kept to the minute; the offset is put in by who knows it."""
        self._narrow()
        match = _TIME.fullmatch(self._text)
        day_text = match[1].strip() if match else self._text
        day = dt.date.fromisoformat(day_text) if _is_day(day_text) else _day_in(day_text)[0]
        clock = (int(match[2]), int(match[3])) if match else (0, 0)
        if day is None or clock > (23, 59) or clock[1] > 59:
            self._wrong("moment", found=self._text[:40])
            return
        form = f"{day.isoformat()} {clock[0]:02}:{clock[1]:02}"
        same = self._text.replace("T", " ")[:16] == form
        if not same and not self._repair("day_form", form):
            self._wrong("moment", found=self._text[:40])
            return
        self._found.value = form.replace(" ", "T")

    def _read_yes(self) -> None:
        said = _fold(self._text)
        value = {**_YES, **_NO}.get(said)
        if value is None:
            self._wrong("yes_no", found=self._text[:20])
        else:
            self._found.value = value

    def _read_area(self) -> None:
        found = self._words.area(self._column.of, self._text)
        if found is None:
            self._wrong("area", found=self._text[:40])
            return
        code, name, exact = found
        if exact or self._repair("area_alias", name, found=self._text, meant=name):
            self._found.value = code
        else:
            self._wrong("area", found=self._text[:40])


_NOTHING: dict[str, Any] = {
    "number": None,
    "whole": None,
    "day": None,
    "moment": None,
    "names": [],
    "refs": [],
    "yes": False,
}


def _tidy(text: str, reads: str) -> str:
    text = _INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if reads == "long":
        return "\n".join(_strip(line) for line in text.split("\n")).strip()
    if reads in ("names", "refs"):
        return _strip(text)
    return _BLANKS.sub(" ", text).strip()


def _strip(text: str) -> str:
    return re.sub(r"[ \t\u3000\u00a0]+", " ", text).strip()


def _fold(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _shown(number: Decimal) -> str:
    return format(number.normalize() + 0, "f")


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day_in(text: str) -> tuple[dt.date | None, str]:
    """Return the day that a text means and the code of the repair that it takes."""
    for pattern in (_YMD, _COMPACT):
        if match := pattern.fullmatch(text):
            try:
                return dt.date(int(match[1]), int(match[2]), int(match[3])), "day_form"
            except ValueError:
                return None, ""
    bare = text.removesuffix(".0")
    if bare.isdecimal() and _SERIALS[0] <= int(bare) <= _SERIALS[1]:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(bare)), "serial"
    return None, ""


@cache
def _units() -> dict[str, dict[str, float]]:
    path = Path(__file__).parent.parent / "data" / "units.toml"
    found: dict[str, dict[str, float]] = tomllib.loads(path.read_text(encoding="utf-8"))["units"]
    return found
