"""Labels and colours of what stands in a text and of its review."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.kit.choices import Choice, register_family

VERSION_STATE = {
    "in_review": Choice(_("in review"), "yellow", _("Read by the machine; people correct it before it is adopted.")),
    "adopted": Choice(_("adopted"), "green", _("In force and frozen.")),
    "superseded": Choice(_("superseded"), "grey", _("A later text took its place.")),
    "discarded": Choice(_("discarded"), "dark", _("Put aside without being adopted.")),
}
MEASURE_REVIEW = {
    "unreviewed": Choice(
        pgettext_lazy("measure review", "not reviewed"),
        "yellow",
        _("As the reader understood it; nobody has looked yet."),
    ),
    "accepted": Choice(pgettext_lazy("measure review", "accepted"), "green", _("A person found it read rightly.")),
    "edited": Choice(pgettext_lazy("measure review", "edited"), "azure", _("A person corrected it.")),
    "added": Choice(pgettext_lazy("measure review", "added by hand"), "blue", _("A person marked it in the text.")),
}
NATURE = {
    "binding": Choice(pgettext_lazy("nature", "binding"), "red", _("The text demands it.")),
    "striving": Choice(pgettext_lazy("nature", "striven for"), "orange", _("The text strives for it (力争, 争取).")),
    "task": Choice(pgettext_lazy("nature", "task"), "grey", _("Work to be done, without a number to be reached.")),
}
RECURRENCE = {
    "daily": Choice(_("daily"), "blue"),
    "weekly": Choice(_("weekly"), "blue"),
    "ten-daily": Choice(_("every ten days"), "blue"),
    "half-monthly": Choice(_("twice a month"), "blue"),
    "monthly": Choice(_("monthly"), "blue"),
    "quarterly": Choice(_("quarterly"), "blue"),
    "half-yearly": Choice(_("twice a year"), "blue"),
    "yearly": Choice(_("yearly"), "blue"),
    "continuous": Choice(_("all the time"), "blue"),
}
CLAUSE_ROLE = {
    "lead": Choice(_("lead"), "red"),
    "each": Choice(_("each by its duty"), "orange"),
    "cooperate": Choice(_("cooperating"), "blue"),
}
CLAUSE_AREAS = {
    "all": Choice(_("all areas"), "green"),
    "some": Choice(_("areas to be named"), "yellow"),
    "named": Choice(_("named areas"), "blue"),
}
DIFFERENCE = {
    "same": Choice(_("unchanged"), "grey", _("The same words, dates, numbers and responsibilities.")),
    "changed": Choice(_("changed"), "orange", _("Words, dates, numbers or responsibilities differ.")),
    "moved": Choice(_("moved"), "azure", _("The same words under another clause.")),
    "added": Choice(_("added"), "green", _("Only in the new text.")),
    "removed": Choice(_("removed"), "red", _("Only in the old text.")),
}
TRACE = {
    "suggested": Choice(_("suggested"), "yellow", _("Found by likeness; nobody has decided yet.")),
    "confirmed": Choice(_("confirmed"), "green", _("A person says that this carries out that.")),
    "rejected": Choice(_("rejected"), "grey", _("A person says that this is something else.")),
}
HANDED_IN = {
    "missing": Choice(_("not handed in"), "red", _("No text of this county's plan was imported.")),
    "late": Choice(_("late"), "orange", _("Imported after the day when it was due.")),
    "in_time": Choice(_("in time"), "green", _("Imported before the day when it was due.")),
}
REVIEW_ACT = {
    "accept": Choice(_("accepting a measure"), "green"),
    "accept_clause": Choice(_("accepting responsibilities"), "green"),
    "accept_all": Choice(_("accepting all above"), "green"),
    "edit": Choice(_("editing a measure"), "azure"),
    "merge": Choice(_("joining two measures"), "azure"),
    "split": Choice(_("splitting a measure"), "azure"),
    "add": Choice(_("adding a measure"), "blue"),
    "delete": Choice(_("deleting a measure"), "red"),
    "add_clause": Choice(_("adding a clause"), "blue"),
    "delete_clause": Choice(_("deleting a clause"), "red"),
    "set_roles": Choice(_("setting responsibilities"), "azure"),
    "resolve_name": Choice(_("settling a name"), "azure"),
    "name_all_areas": Choice(_("naming all counties"), "azure"),
    "edit_heading": Choice(_("editing title and period"), "azure"),
}


def register() -> None:
    """Register the families of documents and their review (at start-up)."""
    register_family("version_state", VERSION_STATE)
    register_family("measure_review", MEASURE_REVIEW)
    register_family("nature", NATURE)
    register_family("recurrence", RECURRENCE)
    register_family("clause_role", CLAUSE_ROLE)
    register_family("clause_areas", CLAUSE_AREAS)
    register_family("text_difference", DIFFERENCE)
    register_family("trace", TRACE)
    register_family("handed_in", HANDED_IN)
    register_family("review_act", REVIEW_ACT)
