"""Columns that lists of every room use."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils import timezone

from lantian.kit.choices import Choice, badge, badge_html


class BadgeColumn(tables.Column):
    """A choice of a family as a badge on the page, as its label in an export."""

    def __init__(self, family_name: str, **kwargs: Any) -> None:
        self.family_name = family_name
        super().__init__(**kwargs)

    def choice(self, record: Any, bound_column: Any) -> tuple[str, Choice]:
        """Return the stored value and its choice (a list would give the model's label instead of the value)."""
        value = str(bound_column.accessor.resolve(record))
        return value, badge(self.family_name, value)

    def render(self, record: Any, bound_column: Any) -> Any:
        return badge_html(self.family_name, str(bound_column.accessor.resolve(record)))

    def value(self, record: Any, bound_column: Any) -> str:
        return str(self.choice(record, bound_column)[1].label)


class MomentColumn(tables.Column):
    """A moment in the city's time, to the minute; in an export a date and time."""

    def render(self, value: Any) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")

    def value(self, value: Any) -> Any:
        return value
