"""Charts on pages: the frame with table and note, the data for the script, the downloads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.kit.charts.model import Chart
from lantian.kit.charts.plain import plain
from lantian.kit.charts.table import table_of, written
from lantian.kit.export import XLSX_MIME, attachment, to_csv, to_xlsx

# More rows than these make a page heavy; the downloads hold them all, and the page says so.
TABLE_ROWS = 1000
# What would end the script element.
_ESCAPES = ((">", "\\u003E"), ("<", "\\u003C"), ("&", "\\u0026"))


def download(request: HttpRequest, charts: Iterable[Chart]) -> HttpResponse | None:
    """Answer `?chart=<id>&format=csv|xlsx` with the chart's table as a file; None where nothing of that is asked for.

    Raises Http404 for a chart or a format that the page does not have.
    """
    asked = request.GET.get("chart")
    if not asked:
        return None
    kind = request.GET.get("format", "")
    one = next((chart for chart in charts if chart.id == asked), None)
    if one is None or kind not in ("csv", "xlsx"):
        raise Http404(f"{asked}.{kind}")
    return _file(one, kind)


def _file(chart: Chart, kind: str) -> HttpResponse:
    columns, rows = table_of(chart)
    stamp = timezone.localtime().strftime("%Y%m%d-%H%M")
    mark = _synthetic() if chart.synthetic else ""
    name = "-".join(part for part in (mark, chart.title, stamp) if part).replace("/", "-")
    if kind == "csv":
        if mark:
            # A file that a machine reads carries the mark in every row: notes below the table get lost.
            columns, rows = (*columns, _("Origin")), tuple((*row, mark) for row in rows)
        return attachment(to_csv(columns, rows), f"{name}.csv", "text/csv; charset=utf-8")
    notes = [note for note in (mark, chart.title, chart.note, _("Made: %s") % stamp) if note]
    return attachment(to_xlsx(columns, rows, notes=notes), f"{name}.xlsx", XLSX_MIME)


def _synthetic() -> str:
    return _("Synthetic data of the demonstration")


def render_chart(request: HttpRequest, chart: Chart) -> SafeString:
    """Return the chart's HTML; the first chart of a page brings the script along."""
    first = not getattr(request, "_lantian_charts", False)
    request._lantian_charts = True  # type: ignore[attr-defined]
    columns, rows = table_of(chart)
    empty = not chart.x or all(value is None for one in chart.series for value in one.values)
    context = {
        "chart": chart,
        "first": first,
        "empty": empty,
        "gaps": any(value is None for one in chart.series for value in one.values),
        "columns": columns,
        "body": _body(chart, columns, rows[:TABLE_ROWS]),
        "all": len(rows),
        "shown": min(len(rows), TABLE_ROWS),
        "data": _data(chart),
        "csv": _address(request.GET, chart, "csv"),
        "xlsx": _address(request.GET, chart, "xlsx"),
    }
    return mark_safe(render_to_string("kit/chart.html", context))  # noqa: S308 - our own template


def _data(chart: Chart) -> SafeString:
    """The chart as a block of JSON: no script that runs, so the content-security policy lets it stand."""
    values = {**plain(chart), "words": _words(), "language": get_language()}
    return mark_safe(f'<script type="application/json" data-chart-data>{json_text(values)}</script>')  # noqa: S308


def json_text(value: Any) -> str:
    """Return compact JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign, escaped in _ESCAPES:
        text = text.replace(sign, escaped)
    return text


def _address(query: QueryDict, chart: Chart, kind: str) -> str:
    asked = query.copy()
    asked["chart"], asked["format"] = chart.id, kind
    return f"?{asked.urlencode()}"


def _body(chart: Chart, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> SafeString:
    """The rows in one pass: a template would take seconds for a year of hours."""
    heads = [conditional_escape(one) for one in columns]
    places = _places(chart)
    linked = chart.links if chart.rows is None and chart.kind != "box" else ()
    made = []
    for at, row in enumerate(rows):
        cells = [_cell(value, head, places) for value, head in zip(row[1:], heads[1:], strict=False)]
        first = conditional_escape(written(row[0]))
        if at < len(linked) and linked[at]:
            first = mark_safe(f'<a href="{conditional_escape(linked[at])}">{first}</a>')  # noqa: S308 - escaped
        made.append(f'<tr><td data-label="">{first}</td>{"".join(cells)}</tr>')
    return mark_safe("".join(made))  # noqa: S308 - every cell is escaped


def _places(chart: Chart) -> int | None:
    """How many decimals all series have, if it is the same number."""
    found = {one.decimals for one in chart.series}
    return found.pop() if len(found) == 1 else None


def _cell(value: Any, head: str, places: int | None) -> str:
    kind = "" if isinstance(value, str) else ' class="lt-number"'
    return f'<td data-label="{head}"{kind}>{conditional_escape(written(value, places))}</td>'


def _words() -> dict[str, str]:
    """Words that the script writes."""
    return {
        "synthetic": _synthetic(),
        "none": _("no value"),
        "low": _("Low"),
        "lower": _("Lower quartile"),
        "median": _("Median"),
        "upper": _("Upper quartile"),
        "high": _("High"),
        "months": _("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
        "weekdays": _("Su Mo Tu We Th Fr Sa"),
    }
