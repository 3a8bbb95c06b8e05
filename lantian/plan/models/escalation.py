"""Escalation: rules propose with their reasons, a person decides, notices are delivered and read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    REMIND = "remind", _("reminder")
    WARN = "warn", _("early warning")
    CIRCULAR = "circular", _("circular")
    INTERVIEW = "interview", _("interview")
    INSPECTION = "inspection", _("special inspection")
    ACCOUNTABILITY = "accountability", _("accountability")


class EscalationProposal(models.Model):
    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        LAPSED = "lapsed", _("lapsed")

    rule = models.CharField(_("rule"), max_length=60)
    rule_version = models.CharField(max_length=40)
    level = models.CharField(_("level"), max_length=16, choices=Level)
    place = models.ForeignKey("city.Place", models.PROTECT, null=True, related_name="+", verbose_name=_("place"))
    agency = models.ForeignKey("city.Agency", models.PROTECT, null=True, related_name="+", verbose_name=_("agency"))
    assignment = models.ForeignKey("plan.Assignment", models.PROTECT, null=True, related_name="escalations")
    family = models.CharField(max_length=40, default="", help_text="rules of one family speak with one voice")
    subject_key = models.CharField(max_length=120, help_text="family and subject: one open proposal each")
    reasons = models.JSONField(help_text="[{rule, text_zh, text_en, figure, unit, threshold, n, refs, supporting}]")
    proposed_at = models.DateTimeField(_("proposed"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    decision_key = models.CharField(max_length=80, unique=True, null=True)
    proposed_level = models.CharField(_("proposed level"), max_length=16, choices=Level, default=Level.REMIND)
    lapse = models.CharField(_("why it lapsed"), max_length=12, blank=True, help_text="gone, raised, lowered, covered")
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("escalation proposal")
        verbose_name_plural = _("escalation proposals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_key"], condition=Q(state="proposed"), name="escalation_one_open_per_subject"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "rejected"]) | Q(decided_by__isnull=False),
                name="escalation_decided_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} · {self.place or self.agency or self.subject_key}"


class Notice(models.Model):
    """A decided escalation on its way to those it concerns."""

    proposal = models.ForeignKey(EscalationProposal, models.PROTECT, null=True, related_name="notices")
    level = models.CharField(_("level"), max_length=16, choices=Level)
    place = models.ForeignKey("city.Place", models.PROTECT, null=True, related_name="+", verbose_name=_("place"))
    agency = models.ForeignKey("city.Agency", models.PROTECT, null=True, related_name="+", verbose_name=_("agency"))
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"))
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued"))
    reply_due_on = models.DateField(_("answer due"), null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class NoticeReceipt(models.Model):
    """Delivery, reading and answer of a notice by one person."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="receipts")
    notification = models.OneToOneField("records.Notification", models.PROTECT, related_name="receipt")
    reply = models.TextField(_("answer"), blank=True)
    replied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")

    def __str__(self) -> str:
        return f"{self.notice_id}"
