"""Rounds in numbers: tables, movements, ranking."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lantian.plan.rules import rounds

DUE = dt.date(2020, 6, 25)


def entry(assignment: int, **values) -> rounds.EntryFacts:
    defaults = {
        "measure": "1-1-1", "task": 1, "area": 10, "agencies": (7,), "status": "in_progress", "percent": 40,
        "deadline": dt.date(2020, 9, 30), "reported_on": DUE, "due_on": DUE,
    }  # fmt: skip
    return rounds.EntryFacts(assignment, **{**defaults, **values})


def test_a_report_after_the_due_day_is_late_and_still_handed_in():
    late = entry(1, reported_on=DUE + dt.timedelta(days=1))
    assert late.handed_in
    assert late.late
    assert not entry(2).late
    assert not entry(3, reported_on=None).late


def test_table_counts_by_row_and_task_and_an_entry_with_two_agencies_once_in_the_sum():
    entries = [
        entry(1, agencies=(7, 8), status="overdue", percent=10),
        entry(2, agencies=(8,), task=2, reported_on=None, percent=None),
    ]
    table = rounds.tabulate(entries, rounds.by_agency)
    assert table.cell(7, 1).overdue == 1
    assert table.cell(8, 2).missing == 1
    assert table.cell(7, 2).asked == 0
    assert table.rows[8].asked == 2
    assert (table.total.asked, table.total.handed_in, table.total.overdue) == (2, 1, 1)
    assert table.columns[2].missing == 1


def test_the_mean_comes_with_its_n_and_is_absent_without_data():
    cell = rounds.tabulate([entry(1, percent=10), entry(2, percent=15), entry(3, percent=None)], rounds.by_area).total
    assert (cell.mean, cell.n) == (Decimal("12.5"), 2)
    assert rounds.Cell().mean is None
    assert rounds.Cell().share_handed_in is None


def test_an_agency_held_entry_stands_in_no_area():
    table = rounds.tabulate([entry(1, area=None)], rounds.by_area)
    assert table.rows == {}
    assert table.total.asked == 1


@pytest.mark.parametrize(
    ("before", "now", "movement"),
    [
        ({"percent": 40}, {"percent": 60}, "forward"),
        ({"percent": 40}, {"percent": 40}, "stuck"),
        ({"percent": 40}, {"percent": 30}, "back"),
        ({"status": "in_progress"}, {"status": "submitted"}, "forward"),
        ({"status": "submitted", "percent": 100}, {"status": "returned", "percent": 100}, "back"),
        ({"status": "signed_off", "percent": 100}, {"status": "rebounded", "percent": 100}, "back"),
        ({"status": "submitted"}, {"status": "in_progress"}, "back"),
        ({"status": "in_progress"}, {"status": "overdue"}, "stuck"),
        ({"percent": None}, {"percent": None}, "unknown"),
        ({"percent": None}, {"percent": 5}, "forward"),
        ({"percent": 90}, {"status": "signed_off", "percent": 100}, "done"),
    ],
)
def test_movements(before, now, movement):
    (move,) = rounds.compare([entry(1, **before)], [entry(1, **now)])
    assert move.movement == movement


def test_comparison_names_new_left_newly_overdue_and_missing_twice():
    before = [entry(1, reported_on=None), entry(2), entry(3, live=False)]
    now = [entry(1, reported_on=None, status="overdue"), entry(4)]
    moves = {move.assignment: move for move in rounds.compare(before, now)}
    assert moves[1].newly_overdue
    assert moves[1].missing
    assert moves[1].missed_before
    assert moves[4].movement == "fresh"
    assert (moves[2].movement, moves[2].status_now) == ("done", "signed_off")
    assert moves[3].status_now == "cancelled"
    sums = rounds.balance(moves.values(), lambda move: [move.task])[1]
    assert (sums.newly_overdue, sums.missing, sums.missing_twice) == (1, 1, 1)
    assert sums.movements["fresh"] == 1


def test_overdue_before_is_not_newly_overdue():
    (move,) = rounds.compare([entry(1, status="overdue")], [entry(1, status="overdue")])
    assert not move.newly_overdue


def test_ranking_follows_the_data_file_and_ties_share_a_place():
    good = rounds.tabulate([entry(1, percent=80)], rounds.by_area).total
    same = rounds.tabulate([entry(2, percent=80)], rounds.by_area).total
    slow = rounds.tabulate([entry(3, percent=20)], rounds.by_area).total
    overdue = rounds.tabulate([entry(4, percent=100, status="overdue")], rounds.by_area).total
    ranked = rounds.rank(
        {"slow": slow, "overdue": overdue, "good": good, "same": same, "idle": rounds.Cell()}, rounds.rank_rule()
    )
    assert [(place, row) for place, row, _cell in ranked] == [
        (1, "good"), (1, "same"), (3, "slow"), (4, "overdue"), (None, "idle"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "missed"),
    [([], 0), ([(3, 0)], 1), ([(3, 0), (3, 0), (3, 1)], 2), ([(3, 1), (3, 0)], 0), ([(0, 0), (3, 0)], 1)],
)
def test_rounds_missed_in_a_row(history, missed):
    assert rounds.missed_in_a_row(history) == missed
