"""How numbers, comparators and periods are written for people."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from lantian.indicators.period import Period
from lantian.standards.rounding import round_half_even

SIGNS = {">=": "≥", "<=": "≤", "==": "=", "range": "–"}


def plain(number: Decimal) -> str:
    """Write a number without trailing zeros."""
    return format(number.normalize(), "f")


def amount(number: Decimal | None, decimals: int = 1) -> str:
    """Write a number rounded half to even, without trailing zeros; nothing for None."""
    return "" if number is None else plain(round_half_even(number, int(decimals)))


def signed(number: Decimal | None, decimals: int = 1) -> str:
    """Write a difference with its sign."""
    text = amount(number, decimals)
    return f"+{text}" if text and number is not None and number > 0 else text


def sign(comparator: str) -> str:
    """Write a comparator as people read it."""
    return SIGNS.get(comparator, comparator)


def percent(share: Decimal | None) -> str:
    """Write a share 0..1 in whole per cent."""
    return "" if share is None else f"{round_half_even(share * 100, 0)} %"


def period_name(period: Period) -> str:
    """Write a period as people read it."""
    if period.kind == "to-date":
        return _("year to %(day)s") % {"day": period.end.isoformat()}
    return period.code
