"""How a value is shown everywhere: with n, capture and rule version; a missing number as its reason, never as 0."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lantian.indicators.coverage import SIGNS, plain
from lantian.indicators.period import Period
from lantian.indicators.value import Ref, Value
from lantian.standards.rounding import round_half_even

register = template.Library()


@register.inclusion_tag("indicators/value.html")
def value(shown: Value | None, decimals: int = 1, brief: bool | str = False) -> dict[str, Any]:
    """Show a value; `brief` leaves out the rule version and the notes (in narrow tables, whose page says them)."""
    return {"value": shown, "number": amount(shown.number, decimals) if shown else "", "brief": brief}


@register.filter
def amount(number: Decimal | None, decimals: int = 1) -> str:
    """Write a number rounded half to even, without trailing zeros; nothing for None."""
    return "" if number is None else plain(round_half_even(number, int(decimals)))


@register.filter
def signed(number: Decimal | None, decimals: int = 1) -> str:
    """Write a difference with its sign."""
    text = amount(number, decimals)
    return f"+{text}" if text and number is not None and number > 0 else text


@register.filter
def sign(comparator: str) -> str:
    """Write a comparator as people read it."""
    return SIGNS.get(comparator, comparator)


@register.filter
def percent(share: Decimal | None) -> str:
    """Write a share 0..1 in whole per cent."""
    return "" if share is None else f"{round_half_even(share * 100, 0)} %"


@register.filter
def period_name(period: Period) -> str:
    """Write a period as people read it."""
    if period.kind == "to-date":
        return _("year to %(day)s") % {"day": period.end.isoformat()}
    return period.code


@register.simple_tag
def ref(one: Ref) -> SafeString:
    """Link to one thing that a value rests on, or name it where it has no page."""
    if one.url_name:
        try:
            return format_html('<a href="{}">{}</a>', reverse(one.url_name, args=[one.id]), one.label)
        except NoReverseMatch:
            pass
    return format_html("{}", one.label)
