"""Places, agencies, people and the pack that they were loaded from."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def _localised(zh: str, en: str) -> str:
    """Return the English name where the page is English and there is one, else the Chinese name."""
    return en if en and (get_language() or "").startswith("en") else zh


class PlaceQuerySet(models.QuerySet["Place"]):
    def areas(self) -> PlaceQuerySet:
        """Counties, development zones and scenic areas: the places that a city plan gives duties to."""
        return self.filter(kind__in=Place.AREA_KINDS, is_active=True).order_by("position", "code")


class Place(models.Model):
    class Kind(models.TextChoices):
        CITY = "city", _("city")
        COUNTY = "county", _("county")
        ZONE = "zone", _("development zone")
        SCENIC = "scenic", _("scenic area")
        TOWN = "town", _("town")
        VILLAGE = "village", _("village")

    AREA_KINDS = (Kind.COUNTY, Kind.ZONE, Kind.SCENIC)

    code = models.CharField(_("code"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    aliases = models.JSONField(_("aliases"), default=list, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    boundary = models.JSONField(_("boundary"), null=True, blank=True, help_text=_("GeoJSON geometry, WGS-84"))
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="city", parent__isnull=True) | (~Q(kind="city") & Q(parent__isnull=False)),
                name="place_only_a_city_has_no_parent",
            )
        ]
        indexes = [models.Index(fields=["kind", "position"])]

    def __str__(self) -> str:
        return _localised(self.name, self.name_en)


class Agency(models.Model):
    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("department")
        COMPANY = "company", _("company")
        GROUP = "group", _("leading group")
        PARTY = "party", _("party body")
        JUSTICE = "justice", _("court or procuratorate")
        OTHER = "other", _("other body")

    short = models.CharField(_("short name"), max_length=60, unique=True)
    full_name = models.CharField(_("full name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.DEPARTMENT)
    aliases = models.JSONField(_("aliases"), default=list, blank=True)
    until = models.PositiveSmallIntegerField(_("reorganised in"), null=True, blank=True)
    successor = models.CharField(_("successor"), max_length=60, blank=True, help_text=_("short name of who took over"))
    own_aliases = models.JSONField(default=list, blank=True, help_text="aliases that people gave it; a pack keeps them")
    by_hand = models.BooleanField(default=False, help_text="made by people, not by a pack; a pack keeps it")
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return _localised(self.short, self.name_en)


class LoadedPack(models.Model):
    """One loading of a city pack. The newest is in force; older ones stay, so that a rule in force on a day can be found."""

    slug = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    pack_version = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    names = models.JSONField(default=dict, help_text="{issuer_marks: [], enterprises: [{name, names, area}]}")
    calendar = models.JSONField(default=dict)
    thresholds = models.JSONField(default=dict, help_text="{key: number}")
    threshold_notes = models.JSONField(default=dict, help_text="{key: {unit, zh, en, source, confidence, own}}")
    indicators = models.JSONField(default=list)
    bindings = models.JSONField(default=list)
    escalation = models.JSONField(default=list)
    provenance = models.JSONField(default=list)
    loaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("city pack")
        verbose_name_plural = _("city packs")
        ordering = ["-id"]

    def __str__(self) -> str:
        return _localised(self.name, self.name_en)


class User(AbstractUser):
    class Language(models.TextChoices):
        ZH = "zh-hans", "中文"
        EN = "en", "English"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("name"), max_length=80)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=Language, default=Language.ZH)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class Role(models.TextChoices):
    OFFICE = "office", _("leading-group office")
    DEPARTMENT = "department", _("department")
    COUNTY = "county", _("county government")
    TOWN = "town", _("town government")
    ENTERPRISE = "enterprise", _("enterprise")
    INSPECTOR = "inspector", _("inspector")
    PUBLIC = "public", _("public")
    ADMIN = "admin", _("system administrator")


class Membership(models.Model):
    """A role that a person holds for an agency, a place or an enterprise, from a day until a day."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, verbose_name=_("agency"))
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, verbose_name=_("place"))
    enterprise = models.CharField(_("enterprise"), max_length=120, blank=True)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(role="department") | Q(agency__isnull=False), name="membership_department_has_agency"
            ),
            models.CheckConstraint(
                condition=~Q(role__in=["county", "town"]) | Q(place__isnull=False), name="membership_area_has_place"
            ),
            models.CheckConstraint(
                condition=~Q(role="enterprise") | ~Q(enterprise=""), name="membership_enterprise_is_named"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")), name="membership_until_after_since"
            ),
        ]

    def __str__(self) -> str:
        holder = self.agency or self.place or self.enterprise
        return f"{self.get_role_display()} · {holder}" if holder else str(self.get_role_display())


class ApiToken(models.Model):
    """A token of the HTTP API. Only its SHA-256 is stored; the token itself is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    read_only = models.BooleanField(_("read only"), default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
