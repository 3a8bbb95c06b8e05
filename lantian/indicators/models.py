"""Hand-entered values: what a person said about an indicator, a place and a period. Computed values are not stored."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from lantian.city.access import Scope


class EntryQuerySet(models.QuerySet["Entry"]):
    def as_known_at(self, moment: dt.datetime | None = None) -> EntryQuerySet:
        """Return the entries that were the last word at a moment (None: now): known by then and not yet corrected."""
        later = Entry.objects.filter(corrects=OuterRef("pk"))
        if moment is None:
            return self.filter(~Exists(later))
        return self.filter(~Exists(later.filter(known_at__lte=moment)), known_at__lte=moment)

    def standing(self) -> EntryQuerySet:
        """Without those that say "withdrawn"."""
        return self.filter(value__isnull=False)

    def visible_to(self, scope: Scope) -> EntryQuerySet:
        """Who said what, with note and proof: the city's offices see all, an area its own and the city's."""
        if scope.sees_everything or scope.agency_ids:
            return self
        return self.filter(Q(place_id__in=scope.place_ids) | Q(place__kind="city")) if scope.place_ids else self.none()


class Entry(models.Model):
    """One statement. A correction is a new entry that names the one it corrects; nothing is overwritten.

    An indicator, place and period have one chain of entries: the first corrects nothing, each later one corrects the
    one before it. The last of the chain is the word in force; without a value it says "withdrawn".
    """

    indicator = models.CharField(_("indicator"), max_length=80)
    place = models.ForeignKey("city.Place", models.PROTECT, related_name="+", verbose_name=_("place"))
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=6, null=True, help_text=_("empty: withdrawn"))
    unit = models.CharField(_("unit"), max_length=30)
    n = models.PositiveIntegerField(_("n"), null=True, help_text=_("number of samples, villages, plants … behind it"))
    n_expected = models.PositiveIntegerField(_("expected n"), null=True)
    note = models.TextField(_("note"), blank=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("why the former value was corrected or withdrawn"))
    evidence = models.ManyToManyField("records.Evidence", blank=True, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    known_at = models.DateTimeField(_("known since"))
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    idempotency_key = models.CharField(max_length=80, unique=True, null=True)

    objects = EntryQuerySet.as_manager()

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
            models.UniqueConstraint(
                fields=["indicator", "place", "period_from", "period_to"],
                condition=Q(corrects__isnull=True),
                name="entry_one_chain",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "place", "period_from", "period_to", "known_at"])]

    def __str__(self) -> str:
        return f"{self.indicator} {self.place_id} {self.period_from}–{self.period_to}"
