"""The table of transitions, the status and the freshness: pure."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.plan.rules.states import (
    ACTIONS,
    OPEN_STATES,
    SETTLED_STATES,
    STATES,
    STATUSES,
    TRANSITIONS,
    ageing_after,
    freshness,
    lawful,
    lawful_actions,
    rhythm,
    stale_after,
    status,
)

TODAY = dt.date(2020, 6, 20)
DAYS = {"daily": 2, "weekly": 10, "monthly": 35, "quarterly": 100, "yearly": 380, "once": 35, "ageing_share": 70}

# The whole life in one picture: which actions each state allows. A change here is a change of the rules.
LIFE = {
    "not_started": {"start", "withdraw_report", "submit", "decompose", "set_deadline", "cancel", "drop_part"},
    "in_progress": {"report", "withdraw_report", "submit", "decompose", "set_deadline", "cancel", "drop_part"},
    "submitted": {"withdraw", "verify", "return", "set_deadline", "cancel"},
    "returned": {"report", "withdraw_report", "submit", "decompose", "set_deadline", "cancel", "drop_part"},
    "verified": {
        "return_verified", "publicise", "dismiss_objection", "uphold_objection", "approve", "rebound", "set_deadline",
        "cancel",
    },
    "signed_off": {"reopen", "rebound"},
    "rebounded": {"report", "withdraw_report", "submit", "decompose", "set_deadline", "cancel", "drop_part"},
    "cancelled": {"reinstate"},
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_each_state_allows_exactly_these_actions(state):
    assert {t.action for t in lawful_actions(state)} == LIFE[state]
    for action in ACTIONS:
        assert (lawful(state, action) is not None) == (action in LIFE[state])


def test_actions_are_named_once_and_lead_to_states():
    assert len(ACTIONS) == len(TRANSITIONS)
    for t in TRANSITIONS:
        assert set(t.sources) <= set(STATES)
        assert t.target in {None, "before", *STATES}


def test_an_unknown_action_is_an_error():
    with pytest.raises(KeyError):
        lawful("submitted", "dance")


def test_every_state_can_be_reached_and_left():
    targets = {t.target for t in TRANSITIONS} - {None, "before"}
    assert targets == set(STATES)
    assert all(any(state in t.sources for t in TRANSITIONS) for state in STATES)


def test_what_sends_back_or_ends_needs_a_reason():
    for action in ("return", "return_verified", "withdraw", "reopen", "rebound", "cancel", "set_deadline", "approve"):
        assert ACTIONS[action].reason
    assert ACTIONS["submit"].evidence
    assert ACTIONS["rebound"].evidence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("not_started", "in_progress"),
        ("in_progress", "in_progress"),
        ("returned", "returned"),
        ("rebounded", "rebounded"),
    ],
)
def test_taking_back_restores_the_light_that_was_there(before, after):
    assert ACTIONS["withdraw"].end("submitted", before) == after


def test_signed_off_is_only_reached_by_approval():
    assert [t.action for t in TRANSITIONS if t.target == "signed_off"] == ["approve"]
    assert ACTIONS["approve"].sources == ("verified",)
    assert ACTIONS["verify"].sources == ("submitted",)


@pytest.mark.parametrize(
    ("state", "days", "shown"),
    [
        ("not_started", -1, "overdue"), ("not_started", 0, "due_soon"), ("not_started", 7, "due_soon"),
        ("not_started", 8, "not_started"), ("in_progress", -1, "overdue"), ("in_progress", 30, "in_progress"),
        ("returned", -1, "overdue"), ("returned", 3, "returned"), ("rebounded", -99, "rebounded"),
        ("submitted", -99, "submitted"), ("verified", -99, "verified"), ("signed_off", -99, "signed_off"),
        ("cancelled", -99, "cancelled"),
    ],
)  # fmt: skip
def test_status(state, days, shown):
    assert status(state, TODAY + dt.timedelta(days=days), TODAY, 7) == shown
    assert shown in STATUSES


@pytest.mark.parametrize("state", STATES)
def test_without_a_deadline_nothing_is_late(state):
    assert status(state, None, TODAY, 7) == state


def test_days_of_grace_hold_overdue_back():
    late = TODAY - dt.timedelta(days=3)
    assert status("in_progress", late, TODAY, 7, grace_days=3) == "due_soon"
    assert status("in_progress", late - dt.timedelta(days=1), TODAY, 7, grace_days=3) == "overdue"


def test_late_and_stale_are_two_lights():
    assert set(STATUSES).isdisjoint({"fresh", "ageing", "stale", "never"})
    assert set(OPEN_STATES).isdisjoint(SETTLED_STATES)


@pytest.mark.parametrize(
    ("age", "recurrence", "shown"),
    [
        (None, ["monthly"], "never"), (0, [], "fresh"), (24, [], "fresh"), (25, [], "ageing"), (35, [], "ageing"),
        (36, [], "stale"), (1, ["daily"], "fresh"), (2, ["daily"], "ageing"), (3, ["daily"], "stale"),
        (11, ["weekly"], "stale"), (36, ["quarterly"], "fresh"), (36, ["quarterly", "monthly"], "stale"),
        (300, ["yearly"], "ageing"), (36, ["some day"], "stale"),
    ],
)  # fmt: skip
def test_freshness(age, recurrence, shown):
    last = None if age is None else TODAY - dt.timedelta(days=age)
    assert freshness(last, recurrence, TODAY, DAYS) == shown


def test_the_most_demanding_rhythm_counts():
    assert rhythm(["yearly", "daily", "monthly"]) == "daily"
    assert rhythm([]) == "once"
    assert stale_after(["monthly"], {"once": 9}) == 9


def test_ageing_never_begins_on_the_first_day():
    assert ageing_after(1) == 1
    assert ageing_after(10, 50) == 5
