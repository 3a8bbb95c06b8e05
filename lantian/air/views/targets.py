"""The targets of the air: all of a year, the most endangered first; and one of them with its months and past years."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.air import target_texts as texts
from lantian.air.goals import Board, Goal, board
from lantian.air.tabs import tabs
from lantian.air.target_charts import charts_of
from lantian.city.access import needs
from lantian.indicators.context import Context
from lantian.kit.charts import download
from lantian.kit.choices import badge_html
from lantian.kit.columns import BadgeColumn
from lantian.kit.numbers import whole
from lantian.kit.rows import ComputedListPage, RowFilter

_NUMBER = {"td": {"class": "lt-number"}}
_WHOLE = {"td": {"class": "text-nowrap"}}


class TargetTable(tables.Table):
    place = tables.Column(gettext_lazy("Place"), attrs=_WHOLE)
    statistic = tables.Column(
        gettext_lazy("Target"), accessor="id", linkify=lambda record: reverse("air:target", args=[record.id])
    )
    aim = tables.Column(gettext_lazy("Required value"), accessor="id", attrs=_WHOLE)
    to_date = tables.Column(
        gettext_lazy("To date"), accessor="standing__state__to_date__shown", attrs=_NUMBER, default="–"
    )
    distance = tables.Column(gettext_lazy("Distance"), accessor="standing__state__distance", default="–", attrs=_WHOLE)
    rest = tables.Column(gettext_lazy("What the rest of the year may have"), accessor="id", orderable=False)
    likelihood = tables.Column(
        gettext_lazy("Likelihood"), accessor="standing__likelihood__percent", default="–", empty_values=(), attrs=_WHOLE
    )
    status = BadgeColumn("air_target", verbose_name=gettext_lazy("State"), accessor="standing__state__status")
    n = tables.Column(gettext_lazy("Valid days"), accessor="standing__state__to_date__n", attrs=_NUMBER)
    nature = tables.Column(gettext_lazy("Nature"), accessor="target__nature")
    origin = BadgeColumn("air_target_origin", verbose_name=gettext_lazy("Set by"), accessor="target__origin")
    source = tables.Column(gettext_lazy("Source"), accessor="target__source")

    def render_statistic(self, record: Goal) -> SafeString:
        name = texts.name_of(record.standing)
        if record.target.demonstration:
            return format_html("{} {}", name, badge_html("air_target_origin", "demo"))
        return format_html("{}", name)

    def value_statistic(self, record: Goal) -> str:
        return texts.name_of(record.standing)

    def render_aim(self, record: Goal) -> str:
        return texts.aim(record.standing)

    def render_to_date(self, record: Goal) -> SafeString:
        one = record.standing
        beside = ""
        if one.raw.to_date.shown != one.deducted.to_date.shown:
            label = (
                _("with dust hours: %(value)s") if one.judged_by == "deducted" else _("without dust hours: %(value)s")
            )
            other = one.raw if one.judged_by == "deducted" else one.deducted
            beside = label % {"value": texts.number(one, other.to_date.shown)}
        small = format_html('<span class="d-block small text-secondary">{}</span>', beside) if beside else ""
        return format_html("<strong>{}</strong>{}", texts.number(one, one.state.to_date.shown), small)

    def value_to_date(self, record: Goal) -> Any:
        return record.standing.state.to_date.shown

    def render_distance(self, record: Goal) -> str:
        return texts.distance(record.standing)

    def value_distance(self, value: Any) -> Any:
        return value

    def render_rest(self, record: Goal) -> str:
        return texts.rest(record.standing) or "–"

    def render_likelihood(self, record: Goal) -> SafeString:
        return format_html(
            '<span title="{}">{}</span>', texts.likelihood(record.standing), texts.likelihood_short(record.standing)
        )

    def value_likelihood(self, record: Goal) -> str:
        return texts.likelihood_short(record.standing)

    def render_n(self, record: Goal) -> str:
        to_date = record.standing.state.to_date
        return f"{to_date.n}/{to_date.expected}" if to_date.expected else "–"

    def render_nature(self, value: str) -> str:
        return _("binding") if value == "binding" else _("striven for")


class TargetFilter(forms.Form):
    year = forms.ChoiceField(label=gettext_lazy("Year"), required=False)
    place = forms.ChoiceField(label=gettext_lazy("Place"), required=False)
    statistic = forms.ChoiceField(label=gettext_lazy("Target"), required=False)
    status = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, data: Any, found: Board) -> None:
        super().__init__(data)
        places = dict.fromkeys(
            (one.place.code, str(one.place)) for one in sorted(found.goals, key=lambda g: g.place.position)
        )
        kinds = dict.fromkeys((one.target.statistic.code, texts.name_of(one.standing)) for one in found.goals)
        states = [(name, choice.label) for name, choice in texts.STATUS.items() if name != "not_here"]
        every = [("", _("all"))]
        self.fields["year"].choices = [(year, year) for year in found.years] or every  # type: ignore[attr-defined]
        self.fields["place"].choices = [*every, *places]  # type: ignore[attr-defined]
        self.fields["statistic"].choices = [*every, *kinds]  # type: ignore[attr-defined]
        self.fields["status"].choices = [*every, *states]  # type: ignore[attr-defined]
        self.initial["year"] = found.year


@method_decorator(needs("air.view"), "dispatch")
class Targets(ComputedListPage):
    """Every target of the air of a year, the most endangered first."""

    table_class = TargetTable
    template_name = "air/targets.html"
    title = gettext_lazy("Targets of the air")
    file_name = "air-targets"
    default_columns = ("place", "statistic", "aim", "to_date", "distance", "rest", "likelihood", "status")

    def rows(self) -> list[Goal]:
        self.board = board(Context(), whole(self.request.GET.get("year")))
        return list(self.board.goals)

    def choose(self, rows: list[Goal]) -> Any:
        tests = {
            "place": lambda row, asked: row.place.code == asked,
            "statistic": lambda row, asked: row.target.statistic.code == asked,
            "status": lambda row, asked: row.standing.state.status in _states(asked),
        }
        return RowFilter(TargetFilter(self.request.GET, self.board), rows, tests)

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        goals = self.board.goals
        counts = [
            (name, sum(one.standing.state.status in _states(name) for one in goals))
            for name in texts.STATUS
            if name != "not_here"
        ]
        as_of = max((one.standing.as_of for one in goals if one.standing.state.to_date.n), default=None)
        return {
            **kwargs,
            "tabs": tabs(self.request),
            "counts": [(name, n) for name, n in counts if n],
            "year": self.board.year,
            "as_of": as_of,
            "synthetic": any(one.standing.synthetic for one in goals),
            "demonstration": any(one.target.demonstration for one in goals),
        }


def _states(name: str) -> set[str]:
    return {"no_data", "not_here"} if name == "no_data" else {name}


@needs("air.view")
def target(request: HttpRequest, key: str) -> HttpResponse:
    """One target: to date, what is left, how likely, month by month, past years, its parts."""
    context = Context()
    year = next((int(part) for part in key.split("-") if part.isdigit() and len(part) == 4), None)
    found, goal = _find(key, context, year)
    months = found.months(goal)
    charts = charts_of(goal, months)
    if answer := download(request, charts):
        return answer
    one = goal.standing
    return render(
        request,
        "air/target.html",
        {
            "title": f"{goal.place} · {texts.name_of(one)}",
            "tabs": tabs(request),
            "goal": goal,
            "one": one,
            "aim": texts.aim(one),
            "raw": texts.number(one, one.raw.to_date.shown),
            "deducted": texts.number(one, one.deducted.to_date.shown),
            "distance": texts.distance(one),
            "rest": texts.rest(one),
            "likelihood": texts.likelihood(one),
            "percent": texts.likelihood_short(one),
            "unit": texts.unit_of(one),
            "years": [(each, _final(goal, each.final)) for each in one.likelihood.years],
            "span": _span(goal),
            "charts": charts,
            "parts": [_part(each) for each in found.parts_of(goal)],
            "whole": next((each for each in found.goals if each.id == goal.target.parent), None),
        },
    )


def _part(goal: Goal) -> tuple[Goal, str, str]:
    one = goal.standing
    return goal, texts.aim(one), texts.number(one, one.state.to_date.shown)


def _find(key: str, context: Context, year: int | None) -> tuple[Board, Goal]:
    """Look in the year that the address seems to name, then in all."""
    first = board(context, year)
    for asked in dict.fromkeys((first.year, *first.years)):
        found = first if asked == first.year else board(context, asked)
        for goal in found.goals:
            if goal.id == key:
                return found, goal
    raise Http404(key)


def _final(goal: Goal, value: float | None) -> str:
    return "–" if value is None else f"{value:.{2 if goal.target.statistic.kind == 'composite' else 1}f}"


def _span(goal: Goal) -> dict[str, str] | None:
    odds = goal.standing.likelihood
    if odds.middle is None:
        return None
    return {"low": _final(goal, odds.low), "middle": _final(goal, odds.middle), "high": _final(goal, odds.high)}
