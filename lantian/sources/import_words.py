"""Why a file cannot be read, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lantian.kit.errors import DomainError
from lantian.sources.reading.tables import TableError


def table_refusal(error: TableError) -> DomainError:
    """Return a table that cannot be read as a refusal: what it is and how to mend it."""
    again = _("Download the template, fill it in and send it back.")
    words = {
        "old_excel": (_("This is a workbook of old Excel (.xls)."), _("Save it as .xlsx or as CSV.")),
        "damaged": (_("This is no Excel workbook (.xlsx)."), _("Open it in Excel and save it again.")),
        "not_text": (_("This is no text."), _("Save the table as .xlsx or as CSV.")),
        "encoding": (_("The letters of this file cannot be read."), _("Save it as CSV in UTF-8.")),
        "too_large": (_("The file is too large."), _("Cut it into several files.")),
        "too_many": (_("The sheet has more than %(n)s rows.") % {"n": error.params.get("limit", "")}, _("Cut it into several files.")),
        "empty": (_("The file holds no table."), again),
        "nothing": (_("No sheet was understood, or none has a row: %(names)s.") % {"names": error.params.get("names", "")}, again),
        "twice": (
            _("The sheet “%(sheet)s” has several columns that mean the same: %(names)s.") % _two(error),
            _("Keep one of them."),
        ),
        "header": (_("The sheet “%(sheet)s” lacks columns: %(names)s.") % _two(error), again),
    }  # fmt: skip
    message, hint = words.get(error.code, (str(error), again))
    return DomainError(message, hint=hint, field="file")


def _two(error: TableError) -> dict[str, str]:
    return {name: str(error.params.get(name, "")) for name in ("sheet", "names")}
