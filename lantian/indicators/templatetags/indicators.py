"""Template tags of this room: a value, a link to what it rests on, numbers and periods in words."""

from __future__ import annotations

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lantian.indicators.shown import value_html
from lantian.indicators.value import Ref
from lantian.indicators.words import amount, percent, period_name, sign, signed

register = template.Library()


register.simple_tag(value_html, name="value")

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
