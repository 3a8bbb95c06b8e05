"""Evidence files, the audit chain, notifications: what is kept so that it can be shown later."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One entry of the hash chain. Never changed, never deleted: triggers of the database refuse both."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(_("time"), db_index=True, help_text=_("the city's clock"))
    machine_at = models.DateTimeField(_("machine's time"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("who"), max_length=80)
    action = models.CharField(_("action"), max_length=60, db_index=True)
    target_type = models.CharField(_("kind of record"), max_length=60)
    target_id = models.CharField(max_length=60)
    target_name = models.CharField(_("record"), max_length=200)
    changes = models.JSONField(_("changes"), default=dict, help_text="{field: [old, new]}")
    reason = models.TextField(_("reason"), blank=True)
    data = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-seq"]
        indexes = [models.Index(fields=["target_type", "target_id", "seq"])]

    def __str__(self) -> str:
        return f"#{self.seq} {self.action} {self.target_name}"


class AuditHead(models.Model):
    """The single row that names the newest entry, so that a cut-off tail is seen; locked while an entry is appended."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=64, help_text="keyed digest of seq and hash")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="audit_head_is_single")]

    def __str__(self) -> str:
        return f"#{self.seq}"


class StoredFile(models.Model):
    """Content kept once, under its SHA-256, in the data folder."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField(_("size"))
    mime = models.CharField(_("kind of file"), max_length=100)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    metadata = models.JSONField(
        default=dict, help_text="what the file says of itself: taken_at, camera, latitude, longitude (texts)"
    )
    stored_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")

    def __str__(self) -> str:
        return self.sha256[:12]


class Evidence(models.Model):
    """A file that somebody handed in as proof: what day it speaks of, when it came, what a reviewer thought of it."""

    class Review(models.TextChoices):
        PENDING = "pending", _("not reviewed")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="evidence")
    name = models.CharField(_("file name"), max_length=200, help_text="made harmless, for display and download")
    original_name = models.TextField(blank=True, help_text="as it was sent, odd characters escaped")
    title = models.CharField(_("title"), max_length=200, blank=True)
    effective_on = models.DateField(_("effective date"), help_text=_("the day that the proof speaks of"))
    uploaded_at = models.DateTimeField(_("uploaded"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # The last day on which it proves anything, where a document has one: a permit, a contract.
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    place = models.ForeignKey("city.Place", models.PROTECT, null=True, related_name="+", verbose_name=_("place"))
    agency = models.ForeignKey("city.Agency", models.PROTECT, null=True, related_name="+", verbose_name=_("agency"))
    review = models.CharField(_("review"), max_length=10, choices=Review, default=Review.PENDING)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.TextField(_("reviewer's words"), blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    idempotency_key = models.CharField(max_length=120, unique=True, null=True)
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(review="pending") | (Q(reviewed_by__isnull=False) & Q(reviewed_at__isnull=False)),
                name="evidence_review_has_reviewer",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=models.F("effective_on")),
                name="evidence_expires_after_it_takes_effect",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    def proves_on(self, day: dt.date) -> bool:
        """Tell whether it may be named as proof on a day: not rejected, and not past the day until which it is valid."""
        return self.review != self.Review.REJECTED and (self.expires_on is None or self.expires_on >= day)

    @property
    def is_picture(self) -> bool:
        return self.file.mime.startswith("image/")

    @property
    def extension(self) -> str:
        """The name's extension in capitals, shown where there is no picture."""
        return self.name.rpartition(".")[2].upper() if "." in self.name else "?"


class Notification(models.Model):
    """A message to one person, with the record of its delivery and reading."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    link = models.CharField(max_length=200, blank=True)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=60, blank=True)
    dedupe_key = models.CharField(
        max_length=120, unique=True, null=True, help_text="the same message is not sent twice"
    )
    created_at = models.DateTimeField(_("sent"))
    delivered_at = models.DateTimeField(_("delivered"), null=True, help_text=_("first shown in the person's inbox"))
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        indexes = [models.Index(fields=["recipient", "read_at"]), models.Index(fields=["target_type", "target_id"])]

    def __str__(self) -> str:
        return self.subject
