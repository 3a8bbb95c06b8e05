"""What happened to the register: every change with old and new values, merges that can be taken back, imports, evidence."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.sources.models.enterprise import Enterprise


class Change(models.Model):
    """One change of one row: who, when, why, which fields from what to what. Never changed, never deleted."""

    class Act(models.TextChoices):
        CREATE = "create", pgettext_lazy("register", "entered")
        UPDATE = "update", pgettext_lazy("register", "changed")
        END = "end", pgettext_lazy("register", "ended")
        REOPEN = "reopen", pgettext_lazy("register", "taken up again")
        MERGE = "merge", pgettext_lazy("register", "merged")
        SPLIT = "split", pgettext_lazy("register", "merge taken back")
        MOVE = "move", pgettext_lazy("register", "moved")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="changes")
    kind = models.CharField(_("kind of record"), max_length=20)
    row = models.PositiveBigIntegerField()
    code = models.CharField(pgettext_lazy("register", "code"), max_length=60)
    name = models.CharField(_("name"), max_length=120, blank=True)
    act = models.CharField(_("action"), max_length=8, choices=Act)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("who"), max_length=80)
    reason = models.TextField(_("reason"), blank=True)
    changes = models.JSONField(_("changes"), default=dict, help_text="{field: [old, new]}, plain values")
    row_version = models.PositiveIntegerField(default=1, help_text="version of the row after the change")
    batch = models.ForeignKey("RegisterImport", models.PROTECT, null=True, related_name="changes")
    key = models.CharField(max_length=120, unique=True, null=True, help_text="the same form again is done once")

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-id"]
        indexes = [models.Index(fields=["enterprise", "-id"]), models.Index(fields=["kind", "row", "-id"])]

    def __str__(self) -> str:
        return f"{self.code} {self.get_act_display()} v{self.row_version}"


class Merge(models.Model):
    """Two rows of the register that were one enterprise. Holds all that is needed to take it back."""

    kept = models.ForeignKey(Enterprise, models.PROTECT, related_name="merges", verbose_name=_("kept"))
    gone = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name=_("merged into it"))
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    reason = models.TextField(_("reason"))
    fields = models.JSONField(default=dict, help_text="{field of the kept row: [old, new]}")
    moved = models.JSONField(default=dict, help_text="{kind: [keys of rows that moved to the kept one]}")
    elsewhere = models.JSONField(default=dict, help_text="{room: what it needs to take its part back}")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undo_reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=models.Q(undone_at__isnull=True), name="merge_each_goes_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gone} → {self.kept}"


class NotDuplicate(models.Model):
    """Somebody looked at two rows and said that they are two enterprises: they are not proposed again."""

    one = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    other = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("no duplicate")
        verbose_name_plural = _("no duplicates")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="notduplicate_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="notduplicate_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one} ≠ {self.other}"


class RegisterImport(models.Model):
    """A file on its way into the register: read, shown cell by cell, confirmed by a person, written once."""

    class State(models.TextChoices):
        LOOKED = "looked", pgettext_lazy("register import", "to be confirmed")
        DONE = "done", pgettext_lazy("register import", "written")
        CANCELLED = "cancelled", pgettext_lazy("register import", "dropped")

    name = models.CharField(_("file"), max_length=200)
    file = models.ForeignKey("records.StoredFile", models.PROTECT, null=True, related_name="+")
    layout = models.CharField(_("layout"), max_length=40, default="lantian")
    declared = models.JSONField(_("declared"), default=dict, help_text="{name: text}: datum, source …")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LOOKED)
    summary = models.JSONField(default=dict, help_text="counts by kind and action, columns that nobody knows")
    reason = models.TextField(_("reason"), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("time"))
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(_("written"), null=True)
    idempotency_key = models.CharField(max_length=120, unique=True, null=True)
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("import into the register")
        verbose_name_plural = _("imports into the register")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row of a file: what its cells say, the repairs proposed with what was decided, its faults, what it would do."""

    batch = models.ForeignKey(RegisterImport, models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=80, blank=True)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    cells = models.JSONField(default=dict, help_text="{column: text as in the file}")
    edits = models.JSONField(default=dict, help_text="{column: text written by hand}")
    repairs = models.JSONField(default=list, help_text="[{column, code, old, new, accepted, params}]")
    remarks = models.JSONField(default=list, help_text="[{column, code, params}]: to be looked at, no faults")
    faults = models.JSONField(default=list, help_text="[{column, code, params}]")
    action = models.CharField(max_length=8, blank=True, help_text="create, update, same, faulty, left")
    target = models.CharField(max_length=60, blank=True, help_text="code of the row that it is or will be")
    matched_by = models.CharField(max_length=12, blank=True)
    changes = models.JSONField(default=dict, help_text="{field: [old, new]}")
    left_out = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of an import")
        ordering = ["id"]
        indexes = [models.Index(fields=["batch", "action", "id"])]

    def __str__(self) -> str:
        return f"{self.sheet} {self.number}".strip()


class Paper(models.Model):
    """Evidence that belongs to an enterprise's file, and which of its rows it proves."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="papers")
    evidence = models.ForeignKey("records.Evidence", models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=20, blank=True, help_text="kind of the row that it proves; empty: the enterprise"
    )
    code = models.CharField(max_length=60, blank=True, help_text="code of the row that it proves")
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = pgettext_lazy("register", "document of an enterprise")
        verbose_name_plural = pgettext_lazy("register", "documents of an enterprise")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "evidence"], name="paper_once")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.evidence_id}"
