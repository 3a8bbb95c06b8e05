"""The thresholds that the ledger's two lights hang on, read once for a page or a command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from lantian.city import clock
from lantian.city.models import LoadedPack
from lantian.city.pack.calendar import Calendar, calendar_from_plain
from lantian.city.pack.schedule import national_thresholds
from lantian.city.queries import pack_in_force
from lantian.plan.rules import states


@dataclass(frozen=True)
class Thresholds:
    """Days, by what they decide: `department_days` and `office_days` are working days for a review.

    `freshness` holds days by rhythm, "once", and "ageing_share" (%).
    """

    today: dt.date
    due_soon_days: int
    due_far_days: int
    grace_days: int
    department_days: int
    office_days: int
    freshness: dict[str, int]
    pack: LoadedPack | None = None

    @property
    def calendar(self) -> Calendar | None:
        """The calendar of the pack that the thresholds come from (no further query)."""
        return calendar_from_plain(self.pack.calendar) if self.pack else None

    @property
    def late(self) -> dt.date:
        """A deadline before this day is past."""
        return self.today - dt.timedelta(days=self.grace_days)

    def status(self, state: str, deadline: dt.date | None) -> str:
        """Return the status of one assignment; the database computes the same."""
        return states.status(state, deadline, self.today, self.due_soon_days, grace_days=self.grace_days)

    def freshness_of(self, last_report: dt.date | None, recurrence: Iterable[str]) -> str:
        """Return the freshness of one assignment; the database computes the same."""
        return states.freshness(last_report, recurrence, self.today, self.freshness)


def thresholds() -> Thresholds:
    """Return the thresholds in force today: the pack's, else the country's defaults (one query)."""
    pack = pack_in_force()
    own = pack.thresholds if pack else {}
    values = {key: int(own.get(key, entry.value)) for key, entry in national_thresholds().items()}
    prefix = "freshness."
    return Thresholds(
        today=clock.today(),
        due_soon_days=values["assignment.due_soon_days"],
        due_far_days=values["assignment.due_far_days"],
        grace_days=values["assignment.overdue_grace_days"],
        department_days=values["review.department_days"],
        office_days=values["review.office_days"],
        pack=pack,
        freshness={key.removeprefix(prefix): days for key, days in values.items() if key.startswith(prefix)},
    )
