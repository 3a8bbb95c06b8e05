"""Columns of the lists of rounds and escalation: days and moments that do not break, long texts cut."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables

NUMBER = {"td": {"class": "lt-number"}}
NOWRAP = {"td": {"class": "text-nowrap"}}


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
