"""Forms of documents: hand in a text, put it aside, adopt it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from lantian.city.access import Scope
from lantian.city.models import Place
from lantian.kit.forms import KitForm, text_field
from lantian.plan.document_access import counties_to_import_for
from lantian.plan.models import Document, DocumentVersion

ACCEPTED = ".docx,.pdf,.txt,.md,.html,.htm"


class SourceForm(KitForm):
    """A file, or text pasted in."""

    submit_label = _("Read it")
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        help_text=_("Word (.docx), PDF with text, .txt, .md or .html, at most 20 MB."),
    )
    pasted = text_field(label=_("Or the text itself"), rows=8, required=False, max_length=2_000_000)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("file")) == bool(values.get("pasted")) and "file" not in self.errors:
            self.add_error("file", _t("Choose a file or paste the text, one of the two."))
        return values

    def source(self) -> Any:
        """Return the upload, or the pasted text as a file."""
        if self.cleaned_data.get("file"):
            return self.cleaned_data["file"]
        return ContentFile(self.cleaned_data["pasted"].encode("utf-8"), name=_t("pasted text.txt"))


class CityPlanForm(SourceForm):
    """A city plan: a new one, or the re-issued text of one that is here."""

    document = forms.ModelChoiceField(
        Document.objects.filter(kind=Document.Kind.CITY_PLAN),
        label=_("Re-issued text of"),
        required=False,
        empty_label=_("a new plan, or found by its title"),
    )
    field_order = ("document", "file", "pasted")


class CountyPlanForm(SourceForm):
    """A county's implementation plan of a city plan."""

    place = forms.ModelChoiceField(Place.objects.none(), label=_("County"))
    serves = forms.ModelChoiceField(
        Document.objects.filter(kind=Document.Kind.CITY_PLAN, versions__state=DocumentVersion.State.ADOPTED).distinct(),
        label=_("Carries out"),
    )
    field_order = ("serves", "place", "file", "pasted")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = self.fields["place"]
        places.queryset = counties_to_import_for(scope).defer("boundary")
        serves: Any = self.fields["serves"]
        for field in (places, serves):
            if field.queryset.count() == 1:
                field.initial = field.queryset.first()


class DiscardForm(KitForm):
    submit_label = _("Discard the text")
    submit_colour = "danger"
    reason = forms.CharField(label=_("Reason"), max_length=500)


class AdoptForm(KitForm):
    submit_label = _("Adopt the text")
    confirm = _("Adopt this text? It is frozen then.")
