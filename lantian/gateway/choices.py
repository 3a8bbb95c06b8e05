"""Choices of the gateway with their colours."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.gateway.models import DeviceState
from lantian.kit.choices import Choice, register_family

_STATES = {
    "admitted": Choice(DeviceState.ADMITTED.label, "green"),
    "blocked": Choice(DeviceState.BLOCKED.label, "red"),
    "quarantine": Choice(
        pgettext_lazy("device", "in quarantine"), "yellow", _("Its packets are kept until somebody admits it.")
    ),
}
_COMMANDS = {
    "queued": Choice(
        pgettext_lazy("request", "waits"), "grey", _("The device is not connected, or another request is under way.")
    ),
    "sent": Choice(pgettext_lazy("request", "sent"), "azure"),
    "accepted": Choice(pgettext_lazy("request", "taken"), "blue", _("The device said that it does it (9011).")),
    "done": Choice(pgettext_lazy("request", "done"), "green"),
    "failed": Choice(pgettext_lazy("request", "failed"), "red"),
    "refused": Choice(pgettext_lazy("request", "refused"), "orange", _("The device refused it (QnRtn).")),
    "timeout": Choice(pgettext_lazy("request", "no answer"), "orange"),
    "expired": Choice(pgettext_lazy("request", "too old"), "grey", _("The device was away for too long.")),
}
_GAPS = {
    "waiting": Choice(pgettext_lazy("gap", "open"), "yellow"),
    "asked": Choice(pgettext_lazy("gap", "asked for"), "azure"),
    "filled": Choice(pgettext_lazy("gap", "backfilled"), "green"),
    "given_up": Choice(pgettext_lazy("gap", "cannot be had"), "grey"),
}


def register() -> None:
    """Register the families of this room (at start-up)."""
    register_family("device_state", _STATES)
    register_family("device_request", _COMMANDS)
    register_family("device_gap", _GAPS)
