"""A lead: what concerns one suspicion about one enterprise, for the person who goes there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Lead(models.Model):
    """A suspicion. Its likelihood is computed from its alarms each time that they change; how is kept with it."""

    class Kind(models.TextChoices):
        POWER = "power", pgettext_lazy("lead", "treatment not in use")
        ORDER = "order", pgettext_lazy("lead", "order not carried out")
        STACK = "stack", pgettext_lazy("lead", "emissions over the limit")
        HONESTY = "honesty", pgettext_lazy("lead", "data not true")
        DATA = "data", pgettext_lazy("lead", "meters or line at fault")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("lead", "open")
        TAKEN = "taken", pgettext_lazy("lead", "taken up")
        CONFIRMED = "confirmed", pgettext_lazy("lead", "confirmed on site")
        REFUTED = "refuted", pgettext_lazy("lead", "refuted on site")

    enterprise = models.ForeignKey("sources.Enterprise", models.PROTECT, related_name="leads")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    likelihood = models.FloatField(_("likelihood"), default=0.0)
    basis = models.JSONField(default=list, help_text="[{rule, alarms, weight}] behind the likelihood")
    opened_at = models.DateTimeField(_("opened"))
    changed_at = models.DateTimeField(_("changed"))
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-likelihood", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(likelihood__gte=0) & Q(likelihood__lte=1), name="lead_likelihood_is_a_share"
            ),
            models.UniqueConstraint(
                fields=["enterprise", "kind"], condition=Q(state__in=("open", "taken")), name="lead_open_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "-likelihood"])]

    OPEN = (State.OPEN, State.TAKEN)

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.kind}"


class LeadStep(models.Model):
    """A step in the life of a lead: never changed, never deleted."""

    class Act(models.TextChoices):
        OPENED = "opened", pgettext_lazy("lead step", "opened")
        TAKEN = "taken", pgettext_lazy("lead step", "taken up")
        RELEASED = "released", pgettext_lazy("lead step", "given back")
        NOTED = "noted", pgettext_lazy("lead step", "noted")
        CONFIRMED = "confirmed", pgettext_lazy("lead step", "confirmed on site")
        REFUTED = "refuted", pgettext_lazy("lead step", "refuted on site")
        REOPENED = "reopened", pgettext_lazy("lead step", "opened again")

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="steps")
    act = models.CharField(_("action"), max_length=12, choices=Act)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("note"), blank=True)
    evidence = models.ManyToManyField("records.Evidence", related_name="+")
    key = models.CharField(max_length=80, unique=True, null=True, help_text="the same form again is done once")

    class Meta:
        verbose_name = _("step of a lead")
        verbose_name_plural = _("steps of leads")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.act}"
