"""A city's number split into the areas' numbers: it adds up, or says why not."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import DomainError, Unlawful
from lantian.kit.locking import check_version, update_versioned
from lantian.plan.models import Assignment, MeasureTarget, TargetShare, TargetSplit
from lantian.plan.rules.splits import STEP, Method, SplitCheck, check_split
from lantian.records.services import audit

_SIGNS = {">=": "≥", "<=": "≤", "==": "="}


@transaction.atomic
def set_split(
    actor: User,
    target: MeasureTarget,
    *,
    method: Method,
    shares: Mapping[int, Decimal],
    explanation: str = "",
    seen_version: int | None = None,
) -> TargetSplit:
    """Give the assignments of a target's measure their share (assignment id -> value in the target's unit).

    method: "sum" (areas add up to the city), "mean", or "same" (each area the city's number). Assignments left out
    have no share. Raises NotAllowed; Unlawful (plan not in force, a criterion); Conflict; DomainError: field "shares"
    for a value or an assignment that cannot be, field "explanation" when it does not add up and nobody says why.
    """
    scope_of(actor).require("assignment.split_target")
    # The target is locked, because the split itself may not exist yet.
    locked = MeasureTarget.objects.select_for_update(of=("self",))
    target = locked.select_related("measure__clause__task__version").get(pk=target.pk)
    _require_splittable(target)
    split = TargetSplit.objects.select_for_update().filter(target=target).first()
    if split is not None:
        check_version(split, seen_version)
    values = _checked(target, shares)
    outcome = judge(target, method, values)
    text = explanation.strip()
    if not outcome.ok and len(text) < 2:
        raise DomainError(
            message(target, method, outcome), hint=_("Correct the shares, or say why."), field="explanation"
        )
    before = {str(share.assignment_id): share.value for share in split.shares.all()} if split else {}
    old_method = split.method if split else None
    if split is None:
        split = TargetSplit.objects.create(target=target, method=method, explanation=text)
    else:
        update_versioned(split, method=method, explanation=text)
        split.shares.all().delete()
    TargetShare.objects.bulk_create([TargetShare(split=split, assignment_id=pk, value=v) for pk, v in values.items()])
    after = {str(pk): value for pk, value in values.items()}
    data = {"measure": target.measure.code, "verdict": outcome.verdict, "reached": outcome.reached}
    changes = {"shares": (before, after), "method": (old_method, method)}
    audit(actor, "plan.split_target", split, changes=changes, reason=text, data=data)
    return split


def _require_splittable(target: MeasureTarget) -> None:
    if target.measure.clause.task.version.state != "adopted":
        raise Unlawful(_("The plan version of this number is no longer in force."))
    if target.role != MeasureTarget.Role.TARGET:
        raise Unlawful(_("This number says whom the measure concerns; it is no target to reach."))


def _checked(target: MeasureTarget, shares: Mapping[int, Decimal]) -> dict[int, Decimal]:
    own = Assignment.objects.filter(measure=target.measure_id, parent__isnull=True).exclude(state="cancelled")
    known = set(own.values_list("pk", flat=True))
    if strangers := set(shares) - known:
        raise DomainError(
            _("%(n)s of the shares belong to no assignment of this measure.") % {"n": len(strangers)}, field="shares"
        )
    for value in shares.values():
        if not value.is_finite() or abs(value) >= Decimal("1e12"):
            raise DomainError(_("This is no number that can be kept."), hint=_("Use fewer digits."), field="shares")
    return {pk: value.quantize(STEP) for pk, value in shares.items()}


def judge(target: MeasureTarget, method: Method, shares: Mapping[int, Decimal]) -> SplitCheck:
    """Return whether shares (assignment id -> value) reach the target."""
    return check_split(target.value, target.comparator, method, {str(pk): v for pk, v in shares.items()})


def message(target: MeasureTarget, method: Method, outcome: SplitCheck) -> str:
    """Return in words what is wrong with a split."""
    unit = target.unit
    if outcome.verdict == "empty":
        return _("No area has a share yet.")
    figures = {
        "reached": f"{_short(outcome.reached)} {unit}".strip(),
        "target": f"{_SIGNS.get(target.comparator, target.comparator)} {_short(target.value)} {unit}".strip(),
        "difference": f"{_short(abs(outcome.difference))} {unit}".strip(),
        "n": len(outcome.off),
    }
    if method == "same" and outcome.off:
        return _("%(n)s areas have another number than the city (%(target)s).") % figures
    texts = {
        "short": _("The shares reach %(reached)s; %(difference)s are missing to %(target)s."),
        "over": _("The shares come to %(reached)s, %(difference)s more than %(target)s allows."),
        "differs": _("The shares come to %(reached)s, which differs from %(target)s by %(difference)s."),
        "stricter": _("The shares come to %(reached)s, %(difference)s better than %(target)s asks."),
        "adds_up": _("The shares come to %(reached)s, as %(target)s asks."),
    }
    return texts[outcome.verdict] % figures


def _short(value: Decimal | None) -> str:
    return format(value.quantize(STEP).normalize(), "f") if value is not None else "–"
