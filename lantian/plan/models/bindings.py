"""Where the pack's bindings lie in an adopted text. Derived data: made anew whenever a text is adopted or a pack loaded."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TargetBinding(models.Model):
    """A target of the text and the indicator that shows whether it is met.

    `measure` is empty for targets outside the tasks (the aims of the plan), `target` for targets in words.
    `comparator` and `value` in `unit` are what the indicator must reach.
    """

    class Form(models.TextChoices):
        VALUE = "value", _("as a number")
        CRITERION = "criterion", _("number that says which objects are meant")
        WORD = "word", _("in words")

    class Fault(models.TextChoices):
        QUOTE_MISSING = "quote_missing", _("the quoted sentence does not stand in this text")
        QUOTE_AMBIGUOUS = "quote_ambiguous", _("the quoted sentence stands there more than once")
        NUMBER_MISSING = "number_missing", _("the number was not found in the sentence")

    version = models.ForeignKey("plan.DocumentVersion", models.CASCADE, related_name="bindings")
    key = models.CharField(_("name in the pack"), max_length=80)
    position = models.PositiveIntegerField(default=0)
    form = models.CharField(_("form"), max_length=10, choices=Form)
    quote = models.TextField(_("sentence"))
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    measure = models.ForeignKey("plan.Measure", models.CASCADE, null=True, related_name="bindings")
    target = models.OneToOneField("plan.MeasureTarget", models.CASCADE, null=True, related_name="binding")
    indicator = models.CharField(_("indicator"), max_length=80)
    comparator = models.CharField(_("comparator"), max_length=5)
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=6)
    unit = models.CharField(_("unit"), max_length=30)
    nature = models.CharField(_("nature"), max_length=10)
    areas = models.JSONField(_("areas"), default=list, help_text=_("codes; empty: those of the responsibility clause"))
    note = models.TextField(_("note"), blank=True)
    fault = models.CharField(_("fault"), max_length=20, choices=Fault, blank=True)

    class Meta:
        verbose_name = _("binding of a target")
        verbose_name_plural = _("bindings of targets")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="binding_once_per_version"),
            models.CheckConstraint(
                condition=~Q(fault="quote_missing") | Q(measure__isnull=True, target__isnull=True),
                name="binding_without_quote_has_no_place",
            ),
        ]
        indexes = [models.Index(fields=["indicator"])]

    def __str__(self) -> str:
        return f"{self.key}: {self.indicator} {self.comparator} {self.value.normalize():f} {self.unit}"
