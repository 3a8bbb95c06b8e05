"""The page of an indicator: what it means, what it says for each area, how it went, who entered what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.city.models import Place
from lantian.indicators import period as periods
from lantian.indicators.chart import draw
from lantian.indicators.context import Context
from lantian.indicators.coverage import coverage, judge, line_for
from lantian.indicators.forms import EnterForm
from lantian.indicators.models import Entry
from lantian.indicators.period import Period, PeriodError
from lantian.indicators.queries import by_area, evaluate, find, history, present_period
from lantian.indicators.registry import Indicator, TargetLine
from lantian.indicators.series import room_name
from lantian.indicators.services import enter_value, entry_kind, may_enter
from lantian.indicators.tables import FREQUENCIES, LEVELS
from lantian.indicators.value import Ref, Value, Verdict
from lantian.kit.errors import DomainError
from lantian.kit.export import XLSX_MIME, attachment, to_xlsx
from lantian.kit.forms import perform, status_of

POINTS = 13
SHOWN_ENTRIES = 20


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """An indicator at one place: the value, and the verdict on the target that the place owes (None: it owes none)."""

    place: Place
    value: Value
    line: TargetLine | None
    verdict: Verdict | None
    refs: tuple[Ref, ...]


@needs("indicator.view")
def detail(request: SignedRequest, code: str) -> HttpResponse:
    """Show an indicator; POST enters a value."""
    context = Context(known_at=_known_at(request))
    one = find(code, context)
    if one is None:
        raise Http404(code)
    if request.method == "POST":
        return _enter(request, one, context)
    if request.GET.get("export") == "xlsx":
        return _export(one, _period(request, one, context), context)
    return render(request, "indicators/detail.html", _page(request, one, context))


def _enter(request: SignedRequest, one: Indicator, context: Context) -> HttpResponse:
    scope = scope_of(request.user)
    scope.require("indicator.enter")
    places = {place.code: place for place in enterable(scope, one, context)}
    form = EnterForm(request.POST, request.FILES, one=one, places=list(places.values()), periods=_open(one, context))

    def act(data: dict[str, Any]) -> Entry:
        place, period = places[data["place"]], periods.parse(data["period"], context.season)
        with transaction.atomic():
            proofs = tuple(form.save_evidence(request.user, place=place, key=form.guards["key"]))
            statement = form.statement(proofs)
            return enter_value(
                request.user, one.code, place, period, statement, key=form.guards["key"], context=context
            )

    entry = perform(form, act)
    if entry is None:
        return render(
            request, "indicators/detail.html", _page(request, one, context, form=form), status=status_of(form)
        )
    messages.success(request, _("The value is entered."))
    return redirect("indicators:detail", code=one.code)


def _known_at(request: HttpRequest) -> dt.datetime | None:
    """Read the day of "as known on": its end. DomainError for what is no day."""
    text = request.GET.get("known", "").strip()
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
        return timezone.make_aware(dt.datetime.combine(day, dt.time.max))
    except (ValueError, OverflowError) as error:
        raise DomainError(
            _("“%(text)s” is no day.") % {"text": text[:40]}, hint=_("Write it like 2020-06-30."), field="known"
        ) from error


def _period(request: HttpRequest, one: Indicator, context: Context) -> Period:
    text = request.GET.get("period", "").strip()
    if not text:
        return present_period(one, context)
    try:
        return periods.parse(text, context.season)
    except PeriodError as error:
        raise DomainError(
            _("“%(text)s” is no period.") % {"text": text[:40]},
            hint=_("Write 2020, 2020-Q2, 2020-06, 2020-W23, 2020-06-05, 2020-2021 or to-2020-06-05."),
            field="period",
        ) from error


def _page(request: HttpRequest, one: Indicator, context: Context, form: Any = None) -> dict[str, Any]:
    scope = scope_of(request.user)
    asked = _period(request, one, context)
    place = _place(request, context)
    lines = context.lines_of(one.code)
    series = history(one.code, place, series_periods(one, context), context) if place else []
    targets = [line.target for line in lines if line.target is not None and _owes(line, place)]
    entries = _entries(scope, one) if one.by_hand else []
    may = enterable(scope, one, context)
    return {
        "title": str(one.title),
        "one": one,
        "level": LEVELS.get(one.level, one.level),
        "frequency": FREQUENCIES.get(one.frequency, one.frequency),
        "supplied_by": room_name(one.supplied_by),
        "period": asked,
        "period_choices": period_choices(one, context, asked),
        "known": request.GET.get("known", ""),
        "place": place,
        "place_choices": [p for p in (context.city, *context.areas) if p],
        "city_row": _row(one, context.city, asked, context, scope) if context.city else None,
        "rows": [_row_of(one, area, value, context, scope) for area, value in by_area(one.code, asked, context)],
        "targets": coverage(context, lines),
        "series": list(reversed(series)),
        "chart": draw([(p.code, v.number) for p, v in series], targets, decimals=one.decimals),
        "entries": entries[:SHOWN_ENTRIES],
        "more_entries": max(0, len(entries) - SHOWN_ENTRIES),
        "form": form or _form(one, may, place, context),
    }


def _owes(line: TargetLine, place: Place | None) -> bool:
    if place is None or place.kind == Place.Kind.CITY:
        return True
    return place.code in line.place_codes


def _form(one: Indicator, may: list[Place], place: Place | None, context: Context) -> EnterForm | None:
    if not may:
        return None
    open_ = _open(one, context)
    # The city's own value is made from the areas: offer an area first unless the page shows another place.
    chosen = place.code if place in may and (place != context.city or one.level == "city") else may[0].code
    initial = {"place": chosen, "period": open_[0].code if open_ else ""}
    return EnterForm(one=one, places=may, periods=open_, initial=initial)


def enterable(scope: Scope, one: Indicator, context: Context) -> list[Place]:
    """Return the places that a person may enter values of an indicator for."""
    if not one.by_hand or not scope.may("indicator.enter"):
        return []
    kept = [context.city] if one.level == "city" else [*context.areas, context.city]
    return [place for place in kept if place and may_enter(scope, one.code, place, context)]


def _open(one: Indicator, context: Context) -> list[Period]:
    """The periods that may be filled in, newest first."""
    kind = entry_kind(one)
    return list(reversed(periods.last(kind, context.today, 60 if kind == "day" else 24, context.season)))


def series_periods(one: Indicator, context: Context) -> list[Period]:
    """Return the periods of the chart, oldest first: by the indicator's rhythm, else month by month to date."""
    kind = one.frequency if one.by_hand and not one.computes else "month"
    if kind not in one.periods or kind == "once":
        kind = "to-date" if "to-date" in one.periods else one.periods[0]
    return periods.last(kind, context.today, 6 if kind in {"year", "season"} else POINTS, context.season)


