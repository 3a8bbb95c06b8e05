"""A device: who it is, how it proves it, how it speaks, what its points are about."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.gateway.core.device import Device, Point


class DeviceState(models.TextChoices):
    ADMITTED = "admitted", pgettext_lazy("device", "admitted")
    BLOCKED = "blocked", pgettext_lazy("device", "blocked")


class DeviceRecord(models.Model):
    """A data logger that a person admitted or blocked. Who waits in quarantine stands in the inboxes, not here."""

    mn = models.CharField(_("MN"), max_length=32, unique=True)
    name = models.CharField(pgettext_lazy("device", "name"), max_length=120, blank=True)
    status = models.CharField(pgettext_lazy("device", "state"), max_length=12, choices=DeviceState.choices)
    st = models.CharField(_("system code (ST)"), max_length=5, blank=True)
    password = models.CharField(_("sealed password"), max_length=160, blank=True)
    networks = models.JSONField(_("networks"), default=list, blank=True)
    dialect = models.CharField(_("dialect"), max_length=120, default="standard")
    plant = models.CharField(pgettext_lazy("device", "enterprise"), max_length=40, blank=True, db_index=True)
    default_code = models.CharField(_("outlet or equipment of its other points"), max_length=60, blank=True)
    points = models.JSONField(_("points"), default=dict, blank=True)
    realtime_seconds = models.PositiveIntegerField(_("real-time interval (s)"), default=60)
    minute_seconds = models.PositiveIntegerField(_("minute interval (s)"), default=60)
    idle_seconds = models.PositiveIntegerField(_("silence after which the link is closed (s)"), default=0)
    minutes = models.BooleanField(_("sends minute data"), default=True)
    hours = models.BooleanField(_("sends hour data"), default=True)
    clock = models.BooleanField(_("its clock may be set"), default=False)
    backfill = models.BooleanField(_("missing data may be asked for"), default=False)
    synthetic = models.BooleanField(_("invented"), default=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    key = models.CharField(_("form key"), max_length=80, blank=True)
    created_at = models.DateTimeField(pgettext_lazy("device", "entered"), auto_now_add=True)
    changed_at = models.DateTimeField(pgettext_lazy("device", "changed"), auto_now=True)

    class Meta:
        verbose_name = _("data logger")
        verbose_name_plural = _("data loggers")
        ordering = ("mn",)
        constraints = (
            models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="device_key_once"),
            models.CheckConstraint(
                condition=models.Q(minute_seconds__gte=1, realtime_seconds__gte=1), name="device_intervals"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.mn})" if self.name else self.mn

    def get_absolute_url(self) -> str:
        return reverse("gateway:device", args=[self.mn])

    def plain(self) -> Device:
        """Return what gateways and delivery read."""
        points = {key: Point(**value) for key, value in self.points.items()}
        return Device(
            self.mn, self.status, self.st, self.password, tuple(self.networks), self.dialect, self.plant,
            self.default_code, points, self.realtime_seconds, self.minute_seconds, self.idle_seconds, self.minutes,
            self.hours, self.clock, self.backfill, self.synthetic,
        )  # fmt: skip
