"""The state of the air that a concentration is given for, and gases brought from one state to another.

Until 2018-08-31 gases were given for 273 K, since 2018-09-01 for 298.15 K: the same air reads about 8 % lower. A series or
a comparison over that day needs both sides on one basis. Particles are given for the actual air since then: their old
values cannot be converted without the temperature and pressure of each hour, so that is refused.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from lantian.standards.pollutants import pollutant
from lantian.standards.rounding import Number, ratio
from lantian.standards.tables import Entry, OutOfForceError, table


class NotConvertibleError(ValueError):
    """The concentration cannot be brought to the other state without more data."""


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """Temperature and pressure that a phase's concentrations are given for; both None: the actual air."""

    phase: str
    temperature: Entry | None
    pressure: Entry | None

    @property
    def actual(self) -> bool:
        return self.temperature is None


def reference_state(day: dt.date, name: str) -> ReferenceState:
    """Return the reference state of a pollutant's concentrations measured on a day.

    Raises OutOfForceError for a day before the first known edition, UnknownPollutantError, TypeError for a datetime.

    >>> str(reference_state(dt.date(2018, 9, 1), "O3").temperature.value)
    '298.15'
    >>> reference_state(dt.date(2018, 9, 1), "PM10").actual
    True
    """
    phase = pollutant(name).phase
    table("reference_states").at(day, phase="gas", quantity="temperature")  # refuses a day without any rule
    try:
        states = table("reference_states")
        return ReferenceState(
            phase,
            states.at(day, phase=phase, quantity="temperature"),
            states.at(day, phase=phase, quantity="pressure"),
        )
    except OutOfForceError:
        return ReferenceState(phase, None, None)


def conversion_factor(name: str, measured: dt.date, like: dt.date) -> Fraction:
    """Return what turns a concentration measured on one day into the reference state of another day.

    Raises NotConvertibleError for particles between a fixed state and the actual air, OutOfForceError.

    >>> round(float(conversion_factor("NO2", dt.date(2017, 5, 1), dt.date(2019, 5, 1))), 4)
    0.9161
    """
    here, there = reference_state(measured, name), reference_state(like, name)
    if here.actual != there.actual:
        raise NotConvertibleError(
            f"{name} of {measured} and of {like} are given for different states, one of them the actual air: "
            "converting needs the temperature and pressure of each hour"
        )
    if here.actual:
        return Fraction(1)
    return _temperature(measured, here.phase) / _temperature(like, here.phase)


def _temperature(day: dt.date, phase: str) -> Fraction:
    return Fraction(table("reference_states").at(day, phase=phase, quantity="conversion_temperature").value)


def to_state_of(name: str, value: Number, *, measured: dt.date, like: dt.date) -> Fraction:
    """Return a concentration of one day in the reference state of another day, exact; raises NotConvertibleError."""
    return ratio(value) * conversion_factor(name, measured, like)
