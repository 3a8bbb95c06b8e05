"""Judging what came in: rules over each plant's telemetry, findings become alarms, alarms are kept up to date.

Two paces. Every few minutes the quick rules look at the last hours; every hour all rules look at the last days, and as far
back as data came in late. An alarm that newer data no longer bear out is withdrawn, visibly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from django.db import transaction

from lantian.city import clock
from lantian.gateway.core.telemetry import frame
from lantian.sources import queries as sources
from lantian.sources.facts import Plant
from lantian.sources.models import Enterprise
from lantian.supervision.models import Alarm, AlarmStep, Judged, Shield
from lantian.supervision.queries import city_offset, pack_parameters, parameters, rules_on, telemetry
from lantian.supervision.rules.case import Finding
from lantian.supervision.rules.life import Known, match
from lantian.supervision.rules.parameters import Parameters
from lantian.supervision.rules.registry import rules
from lantian.supervision.rules.replay import Failure, judge
from lantian.supervision.services.leads import join
from lantian.supervision.services.telling import tell

QUICK, SLOW = "quick", "slow"
_BACK = {QUICK: dt.timedelta(hours=6), SLOW: dt.timedelta(days=3)}
_LEARN = {QUICK: dt.timedelta(days=2), SLOW: dt.timedelta(days=32)}
_PAUSE = {QUICK: dt.timedelta(minutes=3), SLOW: dt.timedelta(hours=1)}


@dataclass
class Done:
    """What a round of judging did."""

    plants: int = 0
    raised: int = 0
    changed: int = 0
    cleared: int = 0
    failures: int = 0

    def __bool__(self) -> bool:
        return bool(self.raised or self.changed or self.cleared or self.failures)

    def __str__(self) -> str:
        return f"{self.plants} plants, {self.raised} raised, {self.changed} changed, {self.cleared} withdrawn, {self.failures} failed"


def due(pace: str, now: dt.datetime) -> bool:
    """Tell whether a pace has to judge again."""
    newest = Judged.objects.filter(pace=pace).order_by("-until").values_list("until", flat=True).first()
    return newest is None or now - newest >= _PAUSE[pace] or newest > now


def judge_all(pace: str = SLOW, *, codes: Iterable[str] | None = None, force: bool = False) -> Done:
    """Judge every plant that has telemetry; each plant is one transaction. Nothing is done before the pace is due again."""
    now, done = clock.now(), Done()
    store = telemetry()
    if not store.exists or not (force or due(pace, now)):
        return done
    known = parameters()
    ids = [one.id for one in rules() if one.id in rules_on() and (pace == SLOW or one.quick)]
    keys = dict(Enterprise.objects.values_list("code", "pk"))
    for plant in sources.plants(codes=codes):
        _judge_one(plant, keys[plant.code], pace, ids, known, now, done)
    return done


def _judge_one(
    plant: Plant, enterprise: int, pace: str, ids: Sequence[str], known: Parameters, now: dt.datetime, done: Done
) -> None:
    last = Judged.objects.filter(enterprise_id=enterprise, pace=pace).first()
    since = now - _LEARN[pace] - (_BACK[pace])
    rows = frame(telemetry(), places=(plant.code,), start=_hour(since), end=now)
    if rows.is_empty():
        return
    start = _first_to_judge(rows, last, pace, now, since)
    found, failed = judge(
        plant, rows, start, now, parameters=known, offset=city_offset(), ids=ids, now=now, since=since
    )
    with transaction.atomic():
        _take(enterprise, found, ids, start, since, done)
        _remember(enterprise, pace, now, rows, failed)
    done.plants += 1
    done.failures += len(failed)


def _hour(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _first_to_judge(
    rows: pl.DataFrame, last: Judged | None, pace: str, now: dt.datetime, since: dt.datetime
) -> dt.datetime:
    """Return where judging begins: some time back, or where the earliest row lies that came in since the last time."""
    if last is None:
        return since
    late = rows.filter(pl.col("known_at") > last.horizon)["valid_from"].min()
    start = min(last.until, now) - _BACK[pace]
    return max(since, _hour(min(start, late) if isinstance(late, dt.datetime) else start))


def _remember(enterprise: int, pace: str, now: dt.datetime, rows: pl.DataFrame, failed: Sequence[Failure]) -> None:
    horizon = rows["known_at"].max()
    Judged.objects.update_or_create(
        enterprise_id=enterprise,
        pace=pace,
        defaults={
            "until": now,
            "horizon": horizon if isinstance(horizon, dt.datetime) else now,
            "failures": [{"rule": one.rule, "error": one.error} for one in failed],
        },
    )


def _take(
    enterprise: int, found: Sequence[Finding], ids: Sequence[str], start: dt.datetime, since: dt.datetime, done: Done
) -> None:
    """Turn findings into alarms: known ones are brought up to date, new ones raised, those not found again withdrawn."""
    back = min([start - dt.timedelta(days=2), *(one.start for one in found)])
    standing = list(Alarm.objects.select_for_update().filter(enterprise_id=enterprise, rule__in=ids, end__gt=back))
    shields = list(Shield.objects.filter(enterprise_id=enterprise, ended_at__isnull=True))
    known = [Known(a.rule, a.subject, a.part, a.start, a.end, a.ongoing) for a in standing]
    said = [Known(f.rule, f.subject, f.part, f.start, f.end) for f in found]
    met: set[int] = set()
    fresh: list[Alarm] = []
    for one, at in zip(found, match(known, said), strict=True):
        if at is None:
            fresh.append(_raise(enterprise, one, shields))
            done.raised += 1
        else:
            met.add(standing[at].pk)
            done.changed += _update(standing[at], one, since)
    for alarm in standing:
        if alarm.pk not in met and alarm.start >= start and alarm.state in Alarm.OPEN:
            _clear(alarm)
            done.cleared += 1
    told = [one for one in fresh if one.state == Alarm.State.NEW]
    tell(told)
    join(told)


def _facts(one: Finding) -> dict[str, object]:
    return {
        "rule_version": one.version,
        "end": one.end,
        "ongoing": one.open,
        "numbers": dict(one.numbers),
        "n": one.n,
        "expected": one.expected,
        "strength": one.strength,
        "looked_at": [list(pair) for pair in one.looked_at],
    }


def _raise(enterprise: int, one: Finding, shields: Sequence[Shield]) -> Alarm:
    now = clock.now()
    shield = next((s for s in shields if _covers(s, one)), None)
    alarm = Alarm.objects.create(
        enterprise_id=enterprise,
        rule=one.rule,
        subject=one.subject,
        part=one.part,
        start=one.start,
        severity=pack_parameters().rules[one.rule].severity,
        state=Alarm.State.SHIELDED if shield else Alarm.State.NEW,
        raised_at=now,
        changed_at=now,
        **_facts(one),
    )
    AlarmStep.objects.create(alarm=alarm, act=AlarmStep.Act.RAISED, at=now, data=_said(one))
    if shield:
        AlarmStep.objects.create(
            alarm=alarm, act=AlarmStep.Act.SHIELDED, at=now, note=shield.reason, data={"shield": shield.pk}
        )
    return alarm


def _said(one: Finding) -> dict[str, object]:
    return {
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "numbers": dict(one.numbers),
        "n": one.n,
        "expected": one.expected,
        "version": one.version,
    }


def _covers(shield: Shield, one: Finding) -> bool:
    return (
        shield.rule in ("", one.rule)
        and shield.subject in ("", one.subject)
        and shield.since <= one.start < shield.until
    )


def _update(alarm: Alarm, one: Finding, since: dt.datetime) -> int:
    """Bring an alarm up to date; what it said before is kept as a step when it is judged otherwise (not when it merely
    goes on). Returns 1 for a change."""
    # A finding that begins where the data begin may have begun earlier: then the alarm knows better.
    start = min(alarm.start, one.start) if one.start <= since + dt.timedelta(hours=1) else one.start
    facts = _facts(one)
    gone = alarm.state == Alarm.State.CLEARED
    if not gone and start == alarm.start and all(getattr(alarm, name) == value for name, value in facts.items()):
        return 0
    act = ""
    if (
        alarm.state == Alarm.State.CLEARED
        or start != alarm.start
        or one.end < alarm.end
        or one.version != alarm.rule_version
    ):
        act = AlarmStep.Act.REJUDGED
    elif alarm.ongoing and not one.open:
        act = AlarmStep.Act.ENDED
    for name, value in facts.items():
        setattr(alarm, name, value)
    alarm.start, alarm.changed_at = start, clock.now()
    if gone:
        alarm.state = Alarm.State.NEW
    alarm.version += 1
    alarm.save()
    if act:
        AlarmStep.objects.create(alarm=alarm, act=act, at=alarm.changed_at, data=_said(one))
    return 1


def _clear(alarm: Alarm) -> None:
    alarm.state, alarm.ongoing, alarm.changed_at = Alarm.State.CLEARED, False, clock.now()
    alarm.version += 1
    alarm.save(update_fields=["state", "ongoing", "changed_at", "version"])
    AlarmStep.objects.create(alarm=alarm, act=AlarmStep.Act.CLEARED, at=alarm.changed_at)
    join([alarm])
