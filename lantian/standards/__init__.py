"""The law as dated data and pure functions: units, rounding, limits, the index, assessment. No Django: also a library.

    >>> import datetime as dt
    >>> from lantian.standards import aqi, regime_at
    >>> aqi(regime_at(dt.date(2026, 3, 1)), "day", {"PM2.5": 61}).mark
    '101'

The names below are imported when they are used, so that a command which needs one table does not load the rest.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lantian.standards.air_index import AirIndex as AirIndex
    from lantian.standards.air_index import aqi as aqi
    from lantian.standards.air_index import iaqi as iaqi
    from lantian.standards.air_index import round_concentration as round_concentration
    from lantian.standards.levels import level_of as level_of
    from lantian.standards.levels import levels as levels
    from lantian.standards.levels import sensitive_groups as sensitive_groups
    from lantian.standards.pollutants import pollutant as pollutant
    from lantian.standards.pollutants import pollutants as pollutants
    from lantian.standards.provenance import provenance as provenance
    from lantian.standards.provenance import uncertain as uncertain
    from lantian.standards.provenance import weakest as weakest
    from lantian.standards.regimes import Regime as Regime
    from lantian.standards.regimes import regime_at as regime_at
    from lantian.standards.regimes import regime_for as regime_for
    from lantian.standards.regimes import regime_named as regime_named
    from lantian.standards.regimes import regimes as regimes
    from lantian.standards.regimes import split_by_regime as split_by_regime

_PUBLIC = {
    "air_index": ("AirIndex", "aqi", "iaqi", "round_concentration"),
    "levels": ("level_of", "levels", "sensitive_groups"),
    "pollutants": ("pollutant", "pollutants"),
    "provenance": ("provenance", "uncertain", "weakest"),
    "regimes": ("Regime", "regime_at", "regime_for", "regime_named", "regimes", "split_by_regime"),
}
_HOME = {name: module for module, names in _PUBLIC.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME)
