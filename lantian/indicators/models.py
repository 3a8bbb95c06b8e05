"""Hand-entered values: what a person said about an indicator, a place and a period. Computed values are not stored."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One statement. A correction is a new entry that names the one it corrects; nothing is overwritten."""

    indicator = models.CharField(_("indicator"), max_length=80)
    place = models.ForeignKey("city.Place", models.PROTECT, related_name="+", verbose_name=_("place"))
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=6, null=True, help_text=_("empty: withdrawn"))
    unit = models.CharField(_("unit"), max_length=30)
    n = models.PositiveIntegerField(_("n"), null=True, help_text=_("number of samples, villages, plants … behind it"))
    n_expected = models.PositiveIntegerField(_("expected n"), null=True)
    note = models.TextField(_("note"), blank=True)
    evidence = models.ManyToManyField("records.Evidence", blank=True, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    known_at = models.DateTimeField(_("known since"))
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    idempotency_key = models.CharField(max_length=80, unique=True, null=True)

    class Meta:
        verbose_name = _("hand-entered value")
        verbose_name_plural = _("hand-entered values")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(period_to__gte=models.F("period_from")), name="entry_period_in_order"),
            models.CheckConstraint(
                condition=Q(n__isnull=True) | Q(n_expected__isnull=True) | Q(n__lte=models.F("n_expected")),
                name="entry_n_within_expected",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "place", "period_from", "period_to", "known_at"])]

    def __str__(self) -> str:
        return f"{self.indicator} {self.place_id} {self.period_from}–{self.period_to}"
