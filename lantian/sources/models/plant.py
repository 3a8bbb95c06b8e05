"""What stands in an enterprise: lines, equipment, what must run together, stacks and their limits."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.sources.models.base import Row, below, not_negative


class Line(Row):
    """A production line or process."""

    process = models.CharField(_("process"), max_length=60, blank=True)
    product = models.CharField(_("product"), max_length=80, blank=True)
    capacity = models.CharField(_("capacity"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("production line")
        verbose_name_plural = _("production lines")
        ordering = ["code"]
        constraints = Row.constraints("line")


class Equipment(Row):
    """Equipment that is metered or could be. `kind` is a word of data/kinds.toml; loads in kW: below `off_kw` it is off,
    from `run_kw` it runs."""

    class Role(models.TextChoices):
        PRODUCTION = "production", pgettext_lazy("equipment", "production")
        TREATMENT = "treatment", pgettext_lazy("equipment", "treatment")
        BOTH = "both", pgettext_lazy("equipment", "production and treatment")
        INDIRECT = "indirect", pgettext_lazy("equipment", "indirect")
        TOTAL = "total", pgettext_lazy("equipment", "total of the plant")

    role = models.CharField(pgettext_lazy("register", "role"), max_length=10, choices=Role)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    line = models.ForeignKey(
        Line, models.PROTECT, null=True, blank=True, related_name="equipment", verbose_name=_("production line")
    )
    rated_kw = models.FloatField(_("rated power (kW)"), null=True, blank=True)
    off_kw = models.FloatField(_("off below (kW)"), null=True, blank=True)
    run_kw = models.FloatField(_("runs from (kW)"), null=True, blank=True)

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = pgettext_lazy("several", "equipment")
        ordering = ["code"]
        constraints = [
            *Row.constraints("equipment"),
            *not_negative("equipment", "rated_kw", "off_kw", "run_kw"),
            models.CheckConstraint(
                condition=Q(off_kw__isnull=True) | Q(run_kw__isnull=True) | Q(off_kw__lte=F("run_kw")),
                name="equipment_off_not_above_run",
            ),
        ]


class Pair(Row):
    """What must run together: while any of `production` runs, `treatment` runs (all of it, or any one)."""

    class Needs(models.TextChoices):
        ALL = "all", _("all of it")
        ANY = "any", _("any one of it")

    production = models.ManyToManyField(Equipment, related_name="+", verbose_name=pgettext_lazy("pair", "production"))
    treatment = models.ManyToManyField(Equipment, related_name="+", verbose_name=pgettext_lazy("pair", "treatment"))
    needs = models.CharField(_("treatment that must run"), max_length=4, choices=Needs, default=Needs.ALL)
    lead_minutes = models.PositiveIntegerField(_("treatment starts before (minutes)"), null=True, blank=True)
    lag_minutes = models.PositiveIntegerField(_("treatment stops after (minutes)"), null=True, blank=True)

    class Meta:
        verbose_name = _("must run together")
        verbose_name_plural = _("what must run together")
        ordering = ["code"]
        constraints = [
            *Row.constraints("pair"),
            below("pair", "lead_minutes", 1440),
            below("pair", "lag_minutes", 1440),
        ]


class Outlet(Row):
    """A stack. `number` is the permit's (DA001); `oxygen` the reference oxygen in %, null: values are not converted."""

    class Denitration(models.TextChoices):
        NONE = "", pgettext_lazy("denitration", "none")
        SCR = "scr", "SCR"
        SNCR = "sncr", "SNCR"
        BOTH = "scr+sncr", "SCR + SNCR"

    class AmmoniaMeter(models.TextChoices):
        YES = "yes", pgettext_lazy("ammonia meter", "there is one")
        NO = "no", pgettext_lazy("ammonia meter", "there is none")
        UNKNOWN = "", pgettext_lazy("ammonia meter", "not looked at")

    number = models.CharField(_("number in the permit"), max_length=20, blank=True)
    process = models.CharField(_("process"), max_length=60, blank=True)
    lines = models.ManyToManyField(Line, blank=True, related_name="outlets", verbose_name=_("production lines"))
    height_m = models.FloatField(_("height (m)"), null=True, blank=True)
    diameter_m = models.FloatField(_("inner diameter (m)"), null=True, blank=True)
    oxygen = models.FloatField(
        _("reference oxygen (%)"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(21)]
    )
    denitration = models.CharField(_("denitration"), max_length=10, choices=Denitration, blank=True, default="")
    monitored = models.BooleanField(_("continuous monitor (CEMS)"), default=False)
    ammonia_meter = models.CharField(
        _("meter of ammonia slip"), max_length=3, choices=AmmoniaMeter, blank=True, default=""
    )

    class Meta:
        verbose_name = _("outlet")
        verbose_name_plural = _("outlets")
        ordering = ["code"]
        constraints = [
            *Row.constraints("outlet"),
            *not_negative("outlet", "height_m", "diameter_m"),
            models.CheckConstraint(
                condition=Q(oxygen__isnull=True) | Q(oxygen__gte=0, oxygen__lt=21), name="outlet_oxygen_below_air"
            ),
        ]


class OutletLimit(Row):
    """A limit of an outlet that the permit or a document sets; `quantity` is a factor of HJ 212 (a34013 particles, a21026
    SO2, a21002 NOx, a21001 ammonia). Limits of standards are not copied here: they come from the law of the day."""

    class Period(models.TextChoices):
        HOUR = "hour", _("hour mean")
        DAY = "day", _("day mean")

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="limit_rows", verbose_name=_("outlet"))
    quantity = models.CharField(_("pollutant"), max_length=20)
    value = models.FloatField(pgettext_lazy("outlet", "limit"))
    unit = models.CharField(_("unit"), max_length=16, default="mg/m3")
    period = models.CharField(pgettext_lazy("limit", "period"), max_length=4, choices=Period, default=Period.HOUR)
    clause = models.CharField(_("clause"), max_length=200, blank=True)
    ultra_low = models.BooleanField(_("ultra-low"), default=False)

    class Meta:
        verbose_name = _("limit of an outlet")
        verbose_name_plural = _("limits of outlets")
        ordering = ["code"]
        constraints = [
            *Row.constraints("outletlimit"),
            models.CheckConstraint(condition=Q(value__gt=0), name="outletlimit_above_zero"),
        ]
