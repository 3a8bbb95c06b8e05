"""Columns of the register's kinds: one description for forms, workbooks, the history and the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.functional import Promise


@dataclass(frozen=True)
class Column:
    """A column. `reads` says how its text is read: text, long, code, credit, choice, word, number, whole, day, moment, yes,
    area, names (a list of texts), ref (a code of the kind `of`), refs (codes). `spellings`: other headers it may have."""

    name: str
    reads: str
    label: str | Promise
    needed: bool = False
    of: str = ""
    choices: tuple[tuple[str, str | Promise], ...] = ()
    unit: str = ""
    most: float | None = None
    least: float | None = None
    longest: int = 0
    spellings: tuple[str, ...] = ()

    def headers(self) -> tuple[str, ...]:
        """Return all headers under which it is known: its name, its label in both languages, other spellings."""
        found = [self.name]
        for language in ("zh-hans", "en"):
            with translation.override(language):
                found.append(str(self.label))
        return tuple(dict.fromkeys((*found, *self.spellings)))

    def shown(self, value: object) -> str:
        """Return a plain value as people read it, in the language of the moment."""
        if value is None or value == "" or value == []:
            return ""
        if isinstance(value, bool):
            return _yes_no(value)
        if isinstance(value, list | tuple):
            return "、".join(str(one) for one in value)
        if self.choices:
            return next((str(label) for code, label in self.choices if code == value), str(value))
        if isinstance(value, float) and value == int(value):
            return str(int(value))
        return str(value)


def _yes_no(value: bool) -> str:
    from django.utils.translation import pgettext

    return pgettext("register", "yes") if value else pgettext("register", "no")


def of_field(field: models.Field[Any, Any], **more: object) -> Column:
    """Return the column of a plain model field; `more` overrides or adds what the field does not say."""
    said: dict[str, object] = {"name": field.name, "label": field.verbose_name}
    said["choices"] = tuple((str(v), label) for v, label in (field.choices or ()) if v != "")
    said["needed"] = not field.blank and not field.has_default() and not field.null
    said["longest"] = getattr(field, "max_length", None) or 0
    said["reads"] = _reads(field)
    if isinstance(field, models.PositiveIntegerField | models.FloatField):
        said["least"] = 0.0
    return Column(**{**said, **more})  # type: ignore[arg-type]


def _reads(field: models.Field[Any, Any]) -> str:
    kinds: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
        (models.DateTimeField, "moment"), (models.DateField, "day"), (models.BooleanField, "yes"),
        (models.FloatField, "number"), (models.IntegerField, "whole"), (models.TextField, "long"),
        (models.JSONField, "names"),
    )  # fmt: skip
    if field.choices:
        return "choice"
    return next((reads for kind, reads in kinds if isinstance(field, kind)), "text")
