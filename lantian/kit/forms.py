"""The one form of every page: Tabler's looks, a hidden version and key, and refusals shown beside their field.

    class ReturnForm(KitForm):
        submit_label = _("Return it")
        reason = forms.CharField(label=_("Reason"), widget=forms.Textarea)

In a view: `form = ReturnForm.of(record)` to show it; on POST `form = ReturnForm(request.POST, request.FILES)` and
`perform(form, lambda data: service(actor, record, reason=data["reason"], **form.guards))`. In a template:
`{% include "kit/form.html" with form=form action=url %}`. It works without JavaScript and keeps what was typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lantian.kit.errors import Conflict, DomainError, NotAllowed

R = TypeVar("R")


class DateInput(forms.DateInput):
    """A day, chosen in the browser's own calendar."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


def day_field(**kwargs: Any) -> forms.DateField:
    """Return a field for a day, written 2020-09-30."""
    return forms.DateField(widget=DateInput(), input_formats=["%Y-%m-%d"], **kwargs)


def text_field(*, rows: int = 3, **kwargs: Any) -> forms.CharField:
    """Return a field for a text of several lines (at most 5,000 characters unless said otherwise)."""
    kwargs.setdefault("max_length", 5000)
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class KitForm(forms.Form):
    """A form with the hidden fields `version` (optimistic lock) and `key` (the same click twice counts once).

    `title`, `submit_label`, `submit_colour` (Tabler colour) and `intro` are shown; `confirm` is asked before sending.
    """

    template_name = "kit/form_fields.html"
    title: str | Promise = ""
    intro: str | Promise = ""
    submit_label: str | Promise = _("Save")
    submit_colour = "primary"
    confirm: str | Promise = ""
    # A template shown inside the form for fields that need more than a label, and the names of those fields.
    extra = ""
    fields_in_extra: tuple[str, ...] = ()

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.setdefault("key", uuid.uuid4().hex)
        for field in self.fields.values():
            dress(field)

    @classmethod
    def of(cls, record: Any, **kwargs: Any) -> Any:
        """Return an empty form made from the record's present version."""
        initial = {"version": getattr(record, "version", None), **kwargs.pop("initial", {})}
        return cls(initial=initial, **kwargs)

    @property
    def guards(self) -> dict[str, Any]:
        """Return seen_version and key as services take them (only after is_valid)."""
        return {"seen_version": self.cleaned_data["version"], "key": self.cleaned_data["key"] or None}

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Return the visible fields that the form's own template shows."""
        return [field for field in self.visible_fields() if field.name not in self.fields_in_extra]

    @property
    def is_multipart_form(self) -> bool:
        """Tell the template whether files are sent along."""
        return self.is_multipart()

    def refuse(self, problem: DomainError) -> None:
        """Show a service's refusal beside the field that it names, or on top."""
        field = (
            problem.field if problem.field in self.fields and not self.fields[problem.field].widget.is_hidden else None
        )
        self.add_error(field, str(problem))

    def renew(self, record: Any) -> None:
        """After a conflict: carry the record's present version and a new key, keep what was typed."""
        data: Any = self.data
        new = data.copy()
        new[self.add_prefix("version")] = str(record.version)
        new[self.add_prefix("key")] = uuid.uuid4().hex
        self.data = new


def dress(field: forms.Field) -> None:
    """Give a field's widget its Tabler class."""
    widget = field.widget
    kind = getattr(widget, "input_type", "")
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect):
        css = "form-check-input"
    elif kind == "select" or isinstance(widget, forms.Select):
        css = "form-select"
    elif kind == "hidden":
        return
    else:
        css = "form-control"
    classes = str(widget.attrs.get("class", "")).split()
    widget.attrs["class"] = " ".join(dict.fromkeys([*classes, css]))
    if isinstance(field, forms.DecimalField):
        # A number field of the browser would refuse what the unit's decimals need.
        widget.attrs.setdefault("step", "any")


def perform(form: KitForm, act: Callable[[dict[str, Any]], R], *, record: Any = None) -> R | None:
    """Validate the form and do it; return what `act` returned, or None with the reasons on the form.

    After a Conflict the form carries `record`'s present version, so that the person can look and send it again.
    NotAllowed is raised on: nothing that is typed differently would help.
    """
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except NotAllowed:
        raise
    except DomainError as problem:
        form.refuse(problem)
        form.status = problem.status  # type: ignore[attr-defined]
        if isinstance(problem, Conflict) and record is not None:
            record.refresh_from_db()
            form.renew(record)
        return None


def status_of(form: KitForm) -> int:
    """Return the HTTP status of a form that is shown again: 409 after a conflict, 422 for wrong input."""
    refused: int = getattr(form, "status", 422)
    return refused
