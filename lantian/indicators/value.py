"""A value of an indicator: a number with all that is needed to trust it, or the reason why there is none. No Django.

>>> dustfall = Value.of(Decimal("8.4"), "t/(month·km2)", n=14, n_expected=16, rule_version="2020.1")
>>> dustfall.capture, compare(dustfall, "<=", Decimal(9))
(Decimal('0.875'), <Verdict.MET: 'met'>)
>>> compare(Value.none(ReasonCode.NO_ENTRY, "nobody entered May", "%", rule_version="2020.1"), ">=", Decimal(90))
<Verdict.UNKNOWN: 'unknown'>
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Freshness(StrEnum):
    """How old the newest input is, beside what was expected of it. It says nothing about good or bad."""

    FRESH = "fresh"
    STALE = "stale"
    UNKNOWN = "unknown"


class ReasonCode(StrEnum):
    """Why there is no number."""

    NO_DATA_YET = "no_data_yet"  # nobody ever said anything; a later room may
    NO_ENTRY = "no_entry"  # nothing for this period
    WITHDRAWN = "withdrawn"
    NOT_HERE = "not_here"  # the indicator is not kept for such a place
    NOT_THEN = "not_then"  # the indicator is not offered for such a period
    NOTHING_TO_COUNT = "nothing_to_count"  # 0 of 0 is not 0 %
    NO_WEIGHTS = "no_weights"
    UNKNOWN_INDICATOR = "unknown_indicator"
    BROKEN = "broken"  # the rule failed; the log says how


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ref:
    """One thing that a value rests on. `url_name` is the address's name, called with `id` ("" = no page)."""

    kind: str
    id: str
    label: str
    url_name: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """`text` may be a lazy translation: it is read with str()."""

    code: ReasonCode
    text: object

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class Note:
    """A remark beside a number: "partial", "disagreement", "period" … with a text for people."""

    code: str
    text: object

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class Value:
    """Either `number` in `unit`, or `reason`; never both, never neither (ValueError).

    `n` of `n_expected` things were counted; `capture` (0..1) is their share. `as_of` is the last day that the value
    speaks of. `partial` marks a number that is good to look at but too incomplete to judge a target by.
    """

    number: Decimal | None
    unit: str
    n: int | None = None
    n_expected: int | None = None
    capture: Decimal | None = None
    as_of: dt.date | None = None
    freshness: Freshness = Freshness.UNKNOWN
    lineage: tuple[Ref, ...] = ()
    rule_version: str = ""
    reason: Reason | None = None
    partial: bool = False
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if (self.number is None) == (self.reason is None):
            raise ValueError("a value has a number or a reason why there is none: one of the two")
        if self.number is not None and (not isinstance(self.number, Decimal) or not self.number.is_finite()):
            raise ValueError(f"the number of a value is a finite Decimal, not {self.number!r}")
        if any(count is not None and count < 0 for count in (self.n, self.n_expected)):
            raise ValueError("n and n_expected are counts")
        if self.n is not None and self.n_expected is not None and self.n > self.n_expected:
            raise ValueError(f"n {self.n} is above the expected {self.n_expected}")
        if self.capture is not None and not 0 <= self.capture <= 1:
            raise ValueError(f"capture {self.capture} is no share")
        if not self.rule_version:
            raise ValueError("a value names the version of the rule that made it")

    @classmethod
    def of(
        cls,
        number: Decimal | int,
        unit: str,
        *,
        n: int | None = None,
        n_expected: int | None = None,
        as_of: dt.date | None = None,
        freshness: Freshness = Freshness.UNKNOWN,
        lineage: Iterable[Ref] = (),
        rule_version: str,
        partial: bool = False,
        notes: Iterable[Note] = (),
    ) -> Value:
        """Return a value with a number; the capture follows from n and n_expected."""
        return cls(
            Decimal(number), unit, n, n_expected, capture_of(n, n_expected), as_of, freshness, tuple(lineage),
            rule_version, None, partial, tuple(notes),
        )  # fmt: skip

    @classmethod
    def none(
        cls,
        code: ReasonCode,
        text: object,
        unit: str,
        *,
        rule_version: str,
        n: int | None = None,
        n_expected: int | None = None,
        lineage: Iterable[Ref] = (),
        notes: Iterable[Note] = (),
    ) -> Value:
        """Return a value that has no number, and says why."""
        return cls(
            None, unit, n, n_expected, capture_of(n, n_expected), None, Freshness.UNKNOWN, tuple(lineage),
            rule_version, Reason(code, text), False, tuple(notes),
        )  # fmt: skip

    def noted(self, *notes: Note) -> Value:
        """Return the same value with further notes."""
        return replace(self, notes=(*self.notes, *notes))

    @property
    def has_number(self) -> bool:
        return self.number is not None


def capture_of(n: int | None, n_expected: int | None) -> Decimal | None:
    """Return n / n_expected as a share 0..1; None when either is unknown or nothing was expected."""
    if n is None or not n_expected:
        return None
    return Decimal(n) / Decimal(n_expected)


_COMPARATORS: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "=": operator.eq, "<": operator.lt, ">": operator.gt,
}  # fmt: skip


def compare(value: Value, comparator: str, target: Decimal) -> Verdict:
    """Tell whether the value meets `comparator target` (same unit). A partial or missing number proves nothing.

    Raises ValueError for a comparator that is none of <= >= == = < >.
    """
    test = _COMPARATORS.get(comparator)
    if test is None:
        raise ValueError(f"unknown comparator {comparator!r}; known: {' '.join(_COMPARATORS)}")
    if value.number is None or value.partial:
        return Verdict.UNKNOWN
    return Verdict.MET if test(value.number, target) else Verdict.NOT_MET


def gap(value: Value, comparator: str, target: Decimal) -> Decimal | None:
    """Return how much is still lacking (positive), or to spare (negative or zero); None without a number.

    >>> gap(Value.of(70, "%", rule_version="1"), ">=", Decimal(90))
    Decimal('20')
    """
    if value.number is None:
        return None
    if comparator in {">=", ">"}:
        return target - value.number
    if comparator in {"<=", "<"}:
        return value.number - target
    return abs(value.number - target)


class Trend(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    CHANGED = "changed"  # the indicator has no good direction
    UNKNOWN = "unknown"


def direction(before: Value, now: Value, good: str) -> Trend:
    """Return where the value went; `good` is the indicator's good direction: "up", "down" or "none"."""
    if before.number is None or now.number is None:
        return Trend.UNKNOWN
    if now.number == before.number:
        return Trend.SAME
    if good not in {"up", "down"}:
        return Trend.CHANGED
    return Trend.BETTER if (now.number > before.number) == (good == "up") else Trend.WORSE
