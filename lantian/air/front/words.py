"""Words of the front pages: how late, which pollutant, which law. Everything that a colour says, a word says too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lantian.air.assessing.hours import rules_text
from lantian.air.profiles.present import LATE, NONE, PRESENT, HourIndex, Present
from lantian.observations.model import InputVersion
from lantian.standards.pollutants import core_codes, pollutant
from lantian.standards.regimes import Regime
from lantian.standards.rounding import round_half_even

_LOW = str.maketrans("0123456789.", "₀₁₂₃₄₅₆₇₈₉.")


def localised(one: Any) -> str:
    """The name of something that has `zh` and `en`, in the present language."""
    return str(one.en if (get_language() or "").startswith("en") else one.zh)


def formula(code: str) -> str:
    """A pollutant's code with small figures, as it is printed.

    >>> [formula(one) for one in ("PM2.5", "O3", "CO", "O3_8h")]
    ['PM₂.₅', 'O₃', 'CO', 'O₃ 8h']
    """
    name, _sep, time = code.partition("_")
    return " ".join(part for part in (name.translate(_LOW), time) if part)


def primary_words(codes: Sequence[str]) -> str:
    return ", ".join(formula(code) for code in codes) or "–"


def index_mark(law: Regime, hour: HourIndex | None) -> str:
    """The index as it is published: digits, the law's mark where it gives no number, a dash for none at all."""
    if hour is None or hour.highest is None:
        return "–"
    return law.index_rules.text("missing.mark") if hour.aqi is None else str(hour.aqi)


def shown_value(law: Regime, code: str, value: Fraction | None) -> Decimal | None:
    """An hour's concentration, rounded as the index rounds it; below zero as measured (the instrument's zero drifts)."""
    if value is None:
        return None
    # + 0: a little below zero is 0, not -0.
    return round_half_even(value, int(str(law.index_rules.for_pollutant("decimals", code).value))) + 0


def age_words(one: Present | None) -> str:
    """How late the newest hour is, in words."""
    if one is None or one.fresh == NONE or one.late is None:
        return _("no hour in the last two days")
    if one.fresh == PRESENT:
        return _("present")
    if one.fresh == LATE:
        return ngettext("%(n)d hour late", "%(n)d hours late", one.late) % {"n": one.late}
    days = one.late // 24
    return ngettext("%(n)d day old", "%(n)d days old", days) % {"n": days}


def hour_text(ends: dt.datetime) -> str:
    """An hour by its end; midnight is hour 24 of the day that ends."""
    if ends.hour:
        return f"{ends:%Y-%m-%d %H:00}"
    return f"{ends - dt.timedelta(days=1):%Y-%m-%d} 24:00"


def law_words(law: Regime) -> str:
    return f"{localised(law)} ({law.index_standard})"


def version_words(version: InputVersion) -> str:
    """Which rules and which state of the store a figure was made with."""
    return _("Rules %(rules)s · store version %(store)s") % {
        "rules": rules_text()[0],
        "store": f"{version.observations}/{version.flags}",
    }


def item_heads() -> list[tuple[str, str]]:
    """The six pollutants and their units as they are printed, in the order of the standard's table."""
    return [(formula(code), unit_of(code)) for code in core_codes()]


def unit_of(code: str) -> str:
    """A pollutant's unit as it is printed (µg/m³)."""
    return pollutant(code).unit.replace("m3", "m³")
