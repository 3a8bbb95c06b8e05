"""What the HTTP API says and takes about evidence, the audit chain and messages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.schemas import AgencyRef, PlaceRef
from lantian.kit.api import Day, Id, Line, Text, Version, Word
from lantian.records.models import AuditEntry, Evidence


class PersonRef(Schema):
    """A person as others see them."""

    id: int
    display_name: str


class EvidenceRef(Schema):
    """A file handed in as proof, in short. Its content: /evidence/{id}/content."""

    id: int
    name: str
    title: str
    effective_on: date = Field(description="the day that it speaks of")
    review: Literal["pending", "accepted", "rejected"]
    sha256: str
    mime: str
    size: int = Field(description="bytes")

    @staticmethod
    def resolve_sha256(evidence: Evidence) -> str:
        return evidence.file_id

    @staticmethod
    def resolve_mime(evidence: Evidence) -> str:
        return evidence.file.mime

    @staticmethod
    def resolve_size(evidence: Evidence) -> int:
        return evidence.file.size


class EvidenceOut(EvidenceRef):
    place: PlaceRef | None = None
    agency: AgencyRef | None = None
    expires_on: date | None = Field(None, description="the last day on which it proves anything")
    uploaded_at: datetime
    uploaded_by: PersonRef
    reviewed_by: PersonRef | None = None
    reviewed_at: datetime | None = None
    review_note: str
    replaces: int | None = Field(None, description="id of the evidence that it took the place of")
    version: int

    @staticmethod
    def resolve_replaces(evidence: Evidence) -> int | None:
        return evidence.replaces_id


class EvidenceFilter(Schema):
    review: Literal["pending", "accepted", "rejected"] | None = None
    place: Word | None = Field(None, description="code")
    agency: Id | None = None
    mine: bool = Field(False, description="only what the caller uploaded")
    effective_from: Day | None = None
    effective_to: Day | None = None
    q: Word = Field("", description="part of the title or file name")


class EvidenceIn(Schema):
    """The form fields beside the file."""

    effective_on: Day = Field(description="the day that the proof speaks of; not after today")
    expires_on: Day | None = Field(None, description="the last day on which it proves anything: a permit, a contract")
    title: Line = Field("", max_length=200)
    place: Word | None = Field(None, description="code of the place that it concerns: one of the caller's own")
    agency: Id | None = Field(None, description="agency that it concerns: one of the caller's own")
    replaces: Id | None = Field(None, description="id of the evidence that it takes the place of")


class ReviewIn(Schema):
    accept: bool
    note: Text = Field("", description="the reviewer's words; needed for a rejection")
    version: Version | None = None


class AuditOut(Schema):
    """One entry of the hash chain."""

    seq: int
    at: datetime = Field(description="on the city's clock")
    machine_at: datetime
    actor: int | None = Field(None, description="id of the person; none for the system or the public")
    actor_name: str
    action: str = Field(examples=["plan.verify"])
    target_type: str = Field(examples=["plan.assignment"])
    target_id: str
    target_name: str
    changes: dict[str, Any] = Field(description="{field: [old, new]}")
    reason: str
    data: dict[str, Any]
    prev_hash: str
    hash: str

    @staticmethod
    def resolve_actor(entry: AuditEntry) -> int | None:
        return entry.actor_id


class AuditFilter(Schema):
    action: Word | None = Field(None, description="exactly, or its beginning up to the point (“plan.”)")
    target_type: Word | None = None
    target_id: Word | None = None
    actor: Id | None = None
    day_from: Day | None = None
    day_to: Day | None = None


class AuditFault(Schema):
    kind: str
    seq: int
    last: int
    other: int | None = None
    text: str


class Verification(Schema):
    """What a walk over the whole chain found."""

    ok: bool
    entries: int
    head: str = Field(description="“seq:hash” of the newest entry: keep it elsewhere and give it as anchor later")
    faults: list[AuditFault]
    more: int = Field(description="faulty entries beyond those listed")
    warnings: list[str]


class NotificationOut(Schema):
    """A message to the caller."""

    id: int
    kind: str
    subject: str
    body: str
    link: str
    created_at: datetime
    delivered_at: datetime | None = None
    read_at: datetime | None = None


class InboxFilter(Schema):
    unread: bool = False


class ReadIn(Schema):
    ids: list[Id] | None = Field(None, max_length=500, description="messages that were read; all if left out")


class ReadOut(Schema):
    read: int = Field(description="how many were unread until now")
