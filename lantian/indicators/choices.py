"""Freshness, verdicts and agreement: label, colour and meaning together."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lantian.kit.choices import Choice, register_family

FRESHNESS = {
    "fresh": Choice(_("fresh"), "green", _("The newest input is as young as its rhythm asks for.")),
    "stale": Choice(_("stale"), "orange", _("The newest input is older than its rhythm allows.")),
    "unknown": Choice(_("unknown"), "grey", _("There is no input whose age could be told.")),
}
VERDICT = {
    "met": Choice(_("met"), "green", _("The value meets the target.")),
    "not_met": Choice(_("not met"), "red", _("The value does not meet the target.")),
    "unknown": Choice(_("cannot be judged"), "grey", _("There is no value, or too little stands behind it.")),
}
AGREEMENT = {
    "agree": Choice(_("agree"), "green", _("Reported and computed value agree within the tolerance.")),
    "disagree": Choice(_("differ"), "red", _("Reported and computed value differ by more than the tolerance.")),
    "nothing": Choice(_("nothing to compare"), "grey", _("One of the two values is missing.")),
}
DIRECTION = {
    "up": Choice(_("more is better"), "azure"),
    "down": Choice(_("less is better"), "azure"),
    "none": Choice(_("neither"), "grey"),
}


def register() -> None:
    """Register the families of this room (at start-up)."""
    register_family("value_freshness", FRESHNESS)
    register_family("verdict", VERDICT)
    register_family("agreement", AGREEMENT)
    register_family("indicator_direction", DIRECTION)
