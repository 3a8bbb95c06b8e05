"""Columns of the lists of rounds and escalation: days and moments that do not break, long texts cut."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_tables2 as tables
from django.utils import timezone

NUMBER = {"td": {"class": "lt-number"}}
NOWRAP = {"td": {"class": "text-nowrap"}}


class Day(tables.Column):
    """A day on one line; a real date in an export. (The library's own column renders a template for every cell.)"""

    def __init__(self, *args: Any, form: str = "%Y-%m-%d", **kwargs: Any) -> None:
        self.form = form
        super().__init__(*args, attrs=NOWRAP, **kwargs)

    def render(self, value: Any) -> str:
        return str((timezone.localtime(value) if isinstance(value, dt.datetime) else value).strftime(self.form))

    def value(self, value: Any) -> Any:
        return value


class Moment(Day):
    """A moment to the minute, on one line; date and time in an export."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, form="%Y-%m-%d %H:%M", **kwargs)


class LongText(tables.Column):
    """A long text: its beginning on the page, all of it in an export."""

    shown = 70

    def render(self, value: str) -> str:
        return value[: self.shown] + ("…" if len(value) > self.shown else "")

    def value(self, value: str) -> str:
        return value
