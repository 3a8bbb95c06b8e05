"""The chain finds what was done to it, and says to which entry."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from click.testing import CliRunner
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lantian.cli import main
from lantian.kit.errors import DomainError
from lantian.records import guards
from lantian.records.chain import GENESIS, BrokenHead, anchor, digest, head_seal, plain
from lantian.records.models import AuditEntry, AuditHead
from lantian.records.repair import reseal
from lantian.records.tests import tampering
from lantian.records.tests.tampering import sql, write
from lantian.records.verify import verify_chain

pytestmark = pytest.mark.django_db


def found() -> list[tuple[str, int, int]]:
    return [(fault.kind, fault.seq, fault.last) for fault in verify_chain().faults]


def test_an_entry_has_the_same_hash_on_every_database(settings):
    settings.AUDIT_KEY = "a key that everybody knows"
    moment = dt.datetime(2020, 6, 25, 9, 30, 0, 120, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    values = [
        1e22,
        -0.0,
        1e-7,
        0.1,
        Decimal("1.500"),
        Decimal("1E+3"),
        2**70,
        True,
        None,
        "甲\x00\ud800",
        moment,
        moment.date(),
    ]
    content = {
        "seq": 1, "at": moment, "machine_at": moment, "actor": None, "actor_name": "system", "action": "test.golden",
        "target_type": "city.place", "target_id": "1", "target_name": "甲县", "changes": plain({"乙": [{"b": 1, "a": 2}, {3}]}),
        "reason": "", "data": plain({"values": values}), "prev_hash": GENESIS,
    }  # fmt: skip
    entry = AuditEntry(**content)
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    read = AuditEntry.objects.get(seq=1)
    assert read.data == entry.data
    assert digest(read) == entry.hash == "661e6bc76737f19a240e965962fd02136a0da1ecaaa109ad31dc3222e142da06"
    assert read.data["values"][:6] == ["10000000000000000000000", "-0", "0.0000001", "0.1", "1.5", "1000"]


def test_an_empty_and_an_honest_chain_are_intact(city):
    assert verify_chain().ok
    write(city, 8)
    result = verify_chain()
    assert result.ok
    assert result.entries == 8
    assert result.head == anchor()
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "nothing happened"),
        ("actor_name", "somebody else"),
        ("actor_id", None),
        ("at", "2020-01-01 00:00:00+00:00"),
        ("machine_at", "2020-01-01 00:00:00+00:00"),
        ("action", "test.other"),
        ("target_type", "city.agency"),
        ("target_id", "7"),
        ("target_name", "乙县"),
        ("changes", '{"percent": [4, 100]}'),
        ("data", "{}"),
        ("prev_hash", "a" * 64),
        ("hash", "b" * 64),
    ],
)
def test_an_edited_column_names_its_entry_and_no_other(city, column, value):
    write(city, 9)
    sql(f"UPDATE records_auditentry SET {column} = %s WHERE seq = 5", value)
    assert found() == [("edited", 5, 5)]


def test_a_new_hash_without_the_key_does_not_help(city):
    write(city, 9)
    sql("UPDATE records_auditentry SET reason = 'x', hash = %s WHERE seq = 5", "c" * 64)
    sql("UPDATE records_auditentry SET prev_hash = %s WHERE seq = 6", "c" * 64)
    assert found() == [("edited", 5, 5), ("edited", 6, 6)]


def test_the_last_entry_edited(city):
    write(city, 4)
    sql("UPDATE records_auditentry SET reason = 'x' WHERE seq = 4")
    assert found() == [("edited", 4, 4)]


def test_removed_entries_are_named_as_a_range(city):
    write(city, 12)
    sql("DELETE FROM records_auditentry WHERE seq IN (1, 5, 6, 7)")
    assert found() == [("removed", 1, 1), ("removed", 5, 7)]


def test_two_entries_exchanged(city):
    write(city, 9)
    tampering.renumber((3, 7), (7, 3))
    faults = verify_chain().faults
    assert [(f.kind, f.seq, f.other) for f in faults] == [("moved", 3, 7), ("moved", 7, 3)]


def test_neighbours_exchanged(city):
    write(city, 9)
    tampering.renumber((3, 4), (4, 3))
    assert [(f.kind, f.seq, f.other) for f in verify_chain().faults] == [("moved", 3, 4), ("moved", 4, 3)]


def test_an_entry_removed_and_the_rest_moved_up(city):
    write(city, 9)
    sql("DELETE FROM records_auditentry WHERE seq = 4")
    tampering.renumber(*((n, n - 1) for n in range(5, 10)))
    faults = {(f.kind, f.seq, f.other) for f in verify_chain().faults}
    assert ("removed", 4, None) in faults
    assert {("moved", n, n + 1) for n in range(4, 9)} == faults - {("removed", 4, None)}


def test_a_copy_in_place_of_another_entry(city):
    write(city, 9)
    tampering.copy(3, 7, "d" * 64)
    assert [(f.kind, f.seq, f.other) for f in verify_chain().faults] == [("copied", 7, 3)]


def test_a_tail_cut_off(city):
    write(city, 9)
    sql("DELETE FROM records_auditentry WHERE seq > 6")
    assert found() == [("cut_tail", 7, 9)]


def test_a_tail_cut_off_and_the_head_made_to_fit(city):
    entries = write(city, 9)
    sql("DELETE FROM records_auditentry WHERE seq > 6")
    tampering.set_head(seq=6, hash=entries[5].hash)
    assert found() == [("head_forged", 6, 6)]


def test_the_head_removed(city):
    write(city, 3)
    sql("DELETE FROM records_audithead")
    assert found() == [("head_missing", 3, 3)]


def test_the_head_set_back_to_an_older_genuine_one(city):
    entries = write(city, 9)
    old = entries[5]
    tampering.set_head(seq=6, hash=old.hash, seal=head_seal(6, old.hash))
    assert found() == [("head_set_back", 7, 7)]


def test_chain_and_head_set_back_are_found_by_the_anchor_alone(city):
    entries = write(city, 9)
    printed, old = anchor(), entries[5]
    sql("DELETE FROM records_auditentry WHERE seq > 6")
    tampering.set_head(seq=6, hash=old.hash, seal=head_seal(6, old.hash))
    assert verify_chain().ok
    fault = verify_chain(printed).faults[0]
    assert (fault.kind, fault.seq, fault.other) == ("rolled_back", 6, 9)
    write(city, 5)  # and written on with the genuine key: another entry stands at that number now
    assert verify_chain().ok
    assert [f.kind for f in verify_chain(printed).faults] == ["anchor_differs"]
    assert verify_chain(f"6:{old.hash[:16]}").ok


def test_two_histories_mixed(city):
    entries = write(city, 6)
    kept = AuditEntry.objects.filter(seq=5).values().get()
    sql("DELETE FROM records_auditentry WHERE seq > 3")
    tampering.set_head(seq=3, hash=entries[2].hash, seal=head_seal(3, entries[2].hash))
    write(city, 3)
    sql("DELETE FROM records_auditentry WHERE seq = 5")
    AuditEntry(**kept).save(force_insert=True)
    assert found() == [("forked", 5, 5), ("forked", 6, 6)]


def test_an_entry_put_in_from_outside(city):
    write(city, 4)
    tampering.copy(2, 9, "e" * 64)
    sql("UPDATE records_auditentry SET reason = 'x' WHERE seq = 9")
    assert ("inserted", 9, 9) in found()


def test_an_entry_before_the_first(city):
    write(city, 4)
    tampering.copy(2, 0, "e" * 64)
    sql("UPDATE records_auditentry SET reason = 'x' WHERE seq = 0")
    assert found() == [("inserted", 0, 0)]


def test_another_key(city, settings):
    write(city, 4)
    settings.AUDIT_KEY = "not the key"
    assert found() == [("wrong_key", 1, 4)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps types strictly")
def test_content_that_cannot_be_read(city):
    write(city, 6)
    sql("UPDATE records_auditentry SET at = '2020-99-99 00:00:00' WHERE seq = 3")
    assert found() == [("unreadable", 3, 3)]


def test_many_faults_are_counted_beyond_those_listed(city, monkeypatch):
    monkeypatch.setattr("lantian.records.verify.KEPT", 5)
    write(city, 12)
    sql("UPDATE records_auditentry SET reason = 'x' WHERE seq > 2")
    result = verify_chain()
    assert len(result.faults) == 5
    assert result.more == 5


def test_pages_are_walked_one_after_the_other(city, monkeypatch):
    monkeypatch.setattr("lantian.records.verify.PAGE", 3)
    write(city, 10)
    assert verify_chain().entries == 10
    assert verify_chain().ok
    sql("UPDATE records_auditentry SET reason = 'x' WHERE seq = 4")
    assert found() == [("edited", 4, 4)]


@pytest.mark.parametrize("text", ["", "x", "7", "7:short", "-1:" + "a" * 64, "7:" + "g" * 64])
def test_an_anchor_that_is_none(city, text):
    if text:
        with pytest.raises(DomainError):
            verify_chain(text)


class TestGuards:
    """The triggers refuse what careless hands would do."""

    def refused(self, statement: str) -> None:
        with (
            pytest.raises(DatabaseError, match="never changed or removed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_update_delete_and_replace_are_refused(self, city):
        write(city, 2)
        self.refused("UPDATE records_auditentry SET reason = 'x' WHERE seq = 1")
        self.refused("DELETE FROM records_auditentry")
        self.refused("DELETE FROM records_audithead")
        self.refused("UPDATE records_audithead SET seq = 1")
        with pytest.raises(DatabaseError), transaction.atomic():
            AuditEntry.objects.all().delete()
        assert verify_chain().ok

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="a statement of SQLite")
    def test_insert_or_replace_is_refused(self, city):
        write(city, 2)
        self.refused("INSERT OR REPLACE INTO records_auditentry SELECT * FROM records_auditentry WHERE seq = 1")

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="a statement of PostgreSQL")
    def test_truncate_is_refused(self, city):
        write(city, 2)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.refused("TRUNCATE records_auditentry CASCADE")

    def test_missing_triggers_are_a_warning(self, city):
        guards.remove(connection)
        assert "records_audit_no_update" in verify_chain().warnings[0]
        guards.install(connection)
        guards.install(connection)
        assert verify_chain().warnings == ()


class TestForgedHead:
    def test_nothing_is_built_on_it(self, city):
        entries = write(city, 5)
        sql("DELETE FROM records_auditentry WHERE seq = 5")
        tampering.set_head(seq=4, hash=entries[3].hash)
        with pytest.raises(BrokenHead):
            write(city, 1)

    @pytest.mark.parametrize("forged", [4, 99])
    def test_sealed_anew_work_goes_on_and_the_record_says_so(self, city, forged):
        entries = write(city, 5)
        sql("DELETE FROM records_auditentry WHERE seq = 5")
        tampering.set_head(seq=forged, hash=entries[3].hash)
        entry = reseal("examined by the office")
        assert entry.seq == 5
        assert entry.data["faults"][0]["kind"] == "head_forged"
        write(city, 2)
        result = verify_chain()
        assert result.ok
        assert "examined by the office" in result.warnings[0]
        assert guards.missing(connection) == []

    def test_a_cut_tail_stays_visible(self, city):
        write(city, 5)
        sql("DELETE FROM records_auditentry WHERE seq > 3")
        reseal("examined")
        assert found() == [("removed", 4, 5)]

    def test_an_intact_chain_is_not_sealed_anew(self, city):
        write(city, 2)
        with pytest.raises(DomainError):
            reseal("why not")
        with pytest.raises(DomainError):
            reseal(" ")
        assert AuditHead.objects.get().seq == 2


class TestCommands:
    def run(self, *words: str):
        return CliRunner(env={"LANG": "en_US.UTF-8", "LC_ALL": ""}).invoke(main, ["audit", *words])

    def test_verify_says_intact(self, city):
        write(city, 3)
        answer = self.run("verify")
        assert answer.exit_code == 0
        assert "The chain is intact. 3 entries;" in answer.output
        assert self.run("head").output.strip() == anchor()
        assert self.run("verify", "--anchor", anchor()).exit_code == 0

    def test_verify_names_the_entry_and_fails(self, city):
        write(city, 3)
        sql("UPDATE records_auditentry SET reason = 'x' WHERE seq = 2")
        answer = self.run("verify")
        assert answer.exit_code == 1
        assert "#2 was edited: its content does not fit its seal." in answer.output
        report = json.loads(self.run("verify", "--json").output)
        assert report["ok"] is False
        assert (report["faults"][0]["kind"], report["faults"][0]["seq"]) == ("edited", 2)

    def test_a_wrong_anchor_is_explained(self, city):
        answer = self.run("verify", "--anchor", "nonsense")
        assert answer.exit_code == 2
        assert "no anchor" in answer.output

    def test_chinese_terminals_are_spoken_to_in_chinese(self, city):
        answer = CliRunner(env={"LANG": "zh_CN.UTF-8", "LC_ALL": ""}).invoke(main, ["audit", "verify"])
        assert "审计链完整" in answer.output

    def test_reseal_says_when_there_is_nothing_to_do(self, city):
        assert "intact" in self.run("reseal", "--reason", "x").output


TEXT = st.text(max_size=12)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals(allow_nan=False) | TEXT | st.dates()
    | st.datetimes(timezones=st.timezones()) | st.just("\x00\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), values=st.lists(VALUE, min_size=2, max_size=6))
def test_whatever_is_written_verifies_and_whatever_is_changed_is_named(city, data, values):
    with transaction.atomic():
        from lantian.records.services import audit

        for value in values:
            audit(city.people["office"], "test.any", city.areas[0], changes={"f": (None, value)}, data={"v": value})
        assert verify_chain().ok
        victim = data.draw(st.integers(1, len(values)))
        if data.draw(st.booleans()):
            sql("DELETE FROM records_auditentry WHERE seq = %s", victim)
            kinds = {"cut_tail" if victim == len(values) else "removed"}
        else:
            sql("UPDATE records_auditentry SET target_name = target_name || 'x' WHERE seq = %s", victim)
            kinds = {"edited"}
        faults = verify_chain().faults
        assert {fault.kind for fault in faults} == kinds
        assert [(fault.seq, fault.last) for fault in faults] == [(victim, victim)]
        transaction.set_rollback(True)


def test_a_migration_lays_lost_triggers_again(city):
    guards.remove(connection)
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
