"""What all rows of the register share: whose they are, since when and until when, where they come from, how sure."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

CODE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,59}$"


class Confidence(models.TextChoices):
    """How sure a row is: who says it."""

    VERIFIED = "verified", pgettext_lazy("sure", "checked on the spot or against a document")
    REPORTED = "reported", pgettext_lazy("sure", "as somebody reported it")
    ASSUMED = "assumed", pgettext_lazy("sure", "assumed, to be checked")
    UNKNOWN = "", pgettext_lazy("sure", "not stated")


class Datum(models.TextChoices):
    """The datum of a position as it was given; without one a position is kept and used for nothing."""

    WGS84 = "WGS-84", "WGS-84"
    CGCS2000 = "CGCS2000", "CGCS2000"
    GCJ02 = "GCJ-02", "GCJ-02"
    BD09 = "BD-09", "BD-09"
    UNKNOWN = "", pgettext_lazy("datum", "not declared")


class Located(models.Model):
    """A position as it was given (`lon`, `lat` in degrees of `datum`) and in WGS-84 (null where the datum is not declared)."""

    lon = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)
    datum = models.CharField(_("datum"), max_length=10, choices=Datum, blank=True, default="")
    wgs_lon = models.FloatField(_("longitude in WGS-84"), null=True, blank=True, editable=False)
    wgs_lat = models.FloatField(_("latitude in WGS-84"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @staticmethod
    def constraints(name: str) -> list[models.BaseConstraint]:
        """Return the constraints of a position for the table `name`."""
        both = Q(lon__isnull=True, lat__isnull=True) | Q(
            lon__isnull=False, lat__isnull=False, lon__range=(-180, 180), lat__range=(-90, 90)
        )
        wgs = Q(wgs_lon__isnull=True, wgs_lat__isnull=True) | (
            Q(wgs_lon__isnull=False, wgs_lat__isnull=False) & ~Q(datum="")
        )
        return [
            models.CheckConstraint(condition=both, name=f"{name}_position_is_whole"),
            models.CheckConstraint(condition=wgs, name=f"{name}_wgs_needs_datum"),
        ]


class Row(models.Model):
    """A row below an enterprise. Nothing is deleted: it ends (`until`, the last day) with a reason in its history.

    `code` is unique in its kind; for lines, equipment and outlets in the whole register, because telemetry carries it.
    It stays what it was when enterprises are merged.
    """

    enterprise = models.ForeignKey(
        "sources.Enterprise", models.PROTECT, related_name="%(class)s_rows", verbose_name=pgettext_lazy("register", "enterprise")
    )  # fmt: skip
    code = models.CharField(pgettext_lazy("register", "code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    since = models.DateField(pgettext_lazy("register", "since"), null=True, blank=True)
    until = models.DateField(pgettext_lazy("register", "last day"), null=True, blank=True)
    source = models.CharField(pgettext_lazy("register", "where it comes from"), max_length=200, blank=True)
    confidence = models.CharField(
        pgettext_lazy("register", "how sure"), max_length=10, choices=Confidence, blank=True, default=""
    )
    note = models.TextField(_("note"), blank=True)
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    @staticmethod
    def constraints(name: str) -> list[models.BaseConstraint]:
        """Return the constraints of every row for the table `name`."""
        days = Q(until__isnull=True) | Q(since__isnull=True) | Q(until__gte=F("since"))
        return [
            models.CheckConstraint(condition=days, name=f"{name}_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(code=""), name=f"{name}_has_a_code"),
        ]


def not_negative(name: str, *fields: str) -> list[models.BaseConstraint]:
    """Return constraints: these numbers of the table `name` are not below zero."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{one}__isnull": True}) | Q(**{f"{one}__gte": 0}), name=f"{name}_{one}_not_negative"
        )
        for one in fields
    ]


def below(name: str, field: str, limit: Any) -> models.BaseConstraint:
    """Return a constraint: a number of the table `name` is at most `limit`."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__lte": limit}), name=f"{name}_{field}_at_most"
    )
