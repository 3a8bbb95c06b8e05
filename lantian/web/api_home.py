"""The HTTP API of the shell: the overview of the home page, and the search."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, Literal

from ninja import Field, Query, Router, Schema

from lantian.city import clock
from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.schemas import PlaceRef
from lantian.kit.api import Word
from lantian.kit.search import search
from lantian.plan.api.schemas.measures import TaskRef
from lantian.plan.overview import overview

router = Router()
TAGS = ["Home"]


class Light(Schema):
    """A traffic light and what it was judged from."""

    colour: Literal["red", "orange", "yellow", "lime", "green", "grey"]
    n: int
    rule_version: str


class AreaRow(Schema):
    place: PlaceRef
    light: Light
    counts: dict[str, int] = Field(description="assignments by status")


class TaskRow(Schema):
    task: TaskRef
    light: Light
    counts: dict[str, int]
    done_percent: int | None = None


class Overview(Schema):
    """What the home page shows: as far as the caller sees the ledger."""

    today: date
    totals: dict[str, int]
    due: dict[str, int]
    areas: list[AreaRow]
    tasks: list[TaskRow]
    round: int | None = Field(None, description="id of the open round, or of the last one")
    round_asked: int
    round_reported: int


class Hit(Schema):
    kind: str
    title: str
    text: str
    url: str


class SearchFilter(Schema):
    q: Word = Field(description="all words must occur", min_length=1)


@router.get("/overview", response=Overview, auth=Guard("assignment.view"), tags=TAGS)
def home_overview(request: SignedRequest) -> dict[str, Any]:
    """Counts by area, by task and by day due."""
    found = overview(scope_of(request.user))
    return {
        "today": clock.today(),
        "totals": _plain(found.totals),
        "due": {name: n for name, n in found.due.items() if n is not None},
        "areas": [
            {"place": row.place, "light": _light(row.light), "counts": _plain(row.counts)} for row in found.areas
        ],
        "tasks": [
            {
                "task": row.task,
                "light": _light(row.light),
                "counts": _plain(row.counts),
                "done_percent": row.done_percent,
            }
            for row in found.tasks
        ],
        "round": found.round.pk if found.round else None,
        "round_asked": found.round_asked,
        "round_reported": found.round_reported,
    }


def _plain(counts: Counter[str]) -> dict[str, int]:
    return dict(counts)


def _light(light: Any) -> dict[str, Any]:
    return {"colour": light.colour, "n": light.n, "rule_version": light.rule_version}


@router.get("/search", response=list[Hit], auth=Guard("search"), tags=TAGS)
def search_everything(request: SignedRequest, wanted: Query[SearchFilter]) -> list[dict[str, str]]:
    """Search measures, tasks, places, agencies, evidence, people: what the caller may see, some of each kind."""
    found = search(scope_of(request.user), wanted.q)
    return [
        {"kind": source.kind, "title": hit.title, "text": hit.text, "url": hit.url}
        for source, hits in found
        for hit in hits
    ]
