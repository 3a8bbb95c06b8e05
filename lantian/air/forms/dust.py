"""Forms of the list of dust: which days are looked at, confirming proposals, the official list as a file, taking back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lantian.air.assessing.dust_file import ENCODINGS
from lantian.air.assessing.dust_list import Entry
from lantian.kit.forms import KitForm, day_field

MOST_DAYS = 400
_SIZE = 5 * 1024 * 1024
_SEPARATOR = "|"


class SpanForm(forms.Form):
    """First and last day that are shown."""

    first = day_field(label=_("First day"))
    last = day_field(label=_("Final day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", _("The period ends before it begins."))
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last", _("At most 400 days at once."))
        return found


class ConfirmForm(KitForm):
    """Proposals that were ticked, with the document that they rest on."""

    submit_label = _("Leave these hours out")
    hours = forms.MultipleChoiceField(label=_("Hours"), error_messages={"required": _("Tick at least one line.")})
    document = forms.CharField(
        label=_("Document"), max_length=300, help_text=_("the notice or list that names these hours")
    )

    def __init__(self, *args: Any, offered: tuple[tuple[str, str], ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["hours"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(offered)


class ListForm(KitForm):
    """The official list as a file."""

    submit_label = _("Import the list")
    file = forms.FileField(label=_("File"), help_text=_("CSV or Excel with the columns place, from, to, document"))
    encoding = forms.ChoiceField(label=_("Encoding"), choices=[(one, one) for one in ENCODINGS], required=False)
    document = forms.CharField(
        label=_("Document"), max_length=300, required=False, help_text=_("where the file has no such column")
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > _SIZE:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file


class WithdrawForm(KitForm):
    """Hours that are taken back, and why."""

    submit_label = _("Take back")
    submit_colour = "warning"
    hours = forms.CharField(widget=forms.HiddenInput, max_length=200)
    reason = forms.CharField(label=_("Reason"), max_length=300)


def packed(place: str, begin: dt.datetime, end: dt.datetime) -> str:
    """Return hours of a place as one value of a form."""
    return _SEPARATOR.join((begin.isoformat(), end.isoformat(), place))


def unpacked(text: str, document: str) -> Entry:
    """Return what `packed` wrote; raises ValueError for anything else."""
    begin, end, place = text.split(_SEPARATOR, 2)
    return Entry(place, dt.datetime.fromisoformat(begin), dt.datetime.fromisoformat(end), document)
