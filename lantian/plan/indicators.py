"""What the plan room registers: figures about the ledger itself, and the targets of the adopted plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city.models import Place
from lantian.indicators.context import Context
from lantian.indicators.period import Period
from lantian.indicators.registry import TargetLine, indicator, targets
from lantian.indicators.value import Freshness, Note, ReasonCode, Ref, Value
from lantian.plan import ledger_facts as facts
from lantian.plan.county_tracing import Handed, together
from lantian.plan.rules import figures
from lantian.plan.rules.figures import Duty, Share

VERSION = "2020.1"
STATES_AND_EVENTS = ("month", "quarter", "year", "to-date")
_STEPS = gettext_lazy("assignments and the steps of their workflow")
_MOST_REFS = 20
Figure = Callable[["Asked"], Value]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a figure is asked for. `area` None: the city, where all areas count. `unit`: the figure's own."""

    area: int | None
    period: Period
    context: Context
    unit: str

    def here(self, area: int | None) -> bool:
        """Tell whether what lies in an area counts."""
        return self.area is None or area == self.area

    @property
    def duties(self) -> list[Duty]:
        return [duty for duty in facts.duties(self.context) if self.here(duty.area)]

    @property
    def day(self) -> dt.date:
        """The last day that can be spoken of."""
        return min(self.period.end, self.context.today)

    @property
    def due(self) -> list[Duty]:
        """The assignments whose deadline passed in the period: one of today proves nothing against anybody yet."""
        last = min(self.period.end, self.context.today - dt.timedelta(days=1))
        return figures.due_in(self.duties, self.period.start, last)

    @property
    def grace(self) -> int:
        return facts.limits(self.context).grace_days

    def nothing(self, text: str) -> Value:
        return Value.none(ReasonCode.NOTHING_TO_COUNT, text, self.unit, rule_version=VERSION, n=0)

    def share(self, share: Share, empty: str, *, as_of: dt.date | None = None, notes: Iterable[Note] = ()) -> Value:
        """Answer with a share in per cent, or with `empty` where there is nothing to count."""
        if share.percent is None:
            return self.nothing(empty)
        return self._value(share.percent, share.of, share.keys, as_of, notes)

    def count(self, number: int, of: int, keys: Iterable[int]) -> Value:
        """Answer with a number of things, of which `of` were looked at."""
        return self._value(number, of, keys)

    def _value(
        self,
        number: Decimal | int,
        of: int,
        keys: Iterable[int],
        as_of: dt.date | None = None,
        notes: Iterable[Note] = (),
    ) -> Value:
        return Value.of(
            number, self.unit, n=of, n_expected=of, as_of=as_of or self.day, freshness=Freshness.FRESH,
            lineage=_refs(keys), rule_version=VERSION, notes=notes,
        )  # fmt: skip


def _refs(keys: Iterable[int]) -> list[Ref]:
    """Return the assignments that speak against the figure (at most 20): what the reader will want to open."""
    shown = sorted(set(keys))[:_MOST_REFS]
    return [Ref("assignment", str(key), f"#{key}", "plan:assignment") for key in shown]


def _register(code: str, **declared: Any) -> Callable[[Figure], Figure]:
    """Register one of the ledger's figures: kept for city and areas, from the workflow's steps unless said otherwise."""
    shared: dict[str, Any] = {
        "unit": "%", "level": "area", "evidence": _STEPS, "rule_version": VERSION, "periods": STATES_AND_EVENTS,
    }  # fmt: skip
    declared = {**shared, **declared}

    def register(figure: Figure) -> Figure:
        def rule(place: Place, period: Period, context: Context) -> Value:
            if place.kind != Place.Kind.CITY and place.kind not in Place.AREA_KINDS:
                text = _("This figure is kept for the city and its areas.")
                return Value.none(ReasonCode.NOT_HERE, text, declared["unit"], rule_version=VERSION)
            area = None if place.kind == Place.Kind.CITY else place.pk
            return figure(Asked(area, period, context, declared["unit"]))

        indicator(code, **declared)(rule)
        return figure

    return register


@_register(
    "plan_signed_off_on_time",
    title=gettext_lazy("Assignments signed off on time"),
    direction="up",
    definition=gettext_lazy(
        "Of the assignments whose deadline fell into the period: those that the office had signed off by the deadline."
    ),
)
def signed_off_on_time(asked: Asked) -> Value:
    return _in_time("signed_off", asked)


@_register(
    "plan_handed_in_on_time",
    title=gettext_lazy("Assignments handed in on time"),
    direction="up",
    definition=gettext_lazy(
        "Of the assignments whose deadline fell into the period: those first handed in for checking by the deadline."
    ),
)
def handed_in_on_time(asked: Asked) -> Value:
    return _in_time("submitted", asked)


def _in_time(state: str, asked: Asked) -> Value:
    share = figures.reached_in_time(asked.due, state, asked.grace)
    return asked.share(share, _("No deadline has fallen into this period so far."))


@_register(
    "plan_signed_off_share",
    title=gettext_lazy("Assignments signed off"),
    direction="up",
    definition=gettext_lazy("Of all assignments that existed on the period's last day: those that were signed off."),
)
def signed_off_share(asked: Asked) -> Value:
    return _on_day(lambda duties: figures.in_state(duties, frozenset({"signed_off"}), asked.day), asked)


@_register(
    "plan_overdue_share",
    title=gettext_lazy("Overdue assignments"),
    direction="down",
    definition=gettext_lazy(
        "Of all assignments that existed on the period's last day: those whose deadline had passed while the work was "
        "still open."
    ),
)
def overdue_share(asked: Asked) -> Value:
    return _on_day(lambda duties: figures.overdue(duties, asked.day, asked.grace), asked)


