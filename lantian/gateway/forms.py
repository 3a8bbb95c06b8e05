"""Forms of the gateway: settings of a device with its points as lines of text, requests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lantian.gateway.models import DeviceRecord
from lantian.gateway.wire import commands
from lantian.gateway.wire.dialect import dialects
from lantian.gateway.words import lang_of_page
from lantian.kit.forms import KitForm, text_field

_POINT_FIELDS = ("code", "quantity", "scale", "unit")


def in_order(points: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return a map of points by what they belong to, then by key: databases keep the keys of JSON in orders of their own."""
    return sorted(points.items(), key=lambda pair: (str(pair[1].get("code", "")), pair[0]))


def points_as_text(points: dict[str, Any]) -> str:
    """Return points as lines: key, code, quantity, scale, unit."""
    return "\n".join(
        " ".join([key, *(str(one.get(name, "")) or "-" for name in _POINT_FIELDS)]) for key, one in in_order(points)
    )


def points_of_text(text: str) -> dict[str, Any]:
    """Return the points of lines. Raises forms.ValidationError naming the line."""
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        key, *rest = parts
        values = [("" if one == "-" else one) for one in rest]
        try:
            if not 1 <= len(values) <= 4 or key in found:
                raise ValueError
            scale = float(values[2]) if len(values) > 2 and values[2] else 1.0
        except ValueError:
            raise forms.ValidationError(
                _("Line %s: write factor, code, quantity, scale, unit (- for none).") % number
            ) from None
        found[key] = {
            "code": values[0],
            "quantity": values[1] if len(values) > 1 else "",
            "scale": scale,
            "unit": values[3] if len(values) > 3 else "",
        }
    return found


class DeviceForm(KitForm):
    """Settings of a device."""

    name = forms.CharField(label=pgettext_lazy("device", "name"), required=False, max_length=120)
    plant = forms.CharField(label=gettext_lazy("code of the enterprise"), required=False, max_length=40)
    default_code = forms.CharField(
        label=gettext_lazy("outlet or equipment of its other points"), required=False, max_length=60
    )
    st = forms.CharField(label=gettext_lazy("system code (ST)"), required=False, max_length=5)
    networks = forms.CharField(
        label=gettext_lazy("networks"),
        required=False,
        help_text=gettext_lazy("separated by blanks; empty: from anywhere"),
    )
    dialect = forms.ChoiceField(label=gettext_lazy("dialect"), choices=lambda: _dialects())
    points = text_field(
        label=gettext_lazy("points"),
        required=False,
        help_text=gettext_lazy("One line for each: factor, code, quantity, scale, unit (- for none)."),
    )
    realtime_seconds = forms.IntegerField(label=gettext_lazy("real-time interval (s)"), initial=60)
    minute_seconds = forms.IntegerField(label=gettext_lazy("minute interval (s)"), initial=60)
    idle_seconds = forms.IntegerField(label=gettext_lazy("silence after which the link is closed (s)"), initial=0)
    minutes = forms.BooleanField(label=gettext_lazy("sends minute data"), required=False, initial=True)
    hours = forms.BooleanField(label=gettext_lazy("sends hour data"), required=False, initial=True)
    clock = forms.BooleanField(label=gettext_lazy("its clock may be set"), required=False)
    backfill = forms.BooleanField(label=gettext_lazy("missing data may be asked for"), required=False)
    reason = text_field(label=gettext_lazy("Reason"), rows=2)

    def clean_networks(self) -> list[str]:
        return str(self.cleaned_data["networks"]).replace(",", " ").split()

    def clean_points(self) -> dict[str, Any]:
        return points_of_text(self.cleaned_data["points"])

    def settings(self) -> dict[str, Any]:
        """Return what services take (after is_valid)."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("reason", "version", "key", "password")
        }

    @staticmethod
    def initial_of(device: DeviceRecord) -> dict[str, Any]:
        names = [name for name in DeviceForm.base_fields if name not in ("reason", "version", "key")]
        values = {name: getattr(device, name) for name in names}
        return {**values, "networks": " ".join(device.networks), "points": points_as_text(device.points)}


class AdmitForm(DeviceForm):
    """Settings of a device that is new, with its password."""

    submit_label = gettext_lazy("Admit it")
    password = forms.CharField(label=gettext_lazy("password that it sends"), required=False, max_length=9)


class BlockForm(KitForm):
    submit_label = gettext_lazy("Block it")
    submit_colour = "danger"
    reason = text_field(label=gettext_lazy("Reason"), rows=2)


class UnblockForm(BlockForm):
    submit_label = gettext_lazy("Admit it again")
    submit_colour = "primary"


class PasswordForm(KitForm):
    submit_label = gettext_lazy("Set the new password")
    password = forms.CharField(
        label=gettext_lazy("password that it sends"),
        required=False,
        max_length=9,
        help_text=gettext_lazy("empty: none is asked for"),
    )
    reason = text_field(label=gettext_lazy("Reason"), rows=2)


class AskForm(KitForm):
    """A request to the device."""

    submit_label = gettext_lazy("Send the request")
    cn = forms.ChoiceField(label=pgettext_lazy("device", "request"), choices=lambda: _requests())
    parameters = forms.CharField(
        label=gettext_lazy("parameters"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "such as RtdInterval=60, or BeginTime=20260101000000 EndTime=20260101010000; the clock takes the present time"
        ),
    )
    reason = text_field(label=gettext_lazy("Reason"), rows=2)

    def clean_parameters(self) -> dict[str, str]:
        found = {}
        for part in str(self.cleaned_data["parameters"]).replace(",", " ").replace(";", " ").split():
            name, sign, text = part.partition("=")
            if not sign or not name:
                raise forms.ValidationError(_("Write each parameter as name=value."))
            found[name] = text
        return found


def _dialects() -> list[tuple[str, str]]:
    zh = lang_of_page() == "zh"
    return [(name, one.zh if zh else one.en) for name, one in dialects().items() if one.devices]


def _requests() -> list[tuple[str, str]]:
    zh = lang_of_page() == "zh"
    return [
        (cn, f"{cn} {one.zh if zh else one.en}")
        for cn, one in sorted(commands.commands().items())
        if one.kind == "request" and "2017" in one.editions
    ]
