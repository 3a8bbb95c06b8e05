"""What a rule reads, and what it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from lantian.sources.facts import Plant
from lantian.supervision.rules.parameters import Settings
from lantian.supervision.rules.series import Series, Telemetry
from lantian.supervision.rules.spans import Span

Numbers = dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's finding about a subject (code of equipment, outlet, pair or plant) from `start` until `end`.

    `numbers` are kept as evidence and fill the words of the rule; `n` steps were known of `expected`; `strength` 0..1 says
    how far beyond the threshold; `open`: it was still so when the data ended. `looked_at`: the series to draw."""

    rule: str
    plant: str
    subject: str
    start: dt.datetime
    end: dt.datetime
    numbers: Mapping[str, float | str]
    n: int
    expected: int
    strength: float = 0.5
    open: bool = False
    looked_at: tuple[tuple[str, str], ...] = ()
    version: str = ""

    @property
    def part(self) -> str:
        """Return what tells findings of one subject apart: the factor or the order that each is about ("" for neither)."""
        return str(self.numbers.get("factor") or self.numbers.get("order") or "")

    @property
    def capture(self) -> float:
        """Return the share of the steps that were known, in per cent."""
        return 100.0 * self.n / self.expected if self.expected else 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """A plant with its telemetry in a window. The window begins before the time to judge, so that rules can learn what is
    normal; `judged_from` is where judging begins. `now`: what is not there by then is missing, not late. `offset`: the city
    clock's distance from UTC, by which days and months are cut."""

    plant: Plant
    telemetry: Telemetry
    judged_from: dt.datetime
    now: dt.datetime
    settings: Settings
    offset: dt.timedelta
    remembered: dict[tuple[str, str], object] = field(default_factory=dict)

    def finding(
        self,
        subject: str,
        series: Series,
        span: Span,
        numbers: Mapping[str, float | str],
        *,
        strength: float = 0.5,
        looked_at: tuple[tuple[str, str], ...] = (),
    ) -> Finding:
        """Return a finding over a span of a series, with the count of what was known in it."""
        known = series.known[span.first : span.last + 1]
        return Finding(
            rule=self.settings.rule,
            plant=self.plant.code,
            subject=subject,
            start=series.at(span.first),
            end=series.at(span.last + 1),
            numbers=dict(numbers),
            n=int(known.sum()),
            expected=len(span),
            strength=min(1.0, max(0.0, strength)),
            open=span.open,
            looked_at=looked_at or ((series.source, series.quantity),),
            version=self.settings.version,
        )