def _on_day(count: Callable[[list[Duty]], Share], asked: Asked) -> Value:
    if asked.period.start > asked.context.today:
        return asked.nothing(_("This period has not begun."))
    return asked.share(count(asked.duties), _("There was no assignment on that day."))


@_register(
    "plan_returned_share",
    title=gettext_lazy("Submissions sent back"),
    direction="down",
    definition=gettext_lazy("Of the submissions of the period: those that were returned by its end."),
)
def returned_share(asked: Asked) -> Value:
    share = figures.returned(asked.duties, asked.period.start, asked.day)
    return asked.share(share, _("Nothing was handed in during this period."))


@_register(
    "plan_rebounds",
    title=gettext_lazy("Rebounds"),
    unit="个",
    direction="down",
    definition=gettext_lazy("How often a checked or signed-off assignment was found undone during the period."),
)
def rebounds(asked: Asked) -> Value:
    duties = asked.duties
    if not duties:
        return asked.nothing(_("There is no assignment here."))
    keys = figures.moved(duties, "rebounded", asked.period.start, asked.day)
    return asked.count(len(keys), len(duties), keys)


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
def measures_met(asked: Asked) -> Value:
    share = figures.measures_met(asked.due, asked.day, asked.grace)
    if not share.of:
        return asked.nothing(_("No deadline has fallen into this period so far."))
    return asked.count(share.counted, share.of, share.keys)


@_register(
    "plan_days_to_verification",
    title=gettext_lazy("Days from submission to verification"),
    unit="d",
    direction="down",
    definition=gettext_lazy(
        "Mean over the verifications of the period of the days since the submission that they answer."
    ),
)
def days_to_verification(asked: Asked) -> Value:
    waited = figures.days_to_verification(asked.duties, asked.period.start, asked.day)
    if not waited:
        return asked.nothing(_("Nothing was verified during this period."))
    mean = Decimal(sum(waited)) / len(waited)
    return Value.of(mean, asked.unit, n=len(waited), as_of=asked.day, freshness=Freshness.FRESH, rule_version=VERSION)


@_register(
    "plan_reporting_rate",
    title=gettext_lazy("Reported in the last dispatch round"),
    direction="up",
    evidence=gettext_lazy("dispatch rounds and progress reports"),
    definition=gettext_lazy(
        "Of the assignments that the newest dispatch round of the period asked for: those reported by the day due."
    ),
)
def reporting_rate(asked: Asked) -> Value:
    found = facts.last_round(asked.context, asked.period.start, asked.day)
    if found is None:
        return asked.nothing(_("There was no dispatch round in this period."))
    round_, entries = found
    mine = [one for one in entries if asked.here(one.area)]
    late = tuple(one.assignment for one in mine if not one.in_time)
    notes = [Note("round", round_.title)]
    if asked.context.today <= round_.due_on:
        notes.append(Note("running", _("The round is still running.")))
    share = Share(len(mine) - len(late), len(mine), late)
    as_of = min(round_.due_on, asked.context.today)
    return asked.share(share, _("The round asked for nothing here."), as_of=as_of, notes=notes)


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
def fresh_share(asked: Asked) -> Value:
    context, day = asked.context, asked.day
    newest, rhythm, limits = facts.last_reports(context, day), facts.rhythms(context), facts.limits(context)
    open_ = [duty for duty in asked.duties if duty.state_on(day) in figures.OPEN]
    old = tuple(
        duty.key for duty in open_ if facts.is_old(newest.get(duty.key), rhythm.get(duty.measure, []), day, limits)
    )
    return asked.share(Share(len(open_) - len(old), len(open_), old), _("No work was open on that day."))


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
def county_plans_on_time(asked: Asked) -> Value:
    owing = _county_plans(asked)
    due = max((row.due for row in owing if row.due), default=None)
    if due is None:
        return asked.nothing(_("No adopted city plan asks for a county plan here."))
    in_time = [row for row in owing if row.timely == "in_time" and row.handed_in and row.handed_in <= asked.day]
    if not in_time and asked.day <= due:
        return asked.nothing(_("Nothing is due before %(day)s.") % {"day": due})
    return asked.share(Share(len(in_time), len(owing)), "", notes=[Note("due", _("due on %(day)s") % {"day": due})])


def _county_plans(asked: Asked) -> list[Handed]:
    return [row for row in facts.county_plans(asked.context) if asked.here(row.place.pk)]


@_register(
    "plan_county_plan_coverage",
    title=gettext_lazy("Measures covered by the county plans"),
    direction="up",
    evidence=gettext_lazy("confirmed traces from county plans to the city plan"),
    periods=("to-date",),
    definition=gettext_lazy(
        "Of the measures that an area has an assignment of: those that a measure of its adopted implementation plan "
        "carries out, confirmed by a person. An area without an adopted plan covers nothing."
    ),
)
def county_plan_coverage(asked: Asked) -> Value:
    return asked.share(together(_county_plans(asked)), _("The city plan gives no measure here."))


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
def disagreements(asked: Asked) -> Value:
    from lantian.plan.computed import DISAGREE, comparisons

    cells = [pair.cell for pair in comparisons(asked.context) if pair.cell.counted and asked.here(pair.cell.area_id)]
    if not cells:
        return asked.nothing(_("There is no pair of a reported and a computed value yet."))
    wrong = [cell.assignment_id for cell in cells if cell.agreement == DISAGREE]
    return asked.count(len(wrong), len(cells), wrong)


def _target_lines(context: Context) -> list[TargetLine]:
    from lantian.plan.target_lines import target_lines

    return target_lines(context)


targets.add(_target_lines)
