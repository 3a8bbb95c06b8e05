"""Run rules over stored telemetry: live for the last hours, or back over months before a rule is switched on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from lantian.sources.facts import Plant
from lantian.supervision.rules.case import Case, Finding
from lantian.supervision.rules.parameters import Parameters
from lantian.supervision.rules.registry import Rule, rules
from lantian.supervision.rules.series import Telemetry

# plant, start, end -> rows of the telemetry store
Fetch = Callable[[Plant, dt.datetime, dt.datetime], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that could not judge a plant: shown, never swallowed; the other rules go on."""

    rule: str
    plant: str
    error: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What rules found between two moments, with what they looked at."""

    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...]
    plants: int
    rows: int


def _hour(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def judge(
    plant: Plant,
    frame: pl.DataFrame,
    start: dt.datetime,
    end: dt.datetime,
    *,
    parameters: Parameters,
    offset: dt.timedelta,
    ids: Iterable[str] | None = None,
    now: dt.datetime | None = None,
    since: dt.datetime | None = None,
) -> tuple[list[Finding], list[Failure]]:
    """Judge one plant between `start` and `end` (aware); `frame` may begin earlier (`since`), so that rules can learn.

    Findings that end before `start` are left out; those that began before it are whole. Raises nothing for a rule that
    fails: it is among the failures."""
    telemetry = Telemetry.of(frame, _hour(since or start), end)
    found: list[Finding] = []
    failed: list[Failure] = []
    for rule in rules(ids):
        settings = parameters.settings(rule.id, industry=plant.industry, plant=plant.code)
        case = Case(plant, telemetry, start, now or end, settings, offset)
        try:
            found += [one for one in rule.check(case) if one.end > start]
        except Exception as error:  # one broken rule must not silence the others
            failed.append(Failure(rule.id, plant.code, f"{type(error).__name__}: {error}"))
    return found, failed


def replay(
    plants: Iterable[Plant],
    fetch: Fetch,
    start: dt.datetime,
    end: dt.datetime,
    *,
    parameters: Parameters,
    offset: dt.timedelta,
    ids: Iterable[str] | None = None,
    now: dt.datetime | None = None,
) -> Replay:
    """Judge plants between two moments with the given numbers; rows are fetched plant by plant, with the time to learn before."""
    wanted = tuple(ids) if ids is not None else None
    since = _hour(start - longest(rules(wanted)))
    found: list[Finding] = []
    failed: list[Failure] = []
    many = rows = 0
    for plant in plants:
        frame = fetch(plant, since, end)
        many, rows = many + 1, rows + len(frame)
        one, bad = judge(
            plant, frame, start, end, parameters=parameters, offset=offset, ids=wanted, now=now, since=since
        )
        found += one
        failed += bad
    return Replay(tuple(sorted(found, key=lambda f: (f.start, f.plant, f.rule))), tuple(failed), many, rows)


def longest(chosen: Iterable[Rule]) -> dt.timedelta:
    """Return the longest time that any of the rules wants to see before the judged time."""
    return max((rule.learns for rule in chosen), default=dt.timedelta(0))


def of_frame(frame: pl.DataFrame) -> Fetch:
    """Return a fetcher over rows that are in memory."""
    parts = {str(key[0]): part for key, part in frame.partition_by(["place"], as_dict=True).items()}

    def fetch(plant: Plant, start: dt.datetime, end: dt.datetime) -> pl.DataFrame:
        part = parts.get(plant.code, frame.clear())
        return part.filter((pl.col("valid_from") >= start) & (pl.col("valid_from") < end))

    return fetch


def by_plant(found: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Group findings by plant, in the order of their first."""
    groups: dict[str, list[Finding]] = {}
    for one in found:
        groups.setdefault(one.plant, []).append(one)
    yield from groups.items()
