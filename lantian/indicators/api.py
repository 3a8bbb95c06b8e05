"""The HTTP API of the indicators room: the catalogue, values with their lineage, hand-entered statements."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.models import Place
from lantian.indicators import period as periods
from lantian.indicators import schemas as say
from lantian.indicators.context import Context
from lantian.indicators.coverage import as_json, coverage
from lantian.indicators.models import Entry
from lantian.indicators.period import Period, PeriodError
from lantian.indicators.queries import by_area, catalogue, evaluate, find, history, present_period
from lantian.indicators.registry import Indicator
from lantian.indicators.services import Statement, correct_value, enter_value, withdraw_value
from lantian.kit.api import Id, paged
from lantian.kit.errors import DomainError
from lantian.records.models import Evidence
from lantian.records.queries import evidence_visible_to, for_strip

router = Router()
TAGS = ["Indicators"]
VIEW = Guard("indicator.view")
ENTER = Guard("indicator.enter")


def _indicator(code: str, context: Context) -> Indicator:
    one = find(code, context)
    if one is None:
        raise Http404(code)
    return one


def _period(text: str, context: Context) -> Period:
    try:
        return periods.parse(text, context.season)
    except PeriodError as error:
        raise DomainError(_("“%s” is no period.") % text, hint=str(error), field="period") from error


def _place(code: str) -> Place:
    found = Place.objects.filter(code=code).defer("boundary").first()
    if found is None:
        raise DomainError(_("There is no such place."), hint=code, field="place")
    return found


@router.get("/indicators", response=list[say.IndicatorOut], auth=VIEW, tags=TAGS)
@paged
def indicators(request: SignedRequest) -> list[Indicator]:
    """Every indicator: those that the records compute, and the series that people keep by hand."""
    return list(catalogue(Context()).values())


@router.get("/indicators/coverage", response=list[say.CoverageOut], auth=VIEW, tags=TAGS)
def indicator_coverage(request: SignedRequest) -> list[dict[str, Any]]:
    """Which indicator watches each target of the plans in force, and what it says now."""
    return [as_json(row) for row in coverage(Context())]


@router.get("/indicators/{code}", response=say.IndicatorOut, auth=VIEW, tags=TAGS)
def indicator(request: SignedRequest, code: str) -> Indicator:
    """One indicator: its definition, unit, rule version."""
    return _indicator(code, Context())


@router.get("/indicators/{code}/values", response=say.PeriodValues, auth=VIEW, tags=TAGS)
def indicator_values(request: SignedRequest, code: str, wanted: Query[say.ValuesFilter]) -> dict[str, Any]:
    """The value of the city and of each area in a period, each a number or the reason why there is none."""
    context = Context(known_at=wanted.known_at)
    one = _indicator(code, context)
    period = _period(wanted.period, context) if wanted.period else present_period(one, context)
    found = by_area(one.code, period, context) if one.level != "city" else []
    if context.city is not None:
        found = [(context.city, evaluate(one.code, context.city, period, context)), *found]
    values = [{"place": place.code, "value": say.value_out(value)} for place, value in found]
    return {"indicator": one.code, "period": period.code, "values": values}


@router.get("/indicators/{code}/history", response=list[say.PointOut], auth=VIEW, tags=TAGS)
def indicator_history(request: SignedRequest, code: str, wanted: Query[say.HistoryFilter]) -> list[dict[str, Any]]:
    """The newest periods of a kind at one place, oldest first."""
    context = Context()
    one = _indicator(code, context)
    kinds = [kind for kind in one.periods if kind != "to-date"]
    kind = wanted.kind or (kinds[0] if kinds else "month")
    asked = periods.last(kind, context.today, wanted.count, context.season)
    points = history(one.code, _place(wanted.place), asked, context)
    return [{"period": period.code, "value": say.value_out(value)} for period, value in points]


def _entries(request: SignedRequest) -> QuerySet[Entry]:
    proofs = Prefetch("evidence", queryset=for_strip(Evidence.objects.all()))
    rows: QuerySet[Entry] = Entry.objects.visible_to(scope_of(request.user))
    return rows.select_related("place", "entered_by").defer("place__boundary").prefetch_related(proofs).order_by("-id")


@router.get("/entries", response=list[say.EntryOut], auth=VIEW, tags=TAGS)
@paged
def entries(request: SignedRequest, wanted: Query[say.EntryFilter]) -> QuerySet[Entry]:
    """Hand-entered statements, newest first; corrections and withdrawals are rows of their own."""
    found = _entries(request)
    if wanted.indicator:
        found = found.filter(indicator=wanted.indicator)
    return found.filter(place__code=wanted.place) if wanted.place else found


@router.get("/entries/{pk}", response=say.EntryOut, auth=VIEW, tags=TAGS)
def entry(request: SignedRequest, pk: Id) -> Entry:
    """One statement."""
    return get_object_or_404(_entries(request), pk=pk)


def _statement(request: SignedRequest, data: say.StatementIn) -> Statement:
    """Return what is said, with proofs that the caller may see."""
    proofs = tuple(evidence_visible_to(scope_of(request.user)).filter(pk__in=data.evidence))
    if len(proofs) != len(set(data.evidence)):
        raise DomainError(_("There is no such evidence."), field="evidence")
    return Statement(data.value, data.unit, data.n, data.n_expected, data.note, proofs)


@router.post("/indicators/{code}/entries", response={201: say.EntryOut}, auth=ENTER, tags=TAGS)
def enter(request: SignedRequest, code: str, data: say.EntryIn) -> Entry:
    """Say the value of an indicator for a place and a period: a county its own, a department what it answers for."""
    context = Context()
    one = _indicator(code, context)
    place, period = _place(data.place), _period(data.period, context)
    made = enter_value(request.user, one.code, place, period, _statement(request, data), context=context)
    return _entries(request).get(pk=made.pk)


@router.post("/entries/{pk}/correct", response={201: say.EntryOut}, auth=ENTER, tags=TAGS)
def correct(request: SignedRequest, pk: Id, data: say.CorrectionIn) -> Entry:
    """Say a new value in the place of one that is the last word; the former stays in the history."""
    found = get_object_or_404(_entries(request), pk=pk)
    made = correct_value(request.user, found, _statement(request, data), reason=data.reason)
    return _entries(request).get(pk=made.pk)


@router.post("/entries/{pk}/withdraw", response={201: say.EntryOut}, auth=ENTER, tags=TAGS)
def withdraw(request: SignedRequest, pk: Id, data: say.WithdrawalIn) -> Entry:
    """Withdraw a value: from now on there is none; the row says who did it and why."""
    found = get_object_or_404(_entries(request), pk=pk)
    made = withdraw_value(request.user, found, reason=data.reason)
    return _entries(request).get(pk=made.pk)
