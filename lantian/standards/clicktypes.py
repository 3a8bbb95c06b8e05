"""Types of command-line arguments: days and months as they are written here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click


class Day(click.ParamType[dt.date]):
    """A local date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        try:
            return value if isinstance(value, dt.date) else dt.datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 (a local date)
        except ValueError:
            self.fail(f"{value!r} is no date: write YYYY-MM-DD, e.g. 2020-01-01", param, ctx)


class Month(click.ParamType[dt.date]):
    """A month, YYYY-MM, as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        try:
            return value if isinstance(value, dt.date) else dt.datetime.strptime(value, "%Y-%m").date()  # noqa: DTZ007 (a local month)
        except ValueError:
            self.fail(f"{value!r} is no month: write YYYY-MM, e.g. 2020-05", param, ctx)
