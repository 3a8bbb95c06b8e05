"""Enterprises: who they are, where they stand, what they are called, in which state."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lantian.sources.models.base import Confidence, Located


class Grade(models.TextChoices):
    """Performance grade in heavy pollution (绩效分级)."""

    A = "A", "A"
    B = "B", "B"
    B_MINUS = "B-", "B-"
    C = "C", "C"
    D = "D", "D"
    LEADING = "leading", pgettext_lazy("grade", "leading")
    LIVELIHOOD = "livelihood", pgettext_lazy("grade", "livelihood")
    NONE = "", pgettext_lazy("grade", "not graded")


class State(models.TextChoices):
    """Whether it works. "stopped" is long-stopped: it may start again; "closed" does not."""

    RUNNING = "running", pgettext_lazy("enterprise", "running")
    STOPPED = "stopped", pgettext_lazy("enterprise", "long stopped")
    CLOSED = "closed", pgettext_lazy("enterprise", "closed")
    BUILDING = "building", pgettext_lazy("enterprise", "being built")


class Scattered(models.TextChoices):
    """Class of a scattered polluting enterprise (散乱污)."""

    NO = "no", pgettext_lazy("scattered", "no")
    CLOSE = "close", pgettext_lazy("scattered", "to be closed")
    MOVE = "move", pgettext_lazy("scattered", "to be moved into a park")
    UPGRADE = "upgrade", pgettext_lazy("scattered", "to be upgraded")
    UNKNOWN = "", pgettext_lazy("scattered", "not looked at")


class PermitNeed(models.TextChoices):
    """Which permit the catalogue of sources asks for (排污许可分类管理名录)."""

    PERMIT = "permit", pgettext_lazy("permit need", "permit (key management)")
    SIMPLE = "simple", pgettext_lazy("permit need", "permit (simplified management)")
    REGISTRATION = "registration", pgettext_lazy("permit need", "registration")
    NONE = "none", pgettext_lazy("permit need", "none needed")
    UNKNOWN = "", pgettext_lazy("permit need", "not looked up")


class Enterprise(Located):
    """One enterprise, one file. `industry` is a word of data/industries.toml (the plan's type), `industry_code` the class of
    GB/T 4754. `area` comes from the position where there is one with a datum, else from what was said (`area_basis`)."""

    class Basis(models.TextChoices):
        POINT = "point", _("by the position")
        SAID = "said", _("as stated")
        NONE = "", _("not known")

    code = models.CharField(pgettext_lazy("register", "code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    credit_code = models.CharField(_("credit code"), max_length=18, blank=True)
    industry = models.CharField(_("industry"), max_length=40, blank=True)
    industry_code = models.CharField(_("class of GB/T 4754"), max_length=6, blank=True)
    grade = models.CharField(_("performance grade"), max_length=12, choices=Grade, blank=True, default="")
    area = models.ForeignKey(
        "city.Place",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("register", "area"),
    )
    area_said = models.CharField(_("area as stated"), max_length=80, blank=True)
    area_basis = models.CharField(_("where the area comes from"), max_length=6, choices=Basis, blank=True, default="")
    town = models.ForeignKey(
        "city.Place", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("town")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    contact = models.CharField(_("contact person"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    legal_person = models.CharField(_("legal representative"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    state_since = models.DateField(_("in this state since"), null=True, blank=True)
    scattered = models.CharField(_("scattered polluter"), max_length=10, choices=Scattered, blank=True, default="")
    permit_need = models.CharField(_("permit needed"), max_length=14, choices=PermitNeed, blank=True, default="")
    shift = models.CharField(_("shifts"), max_length=80, blank=True)
    products = models.CharField(_("products and capacity"), max_length=300, blank=True)
    synthetic = models.BooleanField(_("invented"), default=False)
    source = models.CharField(pgettext_lazy("register", "where it comes from"), max_length=200, blank=True)
    confidence = models.CharField(
        pgettext_lazy("register", "how sure"), max_length=10, choices=Confidence, blank=True, default=""
    )
    note = models.TextField(_("note"), blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_rows", verbose_name=_("merged into")
    )
    changed_at = models.DateTimeField(_("changed"))
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = pgettext_lazy("register", "enterprise")
        verbose_name_plural = pgettext_lazy("register", "enterprises")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"], condition=~Q(credit_code="") & Q(merged_into__isnull=True), name="enterprise_credit_code_once"
            ),
            models.CheckConstraint(
                condition=Q(credit_code="") | Q(Exact(Length("credit_code"), 18)), name="enterprise_credit_code_has_18_signs"
            ),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="enterprise_has_code_and_name"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("pk")), name="enterprise_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(state_since__isnull=False), name="enterprise_closed_since_a_day"
            ),
            *Located.constraints("enterprise"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["area", "industry"]),
            models.Index(fields=["name"]),
            models.Index(fields=["merged_into", "code"]),
        ]

    def __str__(self) -> str:
        english = (get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name

    def get_absolute_url(self) -> str:
        return reverse("sources:enterprise", args=[self.code])
