"""The HTTP API of figures: places, series, assessments, rankings, comparisons, the list of dust."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router

from lantian.air import queries
from lantian.air.api import figure_schemas as say
from lantian.air.assessing import plain
from lantian.air.assessing.ask import assess_on, compare_on, law_of, rank_on, regimes_on
from lantian.air.assessing.dust_list import Entry, listed, proposals
from lantian.air.assessing.hours import rules_text
from lantian.air.assessing.periods import NoPeriodError, Period, period_named
from lantian.air.assessing.places import UnknownPlaceError
from lantian.air.assessing.points import Points, points_of
from lantian.air.assessing.ranks import Options
from lantian.air.assessing.scopes import UnknownScopeError, all_scopes, scope_named
from lantian.air.assessing.series import STATION
from lantian.air.assessing.shelf import Shelf
from lantian.air.assessing.subjects import NoOriginError
from lantian.air.assessing.text import reason_text
from lantian.air.services.dust import list_dust, withdraw_dust
from lantian.city.access import SignedRequest
from lantian.city.guard import Guard
from lantian.kit.api import paged
from lantian.kit.errors import DomainError
from lantian.observations.errors import StoreError
from lantian.standards.pollutants import pollutant
from lantian.standards.regimes import NoSuchRegimeError, SpansChangeError
from lantian.standards.tables import OutOfForceError

router = Router(tags=["Air"])
TAGS = ["Air"]
VIEW, FLAG = Guard("air.view"), Guard("air.flag")
MOST_DAYS = 366 * 12
MOST_POINTS = 2_000


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the pure part refuses into refusals that name the input to blame."""
    try:
        yield
    except StoreError as error:
        raise DomainError(_("There are no air data yet."), hint=_("Import some first.")) from error
    except (UnknownPlaceError, NoOriginError) as error:
        raise DomainError(_("There are no data of this place."), hint=str(error), field="place") from error
    except UnknownScopeError as error:
        raise DomainError(_("There is no such scope."), hint=str(error), field="scope") from error
    except NoPeriodError as error:
        raise DomainError(_("This is no period."), hint=str(error), field="period") from error
    except SpansChangeError as error:
        raise DomainError(
            _("The law changes within the period."), hint=_("Say a regime, or cut the period."), field="regime"
        ) from error
    except (NoSuchRegimeError, OutOfForceError) as error:
        raise DomainError(_("No such law is known for these days."), hint=str(error), field="regime") from error


def _period(first: dt.date, last: dt.date) -> Period:
    if last < first:
        raise DomainError(_("The period ends before it begins."), field="last")
    if (last - first).days >= MOST_DAYS:
        raise DomainError(_("The period is too long."), hint=_("At most 12 years at once."), field="last")
    return Period(first, last)


def _options(asked: say.Taken) -> Options:
    if asked.as_known_on is not None and asked.as_known_on.tzinfo is None:
        raise DomainError(_("The moment needs a time zone."), hint="2020-06-01T00:00:00+08:00", field="as_known_on")
    return Options(asked.basis, asked.series, asked.as_known_on)


def _lang() -> str:
    return get_language() or "zh-hans"


def _asked(asked: say.Taken) -> tuple[tuple[str, str], ...]:
    """The question as a key to remember its answer by."""
    return tuple(sorted((name, str(value)) for name, value in asked.dict().items()))


@router.get("/air/places", response=list[say.SubjectOut], auth=VIEW, tags=TAGS)
@paged
def places(request: SignedRequest, wanted: Query[say.PlaceFilter]) -> list[dict[str, Any]]:
    """Everything that there are values of: cities, counties, stations."""
    lang = _lang()
    return [
        {
            "name": one.name, "code": one.code, "kind": one.kind, "label": one.label(lang), "series": one.origin,
            "basis": one.basis, "synthetic": one.synthetic, "first": one.first, "last": one.last,
        }
        for one in queries.all_subjects()
        if wanted.kind in (None, one.kind)
    ]  # fmt: skip


@router.get("/air/scopes", response=list[say.ScopeOut], auth=VIEW, tags=TAGS)
@paged
def scopes(request: SignedRequest) -> list[dict[str, Any]]:
    """The lists of places that are ranked together."""
    chinese = _lang().startswith("zh")
    return [
        {
            "id": one.id, "name": one.zh if chinese else one.en, "places": list(one.places), "source": one.source,
            "confidence": one.confidence,
        }
        for one in all_scopes(queries.pack_root())
    ]  # fmt: skip


