"""The hourly concentrations of one place under the region's sky, before anything goes wrong with its instruments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lantian.air.synthetic.noise import Floats, generator, smooth, white
from lantian.air.synthetic.sky import MODES, Sky

# The order of the rows of every array of this package.
POLLUTANTS = ("SO2", "NO2", "CO", "O3", "PM10", "PM2.5")
# Steps in which instruments report: a value is a whole number of them (µg/m3; CO: tenths of mg/m3).
STEPS_PER_UNIT = {"CO": 10}
# Change in a year, as an exponent: coal went first, ozone did not follow.
_TREND = {"SO2": -0.28, "NO2": -0.06, "CO": -0.10, "O3": 0.01, "coarse": -0.06, "PM2.5": -0.09}
# From hour to hour, as an exponent. CO is reported in coarse steps: with less it would seem to be stuck.
_NOISE = {"CO": 0.13}
_LEAST = {"SO2": 2, "NO2": 2, "CO": 1, "O3": 2, "PM10": 2, "PM2.5": 1}
_MOST = {"SO2": 1500, "NO2": 400, "CO": 150, "O3": 420, "PM10": 2500, "PM2.5": 900}


@dataclass(frozen=True, slots=True)
class Site:
    """A station or city of the demonstration. `level` multiplies what people emit there; `lon`, `lat` in degrees."""

    source: str
    place: str
    lon: float
    lat: float
    level: float = 1.0
    instruments: bool = True


def concentrations(site: Site, sky: Sky, seed: int) -> NDArray[np.int64]:
    """Return [pollutant, hour] in steps of the instruments; PM10 is greater than PM2.5, nothing is below its least."""
    own = _Own(site, sky, seed)
    found = {
        "SO2": own.level("SO2") * 13 * np.exp(0.35 * sky.winter + 0.75 * sky.heating) * own.weather("SO2", 0.42) * own.evening(0.18),
        "NO2": own.level("NO2") * 28 * np.exp(0.30 * sky.winter + 0.15 * sky.heating) * own.weather("NO2", 0.34) * own.traffic(),
        "CO": own.level("CO") * 0.55 * np.exp(0.45 * sky.winter + 0.25 * sky.heating) * own.weather("CO", 0.38) * own.evening(0.10),
    }  # fmt: skip
    found["O3"] = _ozone(sky, own, found["NO2"])
    dust = own.dust()
    fine = own.level("PM2.5") * 30 * np.exp(0.55 * sky.winter + 0.28 * sky.heating)
    fine = fine * own.weather("PM2.5", 0.48 + 0.17 * sky.winter) * own.evening(0.14) + 0.12 * dust
    coarse = own.level("coarse") * 31 * np.exp(0.1 * sky.winter + 0.35 * sky.spring) * own.weather("coarse", 0.42)
    found["PM2.5"], found["PM10"] = fine, fine + coarse * own.traffic() ** 0.5 + 0.88 * dust
    return _reported(found)


def _ozone(sky: Sky, own: _Own, nitrogen: Floats) -> Floats:
    """Made by the sun in the afternoon, eaten by fresh exhaust at night."""
    summer = 1 - sky.winter
    noon = np.exp(-(((sky.hour - 15) / 4.2) ** 2))
    made = (20 + 78 * summer) * noon * np.exp(0.26 * sky.sun)
    background = 38 + 54 * summer + 6 * sky.sun
    eaten = (0.5 + 0.15 * sky.winter) * nitrogen
    left = background + made - eaten
    # Little is left in a winter's night, but not nothing, and instruments do not stand still.
    little = 18 * np.exp(np.minimum(left - 18, 0) / 22)
    found: Floats = np.where(left < 18, little, left) * np.exp(own.noise("O3", 0.05)) * own.level("O3", emitted=False)
    return found + own.noise("O3 zero", 1.1)


class _Own:
    """What is particular about one place: its level, its weather, its instruments' noise."""

    def __init__(self, site: Site, sky: Sky, seed: int) -> None:
        self._site, self._sky, self._seed = site, sky, seed
        position = np.array([site.lon, site.lat])
        draws = generator(seed, "waves of the weather", 0)
        waves, phases = draws.normal(0, 1.2, (MODES, 2)), draws.uniform(0, 2 * np.pi, MODES)
        weights = np.cos(waves @ position + phases)
        weights /= max(float(np.sqrt((weights**2).sum())), 0.5)
        near = smooth(seed, f"{site.source} near", sky.first, sky.n, 9)
        self._air = 0.75 * sky.stagnation + 0.62 * (weights @ sky.modes) + 0.23 * near
        self._lag = round((site.lon - 110) * 2) % 8

    def level(self, name: str, *, emitted: bool = True) -> Floats:
        """The place's factor for a pollutant, with the trend of the years. Ozone is not emitted: it comes with the air."""
        drawn = generator(self._seed, f"{self._site.source} level {name}", 0).normal(0, 0.10)
        found: Floats = np.exp(drawn + _TREND[name] * self._sky.years) * (self._site.level if emitted else 1.0)
        return found

    def weather(self, name: str, spread: float | Floats) -> Floats:
        """A factor with mean 1: still air gathers what is emitted, wind blows it away."""
        found: Floats = np.exp(spread * self._air - np.square(spread) / 2 + self.noise(name, _NOISE.get(name, 0.06)))
        return found

    def noise(self, name: str, spread: float) -> Floats:
        return spread * white(self._seed, f"{self._site.source} {name}", self._sky.first, self._sky.n)

    def evening(self, depth: float) -> Floats:
        """The air is shallow by night and deep in the afternoon."""
        found: Floats = 1 + depth * np.cos(2 * np.pi * (self._sky.hour - 0.5) / 24) + depth / 2 * _peak(self._sky, 9)
        return found

    def traffic(self) -> Floats:
        """Two rushes a day, fewer people on the road on Sundays."""
        rushes = 0.30 * _peak(self._sky, 8) + 0.45 * _peak(self._sky, 21)
        night = 0.22 * np.cos(2 * np.pi * (self._sky.hour - 1) / 24)
        week = np.where(self._sky.weekday == 6, 0.91, np.where(self._sky.weekday == 5, 0.97, 1.0))
        found: Floats = (0.9 + rushes + night) * week
        return found

    def dust(self) -> Floats:
        """What storms add to PM10 here: it rises within hours and settles slowly, later in the east than in the west."""
        found = np.zeros(self._sky.n)
        for one in self._sky.dust:
            at = np.arange(self._sky.n) + self._sky.first - one.first - self._lag
            rise = np.clip(at / 3, 0, 1)
            fall = np.clip((one.hours - at) / (0.7 * one.hours), 0, 1)
            drawn = generator(self._seed, f"{self._site.source} dust", one.first).uniform(0.6, 1.2)
            found += one.peak * drawn * rise * fall
        return found * np.exp(self.noise("dust", 0.12))


def _peak(sky: Sky, hour: float) -> Floats:
    """1 at an hour of the day, 0 some hours from it."""
    distance = np.abs((sky.hour - hour + 12) % 24 - 12)
    found: Floats = np.exp(-((distance / 2.2) ** 2))
    return found


def _reported(found: dict[str, Floats]) -> NDArray[np.int64]:
    steps = np.empty((len(POLLUTANTS), len(found["PM10"])), dtype=np.int64)
    for at, code in enumerate(POLLUTANTS):
        steps[at] = np.clip(np.rint(found[code] * STEPS_PER_UNIT.get(code, 1)), _LEAST[code], _MOST[code])
    coarse, fine = POLLUTANTS.index("PM10"), POLLUTANTS.index("PM2.5")
    steps[coarse] = np.maximum(steps[coarse], steps[fine] + 1)
    return steps
