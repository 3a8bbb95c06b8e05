"""How a value is shown everywhere: with n, capture and rule version; a missing number as its reason, never as 0."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lantian.indicators.value import Note, Value
from lantian.indicators.words import amount, percent

_LOUD = {"disagreement", "partial", "synthetic"}


def value_html(value: Value | None, decimals: int = 1, brief: bool | str = False) -> SafeString:
    """Return a value as HTML. `brief` leaves out rule version and notes (in narrow tables, whose page says them);
    "least" also the day (where a column shows it)."""
    if value is None:
        return mark_safe('<span class="text-secondary">–</span>')
    if value.reason is not None:
        return format_html(
            '<span class="text-secondary fst-italic" data-reason="{}">{}</span>', value.reason.code, value.reason
        )
    number = format_html('<span class="fw-bold text-nowrap">{} {}</span>', amount(value.number, decimals), value.unit)
    behind = format_html_join(
        mark_safe(" · "), '<span class="text-nowrap">{}</span>', ((part,) for part in _behind(value, brief))
    )
    small = format_html('<span class="d-block small text-secondary">{}</span>', behind) if behind else ""
    notes = format_html_join("", '<span class="d-block small {}">{}</span>', _notes(value, brief))
    return format_html('<span class="d-inline-block">{}{}{}</span>', number, small, notes)


def _behind(value: Value, brief: bool | str) -> Iterator[str]:
    if value.n is not None:
        of = f"/{value.n_expected}" if value.n_expected not in (None, value.n) else ""
        yield f"n {value.n}{of}"
    if value.capture is not None and value.capture != 1:
        yield f"{_('capture')} {percent(value.capture)}"
    if not brief:
        yield f"{_('rule')} {value.rule_version}"
    if value.as_of and brief != "least" and (not brief or any(note.code == "period" for note in value.notes)):
        yield value.as_of.isoformat()


def _notes(value: Value, brief: bool | str) -> Iterator[tuple[str, Note | str]]:
    if brief:
        if value.partial:
            yield "text-warning-emphasis", _("too few to judge")
        if any(note.code == "synthetic" for note in value.notes):
            yield "text-warning-emphasis", _("invented data")
        return
    for note in value.notes:
        yield "text-warning-emphasis" if note.code in _LOUD else "text-secondary", note
