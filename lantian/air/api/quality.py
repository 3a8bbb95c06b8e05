"""The HTTP API of quality control: flagged episodes, one value's history, decisions and what they changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from lantian.air.assessing.shelf import store_of
from lantian.air.control.data import (
    DAY,
    facts_of,
    find_episodes,
    lang,
    name_of,
    newest_day,
    sources,
    standings_of,
)
from lantian.air.quality.consequences import changes, decision_of, is_computed, resting_on, touched
from lantian.air.quality.deciding import Fact, state_of
from lantian.air.quality.flags import automatic, flags
from lantian.air.quality.reasons import in_words
from lantian.air.quality.registry import version
from lantian.air.queries import data_folder, store_version
from lantian.air.services import quality as services
from lantian.city.access import SignedRequest
from lantian.city.guard import Guard
from lantian.kit.api import Day, Problem, Reason, Word, paged
from lantian.kit.errors import DomainError
from lantian.standards.pollutants import core_codes

router = Router(tags=["Air"])
VIEW, FLAG = Guard("air.view"), Guard("air.flag")
_LONGEST = 400


class EpisodeOut(Schema):
    """Hours that follow each other with the same flag in force."""

    source: str
    place: str
    item: str
    flag: str
    label: str
    void: bool
    first: dt.datetime = Field(description="beginning of the first hour")
    until: dt.datetime = Field(description="end of the last hour")
    hours: int
    lowest: float
    highest: float
    unit: str
    reason: str
    rule_version: str
    state: str = Field(description="send it back with a decision: it is refused when somebody was quicker")


class EpisodeFilter(Schema):
    source: Word = Field("", description="source of the store, e.g. cnemc-city:…")
    item: Word = Field("", description="pollutant")
    flag: Word = Field("", description="name of a flag; without it all flags of rules")
    first: Day | None = None
    last: Day | None = None


@router.get("/air/flags", response=list[EpisodeOut], auth=VIEW)
@paged
def flagged(request: SignedRequest, wanted: Query[EpisodeFilter]) -> list[dict[str, Any]]:
    """Flagged episodes of a period (by default the last 60 days that have data), newest first."""
    if store_version() is None:
        return []
    if wanted.flag and wanted.flag not in flags():
        raise DomainError(_("There is no such flag."), hint=", ".join(flags()), field="flag")
    if wanted.item and wanted.item not in core_codes():
        raise DomainError(_("There is no such pollutant."), hint=", ".join(core_codes()), field="item")
    last = wanted.last or wanted.first or newest_day()
    first = wanted.first or last - 60 * DAY
    if last < first or (last - first).days > _LONGEST:
        raise DomainError(
            _("Choose a period of up to %(n)d days that does not end before it begins.") % {"n": _LONGEST}, field="last"
        )
    names = [wanted.flag] if wanted.flag else list(automatic())
    found = find_episodes(
        names, [wanted.source] if wanted.source else [], [wanted.item] if wanted.item else [], first, last
    )
    return [_out(one) for one in found]


def _out(one: Any) -> dict[str, Any]:
    flag = flags()[one.flag]
    return {
        "source": one.source, "place": name_of(one.source), "item": one.pollutant, "flag": one.flag,
        "label": flag.label(lang()), "void": flag.void, "first": one.first, "until": one.until, "hours": one.hours,
        "lowest": one.lowest, "highest": one.highest, "unit": one.unit, "reason": in_words(one.reason, lang()),
        "rule_version": version(), "state": state_of(standings_of(facts_of(one))),
    }  # fmt: skip


class DecisionIn(Schema):
    """A decision about the hours of one source and pollutant."""

    source: Word
    item: Word
    first: dt.datetime = Field(description="beginning of the first hour, with its time zone")
    hours: Annotated[int, Field(ge=1, le=2000)] = 1
    action: Literal["accept", "void", "unflag", "correct"]
    flag: Word = Field("", description="for void: void, invalid, calibration, maintenance")
    value: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3)] | None = Field(
        None, description="for correct"
    )
    reason: Reason
    state: Word | None = Field(None, description="the state that was read; without it nothing is compared")
    key: Word | None = Field(None, description="a key of yours: the same one again is done once")


class DecisionOut(Schema):
    key: str
    values: int
    repeated: bool


@router.post("/air/decisions", response={200: DecisionOut, 409: Problem}, auth=FLAG)
def decide(request: SignedRequest, body: DecisionIn) -> services.Decided:
    """Accept values, make them void, take a decision back, or correct one value; appended, never overwritten."""
    if store_version() is None or body.source not in sources():
        raise DomainError(_("There is no such source."), field="source")
    if body.item not in core_codes():
        raise DomainError(_("There is no such pollutant."), hint=", ".join(core_codes()), field="item")
    if body.first.tzinfo is None:
        raise DomainError(_("The time needs a time zone."), hint="2020-05-01T08:00:00+08:00", field="first")
    begin = body.first.astimezone(dt.UTC)
    facts = [Fact(body.source, body.item, begin + dt.timedelta(hours=n)) for n in range(body.hours)]
    if body.action == "correct":
        if body.value is None or body.hours != 1:
            raise DomainError(_("A correction is about one hour and needs a value."), field="value")
        return services.correct_value(
            request.user, facts[0], body.value, reason=body.reason, seen=body.state, key=body.key
        )
    return services.review(
        request.user, facts, body.action, flag=body.flag, reason=body.reason, seen=body.state, key=body.key
    )


class FigureOut(Schema):
    figure: str
    source: str
    quantity: str
    first: dt.date
    until: dt.date = Field(description="day after the last")
    unit: str
    old: float | None
    new: float | None
    old_n: int
    new_n: int
    expected: int
    old_valid: bool
    new_valid: bool
    rule_version: str


class GivenOutOut(Schema):
    label: str
    stood: str
    now: str


class DependantOut(Schema):
    kind: str
    id: str
    label: str
    figures: list[GivenOutOut] = Field(description="what it prints that would be otherwise now")


class ConsequencesOut(Schema):
    key: str
    action: str
    actor: str
    reason: str
    at: dt.datetime
    computed: bool
    figures: list[FigureOut]
    dependants: list[DependantOut]


@router.get("/air/decisions/{key}", response=ConsequencesOut, auth=VIEW)
def consequences(request: SignedRequest, key: str) -> dict[str, Any]:
    """What a decision changed: figures before and after, bulletins and targets that rest on them."""
    if store_version() is None:
        raise Http404(key)
    store = store_of(data_folder())
    found = decision_of(store, key)
    if found is None:
        raise Http404(key)
    figures = changes(store, found)
    return {
        "key": key, "action": found.action, "actor": found.actor, "reason": found.reason, "at": found.at,
        "computed": is_computed(store, found), "figures": figures,
        "dependants": resting_on(figures, touched(store, found)),
    }  # fmt: skip