def _points(asked: say.SeriesAsked) -> Points:
    period, options = _period(asked.first, asked.last), _options(asked)
    with refusals():
        shelf = queries.shelf()
        subject = shelf.find(asked.place)
        law = law_of(period.first, period.last, asked.regime) if asked.step == "day" else None
        return points_of(shelf, subject, period, step=asked.step, law=law, dust=asked.dust, options=options)


@router.get("/air/series", response=say.SeriesOut, auth=VIEW, tags=TAGS)
def series(request: SignedRequest, asked: Query[say.SeriesAsked], limit: int = 240, offset: int = 0) -> dict[str, Any]:
    """Hourly or daily values of a place or station, a page of at most 2,000 at once (`limit`, `offset`)."""
    if not (1 <= limit <= MOST_POINTS and 0 <= offset <= 10_000_000):
        raise DomainError(_("The page is out of bounds."), hint=f"1 ≤ limit ≤ {MOST_POINTS}", field="limit")
    found = queries.remembered("series", _asked(asked), lambda: _points(asked))
    return {
        "place": found.subject.name,
        "step": asked.step,
        "units": {code: pollutant(code).unit for code in found.codes},
        "values": plain.origin(found.origin),
        "synthetic": found.origin.synthetic,
        "dust": asked.dust,
        "rule_version": rules_text()[0],
        "input": plain.input_of(found.version),
        "count": found.count,
        "n": found.n,
        "items": found.page(offset, limit),
    }


