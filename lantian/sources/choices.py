"""Choices of the register with their colours."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.kit.choices import Choice, register_family
from lantian.sources.models import Change, Confidence, Grade, RegisterImport, Scattered, State

_COLOURS: dict[str, dict[str, str]] = {
    "enterprise_state": {"running": "green", "stopped": "yellow", "closed": "grey", "building": "azure"},
    "enterprise_grade": {
        "A": "green", "B": "lime", "B-": "lime", "C": "yellow", "D": "orange", "leading": "azure", "livelihood": "blue", "": "grey",
    },
    "scattered": {"no": "green", "close": "red", "move": "orange", "upgrade": "yellow", "": "grey"},
    "source_confidence": {"verified": "green", "reported": "azure", "assumed": "yellow", "": "grey"},
    "register_act": {
        "create": "green", "update": "azure", "end": "grey", "reopen": "lime", "merge": "purple", "split": "orange", "move": "purple",
    },
    "register_import": {"looked": "yellow", "done": "green", "cancelled": "grey"},
}  # fmt: skip
_WORDS: dict[str, Any] = {
    "enterprise_state": State,
    "enterprise_grade": Grade,
    "scattered": Scattered,
    "source_confidence": Confidence,
    "register_act": Change.Act,
    "register_import": RegisterImport.State,
}


def register() -> None:
    """Register the families of this room (at start-up)."""
    for name, words in _WORDS.items():
        register_family(name, {str(value): Choice(label, _COLOURS[name][str(value)]) for value, label in words.choices})
    register_family(
        "permit_state",
        {
            "valid": Choice(pgettext_lazy("permit", "valid"), "green"),
            "soon": Choice(_("expires soon"), "yellow", _("a renewal has to be asked for by now")),
            "expired": Choice(pgettext_lazy("permit", "expired"), "red"),
            "open": Choice(_("without an end"), "azure", _("a registration, or no last day is known")),
            "none": Choice(_("no permit"), "orange", _("the register holds none that is in force")),
        },
    )
    register_family(
        "import_action",
        {
            "create": Choice(_("new"), "green"),
            "update": Choice(_("changes"), "azure"),
            "same": Choice(_("unchanged"), "grey"),
            "faulty": Choice(_("has faults"), "red"),
            "left": Choice(_("left out"), "grey"),
        },
    )
    register_family(
        "permit_standing",
        {
            "covered": Choice(pgettext_lazy("permit", "covered"), "green"),
            "lower": Choice(pgettext_lazy("permit", "lower kind than needed"), "orange"),
            "expired": Choice(pgettext_lazy("permit", "expired"), "red"),
            "missing": Choice(pgettext_lazy("permit", "missing"), "red"),
            "not_needed": Choice(pgettext_lazy("permit", "none needed"), "grey"),
        },
    )
    register_family(
        "boiler_state",
        {
            "left": Choice(pgettext_lazy("boiler", "still there"), "azure"),
            "gone": Choice(pgettext_lazy("boiler", "gone"), "green"),
            "not_there": Choice(pgettext_lazy("boiler", "not there on the day"), "grey"),
        },
    )
