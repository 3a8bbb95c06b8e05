"""Template tags of every page: badges with label and colour together, icons, addresses with a changed parameter."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe

from lantian.kit.charts import Chart, render_chart
from lantian.kit.choices import badge as lookup
from lantian.kit.choices import badge_html
from lantian.kit.choices import family as family_of
from lantian.kit.table_rows import table_rows as rows_of

register = template.Library()
_ICONS = Path(__file__).parent.parent.parent / "web" / "static" / "dist" / "icons"


@register.simple_tag
def badge(family: str, value: str) -> SafeString:
    """Render a choice of a family ("status", "freshness", "review" …) as a badge with its label and colour."""
    return badge_html(family, value)


@register.simple_tag
def badge_class(family: str, value: str) -> str:
    """Return the colour class of a choice, for a cell that is coloured as a whole."""
    return f"lt-{lookup(family, value).colour}"


@register.simple_tag
def badge_label(family: str, value: str) -> str:
    """Return the label of a choice."""
    return str(lookup(family, value).label)


@register.simple_tag
def badge_meaning(family: str, value: str) -> str:
    """Return the sentence that says what a choice means."""
    return str(lookup(family, value).meaning)


@register.filter
def family_values(name: str) -> list[str]:
    """Return the values of a family of choices in their order, for a loop in a template."""
    return list(family_of(name))


@cache
def _icon_source(name: str) -> str:
    path = _ICONS / f"{name}.svg"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@register.simple_tag
def icon(name: str) -> SafeString:
    """Render an icon inline (decorative: hidden from screen readers)."""
    return mark_safe(_icon_source(name))  # noqa: S308 - our own files


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """Return the page's query string with some parameters changed (None removes one)."""
    parameters: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = value
    return "?" + parameters.urlencode()


@register.simple_tag
def table_rows(table: Any) -> SafeString:
    """Render the rows on the present page of a table; empty when there are none."""
    return rows_of(table)


@register.filter
def number(value: Any) -> str:
    """Write a number without trailing zeros; nothing for None."""
    if value is None:
        return "–"
    return format(Decimal(str(value)).normalize(), "f")


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Look up a key that is a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def days_from(day: dt.date | None, today: dt.date) -> int | None:
    """Return how many days `day` lies after `today` (negative: before)."""
    return (day - today).days if day else None


@register.filter
def shorten(text: str, length: int) -> str:
    """Cut a text after so many characters (quicker in long lists than truncatechars, which weighs each character)."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


@register.filter
def kit_split(text: str) -> list[str]:
    """Split a literal at its spaces, for a loop in a template."""
    return text.split()


@register.filter
def unlocalized(value: Any) -> str:
    """Write a number as a machine reads it (decimal point), whatever the language."""
    return str(value)


@register.filter
def kit_nth(items: Any, at: int) -> Any:
    """Return the element of a list at a place that is a variable; nothing beyond its end."""
    return items[at] if 0 <= at < len(items) else None


@register.simple_tag(takes_context=True)
def chart(context: dict[str, Any], one: Chart) -> SafeString:
    """Render a chart of `lantian.kit.charts`: picture, note, data table, downloads."""
    return render_chart(context["request"], one)


@register.filter
def kit_abs(value: Any) -> Any:
    """Return a number without its sign."""
    return abs(value)
