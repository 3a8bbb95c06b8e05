"""Which indicator watches each target of the adopted plans, and what it says now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lantian.indicators.context import Context
from lantian.indicators.queries import catalogue, current, preload_present
from lantian.indicators.registry import Indicator, TargetLine
from lantian.indicators.series import room_name
from lantian.indicators.value import Value, Verdict, compare
from lantian.indicators.words import plain, sign
from lantian.standards.rounding import round_half_even


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A target and its state now. `value` is the city's (None: nothing watches the target).

    `met` of `judged` of `owing` areas meet it; all three are 0 where the city owes it as a whole.
    """

    line: TargetLine
    indicator: Indicator | None
    value: Value | None
    verdict: Verdict
    met: int = 0
    judged: int = 0
    owing: int = 0

    @property
    def is_gap(self) -> bool:
        """Whether a target that must be watched is not."""
        return self.line.must_be_bound and not self.line.bound

    @property
    def supplied_by(self) -> str:
        return room_name(self.indicator.supplied_by) if self.indicator else ""

    @property
    def aim(self) -> str:
        """What the indicator must reach: "≤ 9 t/(month·km2)"."""
        if self.indicator is None or self.line.target is None:
            return ""
        return f"{sign(self.line.comparator)} {plain(self.line.target)} {self.indicator.unit}"


def coverage(context: Context, lines: Sequence[TargetLine] | None = None) -> list[CoverageRow]:
    """Return every target (or those given) with its indicator's present value."""
    wanted = context.target_lines if lines is None else lines
    known = catalogue(context)
    preload_present([one for line in wanted if (one := known.get(line.indicator))], context)
    return [_row(line, context) for line in wanted]


def _row(line: TargetLine, context: Context) -> CoverageRow:
    one = catalogue(context).get(line.indicator)
    city = context.city
    if one is None or city is None:
        return CoverageRow(line, None, None, Verdict.UNKNOWN)
    value = current(one.code, city, context)
    owing = [] if adds_up(one, line) else [area for area in context.areas if area.code in line.place_codes]
    if not owing:
        return CoverageRow(line, one, value, judge(line, value))
    verdicts = [judge(line, current(one.code, area, context)) for area in owing]
    met, judged = verdicts.count(Verdict.MET), len(verdicts) - verdicts.count(Verdict.UNKNOWN)
    return CoverageRow(line, one, value, _together(verdicts), met, judged, len(owing))


def adds_up(one: Indicator, line: TargetLine) -> bool:
    """Tell whether the target is a sum over the areas: then no area owes the whole number by itself."""
    return one.aggregate == "sum" and line.target is not None and line.target != 0


def judge(line: TargetLine, value: Value) -> Verdict:
    """Return whether a value meets a target (both in the indicator's unit)."""
    return Verdict.UNKNOWN if line.target is None else compare(value, line.comparator, line.target)


def line_for(one: Indicator, lines: Sequence[TargetLine], place_code: str, *, is_city: bool) -> TargetLine | None:
    """Return the target that a place owes, among those of an indicator; None when it owes none by itself."""
    for line in lines:
        here = not line.place_codes if is_city else place_code in line.place_codes
        if (here and (is_city or not adds_up(one, line))) or (is_city and adds_up(one, line)):
            return line
    return None


def _together(verdicts: list[Verdict]) -> Verdict:
    """A target that several areas owe is met when each of them meets it."""
    if Verdict.NOT_MET in verdicts:
        return Verdict.NOT_MET
    return Verdict.UNKNOWN if Verdict.UNKNOWN in verdicts else Verdict.MET


def as_json(row: CoverageRow) -> dict[str, Any]:
    """Return a row as plain data for programs."""
    value = row.value
    return {
        "task": row.line.task,
        "measure": row.line.measure,
        "sentence": row.line.sentence,
        "wanted": row.line.wanted,
        "role": row.line.role,
        "bound": row.line.bound,
        "indicator": row.line.indicator,
        "comparator": row.line.comparator,
        "target": None if row.line.target is None else plain(row.line.target),
        "unit": row.indicator.unit if row.indicator else "",
        "number": _shown(row) or None,
        "reason": str(value.reason) if value and value.reason else "",
        "verdict": row.verdict.value,
        "n": value.n if value else None,
        "n_expected": value.n_expected if value else None,
        "freshness": value.freshness.value if value else "unknown",
        "rule_version": value.rule_version if value else "",
        "areas": {"met": row.met, "judged": row.judged, "owing": row.owing},
        "supplied_by": row.indicator.supplied_by if row.indicator else "",
        "note": row.line.note,
    }


def _shown(row: CoverageRow) -> str:
    if row.value is None or row.value.number is None or row.indicator is None:
        return ""
    return str(round_half_even(row.value.number, row.indicator.decimals))


def status_text(row: CoverageRow) -> str:
    """Return the state in words: the number with its unit, or why there is none."""
    if row.value is None:
        return row.line.note or "—"
    number = _shown(row)
    return f"{number} {row.value.unit}" if number else str(row.value.reason)
