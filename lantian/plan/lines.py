"""Assignments as lists name them (code, measure, task, area, holder), read as plain values: models would cost ten times as much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lantian.city.models import Agency, Place
from lantian.plan.models import Assignment

FIELDS = (
    "pk", "measure", "measure__code", "measure__text", "measure__clause__task", "area", "place", "agency", "enterprise",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """`holder` in the page's language; `holder_zh` as the plan names it."""

    id: int
    measure_id: int
    code: str
    measure: str
    task: int
    area: int | None
    holder: str
    holder_zh: str


def lines_of(rows: Iterable[dict[str, Any]]) -> dict[int, Line]:
    """Return lines by assignment of rows that hold FIELDS (two queries)."""
    held = list(rows)
    places = Place.objects.defer("boundary").in_bulk({row["place"] for row in held if row["place"]})
    agencies = Agency.objects.in_bulk({row["agency"] for row in held if row["agency"]})
    return {row["pk"]: _line(row, places.get(row["place"]), agencies.get(row["agency"])) for row in held}


def _line(row: dict[str, Any], place: Place | None, agency: Agency | None) -> Line:
    names = (place.name if place else "") or (agency.short if agency else "")
    return Line(
        row["pk"], row["measure"], row["measure__code"], row["measure__text"], row["measure__clause__task"], row["area"],
        row["enterprise"] or str(place or agency or ""), row["enterprise"] or names,
    )  # fmt: skip


def lines(assignments: Iterable[int]) -> dict[int, Line]:
    """Return lines by assignment (three queries)."""
    return lines_of(Assignment.objects.filter(pk__in=list(assignments)).values(*FIELDS))
