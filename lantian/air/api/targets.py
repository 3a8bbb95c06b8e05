"""The HTTP API of targets and what is left of them, and of the dustfall."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404
from ninja import Field, Query, Router, Schema

from lantian.air.goals import board
from lantian.air.targets import plain
from lantian.air.views.dustfall import CODE, dustfall_lines
from lantian.city.access import SignedRequest
from lantian.city.guard import Guard
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.schemas import value_out

router = Router(tags=["Air"])
VIEW = Guard("air.view")


class TargetsFilter(Schema):
    year: int | None = Field(
        None, ge=2013, le=2100, description="year of the targets (default: this year, else the last)"
    )
    place: str | None = Field(None, max_length=12, description="only the targets of the place with this code")


class DustfallFilter(Schema):
    year: int | None = Field(None, ge=2000, le=2100, description="year of the months (default: this year)")


@router.get("/air/targets", auth=VIEW, response=list[dict[str, Any]])
def air_targets(request: SignedRequest, wanted: Query[TargetsFilter]) -> list[dict[str, Any]]:
    """How the targets of a year stand, the most endangered first: to date raw and without dust hours, what the rest of
    the year may have, how likely that is from past years, with method and n."""
    found = board(Context(), wanted.year)
    names = {goal.place.code: goal.place.name for goal in found.goals}
    chosen = [goal for goal in found.goals if wanted.place in {None, goal.place.code}]
    return [plain.standing(goal.standing, names) for goal in chosen]


@router.get("/air/targets/{key}", auth=VIEW, response=dict[str, Any])
def air_target(request: SignedRequest, key: str, wanted: Query[TargetsFilter]) -> dict[str, Any]:
    """One target, with the year month by month."""
    found = board(Context(), wanted.year)
    goal = next((one for one in found.goals if one.id == key), None)
    if goal is None:
        raise Http404(key)
    return plain.standing(goal.standing, {goal.place.code: goal.place.name}, found.months(goal))


@router.get("/air/dustfall", auth=VIEW, response=list[dict[str, Any]])
def air_dustfall(request: SignedRequest, wanted: Query[DustfallFilter]) -> list[dict[str, Any]]:
    """Dustfall of the city and each area by month (t/(month·km2)), with limit, change on the month before, mean."""
    context = Context()
    year = wanted.year or context.today.year
    months = [periods.month(dt.date(year, n, 1)) for n in range(1, 13) if dt.date(year, n, 1) <= context.today]
    return [
        {
            "place": line.place.code,
            "name": line.place.name,
            "indicator": CODE,
            "limit": line.limit,
            "months": [
                {"month": month.code, "above": cell.above, "value": value_out(cell.value)}
                for month, cell in zip(months, line.cells, strict=True)
            ],
            "change": line.change,
            "mean": line.mean,
            "n": line.months,
        }
        for line in dustfall_lines(months, context)
    ]
