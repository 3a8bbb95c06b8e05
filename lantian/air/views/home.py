"""The home of the air room: the air now, and how the city's month and year stand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.air.front.board import Board, Line, board_at
from lantian.air.front.map import now_map
from lantian.air.front.rows import Row, row_of
from lantian.air.front.todate import spans, standings
from lantian.air.front.todate_rows import span_rows, standing_rows
from lantian.air.front.words import hour_text, item_heads, law_words, version_words
from lantian.air.places.asked import place_url
from lantian.air.queries import shelf, store_version
from lantian.air.tabs import tabs
from lantian.city import clock
from lantian.city.access import needs, scope_of
from lantian.kit.charts import download
from lantian.standards.regimes import UnknownDateError, regime_at

AT = "%Y-%m-%dT%H:00"


@needs("air.view")
def home(request: HttpRequest) -> HttpResponse:
    """The air now, or at the earlier hour of `?at=2020-06-19T23:00`; nothing of it is ever shown as the present."""
    context: dict[str, Any] = {"title": _("Air"), "tabs": tabs(request), "may_import": _import_url(request)}
    if store_version() is None:
        return render(request, "air/home.html", context | {"empty": True})
    moment, wrong = _moment(request)
    try:
        board = board_at(moment)
    except UnknownDateError:
        return render(
            request, "air/home.html", context | {"wrong": _("No standard is known for that day.")}, status=400
        )
    links = {one.code: line_url(one) for one in board.lines}
    chart = now_map(board, shelf().network.stations, links)
    if answer := download(request, [chart] if chart else []):
        return answer
    context |= {
        "wrong": wrong,
        "board": board,
        "chart": chart,
        "past": moment != _now(),
        "moment": hour_text(board.moment),
    }
    return render(request, "air/home.html", context | _rows(board, links) | _city(board), status=400 if wrong else 200)


def _rows(board: Board, links: dict[str, str]) -> dict[str, Any]:
    def made(lines: tuple[Line, ...]) -> list[Row]:
        return [row_of(one, links[one.code]) for one in lines]

    newest = board.newest
    return {
        "own": row_of(board.city, links[board.city.code]) if board.city else None,
        "places": made(board.places),
        "stations": made(board.stations),
        "heads": item_heads(),
        "note": " · ".join([law_words(regime_at(board.moment.date())), version_words(board.version)]),
        "newest": hour_text(newest) if newest else "",
        "newest_at": newest.strftime(AT) if newest and newest < board.moment else "",
    }


def _city(board: Board) -> dict[str, Any]:
    """The city's month and year up to the day of the board, and its targets."""
    line, today = board.city, board.moment.date()
    if line is None or line.subject is None:
        return {"spans": (), "standings": ()}
    found = spans(line.subject, today)
    return {
        "spans": found,
        "span_rows": span_rows(found),
        "standings": standing_rows(standings(line.code, today)),
        "to_date_synthetic": any(one.synthetic for one in found),
    }


def _now() -> dt.datetime:
    return timezone.localtime(clock.now()).replace(minute=0, second=0, microsecond=0)


def _moment(request: HttpRequest) -> tuple[dt.datetime, str]:
    """Return the hour that is asked for, or the present one with what is wrong with the address."""
    asked, now = request.GET.get("at", "").strip(), _now()
    if not asked:
        return now, ""
    try:
        moment = timezone.make_aware(dt.datetime.strptime(asked, AT))  # noqa: DTZ007 - made aware at once
    except ValueError:
        return now, _("“%(text)s” is no hour. Write it like 2020-06-19T23:00.") % {"text": asked[:40]}
    if moment > now:
        return now, _("That hour has not come yet: this is the present.")
    return moment, ""


def _import_url(request: HttpRequest) -> str:
    """Where data are imported, for those who may; "" for the others."""
    return _url("air:imports") if scope_of(request.user).may("air.import") else ""


def line_url(line: Line) -> str:
    """The page of a place or station that there are data of."""
    if line.subject is None:
        return ""
    station = _url("air:station", line.code) if line.kind == "station" else ""
    return station or place_url(line.subject)


def _url(name: str, *arguments: str) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
