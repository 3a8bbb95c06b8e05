"""Permits: coverage by area and by industry as of a day, and every enterprise with where it stands."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import django_tables2 as tables
from django import forms
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lantian.city import clock
from lantian.city.access import needs, scope_of
from lantian.city.models import Place
from lantian.kit.choices import family
from lantian.kit.columns import BadgeColumn
from lantian.kit.rows import ComputedListPage, RowFilter
from lantian.sources.kinds import industries
from lantian.sources.models import PermitNeed
from lantian.sources.queries import visible_to
from lantian.sources.rules.classes import permit_state
from lantian.sources.snapshot import Firm, PermitRow, snapshot
from lantian.sources.tabs import tabs

NOWRAP = {"td": {"class": "text-nowrap"}}
STATES = ("covered", "lower", "expired", "missing")


@dataclass(frozen=True)
class PermitLine:
    """An enterprise with its permits on a day. `state`: covered, lower, expired, missing or not_needed."""

    firm: Firm
    area: str
    industry: str
    state: str
    permits: tuple[PermitRow, ...]

    @property
    def until(self) -> dt.date | None:
        return max((one.expires_on for one in self.permits if one.expires_on), default=None)


@dataclass
class Coverage:
    """How many enterprises of a group need a permit, and how they stand. `share` is % of those that need one."""

    label: str
    code: str
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    open: int = 0

    @property
    def needing(self) -> int:
        return sum(self.counts[state] for state in STATES)

    @property
    def share(self) -> float | None:
        return 100 * self.counts["covered"] / self.needing if self.needing else None

    @property
    def shown(self) -> list[int]:
        return [self.counts[state] for state in STATES]


def coverage(lines: Iterable[PermitLine], by: Callable[[PermitLine], tuple[str, str]]) -> list[Coverage]:
    """Count lines in groups of `by` (label, code), in the order in which groups first appear."""
    groups: dict[str, Coverage] = {}
    for line in lines:
        label, code = by(line)
        group = groups.setdefault(code, Coverage(label, code))
        group.counts[line.state] += 1
        group.open += not line.firm.permit_need
    return list(groups.values())


class PermitTable(tables.Table):
    firm = tables.Column(pgettext_lazy("register", "enterprise"), accessor="firm__name", order_by=("firm__code",))
    area = tables.Column(gettext_lazy("Area"))
    industry = tables.Column(gettext_lazy("industry"))
    need = tables.Column(gettext_lazy("permit needed"), accessor="firm__permit_need", empty_values=())
    state = BadgeColumn("permit_standing", verbose_name=gettext_lazy("state"))
    permits = tables.Column(gettext_lazy("Permits"), orderable=False, empty_values=())
    until = tables.DateColumn(verbose_name=gettext_lazy("Permit until"), format="Y-m-d", attrs=NOWRAP)

    def render_firm(self, record: PermitLine) -> Any:
        mark = format_html(' <span class="badge lt-purple">{}</span>', _("invented")) if record.firm.synthetic else ""
        link = reverse("sources:enterprise", args=[record.firm.code])
        return format_html('<a href="{}">{}</a>{}', link, record.firm.shown, mark)

    def value_firm(self, record: PermitLine) -> str:
        return record.firm.shown

    def render_need(self, record: PermitLine) -> str:
        return str(PermitNeed(record.firm.permit_need).label)

    def render_permits(self, record: PermitLine) -> str:
        return "；".join(one.number for one in record.permits) or "–"


class PermitForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("Words"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Area"), required=False)
    industry = forms.ChoiceField(label=gettext_lazy("industry"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("state"), required=False)
    day = forms.DateField(label=gettext_lazy("As of"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any, areas: list[Place]) -> None:
        super().__init__(data)
        any_: list[tuple[str, Any]] = [("", "---------")]
        self.fields["area"].choices = any_ + [(one.code, str(one)) for one in areas]  # type: ignore[attr-defined]
        self.fields["industry"].choices = any_ + list(industries())  # type: ignore[attr-defined]
        standing = [(value, choice.label) for value, choice in family("permit_standing").items()]
        self.fields["state"].choices = any_ + standing  # type: ignore[attr-defined]


@method_decorator(needs("source.view"), name="dispatch")
class PermitsPage(ComputedListPage):
    table_class = PermitTable
    template_name = "sources/permits.html"
    title = pgettext_lazy("sources", "Permits")
    file_name = "permits"
    default_columns = ("firm", "area", "industry", "need", "state", "permits", "until")
    day: dt.date

    def rows(self) -> list[PermitLine]:
        self.areas = list(Place.objects.areas().defer("boundary"))
        self.form = PermitForm(self.request.GET or None, self.areas)
        asked = self.form.cleaned_data.get("day") if self.form.is_bound and self.form.is_valid() else None
        self.day = min(asked or clock.today(), clock.today())
        register = snapshot()
        seen = set(visible_to(scope_of(self.request.user)).order_by().values_list("pk", flat=True))
        areas = {one.code: str(one) for one in self.areas}
        words = {code: str(label) for code, label in industries()}
        found = []
        for firm in register.firms.values():
            if firm.key in seen and firm.works_on(self.day):
                mine = tuple(one for one in register.permits.get(firm.key, ()) if one.in_force(self.day))
                state = permit_state(firm.permit_need, mine, self.day)
                area = areas.get(firm.area, _("not known"))
                found.append(
                    PermitLine(firm, area, words.get(firm.industry, firm.industry or _("not known")), state, mine)
                )
        return found

    def choose(self, rows: list[PermitLine]) -> RowFilter:
        tests = {
            "q": lambda line, said: (
                said.casefold() in f"{line.firm.name} {line.firm.name_en} {line.firm.code}".casefold()
            ),
            "area": lambda line, code: line.firm.area == code,
            "industry": lambda line, word: line.firm.industry == word,
            "state": lambda line, state: line.state == state,
        }
        return RowFilter(self.form if self.form.is_bound else PermitForm({}, self.areas), rows, tests)

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        order = {one.code: at for at, one in enumerate(self.areas)}
        by_area = coverage(self.all_rows, lambda line: (line.area, line.firm.area))
        by_area.sort(key=lambda one: order.get(one.code, len(order)))
        by_industry = coverage(self.all_rows, lambda line: (line.industry, line.firm.industry))
        by_industry.sort(key=lambda one: -one.needing)
        whole = coverage(self.all_rows, lambda line: (_("all"), ""))
        standing = family("permit_standing")
        heads = [standing[state].label for state in STATES]
        groups = [
            {"title": title, "field": name, "rows": [(one, list(zip(heads, one.shown, strict=True))) for one in rows]}
            for title, name, rows in (
                (_("Coverage by area"), "area", [*whole, *by_area]),
                (_("Coverage by industry"), "industry", by_industry),
            )
        ]
        return super().get_context(tabs=tabs(self.request), groups=groups, heads=heads, day=self.day, **kwargs)
