"""Indicators of the invented city of the tests, and quick ways to enter values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lantian.city.models import LoadedPack, Place, User
from lantian.indicators import period as periods
from lantian.indicators.models import Entry
from lantian.indicators.services import Statement, enter_value


def definition(code: str, unit: str, **changes: Any) -> dict[str, Any]:
    """Return a row as a pack's indicators are stored."""
    return {
        "code": code, "title_zh": f"指标{code}", "title_en": f"Indicator {code}", "unit": unit, "direction": "up",
        "frequency": "month", "level": "area", "supplied_by": "hand", "rule_version": "2020.1",
        "definition_zh": "定义", "definition_en": "Definition", "low": None, "high": None, "decimals": 1, **changes,
    }  # fmt: skip


SERIES = [
    definition("dustfall", "t/(month·km2)", direction="down", supplied_by="air", low="0", high="200"),
    definition("gas_share", "%", low="0", high="100"),
    definition("boilers_left", "台", direction="down", supplied_by="sources", low="0", decimals=0),
    definition("rank_gain", "名", level="city", frequency="year", decimals=0),
    definition("so2_mean", "µg/m3", direction="down", frequency="year", supplied_by="air"),
    definition("kilns_done", "家", frequency="once", decimals=0),
]


def define(rows: list[dict[str, Any]] | None = None) -> None:
    """Give the loaded pack these indicators (SERIES if none are given)."""
    LoadedPack.objects.update(indicators=SERIES if rows is None else rows)


def say(actor: User, code: str, place: Place, period: str, value: str, **more: Any) -> Entry:
    """Enter a value as a person would."""
    key = more.pop("key", None)
    return enter_value(actor, code, place, periods.parse(period), Statement(Decimal(value), **more), key=key)
