"""Forms of the review: a decision about episodes, a correction, what is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.air.control.data import lang, sources
from lantian.air.quality.flags import automatic, deciding, flags
from lantian.kit.forms import KitForm, day_field, dress, text_field
from lantian.standards.pollutants import core_codes


def void_choices() -> list[tuple[str, str]]:
    return [(name, flags()[name].label(lang())) for name in deciding() if flags()[name].void]


class DecisionForm(KitForm):
    """What to do with the chosen episodes, and why."""

    title = _("Decide")
    submit_label = _("Decide")
    action = forms.ChoiceField(
        label=_("Decision"),
        choices=[("", "–"), ("accept", _("accept: the values are good")), ("void", _("flag: the values are void")),
                 ("unflag", _("unflag: take back what people decided"))],
    )  # fmt: skip
    flag = forms.ChoiceField(label=_("Void because of"), required=False)
    reason = text_field(label=_("Reason"), rows=2, max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["flag"]
        field.choices = [("", "–"), *void_choices()]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("action") == "void" and not data.get("flag"):
            self.add_error("flag", _("Choose why the values are void."))
        return data


class CorrectionForm(KitForm):
    """Another value in the place of one."""

    title = _("Correct the value")
    submit_label = _("Correct")
    value = forms.DecimalField(label=_("Value"), min_value=0, max_digits=12, decimal_places=3)
    reason = text_field(label=_("Reason"), rows=2, max_length=2000)


class Filter(forms.Form):
    """Which episodes are shown."""

    source = forms.ChoiceField(label=_("Place or station"), required=False)
    item = forms.ChoiceField(label=_("Pollutant"), required=False)
    flag = forms.ChoiceField(label=_("Rule or decision"), required=False)
    first = day_field(label=_("First day"), required=False)
    last = day_field(label=pgettext_lazy("air", "Last day"), required=False)

    def __init__(self, *args: Any, decided: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self.fields["source"], [("", _("all")), *((one.source, one.name) for one in sources().values())])
        set_choices(self.fields["item"], item_choices())
        named = [name for name in flags() if name in automatic() or (decided and name in deciding())]
        set_choices(
            self.fields["flag"], [("", _("to be decided")), *((name, flags()[name].label(lang())) for name in named)]
        )
        for field in self.fields.values():
            dress(field)


class SeriesFilter(forms.Form):
    """Which stretch of which series is shown, and how."""

    source = forms.ChoiceField(label=_("Place or station"))
    item = forms.ChoiceField(label=_("Pollutant"))
    first = day_field(label=_("First day"))
    last = day_field(label=pgettext_lazy("air", "Last day"))
    without = forms.BooleanField(label=_("leave out void values"), required=False)
    known = day_field(label=_("As known on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self.fields["source"], [(one.source, one.name) for one in sources().values()])
        set_choices(self.fields["item"], item_choices()[1:])
        for field in self.fields.values():
            dress(field)


def item_choices() -> list[tuple[str, Any]]:
    return [("", _("all")), *((code, code) for code in core_codes())]


def set_choices(field: Any, choices: list[tuple[str, Any]]) -> None:
    field.choices = choices
