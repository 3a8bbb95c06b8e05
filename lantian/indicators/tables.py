"""The lists of this room: indicators, and the coverage of the plan's targets. Their rows are computed, not stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lantian.indicators.coverage import CoverageRow, status_text
from lantian.indicators.registry import Indicator
from lantian.indicators.series import room_name
from lantian.indicators.shown import value_html
from lantian.indicators.value import Value
from lantian.indicators.words import percent
from lantian.kit.choices import family
from lantian.kit.columns import BadgeColumn
from lantian.kit.rows import RowFilter


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator with its present value for the city; `targets` are watched by it, `gaps` of them are not met."""

    one: Indicator
    value: Value
    targets: int = 0

    @property
    def number(self) -> Any:
        return self.value.number


_NUMBER = {"td": {"class": "lt-number"}}
_WHOLE = {"td": {"class": "text-nowrap"}}


class IndicatorTable(tables.Table):
    code = tables.Column(_("Code"), accessor="one__code", linkify=lambda record: _page(record.one.code))
    title = tables.Column(_("Indicator"), accessor="one__title", linkify=lambda record: _page(record.one.code))
    value = tables.Column(_("City now"), empty_values=(), order_by="number")
    unit = tables.Column(_("Unit"), accessor="one__unit")
    n = tables.Column(_("n"), accessor="value__n", attrs=_NUMBER)
    capture = tables.Column(_("Capture"), accessor="value__capture", attrs=_NUMBER)
    freshness = BadgeColumn("value_freshness", verbose_name=_("Freshness"), accessor="value__freshness")
    as_of = tables.DateColumn(format="Y-m-d", verbose_name=_("As of"), accessor="value__as_of", attrs=_WHOLE)
    targets = tables.Column(_("Targets"), attrs=_NUMBER)
    direction = BadgeColumn("indicator_direction", verbose_name=_("Direction"), accessor="one__direction")
    supplied_by = tables.Column(_("Supplied by"), accessor="one__supplied_by")
    rule_version = tables.Column(_("Rule"), accessor="one__rule_version")
    level = tables.Column(_("Level"), accessor="one__level")
    frequency = tables.Column(_("Rhythm"), accessor="one__frequency")

    def render_value(self, record: IndicatorRow) -> str:
        return value_html(record.value, record.one.decimals, "least")

    def value_value(self, record: IndicatorRow) -> Any:
        return record.number if record.number is not None else str(record.value.reason)

    def render_capture(self, value: Any) -> str:
        return percent(value)

    def value_capture(self, value: Any) -> Any:
        return value

    def render_supplied_by(self, value: str) -> str:
        return room_name(value)

    def render_level(self, value: str) -> str:
        return str(LEVELS.get(value, value))

    def render_frequency(self, value: str) -> str:
        return str(FREQUENCIES.get(value, value))


def _page(code: str) -> str:
    return reverse("indicators:detail", args=[code])


LEVELS = {"city": _("city"), "area": _("area"), "enterprise": _("enterprise")}
FREQUENCIES = {
    "day": _("daily"),
    "week": _("weekly"),
    "month": _("monthly"),
    "quarter": _("quarterly"),
    "season": _("by season"),
    "year": _("yearly"),
    "once": _("as it changes"),
}


