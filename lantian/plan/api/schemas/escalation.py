"""Proposals of the rules, decisions about them, notices with their receipts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.schemas import AgencyRef, PlaceRef
from lantian.kit.api import Day, Id, Reason, Version, Word
from lantian.plan.models import EscalationProposal
from lantian.records.schemas import PersonRef

Level = Literal["remind", "warn", "circular", "interview", "inspection", "accountability"]
ProposalState = Literal["proposed", "accepted", "rejected", "lapsed"]


class ProposalOut(Schema):
    """What a rule proposes, with its reasons; a person decides."""

    id: int
    rule: str
    rule_version: str
    level: Level
    proposed_level: Level
    place: PlaceRef | None = None
    agency: AgencyRef | None = None
    assignment: int | None = None
    reasons: list[dict[str, Any]]
    state: ProposalState
    proposed_at: datetime
    decided_by: PersonRef | None = None
    decided_at: datetime | None = None
    decision_reason: str
    notices: list[int]
    version: int

    @staticmethod
    def resolve_assignment(found: EscalationProposal) -> int | None:
        return found.assignment_id

    @staticmethod
    def resolve_notices(found: EscalationProposal) -> list[int]:
        return [notice.pk for notice in found.notices.all()]


class ProposalFilter(Schema):
    state: ProposalState | None = None
    level: Level | None = None
    area: Word | None = Field(None, description="code")
    agency: Id | None = None


class ProposedOut(Schema):
    new: int
    kept: int
    lapsed: int


class DecisionIn(Schema):
    """Accept (a notice goes out) or reject. A reason is needed to reject, and to accept at another level."""

    accept: bool
    reason: Reason = ""
    level: Level | None = None
    title: str = Field("", max_length=200, description="of the notice; drafted if left out")
    body: str = Field("", max_length=8000, description="of the notice; drafted if left out")
    reply_due_on: Day | None = Field(None, description="no answer is asked for if left out")
    version: Version | None = None


class DraftOut(Schema):
    title: str
    body: str
    reply_due_on: date


class RuleOut(Schema):
    """A rule in force with its threshold, its source and how sure that is."""

    id: str
    version: str
    level: Level
    enabled: bool
    fact: str
    comparator: str
    threshold: Decimal
    unit: str
    quiet_days: int
    answer_days: int
    explanation: str
    source: str
    confidence: str
    own: bool = Field(description="the city pack changed it")


class ReceiptOut(Schema):
    """Delivery, reading and answer of a notice by one person."""

    person: PersonRef
    sent_at: datetime
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    reply: str
    replied_at: datetime | None = None

    @staticmethod
    def resolve_person(receipt: Any) -> Any:
        return receipt.notification.recipient

    @staticmethod
    def resolve_sent_at(receipt: Any) -> Any:
        return receipt.notification.created_at

    @staticmethod
    def resolve_delivered_at(receipt: Any) -> Any:
        return receipt.notification.delivered_at

    @staticmethod
    def resolve_read_at(receipt: Any) -> Any:
        return receipt.notification.read_at


class NoticeOut(Schema):
    id: int
    proposal: int | None = None
    level: Level
    place: PlaceRef | None = None
    agency: AgencyRef | None = None
    title: str
    issued_at: datetime
    issued_by: PersonRef
    reply_due_on: date | None = None

    @staticmethod
    def resolve_proposal(notice: Any) -> int | None:
        proposal: int | None = notice.proposal_id
        return proposal


class NoticeDetail(NoticeOut):
    body: str
    receipts: list[ReceiptOut]

    @staticmethod
    def resolve_receipts(notice: Any) -> list[Any]:
        return list(notice.receipts.select_related("notification__recipient").order_by("pk"))


class AnswerIn(Schema):
    reply: str = Field(min_length=2, max_length=5000)
