"""The forms of the review: a measure's fields, who answers for a clause, where to split, who a name means."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from lantian.city.gazetteer import Gazetteer
from lantian.city.models import Agency, Place
from lantian.kit.forms import KitForm, day_field, dress, text_field
from lantian.kit.numbers import whole
from lantian.plan.document_choices import CLAUSE_AREAS, CLAUSE_ROLE, NATURE, RECURRENCE
from lantian.plan.models import Clause, DocumentVersion, Measure, MeasureTarget
from lantian.plan.services.measure_input import COMPARATORS

_BETWEEN = re.compile(r"[\s,，;；、]+")


def labels(family: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(value, choice.label) for value, choice in family.items()]


class LinesField(forms.CharField):
    """Several texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=4000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]


class DaysField(forms.CharField):
    """Several days, written 2020-09-30 and parted by blanks or commas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=400, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [day for day in _BETWEEN.split(super().clean(value) or "") if day]


class TargetForm(forms.Form):
    """One number of a measure; `span` hides where it was read."""

    role = forms.ChoiceField(label=_("Role"), choices=MeasureTarget.Role.choices, initial="target")
    object = forms.CharField(label=_("Object"), max_length=200, required=False)
    comparator = forms.ChoiceField(label=_("Comparator"), choices=[(c, c) for c in COMPARATORS], initial=">=")
    value = forms.DecimalField(label=_("Value"), max_digits=18, decimal_places=6)
    upper = forms.DecimalField(label=_("Upper value"), max_digits=18, decimal_places=6, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=30, required=False)
    span = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)
        for shown in self.visible_fields():
            shown.field.widget.attrs["aria-label"] = shown.label

    def as_target(self) -> dict[str, Any]:
        """Return the number in the shape that services take."""
        data = self.cleaned_data
        start, end, change, basis, confidence, words = (data["span"].split("|") + [""] * 6)[:6]
        kept: dict[str, Any] = {
            "start": whole(start),
            "end": whole(end),
        }
        kept |= {"change": change if change in ("increase", "decrease") else "", "basis": basis[:30]}
        kept["derived_from"] = words[:40]
        kept["confidence"] = float(confidence) if re.fullmatch(r"0?\.\d+|[01](\.0+)?", confidence) else 1.0
        return {**kept, **{name: data[name] for name in ("role", "object", "comparator", "value", "upper", "unit")}}

    @staticmethod
    def initial_of(target: MeasureTarget) -> dict[str, Any]:
        span = [target.start, target.end, target.change, target.basis, target.confidence, target.derived_from]
        values = {name: getattr(target, name) for name in ("role", "object", "comparator", "unit")}
        upper = None if target.upper is None else f"{target.upper.normalize():f}"
        return values | {
            "value": f"{target.value.normalize():f}",
            "upper": upper,
            "span": "|".join("" if part is None else str(part) for part in span),
        }


TargetForms = forms.formset_factory(TargetForm, extra=1, can_delete=True, max_num=30)


class MeasureForm(KitForm):
    """Every field of a measure. `targets` are its numbers, one form each and one empty."""

    submit_label = _("Save and accept")
    text = text_field(label=_("Text"), rows=4)
    deadlines = DaysField(label=_("Deadlines"), help_text=_("Days like 2020-09-30, parted by blanks."))
    nature = forms.ChoiceField(label=_("Nature"), choices=lambda: labels(NATURE))
    recurrence = forms.MultipleChoiceField(
        label=_("Recurrence"), choices=lambda: labels(RECURRENCE), required=False, widget=forms.CheckboxSelectMultiple
    )
    enterprises = LinesField(label=_("Enterprises"), help_text=_("One a line."))
    places = LinesField(label=_("Places"), help_text=_("One a line."))
    concerns = LinesField(
        label=_("Concerns only"), help_text=_("Areas, one a line; leave it empty for all areas of the clause.")
    )
    cites = LinesField(label=_("Cited documents"), help_text=_("One a line."))
    start = forms.IntegerField(label=_("From character"), min_value=0)
    end = forms.IntegerField(label=_("To character"), min_value=1)
    reason = forms.CharField(label=_("Reason (if any)"), required=False, max_length=500)

    NAMES = ("text", "deadlines", "nature", "recurrence", "enterprises", "places", "concerns", "cites", "start", "end")

    def __init__(self, data: Any = None, *, measure: Measure, **kwargs: Any) -> None:
        initial = {name: getattr(measure, name) for name in self.NAMES} | {"version": measure.version}
        super().__init__(data, initial=initial | kwargs.pop("initial", {}), **kwargs)
        numbers = [TargetForm.initial_of(target) for target in measure.targets.all()]
        self.targets = TargetForms(data, initial=numbers, prefix="targets")

    def is_valid(self) -> bool:
        """Both the fields and the numbers (all are checked, so that every fault is shown at once)."""
        return all([super().is_valid(), self.targets.is_valid()])

    def values(self) -> dict[str, Any]:
        """Return the changes as `review.edit` takes them."""
        kept = [f for f in self.targets if f.has_changed() or f.initial]
        numbers = [f.as_target() for f in kept if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        return {name: self.cleaned_data[name] for name in self.NAMES} | {"targets": numbers}


class HoldersForm(KitForm):
    """Who answers: each agency's role, and the areas. `held`: the roles that agencies have already."""

    areas = forms.ChoiceField(label=_("Areas"), choices=lambda: labels(CLAUSE_AREAS), widget=forms.RadioSelect)
    places = forms.ModelMultipleChoiceField(
        Place.objects.none(), label=_("Implementing areas"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("Reason (if any)"), required=False, max_length=500)

    def __init__(self, data: Any = None, *, held: dict[int, str] | None = None, **kwargs: Any) -> None:
        held = held or {}
        super().__init__(data, **kwargs)
        self.fields["places"].queryset = Place.objects.areas().defer("boundary")  # type: ignore[attr-defined]
        self.agencies = list(Agency.objects.filter(is_active=True))
        for agency in self.agencies:
            field = forms.ChoiceField(
                label=str(agency),
                required=False,
                choices=[("", "–"), *labels(CLAUSE_ROLE)],
                initial=held.get(agency.pk, ""),
            )
            dress(field)
            self.fields[f"agency-{agency.pk}"] = field
        # Those who hold a role already come first.
        self.agencies.sort(key=lambda a: (a.pk not in held, a.position))

    @property
    def agency_fields(self) -> list[Any]:
        return [self[f"agency-{agency.pk}"] for agency in self.agencies]

    def holders(self) -> list[tuple[Agency, str]]:
        """Return the agencies with their roles, those who lead first."""
        chosen = [(a, self.cleaned_data[f"agency-{a.pk}"]) for a in self.agencies]
        order = list(CLAUSE_ROLE)
        return sorted([(a, role) for a, role in chosen if role], key=lambda pair: order.index(pair[1]))


class RolesForm(HoldersForm):
    """Who answers for a clause that is there."""

    submit_label = _("Save and accept")

    def __init__(self, data: Any = None, *, clause: Clause, **kwargs: Any) -> None:
        held = {link.agency_id: link.role for link in clause.agencies.all()}
        places = [link.place_id for link in clause.area_links.all()]
        initial = {"areas": clause.areas, "places": places, "version": clause.version}
        super().__init__(data, held=held, initial=initial | kwargs.pop("initial", {}), **kwargs)


class SplitForm(KitForm):
    """Where a measure is divided: one of the places where a sentence or part of it ends, or the cursor."""

    submit_label = _("Split here")
    offset = forms.TypedChoiceField(label=_("Split between"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, places: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["offset"].choices = places  # type: ignore[attr-defined]


class DeleteForm(KitForm):
    submit_label = _("Delete it")
    submit_colour = "danger"
    reason = forms.CharField(label=_("Why is this no measure?"), max_length=500)


class AddForm(KitForm):
    """A new measure, from a selection (start, end) or from words that stand in the text exactly once."""

    submit_label = _("Add the measure")
    words = text_field(label=_("Words of the text"), rows=3, required=False)
    start = forms.IntegerField(required=False, widget=forms.HiddenInput)
    end = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, text: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.text = text
        self.fields["words"].help_text = _("Copy them from the text; blanks and line breaks do not matter.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("start") is None or values.get("end") is None:
            values["start"], values["end"] = find_words(values.get("words") or "", self.text)
        return values


def find_words(words: str, text: str) -> tuple[int, int]:
    """Return where words stand in a text, whatever blanks and line breaks are between; "first … last" for a stretch.

    Raises ValidationError unless they stand there exactly once.
    """
    parts = [part for part in re.split(r"…+|\.{3,}", re.sub(r"\s+", "", words)) if part]
    if not parts:
        raise forms.ValidationError(_t("Mark words in the text, or write them here."))
    whole_words = re.compile(r"\s*".join(map(re.escape, re.sub(r"\s+", "", words))))
    if len(exact := list(whole_words.finditer(text))) == 1:
        return exact[0].span()
    first, *rest = [re.compile(r"\s*".join(map(re.escape, part))) for part in parts]
    found = list(first.finditer(text))
    if len(found) != 1:
        raise forms.ValidationError(
            _t("These words stand in the text %(n)s times; give words that stand there once.") % {"n": len(found)}
        )
    start, end = found[0].span()
    for part in rest:
        behind = part.search(text, end)
        if behind is None:
            raise forms.ValidationError(_t("The words behind “…” do not stand behind the first ones."))
        end = behind.end()
    return start, end


class AcceptAllForm(KitForm):
    submit_label = _("Accept all above")
    confidence = forms.IntegerField(label=_("Confidence %"), min_value=0, max_value=100)


class NameForm(KitForm):
    """Who is meant by a name that nobody is known by."""

    submit_label = _("Settle the name")
    who = forms.ChoiceField(
        label=_("Who is it?"),
        widget=forms.RadioSelect,
        choices=[
            ("agency", _("an agency that is here already")),
            ("new", _("an agency that is not here yet")),
            ("place", _("an area")),
            ("nobody", _("nobody: it is no name")),
        ],
    )
    agency = forms.ModelChoiceField(Agency.objects.filter(is_active=True), label=_("Agency"), required=False)
    place = forms.ModelChoiceField(Place.objects.none(), label=_("Area"), required=False)
    short = forms.CharField(label=_("Short name"), required=False, max_length=60)
    full_name = forms.CharField(label=_("Full name"), required=False, max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Agency.Kind.choices, required=False)
    reason = forms.CharField(label=_("Reason (if it is nobody)"), required=False, max_length=500)

    def __init__(self, data: Any = None, *, name: str, kind: str = "agency", **kwargs: Any) -> None:
        known = next((a for a in Gazetteer.national().agencies if a.short == name or name in a.names), None)
        initial = {"who": "new" if kind == "agency" else "place", "short": known.short if known else name}
        super().__init__(data, initial=initial, **kwargs)
        self.name = name
        self.fields["place"].queryset = Place.objects.areas().defer("boundary")  # type: ignore[attr-defined]

    def answer(self) -> dict[str, Any]:
        """Return the arguments of `resolve_name`."""
        data = self.cleaned_data
        return {
            "agency": {"agency": data["agency"]},
            "place": {"place": data["place"]},
            "new": {"new_agency": {name: data[name] for name in ("short", "full_name", "kind")}},
            "nobody": {"nobody": data["reason"]},
        }[data["who"]]


class HeadingForm(KitForm):
    """Title, number, issuer, day and period of a text."""

    title = forms.CharField(label=_("Title"), max_length=200)  # type: ignore[assignment]
    number = forms.CharField(label=_("Document number"), max_length=80, required=False)
    issuer = forms.CharField(label=_("Issuer"), max_length=120, required=False)
    issued_on = day_field(label=_("Issued"), required=False)
    period_from = day_field(label=_("Plan period from"), required=False)
    period_to = day_field(label=_("Plan period to"), required=False)

    NAMES = ("title", "number", "issuer", "issued_on", "period_from", "period_to")

    @classmethod
    def of_version(cls, version: DocumentVersion) -> HeadingForm:
        form: HeadingForm = cls.of(version, initial={name: getattr(version, name) for name in cls.NAMES})
        return form

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.NAMES}
