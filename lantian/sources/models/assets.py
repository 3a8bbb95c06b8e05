"""Boilers, heat and power plants, permits, meters, gates, cameras, micro-stations, orders."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.sources.models.base import Located, Row, not_negative


class Boiler(Row, Located):
    """A boiler. `capacity_th` is steam in t/h, `capacity_mw` heat in MW (0.7 MW count as 1 t/h where only one is given).
    `removed_on`: taken out or rebuilt to another fuel; the proof is evidence of the enterprise."""

    class Fuel(models.TextChoices):
        COAL = "coal", pgettext_lazy("fuel", "coal")
        GAS = "gas", pgettext_lazy("fuel", "gas")
        BIOMASS = "biomass", pgettext_lazy("fuel", "biomass")
        OIL = "oil", pgettext_lazy("fuel", "oil")
        ELECTRIC = "electric", pgettext_lazy("fuel", "electricity")
        OTHER = "other", pgettext_lazy("fuel", "other")

    class Purpose(models.TextChoices):
        HEATING = "heating", pgettext_lazy("boiler", "heating")
        INDUSTRY = "industry", pgettext_lazy("boiler", "industry")
        POWER = "power", pgettext_lazy("boiler", "power")
        BOTH = "both", pgettext_lazy("boiler", "heating and industry")
        OTHER = "other", pgettext_lazy("boiler", "other")

    capacity_th = models.FloatField(_("capacity (t/h)"), null=True, blank=True)
    capacity_mw = models.FloatField(_("capacity (MW)"), null=True, blank=True)
    fuel = models.CharField(pgettext_lazy("register", "fuel"), max_length=10, choices=Fuel)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.OTHER)
    heat_use = models.CharField(_("use of the heat"), max_length=200, blank=True)
    heated_m2 = models.FloatField(_("heated area (m²)"), null=True, blank=True)
    low_nox = models.BooleanField(_("low-NOx"), default=False)
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    removal = models.CharField(_("how it was removed"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("boiler")
        verbose_name_plural = _("boilers")
        ordering = ["code"]
        constraints = [
            *Row.constraints("boiler"),
            *Located.constraints("boiler"),
            *not_negative("boiler", "capacity_th", "capacity_mw", "heated_m2"),
            models.CheckConstraint(
                condition=Q(capacity_th__isnull=False) | Q(capacity_mw__isnull=False), name="boiler_has_a_capacity"
            ),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True) | Q(installed_on__isnull=True) | Q(removed_on__gte=F("installed_on")),
                name="boiler_removed_after_it_was_installed",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["fuel", "removed_on"])]


class Chp(Row, Located):
    """A heat and power plant: units, MW of the largest unit and of all together (electric), heated area in m²."""

    units = models.PositiveIntegerField(_("units"), default=1)
    unit_mw = models.FloatField(_("largest unit (MW)"))
    total_mw = models.FloatField(_("all units (MW)"))
    heated_m2 = models.FloatField(_("heated area (m²)"), null=True, blank=True)
    started_on = models.DateField(_("in operation since"), null=True, blank=True)

    class Meta:
        verbose_name = _("heat and power plant")
        verbose_name_plural = _("heat and power plants")
        ordering = ["code"]
        constraints = [
            *Row.constraints("chp"),
            *Located.constraints("chp"),
            *not_negative("chp", "unit_mw", "total_mw", "heated_m2"),
            models.CheckConstraint(
                condition=Q(total_mw__gte=F("unit_mw")), name="chp_total_not_below_its_largest_unit"
            ),
        ]


class Permit(Row):
    """A discharge permit or registration. `number` is the permit's own; conditions as it says them."""

    class Kind(models.TextChoices):
        PERMIT = "permit", pgettext_lazy("permit", "discharge permit")
        SIMPLE = "simple", pgettext_lazy("permit", "discharge permit, simplified")
        REGISTRATION = "registration", pgettext_lazy("permit", "registration")
        OTHER = "other", pgettext_lazy("permit", "other permit")

    number = models.CharField(_("number of the permit"), max_length=60)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    authority = models.CharField(_("issued by"), max_length=80, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    conditions = models.TextField(_("conditions"), blank=True)

    class Meta:
        verbose_name = _("permit")
        verbose_name_plural = _("permits")
        ordering = ["code"]
        constraints = [
            *Row.constraints("permit"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(issued_on__isnull=True) | Q(expires_on__gte=F("issued_on")),
                name="permit_expires_after_it_is_issued",
            ),
        ]
        indexes = [models.Index(fields=["expires_on"])]


class Meter(Row):
    """A meter; `point` is the code of what it measures (equipment, outlet, or the plant for its total)."""

    class Medium(models.TextChoices):
        ELECTRICITY = "electricity", pgettext_lazy("meter", "electricity")
        GAS = "gas", pgettext_lazy("meter", "gas")
        WATER = "water", pgettext_lazy("meter", "water")
        STEAM = "steam", pgettext_lazy("meter", "steam")
        HEAT = "heat", pgettext_lazy("meter", "heat")

    medium = models.CharField(_("what it measures"), max_length=12, choices=Medium, default=Medium.ELECTRICITY)
    number = models.CharField(_("serial number"), max_length=60, blank=True)
    point = models.CharField(_("code of what is measured"), max_length=60, blank=True)
    ratio = models.FloatField(_("transformer ratio"), null=True, blank=True)

    class Meta:
        verbose_name = _("meter")
        verbose_name_plural = _("meters")
        ordering = ["code"]
        constraints = [*Row.constraints("meter"), *not_negative("meter", "ratio")]


class Gate(Row):
    """A gate that records lorries (门禁)."""

    place = models.CharField(_("where it stands"), max_length=120, blank=True)
    lanes = models.PositiveIntegerField(_("lanes"), null=True, blank=True)
    connected = models.BooleanField(_("connected to the city"), default=False)

    class Meta:
        verbose_name = _("lorry gate")
        verbose_name_plural = _("lorry gates")
        ordering = ["code"]
        constraints = Row.constraints("gate")


class Camera(Row):
    """A camera and what it looks at. No addresses or passwords of cameras are kept here."""

    place = models.CharField(_("where it stands"), max_length=120, blank=True)
    watches = models.CharField(_("what it watches"), max_length=120, blank=True)
    connected = models.BooleanField(_("connected to the city"), default=False)

    class Meta:
        verbose_name = _("camera")
        verbose_name_plural = _("cameras")
        ordering = ["code"]
        constraints = Row.constraints("camera")


class MicroStation(Row, Located):
    """A small station of an enterprise; `quantities` as it names them."""

    model = models.CharField(_("model"), max_length=80, blank=True)
    quantities = models.CharField(_("pollutants"), max_length=120, blank=True)
    connected = models.BooleanField(_("connected to the city"), default=False)

    class Meta:
        verbose_name = _("micro-station")
        verbose_name_plural = _("micro-stations")
        ordering = ["code"]
        constraints = [*Row.constraints("microstation"), *Located.constraints("microstation")]


class OrderRecord(Row):
    """An order in force over the plant or parts of it. `subjects` holds codes of lines and equipment; empty: the plant.
    `share` (0 to 1) is what a limit leaves of normal running."""

    class Kind(models.TextChoices):
        STOP = "stop", pgettext_lazy("order", "stop")
        LIMIT = "limit", pgettext_lazy("order", "limit")
        CLOSE = "close", pgettext_lazy("order", "close")

    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    start = models.DateTimeField(_("in force from"))
    end = models.DateTimeField(_("in force until"), null=True, blank=True)
    subjects = models.JSONField(_("parts of the plant"), default=list, blank=True)
    share = models.FloatField(_("share of normal running"), null=True, blank=True)
    document = models.CharField(_("document"), max_length=200, blank=True)
    issuer = models.CharField(_("issued by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-start", "code"]
        constraints = [
            *Row.constraints("orderrecord"),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")), name="orderrecord_ends_later"
            ),
            models.CheckConstraint(
                condition=(Q(kind="limit", share__isnull=False, share__gte=0, share__lt=1))
                | (~Q(kind="limit") & Q(share__isnull=True)),
                name="orderrecord_share_belongs_to_a_limit",
            ),
        ]
        indexes = [models.Index(fields=["start", "end"])]
