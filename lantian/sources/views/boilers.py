"""Boilers with what their place means: the size rule, the distance to large plants, zones; as of a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django import forms
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from lantian.city import clock
from lantian.city.access import needs, scope_of
from lantian.city.models import Place
from lantian.kit.columns import BadgeColumn
from lantian.kit.rows import ComputedListPage, RowFilter
from lantian.sources.models import Boiler
from lantian.sources.queries import visible_to
from lantian.sources.rules.boilers import boiler_rules
from lantian.sources.snapshot import BoilerRow, snapshot
from lantian.sources.spatial import HEATING, Judged, judged
from lantian.sources.tabs import tabs
from lantian.sources.zone_words import zone_kind, zone_name

NOWRAP = {"td": {"class": "text-nowrap"}}
NUMBER = {"td": {"class": "lt-number"}}
_TURNS = (
    pgettext_lazy("bearing", "N"), pgettext_lazy("bearing", "NE"), pgettext_lazy("bearing", "E"),
    pgettext_lazy("bearing", "SE"), pgettext_lazy("bearing", "S"), pgettext_lazy("bearing", "SW"),
    pgettext_lazy("bearing", "W"), pgettext_lazy("bearing", "NW"),
)  # fmt: skip


@dataclass(frozen=True)
class BoilerLine:
    """A boiler as the list shows it on a day. `small`: the size rule catches it (None: its size is not known)."""

    judged: Judged
    day: dt.date
    area: str
    small: bool | None

    @property
    def boiler(self) -> BoilerRow:
        return self.judged.boiler

    @property
    def left(self) -> bool:
        return self.boiler.left_on(self.day)

    @property
    def state(self) -> str:
        if self.left:
            return "left"
        return "gone" if self.boiler.removed_on else "not_there"

    @property
    def caught(self) -> tuple[str, ...]:
        """The rules that ask for this boiler to go: small, near, built_up, no_coal (coal boilers still there only)."""
        if self.boiler.fuel != "coal" or not self.left:
            return ()
        found = ["small"] if self.small else []
        if self.judged.near is not None and self.boiler.purpose in HEATING:
            found.append("near")
        kinds = {zone.kind for zone in self.judged.zones}
        return (*found, *(kind for kind in ("built_up", "no_coal") if kind in kinds))

    @property
    def distance(self) -> float | None:
        """Metres to the nearest large plant within three radii."""
        pair = self.judged.near or self.judged.beyond
        return pair[0].metres if pair else None


def plant_words(line: BoilerLine) -> str:
    """Say how far the nearest large plant is, in which direction, and which one; "" when none is in reach."""
    pair = line.judged.near or line.judged.beyond
    if pair is None:
        return "" if line.judged.placed else _("position not known")
    turn = _TURNS[round(pair[0].bearing / 45) % 8]
    words = {"km": localize(round(pair[0].metres / 1000, 2)), "turn": turn, "degrees": round(pair[0].bearing)}
    return _("%(km)s km %(turn)s (%(degrees)s°)") % words + f" · {pair[1].firm.shown}"


def reason_words(line: BoilerLine) -> list[str]:
    """Say why each rule catches the boiler."""
    rules = boiler_rules(line.day)
    found = []
    if "small" in line.caught:
        found.append(_("at most %(n)s t/h") % {"n": rules.number("small.capacity")})
    if "near" in line.caught:
        found.append(_("within %(n)s km of a large plant") % {"n": rules.number("chp.radius")})
    found += [_("in: %s") % zone_name(zone) for zone in line.judged.zones if zone.kind in line.caught]
    return found


class BoilerTable(tables.Table):
    firm = tables.Column(
        pgettext_lazy("register", "enterprise"),
        accessor="boiler__firm__name",
        order_by=("boiler__firm__code", "boiler__code"),
    )
    name = tables.Column(gettext_lazy("boiler"), accessor="boiler__name", empty_values=())
    area = tables.Column(gettext_lazy("Area"))
    fuel = tables.Column(pgettext_lazy("register", "fuel"), accessor="boiler__fuel")
    capacity = tables.Column(gettext_lazy("t/h"), accessor="boiler__th", attrs=NUMBER)
    purpose = tables.Column(gettext_lazy("purpose"), accessor="boiler__purpose")
    state = BadgeColumn("boiler_state", verbose_name=gettext_lazy("state"))
    reason = tables.Column(gettext_lazy("Has to go because"), accessor="caught", orderable=False, empty_values=())
    plant = tables.Column(gettext_lazy("Nearest large heat and power plant"), accessor="distance", empty_values=())
    zones = tables.Column(gettext_lazy("Zones"), accessor="judged__zones", orderable=False, empty_values=())
    removed_on = tables.DateColumn(
        verbose_name=gettext_lazy("removed on"), accessor="boiler__removed_on", format="Y-m-d", attrs=NOWRAP
    )
    position = tables.Column(gettext_lazy("Position"), accessor="judged__placed", orderable=False)
    code = tables.Column(gettext_lazy("code"), accessor="boiler__code", attrs=NOWRAP)

    def render_firm(self, record: BoilerLine) -> Any:
        firm = record.boiler.firm
        mark = format_html(' <span class="badge lt-purple">{}</span>', _("invented")) if firm.synthetic else ""
        link = reverse("sources:enterprise", args=[firm.code])
        return format_html('<a href="{}">{}</a>{}', link, self.value_firm(record), mark)

    def value_firm(self, record: BoilerLine) -> str:
        return record.boiler.firm.shown

    def render_name(self, record: BoilerLine) -> str:
        return record.boiler.name or record.boiler.code

    def render_fuel(self, value: str) -> str:
        return str(dict(Boiler.Fuel.choices).get(value, value))

    def render_purpose(self, value: str) -> str:
        return str(dict(Boiler.Purpose.choices).get(value, value))

    def render_capacity(self, value: float) -> str:
        return f"{value:g}"

    def value_capacity(self, value: float) -> float:
        return value

    def render_reason(self, record: BoilerLine) -> str:
        return "；".join(reason_words(record)) if record.caught else "–"

    def render_plant(self, record: BoilerLine) -> str:
        return plant_words(record) or "–"

    def render_zones(self, record: BoilerLine) -> str:
        return "、".join(zone_name(zone) for zone in record.judged.zones) or "–"

    def render_position(self, record: BoilerLine) -> str:
        if not record.judged.placed:
            return _("not known")
        return _("its own") if record.boiler.own_position else _("the enterprise's")


class BoilerForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("Words"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Area"), required=False)
    fuel = forms.ChoiceField(label=pgettext_lazy("register", "fuel"), required=False)
    rule = forms.ChoiceField(label=gettext_lazy("Rule"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("state"), required=False)
    day = forms.DateField(label=gettext_lazy("As of"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any, areas: list[Place]) -> None:
        super().__init__(data)
        any_: list[tuple[str, Any]] = [("", "---------")]
        self.fields["area"].choices = any_ + [(one.code, str(one)) for one in areas]  # type: ignore[attr-defined]
        self.fields["fuel"].choices = any_ + list(Boiler.Fuel.choices)  # type: ignore[attr-defined]
        self.fields["rule"].choices = any_ + rule_choices()  # type: ignore[attr-defined]
        states = [("left", pgettext("boiler", "still there")), ("gone", pgettext("boiler", "gone"))]
        self.fields["state"].choices = any_ + states  # type: ignore[attr-defined]


def rule_choices() -> list[tuple[str, str]]:
    """The rules as a filter offers them."""
    rules = boiler_rules(clock.today())
    return [
        ("any", _("has to go by any rule")),
        ("small", _("at most %(n)s t/h") % {"n": rules.number("small.capacity")}),
        ("near", _("within %(n)s km of a large plant") % {"n": rules.number("chp.radius")}),
        ("built_up", zone_kind("built_up")),
        ("no_coal", zone_kind("no_coal")),
        ("unplaced", _("position not known")),
    ]


def _by_rule(line: BoilerLine, rule: str) -> bool:
    if rule == "unplaced":
        return not line.judged.placed
    return bool(line.caught) if rule == "any" else rule in line.caught


def _words(line: BoilerLine, said: str) -> bool:
    boiler = line.boiler
    text = " ".join((boiler.name, boiler.code, boiler.firm.name, boiler.firm.name_en, boiler.firm.code)).casefold()
    return all(word in text for word in said.casefold().split())


@method_decorator(needs("source.view"), name="dispatch")
class BoilersPage(ComputedListPage):
    table_class = BoilerTable
    template_name = "sources/boilers.html"
    title = pgettext_lazy("sources", "Boilers")
    file_name = "boilers"
    default_columns = ("firm", "name", "area", "fuel", "capacity", "purpose", "state", "reason", "plant")
    day: dt.date

    def rows(self) -> list[BoilerLine]:
        self.areas = list(Place.objects.areas().defer("boundary"))
        self.form = BoilerForm(self.request.GET or None, self.areas)
        asked = self.form.cleaned_data.get("day") if self.form.is_bound and self.form.is_valid() else None
        self.day = min(asked or clock.today(), clock.today())
        seen = set(visible_to(scope_of(self.request.user)).order_by().values_list("pk", flat=True))
        names = {one.code: str(one) for one in self.areas}
        most = float(boiler_rules(self.day).number("small.capacity"))
        return [
            BoilerLine(
                one,
                self.day,
                names.get(one.boiler.firm.area, ""),
                None if one.boiler.th is None else one.boiler.th <= most,
            )
            for one in judged(snapshot(), self.day)
            if one.boiler.firm.key in seen
        ]

    def choose(self, rows: list[BoilerLine]) -> RowFilter:
        tests = {
            "q": _words,
            "area": lambda line, code: line.boiler.firm.area == code,
            "fuel": lambda line, fuel: line.boiler.fuel == fuel,
            "rule": _by_rule,
            "state": lambda line, state: line.left is (state == "left"),
        }
        return RowFilter(self.form if self.form.is_bound else BoilerForm({}, self.areas), rows, tests)

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        counts = [
            {"rule": rule, "label": label, "n": sum(_by_rule(line, rule) for line in self.all_rows)}
            for rule, label in rule_choices()
        ]
        coal = [line for line in self.all_rows if line.boiler.fuel == "coal" and line.left]
        return super().get_context(
            tabs=tabs(self.request), counts=counts, day=self.day, coal=len(coal),
            placed=sum(line.judged.placed for line in coal), **kwargs,
        )  # fmt: skip