class CoverageTable(tables.Table):
    task = tables.Column(_("Task"), accessor="line__task", order_by="order")
    measure = tables.Column(
        _("Measure"),
        accessor="line__measure",
        linkify=lambda record: record.line.url or None,
        order_by="order",
        attrs=_WHOLE,
    )
    sentence = tables.Column(_("Sentence"), accessor="line__sentence")
    wanted = tables.Column(_("In the text"), accessor="line__wanted")
    aim = tables.Column(_("Target"), empty_values=(), orderable=False, attrs=_WHOLE)
    indicator = tables.Column(_("Indicator"), accessor="line__indicator", empty_values=())
    status = tables.Column(_("Now"), empty_values=(), orderable=False)
    verdict = BadgeColumn("verdict", verbose_name=_("Verdict"))
    areas = tables.Column(_("Areas that meet it"), empty_values=(), order_by="met", attrs=_NUMBER)
    supplied_by = tables.Column(_("Supplied by"))
    note = tables.Column(_("Note"), accessor="line__note")

    def render_sentence(self, value: str) -> str:
        text = " ".join(value.split())
        return text[:70] + ("…" if len(text) > 70 else "")

    def value_sentence(self, value: str) -> str:
        return " ".join(value.split())

    def render_indicator(self, record: CoverageRow) -> Any:
        if record.is_gap:
            return format_html('<span class="badge lt-red">{}</span>', _("no indicator"))
        if record.indicator is None:
            return record.line.indicator or "–"
        return format_html('<a href="{}">{}</a>', _page(record.indicator.code), record.indicator.title)

    def value_indicator(self, record: CoverageRow) -> str:
        return record.line.indicator

    def render_status(self, record: CoverageRow) -> str:
        if record.value is None or record.indicator is None:
            return status_text(record)
        return value_html(record.value, record.indicator.decimals, True)

    def value_status(self, record: CoverageRow) -> str:
        return status_text(record)

    def render_areas(self, record: CoverageRow) -> str:
        if not record.judged:
            return "–"
        if record.judged == record.owing:
            return f"{record.met}/{record.owing}"
        return gettext("%(met)s/%(judged)s (of %(owing)s)") % {
            "met": record.met,
            "judged": record.judged,
            "owing": record.owing,
        }


class IndicatorFilter(forms.Form):
    q = forms.CharField(label=_("Words"), required=False, max_length=80)
    state = forms.ChoiceField(label=_("Value"), required=False)
    supplied_by = forms.ChoiceField(label=_("Supplied by"), required=False)
    targets = forms.ChoiceField(label=_("Targets"), required=False)

    def __init__(self, data: Any, rows: Sequence[IndicatorRow]) -> None:
        super().__init__(data)
        rooms = dict.fromkeys(row.one.supplied_by for row in rows)
        self.fields["supplied_by"].choices = [("", _("all")), *((room, room_name(room)) for room in rooms)]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("all")), ("number", _("has a value")), ("none", _("no data"))]  # type: ignore[attr-defined]
        self.fields["targets"].choices = [("", "–"), ("yes", _("watches a target")), ("no", _("watches none"))]  # type: ignore[attr-defined]


def indicator_filter(request: HttpRequest, rows: Sequence[IndicatorRow]) -> RowFilter:
    """Return the filter of the list of indicators."""
    return RowFilter(
        IndicatorFilter(request.GET, rows),
        rows,
        {
            "q": lambda row, asked: asked.lower() in f"{row.one.code} {row.one.title}".lower(),
            "state": lambda row, asked: row.value.has_number == (asked == "number"),
            "supplied_by": lambda row, asked: row.one.supplied_by == asked,
            "targets": lambda row, asked: bool(row.targets) == (asked == "yes"),
        },
    )


class CoverageFilter(forms.Form):
    q = forms.CharField(label=_("Words"), required=False, max_length=80)
    verdict = forms.ChoiceField(label=_("Verdict"), required=False)
    state = forms.ChoiceField(label=_("Value"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        verdicts = [(value, choice.label) for value, choice in family("verdict").items()]
        self.fields["verdict"].choices = [("", "–"), *verdicts]  # type: ignore[attr-defined]
        states = [("number", _("has a value")), ("none", _("no data")), ("gap", _("no indicator"))]
        self.fields["state"].choices = [("", "–"), *states]  # type: ignore[attr-defined]


def coverage_filter(request: HttpRequest, rows: Sequence[CoverageRow]) -> RowFilter:
    """Return the filter of the coverage."""

    def state(row: CoverageRow, asked: str) -> bool:
        if asked == "gap":
            return row.is_gap
        return bool(row.value and row.value.has_number) == (asked == "number")

    return RowFilter(
        CoverageFilter(request.GET),
        rows,
        {
            "q": lambda row, asked: (
                asked.lower() in f"{row.line.sentence} {row.line.measure} {row.line.indicator}".lower()
            ),
            "verdict": lambda row, asked: row.verdict == asked,
            "state": state,
        },
    )