@router.get("/air/series.csv", auth=VIEW, tags=TAGS, response={200: None})
def series_csv(request: SignedRequest, asked: Query[say.SeriesAsked]) -> HttpResponse:
    """The whole series as CSV: time, the six pollutants, then whether it is invented and where it comes from."""
    found = queries.remembered("series", _asked(asked), lambda: _points(asked))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["time", *(f"{code} ({pollutant(code).unit})" for code in found.codes), "series", "synthetic"])
    for start in itertools.count(0, MOST_POINTS):
        rows = found.page(start, MOST_POINTS)
        for row in rows:
            values = ("" if value is None else value for value in row["values"].values())
            writer.writerow([row["time"], *values, found.origin.series.id, int(found.origin.synthetic)])
        if len(rows) < MOST_POINTS:
            break
    response = HttpResponse(out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="air.csv"'
    return response


@router.get("/air/assessment", response=dict[str, Any], auth=VIEW, tags=TAGS)
def assessment(request: SignedRequest, asked: Query[say.PeriodAsked]) -> dict[str, Any]:
    """A place over a period: six items, good and heavy days, attainment, composite index; raw and without dust."""

    def make() -> dict[str, Any]:
        period, options = _period(asked.first, asked.last), _options(asked)
        with refusals():
            law = law_of(period.first, period.last, asked.regime)
            shelf = queries.shelf()
            subject = shelf.find(asked.place)
            found = assess_on(shelf, subject, law, period, grade=asked.grade, dust=asked.dust, options=options)
        return plain.assessment(found)

    return queries.remembered("assessment", _asked(asked), make)


@router.get("/air/ranking", response=say.RankingOut, auth=VIEW, tags=TAGS)
def ranking(request: SignedRequest, asked: Query[say.RankingAsked]) -> dict[str, Any]:
    """The places of a scope by their composite index or its change, best first; those not ranked, with the reason."""
    found = queries.remembered("ranking", _asked(asked), lambda: _ranking(asked))
    lacking = [
        {"place": one.name, "reason": one.reason, "reason_text": reason_text(one, _lang()), "items": list(one.items)}
        for one in found.reasons
    ]
    head = plain.ranking_head(found)
    return {**head, "first": head["from"], "last": head["to"], "lacking": lacking, "items": plain.ranking(found)}


def _ranking(asked: say.RankingAsked) -> Any:
    options = _options(asked)
    with refusals():
        if (asked.period is None) == (asked.first is None or asked.last is None):
            raise DomainError(_("Say a period, or its first and last day."), field="period")
        period = period_named(asked.period) if asked.period else _period(asked.first, asked.last)  # type: ignore[arg-type]
        law = law_of(period.first, period.last, asked.regime)
        scope = scope_named(asked.scope, queries.pack_root())
        return rank_on(
            queries.shelf(), scope, law, period, change=asked.change, by=asked.by, dust=asked.dust, options=options
        )


@router.get("/air/comparison", response=dict[str, Any], auth=VIEW, tags=TAGS)
def comparison(request: SignedRequest, asked: Query[say.ComparisonAsked]) -> dict[str, Any]:
    """A place and the same period of an earlier year: one law, one reference state; changes, and what they rest on."""

    def make() -> dict[str, Any]:
        period, options = _period(asked.first, asked.last), _options(asked)
        with refusals():
            law = law_of(period.first, period.last, asked.regime)
            shelf = queries.shelf()
            found = compare_on(
                shelf, shelf.find(asked.place), law, period,
                years=asked.years, grade=asked.grade, dust=asked.dust, options=options,
            )  # fmt: skip
        return plain.comparison(found)

    return queries.remembered("comparison", _asked(asked), make)


@router.get("/air/regimes", response=list[dict[str, Any]], auth=VIEW, tags=TAGS)
def regimes(request: SignedRequest, asked: Query[say.RegimesAsked]) -> list[dict[str, Any]]:
    """A place over a period under several laws side by side, of the same hours; by default under every one."""

    def make() -> list[dict[str, Any]]:
        period, options = _period(asked.first, asked.last), _options(asked)
        with refusals():
            shelf = queries.shelf()
            subject = shelf.find(asked.place)
            found = regimes_on(
                shelf, subject, period, asked.regimes, grade=asked.grade, dust=asked.dust, options=options
            )
        return [plain.assessment(one) for one in found]

    return queries.remembered("regimes", _asked(asked), make)


# -- dust ----------------------------------------------------------------------------------------------------------------


def _shelf_and_period(wanted: say.DustAsked) -> tuple[Shelf, Period]:
    with refusals():
        return queries.shelf(), _period(wanted.first, wanted.last)


@router.get("/air/dust", response=list[say.DustOut], auth=VIEW, tags=TAGS)
@paged
def dust(request: SignedRequest, wanted: Query[say.DustAsked]) -> list[dict[str, Any]]:
    """The hours that are left out when dust is deducted, newest first, by which document and whom."""
    shelf, period = _shelf_and_period(wanted)
    return [
        {
            "place": one.subject.name, "begin": one.begin, "end": one.end, "hours": one.hours, "document": one.reason,
            "by": one.who, "at": one.at,
        }
        for one in listed(shelf, period)
    ]  # fmt: skip


@router.get("/air/dust/proposals", response=list[say.ProposalOut], auth=FLAG, tags=TAGS)
@paged
def dust_proposals(request: SignedRequest, wanted: Query[say.DustAsked]) -> list[dict[str, Any]]:
    """The hours that look like dust by the rule on hourly PM10. The official list decides."""
    shelf, period = _shelf_and_period(wanted)
    with refusals():
        found = proposals(shelf, [one for one in shelf.subjects if one.kind != STATION], period)
    return [
        {
            "place": one.subject.name, "begin": one.begin, "end": one.end, "hours": one.hours,
            "highest_pm10": one.highest, "mean_before": one.before, "listed_hours": one.listed,
        }
        for one in found
    ]  # fmt: skip


@router.post("/air/dust", response={201: say.DustWritten}, auth=FLAG, tags=TAGS)
def dust_add(request: SignedRequest, data: say.DustIn) -> dict[str, Any]:
    """Put hours of a place on the list, with the document that says so."""
    with refusals():
        (done,) = list_dust(request.user, [_entry(data)], key=data.key)
    return _written(done)


@router.post("/air/dust/withdraw", response=say.DustWritten, auth=FLAG, tags=TAGS)
def dust_withdraw(request: SignedRequest, data: say.DustIn) -> dict[str, Any]:
    """Take hours of a place off the list; `document` says why."""
    with refusals():
        return _written(withdraw_dust(request.user, _entry(data), reason=data.document, key=data.key))


def _entry(data: say.DustIn) -> Entry:
    return Entry(data.place, data.begin, data.end, data.document)


def _written(done: Any) -> dict[str, Any]:
    return {
        "place": done.entry.place, "values": done.flags, "already": done.already, "days_kept": done.days_kept,
    }  # fmt: skip
