"""Choices of the air room with their colours."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.kit.choices import Choice, register_family


def register() -> None:
    """Register the families of this room (at start-up)."""
    register_family(
        "import_state",
        {
            "waiting": Choice(_("waiting to be checked"), "grey", _("the worker will read it")),
            "looking": Choice(_("being checked"), "azure", _("the worker reads it; nothing is written")),
            "looked": Choice(_("to be confirmed"), "yellow", _("look at what was found, then confirm")),
            "unreadable": Choice(_("cannot be read"), "red", _("see what is wrong and how to mend it")),
            "confirmed": Choice(_("waiting to be written"), "grey", _("the worker will write it")),
            "writing": Choice(_("being written"), "azure", _("the worker writes it, part by part")),
            "done": Choice(_("done"), "green", _("all values are in the store")),
            "failed": Choice(_("failed"), "red", _("see why; it may be resumed")),
            "cancelled": Choice(_("cancelled"), "grey", _("somebody stopped it; it may be resumed")),
        },
    )
    register_family(
        "import_origin",
        {
            "browser": Choice(pgettext_lazy("import", "uploaded"), "blue"),
            "folder": Choice(_("watched folder"), "purple"),
            "push": Choice(_("pushed"), "lime"),
        },
    )
