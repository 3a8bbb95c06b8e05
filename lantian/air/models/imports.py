"""Imports of files: what was sent, how it is to be read, what was found, how far it is, how it ended."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ImportJob(models.Model):
    """One file on its way into the store. The values lie in the store under `batch`; here is only what people see.

    The row is the queue, too: the worker takes what is WAITING (look at it) and CONFIRMED (write it), the oldest first.
    What a killed worker left as LOOKING or WRITING it takes up again; parts that are in the store are not written twice.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be checked")
        LOOKING = "looking", _("being checked")
        LOOKED = "looked", _("to be confirmed")
        UNREADABLE = "unreadable", _("cannot be read")
        CONFIRMED = "confirmed", _("waiting to be written")
        WRITING = "writing", _("being written")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Origin(models.TextChoices):
        BROWSER = "browser", pgettext_lazy("import", "uploaded")
        FOLDER = "folder", _("watched folder")
        PUSH = "push", _("pushed")

    name = models.CharField(_("file"), max_length=200)
    file = models.ForeignKey("records.StoredFile", models.PROTECT, null=True, related_name="+")
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.BROWSER)
    form = models.CharField(_("format"), max_length=60)
    declared = models.JSONField(_("declared"), default=dict, help_text="{name: text} beyond the format")
    skip_bad = models.BooleanField(_("leave bad values out"), default=False)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    batch = models.CharField(_("batch"), max_length=200, blank=True)
    summary = models.JSONField(default=dict, help_text="what was found, as `Import.summary` gives it")
    faults = models.JSONField(default=list, help_text="the first faults, as `Fault` has them")
    done_bytes = models.PositiveBigIntegerField(default=0)
    all_bytes = models.PositiveBigIntegerField(default=0)
    part = models.PositiveIntegerField(_("part"), default=0)
    parts = models.PositiveIntegerField(_("parts"), default=0)
    written = models.PositiveBigIntegerField(_("values written"), default=0)
    repeated = models.BooleanField(_("was there already"), default=False)
    store_version = models.IntegerField(_("version of the store"), null=True)
    message = models.TextField(_("message"), blank=True)
    stop_asked = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("import", "who"),
    )
    created_at = models.DateTimeField(pgettext_lazy("import", "sent"))
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    idempotency_key = models.CharField(max_length=120, unique=True, null=True)
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "id"]), models.Index(fields=["batch"])]

    def __str__(self) -> str:
        return self.name

    @property
    def busy(self) -> bool:
        """Tell whether the worker has it, or will have it, without anybody doing anything."""
        state = self.State
        return self.state in {state.WAITING, state.LOOKING, state.CONFIRMED, state.WRITING}
