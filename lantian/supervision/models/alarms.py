"""An alarm: what a rule found, who was told, what was answered. Steps are only added; the alarm's state is their sum."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Severity(models.TextChoices):
    HIGH = "high", pgettext_lazy("severity", "high")
    MEDIUM = "medium", pgettext_lazy("severity", "medium")
    LOW = "low", pgettext_lazy("severity", "low")
    INFO = "info", pgettext_lazy("severity", "information")


class Level(models.IntegerChoices):
    """How far up an alarm has been told."""

    PLANT = 1, _("enterprise")
    COUNTY = 2, _("county")
    CITY = 3, _("city")


class Alarm(models.Model):
    """One finding of a rule about one subject, kept up to date while data come in; what it said before is in its steps."""

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("alarm", "new")
        ACKNOWLEDGED = "acknowledged", pgettext_lazy("alarm", "taken note of")
        ANSWERED = "answered", pgettext_lazy("alarm", "explained")
        CONFIRMED = "confirmed", pgettext_lazy("alarm", "confirmed")
        DISMISSED = "dismissed", pgettext_lazy("alarm", "dismissed")
        CLEARED = "cleared", pgettext_lazy("alarm", "withdrawn by later data")
        SHIELDED = "shielded", pgettext_lazy("alarm", "shielded")

    enterprise = models.ForeignKey("sources.Enterprise", models.PROTECT, related_name="alarms")
    rule = models.CharField(_("rule"), max_length=40)
    rule_version = models.CharField(_("version of the rule"), max_length=80)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    subject = models.CharField(_("subject"), max_length=60, help_text="code of equipment, pair, outlet or enterprise")
    part = models.CharField(
        pgettext_lazy("alarm", "part"),
        max_length=60,
        blank=True,
        help_text="factor or order, where a subject has several",
    )
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("until"))
    ongoing = models.BooleanField(_("goes on"), default=False)
    numbers = models.JSONField(default=dict, help_text="{name: number or word} of the rule's sentence")
    n = models.PositiveIntegerField(default=0, help_text="steps that were known")
    expected = models.PositiveIntegerField(default=0, help_text="steps of the span")
    strength = models.FloatField(default=0.5)
    looked_at = models.JSONField(default=list, help_text="[[source, quantity]] of the series behind it")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.NEW)
    level = models.PositiveSmallIntegerField(_("told up to"), choices=Level, default=Level.PLANT)
    raised_at = models.DateTimeField(_("raised"))
    changed_at = models.DateTimeField(_("changed"))
    lead = models.ForeignKey("supervision.Lead", models.PROTECT, null=True, related_name="alarms")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-start", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="alarm_ends_after_it_starts"),
            models.UniqueConstraint(fields=["rule", "subject", "part", "start"], name="alarm_once"),
        ]
        indexes = [
            models.Index(fields=["enterprise", "-start"]),
            models.Index(fields=["state", "-start"]),
            models.Index(fields=["rule", "-start"]),
        ]

    # States in which nobody has decided yet.
    OPEN = (State.NEW, State.ACKNOWLEDGED, State.ANSWERED)

    def __str__(self) -> str:
        return f"{self.rule} {self.subject} {self.start:%Y-%m-%d %H:%M}"


class AlarmStep(models.Model):
    """A step in the life of an alarm: never changed, never deleted."""

    class Act(models.TextChoices):
        RAISED = "raised", pgettext_lazy("alarm step", "raised")
        REJUDGED = "rejudged", pgettext_lazy("alarm step", "judged again")
        ENDED = "ended", pgettext_lazy("alarm step", "ended")
        CLEARED = "cleared", pgettext_lazy("alarm step", "withdrawn by later data")
        TOLD = "told", pgettext_lazy("alarm step", "told")
        ESCALATED = "escalated", pgettext_lazy("alarm step", "escalated")
        SHIELDED = "shielded", pgettext_lazy("alarm step", "shielded")
        ACKNOWLEDGED = "acknowledged", pgettext_lazy("alarm step", "taken note of")
        ANSWERED = "answered", pgettext_lazy("alarm step", "explained")
        CONFIRMED = "confirmed", pgettext_lazy("alarm step", "confirmed")
        DISMISSED = "dismissed", pgettext_lazy("alarm step", "dismissed")
        REOPENED = "reopened", pgettext_lazy("alarm step", "opened again")
        JOINED = "joined", pgettext_lazy("alarm step", "put to a lead")

    alarm = models.ForeignKey(Alarm, models.PROTECT, related_name="steps")
    act = models.CharField(_("action"), max_length=12, choices=Act)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(default=dict)
    key = models.CharField(max_length=80, unique=True, null=True, help_text="the same form again is done once")

    class Meta:
        verbose_name = _("step of an alarm")
        verbose_name_plural = _("steps of alarms")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.act}"


class Shield(models.Model):
    """Alarms of a rule (or all) about an enterprise or one subject are kept but tell nobody, for a time, for a reason."""

    enterprise = models.ForeignKey("sources.Enterprise", models.PROTECT, related_name="shields")
    rule = models.CharField(_("rule"), max_length=40, blank=True)
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("shield")
        verbose_name_plural = _("shields")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(until__gt=F("since")), name="shield_ends_after_it_starts")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.rule or '*'} {self.subject or '*'}"
