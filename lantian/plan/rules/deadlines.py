"""When an assignment is due, and how far away that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Basis = Literal["text", "plan_end", "manual"]


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline and where it comes from. `day` is None when neither the text nor the plan says one."""

    day: dt.date | None
    basis: Basis


def due(deadlines: Iterable[str], period_to: dt.date | None, issued_on: dt.date | None = None) -> Due:
    """Return the measure's last deadline (ISO dates), else the end of the plan, else of the year of its issue.

    An earlier deadline in the same sentence is a milestone on the way. Raises ValueError for a text that is no date.
    """
    days = [dt.date.fromisoformat(day) for day in deadlines]
    if days:
        return Due(max(days), "text")
    if period_to is None and issued_on is not None:
        period_to = dt.date(issued_on.year, 12, 31)
    return Due(period_to, "plan_end")


def days_late(deadline: dt.date | None, today: dt.date) -> int:
    """Return how many days the deadline is past (0 on the day itself and before, or without a deadline)."""
    return max(0, (today - deadline).days) if deadline else 0


def next_milestone(deadlines: Iterable[str], today: dt.date) -> dt.date | None:
    """Return the first deadline (ISO dates) that is not past, or None."""
    return min((day for day in map(dt.date.fromisoformat, deadlines) if day >= today), default=None)
