"""An alarm with its lead, as judging would have left them, for tests of pages."""

from __future__ import annotations

import datetime as dt

from lantian.city import clock
from lantian.sources.models import Enterprise
from lantian.supervision.models import Alarm, AlarmStep
from lantian.supervision.services.leads import join


def make_alarm(enterprise: Enterprise, *, rule: str = "treatment-off", days_ago: int = 1) -> Alarm:
    """Make an alarm of six hours about the enterprise's pair, in an open lead."""
    start = clock.now().replace(minute=0, second=0, microsecond=0) - dt.timedelta(days=days_ago)
    made = Alarm.objects.create(
        enterprise=enterprise, rule=rule, rule_version="sup-1", severity="high", subject=f"{enterprise.code}.R1", start=start,
        end=start + dt.timedelta(hours=6), n=24, expected=24, strength=0.75, raised_at=start + dt.timedelta(minutes=45),
        changed_at=start + dt.timedelta(hours=6), looked_at=[[f"{enterprise.code}.P01", "P-Avg"], [f"{enterprise.code}.T01", "P-Avg"]],
        numbers={"hours": 6.0, "production_kw": 71.5, "treatment_kw": 0.4, "off": "脱硫浆液泵"},
    )  # fmt: skip
    AlarmStep.objects.create(alarm=made, act="raised", at=made.raised_at, data={"numbers": made.numbers})
    join([made])
    return made
