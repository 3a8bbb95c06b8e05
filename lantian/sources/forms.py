"""Forms for every kind of row, made from its columns; each change says why."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from lantian.city.models import Place
from lantian.kit.forms import KitForm, day_field, dress, text_field
from lantian.records.forms import EVIDENCE_FIELDS, EvidenceFormMixin
from lantian.sources.kinds import Column, Kind
from lantian.sources.kinds.plain import Plain, empty
from lantian.sources.models import Enterprise, Equipment, Line, Outlet

_SPLIT = re.compile(r"[、,，;；\n]+")
_MODELS: dict[str, tuple[Any, ...]] = {
    "line": (Line,), "equipment": (Equipment,), "outlet": (Outlet,), "subject": (Line, Equipment),
}  # fmt: skip


class RowForm(KitForm):
    """The columns of a kind as fields. `values` are the plain values of the present row, or what a new one begins with."""

    def __init__(
        self, kind: Kind, *args: Any, enterprise: Enterprise | None = None, values: Plain | None = None, **kwargs: Any
    ) -> None:
        self.kind = kind
        initial = {c.name: _initial(c, (values or {}).get(c.name)) for c in kind.columns}
        super().__init__(*args, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        for column in kind.columns:
            if column.name != "enterprise":
                self.fields[column.name] = _field(column, enterprise, (values or {}).get(column.name))
        self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=500, help_text=_("kept in the history"))
        for field in self.fields.values():
            dress(field)

    def values(self) -> Plain:
        """Return what was said as plain values (only after is_valid)."""
        return {c.name: _plain(c, self.cleaned_data[c.name]) for c in self.kind.columns if c.name in self.cleaned_data}


class EndForm(KitForm):
    """A row ends: nothing is deleted."""

    submit_label = _("End it")
    submit_colour = "warning"
    until = day_field(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=500)


class ReopenForm(KitForm):
    """A row that has ended is taken up again."""

    submit_label = _("Take it up again")
    reason = forms.CharField(label=_("Reason"), max_length=500)


class PaperForm(EvidenceFormMixin, KitForm):
    """Evidence for an enterprise's file, and the row that it proves."""

    evidence_required = True
    submit_label = _("Put into the file")
    extra = "records/evidence_field.html"
    fields_in_extra = EVIDENCE_FIELDS
    code = forms.ChoiceField(label=_("It proves"), required=False)

    def __init__(self, *args: Any, codes: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("the enterprise as a whole")), *(codes or [])]  # type: ignore[attr-defined]


def _initial(column: Column, value: Any) -> Any:
    if column.reads == "names":
        return "、".join(value or [])
    if column.reads == "moment" and value:
        moment = parse_datetime(value)
        return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment else value
    return value


def _field(column: Column, enterprise: Enterprise | None, present: Any) -> forms.Field:
    common: dict[str, Any] = {"label": column.label, "required": column.needed}
    if column.reads in ("choice", "word"):
        known = list(column.choices)
        if present and present not in {code for code, _label in known}:
            known.append((present, present))
        return forms.ChoiceField(choices=[("", "–"), *known], **common)
    if column.reads == "area":
        return forms.ChoiceField(choices=_places(column.of), **common)
    if column.reads == "ref":
        return forms.ChoiceField(choices=[("", "–"), *_rows(column.of, enterprise)], **common)
    if column.reads == "refs":
        return forms.MultipleChoiceField(
            choices=_rows(column.of, enterprise), widget=forms.CheckboxSelectMultiple, **common
        )
    return _plain_field(column, common)


def _plain_field(column: Column, common: dict[str, Any]) -> forms.Field:
    if column.reads == "day":
        return day_field(**common)
    if column.reads == "moment":
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        return forms.DateTimeField(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **common)
    if column.reads == "yes":
        return forms.BooleanField(**{**common, "required": False})
    if column.reads == "number":
        return forms.FloatField(min_value=column.least, max_value=column.most, widget=_number(), **common)
    if column.reads == "whole":
        return forms.IntegerField(min_value=0, max_value=10**9, **common)
    if column.reads == "long":
        return text_field(rows=2, **common)
    if column.reads == "names":
        return forms.CharField(max_length=500, help_text=_("several with “、” between them"), **common)
    hint = _("left empty, it gets the next free one") if column.reads == "code" else ""
    return forms.CharField(max_length=column.longest or 200, help_text=hint, **common)


def _number() -> forms.NumberInput:
    return forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})


def _places(of: str) -> list[tuple[str, str]]:
    rows = Place.objects.areas() if of == "area" else Place.objects.filter(kind=Place.Kind.TOWN, is_active=True)
    return [("", "–"), *((place.code, str(place)) for place in rows.defer("boundary"))]


def _rows(of: str, enterprise: Enterprise | None) -> list[tuple[str, str]]:
    if enterprise is None:
        return []
    return [
        (row.code, str(row))
        for model in _MODELS.get(of, ())
        for row in model.objects.filter(enterprise=enterprise, until__isnull=True).order_by("code")
    ]


def _plain(column: Column, value: Any) -> Any:
    if column.reads == "day":
        return value.isoformat() if value else None
    if column.reads == "moment":
        return timezone.localtime(value).isoformat(timespec="minutes") if value else None
    if column.reads == "names":
        return [one.strip() for one in _SPLIT.split(value) if one.strip()]
    if column.reads == "refs":
        return sorted(value)
    if column.reads == "credit":
        return value.strip().upper()
    return empty(column) if value is None else value