def period_choices(one: Indicator, context: Context, asked: Period) -> list[Period]:
    """Return the periods that the page offers, newest first, the asked one among them."""
    offered: list[Period] = []
    for kind, count in (("to-date", 1), ("month", 12), ("quarter", 4), ("season", 2), ("year", 3)):
        if kind in one.periods:
            offered += reversed(periods.last(kind, context.today, count, context.season))
    return offered if asked in offered else [asked, *offered]


def _place(request: HttpRequest, context: Context) -> Place | None:
    """The place of the chart: the one asked for, else the city."""
    known = {place.code: place for place in (context.city, *context.areas) if place}
    asked = request.GET.get("place", "")
    if asked and asked not in known:
        raise DomainError(_("No area has the code “%(code)s”.") % {"code": asked[:40]}, field="place")
    return known.get(asked) or context.city


def _row(one: Indicator, place: Place, asked: Period, context: Context, scope: Scope) -> PlaceRow:
    return _row_of(one, place, evaluate(one.code, place, asked, context), context, scope)


def _row_of(one: Indicator, place: Place, value: Value, context: Context, scope: Scope) -> PlaceRow:
    is_city = place.kind == Place.Kind.CITY
    line = line_for(one, context.lines_of(one.code), place.code, is_city=is_city)
    return PlaceRow(place, value, line, judge(line, value) if line else None, openable(value.lineage, place, scope))


def openable(refs: tuple[Ref, ...], place: Place, scope: Scope) -> tuple[Ref, ...]:
    """Keep the links that this person can open: what lies in another county is named, not linked."""
    if scope.sees_everything or scope.agency_ids or place.pk in scope.place_ids:
        return refs
    return tuple(Ref(one.kind, one.id, one.label) for one in refs)


def _entries(scope: Scope, one: Indicator) -> list[Entry]:
    """Who said what about it, newest first; corrected ones are marked by what corrected them."""
    rows = Entry.objects.visible_to(scope).filter(indicator=one.code)
    return list(rows.select_related("place", "entered_by", "corrected_by").prefetch_related("evidence").order_by("-id"))


def _export(one: Indicator, asked: Period, context: Context) -> HttpResponse:
    """The table of the areas as a workbook, with what the numbers mean below it."""
    header = [
        _("Place"),
        _("Value"),
        _("Unit"),
        _("n"),
        _("Expected n"),
        _("Capture"),
        _("As of"),
        _("No value because"),
    ]
    places = [p for p in (context.city, *context.areas) if p]
    rows = []
    for place in places:
        value = evaluate(one.code, place, asked, context)
        rows.append(
            [str(place), value.number, value.unit, value.n, value.n_expected, value.capture, value.as_of,
             str(value.reason) if value.reason else ""]
        )  # fmt: skip
    notes = [
        f"{one.title} ({one.code})", str(one.definition), _("Rule: %s") % one.rule_version, _("Period: %s") % asked,
    ]  # fmt: skip
    return attachment(to_xlsx(header, rows, notes=notes), f"{one.code}-{asked}.xlsx", XLSX_MIME)
