"""Bulletins that were made, and the office's own Word templates."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Template(models.Model):
    """A Word template that the office put in place of ours. The newest active one of a kind is used."""

    kind = models.CharField(_("kind"), max_length=40)
    file = models.ForeignKey("records.StoredFile", models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Bulletin(models.Model):
    """A circular as it went out: the file, and every figure in it with where it came from."""

    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    file = models.ForeignKey("records.StoredFile", models.PROTECT, related_name="+")
    template = models.ForeignKey(Template, models.PROTECT, null=True, related_name="+")
    figures = models.JSONField(
        default=list, help_text="[{name, label, number, unit, n, capture, rule_version, reason}]"
    )
    content = models.JSONField(default=dict, help_text="all that it says: web page and workbook are made from it")
    number = models.CharField(_("document number"), max_length=80, blank=True)
    reasons_printed = models.BooleanField(_("printed with reasons in place of figures"), default=False)
    idempotency_key = models.CharField(max_length=80, unique=True, null=True)
    audit_seq = models.BigIntegerField(help_text="head of the audit chain when it was made")
    audit_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title
