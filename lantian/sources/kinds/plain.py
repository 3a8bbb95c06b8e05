"""Rows as plain values by column: what the history, forms, workbooks and the API show, and what is compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils import timezone

from lantian.sources.kinds.catalogue import Kind
from lantian.sources.kinds.columns import Column

Plain = dict[str, Any]


def with_references(kind: Kind, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Return rows with all that `plain_of` asks, in a constant number of queries."""
    single = {"ref": True, "area": True}
    joined = [column.name for column in kind.columns if single.get(column.reads)]
    several = [column.name for column in kind.columns if column.reads == "refs" and column.of != "subject"]
    return rows.select_related(*joined).prefetch_related(*several)


def plain_of(kind: Kind, row: Any) -> Plain:
    """Return {column: plain value} of a row: texts, numbers, True/False, days and moments as ISO texts, codes."""
    return {column.name: _plain(column, row) for column in kind.columns}


def _plain(column: Column, row: Any) -> Any:
    if column.reads == "refs" and column.of != "subject":
        return sorted(one.code for one in getattr(row, column.name).all())
    value = getattr(row, column.name)
    if column.reads in ("ref", "area"):
        return value.code if value is not None else ""
    if column.reads in ("names", "refs"):
        return list(value)
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat(timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def empty(column: Column) -> Any:
    """Return the plain value of a column that says nothing."""
    if column.reads in ("number", "whole", "day", "moment"):
        return None
    if column.reads == "yes":
        return False
    if column.reads in ("names", "refs"):
        return []
    return ""


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def blank(kind: Kind) -> Plain:
    """Return the plain values of a new row before anything is said: the defaults of its model."""
    values: Plain = {}
    for column in kind.columns:
        default = kind.model._meta.get_field(column.name) if column.name != "enterprise" else None
        said = default.get_default() if default is not None and default.has_default() else None
        values[column.name] = empty(column) if said is None or callable(said) or said == "" else said
    return values


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return {column: [old, new]} of what `after` says otherwise."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def to_model(column: Column, value: Any) -> Any:
    """Return a plain value as the model's field takes it (not for references)."""
    if column.reads == "day":
        return dt.date.fromisoformat(value) if value else None
    if column.reads == "moment":
        return dt.datetime.fromisoformat(value) if value else None
    return value


def own_columns(kind: Kind) -> Iterable[Column]:
    """Yield the columns that are the row's own fields and no references."""
    for column in kind.columns:
        if column.reads not in ("ref", "area") and not (column.reads == "refs" and column.of != "subject"):
            yield column
