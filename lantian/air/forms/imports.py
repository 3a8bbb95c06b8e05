"""Forms of imports: the file and how it is to be read. A form has the fields that its format asks for, no others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lantian.air.assessing.series import series_named
from lantian.air.models import ImportJob
from lantian.air.reading.formats import Format, UnknownFormatError, format_named
from lantian.kit.forms import KitForm, dress

_TEXTS: dict[str, dict[str, Any]] = {
    "time_format": {"label": _("Form of times"), "help_text": _("only if the file has another one than the format")},
    "time_zone": {"label": _("Time zone"), "help_text": _("the clock of its times: Asia/Shanghai, UTC, Etc/GMT-8 …")},
    "place": {"label": _("Place of the whole file"), "help_text": _("if no column names it")},
    "units": {
        "label": _("Units"),
        "help_text": _("if the file does not say them: CO=µg/m3, SO2=mg/m3, or one for all"),
    },
    "missing": {"label": _("Marks of missing values"), "help_text": _("more of them, with commas: -999, 缺测")},
    "leave_out": {"label": _("Items left out"), "help_text": _("as they stand in the file, with commas: AQI, O3_8h")},
    "time_column": {"label": _("Column of times"), "help_text": _("its name, if it is an unusual one")},
    "place_column": {"label": _("Column of places"), "help_text": _("its name, if it is an unusual one")},
    "sheet": {"label": _("Sheet"), "help_text": _("of a workbook with several")},
    "header_row": {"label": _("Row of the names"), "help_text": _("if titles stand above it")},
}
# Shown first; the others stand in a fold.
FIRST = ("series", "time_zone", "hour_label", "encoding")


def _series(name: str, lang: str) -> str:
    one = series_named(name)
    return one.zh if lang.startswith("zh") else one.en


class DeclareForm(KitForm):
    """How a file is to be read."""

    submit_label = _("Check it again")
    extra = "air/import_more.html"

    def __init__(self, *args: Any, form_of: Format, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format = form_of
        for name, field in self._declarable(form_of).items():
            self.fields[name] = field
            self.initial.setdefault(name, self._default(name))
        self.fields_in_extra = tuple(name for name in self.fields if name not in (*FIRST, "file", "version", "key"))
        for field in self.fields.values():
            dress(field)

    def _default(self, name: str) -> str:
        one = self.format
        return {"time_zone": one.time_zone, "hour_label": one.hour_label, "encoding": "utf-8", "hours": one.hours}.get(
            name, ""
        )

    def _declarable(self, one: Format) -> dict[str, forms.Field]:
        lang = get_language() or "zh"
        known: dict[str, forms.Field] = {
            "series": forms.ChoiceField(
                label=_("What the values are"),
                choices=[("", "—"), *((name, _series(name, lang)) for name in one.series_choices)],
            ),
            "hour_label": forms.ChoiceField(
                label=_("A time names"),
                choices=[("", "—"), ("begin", _("the beginning of the hour")), ("end", _("the end of the hour"))],
                help_text=_("hour 1 of the day is 00:00 to 01:00"),
            ),
            "hours": forms.ChoiceField(
                label=_("Hours are counted"), required=False, choices=[("0-23", "0–23"), ("1-24", "1–24")]
            ),
            "encoding": forms.ChoiceField(
                label=_("Encoding"), required=False, choices=[(name, name.upper()) for name in one.encodings],
                help_text=_("of a CSV file; never guessed"),
            ),
        }  # fmt: skip
        texts = {name: forms.CharField(required=False, max_length=200, **words) for name, words in _TEXTS.items()}
        known |= texts
        order = [*FIRST, "time_format", *(name for name in one.asks if name not in FIRST)]
        found = {name: known[name] for name in order if name in ("encoding", "time_format") or name in one.asks}
        for name, field in found.items():
            field.required = name in one.must
            if name == "time_format" and isinstance(field, forms.CharField):
                field.widget.attrs["placeholder"] = one.time_format
        return found

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields of the fold."""
        return [self[name] for name in self.fields_in_extra]

    @property
    def more_open(self) -> bool:
        """Whether the fold stands open: something is said or refused in it."""
        return any(self[name].errors or (self[name].value() or "") not in ("", "0-23") for name in self.fields_in_extra)

    def declared(self) -> dict[str, str]:
        """Return what was said beyond the format's own (only after is_valid)."""
        said = {name: str(self.cleaned_data.get(name) or "") for name in self._declarable(self.format)}
        return {
            name: text
            for name, text in said.items()
            if (text and text != self._default(name)) or name in self.format.must
        }


def declared_words(job: ImportJob) -> list[tuple[str, str]]:
    """Return what was declared of a file as the form calls it: label, value or the words of the choice."""
    try:
        fields = DeclareForm(form_of=format_named(job.form)).fields
    except UnknownFormatError:
        return list(job.declared.items())
    words = []
    for name, text in job.declared.items():
        field = fields.get(name)
        choices = dict(getattr(field, "choices", ()))
        words.append((str(field.label) if field else name, str(choices.get(text, text))))
    return words


class UploadForm(DeclareForm):
    """A file and how it is to be read."""

    submit_label = _("Upload and check")
    file = forms.FileField(label=_("File"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [".csv", ".txt", ".gz", *([".xlsx"] if "xlsx" in self.format.files else [])]
        self.fields["file"].widget.attrs["accept"] = ",".join(kinds)
        self.order_fields(["file", *FIRST])


class ConfirmForm(KitForm):
    """Write what was found."""

    submit_label = _("Write it into the store")

    def __init__(self, *args: Any, faults: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if faults:
            self.fields["skip_bad"] = forms.BooleanField(
                label=_("Leave the bad values out and write the good ones"), required=False
            )
            dress(self.fields["skip_bad"])
