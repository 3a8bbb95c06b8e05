"""The words of the workbook and of its reasons, in the language of the page: labels, what is wrong, how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.plan.rules.sheet import COLUMNS
from lantian.plan.rules.sheet_cells import spelling
from lantian.plan.sheets.reading import SheetError

LABELS: dict[str, Promise] = {
    "key": pgettext_lazy("sheet", "Key"),
    "version": pgettext_lazy("sheet", "Version"),
    "code": pgettext_lazy("sheet", "No."),
    "task": pgettext_lazy("sheet", "Task"),
    "measure": pgettext_lazy("sheet", "Measure"),
    "holder": pgettext_lazy("sheet", "Responsible"),
    "deadline": pgettext_lazy("sheet", "Deadline"),
    "status": pgettext_lazy("sheet", "Status now"),
    "last_percent": pgettext_lazy("sheet", "Last progress %"),
    "percent": pgettext_lazy("sheet", "Progress % (0–100)"),
    "state": pgettext_lazy("sheet", "State of the work"),
    "text": pgettext_lazy("sheet", "What was done"),
    "problems": pgettext_lazy("sheet", "Problems"),
    "value": pgettext_lazy("sheet", "Value"),
    "unit": pgettext_lazy("sheet", "Unit"),
    "effective_on": pgettext_lazy("sheet", "As of (day)"),
}
STATE_LABELS: dict[str, Promise] = {
    "not_started": pgettext_lazy("sheet", "not started"),
    "in_progress": pgettext_lazy("sheet", "in progress"),
    "done": pgettext_lazy("sheet", "finished"),
}


@cache
def _in_every_language() -> tuple[dict[str, str], dict[str, str]]:
    """Return (column by header text, state by spelling), whatever language the workbook was made in."""
    columns = {spelling(name): name for name in COLUMNS}
    states = {name: name for name in STATE_LABELS}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            columns |= {spelling(str(label)): name for name, label in LABELS.items()}
            states |= {spelling(str(label)): name for name, label in STATE_LABELS.items()}
    return columns, states


def column_of(header: str) -> str | None:
    """Return the column that a header's text names, in any of our languages, or None."""
    return _in_every_language()[0].get(spelling(header))


def spellings_of_states() -> dict[str, str]:
    """Return the states of the work by how they may be written."""
    return _in_every_language()[1]


