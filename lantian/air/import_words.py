"""An import in words: what was found, what is wrong, why it ended as it did."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lantian.air.models import ImportJob
from lantian.air.reading.faults import Fault, fault_words

_SHOWN_FAULTS, _SHOWN_PLACES = 50, 60


def fault_of(plain: list[Any]) -> Fault:
    """Return a fault as it was kept with the import."""
    row, column, value, code, expected, other = plain
    return Fault(row, column, value, code, expected, other)


def reason_of(job: ImportJob) -> str:
    """Return why it failed, was stopped or waits; "" when there is nothing to say."""
    code, _bar, detail = job.message.partition("|")
    words = {
        "stopped": _("It was stopped. Parts that are in the store stay there; going on writes the others."),
        "busy": _("Another process writes to the store just now; it is tried again every minute."),
        "folder": _("It lies in the folder as %(why)s") % {"why": detail},
        "refused": _("It could not be written: %(why)s") % {"why": detail},
        "crashed": _("It failed by a fault of this program, which stands in its log: %(why)s") % {"why": detail},
    }
    return words.get(code, job.message)


def found_on_page(job: ImportJob, lang: str) -> dict[str, Any]:
    """Return what the page of an import shows of its summary and faults."""
    summary = job.summary
    kinds = [{"n": count, "text": fault_words(code, lang)} for code, count in summary.get("faults_by_kind", {}).items()]
    shown = [fault_of(one) for one in job.faults[:_SHOWN_FAULTS]]
    places = list(summary.get("places", {}).items())
    return {
        "summary": summary,
        "kinds": kinds,
        "faults": [
            {"row": one.row or "", "column": one.column, "value": one.value, "text": one.text(lang), "mend": one.mend(lang)}
            for one in shown
        ],
        "kept_faults": len(job.faults),
        "columns": [{**one, "as": role(one["as"])} for one in summary.get("columns", [])],
        "places": places[:_SHOWN_PLACES],
        "more_places": max(0, summary.get("number_of_places", len(places)) - _SHOWN_PLACES),
        "items": list(summary.get("items", {}).items()),
        "repeated": bool(summary) and summary.get("present", 0) == job.parts > 0,
        "partly": 0 < summary.get("present", 0) < job.parts,
    }  # fmt: skip


def role(name: str) -> str:
    """What a column is understood as."""
    words = {
        "time": _("time"),
        "hour": _("hour"),
        "place": _("place"),
        "pollutant": _("pollutant"),
        "value": _("value"),
        "unit": _("unit"),
    }
    return words.get(name, name)
