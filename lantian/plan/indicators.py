"""What the plan room registers: figures about the ledger itself, and the targets of the adopted plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city.models import Place
from lantian.indicators.context import Context
from lantian.indicators.period import Period
from lantian.indicators.registry import Rule, TargetLine, indicator, targets
from lantian.indicators.value import Freshness, Note, ReasonCode, Ref, Value
from lantian.plan import ledger_facts as facts
from lantian.plan.rules import figures
from lantian.plan.rules.figures import Duty, Share

VERSION = "2020.1"
STATES_AND_EVENTS = ("month", "quarter", "year", "to-date")
_STEPS = gettext_lazy("assignments and the steps of their workflow")
_MOST_REFS = 20


def _here(place: Place, context: Context) -> Callable[[int | None], bool] | None:
    """Return which areas count at a place: all for the city, one for an area, None for anything smaller."""
    if place.kind == Place.Kind.CITY:
        return lambda area: True
    if place.kind in Place.AREA_KINDS:
        return lambda area: area == place.pk
    return None


def _duties(place: Place, context: Context) -> list[Duty] | None:
    here = _here(place, context)
    return None if here is None else [duty for duty in facts.duties(context) if here(duty.area)]


def _last_day(period: Period, context: Context) -> dt.date:
    return min(period.end, context.today)


def _not_here(unit: str) -> Value:
    text = _("This figure is kept for the city and its areas.")
    return Value.none(ReasonCode.NOT_HERE, text, unit, rule_version=VERSION)


def _nothing(unit: str, text: str) -> Value:
    return Value.none(ReasonCode.NOTHING_TO_COUNT, text, unit, rule_version=VERSION, n=0)


def _refs(keys: Iterable[int]) -> list[Ref]:
    """Return the assignments that speak against the figure (at most 20): what the reader will want to open."""
    shown = sorted(set(keys))[:_MOST_REFS]
    return [Ref("assignment", str(key), f"#{key}", "plan:assignment") for key in shown]


def _share(share: Share, as_of: dt.date, empty: str, notes: Iterable[Note] = ()) -> Value:
    if share.percent is None:
        return _nothing("%", empty)
    return Value.of(
        share.percent, "%", n=share.of, n_expected=share.of, as_of=as_of, freshness=Freshness.FRESH,
        lineage=_refs(share.keys), rule_version=VERSION, notes=notes,
    )  # fmt: skip


def _count(number: int, of: int, as_of: dt.date, keys: Iterable[int]) -> Value:
    return Value.of(
        number, "个", n=of, n_expected=of, as_of=as_of, freshness=Freshness.FRESH, lineage=_refs(keys),
        rule_version=VERSION,
    )  # fmt: skip


def _register(code: str, **declared: Any) -> Callable[[Rule], Rule]:
    """Register one of the ledger's figures: kept for city and areas, from the workflow's steps unless said otherwise."""
    shared: dict[str, Any] = {
        "unit": "%", "level": "area", "evidence": _STEPS, "rule_version": VERSION, "periods": STATES_AND_EVENTS,
    }  # fmt: skip
    return indicator(code, **{**shared, **declared})


@_register(
    "plan_signed_off_on_time",
    title=gettext_lazy("Assignments signed off on time"),
    direction="up",
    definition=gettext_lazy(
        "Of the assignments whose deadline fell into the period: those that the office had signed off by the deadline."
    ),
)
def signed_off_on_time(place: Place, period: Period, context: Context) -> Value:
    return _in_time("signed_off", place, period, context)


@_register(
    "plan_handed_in_on_time",
    title=gettext_lazy("Assignments handed in on time"),
    direction="up",
    definition=gettext_lazy(
        "Of the assignments whose deadline fell into the period: those first handed in for checking by the deadline."
    ),
)
def handed_in_on_time(place: Place, period: Period, context: Context) -> Value:
    return _in_time("submitted", place, period, context)


def _in_time(state: str, place: Place, period: Period, context: Context) -> Value:
    duties = _duties(place, context)
    if duties is None:
        return _not_here("%")
    day = _last_day(period, context)
    grace = facts.limits(context).grace_days
    # A deadline that has not passed yet proves nothing against anybody.
    due = figures.due_in(duties, period.start, min(period.end, context.today - dt.timedelta(days=1)))
    share = figures.reached_in_time(due, state, grace)
    return _share(share, day, _("No deadline has fallen into this period so far."))


@_register(
    "plan_signed_off_share",
    title=gettext_lazy("Assignments signed off"),
    direction="up",
    definition=gettext_lazy("Of all assignments that existed on the period's last day: those that were signed off."),
)
def signed_off_share(place: Place, period: Period, context: Context) -> Value:
    return _on_day(lambda d, day: figures.in_state(d, frozenset({"signed_off"}), day), place, period, context)


@_register(
    "plan_overdue_share",
    title=gettext_lazy("Overdue assignments"),
    direction="down",
    definition=gettext_lazy(
        "Of all assignments that existed on the period's last day: those whose deadline had passed while the work was "
        "still open."
    ),
)
def overdue_share(place: Place, period: Period, context: Context) -> Value:
    grace = facts.limits(context).grace_days
    return _on_day(lambda d, day: figures.overdue(d, day, grace), place, period, context)


def _on_day(count: Callable[[list[Duty], dt.date], Share], place: Place, period: Period, context: Context) -> Value:
    duties = _duties(place, context)
    if duties is None:
        return _not_here("%")
    if period.start > context.today:
        return _nothing("%", _("This period has not begun."))
    day = _last_day(period, context)
    return _share(count(duties, day), day, _("There was no assignment on that day."))


@_register(
    "plan_returned_share",
    title=gettext_lazy("Submissions sent back"),
    direction="down",
    definition=gettext_lazy("Of the submissions of the period: those that were returned by its end."),
)
def returned_share(place: Place, period: Period, context: Context) -> Value:
    duties = _duties(place, context)
    if duties is None:
        return _not_here("%")
    day = _last_day(period, context)
    return _share(figures.returned(duties, period.start, day), day, _("Nothing was handed in during this period."))


@_register(
    "plan_rebounds",
    title=gettext_lazy("Rebounds"),
    unit="个",
    direction="down",
    definition=gettext_lazy("How often a checked or signed-off assignment was found undone during the period."),
)
def rebounds(place: Place, period: Period, context: Context) -> Value:
    duties = _duties(place, context)
    if duties is None:
        return _not_here("个")
    if not duties:
        return _nothing("个", _("There is no assignment here."))
    day = _last_day(period, context)
    keys = figures.moved(duties, "rebounded", period.start, day)
    return _count(len(keys), len(duties), day, keys)


@_register(
    "plan_measures_met",
    title=gettext_lazy("Measures whose deadline was met"),
    unit="个",
    direction="up",
    definition=gettext_lazy(
        "Measures with a deadline in the period, all of whose assignments were handed in by the deadline and have not "
        "been sent back since. n is the number of measures with a deadline in the period."
    ),
)
def measures_met(place: Place, period: Period, context: Context) -> Value:
    duties = _duties(place, context)
    if duties is None:
        return _not_here("个")
    day = _last_day(period, context)
    due = figures.due_in(duties, period.start, min(period.end, context.today - dt.timedelta(days=1)))
    share = figures.measures_met(due, day, facts.limits(context).grace_days)
    if not share.of:
        return _nothing("个", _("No deadline has fallen into this period so far."))
    return _count(share.counted, share.of, day, share.keys)


@_register(
    "plan_days_to_verification",
    title=gettext_lazy("Days from submission to verification"),
    unit="d",
    direction="down",
    definition=gettext_lazy(
        "Mean over the verifications of the period of the days since the submission that they answer."
    ),
)
def days_to_verification(place: Place, period: Period, context: Context) -> Value:
    duties = _duties(place, context)
    if duties is None:
        return _not_here("d")
    day = _last_day(period, context)
    waited = figures.days_to_verification(duties, period.start, day)
    if not waited:
        return _nothing("d", _("Nothing was verified during this period."))
    mean = Decimal(sum(waited)) / len(waited)
    return Value.of(mean, "d", n=len(waited), as_of=day, freshness=Freshness.FRESH, rule_version=VERSION)


@_register(
    "plan_reporting_rate",
    title=gettext_lazy("Reported in the last dispatch round"),
    direction="up",
    evidence=gettext_lazy("dispatch rounds and progress reports"),
    definition=gettext_lazy(
        "Of the assignments that the newest dispatch round of the period asked for: those reported by the day due."
    ),
)
def reporting_rate(place: Place, period: Period, context: Context) -> Value:
    here = _here(place, context)
    if here is None:
        return _not_here("%")
    found = facts.last_round(context, period.start, _last_day(period, context))
    if found is None:
        return _nothing("%", _("There was no dispatch round in this period."))
    round_, asked = found
    mine = [one for one in asked if here(one.area)]
    late = tuple(one.assignment for one in mine if not one.in_time)
    as_of = min(round_.due_on, context.today)
    notes = [Note("round", round_.title)]
    if context.today <= round_.due_on:
        notes.append(Note("running", _("The round is still running.")))
    return _share(Share(len(mine) - len(late), len(mine), late), as_of, _("The round asked for nothing here."), notes)


@_register(
    "plan_fresh_share",
    title=gettext_lazy("Open assignments with fresh progress"),
    direction="up",
    evidence=gettext_lazy("assignments and progress reports"),
    definition=gettext_lazy(
        "Of the assignments still open on the period's last day: those whose newest report was no older than the "
        "measure's rhythm allows."
    ),
)
def fresh_share(place: Place, period: Period, context: Context) -> Value:
    duties = _duties(place, context)
    if duties is None:
        return _not_here("%")
    day = _last_day(period, context)
    newest, rhythm, limits = facts.last_reports(context, day), facts.rhythms(context), facts.limits(context)
    open_ = [duty for duty in duties if duty.state_on(day) in figures.OPEN]
    old = tuple(
        duty.key for duty in open_ if facts.is_old(newest.get(duty.key), rhythm.get(duty.measure, []), day, limits)
    )
    return _share(Share(len(open_) - len(old), len(open_), old), day, _("No work was open on that day."))


@_register(
    "plan_county_plans_on_time",
    title=gettext_lazy("Counties that handed in their plan on time"),
    direction="up",
    evidence=gettext_lazy("imported county implementation plans"),
    periods=("to-date", "year"),
    definition=gettext_lazy(
        "Of the areas that the city plan gives duties to: those whose implementation plan was imported within the days "
        "that the thresholds allow after the city plan was issued (county_plan.due_days)."
    ),
)
def county_plans_on_time(place: Place, period: Period, context: Context) -> Value:
    here = _here(place, context)
    if here is None:
        return _not_here("%")
    due = facts.county_plans_due(context)
    owing = [area for area in facts.owed_measures(context) if here(area)]
    if due is None or not owing:
        return _nothing("%", _("No adopted city plan asks for a county plan here."))
    day = _last_day(period, context)
    have = facts.county_plans(context)
    in_time = [area for area in owing if area in have and have[area].handed_in <= min(due, day)]
    notes = [Note("due", _("due on %(day)s") % {"day": due})]
    if not in_time and day <= due:
        return _nothing("%", _("Nothing is due before %(day)s.") % {"day": due})
    return _share(Share(len(in_time), len(owing)), day, "", notes)


@_register(
    "plan_county_plan_coverage",
    title=gettext_lazy("Measures covered by the county plans"),
    direction="up",
    evidence=gettext_lazy("confirmed traces from county plans to the city plan"),
    periods=("to-date",),
    definition=gettext_lazy(
        "Of the measures that the city plan gives an area: those that a measure of its adopted implementation plan "
        "carries out, confirmed by a person. An area without an adopted plan covers nothing."
    ),
)
def county_plan_coverage(place: Place, period: Period, context: Context) -> Value:
    here = _here(place, context)
    if here is None:
        return _not_here("%")
    owed, covered = facts.owed_measures(context), facts.covered_measures(context)
    pairs = [(area, measure) for area, measures in owed.items() if here(area) for measure in measures]
    done = sum(measure in covered.get(area, ()) for area, measure in pairs)
    return _share(Share(done, len(pairs)), _last_day(period, context), _("The city plan gives no measure here."))


@_register(
    "plan_disagreements",
    title=gettext_lazy("Reported values that differ from the computed ones"),
    unit="个",
    direction="down",
    evidence=gettext_lazy("progress reports beside indicator values"),
    periods=("to-date",),
    definition=gettext_lazy(
        "Newest reported values of numeric targets that differ from the computed value by more than the tolerated share "
        "(report.disagreement_share). n is the number of pairs that could be compared."
    ),
)
def disagreements(place: Place, period: Period, context: Context) -> Value:
    from lantian.plan.computed import DISAGREE, comparisons

    here = _here(place, context)
    if here is None:
        return _not_here("个")
    cells = [pair.cell for pair in comparisons(context) if pair.cell.counted and here(pair.cell.area_id)]
    if not cells:
        return _nothing("个", _("There is no pair of a reported and a computed value yet."))
    wrong = [cell.assignment_id for cell in cells if cell.agreement == DISAGREE]
    return _count(len(wrong), len(cells), _last_day(period, context), wrong)


def _target_lines(context: Context) -> list[TargetLine]:
    from lantian.plan.target_lines import target_lines

    return target_lines(context)


targets.add(_target_lines)
