"""Monthly dispatch rounds (调度)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DispatchRound(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    document = models.ForeignKey("plan.Document", models.PROTECT, related_name="rounds")
    month = models.DateField(_("month"), help_text=_("its first day"))
    title = models.CharField(_("title"), max_length=120)
    instructions = models.TextField(_("instructions"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_on = models.DateField(_("due"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("dispatch round")
        verbose_name_plural = _("dispatch rounds")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["document", "month"], name="round_one_a_month"),
            models.UniqueConstraint(fields=["document"], condition=Q(state="open"), name="round_one_open"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | Q(state="closed", closed_at__isnull=False),
                name="round_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RoundEntry(models.Model):
    """An assignment asked for in a round. The snapshot is what the office saw when it closed the round."""

    round = models.ForeignKey(DispatchRound, models.PROTECT, related_name="entries")
    assignment = models.ForeignKey("plan.Assignment", models.PROTECT, related_name="round_entries")
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    closing_status = models.CharField(max_length=12, blank=True)
    closing_percent = models.PositiveSmallIntegerField(null=True)
    closing_report = models.ForeignKey("plan.ProgressReport", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("round entry")
        verbose_name_plural = _("round entries")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["round", "assignment"], name="round_entry_once")]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.assignment_id}"


class RoundUpload(models.Model):
    """A filled-in Excel of a round: previewed row by row, then applied once."""

    round = models.ForeignKey(DispatchRound, models.PROTECT, related_name="uploads")
    file = models.ForeignKey("records.StoredFile", models.PROTECT, related_name="+")
    file_name = models.CharField(_("file name"), max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"))
    rows = models.JSONField(default=list, help_text="[{row, assignment, ok, reasons, values}]")
    notes = models.JSONField(default=list, help_text="[{code, params}] about the whole file")
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")
    applied_at = models.DateTimeField(_("applied"), null=True)
    applied = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("round upload")
        verbose_name_plural = _("round uploads")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied=0) | Q(applied_at__gte=F("uploaded_at")), name="upload_applied_after_upload"
            )
        ]

    def __str__(self) -> str:
        return self.file_name
