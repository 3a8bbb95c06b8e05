"""Imports and corrections of observations stand in the audit chain, once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from lantian.kit import later
from lantian.observations import hooks
from lantian.observations.hooks import connected_trail
from lantian.observations.model import Batch
from lantian.observations.store import Store
from lantian.observations.tests.builders import mark, row, rows
from lantian.records import observing
from lantian.records.models import AuditEntry
from lantian.records.verify import verify_chain
from lantian.records.words import action_words


def write(root, batch, given, flag=False):
    with Store(root, offset=dt.timedelta(hours=8)).writer("test") as writer:
        return writer.flag(batch, given) if flag else writer.append(batch, given)


def entries():
    return list(AuditEntry.objects.filter(target_type=observing.KIND).order_by("seq"))


@pytest.mark.django_db
def test_what_was_written_is_in_the_chain_once(city, tmp_path):
    person = city.people["office"]
    root = tmp_path / "o"
    write(root, Batch("may", actor=person.username, reason="monthly data", origin="may.csv"), rows(range(3)))
    write(root, Batch("may"), rows(range(3)))
    write(root, Batch("fix", actor="importer"), [row(1, 9.0)])
    write(root, Batch("marks", actor="rule-1"), [mark(1, "spike")], flag=True)
    found = entries()
    assert [(e.action, e.target_id, e.target_name) for e in found] == [
        ("observations.import", "observations/1", "may"),
        ("observations.import", "observations/2", "fix"),
        ("observations.flags", "flags/1", "marks"),
    ]
    assert (found[0].reason, found[0].data["rows"], found[0].data["origin"]) == ("monthly data", 3, "may.csv")
    assert found[0].actor == person
    assert (found[1].actor, found[1].data["by"]) == (None, "importer")
    assert verify_chain().ok


@pytest.mark.django_db
def test_an_event_that_is_told_again_is_known(city, tmp_path):
    root = tmp_path / "o"
    write(root, Batch("a"), rows(range(3)))
    with Store(root).register._connect() as connection:  # as after a crash between telling and noting it
        connection.execute("update commits set told = 0 where batch = 'a'")
    write(root, Batch("b"), rows(range(3, 5)))
    assert [e.target_name for e in entries()] == ["a", "b"]


@pytest.mark.django_db
def test_what_was_written_from_the_command_line_is_told_later(city, tmp_path, monkeypatch):
    """A process without Django wrote: its events wait until the worker tells them, once."""
    root = tmp_path / "o"
    assert observing.tell_waiting(Store(root)) == 0
    assert not root.exists(), "looking makes no store"
    with monkeypatch.context() as patch:
        patch.setattr(hooks, "_trail", [])
        write(root, Batch("may", actor="somebody"), rows(range(3)))
        write(root, Batch("june"), rows(range(3, 5)))
    assert entries() == []
    assert observing.tell_waiting(Store(root)) == 2
    assert [(e.target_name, e.data["by"]) for e in entries()] == [("may", "somebody"), ("june", "")]
    assert observing.tell_waiting(Store(root)) == 0
    assert later.run("observations.tell") == 0


@pytest.mark.django_db
def test_a_store_that_is_written_to_is_left_for_the_next_minute(city, tmp_path, monkeypatch):
    root = tmp_path / "o"
    with monkeypatch.context() as patch:
        patch.setattr(hooks, "_trail", [])
        write(root, Batch("may"), rows(range(3)))
    monkeypatch.setattr(observing, "WAIT", 0.0)
    with Store(root, trail=lambda event: None).writer("somebody else") as writer:
        assert writer
        with Store(root).register._connect() as connection:
            connection.execute("update commits set told = 0 where batch = 'may'")
        assert observing.tell_waiting(Store(root)) == 0
    assert observing.tell_waiting(Store(root)) == 1


def test_the_receiver_is_connected_and_its_actions_have_names():
    assert connected_trail() is observing.receive
    for kind in ("import", "flags", "figures", "retention"):
        assert action_words(f"observations.{kind}") != f"observations.{kind}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("undone", [True, False])
def test_what_is_written_inside_a_transaction_is_told_after_it(city, tmp_path, undone, monkeypatch):
    """A transaction that is undone takes its audit entries with it, but not the rows of the store: they are told later."""
    root, woken = tmp_path / "o", []
    monkeypatch.setattr(later, "soon", woken.append)
    with transaction.atomic():
        write(root, Batch("may", actor="somebody"), rows(range(3)))
        assert entries() == []
        transaction.set_rollback(undone)
    assert woken == ([] if undone else ["observations.tell"] * len(woken))
    assert bool(woken) is not undone
    assert entries() == []
    assert observing.tell_waiting(Store(root)) == 1
    assert [(e.target_name, e.data["by"]) for e in entries()] == [("may", "somebody")]
    assert observing.tell_waiting(Store(root)) == 0
