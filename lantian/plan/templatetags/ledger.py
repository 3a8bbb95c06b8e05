"""Tags of the ledger's pages."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lantian.kit.choices import family

register = template.Library()


@register.simple_tag
def status_counts(counts: Mapping[str, int], where: str = "") -> SafeString:
    """Render counts by status as badges, in the order of what hurts first.

    With `where` (a query string, for example "area=990001") each opens the list of what it counts.
    """
    shown = [(choice, name, counts[name]) for name, choice in family("status").items() if counts.get(name)]
    if not where:
        parts = ((choice.colour, name, choice.label, n) for choice, name, n in shown)
        return format_html_join(
            " ", '<span class="lt-count"><span class="badge lt-{}" data-value="{}">{}</span>&nbsp;{}</span>', parts
        )
    base = format_html("{}?{}", reverse("plan:assignments"), where)
    links = ((base, name, choice.colour, name, choice.label, n) for choice, name, n in shown)
    return format_html_join(
        " ",
        '<a class="lt-count" href="{}&amp;status={}"><span class="badge lt-{}" data-value="{}">{}</span>&nbsp;{}</a>',
        links,
    )
