"""Choices of the records room with their colours."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lantian.kit.choices import Choice, register_family


def register() -> None:
    """Register the families of this room (at start-up)."""
    register_family(
        "review",
        {
            "pending": Choice(_("not reviewed"), "grey", _("nobody has looked at it yet")),
            "accepted": Choice(_("accepted"), "green", _("a reviewer accepts it as proof")),
            "rejected": Choice(_("rejected"), "red", _("a reviewer does not accept it: see the words")),
        },
    )
