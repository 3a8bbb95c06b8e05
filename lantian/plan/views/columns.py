"""Columns of the lists of rounds and escalation: lights of choice fields, days that do not break, long texts cut."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables

from lantian.plan.views.assignments import LightColumn

NUMBER = {"td": {"class": "lt-number"}}
NOWRAP = {"td": {"class": "text-nowrap"}}


class ChoiceLight(LightColumn):
    """A light for a model field with choices: the table would hand over the field's label instead of its value."""

    def render(self, record: Any, bound_column: Any) -> Any:
        return super().render(bound_column.accessor.resolve(record))

    def value(self, record: Any, bound_column: Any) -> str:
        return super().value(bound_column.accessor.resolve(record))


class Day(tables.DateColumn):
    """A day, on one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("format", "Y-m-d")
        super().__init__(*args, attrs=NOWRAP, **kwargs)


class Moment(tables.DateTimeColumn):
    """A moment to the minute, on one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, format="Y-m-d H:i", attrs=NOWRAP, **kwargs)


class LongText(tables.Column):
    """A long text: its beginning on the page, all of it in an export."""

    shown = 70

    def render(self, value: str) -> str:
        return value[: self.shown] + ("…" if len(value) > self.shown else "")

    def value(self, value: str) -> str:
        return value
