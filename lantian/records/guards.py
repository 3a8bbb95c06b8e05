"""Triggers of the database that refuse to change or remove audit entries, and to set the head back.

They stop mistakes and careless hands; whoever may drop a trigger is found out by the chain itself. They are laid again
after every migration, because SQLite loses a table's triggers when a migration rebuilds the table.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

ENTRIES, HEAD = "records_auditentry", "records_audithead"
_REFUSAL = "entries of the audit chain are never changed or removed"

_SQLITE = {
    "records_audit_no_update": f"BEFORE UPDATE ON {ENTRIES}",
    "records_audit_no_delete": f"BEFORE DELETE ON {ENTRIES}",
    # INSERT OR REPLACE removes the old row without calling the DELETE trigger.
    "records_audit_no_replace": f"BEFORE INSERT ON {ENTRIES} WHEN EXISTS"  # noqa: S608 - our own names
    f" (SELECT 1 FROM {ENTRIES} WHERE seq = NEW.seq OR hash = NEW.hash)",
    "records_audit_head_stays": f"BEFORE DELETE ON {HEAD}",
    "records_audit_head_grows": f"BEFORE UPDATE ON {HEAD} WHEN NEW.seq < OLD.seq",
}
_POSTGRESQL = {
    "records_audit_no_update": f"BEFORE UPDATE ON {ENTRIES} FOR EACH ROW",
    "records_audit_no_delete": f"BEFORE DELETE ON {ENTRIES} FOR EACH ROW",
    "records_audit_no_truncate": f"BEFORE TRUNCATE ON {ENTRIES} FOR EACH STATEMENT",
    "records_audit_head_stays": f"BEFORE DELETE ON {HEAD} FOR EACH ROW",
    "records_audit_head_grows": f"BEFORE UPDATE ON {HEAD} FOR EACH ROW WHEN (NEW.seq < OLD.seq)",
}
_FUNCTION = f"""CREATE OR REPLACE FUNCTION records_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"""


def _wanted(connection: Any) -> dict[str, str]:
    return {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[connection.vendor]


def install(connection: Any) -> None:
    """Lay every trigger anew (idempotent, all or none: two processes that start together must not meet half-way)."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        remove(connection)
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for name, event in _wanted(connection).items():
            if connection.vendor == "postgresql":
                cursor.execute(f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION records_audit_refuse()")
            else:
                cursor.execute(f"CREATE TRIGGER {name} {event} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")


def remove(connection: Any) -> None:
    """Take the triggers away (to undo the migration, or to empty the database of a test)."""
    with connection.cursor() as cursor:
        for name, event in _wanted(connection).items():
            table = HEAD if HEAD in event else ENTRIES
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(connection: Any) -> list[str]:
    """Return the names of the triggers that should be there and are not, or are switched off."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    return [name for name in _wanted(connection) if name not in present]


def after_migration(sender: Any, using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate: lay the triggers, once their tables exist."""
    from django.db import connections

    connection = connections[using]
    if {ENTRIES, HEAD} <= set(connection.introspection.table_names()):
        install(connection)
