"""Which rules are on, with which numbers, and how far telemetry has been judged."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RuleSwitch(models.Model):
    """A rule was switched on or off; the newest row holds. Never changed, never deleted."""

    rule = models.CharField(_("rule"), max_length=40)
    on = models.BooleanField(_("on"))
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("switch of a rule")
        verbose_name_plural = _("switches of rules")
        ordering = ["-id"]
        indexes = [models.Index(fields=["rule", "-id"])]

    def __str__(self) -> str:
        return f"{self.rule} {'on' if self.on else 'off'}"


class RuleOverride(models.Model):
    """Other numbers of a rule for an industry or one enterprise. An ended row stays."""

    rule = models.CharField(_("rule"), max_length=40)
    industry = models.CharField(_("industry"), max_length=60, blank=True)
    enterprise = models.ForeignKey("sources.Enterprise", models.PROTECT, null=True, related_name="+")
    numbers = models.JSONField(default=dict)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("numbers of a rule")
        verbose_name_plural = _("numbers of rules")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(enterprise__isnull=True) & ~Q(industry=""))
                | (Q(enterprise__isnull=False) & Q(industry="")),
                name="rule_override_names_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.industry or self.enterprise_id}"


class Judged(models.Model):
    """How far the telemetry of an enterprise has been judged, at which pace, and what could not be."""

    enterprise = models.ForeignKey("sources.Enterprise", models.PROTECT, related_name="+")
    pace = models.CharField(max_length=8)
    until = models.DateTimeField(_("judged until"))
    horizon = models.DateTimeField(_("known until"), help_text="what was learned later has not been judged yet")
    failures = models.JSONField(default=list, help_text="[{rule, error}] of the last time")

    class Meta:
        verbose_name = _("judged telemetry")
        verbose_name_plural = _("judged telemetry")
        constraints = [models.UniqueConstraint(fields=["enterprise", "pace"], name="judged_once_a_pace")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.pace} {self.until:%Y-%m-%d %H:%M}"
