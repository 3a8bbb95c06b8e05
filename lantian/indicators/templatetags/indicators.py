"""How a value is shown everywhere: with n, capture and rule version; a missing number as its reason, never as 0."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lantian.indicators.value import Ref, Value
from lantian.indicators.words import amount, percent, period_name, sign, signed

register = template.Library()


@register.inclusion_tag("indicators/value.html")
def value(shown: Value | None, decimals: int = 1, brief: bool | str = False) -> dict[str, Any]:
    """Show a value; `brief` leaves out the rule version and the notes (in narrow tables, whose page says them)."""
    return {"value": shown, "number": amount(shown.number, decimals) if shown else "", "brief": brief}


for _filter in (amount, signed, sign, percent, period_name):
    register.filter(_filter.__name__, _filter)


@register.simple_tag
def ref(one: Ref) -> SafeString:
    """Link to one thing that a value rests on, or name it where it has no page."""
    if one.url_name:
        try:
            return format_html('<a href="{}">{}</a>', reverse(one.url_name, args=[one.id]), one.label)
        except NoReverseMatch:
            pass
    return format_html("{}", one.label)
