"""Rounds, uploads, escalation: their states with label, colour and meaning."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.kit.choices import Choice, register_family

ROUND_STATE = {
    "open": Choice(pgettext_lazy("round", "open"), "blue", _("Reports are being collected.")),
    "closed": Choice(pgettext_lazy("round", "closed"), "grey", _("The figures are those of the moment of closing.")),
}
ENTRY = {
    "handed_in": Choice(pgettext_lazy("round", "reported"), "green", _("Reported in this round, by the due day.")),
    "late": Choice(pgettext_lazy("round", "reported late"), "yellow", _("Reported after the due day.")),
    "excused": Choice(
        pgettext_lazy("round", "with the checkers"), "azure", _("Handed in for checking: no report is due.")
    ),
    "missing": Choice(pgettext_lazy("round", "not reported"), "red", _("No report in this round yet.")),
    "cancelled": Choice(_("cancelled"), "dark", _("The duty was cancelled; it no longer counts.")),
}
MOVEMENT = {
    "forward": Choice(_("moved forward"), "green", _("Progress or state is further than in the last round.")),
    "stuck": Choice(_("stuck"), "yellow", _("Progress and state are as in the last round.")),
    "back": Choice(_("slid back"), "red", _("Progress fell, or it was returned, withdrawn or rebounded.")),
    "done": Choice(_("signed off"), "lime", _("Signed off since the last round.")),
    "fresh": Choice(_("newly asked"), "azure", _("Not asked for in the last round.")),
    "unknown": Choice(_("unknown"), "grey", _("No progress was ever reported, so nobody can tell.")),
}
SHEET_ROW = {
    "ready": Choice(pgettext_lazy("sheet", "ready"), "green", _("Nothing is wrong with it; it will be applied.")),
    "faulty": Choice(pgettext_lazy("sheet", "to mend"), "red", _("The reasons say what is wrong and how to mend it.")),
    "applied": Choice(pgettext_lazy("sheet", "applied"), "azure", _("A progress report was made of it.")),
    "same": Choice(pgettext_lazy("sheet", "unchanged"), "grey", _("It says what was reported already.")),
    "left_out": Choice(pgettext_lazy("sheet", "left out"), "grey", _("You chose not to apply it.")),
    "empty": Choice(pgettext_lazy("sheet", "empty"), "grey", _("Nothing is filled in.")),
}
LEVEL = {
    "remind": Choice(_("reminder"), "azure", _("The holder is told and asked for an answer.")),
    "warn": Choice(_("early warning"), "yellow", _("Work lags: the office warns before it is too late.")),
    "circular": Choice(_("circular"), "orange", _("The case is named to all areas and departments.")),
    "interview": Choice(_("interview"), "red", _("The heads are called in.")),
    "inspection": Choice(_("special inspection"), "purple", _("Inspectors look on the spot.")),
    "accountability": Choice(_("accountability"), "dark", _("Those responsible are held to account.")),
}
PROPOSAL = {
    "proposed": Choice(_("waits for a decision"), "yellow", _("The rules propose it; nobody has decided yet.")),
    "accepted": Choice(_("accepted"), "green", _("The office decided it, a notice went out.")),
    "rejected": Choice(_("rejected"), "grey", _("The office decided against it, with a reason.")),
    "lapsed": Choice(_("lapsed"), "grey", _("Its reason went away before anybody decided.")),
}
LAPSE = {
    "gone": Choice(_("its reason has gone"), "grey"),
    "raised": Choice(_("replaced by a higher level"), "grey"),
    "lowered": Choice(_("replaced by a lower level"), "grey"),
    "covered": Choice(_("covered by a higher level for the same subject"), "grey"),
}
DIFFERENCE = {
    "added": Choice(_("added"), "green"),
    "cancelled": Choice(_("cancelled"), "dark"),
    "changed": Choice(_("changed"), "yellow"),
    "same": Choice(_("unchanged"), "grey"),
}


def register() -> None:
    """Register these families (at start-up)."""
    register_family("round_state", ROUND_STATE)
    register_family("round_entry", ENTRY)
    register_family("movement", MOVEMENT)
    register_family("sheet_row", SHEET_ROW)
    register_family("level", LEVEL)
    register_family("proposal", PROPOSAL)
    register_family("lapse", LAPSE)
    register_family("difference", DIFFERENCE)
