"""What the HTTP API says and takes about indicators."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.schemas import PlaceRef
from lantian.indicators.value import Value
from lantian.kit.api import Amount, Id, Reason, Word
from lantian.records.schemas import EvidenceRef, PersonRef


class RefOut(Schema):
    kind: str
    id: str
    label: str


class ValueOut(Schema):
    """A number with what is needed to trust it, or the reason why there is none."""

    number: Decimal | None = None
    unit: str
    n: int | None = None
    n_expected: int | None = None
    capture: Decimal | None = Field(None, description="0 to 1")
    as_of: date | None = None
    freshness: str
    rule_version: str
    reason: str | None = Field(None, description="code of why there is no number")
    reason_text: str | None = None
    partial: bool
    notes: list[str]
    lineage: list[RefOut]


class IndicatorOut(Schema):
    """A named, typed, unit-carrying figure of (place, period)."""

    code: str
    title: str
    unit: str
    direction: str = Field(description="its good direction: up, down or none")
    level: str = Field(description="city, area or enterprise")
    frequency: str
    periods: list[str] = Field(description="kinds of period that it is computed for")
    by_hand: bool = Field(description="people enter it; otherwise it is computed")
    supplied_by: str
    aggregate: str
    definition: str
    evidence: str
    rule_version: str
    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int

    @staticmethod
    def resolve_title(one: Any) -> str:
        return str(one.title)

    @staticmethod
    def resolve_definition(one: Any) -> str:
        return str(one.definition)

    @staticmethod
    def resolve_evidence(one: Any) -> str:
        return str(one.evidence)

    @staticmethod
    def resolve_periods(one: Any) -> list[str]:
        return list(one.periods)


class PlaceValue(Schema):
    place: str = Field(description="code")
    value: ValueOut


class PeriodValues(Schema):
    """An indicator in one period: the city and each area."""

    indicator: str
    period: str
    values: list[PlaceValue]


class ValuesFilter(Schema):
    period: Word | None = Field(
        None,
        description="2020 | 2020-06 | 2020-Q2 | 2020-W23 | 2020-06-05 | 2020-2021 (season) | to-2020-06-05; the present if left out",
    )
    known_at: datetime | None = Field(None, description="as known at that moment")


class HistoryFilter(Schema):
    place: Word = Field(description="code")
    kind: Literal["day", "week", "month", "quarter", "season", "year"] | None = None
    count: int = Field(13, ge=1, le=120)


class PointOut(Schema):
    period: str
    value: ValueOut


class EntryOut(Schema):
    """What somebody said about an indicator, a place and a period. A correction names what it corrects."""

    id: int
    indicator: str
    place: PlaceRef
    period_from: date
    period_to: date
    value: Decimal | None = Field(None, description="none: withdrawn")
    unit: str
    n: int | None = None
    n_expected: int | None = None
    note: str
    reason: str = Field("", description="why the former value was corrected or withdrawn")
    entered_by: PersonRef
    known_at: datetime
    corrects: int | None = None
    evidence: list[EvidenceRef]

    @staticmethod
    def resolve_corrects(entry: Any) -> int | None:
        corrects: int | None = entry.corrects_id
        return corrects

    @staticmethod
    def resolve_evidence(entry: Any) -> list[Any]:
        return list(entry.evidence.all())


class EntryFilter(Schema):
    indicator: Word | None = None
    place: Word | None = Field(None, description="code")


class StatementIn(Schema):
    value: Amount
    unit: str = Field("", max_length=30, description="the indicator's own if left out")
    n: int | None = Field(None, ge=0, le=2_000_000_000)
    n_expected: int | None = Field(None, ge=0, le=2_000_000_000)
    note: str = Field("", max_length=1000)
    evidence: list[Id] = Field([], max_length=50)


class EntryIn(StatementIn):
    place: Word = Field(description="code")
    period: Word = Field(examples=["2020-06"])


class CorrectionIn(StatementIn):
    reason: Reason


class WithdrawalIn(Schema):
    reason: Reason


class CoverageOut(Schema):
    """A target of the plan and the indicator that watches it."""

    task: str
    measure: str
    sentence: str
    wanted: str
    role: str
    bound: bool
    indicator: str
    comparator: str
    target: str | None = None
    unit: str
    number: str | None = None
    reason: str
    verdict: str
    n: int | None = None
    n_expected: int | None = None
    freshness: str
    rule_version: str
    areas: dict[str, int]
    supplied_by: str
    note: str


def value_out(value: Value) -> dict[str, Any]:
    """Return a value as the API says it."""
    return {
        "number": value.number,
        "unit": value.unit,
        "n": value.n,
        "n_expected": value.n_expected,
        "capture": value.capture,
        "as_of": value.as_of,
        "freshness": value.freshness.value,
        "rule_version": value.rule_version,
        "reason": value.reason.code.value if value.reason else None,
        "reason_text": str(value.reason) if value.reason else None,
        "partial": value.partial,
        "notes": [str(note) for note in value.notes],
        "lineage": [{"kind": ref.kind, "id": ref.id, "label": ref.label} for ref in value.lineage],
    }
