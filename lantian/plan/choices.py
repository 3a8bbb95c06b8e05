"""The two lights of an assignment, with label, colour and meaning."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lantian.kit.choices import Choice, register_family

STATUS = {
    "rebounded": Choice(_("rebounded"), "purple", _("It was verified or signed off, and the problem came back.")),
    "overdue": Choice(_("overdue"), "red", _("The deadline is past and the work is still open.")),
    "returned": Choice(_("returned"), "orange", _("A reviewer sent it back; the words say what is missing.")),
    "due_soon": Choice(_("due soon"), "yellow", _("The deadline is near and the work is still open.")),
    "in_progress": Choice(_("in progress"), "blue", _("The holder has reported progress.")),
    "not_started": Choice(_("not started"), "grey", _("The holder has not reported anything yet.")),
    "submitted": Choice(
        _("submitted"), "azure", _("The holder checked it and handed it in; a department verifies it.")
    ),
    "verified": Choice(_("verified"), "lime", _("A department confirmed it; publicity and approval follow.")),
    "signed_off": Choice(_("signed off"), "green", _("The office approved it.")),
    "cancelled": Choice(_("cancelled"), "dark", _("The office decided that the duty does not exist here.")),
}
FRESHNESS = {
    "stale": Choice(_("stale"), "orange", _("The last report is older than its rhythm allows.")),
    "never": Choice(_("never reported"), "grey", _("Nobody has reported on it yet.")),
    "ageing": Choice(_("ageing"), "yellow", _("The next report is nearly due.")),
    "fresh": Choice(_("fresh"), "green", _("Reported within its rhythm.")),
}
ACTIONS = {
    "start": Choice(_("started"), "blue"),
    "report": Choice(_("reported"), "blue"),
    "withdraw_report": Choice(_("withdrew a report"), "grey"),
    "submit": Choice(_("handed in"), "azure"),
    "withdraw": Choice(_("took it back"), "grey"),
    "verify": Choice(_("verified"), "lime"),
    "return": Choice(_("returned"), "orange"),
    "return_verified": Choice(_("returned"), "orange"),
    "publicise": Choice(_("opened publicity"), "lime"),
    "dismiss_objection": Choice(_("answered an objection"), "lime"),
    "uphold_objection": Choice(_("upheld an objection"), "orange"),
    "approve": Choice(_("signed off"), "green"),
    "reopen": Choice(_("opened again"), "orange"),
    "rebound": Choice(_("recorded a rebound"), "purple"),
    "decompose": Choice(_("divided"), "blue"),
    "set_deadline": Choice(_("set the deadline"), "yellow"),
    "cancel": Choice(_("cancelled"), "dark"),
    "drop_part": Choice(_("dropped the part"), "dark"),
    "reinstate": Choice(_("reinstated"), "blue"),
}


def register() -> None:
    """Register the families of the ledger (at start-up)."""
    register_family("status", STATUS)
    register_family("freshness", FRESHNESS)
    register_family("ledger_action", ACTIONS)
