"""Which number of a parsed plan a pack's binding means: found by quote, task, and value with unit. Pure.

A quote is compared by its letters and digits alone, so that page breaks, blanks, half-width brackets and the formula
marks of text recognition do not hide it.

>>> find_quote("比例达到 80%\\n以上。", "达到80%以上")
[(2, 11)]
>>> sentence = Sentence(7, "4", 0, 12, (Number(1, "target", Decimal(80), "%", 5, 8),))
>>> match("比例达到 80%\\n以上。", [Binding("b", 4, "达到80%以上", "value", Decimal(80), "%")], [sentence])[0].number
1
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from lantian.standards.units import IncompatibleUnitsError, UnknownUnitError, convert

Form = Literal["value", "criterion", "word"]
Fault = Literal["", "quote_missing", "quote_ambiguous", "number_missing"]
_COMMAND = re.compile(r"\\[A-Za-z]+")
_LETTER = re.compile(r"\w")
_NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九", start=1)}


@dataclass(frozen=True, slots=True)
class Binding:
    """What the pack says. `task` None: the sentence stands outside the tasks. `value` None: a target in words.

    `aim` in `aim_unit` is what the indicator must reach: a reader that takes 全覆盖 for 100 % gives words a number.
    """

    key: str
    task: int | None
    quote: str
    form: str
    value: Decimal | None = None
    unit: str = ""
    aim: Decimal | None = None
    aim_unit: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that the reader found: its role, "target" or "criterion", and where it stands (None: unknown)."""

    key: int
    role: str
    value: Decimal
    unit: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A measure: the number of its task as printed, where it stands, its numbers."""

    key: int
    task: str
    start: int
    end: int
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Where a binding belongs: the quote's place, the measure (None outside the tasks), the number (None for words)."""

    binding: str
    start: int | None = None
    end: int | None = None
    measure: int | None = None
    number: int | None = None
    fault: Fault = ""


def match(text: str, bindings: Sequence[Binding], sentences: Sequence[Sentence]) -> list[Match]:
    """Return one Match per binding, in their order. Each number is given to one binding at most."""
    letters, places = _letters(text)
    taken: set[int] = set()
    found = []
    for binding in bindings:
        one = _place(binding, letters, places, sentences)
        if not one.fault:
            one = _with_number(one, binding, sentences, taken)
        if one.number is not None:
            taken.add(one.number)
        found.append(one)
    return found


def find_quote(text: str, quote: str) -> list[tuple[int, int]]:
    """Return every place (start, end) of a quote, compared by letters and digits alone."""
    letters, places = _letters(text)
    return _find(letters, places, quote)


def _letters(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text in one form, and the place of each."""
    hidden = {at for command in _COMMAND.finditer(text) for at in range(*command.span())}
    kept = [
        (letter, at)
        for at, sign in enumerate(text)
        if at not in hidden
        for letter in unicodedata.normalize("NFKC", sign).lower()
        if _LETTER.match(letter) and letter != "_"
    ]
    return "".join(letter for letter, _ in kept), [at for _, at in kept]


def _find(letters: str, places: list[int], quote: str) -> list[tuple[int, int]]:
    wanted, _ = _letters(quote)
    if not wanted:
        return []
    starts = (hit.start() for hit in re.finditer(f"(?={re.escape(wanted)})", letters))
    return [(places[at], places[at + len(wanted) - 1] + 1) for at in starts]


def _place(binding: Binding, letters: str, places: list[int], sentences: Sequence[Sentence]) -> Match:
    """Find the quote; the sentence that holds most of it is its measure.

    The task's number only tells equal quotes apart: a re-numbered text keeps its bindings.
    """
    hits = [(start, end, _holder(start, end, sentences)) for start, end in _find(letters, places, binding.quote)]
    if binding.task is not None:
        hits = [hit for hit in hits if hit[2] is not None and task_number(hit[2].task) == binding.task] or hits
    if len(hits) != 1:
        return Match(binding.key, fault="quote_ambiguous" if hits else "quote_missing")
    start, end, holder = hits[0]
    return Match(binding.key, start, end, holder.key if holder else None)


def _holder(start: int, end: int, sentences: Iterable[Sentence]) -> Sentence | None:
    def shared(one: Sentence) -> int:
        return min(end, one.end) - max(start, one.start)

    best = max(sentences, key=shared, default=None)
    return best if best is not None and shared(best) > 0 else None


def _with_number(one: Match, binding: Binding, sentences: Iterable[Sentence], taken: set[int]) -> Match:
    """Choose the number that the binding means: equal value, its role, nearest to the quote.

    Words need no number; they claim one only where the reader found it in the quoted words themselves.
    """
    start, end, in_words = one.start or 0, one.end or 0, binding.form == "word"
    wanted, its_unit = (binding.aim, binding.aim_unit) if in_words else (binding.value, binding.unit)
    near = [s for s in sentences if s.key == one.measure or (s.start < end and start < s.end)]
    role = "criterion" if binding.form == "criterion" else "target"
    candidates = [
        (_distance(number, start, end), number.role != role, number, sentence)
        for sentence in near
        for number in sentence.numbers
        if number.key not in taken and same_quantity(number.value, number.unit, wanted, its_unit)
    ]
    if in_words:
        candidates = [found for found in candidates if found[0] == 0 and not found[1] and found[2].start is not None]
    if not candidates:
        # Numbers outside the tasks are not kept by themselves: the quote is all that such a target needs.
        return one if in_words or one.measure is None else replace(one, fault="number_missing")
    *_rank, number, sentence = min(candidates, key=lambda found: (found[0] > 0, found[1], found[0]))
    return replace(one, measure=sentence.key, number=number.key)


def _distance(number: Number, start: int, end: int) -> int:
    """How far a number stands from the quote, in characters (0: inside, or nobody knows)."""
    if number.start is None:
        return 0
    return max(start - (number.end or number.start), number.start - end + 1, 0)


def same_quantity(value: Decimal, unit: str, other: Decimal | None, other_unit: str) -> bool:
    """Tell whether two numbers with units say the same (1400 万吨 = 14,000,000 t); unknown units must be spelt alike.

    >>> same_quantity(Decimal(30), "万kW", Decimal(300), "MW")
    True
    """
    if other is None:
        return False
    try:
        return convert(value, unit, other_unit) == other
    except IncompatibleUnitsError:
        return False
    except UnknownUnitError:
        return unit == other_unit and value == other


def task_number(printed: str) -> int | None:
    """Return a task's number as printed ("7", "（七）", "第十二条") as an integer, None when it has none.

    >>> task_number("21"), task_number("（七）"), task_number("十二"), task_number("二十"), task_number("附")
    (21, 7, 12, 20, None)
    """
    if digits := re.search(r"\d+", unicodedata.normalize("NFKC", printed)):
        return int(digits.group())
    numeral = re.search(r"[一二三四五六七八九十]+", printed)
    if numeral is None:
        return None
    tens, ten, ones = numeral.group().rpartition("十")
    return (10 * _NUMERALS.get(tens, 1) if ten else 0) + _NUMERALS.get(ones, 0)
