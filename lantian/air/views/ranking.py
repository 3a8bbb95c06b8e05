"""Rankings of counties and cities, by the composite index and by its change."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.air.assessing.ask import law_of, rank_on
from lantian.air.assessing.periods import Period
from lantian.air.assessing.ranks import Ranking
from lantian.air.assessing.scopes import FILE, Scope, read_scopes
from lantian.air.front.ranking_asked import Asked, asked_of
from lantian.air.front.ranking_rows import (
    Line,
    figure_heads,
    lines_of,
    note_of,
    other_label,
    reason_words,
    shares_chart,
    table_of,
)
from lantian.air.front.words import law_words
from lantian.air.places.asked import place_url
from lantian.air.profiles.period import until
from lantian.air.queries import pack_root, remembered, shelf, store_version
from lantian.air.tabs import tabs
from lantian.city import clock
from lantian.city.access import needs, scope_of
from lantian.kit.charts import download
from lantian.kit.export import XLSX_MIME, attachment, to_csv, to_xlsx
from lantian.standards.regimes import Regime, SpansChangeError, UnknownDateError, split_by_regime

_DAY = dt.timedelta(days=1)


@needs("air.view")
def ranking(request: HttpRequest) -> HttpResponse:
    """Rank the places of a list: `scope`, `period` (or year and part, or first and last), `by`, `dust`, `regime`."""
    context: dict[str, Any] = {"title": _("Ranking"), "tabs": tabs(request)}
    scopes = _scopes()
    if not scopes or store_version() is None:
        url = reverse("air:imports") if scope_of(request.user).may("air.import") else ""
        return render(request, "air/ranking.html", context | {"empty": True, "scopes": scopes, "may_import": url})
    asked, form = asked_of(request.GET, scopes, clock.today())
    context |= {"asked": asked, "form": form, "wrong": asked.wrong}
    status = 400 if asked.wrong else 200
    shown = until(asked.period, clock.today() - _DAY)
    if shown.first >= clock.today():
        context["problem"] = _("That period has not begun yet.")
        return render(request, "air/ranking.html", context, status=400)
    try:
        law = law_of(shown.first, shown.last, asked.regime or None)
    except (SpansChangeError, UnknownDateError):
        return render(request, "air/ranking.html", context | _without_law(asked, shown), status=400)
    return _answer(request, asked, shown, law, context, status)


def _answer(
    request: HttpRequest, asked: Asked, shown: Period, law: Regime, context: dict[str, Any], status: int
) -> HttpResponse:
    found = remembered(
        "ranking",
        (asked.scope.id, shown, law.name, asked.dust, asked.by),
        lambda: rank_on(shelf(), asked.scope, law, shown, change=True, by=asked.by, dust=asked.dust),
    )
    lines = lines_of(found, get_language() or "")
    links = [place_url(line.row.subject) for line in lines]
    chart = shares_chart(found, lines, links)
    if answer := _file(request, found, lines) or download(request, [chart]):
        return answer
    return render(
        request, "air/ranking.html", context | _shown(asked, found, lines, links) | {"chart": chart}, status=status
    )


def _shown(asked: Asked, found: Ranking, lines: list[Line], links: list[str]) -> dict[str, Any]:
    return {
        "found": found,
        "lines": list(zip(lines, links, strict=True)),
        "heads": figure_heads(found.law),
        "other_label": other_label(found),
        "law": law_words(found.law),
        "reasons": [(one.name, reason_words(one)) for one in found.reasons],
        "note": note_of(found),
        "cut_at": found.period.last if found.period != asked.period else None,
        "newest": None if lines else _newest(asked),
        "by_change": asked.by == "change",
        "change_url": asked.url(by="index" if asked.by == "change" else "change"),
    }


def _newest(asked: Asked) -> dict[str, str] | None:
    """The newest month that any place of the list has data of, where the asked one has none."""
    known = [one for one in shelf().subjects if {one.name, *one.spellings} & set(asked.scope.places)]
    if not known:
        return None
    last = max(timezone.localtime(one.last).date() for one in known)
    return {"text": f"{last:%Y-%m}", "url": asked.url(period=f"{last:%Y-%m}")}


def _without_law(asked: Asked, shown: Period) -> dict[str, Any]:
    """What to do about a period that no one law covers."""
    try:
        parts = split_by_regime(shown.first, shown.last)
    except UnknownDateError:
        return {"problem": _("No standard is known for these days.")}
    offers = [(law_words(law), asked.url(regime=law.name)) for law, _first, _last in parts]
    offers += [(f"{first} … {last}", replace(asked, period=Period(first, last)).url()) for _law, first, last in parts]
    return {
        "problem": _("The law changes within this period: choose one law for all of it, or a part."),
        "offers": offers,
    }


def _scopes() -> tuple[Scope, ...]:
    """The lists of the pack in force."""
    root = pack_root()
    file = root / FILE if root else None
    return read_scopes(file) if file and file.is_file() else ()


def _file(request: HttpRequest, found: Ranking, lines: list[Line]) -> HttpResponse | None:
    """The whole table as a file: `?export=xlsx|csv`."""
    kind = request.GET.get("export")
    if kind not in ("xlsx", "csv"):
        return None
    columns, rows, notes = table_of(found, lines)
    mark = f"{notes[0]}-" if found.synthetic else ""
    name = f"{mark}{_('ranking')}-{found.scope.id}-{found.period.text}-{found.dust}.{kind}"
    if kind == "csv":
        if found.synthetic:
            columns, rows = [*columns, _("Mark")], [[*row, notes[0]] for row in rows]
        return attachment(to_csv(columns, rows), name, "text/csv; charset=utf-8")
    return attachment(to_xlsx(columns, rows, notes=notes), name, XLSX_MIME)
