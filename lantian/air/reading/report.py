"""What an import found, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lantian.air.reading.faults import Faults


def summary_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield rows, period, values of each quantity and what was passed over."""
    yield f"{summary['file']}: {summary['rows']:,} rows, {summary['values']:,} values, {len(summary['places'])} places"
    label = f", label = {summary['hour_label']} of the hour" if summary["step"] == "hour" else ""
    yield f"{summary['first']} … {summary['last']} ({summary['time_zone']}{label}), series {summary['series']}"
    yield "  ".join(f"{code} {one['n']:,} (-{one['missing']})" for code, one in summary["items"].items())
    if summary["columns_unknown"]:
        yield f"columns that nobody knows, passed over: {', '.join(summary['columns_unknown'])}"
    if summary["notes"].get("hidden_sheets"):
        yield f"hidden sheets, passed over: {summary['notes']['hidden_sheets']}"


def fault_lines(faults: Faults, lang: str, most: int) -> Iterator[str]:
    """Yield the first faults as sentences, and how many more there are."""
    for one in faults.in_order()[:most]:
        yield one.sentence(lang)
    if faults.total > most:
        yield f"… {faults.total - most} more (--json lists up to {faults.most})"
