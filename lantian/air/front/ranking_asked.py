"""What an address asks of the ranking: list of places, period, law, dust, order. Everything stands in the query string."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.air.assessing.assess import DEDUCTED, RAW
from lantian.air.assessing.periods import MONTH, Period
from lantian.air.assessing.ranks import CHANGE, INDEX
from lantian.air.assessing.scopes import Scope
from lantian.air.front.words import localised
from lantian.air.profiles.period import PeriodError, after, around, before, days_of_own, read_period
from lantian.kit.forms import day_field, dress
from lantian.standards.regimes import regimes

_DAY = dt.timedelta(days=1)
_BACK = 8  # years that can be chosen; an address may say any
_REASONS = {
    "form": gettext_lazy("“%(text)s” is no period. Write 2020, 2020H1, 2020Q2, 2020-05 or 2020-05-01..2020-05-20."),
    "day": gettext_lazy("“%(text)s” names a day or month that is not in the calendar."),
    "order": gettext_lazy("The last day lies before the first."),
    "range": gettext_lazy("Choose days between 1990 and 2099."),
    "long": gettext_lazy("The period is longer than three years. Choose a shorter one, or go year by year."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be ranked. `regime`: "" for the law of the days. `wrong`: what of the address could not be understood."""

    scope: Scope
    period: Period
    regime: str
    dust: str
    by: str
    wrong: tuple[str, ...] = ()

    def url(self, **changes: str) -> str:
        """The same page with something else asked."""
        own = {
            "scope": self.scope.id,
            "period": self.period.text,
            "regime": self.regime,
            "dust": self.dust,
            "by": self.by,
        }
        return "?" + urlencode({name: value for name, value in (own | changes).items() if value})

    @property
    def previous(self) -> str:
        return self.url(period=before(self.period).text)

    @property
    def following(self) -> str:
        return self.url(period=after(self.period).text)


class RankingForm(forms.Form):
    """The choices of the page; every one may be left out."""

    scope = forms.ChoiceField(label=gettext_lazy("List of places"), required=False)
    year = forms.ChoiceField(label=gettext_lazy("Year"), required=False)
    part = forms.ChoiceField(label=gettext_lazy("Part of it"), required=False)
    by = forms.ChoiceField(label=gettext_lazy("Order"), required=False)
    dust = forms.ChoiceField(label=gettext_lazy("Dust days"), required=False)
    regime = forms.ChoiceField(label=gettext_lazy("Law"), required=False)
    first = day_field(label=gettext_lazy("First day"), required=False)
    last = day_field(label=gettext_lazy("Final day"), required=False)

    def __init__(self, data: Any, scopes: Sequence[Scope], today: dt.date, **more: Any) -> None:
        super().__init__(data, **more)
        years = {str(year) for year in range(today.year - _BACK, today.year + 1)}
        if (asked := str(data.get("year", ""))).isdigit() and asked.isascii() and len(asked) == len("2020"):
            years.add(asked)
        self._choose("scope", [(one.id, localised(one)) for one in scopes])
        self._choose("year", [("", "–"), *((year, year) for year in sorted(years, reverse=True))])
        self._choose("part", _parts())
        self._choose("by", [(INDEX, _("composite index")), (CHANGE, _("improvement against a year before"))])
        self._choose("dust", [(RAW, _("as measured")), (DEDUCTED, _("dust left out"))])
        self._choose("regime", [("", _("law of the days")), *((one.name, localised(one)) for one in regimes())])
        for field in self.fields.values():
            dress(field)

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.error_messages["invalid_choice"] = _("“%(value)s” is none of the choices.")


def _parts() -> list[tuple[str, str]]:
    quarters = [(f"Q{n}", _("quarter %d") % n) for n in range(1, 5)]
    halves = [("H1", _("first half")), ("H2", _("second half"))]
    return [("", _("whole year")), *halves, *quarters, *((f"{n:02}", _("month %d") % n) for n in range(1, 13))]


def asked_of(data: Any, scopes: Sequence[Scope], today: dt.date) -> tuple[Asked, RankingForm]:
    """Return what an address asks, with the last whole month where it says no period; what is wrong stands in `wrong`."""
    form = RankingForm(data, scopes, today)
    form.is_valid()
    clean = form.cleaned_data
    wrong = [str(error) for errors in form.errors.values() for error in errors]
    fallback = around(MONTH, today.replace(day=1) - _DAY)
    try:
        period = _period(data, clean) or fallback
    except PeriodError as error:
        period = fallback
        wrong.append(str(_REASONS[error.reason]) % {"text": error.text[:60]})
    scope = next((one for one in scopes if one.id == clean.get("scope")), scopes[0])
    asked = Asked(
        scope, period, clean.get("regime", ""), clean.get("dust") or RAW, clean.get("by") or INDEX, tuple(wrong)
    )
    return asked, RankingForm(_shown(asked), scopes, today)


def _period(data: Any, clean: dict[str, Any]) -> Period | None:
    """The period that is said: by its days, by year and part, or as one text; None where nothing is said."""
    if clean.get("first") and clean.get("last"):
        return days_of_own(clean["first"], clean["last"])
    if year := clean.get("year"):
        part = clean.get("part") or ""
        return read_period(f"{year}-{part}" if part.isdigit() else f"{year}{part}")
    text = str(data.get("period", "")).strip()
    return read_period(text) if text else None


def _shown(asked: Asked) -> dict[str, str]:
    """What stands in the fields: the period taken apart."""
    text = asked.period.text
    own = asked.period.kind == "other"
    year, part = ("", "") if own else (text[:4], text[4:].lstrip("-"))
    days = {"first": str(asked.period.first), "last": str(asked.period.last)} if own else {}
    return {"scope": asked.scope.id, "year": year, "part": part, "by": asked.by, "dust": asked.dust,
            "regime": asked.regime, **days}  # fmt: skip
