"""The charts of a target: months done and needed, and the year as it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

from django.utils.translation import gettext as _

from lantian.air import target_texts as texts
from lantian.air.assessing.hours import rules_text
from lantian.air.goals import Goal
from lantian.air.targets.path import Month
from lantian.air.targets.progress import GRADES
from lantian.kit.charts import Chart, Mark, Series

_COUNTS = {"good_days", "heavy_days"}
_LEVELS = {"mean", "percentile", "composite", "good_share"}


def charts_of(goal: Goal, months: Sequence[Month]) -> list[Chart]:
    """Return the charts of a target; none without any month that has a figure."""
    if not any(month.had is not None for month in months):
        return []
    found = [_by_month(goal, months)]
    kind = goal.target.statistic.kind
    return [*found, _adding_up(goal, months)] if kind in _COUNTS else found


def _by_month(goal: Goal, months: Sequence[Month]) -> Chart:
    one, kind = goal.standing, goal.target.statistic.kind
    unit, decimals = texts.unit_of(one), 2 if kind == "composite" else 1
    had = Series(
        _("had"), [month.had for month in months], unit, "bar", decimals=decimals, n=[month.n for month in months]
    )
    series = [had]
    if any(month.need is not None for month in months):
        needs = [_need(month, share=kind == "good_share") for month in months]
        series.append(Series(_("needed"), needs, unit, "bar", decimals=decimals))
    if any(month.past is not None for month in months):
        series.append(
            Series(_("same days of past years"), [month.past for month in months], unit, "points", decimals=decimals)
        )
    if kind in _LEVELS or kind == "so2_class":
        series.append(Series(_("year until then"), [month.so_far for month in months], unit, "line", decimals=decimals))
    return Chart(
        id="months",
        title=_("Month by month: %(name)s") % {"name": texts.name_of(one)},
        kind="bars",
        x=tuple(f"{month.first:%Y-%m}" for month in months),
        x_name=_("Month"),
        series=tuple(series),
        marks=_marks(goal),
        note=_note(goal),
        synthetic=one.synthetic,
    )


def _need(month: Month, *, share: bool) -> Fraction | None:
    """What a month needs; good days as their share of the days that it still has."""
    if month.need is None or not share:
        return month.need
    return month.need / month.left * 100


def _marks(goal: Goal) -> tuple[Mark, ...]:
    kind, target = goal.target.statistic.kind, goal.target
    if kind in _LEVELS:
        return (Mark(_("target"), target.value),)
    if kind == "so2_class" and target.value in GRADES:
        return (Mark(_("target"), goal.standing.law.limit("SO2", "year", GRADES[target.value]).value),)
    return ()


def _adding_up(goal: Goal, months: Sequence[Month]) -> Chart:
    """Days since New Year: those that were, and those that keep the target."""
    done = [month.had if month.done else None for month in months]
    summed = list(accumulate((value or Fraction(0) for value in done), lambda a, b: a + b))
    so_far = [total if month.done else None for total, month in zip(summed, months, strict=True)]
    series = [Series(_("days until then"), so_far, texts.unit_of(goal.standing), "line", decimals=0)]
    if any(month.need is not None for month in months):
        steps = [(month.had or Fraction(0)) + (month.need or Fraction(0)) for month in months]
        path = list(accumulate(steps))
        needed = [total if month.left else None for total, month in zip(path, months, strict=True)]
        series.append(Series(_("needed until then"), needed, texts.unit_of(goal.standing), "line", decimals=0))
    return Chart(
        id="adding-up",
        title=_("Adding up: %(name)s") % {"name": texts.name_of(goal.standing)},
        kind="lines",
        x=tuple(f"{month.first:%Y-%m}" for month in months),
        x_name=_("Month"),
        series=tuple(series),
        marks=(Mark(_("target"), goal.target.value),),
        note=_note(goal),
        synthetic=goal.standing.synthetic,
    )


def _note(goal: Goal) -> str:
    one, to_date = goal.standing, goal.standing.state.to_date
    words = {
        "law": one.law.name, "rule": rules_text()[0], "n": to_date.n, "expected": to_date.expected,
        "basis": _("dust hours left out") if one.judged_by == "deducted" else _("with dust hours"), "until": one.as_of,
    }  # fmt: skip
    return _("Law %(law)s · rule %(rule)s · %(basis)s · %(n)s of %(expected)s days valid until %(until)s") % words