Words = tuple[Promise, Promise]
_REASONS: dict[str, Words] = {
    "unknown": (
        _("The hidden key of this row is missing or was changed, so it belongs to no assignment of this round."),
        _("Choose the assignment from the list."),
    ),
    "not_yours": (_("%(record)s is not yours to report on."), _("Leave this row out.")),
    "not_open": (
        _("Its state is “%(state)s”: no report can be added now."),
        _("Leave this row out; take the submission back first if something has to be corrected."),
    ),
    "mixed": (
        _("The row shows “%(found)s”, but its hidden key belongs to “%(record)s”: the table was sorted without its hidden columns."),
        _("Choose the assignment that the row speaks of."),
    ),
    "version_changed": (
        _("The assignment changed since the workbook was made (%(by)s, %(at)s)."),
        _("Look at its present state and tick that this row still holds."),
    ),
    "said_since": (
        _("%(by)s reported %(percent)s %% on it in this round (%(at)s)."),
        _("Look at that report and tick that this row is newer, or leave it out."),
    ),
    "hidden_row": (
        _("The row is hidden in the workbook (by a filter, perhaps) and yet filled in."),
        _("Look at it and tick that it counts, or leave it out."),
    ),
    "duplicate": (
        _("The same assignment stands in row %(rows)s as well."),
        _("Keep one of them and leave the others out."),
    ),
    "percent_text": (_("“%(found)s” is not a number."), _("Write a whole number from 0 to 100, nothing else.")),
    "percent_range": (_("%(found)s is outside 0 to 100."), _("Write a whole number from 0 to 100.")),
    "percent_fraction": (_("%(found)s is not a whole number."), _("Did you mean %(meant)s?")),
    "percent_missing": (_("The progress is missing."), _("Write a whole number from 0 to 100.")),
    "state_unknown": (_("“%(found)s” is not one of the list."), _("Choose not started, in progress or finished, or leave it empty.")),
    "state_mismatch": (
        _("The progress is %(percent)s %%, but the state says “%(state)s”."),
        _("Correct one of them: “%(state)s” means %(wanted)s %%."),
    ),
    "text_missing": (_("It does not say what was done."), _("Write at least two characters.")),
    "text_long": (_("The text has %(length)s characters."), _("At most %(limit)s are kept: shorten it.")),
    "number_text": (_("“%(found)s” is not a number."), _("Write the number alone; it is counted in %(unit)s.")),
    "number_range": (_("%(found)s is larger than can be kept."), _("Use fewer digits.")),
    "no_target": (_("This measure has no number to report."), _("Leave the value empty and write it into the text.")),
    "date_text": (_("“%(found)s” is not a day."), _("Write it as 2020-06-05.")),
    "date_future": (_("%(found)s has not come yet."), _("Write %(latest)s or an earlier day.")),
    "date_old": (_("%(found)s lies long before the plan."), _("Write %(earliest)s or a later day.")),
    "cell_error": (_("The cell holds the error %(found)s."), _("Write the value itself.")),
    "formula_empty": (
        _("The cell holds a formula (%(found)s) whose result was not saved."),
        _("Write the value itself; formulas are not run here."),
    ),
    "formula": (_("A formula: its saved result is taken (%(found)s)."), _("Look whether it is right.")),
    # About the whole file
    "extra_columns": (_("These columns are not ours and were left out: %(names)s."), _("Write what they say into “What was done”.")),
    "other_sheets": (_("These sheets were not read: %(names)s."), _("Only the sheet with our header is read.")),
    "missing_columns": (_("These columns are missing and count as empty: %(names)s."), _("Nothing to do where you have nothing to say.")),
    "no_meta": (_("The workbook lost its hidden sheet."), _("It was read by its header and keys; look at the rows closely.")),
    "continued": (_("These rows were left from the upload %(name)s."), _("Mend them and apply them.")),
}  # fmt: skip

_FILE_ERRORS: dict[str, Words] = {
    "too_large": (_("The workbook is larger than %(limit)s MB."), _("Fill in the workbook that was downloaded here, without pictures.")),
    "not_a_workbook": (_("The file cannot be read as a workbook."), _("Save it as .xlsx and upload it again.")),
    "bomb": (_("The workbook unpacks to more than %(limit)s MB."), _("Fill in the workbook that was downloaded here.")),
    "entities": (
        _("The workbook declares XML entities (%(part)s), which no spreadsheet program does."),
        _("Fill in the workbook that was downloaded here."),
    ),
    "no_table": (
        _("No sheet has our header: the columns “Key” and “Progress %%” were not found."),
        _("Fill in the workbook that was downloaded here and leave its header as it is."),
    ),
    "too_many_rows": (_("The sheet has more than %(limit)s rows."), _("Remove the rows that are not ours.")),
    "wrong_round": (_("The workbook belongs to another round (%(found)s)."), _("Download the workbook of this round.")),
    "no_rows": (_("No row is filled in."), _("Fill in the progress and what was done, save the workbook, and upload it again.")),
}  # fmt: skip


def sentences(code: str, params: dict[str, Any], states: Callable[[str], str] = str) -> tuple[str, str]:
    """Return (what is wrong, how to mend it) for a fault's code in the active language; `states` names a state."""
    if code == "refused":  # a service's own words, translated when they were said
        return params["message"], params["hint"]
    values = dict(params)
    if "state" in values:
        value = values["state"]
        values["state"] = str(STATE_LABELS[value]) if value in STATE_LABELS else states(value)
    if isinstance(values.get("rows"), list):
        values["rows"] = "、".join(str(n) for n in values["rows"])
    if "unit" in values and not values["unit"]:
        values["unit"] = str(_("numbers without unit"))
    what, how = _REASONS[code]
    return str(what) % values, str(how) % values


def refusal(error: SheetError) -> tuple[str, str]:
    """Return (what is wrong, how to mend it) for a workbook that cannot be read at all."""
    what, how = _FILE_ERRORS[error.code]
    return str(what) % error.params, str(how) % error.params
