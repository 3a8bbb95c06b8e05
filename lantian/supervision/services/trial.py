"""A rule is tried over stored data, with other numbers if wished, before it is switched on. Nothing is kept."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.gateway.core.telemetry import frame
from lantian.kit.errors import DomainError
from lantian.sources import queries as sources
from lantian.sources.facts import Plant
from lantian.supervision.queries import city_offset, parameters, telemetry
from lantian.supervision.rules.case import Finding
from lantian.supervision.rules.parameters import Parameters
from lantian.supervision.rules.replay import Failure, replay


@dataclass(frozen=True)
class Trial:
    """What a rule would have found: findings, what it could not judge, how much it looked at, how long it took."""

    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...]
    plants: int
    rows: int
    seconds: float

    @property
    def per_plant_month(self) -> float | None:
        return None if not self.plants else len(self.findings) / self.plants


def trial(
    actor: User,
    rule: str,
    start: dt.datetime,
    end: dt.datetime,
    *,
    numbers: Mapping[str, float] | None = None,
    area: str | None = None,
) -> Trial:
    """Judge stored telemetry of the enterprises that a person may manage. Raises NotAllowed, DomainError."""
    scope = scope_of(actor)
    scope.require("alarm.manage")
    if end <= start:
        raise DomainError(_("The last day lies before the first."))
    mine = sources.visible_to(scope, verb="alarm.manage")
    plants = sources.plants(codes=mine.values_list("code", flat=True), area=area)
    store, begun = telemetry(), time.perf_counter()

    def fetch(plant: Plant, first: dt.datetime, last: dt.datetime) -> pl.DataFrame:
        return frame(store, places=(plant.code,), start=first, end=last)

    done = replay(
        plants,
        fetch,
        start,
        end,
        parameters=with_numbers(parameters(), rule, numbers or {}),
        offset=city_offset(),
        ids=[rule],
    )
    return Trial(done.findings, done.failures, done.plants, done.rows, time.perf_counter() - begun)


def with_numbers(known: Parameters, rule: str, numbers: Mapping[str, float]) -> Parameters:
    """Return parameters in which a rule has other numbers, for everybody. Raises DomainError for numbers out of bounds."""
    text = known.rules[rule]
    made = dict(text.parameters)
    for name, value in numbers.items():
        one = made.get(name)
        if one is None or not one.least <= value <= one.most:
            raise DomainError(_("These numbers cannot be used."), hint=name)
        made[name] = replace(one, value=value)
    return Parameters(f"{known.version}+trial", {**known.rules, rule: replace(text, parameters=made)}, known.overrides)
