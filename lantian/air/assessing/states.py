"""Daily values brought to the reference state of another day, so that both sides of a comparison are on one basis.

Gases of before 2018-09-01 were given for 273 K and read about 9 % higher; particles of then cannot be converted without
the temperature and pressure of each hour, so that they stay as they were published and are named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from lantian.air.assessing.days import Daily, Days
from lantian.air.network.combine import roomy
from lantian.standards.arrays import MISSING, RatioArray
from lantian.standards.reference_state import NotConvertibleError, conversion_factor
from lantian.standards.tables import OutOfForceError


@dataclass(frozen=True, slots=True)
class Restated:
    """Days in the reference state of `like`: which pollutants were converted, and which could not be."""

    days: Days
    like: dt.date
    converted: tuple[str, ...]
    unconverted: tuple[str, ...]


def restated(days: Days, like: dt.date) -> Restated:
    """Bring the daily values to the reference state of the day `like`; days without any rule stay as they are and count
    as not converted."""
    daily, converted, unconverted = {}, [], []
    for code, one in days.daily.items():
        try:
            factors = _factors(code, days.days, like)
        except (NotConvertibleError, OutOfForceError):
            unconverted.append(code)
            daily[code] = one
            continue
        daily[code] = _times(one, factors) if factors else one
        converted += [code] if factors else []
    return Restated(replace(days, daily=daily), like, tuple(converted), tuple(unconverted))


def _factors(code: str, days: Sequence[dt.date], like: dt.date) -> list[Fraction] | None:
    """The factor of each day, None when all are 1. The state changes rarely: one answer serves all days like the last."""
    ends = {day: conversion_factor(code, day, like) for day in (days[0], days[-1])}
    if set(ends.values()) == {Fraction(1)}:
        return None
    return [conversion_factor(code, day, like) for day in days]


def _times(one: Daily, factors: Sequence[Fraction]) -> Daily:
    top = np.array([factor.numerator for factor in factors], dtype=np.int64)
    bottom = np.array([factor.denominator for factor in factors], dtype=np.int64)
    there = one.value.numerator != MISSING
    bottoms = np.broadcast_to(one.value.denominator, one.valid.shape)
    # First as fine as needed for room, then times the factor, then again.
    small = roomy(RatioArray(one.value.numerator, bottoms, one.value.decimals), there)
    fine = np.broadcast_to(small.denominator, one.valid.shape)
    numerator = np.where(there, np.where(there, small.numerator, 0) * top, MISSING)
    value = RatioArray(numerator, fine * bottom, one.value.decimals)
    return replace(one, value=roomy(value, there))
