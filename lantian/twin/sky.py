"""Weather over the invented city, plumes from its stacks, and what micro-stations make of both.

A Gaussian plume with the spreads of Briggs for open country, hour by hour, chimney by chimney; the rest of the air is a
background that gathers under a low mixing layer. Light: no chemistry, no hills.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lantian.twin.noise import Floats, between, generator, slow, white
from lantian.twin.places import Area, somewhere

# Briggs, open country: class -> (a, b of sigma y = a x (1 + b x)^-1/2; form of sigma z by class below).
_SIDE = {"A": 0.22, "B": 0.16, "C": 0.11, "D": 0.08, "E": 0.06, "F": 0.04}
_FACTORS = {"a21026": "so2", "a21002": "nox", "a34004": "pm"}
# Background in µg/m3 at usual mixing, and the share of stack dust that is fine.
_BACKGROUND = {"a21026": 9.0, "a21002": 24.0, "a34004": 30.0}
_FINE = 0.6


@dataclass(frozen=True, slots=True)
class Weather:
    """Hour by hour: wind speed (m/s, at 10 m), direction from which it comes (degrees), temperature (°C), humidity (%),
    mixing height (m), stability class (A..F by index 0..5)."""

    wind: Floats
    direction: Floats
    temperature: Floats
    humidity: Floats
    mixing: Floats
    stability: np.ndarray


@dataclass(frozen=True, slots=True)
class Station:
    """A micro-station of the invented network."""

    code: str
    area: str
    lon: float
    lat: float
    bias: float


@dataclass(frozen=True, slots=True)
class Chimney:
    """A source: where, how high with its rise (m), and what it emits hour by hour (g/s by pollutant)."""

    lon: float
    lat: float
    height: float
    rate: Mapping[str, Floats]


def weather(seed: int, first: int, hours: int) -> Weather:
    """Return the weather of `hours` hours from minute `first` of the city's clock (a whole hour)."""
    n = hours * 60
    here = slice(30, None, 60)  # the middle of each hour
    clock = ((first + np.arange(n)) % 1440 / 60)[here]
    day = (first // 1440 + np.arange(n) // 1440)[here]
    sun = np.clip(np.sin((clock - 6) / 12 * np.pi), 0, None)
    calm = slow(seed, "calm", first, n, 1800)[here]
    gusts = slow(seed, "gusts", first, n, 120)[here]
    wind = np.clip(np.exp(0.55 + 0.45 * sun - 0.4 * calm + 0.25 * gusts), 0.3, 14)
    turn = slow(seed, "turn", first, n, 1440)[here] * 110 + slow(seed, "swing", first, n, 90)[here] * 25
    season = 11 - 14 * np.cos(2 * np.pi * (day % 365.25 - 15) / 365.25)
    warm = slow(seed, "warm", first, n, 2880)[here]
    temperature = season + 4.5 * warm + 6 * np.sin((clock - 9) / 12 * np.pi)
    humidity = np.clip(58 - 22 * np.sin((clock - 9) / 12 * np.pi) - 8 * warm + 10 * calm, 10, 99)
    mixing = np.clip((180 + 1100 * sun**0.8 + 60 * wind) * np.exp(-0.35 * calm), 80, 2600)
    night = sun <= 0
    unstable = np.where(wind < 2.5, 0, np.where(wind < 4, 1, np.where(wind < 6, 2, 3)))
    stable = np.where(wind < 2, 5, np.where(wind < 3.5, 4, 3))
    return Weather(wind, (315 + turn) % 360, temperature, humidity, mixing, np.where(night, stable, unstable))


def stations(seed: int, count: int, areas: Sequence[Area], prefix: str = "T") -> tuple[Station, ...]:
    """Return micro-stations, each with a sensor that reads a little high or low."""
    found = []
    for at in range(count):
        draw = generator(seed, f"station {at}")
        area, lon, lat = somewhere(draw, areas)
        found.append(Station(f"{prefix}MS{at + 1:03d}", area, lon, lat, between(draw, (0.85, 1.2))))
    return tuple(found)


def plume(one: Chimney, station: Station, sky: Weather, pollutant: str) -> Floats:
    """Return what a chimney adds at a station at the ground (µg/m3, hourly): Gaussian, reflected at the ground, never
    thinner than what fills the mixing layer."""
    east = (station.lon - one.lon) * 111_320 * math.cos(math.radians(one.lat))
    north = (station.lat - one.lat) * 110_540
    blowing = np.radians(sky.direction + 180)
    along = east * np.sin(blowing) + north * np.cos(blowing)
    across = east * np.cos(blowing) - north * np.sin(blowing)
    x = np.maximum(along, 50.0)
    # Buildings and a wind that is never quite steady: no plume is thinner than some ten metres.
    side = np.hypot(np.array(list(_SIDE.values()))[sky.stability] * x / np.sqrt(1 + 0.0001 * x), 40.0)
    up = np.minimum(np.hypot(_upward(x, sky.stability), 15.0), 0.8 * sky.mixing)
    reached = 2 * np.exp(-0.5 * (one.height / up) ** 2)
    filled = np.sqrt(2 * np.pi) * up / sky.mixing
    vertical = np.maximum(reached, np.where(x > 20 * one.height, filled, 0.0))
    found = (
        one.rate[pollutant] * 1e6 / (2 * np.pi * sky.wind * side * up) * np.exp(-0.5 * (across / side) ** 2) * vertical
    )
    return np.where(along > 50, found, 0.0)


def _upward(x: Floats, stability: np.ndarray) -> Floats:
    forms = np.stack([
        0.20 * x, 0.12 * x, 0.08 * x / np.sqrt(1 + 0.0002 * x), 0.06 * x / np.sqrt(1 + 0.0015 * x),
        0.03 * x / (1 + 0.0003 * x), 0.016 * x / (1 + 0.0003 * x),
    ])  # fmt: skip
    found: Floats = np.take_along_axis(forms, stability[None, :], axis=0)[0]
    return found


def background(seed: int, first: int, hours: int, sky: Weather, factor: str) -> Floats:
    """Return the air that comes from everywhere else: thicker when little air mixes and moves."""
    here = slice(30, None, 60)
    regional = slow(seed, f"regional {factor}", first, hours * 60, 2160)[here]
    trapped = (700 / sky.mixing) ** 0.45 * (2.5 / sky.wind) ** 0.25
    found: Floats = _BACKGROUND[factor] * np.exp(0.3 * regional) * trapped
    return found


def measured(seed: int, station: Station, first: int, air: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return what a station's sensors say of the true air (µg/m3): bias, noise, never below zero."""
    hours = len(next(iter(air.values())))
    noise = white(seed, station.code, first, hours * 60, len(air))[:, ::60]
    return {
        name: np.round(np.maximum(value * station.bias * (1 + 0.06 * noise[row]) + 0.8 * noise[row], 0.0), 1)
        for row, (name, value) in enumerate(sorted(air.items()))
    }


def factors() -> Mapping[str, str]:
    """Return {factor of a station: pollutant of a stack}."""
    return _FACTORS


def share_of(factor: str) -> float:
    """Return the share of what a stack emits that a station's factor counts."""
    return _FINE if factor == "a34004" else 1.0
