"""What an attacker with the database but without the key can do to the audit table."""

from __future__ import annotations

from django.db import connection

from lantian.records import guards
from lantian.records.models import AuditEntry, AuditHead
from lantian.records.services import audit

COLUMNS = "at, machine_at, actor_id, actor_name, action, target_type, target_id, target_name, changes, reason, data"


def write(city, count: int) -> list[AuditEntry]:
    """Append `count` entries of an ordinary sort."""
    place, person = city.areas[0], city.people["office"]
    return [
        audit(
            person, "test.write", place, changes={"percent": (n, n + 1)}, reason=f"第{n}次", data={"n": n, "share": 0.1}
        )
        for n in range(1, count + 1)
    ]


def sql(statement: str, *values) -> None:
    """Run a statement with the triggers taken off, as whoever owns the database can."""
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    guards.install(connection)


def renumber(*pairs: tuple[int, int]) -> None:
    """Move entries to other numbers, all at once (through numbers out of the way)."""
    for old, _new in pairs:
        sql("UPDATE records_auditentry SET seq = %s WHERE seq = %s", -1000 - old, old)
    for old, new in pairs:
        sql("UPDATE records_auditentry SET seq = %s WHERE seq = %s", new, -1000 - old)


def copy(seq: int, to: int, hash_: str) -> None:
    """Put a copy of an entry at another number, in place of what stood there."""
    sql("DELETE FROM records_auditentry WHERE seq = %s", to)
    sql(
        f"INSERT INTO records_auditentry (seq, {COLUMNS}, prev_hash, hash) "
        f"SELECT %s, {COLUMNS}, prev_hash, %s FROM records_auditentry WHERE seq = %s",
        to, hash_, seq,
    )  # fmt: skip


def set_head(**values) -> None:
    guards.remove(connection)
    AuditHead.objects.update(**values)
    guards.install(connection)
