"""Form fields for evidence: `EvidenceFormMixin` goes into any room's form; the template is `records/evidence_field.html`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from lantian.city import clock
from lantian.city.models import Agency, Place, User
from lantian.kit.forms import KitForm, text_field
from lantian.records.files import BadFile, FileTooLarge, examine
from lantian.records.kinds import catalogue
from lantian.records.models import Evidence
from lantian.records.services.evidence import add_evidence

MAX_FILES = 20
EVIDENCE_FIELDS = ("evidence_files", "evidence_effective_on", "evidence_title", "evidence_expires_on")
TOO_LARGE = "too_large"


class ReviewForm(KitForm):
    """What a reviewer thinks of a piece of evidence."""

    submit_label = _("Record the review")
    verdict = forms.ChoiceField(
        label=_("Your verdict"),
        choices=[("accept", _("accept it")), ("reject", _("reject it"))],
        widget=forms.RadioSelect,
    )
    note = text_field(label=_("Reviewer's words"), required=False, help_text=_("needed for a rejection"))


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class EvidenceFilesField(forms.FileField):
    """Several files at once; each is examined, and each refusal names its file."""

    def __init__(self, **kwargs: Any) -> None:
        accept = ",".join(f".{e}" for kind in catalogue().accepting("evidence") for e in kind.extensions)
        kwargs.setdefault("widget", SeveralFilesInput(attrs={"class": "form-control", "accept": accept}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = [upload for upload in (data if isinstance(data, list | tuple) else [data]) if upload]
        if not uploads:
            super().clean(None, initial)
            return []
        if len(uploads) > MAX_FILES:
            raise ValidationError(_("At most %(count)s files at once."), params={"count": MAX_FILES})
        errors = [problem for upload in uploads if (problem := _problem(upload))]
        if errors:
            raise ValidationError(errors)
        return uploads


def _problem(upload: Any) -> ValidationError | None:
    try:
        examine(upload)
    except BadFile as error:
        return ValidationError(str(error), code=TOO_LARGE if isinstance(error, FileTooLarge) else "bad_file")
    return None


class EvidenceFormMixin(forms.Form):
    """Adds files with the day they speak of and a title. Give the form `request.FILES`; the page's form needs
    `enctype="multipart/form-data"` and `{% include "records/evidence_field.html" %}`.

    Set `evidence_required = True` on the form where no step may be taken without proof. After `is_valid()`, inside the
    service call's transaction, `save_evidence(...)` returns the new Evidence records.
    """

    evidence_required = False
    status = 422  # of the answer that shows the form again (lantian.kit.forms.status_of)

    evidence_files = EvidenceFilesField(label=_("Evidence"), required=False)
    evidence_effective_on = forms.DateField(
        label=_("Effective date"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
        help_text=_("the day that the proof speaks of"),
    )
    evidence_title = forms.CharField(
        label=_("Title of the evidence"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    evidence_expires_on = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
        help_text=_("only where a document has an end, such as a permit"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.fields["evidence_effective_on"]
        day.initial = day.initial or clock.today
        day.widget.attrs["max"] = clock.today().isoformat()

    @property
    def evidence_hint(self) -> str:
        """What is taken, in one line."""
        kinds = ", ".join(kind.extensions[0] for kind in catalogue().accepting("evidence"))
        return f"{kinds} · ≤ {filesizeformat(settings.MAX_EVIDENCE_BYTES)}"

    def clean_evidence_effective_on(self) -> Any:
        day = self.cleaned_data.get("evidence_effective_on")
        if day and day > clock.today():
            raise ValidationError(_("The effective date lies in the future."))
        return day

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        files = values.get("evidence_files")
        if self.has_error("evidence_files", TOO_LARGE):
            self.status = FileTooLarge.status
        if self.evidence_required and not files and "evidence_files" not in self.errors:
            self.add_error("evidence_files", _("Evidence is needed here: add at least one file."))
        if files and not values.get("evidence_effective_on") and "evidence_effective_on" not in self.errors:
            self.add_error("evidence_effective_on", _("Say which day the evidence speaks of."))
        day, end = values.get("evidence_effective_on"), values.get("evidence_expires_on")
        if files and day and end and end < day:
            self.add_error("evidence_expires_on", _("This is before the day that the evidence speaks of."))
        return values

    def save_evidence(
        self, actor: User, *, place: Place | None = None, agency: Agency | None = None, key: str | None = None
    ) -> list[Evidence]:
        """Hand in the form's files; the same `key` again returns the records made before. Raises what add_evidence raises."""
        return [
            add_evidence(
                actor,
                upload,
                effective_on=self.cleaned_data["evidence_effective_on"],
                expires_on=self.cleaned_data.get("evidence_expires_on"),
                title=self.cleaned_data.get("evidence_title", ""),
                place=place,
                agency=agency,
                key=f"{key}:{at}" if key else None,
            )
            for at, upload in enumerate(self.cleaned_data.get("evidence_files") or [])
        ]


class ReplaceForm(EvidenceFormMixin, KitForm):
    """A newer file in place of one that was handed in."""

    evidence_required = True
    submit_label = _("Hand in the newer file")
    extra = "records/evidence_field.html"
    fields_in_extra = EVIDENCE_FIELDS

    def save_replacement(self, actor: User, old: Evidence, *, key: str | None) -> Evidence:
        """Hand in the form's one file in place of `old`, about the same place and agency."""
        return add_evidence(
            actor, self.cleaned_data["evidence_files"][0], effective_on=self.cleaned_data["evidence_effective_on"],
            expires_on=self.cleaned_data["evidence_expires_on"],
            title=self.cleaned_data["evidence_title"] or old.title, place=old.place, agency=old.agency,
            replaces=old, key=key,
        )  # fmt: skip
