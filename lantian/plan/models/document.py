"""Documents, their versions, and what was read in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Document(models.Model):
    """A plan through its life: issued, re-issued. Its texts are its versions."""

    class Kind(models.TextChoices):
        CITY_PLAN = "city_plan", _("city plan")
        COUNTY_PLAN = "county_plan", _("county implementation plan")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.CITY_PLAN)
    title = models.CharField(_("title"), max_length=200)
    place = models.ForeignKey("city.Place", models.PROTECT, related_name="+", verbose_name=_("place"))
    serves = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="county_plans",
        verbose_name=_("serves the city plan"),
    )
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class DocumentVersion(models.Model):
    """One text of a document: read, reviewed, adopted (then frozen), later superseded."""

    class State(models.TextChoices):
        IN_REVIEW = "in_review", _("in review")
        ADOPTED = "adopted", _("adopted")
        SUPERSEDED = "superseded", _("superseded")
        DISCARDED = "discarded", _("discarded")

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions", verbose_name=_("document"))
    ordinal = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.IN_REVIEW)
    file = models.ForeignKey("records.StoredFile", models.PROTECT, related_name="+")
    file_name = models.CharField(_("file name"), max_length=200)
    text = models.TextField(_("text"), help_text=_("as read; all offsets count its characters"))
    text_sha256 = models.CharField(max_length=64)
    reader_version = models.CharField(_("reader"), max_length=40)
    parsed = models.JSONField(help_text="the reader's output, untouched")
    goals = models.JSONField(
        default=list, help_text="[{text, start, end, nature, deadlines, targets}]: aims outside the tasks"
    )
    warnings = models.JSONField(default=list)
    title = models.CharField(_("title"), max_length=200, blank=True)
    number = models.CharField(_("document number"), max_length=80, blank=True)
    issuer = models.CharField(_("issuer"), max_length=120, blank=True)
    issued_on = models.DateField(_("issued"), null=True, blank=True)
    period_from = models.DateField(_("plan period from"), null=True, blank=True)
    period_to = models.DateField(_("plan period to"), null=True, blank=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(_("imported"))
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    adopted_at = models.DateTimeField(_("adopted"), null=True, blank=True)
    idempotency_key = models.CharField(max_length=80, unique=True, null=True, help_text="of the import")
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    was_there = False  # set by the import when these very bytes had been imported before

    class Meta:
        verbose_name = _("document version")
        verbose_name_plural = _("document versions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "ordinal"], name="version_ordinal_unique"),
            models.UniqueConstraint(fields=["document"], condition=Q(state="adopted"), name="version_one_adopted"),
            models.UniqueConstraint(fields=["document"], condition=Q(state="in_review"), name="version_one_in_review"),
            models.CheckConstraint(
                condition=~Q(state__in=["adopted", "superseded"])
                | (Q(adopted_at__isnull=False) & Q(adopted_by__isnull=False)),
                name="version_adopted_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.ordinal}"


class Task(models.Model):
    """A numbered task (重点任务) of a version."""

    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="tasks")
    position = models.PositiveIntegerField(_("position"))
    number = models.CharField(_("number"), max_length=20)
    title = models.CharField(_("title"), max_length=300)
    section = models.CharField(_("section"), max_length=300, blank=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="task_position_unique"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="task_span_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Review(models.TextChoices):
    UNREVIEWED = "unreviewed", pgettext_lazy("measure review", "not reviewed")
    ACCEPTED = "accepted", pgettext_lazy("measure review", "accepted")
    EDITED = "edited", pgettext_lazy("measure review", "edited")
    ADDED = "added", pgettext_lazy("measure review", "added by hand")


class Clause(models.Model):
    """A responsibility clause (责任条款) with the text that it covers."""

    class Areas(models.TextChoices):
        ALL = "all", _("all areas")
        SOME = "some", _("areas to be named")
        NAMED = "named", _("named areas")

    task = models.ForeignKey(Task, models.CASCADE, related_name="clauses")
    position = models.PositiveIntegerField(_("position"))
    start = models.PositiveIntegerField(help_text="covered text")
    end = models.PositiveIntegerField()
    clause_start = models.PositiveIntegerField(null=True, help_text="the clause itself")
    clause_end = models.PositiveIntegerField(null=True)
    areas = models.CharField(_("areas"), max_length=8, choices=Areas, default=Areas.NAMED)
    implement_text = models.JSONField(default=list, help_text="implementers as written")
    unresolved = models.JSONField(
        _("names not resolved"),
        default=list,
        help_text="[{kind: agency|area, role, name, start, end}]: nobody known by this name; kept until somebody says who",
    )
    extras = models.JSONField(default=dict, help_text="inherited, open_ended, excluded, supervise, leaders, where said")
    fields = models.JSONField(default=list, help_text="[{name, value, start, end, confidence, note}]")
    confidence = models.FloatField(_("confidence"), default=1)
    review = models.CharField(_("review"), max_length=12, choices=Review, default=Review.UNREVIEWED)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("responsibility clause")
        verbose_name_plural = _("responsibility clauses")
        ordering = ["task", "position"]
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="clause_position_unique"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="clause_span_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.task.number}-{self.position}"


class ClauseAgency(models.Model):
    class Role(models.TextChoices):
        LEAD = "lead", _("lead")
        COOPERATE = "cooperate", _("cooperating")
        EACH = "each", _("each by its duty")

    clause = models.ForeignKey(Clause, models.CASCADE, related_name="agencies")
    agency = models.ForeignKey("city.Agency", models.PROTECT, related_name="clauses")
    role = models.CharField(_("role"), max_length=10, choices=Role)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("responsible agency")
        verbose_name_plural = _("responsible agencies")
        ordering = ["clause", "role", "position"]
        constraints = [models.UniqueConstraint(fields=["clause", "agency"], name="clause_agency_once")]

    def __str__(self) -> str:
        return f"{self.agency} ({self.get_role_display()})"


class ClauseArea(models.Model):
    clause = models.ForeignKey(Clause, models.CASCADE, related_name="area_links")
    place = models.ForeignKey("city.Place", models.PROTECT, related_name="clauses")

    class Meta:
        verbose_name = _("implementing area")
        verbose_name_plural = _("implementing areas")
        ordering = ["clause", "place"]
        constraints = [models.UniqueConstraint(fields=["clause", "place"], name="clause_area_once")]

    def __str__(self) -> str:
        return str(self.place)


class Measure(models.Model):
    """The smallest duty that can be checked by itself, tied to its sentence."""

    class Nature(models.TextChoices):
        BINDING = "binding", pgettext_lazy("nature", "binding")
        STRIVING = "striving", pgettext_lazy("nature", "striven for")
        TASK = "task", pgettext_lazy("nature", "task")

    Review = Review

    clause = models.ForeignKey(Clause, models.CASCADE, related_name="measures")
    position = models.PositiveIntegerField(_("position"))
    code = models.CharField(_("code"), max_length=30, help_text=_("task-clause-measure, for example 7-1-3"))
    text = models.TextField(_("text"))
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    nature = models.CharField(_("nature"), max_length=10, choices=Nature, default=Nature.TASK)
    deadlines = models.JSONField(_("deadlines"), default=list, help_text="ISO dates, in order")
    recurrence = models.JSONField(_("recurrence"), default=list)
    enterprises = models.JSONField(_("enterprises"), default=list)
    places = models.JSONField(_("places"), default=list)
    concerns = models.JSONField(
        _("concerns only"), default=list, help_text=_("names of areas; empty: all of the clause")
    )
    cites = models.JSONField(_("cited documents"), default=list)
    periods = models.JSONField(_("periods"), default=list, help_text="[{begin, finish, start, end}], ISO dates")
    fields = models.JSONField(default=list, help_text="[{name, value, start, end, confidence, note}]")
    confidence = models.FloatField(_("confidence"), default=1)
    review = models.CharField(_("review"), max_length=12, choices=Review, default=Review.UNREVIEWED)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    carried_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="carried_to")
    version = models.PositiveIntegerField(default=1, help_text="optimistic lock")

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["clause__task__position", "clause__position", "position"]
        constraints = [
            models.UniqueConstraint(fields=["clause", "position"], name="measure_position_unique"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="measure_span_in_order"),
            models.CheckConstraint(
                condition=Q(confidence__gte=0) & Q(confidence__lte=1), name="measure_confidence_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:40]}"


class MeasureTarget(models.Model):
    """A number in a measure: a duty to reach (target) or the scope that it applies to (criterion).

    `derived_from` holds the words that were read as a number where the text has none (全覆盖 as 100 %).
    """

    class Role(models.TextChoices):
        TARGET = "target", _("target")
        CRITERION = "criterion", _("criterion")

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="targets")
    position = models.PositiveIntegerField(default=0)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.TARGET)
    comparator = models.CharField(_("comparator"), max_length=5, help_text="range: from value to upper")
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=6)
    upper = models.DecimalField(_("upper value"), max_digits=18, decimal_places=6, null=True, blank=True)
    change = models.CharField(_("change"), max_length=8, blank=True, help_text="increase, decrease: by so much")
    basis = models.CharField(_("compared with"), max_length=30, blank=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    object = models.CharField(_("object"), max_length=200, blank=True)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    confidence = models.FloatField(_("confidence"), default=1)
    derived_from = models.CharField(
        _("derived from the words"), max_length=40, blank=True, help_text=_("empty: the text has the number")
    )
    indicator = models.CharField(_("indicator"), max_length=80, blank=True, help_text=_("code in the registry"))
    indicator_comparator = models.CharField(max_length=5, blank=True)
    indicator_value = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)

    class Meta:
        verbose_name = _("numeric target")
        verbose_name_plural = _("numeric targets")
        ordering = ["measure", "position"]
        constraints = [models.UniqueConstraint(fields=["measure", "position"], name="target_position_unique")]

    def __str__(self) -> str:
        return f"{self.object} {self.comparator} {self.value.normalize():f} {self.unit}"


class Trace(models.Model):
    """A county plan's measure traced to the city's measure that it carries out."""

    class State(models.TextChoices):
        SUGGESTED = "suggested", _("suggested")
        CONFIRMED = "confirmed", _("confirmed")
        REJECTED = "rejected", _("rejected")

    county_measure = models.ForeignKey(Measure, models.CASCADE, related_name="traces_up")
    city_measure = models.ForeignKey(Measure, models.CASCADE, related_name="traces_down")
    score = models.FloatField(_("likeness"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SUGGESTED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        ordering = ["-score"]
        constraints = [models.UniqueConstraint(fields=["county_measure", "city_measure"], name="trace_once")]

    def __str__(self) -> str:
        return f"{self.county_measure_id} → {self.city_measure_id}"


class ReviewAction(models.Model):
    """One act of a review, appended, with what it found and what it left, so that it can be undone exactly."""

    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="review_actions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"))
    verb = models.CharField(_("action"), max_length=20)
    before = models.JSONField(
        default=dict, help_text="{measures: [...], clauses: [...], heading: {...}} that it touched"
    )
    after = models.JSONField(default=dict, help_text="the same, as it left them")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    idempotency_key = models.CharField(max_length=80, unique=True, null=True)

    class Meta:
        verbose_name = _("act of a review")
        verbose_name_plural = _("acts of a review")
        ordering = ["-id"]
        indexes = [models.Index(fields=["version", "by", "-id"])]

    def __str__(self) -> str:
        return f"{self.version_id} {self.verb}"
