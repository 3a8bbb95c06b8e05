"""What the HTTP API says and takes about circulars and Word templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from lantian.bulletins.air import Changed, changed_since
from lantian.bulletins.models import Bulletin
from lantian.records.schemas import PersonRef


class BulletinOut(Schema):
    """A circular as it went out. Its Word file: /bulletins/{id}/word."""

    id: int
    kind: str
    title: str
    number: str
    subject_type: str = Field(examples=["plan.dispatchround"])
    subject_id: str
    reasons_printed: bool = Field(description="some figures have a reason in place of a number")
    anchor: str = Field(description="“seq:hash” of the audit chain when it was made")
    sha256: str
    template: int | None = Field(None, description="the office's template; none: the system's own")
    made_by: PersonRef
    made_at: datetime

    @staticmethod
    def resolve_anchor(bulletin: Bulletin) -> str:
        return f"{bulletin.audit_seq}:{bulletin.audit_hash}"

    @staticmethod
    def resolve_sha256(bulletin: Bulletin) -> str:
        return bulletin.file_id

    @staticmethod
    def resolve_template(bulletin: Bulletin) -> int | None:
        return bulletin.template_id


class ChangedOut(Schema):
    """A printed figure that would be another one now; the circular itself stays as it is."""

    name: str
    label: str
    stood: str
    now: str
    stood_n: int | None
    now_n: int | None
    stood_rule: str
    now_rule: str


class BulletinDetail(BulletinOut):
    """A circular with every figure in it: number or reason, n, capture, rule version."""

    figures: list[dict[str, Any]]
    content: dict[str, Any]
    changed: list[ChangedOut] = Field(description="measured figures that the same question gives otherwise now")

    @staticmethod
    def resolve_changed(bulletin: Bulletin) -> tuple[Changed, ...]:
        return changed_since(bulletin.content)


class MakeIn(Schema):
    issuer: str = Field("", max_length=80)
    number: str = Field("", max_length=80)
    print_reasons: bool = Field(False, description="print the reason where a figure has no number, instead of refusing")


class TemplateOut(Schema):
    id: int
    kind: str
    name: str
    is_active: bool = Field(description="in force")
    uploaded_by: PersonRef
    uploaded_at: datetime
