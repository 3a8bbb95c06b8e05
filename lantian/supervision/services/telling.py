"""Whom an alarm is told: the plant first, then the county, then the city; each time is a step of the alarm."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lantian.city import clock
from lantian.city.access import active_people
from lantian.city.models import Role, User
from lantian.records.services import notify
from lantian.records.wording import Wording
from lantian.supervision.models import Alarm, AlarmStep, Level, Severity
from lantian.supervision.rules.life import due_level
from lantian.supervision.words import rule_name

_MANY = 500


def tell(alarms: Sequence[Alarm]) -> None:
    """Tell the plants of new alarms (not of mere information)."""
    for alarm in alarms:
        if alarm.severity != Severity.INFO:
            _tell(alarm, Level.PLANT, AlarmStep.Act.TOLD)


def escalate() -> int:
    """Tell the next level of alarms that nobody has taken note of in time; return how many went up."""
    now, many = clock.now(), 0
    waiting = Alarm.objects.filter(state=Alarm.State.NEW, level__lt=Level.CITY).exclude(severity=Severity.INFO)
    for pk in list(waiting.order_by("id").values_list("pk", flat=True)[:_MANY]):
        with transaction.atomic():
            alarm = waiting.select_for_update(of=("self",)).select_related("enterprise__area").filter(pk=pk).first()
            if alarm is None:
                continue
            wanted = due_level(alarm.severity, now - alarm.raised_at)
            for level in range(alarm.level + 1, wanted + 1):
                alarm.level = level
                alarm.save(update_fields=["level"])
                _tell(alarm, Level(level), AlarmStep.Act.ESCALATED)
                many += 1
    return many


def people(alarm: Alarm, level: Level) -> list[User]:
    """Return who is told at a level: the people of the enterprise, of its county, of the office."""
    enterprise = alarm.enterprise
    if level == Level.PLANT:
        named = {enterprise.code, enterprise.name, enterprise.credit_code, *enterprise.aliases} - {"", None}
        return list({one.pk: one for name in named for one in active_people(enterprise=name)}.values())
    if level == Level.COUNTY:
        return active_people(place_id=enterprise.area_id, role=Role.COUNTY) if enterprise.area_id else []
    return active_people(role=Role.OFFICE)


def _tell(alarm: Alarm, level: Level, act: str) -> None:
    told = people(alarm, level)
    notify(
        told,
        kind="supervision.alarm",
        subject=Wording(
            _("Alarm: %(rule)s, %(enterprise)s"), rule=rule_name(alarm.rule), enterprise=alarm.enterprise.name
        ),
        link=reverse("supervision:alarm", args=[alarm.pk]),
        target=alarm,
        dedupe_key_prefix=f"alarm-{alarm.pk}-{int(level)}",
    )
    # Nobody to tell is said as well: a plant without a login must not look as if it had been told.
    AlarmStep.objects.create(alarm=alarm, act=act, at=clock.now(), data={"level": int(level), "people": len(told)})
