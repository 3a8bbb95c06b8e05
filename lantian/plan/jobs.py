"""What the worker does every day for the plan room. Each job is safe to repeat: what was said today is not said again."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy

from lantian.city import clock
from lantian.city.models import User
from lantian.kit.errors import DomainError
from lantian.plan.models import Assignment
from lantian.plan.querysets import OPEN_STATES
from lantian.plan.services.escalation import propose
from lantian.plan.services.rounds import by_person, remind_before_due
from lantian.plan.thresholds import thresholds
from lantian.records.models import Notification
from lantian.records.services import Wording, notify

log = logging.getLogger("lantian.plan.jobs")


def daily() -> dict[str, Any]:
    """Run every job of the day; return name -> what it did. A job that fails leaves the others running and is logged."""
    today = clock.today()
    jobs: dict[str, Callable[[dt.date], Any]] = {
        "due_soon": tell_due_soon,
        "rounds": lambda day: {pk: vars(done) for pk, done in remind_before_due(day).items()},
        "escalation": lambda day: vars(propose(None)),
    }
    return {name: _run(name, job, today) for name, job in jobs.items()}


def _run(name: str, job: Callable[[dt.date], Any], today: dt.date) -> Any:
    try:
        return job(today)
    except DomainError as problem:
        log.error("job %s: %s", name, problem)
        return {"refused": str(problem)}
    except Exception as error:
        log.exception("job %s failed", name)
        return {"failed": repr(error)}


@transaction.atomic
def tell_due_soon(today: dt.date) -> dict[str, int]:
    """Tell each holder of open work that comes due: once when it is near, once on its last day.

    One message per person and deadline, however many assignments share it; a day on which the worker stood still is
    made up for. Returns how many messages went out and how many assignments they speak of.
    """
    limits = thresholds()
    windows = sorted({limits.due_soon_days, 0}, reverse=True)
    rows = Assignment.objects.live().filter(
        state__in=OPEN_STATES, deadline__gte=today, deadline__lte=today + dt.timedelta(days=windows[0])
    )
    by_deadline: dict[dt.date, list[Assignment]] = {}
    rows = rows.select_related("measure", "place", "area", "agency", "parent").order_by("deadline", "pk")
    for row in rows.defer("place__boundary", "area__boundary", "measure__fields"):
        assert row.deadline is not None
        by_deadline.setdefault(row.deadline, []).append(row)
    sent = {"messages": 0, "assignments": 0}
    for deadline, group in by_deadline.items():
        window = 0 if deadline == today else windows[0]
        groups = by_person(group)
        groups.pop(None, None)
        sent["messages"] += sum(_tell(person, mine, deadline, window) for person, mine in groups.items() if person)
        sent["assignments"] += len({row.pk for mine in groups.values() for row in mine})
    return sent


def _tell(person: User, mine: list[Assignment], deadline: dt.date, window: int) -> int:
    subject = (
        gettext_lazy("%(n)s of your assignments are due today")
        if window == 0
        else gettext_lazy("%(n)s of your assignments are due on %(day)s")
    )
    prefix = f"due-{deadline.isoformat()}-{window}"
    if Notification.objects.filter(dedupe_key=f"{prefix}:{person.pk}").exists():
        return 0
    notify(
        [person],
        kind="plan.due_soon",
        subject=Wording(subject, n=len(mine), day=deadline),
        body="、".join(row.measure.code for row in mine[:60]),
        link=reverse("plan:my_work"),
        dedupe_key_prefix=prefix,
    )
    return 1
