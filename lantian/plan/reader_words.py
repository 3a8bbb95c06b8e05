"""What the reader says about its doubts, in the person's language. The reader itself speaks plain English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_NOTES = {
    "from the front of the sentence": gettext_lazy("taken from the front of the sentence"),
    "“N年” read as by the end of the year": gettext_lazy("only a year is named: read as by its end"),
    "“N年前” read as before the year begins": gettext_lazy("“before the year”: read as before it begins"),
    "“N月前” read as before the month begins": gettext_lazy("“before the month”: read as before it begins"),
    "year counted from the plan's year": gettext_lazy("year counted from the plan's year"),
    "year taken from the plan's period": gettext_lazy("year taken from the plan's period"),
    "year of the deadline before": gettext_lazy("year of the deadline before it"),
    "year of the plan": gettext_lazy("year of the plan"),
    "lies before the document's own date": gettext_lazy("lies before the document's own date"),
    "相关…: a person must say which areas": gettext_lazy("“the counties concerned”: a person must say which"),
    "a person must say which departments": gettext_lazy("a person must say which departments"),
    "not in the list of areas; name as it stands": gettext_lazy("not in the list of areas; the name as it stands"),
    "no role word; taken as responsible": gettext_lazy("no word says the role; taken as responsible"),
    "负责 beside 配合: taken as lead": gettext_lazy("“负责” beside “配合”: taken as lead"),
    "named as lead": gettext_lazy("the text names it as lead"),
    "no number in the text": gettext_lazy("the text says it in words, without a number"),
    "object taken from the title": gettext_lazy("what it counts was taken from the title"),
    "object assumed from the unit": gettext_lazy("what it counts was assumed from the unit"),
    "taken over from the words before": gettext_lazy("taken over from the words before it"),
    "named as cooperate": gettext_lazy("the text names it as cooperating"),
}
_HEATING = re.compile(r"^heating season from (?P<day>\S+) assumed: (?P<why>.+)$")
_SEASON = re.compile(r"^heating season from (?P<day>\d\d-\d\d)$")
_RATE = re.compile(r"^rate (?P<rate>.+)$")
_BY_DAY = re.compile(r"^by day (?P<day>\d+)$")


def note_text(note: str) -> str:
    """Return a field's note in the person's language (as the reader wrote it when it is unknown here)."""
    return "；".join(_one_note(part) for part in note.split("; "))


def _one_note(note: str) -> str:
    if note in _NOTES:
        return str(_NOTES[note])
    if found := _HEATING.match(note):
        return _("the pack says no heating season; from %(day)s assumed") % {"day": found["day"]}
    if found := _BY_DAY.match(note):
        return _("by day %(day)s") % {"day": found["day"]}
    if found := _SEASON.match(note):
        return _("heating season from %(day)s") % {"day": found["day"]}
    if found := _RATE.match(note):
        return _("a rate: %(rate)s") % {"rate": found["rate"]}
    return note


def warning_text(warning: Mapping[str, Any], source: str) -> str:
    """Return a warning of the reader in the person's language, with the words of the text that it is about."""
    words = {"words": source[warning["start"] : warning["end"]].replace("\n", "")[:60]}
    match warning["code"]:
        case "areas-to-name":
            return _("“%(words)s” does not say which areas: name them.") % words
        case "deadline":
            return _("The date “%(words)s” is uncertain: check it.") % words
        case "suspect-clause":
            return _("“%(words)s” looks like a responsibility clause but could not be read.") % words
        case "bracket":
            return _("A bracket is missing in “%(words)s”.") % words
        case "clause-words":
            return _("“%(words)s” in a responsibility clause was not understood.") % words
        case "no-clause":
            return _("No responsibility clause stands with “%(words)s”.") % words
        case "table-continued":
            return _("A table without heading was read as the continuation of the one before.")
        case "no-date":
            return _("The document's date was not found; deadlines without a year depend on it.")
        case _:
            return str(warning["message"])
