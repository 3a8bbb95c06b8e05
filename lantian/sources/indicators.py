"""What the register of sources registers as indicators: data/indicators.toml says what, `figures` counts.

Every figure is computed from the register on the last day of the period (today in a running one); what people entered by
hand stands beside it, or instead where the register says nothing.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city.models import Place
from lantian.indicators import series
from lantian.indicators.context import Context
from lantian.indicators.period import KINDS, Period
from lantian.indicators.pooling import method_for
from lantian.indicators.registry import Indicator, indicator, registry
from lantian.indicators.series import bilingual, freshness_of
from lantian.indicators.value import Note, ReasonCode, Ref, Value
from lantian.sources.figures import RULES, Figure, ask
from lantian.sources.snapshot import snapshot

RULE_VERSION = "2020.2"
_FILE = Path(__file__).parent / "data" / "indicators.toml"
_EVIDENCE = gettext_lazy("the register of sources; what people entered beside it")
_HIGHEST = {"%": 100, "台": 100000, "家": 100000}


def _declare(said: dict[str, Any]) -> None:
    """Register one entry of the data file; raises KeyError for a rule that nobody wrote."""
    RULES[said["rule"]]
    code, unit, level = said["code"], said["unit"], said.get("level", "area")

    def rule(place: Place, period: Period, context: Context) -> Value:
        own = registry.get(code)
        if own is None:
            raise LookupError(f"the indicator {code} is not registered")
        allowed = () if level == "city" else Place.AREA_KINDS
        if place.kind != Place.Kind.CITY and place.kind not in allowed:
            text = _("This indicator is not kept for such a place.")
            return Value.none(ReasonCode.NOT_HERE, text, unit, rule_version=RULE_VERSION)
        return series.beside(own, _value(own, said, place, period, context), place, period, context)

    indicator(
        code,
        title=bilingual(said["zh"], said["en"]),
        unit=unit,
        direction=said["direction"],
        level=level,
        evidence=_EVIDENCE,
        rule_version=RULE_VERSION,
        periods=KINDS,
        definition=bilingual(said["definition_zh"], said["definition_en"]),
        frequency=said.get("frequency", "month"),
        decimals=1 if unit == "%" else 0,
        room="sources",
        by_hand=True,
        computes=True,
        low=Decimal(0),
        high=Decimal(_HIGHEST[unit]),
        aggregate=method_for(unit),
    )(rule)


def _value(own: Indicator, said: dict[str, Any], place: Place, period: Period, context: Context) -> Value:
    if period.start > context.today:
        text = _("The period has not begun.")
        return Value.none(ReasonCode.NO_DATA_YET, text, own.unit, rule_version=RULE_VERSION)
    day = min(period.end, context.today)
    area = "" if place.kind == Place.Kind.CITY else place.code
    register = context.memo("register of sources", snapshot)
    return _shown(own, ask(register, area, period, day, said), day, period, context)


def _shown(own: Indicator, figure: Figure, day: dt.date, period: Period, context: Context) -> Value:
    changed = min(day, max((one.changed for one in figure.seen), default=day))
    if figure.number is None:
        code = figure.reason or ReasonCode.NO_DATA_YET
        return Value.none(
            code, figure.text, own.unit, rule_version=RULE_VERSION, n=figure.n, n_expected=figure.expected
        )
    notes = list(figure.notes)
    if figure.partial:
        text = _("Only %(n)s of %(expected)s could be judged: something of the others is not known.")
        notes.append(Note("partial", text % {"n": figure.n, "expected": figure.expected}))
    if any(one.synthetic for one in figure.seen):
        notes.append(Note("synthetic", _("Made from invented data of a demonstration.")))
    if context.known_at is not None:
        notes.append(Note("now", _("The register as it is now: it is not kept by what was known when.")))
    return Value.of(
        figure.number, own.unit, n=figure.n, n_expected=figure.expected, as_of=changed,
        freshness=freshness_of(own, changed, period, context), lineage=_lineage(figure, day), rule_version=RULE_VERSION,
        partial=figure.partial, notes=notes,
    )  # fmt: skip


def _lineage(figure: Figure, day: dt.date) -> Iterable[Ref]:
    label = _("register of sources on %(day)s: %(n)s enterprises") % {"day": day, "n": len(figure.seen)}
    return (Ref("register", day.isoformat(), label), *figure.named)


for _said in tomllib.loads(_FILE.read_text(encoding="utf-8"))["indicator"]:
    _declare(_said)
