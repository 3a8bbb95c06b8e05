"""Forms of hand-entered values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lantian.city.models import Place
from lantian.indicators.period import Period
from lantian.indicators.registry import Indicator
from lantian.indicators.services import Statement
from lantian.kit.forms import KitForm, text_field
from lantian.records.forms import EVIDENCE_FIELDS, EvidenceFormMixin
from lantian.standards.units import system, unit

MAX_SHEET_BYTES = 2 * 1024 * 1024


class StatementForm(EvidenceFormMixin, KitForm):
    """A value with what stands behind it and its proof."""

    extra = "records/evidence_field.html"
    fields_in_extra = EVIDENCE_FIELDS

    value = forms.DecimalField(label=_("Value"), max_digits=18, decimal_places=6)
    unit = forms.ChoiceField(label=_("Unit"))
    n = forms.IntegerField(
        label=_("n"),
        required=False,
        min_value=0,
        max_value=2_000_000_000,
        help_text=_("number of samples, villages, plants … behind it"),
    )
    n_expected = forms.IntegerField(
        label=_("Expected n"),
        required=False,
        min_value=0,
        max_value=2_000_000_000,
        help_text=_("how many there should be: the share counted is the capture"),
    )
    note = text_field(label=_("Note"), required=False, rows=2, max_length=1000)

    def __init__(self, *args: Any, one: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dimension = unit(one.unit).dimension
        fitting = [code for code, known in system().units.items() if known.dimension == dimension]
        self.fields["unit"].choices = [(code, code) for code in fitting]  # type: ignore[attr-defined]
        self.initial.setdefault("unit", one.unit)
        self.fields["n"].required = False
        if one.aggregate == "weighted":
            self.fields["n"].help_text = _("The city's share weights each area by its n.")

    def statement(self, evidence: tuple[Any, ...]) -> Statement:
        """Return what was said (only after is_valid)."""
        data = self.cleaned_data
        return Statement(data["value"], data["unit"], data["n"], data["n_expected"], data["note"], evidence)


class EnterForm(StatementForm):
    title = _("Enter a value")
    submit_label = _("Enter the value")
    place = forms.ChoiceField(label=_("Place"))
    period = forms.ChoiceField(label=_("Period"))

    field_order = ("place", "period", "value", "unit", "n", "n_expected", "note")

    def __init__(self, *args: Any, places: list[Place], periods: list[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(place.code, str(place)) for place in places]  # type: ignore[attr-defined]
        self.fields["period"].choices = [(p.code, p.code) for p in periods]  # type: ignore[attr-defined]


class CorrectForm(StatementForm):
    title = _("Correct it")
    submit_label = _("Correct the value")
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("why the value was wrong"))

    field_order = ("value", "unit", "n", "n_expected", "reason", "note")


class WithdrawForm(KitForm):
    title = _("Withdraw it")
    submit_label = _("Withdraw the value")
    submit_colour = "danger"
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("From then on there is no value."))


class SheetForm(KitForm):
    """A filled-in workbook."""

    submit_label = _("Look at it first")
    sheet = forms.FileField(label=_("Workbook"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}))
