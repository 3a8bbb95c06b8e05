"""The ledger: who owes what by when, what was reported, how it was checked and signed off."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lantian.city.models import Role
from lantian.plan.querysets import OPEN_STATES, AssignmentQuerySet


class Assignment(models.Model):
    """A measure that one holder has to carry out. Only its workflow state is stored; due, overdue and fresh are computed."""

    class Holder(models.TextChoices):
        AREA = "area", _("area")
        AGENCY = "agency", _("agency")
        TOWN = "town", _("town")
        VILLAGE = "village", _("village")
        ENTERPRISE = "enterprise", _("enterprise")

    class State(models.TextChoices):
        NOT_STARTED = "not_started", _("not started")
        IN_PROGRESS = "in_progress", _("in progress")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        VERIFIED = "verified", _("verified")
        SIGNED_OFF = "signed_off", _("signed off")
        REBOUNDED = "rebounded", _("rebounded")
        CANCELLED = "cancelled", _("cancelled")

    class DeadlineBasis(models.TextChoices):
        TEXT = "text", _("from the text")
        PLAN_END = "plan_end", _("end of the plan")
        MANUAL = "manual", _("set by hand")

    measure = models.ForeignKey("plan.Measure", models.PROTECT, related_name="assignments", verbose_name=_("measure"))
    holder = models.CharField(_("kind of holder"), max_length=10, choices=Holder)
    place = models.ForeignKey("city.Place", models.PROTECT, null=True, related_name="+", verbose_name=_("place"))
    agency = models.ForeignKey("city.Agency", models.PROTECT, null=True, related_name="+", verbose_name=_("agency"))
    enterprise = models.CharField(_("enterprise"), max_length=120, blank=True)
    holder_key = models.CharField(
        max_length=160, help_text="place:<code> | agency:<id> | enterprise:<area code>:<name>"
    )
    area = models.ForeignKey(
        "city.Place",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="the area that the holder lies in",
        verbose_name=_("area"),
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts", verbose_name=_("part of"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    deadline = models.DateField(_("deadline"), null=True, db_index=True)
    deadline_basis = models.CharField(_("deadline's basis"), max_length=10, choices=DeadlineBasis)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.NOT_STARTED)
    state_since = models.DateTimeField(_("since"))
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "holder_key"], name="assignment_once_per_holder"),
            models.CheckConstraint(
                condition=Q(holder__in=["area", "town", "village"], place__isnull=False)
                | Q(holder="agency", agency__isnull=False)
                | (Q(holder="enterprise") & ~Q(enterprise="")),
                name="assignment_has_its_holder",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=False) | ~Q(holder__in=["town", "village"]),
                name="assignment_part_has_parent",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "state", "deadline"]),
            models.Index(fields=["state", "deadline"]),
            models.Index(fields=["agency", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.measure.code} · {self.holder_name}"

    def get_absolute_url(self) -> str:
        return reverse("plan:assignment", args=[self.pk])

    @property
    def holder_name(self) -> str:
        """Who carries it out, in the language of the page."""
        return self.enterprise or str(self.place or self.agency)

    @property
    def is_open(self) -> bool:
        """Whether the holder still has work to do: only then can it be late or its progress old."""
        return self.state in OPEN_STATES


class ProgressReport(models.Model):
    """What a holder said about an assignment. Appended; a withdrawn report stays and says so."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="reports")
    round = models.ForeignKey("plan.DispatchRound", models.PROTECT, null=True, related_name="reports")
    percent = models.PositiveSmallIntegerField(_("progress %"))
    value = models.DecimalField(_("reported value"), max_digits=18, decimal_places=6, null=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    target = models.ForeignKey("plan.MeasureTarget", models.PROTECT, null=True, related_name="+")
    indicator = models.CharField(
        _("indicator"),
        max_length=80,
        blank=True,
        help_text=_("code; what the value is of where the target is in words"),
    )
    text = models.TextField(_("what was done"))
    problems = models.TextField(_("problems"), blank=True)
    effective_on = models.DateField(_("state of"))
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(_("reported"))
    evidence = models.ManyToManyField("records.Evidence", blank=True, related_name="progress_reports")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True)
    idempotency_key = models.CharField(max_length=80, unique=True, null=True)

    class Meta:
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        ordering = ["-reported_at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(percent__lte=100), name="report_percent_is_a_share")]
        indexes = [
            models.Index(fields=["assignment", "-reported_at"]),
            models.Index(fields=["round", "assignment"]),
            models.Index(
                fields=["assignment", "target", "indicator"],
                condition=Q(value__isnull=False, withdrawn_at__isnull=True),
                name="report_with_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.percent} %"


class Step(models.Model):
    """One move of the workflow, appended: who, from where to where, why, with what."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="steps")
    action = models.CharField(_("action"), max_length=30)
    from_state = models.CharField(max_length=12, choices=Assignment.State)
    to_state = models.CharField(max_length=12, choices=Assignment.State)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    at = models.DateTimeField(_("time"))
    reason = models.TextField(_("reason"), blank=True)
    report = models.ForeignKey(ProgressReport, models.PROTECT, null=True, related_name="steps")
    evidence = models.ManyToManyField("records.Evidence", blank=True, related_name="steps")
    idempotency_key = models.CharField(max_length=80, unique=True, null=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["id"]
        indexes = [models.Index(fields=["assignment", "id"]), models.Index(fields=["action", "at"])]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.action}"

    @property
    def role_label(self) -> str:
        """The role in which the step was taken, in the language of the page."""
        return str(dict(Role.choices).get(self.role, self.role))


class SpotCheck(models.Model):
    """The record of a verification on the spot."""

    step = models.OneToOneField(Step, models.PROTECT, related_name="spot_check")
    checked_on = models.DateField(_("checked on"))
    location = models.CharField(_("where"), max_length=200)
    method = models.CharField(_("how"), max_length=200)
    found = models.TextField(_("what was found"))
    passed = models.BooleanField(_("passed"))

    class Meta:
        verbose_name = _("spot check")
        verbose_name_plural = _("spot checks")

    def __str__(self) -> str:
        return f"{self.checked_on} {self.location}"


class Publicity(models.Model):
    """The days during which a verified result is shown to the public before the office may approve it."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="publicity_periods")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    statement = models.TextField(_("what is announced"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    void_at = models.DateTimeField(null=True, help_text="returned or re-opened meanwhile")

    class Meta:
        verbose_name = _("publicity period")
        verbose_name_plural = _("publicity periods")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="publicity_days_in_order"),
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(void_at__isnull=True), name="publicity_one_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}–{self.ends_on}"


class Objection(models.Model):
    """An objection received during a publicity period."""

    publicity = models.ForeignKey(Publicity, models.PROTECT, related_name="objections")
    name = models.CharField(_("name"), max_length=80)
    contact = models.CharField(_("contact"), max_length=120, blank=True)
    text = models.TextField(_("objection"))
    sender = models.CharField(max_length=64, blank=True, help_text="a mark to count by, not an address")
    received_at = models.DateTimeField(_("received"))
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    upheld = models.BooleanField(_("upheld"), null=True)
    resolution = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-id"]
        indexes = [models.Index(fields=["received_at", "sender"])]

    def __str__(self) -> str:
        return f"{self.publicity_id} {self.name}"


class TargetSplit(models.Model):
    """How a city target is split into the areas' targets, and why it does not add up where it does not."""

    class Method(models.TextChoices):
        SUM = "sum", _("areas add up to the city")
        SAME = "same", _("each area the same")
        MEAN = "mean", _("areas' mean is the city's")

    target = models.OneToOneField("plan.MeasureTarget", models.PROTECT, related_name="split")
    method = models.CharField(_("method"), max_length=6, choices=Method)
    explanation = models.TextField(_("why it does not add up"), blank=True)
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("target split")
        verbose_name_plural = _("target splits")

    def __str__(self) -> str:
        return str(self.target)


class TargetShare(models.Model):
    split = models.ForeignKey(TargetSplit, models.CASCADE, related_name="shares")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="target_shares")
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=6)

    class Meta:
        verbose_name = _("share of a target")
        verbose_name_plural = _("shares of a target")
        constraints = [models.UniqueConstraint(fields=["split", "assignment"], name="share_once")]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.value}"
