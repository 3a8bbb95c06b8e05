"""What other rooms ask: which indicators there are, and their values. Values are computed when asked for, never stored."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from django.db.models import Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.city.models import Place
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.memory import remember
from lantian.indicators.models import Entry
from lantian.indicators.period import Period
from lantian.indicators.registry import Indicator, registry
from lantian.indicators.series import from_pack
from lantian.indicators.value import ReasonCode, Value
from lantian.records.models import Evidence
from lantian.records.queries import for_strip

log = logging.getLogger(__name__)
_UNKNOWN = "0000.0"


def catalogue(context: Context) -> dict[str, Indicator]:
    """Return every indicator by code: the registered ones, then the pack's series that no room computes yet."""

    def build() -> dict[str, Indicator]:
        rows = context.pack.indicators if context.pack else []
        by_hand = {row["code"]: from_pack(row) for row in rows}
        return {one.code: one for one in registry} | {c: one for c, one in by_hand.items() if registry.get(c) is None}

    return context.memo("catalogue", build)


def find(code: str, context: Context) -> Indicator | None:
    """Return an indicator by its code, or None."""
    return catalogue(context).get(code)


def evaluate(code: str, place: Place, period: Period, context: Context) -> Value:
    """Return the value of an indicator for a place and a period: a number, or the reason why there is none.

    A rule that fails yields a value that says so (and a log entry): a page with forty indicators shows the others.
    """
    one = find(code, context)
    if one is None:
        text = _("No indicator has the code “%(code)s”.") % {"code": code}
        return Value.none(ReasonCode.UNKNOWN_INDICATOR, text, "1", rule_version=_UNKNOWN)
    if period.kind not in one.periods:
        text = _("This indicator is computed for: %(kinds)s.") % {"kinds": ", ".join(one.periods)}
        return Value.none(ReasonCode.NOT_THEN, text, one.unit, rule_version=one.rule_version)
    return context.memo(("value", code, place.pk, period.code), lambda: _remembered(one, place, period, context))


def _remembered(one: Indicator, place: Place, period: Period, context: Context) -> Value:
    """Hand-entered series are read in one query anyway; what is counted over the ledger is kept while nothing changes."""
    if one.by_hand:
        return _evaluate(one, place, period, context)
    said = (one.code, one.rule_version, place.pk, period, context.today, context.known_at, get_language())
    return remember(context.version, said, lambda: _evaluate(one, place, period, context))


def _evaluate(one: Indicator, place: Place, period: Period, context: Context) -> Value:
    try:
        return one.evaluate(place, period, context)
    except Exception:
        log.exception("indicator %s failed for place %s, period %s", one.code, place.pk, period)
        text = _("The rule failed; nothing is shown rather than a wrong number. The server's log says why.")
        return Value.none(ReasonCode.BROKEN, text, one.unit, rule_version=one.rule_version)


def present_period(one: Indicator, context: Context) -> Period:
    """Return the period that shows the present state: the year to date where offered, else the running period."""
    kind = "to-date" if "to-date" in one.periods else one.periods[0]
    return periods.holding(kind, context.today, context.season)


def preload_present(wanted: Iterable[Indicator], context: Context) -> None:
    """Read in one query what people entered of many indicators, for their present values; the year before too, which
    some are compared with."""
    by_hand = [one for one in wanted if one.by_hand]
    if by_hand:
        spans = [present_period(one, context) for one in by_hand]
        first, last = min(one.start for one in spans), max(one.end for one in spans)
        # A rank of last year is entered for the whole of it, whatever part of this year is looked at.
        span = Period(dt.date(first.year - 1, 1, 1), max(last, dt.date(last.year, 12, 31)), "day", "span")
        context.preload({one.code for one in by_hand}, span)


def current(code: str, place: Place, context: Context) -> Value:
    """Return the newest value that is known today."""
    one = find(code, context)
    period = present_period(one, context) if one else periods.to_date(context.today)
    return evaluate(code, place, period, context)


def by_area(code: str, period: Period, context: Context) -> list[tuple[Place, Value]]:
    """Return the value of each area, in the city's order."""
    return [(area, evaluate(code, area, period, context)) for area in context.areas]


def history(code: str, place: Place, wanted: Iterable[Period], context: Context) -> list[tuple[Period, Value]]:
    """Return the values of a list of periods, reading hand-entered ones in a single query."""
    asked = list(wanted)
    if asked:
        span = Period(min(p.start for p in asked), max(p.end for p in asked), "day", "span")
        context.preload([code], span)
    return [(period, evaluate(code, place, period, context)) for period in asked]


def chain(code: str, place_id: int, period: tuple[dt.date, dt.date]) -> list[Entry]:
    """Return all entries of an indicator, place and (from, to), newest first: the word in force and what it replaced."""
    found = Entry.objects.filter(indicator=code, place_id=place_id, period_from=period[0], period_to=period[1])
    proofs = Prefetch("evidence", queryset=for_strip(Evidence.objects.all()))
    return list(found.select_related("entered_by", "place").prefetch_related(proofs).order_by("-id"))
