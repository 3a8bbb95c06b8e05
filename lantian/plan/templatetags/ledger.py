"""Tags of the ledger's pages."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from lantian.kit.choices import badge_html, family

register = template.Library()


@register.simple_tag
def status_counts(counts: Mapping[str, int], where: str = "") -> SafeString:
    """Render counts by status as badges, in the order of what hurts first.

    With `where` (a query string, for example "area=990001") each opens the list of what it counts.
    """
    shown = [(name, counts[name]) for name in family("status") if counts.get(name)]
    if not where:
        plain = (f'<span class="lt-count">{badge_html("status", name)}&nbsp;{n:d}</span>' for name, n in shown)
        return mark_safe(" ".join(plain))  # noqa: S308 - badges are escaped, the rest are numbers
    base = format_html("{}?{}", reverse("plan:assignments"), where)
    links = (
        f'<a class="lt-count" href="{base}&amp;status={name}">{badge_html("status", name)}&nbsp;{n:d}</a>'
        for name, n in shown
    )
    return mark_safe(" ".join(links))  # noqa: S308 - as above; `base` is escaped
