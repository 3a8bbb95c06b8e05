"""The sentence under every figure and chart: law, rules, how many values, what was left out, which data."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from lantian.air.assessing.hours import rules_text
from lantian.air.places.asked import localised
from lantian.air.places.data import origin_label
from lantian.air.profiles.look import Look
from lantian.air.profiles.rules import rules
from lantian.standards.rounding import round_half_even


def one_decimal(value: Fraction | None) -> Decimal | None:
    """Round a share in per cent, or another figure of ours, to one decimal."""
    return None if value is None else round_half_even(value, 1)


def capture_of(looks: Sequence[Look]) -> Decimal | None:
    """Hourly values that were there of those that could be, in per cent, over all six pollutants."""
    expected = sum(one.hours_expected for one in looks)
    return one_decimal(Fraction(100 * sum(one.hours_there for one in looks), expected)) if expected else None


def _captured(looks: Sequence[Look]) -> str:
    if all(one.only_days for one in looks if one.hours_there):
        return _("Days with an index: %(n)d of %(days)d, capture of daily values %(capture)s %%")
    return _("Days with an index: %(n)d of %(days)d, capture of hours %(capture)s %%")


def note(looks: Sequence[Look], *parts: str) -> str:
    """Return the note of what was made of some looks (several where the law changed): `parts` come first."""
    days = sum(one.assessment.expected for one in looks)
    n = sum(one.assessment.with_index for one in looks)
    laws = ", ".join(dict.fromkeys(f"{localised(one.law)} ({one.law.index_standard})" for one in looks))
    version = looks[0].hours.version
    origins = dict.fromkeys(origin_label(one.origin) for one in looks if one.origin)
    return " · ".join(
        [
            *parts,
            _captured(looks) % {"n": n, "days": days, "capture": capture_of(looks)},
            _("Law: %s") % laws,
            _("Rules: %s") % ", ".join((rules_text()[0], rules().version)),
            _("Source: %s") % ", ".join(origins),
            _("Store version: %s") % f"{version.observations}/{version.flags}",
        ]
    )
