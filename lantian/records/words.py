"""The audit chain in words: actions by the names that each room gives them, changes as old and new."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field
from django.utils import timezone
from django.utils.translation import get_language

from lantian.records.models import AuditEntry

EMPTY = "–"


@functools.cache
def actions() -> dict[str, dict[str, str]]:
    """Return code -> {zh, en}, from the files `data/actions.toml` of all rooms."""
    found: dict[str, dict[str, str]] = {}
    for config in apps.get_app_configs():
        path = Path(config.path) / "data" / "actions.toml"
        if path.exists():
            found |= tomllib.loads(path.read_text(encoding="utf-8"))["actions"]
    return found


def _language() -> str:
    return "en" if (get_language() or settings.LANGUAGE_CODE).startswith("en") else "zh"


def action_words(code: str) -> str:
    """Return an action in the active language; a code that no room names shows itself."""
    return actions().get(code, {}).get(_language(), code)


def kind_words(target_type: str) -> str:
    """Return what kind of record "room.model" is, in the active language."""
    try:
        return str(apps.get_model(target_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return target_type


@dataclass(frozen=True)
class Change:
    """One field of an entry: its name in words, the old and the new value as texts."""

    name: str
    old: str
    new: str


def changes_of(entry: AuditEntry) -> list[Change]:
    """Return an entry's changes in words; what is not as the chain writes it is shown as it stands."""
    if not isinstance(entry.changes, dict):
        return [Change("?", EMPTY, str(entry.changes))]
    return [_change(entry.target_type, name, pair) for name, pair in entry.changes.items()]


def _change(target_type: str, name: str, pair: Any) -> Change:
    old, new = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
    field = _field(target_type, name)
    label = str(getattr(field, "verbose_name", "") or name)
    return Change(label, _words(old, field), _words(new, field))


def _field(target_type: str, name: str) -> Field[Any, Any] | None:
    try:
        field = apps.get_model(target_type)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None
    return field if isinstance(field, Field) else None


def _words(value: Any, field: Field[Any, Any] | None) -> str:
    if value is None or value == "":
        return EMPTY
    labels = dict(field.flatchoices) if field is not None and field.choices else {}
    if isinstance(value, list):
        return ", ".join(_words(part, field) for part in value) or EMPTY
    if isinstance(value, str):
        return str(labels.get(value) or _moment(value))
    return str(value)


def _moment(text: str) -> str:
    """Return a moment as the chain writes it (UTC) in the city's time; any other text as it is."""
    if len(text) != 32 or not text.endswith("+00:00"):
        return text
    try:
        return timezone.localtime(dt.datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text
