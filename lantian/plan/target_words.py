"""Which numbers of a measure a holder can report, what each is counted in, and what a reported value is of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lantian.indicators.context import Context
from lantian.indicators.queries import find
from lantian.indicators.words import plain, sign
from lantian.plan.models import MeasureTarget, ProgressReport, TargetBinding
from lantian.plan.target_lines import from_words, wanted_text

Role = MeasureTarget.Role


@dataclass(frozen=True, slots=True)
class Reportable:
    """A number of a measure that a report can give. `key` names it in forms, `unit` is what its value is counted in.

    `role`: "target", "criterion" (what is counted is the indicator of the objects that it names), or "word" (a target
    without a number: `target` is None and `indicator` says what is counted).
    """

    key: str
    role: str
    label: str
    unit: str
    target: MeasureTarget | None = None
    indicator: str = ""


def reportable(measure_id: int) -> list[Reportable]:
    """Return every number of a measure that can be reported: what has to be reached first, then criteria and words.

    Up to four queries. A criterion without an indicator counts nothing by itself, but stays open to those who count it.
    """
    targets = list(MeasureTarget.objects.filter(measure=measure_id).select_related("binding"))
    words = list(TargetBinding.objects.filter(measure=measure_id, target__isnull=True).order_by("position"))
    context = Context()
    duties = [_duty(target) for target in targets if target.role == Role.TARGET]
    others = [_criterion(target, context) for target in targets if target.role == Role.CRITERION]
    return [*duties, *others, *(_word(binding, context) for binding in words)]


def unit_of(target: MeasureTarget) -> str:
    """Return what a reported value of a target is counted in: for a criterion, what its indicator counts."""
    binding = getattr(target, "binding", None)
    return binding.unit if target.role == Role.CRITERION and binding else target.unit


def _duty(target: MeasureTarget) -> Reportable:
    label = f"{target.object} {wanted_text(target)}".strip()
    source = from_words(target)
    return Reportable(
        str(target.pk), Role.TARGET, f"{label} ({source})" if source else label, target.unit, target=target
    )


def _criterion(target: MeasureTarget, context: Context) -> Reportable:
    stated = f"{target.object} {wanted_text(target)}".strip()
    binding = getattr(target, "binding", None)
    label = f"{_aim(binding, context)} ({stated})" if binding else stated
    return Reportable(str(target.pk), Role.CRITERION, label, unit_of(target), target=target)


def _word(binding: TargetBinding, context: Context) -> Reportable:
    return Reportable(
        f"i:{binding.indicator}", "word", _aim(binding, context), binding.unit, indicator=binding.indicator
    )


def _aim(binding: TargetBinding, context: Context) -> str:
    one = find(binding.indicator, context)
    title = str(one.title) if one else binding.indicator
    return f"{title} {sign(binding.comparator)} {plain(binding.value)} {binding.unit}"


def name_what_is_reported(reports: Iterable[ProgressReport]) -> None:
    """Give each report `about`: what its value is of, in words (select `target__binding` for many)."""
    context = Context()
    for report in reports:
        report.about = _about(report, context)  # type: ignore[attr-defined]


def _about(report: ProgressReport, context: Context) -> str:
    code, target = report.indicator, report.target
    if target is not None and target.role == Role.CRITERION:
        code = target.indicator
    if code and (one := find(code, context)):
        return str(one.title)
    return target.object if target is not None else code
