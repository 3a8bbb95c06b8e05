"""What the plan wants done at an enterprise: furnaces to be shut or treated, works with their proofs, solvents used."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.sources.models.base import Located, Row, not_negative


class Furnace(Row, Located):
    """An industrial furnace or kiln (工业炉窑台账). `size_m` is the height of a coke oven's chamber, or the inner diameter of
    a gas producer. `path` is what the plan wants of it; `done_on` the day on which that was finished and proven."""

    class Kind(models.TextChoices):
        COKE_OVEN = "coke_oven", pgettext_lazy("furnace", "coke oven")
        GAS_PRODUCER = "gas_producer", pgettext_lazy("furnace", "gas producer")
        SINGLE_STAGE = "single_stage", pgettext_lazy("furnace", "single-stage gas producer")
        BRICK = "brick_kiln", pgettext_lazy("furnace", "brick kiln")
        FORGING = "forging_furnace", pgettext_lazy("furnace", "forging furnace")
        CASTING = "casting_furnace", pgettext_lazy("furnace", "melting furnace of a foundry")
        REFRACTORY = "refractory_kiln", pgettext_lazy("furnace", "refractory kiln")
        LIME = "lime_kiln", pgettext_lazy("furnace", "lime kiln")
        PELLET = "pellet", pgettext_lazy("furnace", "pellet furnace")
        ROASTER = "roaster", pgettext_lazy("furnace", "roaster")
        DRYER = "dryer", pgettext_lazy("furnace", "drying furnace")
        OTHER = "other", pgettext_lazy("furnace", "other")

    class Path(models.TextChoices):
        ELIMINATE = "eliminate", pgettext_lazy("furnace", "to be shut")
        REPLACE = "replace", pgettext_lazy("furnace", "to be given clean fuel")
        TREAT = "treat", pgettext_lazy("furnace", "to be treated")
        KEEP = "keep", pgettext_lazy("furnace", "stays as it is")
        UNKNOWN = "", pgettext_lazy("furnace", "not decided")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    fuel = models.CharField(pgettext_lazy("register", "fuel"), max_length=40, blank=True)
    size_m = models.FloatField(_("chamber height or inner diameter (m)"), null=True, blank=True)
    path = models.CharField(_("what is wanted"), max_length=10, choices=Path, blank=True, default="")
    due_on = models.DateField(_("to be done by"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    how = models.CharField(_("how it was done"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("furnace")
        verbose_name_plural = _("furnaces")
        ordering = ["code"]
        constraints = [
            *Row.constraints("furnace"),
            *Located.constraints("furnace"),
            *not_negative("furnace", "size_m"),
        ]
        indexes = [models.Index(fields=["kind", "done_on"])]


class Work(Row):
    """Something that the plan has done at an enterprise. `group` names the cluster that it belongs to; `proofs` are words of
    data/works.toml, each for one thing that was seen; a work without all of them is not finished, whatever `done_on` says."""

    class Programme(models.TextChoices):
        ULTRA_LOW_STACK = "ultra_low_stack", pgettext_lazy("work", "ultra-low emission: stacks")
        ULTRA_LOW_FUGITIVE = "ultra_low_fugitive", pgettext_lazy("work", "ultra-low emission: fugitive dust")
        ULTRA_LOW_TRANSPORT = "ultra_low_transport", pgettext_lazy("work", "ultra-low emission: clean transport")
        CLOSE = "close", pgettext_lazy("work", "scattered polluter: closing")
        MOVE = "move", pgettext_lazy("work", "scattered polluter: moving into a park")
        UPGRADE = "upgrade", pgettext_lazy("work", "scattered polluter: upgrading")
        CLUSTER = "cluster", pgettext_lazy("work", "cluster of an industry")
        EXIT = "exit", pgettext_lazy("work", "leaving")
        DESULFURISATION = "desulfurisation", pgettext_lazy("work", "desulfurisation")
        DRY_QUENCHING = "dry_quenching", pgettext_lazy("work", "dry quenching of coke")
        VOC = "voc", pgettext_lazy("work", "treatment of VOCs")
        WATCH = "watch", pgettext_lazy("work", "video and micro-stations at dusty points")

    programme = models.CharField(_("programme"), max_length=24, choices=Programme)
    group = models.CharField(_("cluster"), max_length=80, blank=True)
    due_on = models.DateField(_("to be done by"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    proofs = models.JSONField(_("what has been proven"), default=list, blank=True)

    class Meta:
        verbose_name = _("work of the plan")
        verbose_name_plural = _("works of the plan")
        ordering = ["code"]
        constraints = Row.constraints("work")
        indexes = [models.Index(fields=["programme", "done_on"])]


class Solvent(Row):
    """Coatings, inks and glues used from `since` to `until`: tonnes in all, and of them with a low content of VOCs."""

    class Material(models.TextChoices):
        COATING = "coating", pgettext_lazy("solvent", "coatings")
        INK = "ink", pgettext_lazy("solvent", "inks")
        GLUE = "glue", pgettext_lazy("solvent", "glues")

    material = models.CharField(_("material"), max_length=10, choices=Material)
    used_t = models.FloatField(_("used (t)"))
    low_t = models.FloatField(_("of it with a low content of VOCs (t)"))

    class Meta:
        verbose_name = _("use of solvents")
        verbose_name_plural = pgettext_lazy("several", "use of solvents")
        ordering = ["code"]
        constraints = [
            *Row.constraints("solvent"),
            *not_negative("solvent", "used_t", "low_t"),
            models.CheckConstraint(condition=Q(low_t__lte=F("used_t")), name="solvent_low_at_most_all"),
            models.CheckConstraint(condition=Q(since__isnull=False, until__isnull=False), name="solvent_has_a_period"),
        ]
