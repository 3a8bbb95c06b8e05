"""A correction recomputes exactly what depends on it, keeps the old figure and names who rests on it."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.observations import dependency
from lantian.observations.dependency import (
    Affected,
    Change,
    Dependant,
    affected,
    changes_since,
    dependants,
    register_dependants,
)
from lantian.observations.figures import Definition, newest, recompute
from lantian.observations.lineage import lineage
from lantian.observations.model import Batch, Query
from lantian.observations.statistics import (
    DayRule,
    Decimals,
    HourRules,
    PeriodRule,
    Span,
    day_means,
    hours,
    periods,
    present,
)
from lantian.observations.tests.builders import HOUR, START, mark, row, rows
from lantian.observations.tests.test_batches import append
from lantian.observations.tests.test_bitemporal import flag
from lantian.observations.verify import verify

RULES = HourRules("law.1", 8 * HOUR, 6, excluded=("void",))


def daily(table):
    return present(day_means(hours(table, RULES), RULES, DayRule(20, Decimals(0))), RULES)


def monthly(table):
    days = day_means(hours(table, RULES), RULES, DayRule(20, Decimals(0)))
    return present(periods(days, RULES, PeriodRule(Span(), 27, decimals=Decimals(1))), RULES)


DEFINITIONS = (
    Definition("day", "law.1", ("PM2.5",), daily),
    Definition("month", "law.1", ("PM2.5",), monthly, span=Span()),
)


@pytest.fixture
def finders(monkeypatch):
    monkeypatch.setattr(dependency, "_finders", {})


def figures(store, **options):
    found = newest(store, store.reader(), **options).to_polars().sort("figure", "period_from", "known_at")
    return {(r["figure"], (r["period_from"] + 8 * HOUR).date().isoformat()): r for r in found.iter_rows(named=True)}


def test_what_lies_in_which_period():
    change = Change("s", "p", "O3", START + 30 * 24 * HOUR, START + 31 * 24 * HOUR + HOUR)
    days = [a.period_from.isoformat() for a in affected([change], None, 8 * HOUR)]
    assert days == ["2020-01-31", "2020-02-01"]
    months = [(a.period_from.month, a.period_to.month) for a in affected([change, change], Span(), 8 * HOUR)]
    assert months == [(1, 2), (2, 3)]
    (season,) = affected([change], Span(3, 12), 8 * HOUR)
    assert (season.period_from, season.period_to) == (dt.date(2019, 12, 1), dt.date(2020, 3, 1))
    (year,) = affected([change], Span(12), 8 * HOUR)
    assert (year.period_from, year.period_to) == (dt.date(2020, 1, 1), dt.date(2021, 1, 1))
    within = Span(between=(dt.date(2020, 2, 1), dt.date(2020, 2, 9)))
    assert [a.period_from.day for a in affected([change], within, 8 * HOUR)] == [1]


def test_windows_that_reach_into_the_next_day():
    change = Change("s", "p", "O3", START + 20 * HOUR, START + 21 * HOUR)
    assert len(affected([change], None, 8 * HOUR)) == 1
    assert len(affected([change], None, 8 * HOUR, carry=7 * HOUR)) == 2


def test_only_what_a_batch_touched_changed(store):
    append(store, "a", rows(range(24 * 40)))
    before = store.reader().version()
    append(store, "fix", [row(5, 1.0), row(24 * 35, 1.0)])
    flag(store, "f", [mark(24 * 10, "void")])
    changes = changes_since(store, store.reader(), before.observations, before.flags)
    assert [int((c.start - START) / HOUR) for c in changes] == [5, 240, 840]
    assert {(c.source, c.place, c.quantity) for c in changes} == {("s1", "p1", "PM2.5")}


def test_a_correction_recomputes_what_depends_on_it_and_keeps_the_old(store, clock, finders):
    asked = []

    def bulletins(changed: list[Affected]):
        asked.extend(changed)
        yield Dependant("bulletin", "7", "circular of January")

    register_dependants("bulletins", bulletins)
    append(store, "a", rows(range(24 * 40)))
    first = recompute(store, DEFINITIONS, actor="worker")
    assert len(first.revisions) == 40 + 2
    assert first.dependants == ()  # nothing that was there before changed
    assert recompute(store, DEFINITIONS).revisions == ()
    before = figures(store)
    then = clock.forward(minutes=1)
    clock.forward(days=1)
    append(store, "fix", [row(24 * 3 + 5, 501.0)])
    second = recompute(store, DEFINITIONS, actor="worker")
    assert [(r.new["figure"], r.old["value"], r.new["value"]) for r in second.revisions] == [
        ("day", 84.0, 101.0),
        ("month", before["month", "2020-01-01"]["value"], figures(store)["month", "2020-01-01"]["value"]),
    ]
    assert [d.id for d in second.dependants] == ["7"]
    assert {(a.period_from.isoformat(), a.period_to.isoformat()) for a in asked} == {
        ("2020-01-04", "2020-01-05"),
        ("2020-01-01", "2020-02-01"),
    }
    assert figures(store, as_known_on=then) == {
        key: {**value, "known_until": value["known_until"]} for key, value in before.items()
    }
    history = newest(store, store.reader(), history=True).to_polars()
    assert history.height == 44
    assert figures(store)["day", "2020-01-04"]["observations_version"] == 2
    assert verify(store).ok


def test_a_day_of_which_every_hour_is_void_loses_its_figure(store, finders):
    append(store, "a", rows(range(48)))
    recompute(store, DEFINITIONS[:1])
    flag(store, "f", [mark(h, "void") for h in range(24)])
    (revision,) = recompute(store, DEFINITIONS[:1]).revisions
    assert (revision.old["value"], revision.new["value"], revision.new["n"], revision.new["valid"]) == (
        12.0,
        None,
        0,
        False,
    )
    flag(store, "g", [mark(h, "void", retracted=True) for h in range(24)])
    (back,) = recompute(store, DEFINITIONS[:1]).revisions
    assert (back.old["value"], back.new["value"]) == (None, 12.0)


def test_new_rules_compute_everything_again(store, finders):
    append(store, "a", rows(range(48)))
    recompute(store, DEFINITIONS[:1])
    other = Definition("day", "law.2", ("PM2.5",), daily)
    assert [r.new["rule_version"] for r in recompute(store, [other]).revisions] == ["law.2", "law.2"]


def test_a_value_that_is_confirmed_changes_no_figure(store, finders):
    append(store, "a", rows(range(24)))
    recompute(store, DEFINITIONS[:1])
    append(store, "again", rows(range(24)))
    result = recompute(store, DEFINITIONS[:1])
    assert (len(result.affected), result.revisions) == (1, ())
    assert recompute(store, DEFINITIONS[:1]).affected == ()


def test_nobody_is_asked_about_nothing(finders):
    register_dependants("x", lambda changed: pytest.fail("asked"))
    assert dependants([]) == []


def test_any_statistic_names_its_rows(store, clock):
    append(store, Batch("a", actor="li", origin="jan.csv"), rows(range(24)))
    append(store, "fix", [row(3, 9.0)])
    flag(store, "f", [mark(1, "void"), mark(2, "odd")])
    reader = store.reader()
    found = lineage(store, reader, Query(sources=("s1",)), rule_version="law.1", excluded=RULES.excluded, expected=24)
    assert (found.n, found.used, found.expected, found.capture) == (24, 23, 24, pytest.approx(23 / 24))
    assert found.flags == {"odd": 1, "void": 1}
    assert [(b.batch, b.rows, b.origin, b.actor) for b in found.batches] == [
        ("a", 23, "jan.csv", "li"),
        ("fix", 1, "", ""),
    ]
    assert found.rule_version == "law.1"
    assert (found.version.observations, found.version.flags) == (2, 1)
    assert found.version.horizon == store.register.newest_known_at()
