"""The law as dated data and pure functions: units, rounding, limits, the index, assessment. No Django: also a library.

    >>> import datetime as dt
    >>> from lantian.standards import aqi, regime_at
    >>> aqi(regime_at(dt.date(2026, 3, 1)), "day", {"PM2.5": 61}).mark
    '101'

Whole arrays: `lantian.standards.arrays` (NumPy), `lantian.standards.frames` (Polars). Examples: docs/standards.md.

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
    from lantian.standards.attainment import day_attainment as day_attainment
    from lantian.standards.attainment import good_day as good_day
    from lantian.standards.attainment import grade_of as grade_of
    from lantian.standards.attainment import heavy_day as heavy_day
    from lantian.standards.attainment import year_attainment as year_attainment
    from lantian.standards.budget import allowed_mean as allowed_mean
    from lantian.standards.budget import good_days_for_share as good_days_for_share
    from lantian.standards.budget import good_days_needed as good_days_needed
    from lantian.standards.cems import hour_valid as hour_valid
    from lantian.standards.cems import substitution as substitution
    from lantian.standards.cems import ultra_low as ultra_low
    from lantian.standards.composite import CompositeIndex as CompositeIndex
    from lantian.standards.composite import composite_index as composite_index
    from lantian.standards.composite import composite_interval as composite_interval
    from lantian.standards.composite import composite_limits as composite_limits
    from lantian.standards.dust import DustDay as DustDay
    from lantian.standards.dust import deduct as deduct
    from lantian.standards.dust import dust_day as dust_day
    from lantian.standards.dust import dust_hours as dust_hours
    from lantian.standards.dust import dust_rules as dust_rules
    from lantian.standards.levels import level_of as level_of
    from lantian.standards.levels import sensitive_groups as sensitive_groups
    from lantian.standards.means import assessed_percentile as assessed_percentile
    from lantian.standards.means import city_value as city_value
    from lantian.standards.means import day_mean as day_mean
    from lantian.standards.means import eight_hour_means as eight_hour_means
    from lantian.standards.means import mda8 as mda8
    from lantian.standards.means import mean as mean
    from lantian.standards.means import percentile as percentile
    from lantian.standards.means import year_validity as year_validity
    from lantian.standards.oxygen import Oxygen as Oxygen
    from lantian.standards.oxygen import convert_oxygen as convert_oxygen
    from lantian.standards.pollutants import pollutant as pollutant
    from lantian.standards.provenance import cite as cite
    from lantian.standards.provenance import uncertain as uncertain
    from lantian.standards.provenance import weakest as weakest
    from lantian.standards.ranking import change as change
    from lantian.standards.ranking import rank as rank
    from lantian.standards.ranking import rank_by_change as rank_by_change
    from lantian.standards.ranking import rank_by_index as rank_by_index
    from lantian.standards.reference_state import conversion_factor as conversion_factor
    from lantian.standards.reference_state import to_state_of as to_state_of
    from lantian.standards.regimes import Regime as Regime
    from lantian.standards.regimes import regime_at as regime_at
    from lantian.standards.regimes import regime_for as regime_for
    from lantian.standards.regimes import regime_named as regime_named
    from lantian.standards.regimes import split_by_regime as split_by_regime
    from lantian.standards.stacks import StackLimit as StackLimit
    from lantian.standards.stacks import ammonia_slip as ammonia_slip
    from lantian.standards.stacks import binding_limits as binding_limits
    from lantian.standards.stacks import stack_limits as stack_limits
    from lantian.standards.stacks import stack_rules as stack_rules

# module -> the names that the library offers from it
_PUBLIC = {
    "air_index": "AirIndex aqi iaqi round_concentration",
    "attainment": "day_attainment good_day grade_of heavy_day year_attainment",
    "budget": "allowed_mean good_days_for_share good_days_needed",
    "cems": "hour_valid substitution ultra_low",
    "composite": "CompositeIndex composite_index composite_interval composite_limits",
    "dust": "DustDay deduct dust_day dust_hours dust_rules",
    "levels": "level_of sensitive_groups",
    "means": "assessed_percentile city_value day_mean eight_hour_means mda8 mean percentile year_validity",
    "oxygen": "Oxygen convert_oxygen",
    "pollutants": "pollutant",
    "provenance": "cite uncertain weakest",
    "ranking": "change rank rank_by_change rank_by_index",
    "reference_state": "conversion_factor to_state_of",
    "regimes": "Regime regime_at regime_for regime_named split_by_regime",
    "stacks": "StackLimit ammonia_slip binding_limits stack_limits stack_rules",
}
_HOME = {name: module for module, names in _PUBLIC.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME)
