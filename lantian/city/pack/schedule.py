"""calendar.toml, thresholds.toml, escalation.toml: when things are due and what counts as late."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from lantian.city.pack.calendar import Calendar, Dispatch, HeatingSeason, LocalDays, Publicity
from lantian.city.pack.checks import rule_troubles
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.model import EscalationOverride, Threshold
from lantian.city.pack.reading import Table, read_toml, refuse_twice
from lantian.standards.tables import Confidence
from lantian.standards.units import IncompatibleUnitsError, convert

_ANY_DAY = dt.date(2000, 1, 1)
CALENDAR, THRESHOLDS, ESCALATION = "calendar.toml", "thresholds.toml", "escalation.toml"


def read_calendar(files: PackFiles, faults: Faults) -> Calendar | None:
    """Read calendar.toml; None when it cannot be read."""
    root = read_toml(files, CALENDAR, faults)
    if root is None:
        return None
    seasons = _seasons(root)
    dispatch, publicity = _dispatch(root.table("dispatch")), _publicity(root.table("publicity"))
    weekend = _weekend(root.table("working_days"))
    local = tuple(_local(table) for table in root.tables("local_days", ()))
    root.done()
    return Calendar(seasons, dispatch, publicity, weekend, local)


def _seasons(root: Table) -> tuple[HeatingSeason, ...]:
    tables = root.tables("heating_season", ())
    if not tables:
        hint = "Deadlines such as 采暖季前 cannot be dated without it: add [[heating_season]]."
        root.fault("no-heating-season", "the calendar has no heating season.", hint)
    seasons = [_season(table) for table in tables]
    for one, (table, two) in zip(seasons, list(zip(tables, seasons, strict=True))[1:], strict=False):
        if one.until is None or two.since is None or two.since <= one.until:
            hint = "Order the seasons by time and end each before the next begins."
            table.fault("bad-dates", "this heating season overlaps the one before it.", hint)
    return tuple(seasons)


def _season(table: Table) -> HeatingSeason:
    since, until = table.interval()
    start, end = table.month_day("start"), table.month_day("end")
    season = HeatingSeason(start, end, since, until, table.text("source"), table.confidence())
    table.done()
    return season


def _dispatch(table: Table) -> Dispatch:
    days = [table.integer(key, low=1, high=31) for key in ("opens", "due", "circular")]
    if days != sorted(days):
        table.fault("bad-dates", "a round opens, then reports are due, then the circular goes out.", "", "opens")
    dispatch = Dispatch(days[0], days[1], days[2], table.text("source"), table.confidence())
    table.done()
    return dispatch


def _publicity(table: Table) -> Publicity:
    days = table.integer("days", low=1, high=60)
    publicity = Publicity(days, table.flag("working_days"), table.text("source"), table.confidence())
    table.done()
    return publicity


def _weekend(table: Table) -> tuple[int, ...]:
    values = table.integers("weekend", low=1, high=7)
    if len(set(values)) > 3:
        table.fault("bad-value", "a weekend of more than three days.", "ISO weekdays: Monday is 1.", "weekend")
        values = (6, 7)
    table.done()
    return tuple(sorted(set(values)))


def _local(table: Table) -> LocalDays:
    start, end = table.interval()
    if not (start and end):
        table.fault("bad-dates", "local days need both 'from' and 'until'.", "For one day give it twice.")
    names = table.text("name_zh", name=True), table.text("name_en", name=True)
    worked = table.flag("worked", False)
    table.done()
    return LocalDays(start or _ANY_DAY, end or _ANY_DAY, worked, *names)


@cache
def threshold_rows() -> Mapping[str, Mapping[str, Any]]:
    """The rows of the national file by key: value, unit, bounds, names, source."""
    text = resources.files("lantian.city").joinpath("data/thresholds.toml").read_text(encoding="utf-8")
    return {row["key"]: row for row in tomllib.loads(text, parse_float=Decimal)["threshold"]}


def national_thresholds() -> dict[str, Threshold]:
    """The thresholds that hold where a pack says nothing."""
    return {key: _national(row) for key, row in threshold_rows().items()}


def _national(row: Mapping[str, Any]) -> Threshold:
    confidence = Confidence(row["confidence"])
    value = Decimal(row["value"])
    return Threshold(row["key"], value, row["unit"], row["zh"], row["en"], row["source"], confidence)


def read_thresholds(files: PackFiles, faults: Faults) -> Mapping[str, Threshold]:
    """The national thresholds with the pack's own in their place."""
    found = national_thresholds()
    root = read_toml(files, THRESHOLDS, faults)
    if root is not None:
        tables = root.tables("threshold", ())
        own = [_threshold(table) for table in tables]
        refuse_twice([(table, one.key) for table, one in zip(tables, own, strict=True) if one], "key", "the threshold")
        found.update({one.key: one for one in own if one})
        root.done()
    return MappingProxyType(found)


def _threshold(table: Table) -> Threshold | None:
    key, value, unit = table.choice("key", list(threshold_rows())), table.number("value"), table.unit("unit")
    source, confidence = table.text("source"), table.confidence()
    table.text("note", "")
    table.done()
    if not key or value is None or not unit:
        return None
    row = threshold_rows()[key]
    try:
        converted = convert(value, unit, row["unit"])
    except IncompatibleUnitsError as error:
        table.fault("bad-unit", f"{key}: {error}.", f"It is measured in {row['unit']}.", "unit")
        return None
    if not row["low"] <= converted <= row["high"]:
        hint = f"It must lie between {row['low']} and {row['high']} {row['unit']}."
        table.fault("bad-value", f"{key} is {value} {unit}.", hint, "value")
    return Threshold(key, converted, row["unit"], row["zh"], row["en"], source, confidence, own=True)


def read_escalation(files: PackFiles, faults: Faults) -> tuple[EscalationOverride, ...]:
    """Overrides of escalation rules. Which rule has which settings the plan room knows: it registers its check."""
    root = read_toml(files, ESCALATION, faults, required=False)
    if root is None:
        return ()
    tables = root.tables("override")
    found = tuple(_override(table) for table in tables)
    refuse_twice([(table, one.rule) for table, one in zip(tables, found, strict=True)], "rule", "the rule")
    root.done()
    return found


def _override(table: Table) -> EscalationOverride:
    rule, settings = table.text("rule", pattern=r"[a-z][a-z0-9_.-]*"), table.table("settings")
    override = EscalationOverride(
        rule, MappingProxyType(dict(settings.values)), table.text("source"), table.confidence()
    )
    table.done()
    if rule:
        for name, message, hint in rule_troubles(rule, settings.values):
            (settings if name else table).fault("bad-rule", message, hint, name or "rule")
    return override
