"""Invented hours of a small city with faults planted into them: what the rules should find is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lantian.air.quality.block import Block
from lantian.standards.arrays import MISSING

POLLUTANTS = ("SO2", "NO2", "CO", "O3", "PM10", "PM2.5")
# Mean, daily swing (share), weather (share), noise (share), decimals.
_SHAPE = {
    "SO2": (25, 0.25, 0.5, 0.08, 0), "NO2": (35, 0.3, 0.4, 0.08, 0), "CO": (0.9, 0.25, 0.4, 0.06, 2),
    "O3": (80, 0.6, 0.3, 0.05, 0), "PM10": (90, 0.2, 0.6, 0.07, 0), "PM2.5": (42, 0.2, 0.6, 0.07, 0),
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """The block with faults, and {flag: mask} of the hours that have one."""

    block: Block
    faults: dict[str, np.ndarray]


def quiet(days: int, subjects: int, seed: int) -> np.ndarray:
    """Hours [subject, pollutant, hour] in thousandths that look like a city's stations: one weather, own noise."""
    rng = np.random.default_rng(seed)
    hours = days * 24
    clock = np.arange(hours) % 24
    values = np.empty((subjects, len(POLLUTANTS), hours))
    dusty = np.zeros(hours)  # both particles have one weather
    for at, code in enumerate(POLLUTANTS):
        mean, swing, weather, noise, decimals = _SHAPE[code]
        slow = np.convolve(rng.normal(size=hours + 95), np.ones(96) / np.sqrt(96), "valid")
        if code == "PM2.5":
            slow = dusty
        elif code == "PM10":
            dusty = slow
        daily = np.cos((clock - (15 if code == "O3" else 8)) / 24 * 2 * np.pi)
        base = mean * np.exp(weather * slow) * (1 + swing * daily)
        own = np.exp(rng.normal(0, 0.12, size=(subjects, 1)))
        jitter = np.exp(rng.normal(0, noise, size=(subjects, hours)))
        values[:, at] = np.round(base * own * jitter, decimals)
    fine, coarse = POLLUTANTS.index("PM2.5"), POLLUTANTS.index("PM10")
    values[:, fine] = np.minimum(values[:, fine], np.floor(values[:, coarse] * 0.9))
    return np.maximum(np.rint(values * 1000), 1000 * 0.01).astype(np.int64)


def everyone_else(subjects: int) -> dict[int, tuple[int, ...]]:
    return {one: tuple(other for other in range(subjects) if other != one) for one in range(subjects)}


def planted(days: int = 120, subjects: int = 6, seed: int = 20) -> Planted:
    """Plant every kind of fault at random hours that do not touch each other (fewer where there is no room)."""
    rng = np.random.default_rng(seed + 1)
    values = quiet(days, subjects, seed)
    taken = np.zeros(values.shape, dtype=bool)
    faults: dict[str, np.ndarray] = {}

    def place(flag: str, code: str, length: int, times: int):
        """Yield slices for faults of some hours, two days from the ends and from other faults."""
        at = POLLUTANTS.index(code)
        mask = faults.setdefault(flag, np.zeros(values.shape, dtype=bool))
        for _ in range(2000):
            if not times:
                return
            subject, first = int(rng.integers(subjects)), int(rng.integers(48, days * 24 - length - 48))
            around = slice(first - 30, first + length + 30)
            if taken[subject, :, around].any():
                continue
            taken[subject, :, around] = True
            mask[subject, at, first : first + length] = True
            times -= 1
            yield subject, at, slice(first, first + length)

    for code, high in (("PM10", 1500), ("CO", 40), ("SO2", 900)):
        for subject, at, run in place("auto.range", code, 1, 6):
            values[subject, at, run] = high * 1000
    for code, beyond in (("NO2", 1100), ("O3", -40)):
        for subject, at, run in place("auto.impossible", code, 1, 6):
            values[subject, at, run] = beyond * 1000
    for code in ("SO2", "PM2.5"):
        for subject, at, run in place("auto.negative", code, 2, 6):
            values[subject, at, run] = -4000
    for code, length in (("NO2", 14), ("PM2.5", 12), ("O3", 20)):
        for subject, at, run in place("auto.stuck", code, length, 5):
            values[subject, at, run] = values[subject, at, run.start]
    for code, step in (("SO2", 150), ("NO2", 160), ("CO", 6), ("O3", 220), ("PM2.5", 320)):
        for subject, at, run in place("auto.spike", code, 1, 8):
            values[subject, at, run] += step * 1000
            if code == "PM2.5":
                values[subject, at - 1, run] += step * 1000
                faults["auto.spike"][subject, at - 1, run] = True
    for code, times in (("SO2", 8), ("NO2", 5), ("CO", 6)):
        for subject, at, run in place("auto.neighbours", code, 8, 6):
            ramp = np.array([0.5, 0.8, 1, 1, 1, 1, 0.8, 0.5])
            values[subject, at, run] = (values[subject, at, run] * (1 + (times - 1) * ramp) / 10).astype(np.int64) * 10
    for subject, at, run in place("auto.order", "PM2.5", 2, 10):
        values[subject, at, run] = values[subject, at - 1, run] + 6000
        faults["auto.order"][subject, at - 1, run] = True
    for subject, at, run in place("auto.gap", "O3", 10, 8):
        values[subject, at, run] = MISSING
        faults["auto.gap"][subject, at, run] = False
        faults["auto.gap"][subject, at, run.stop] = True
    return Planted(Block(tuple(f"s{n}" for n in range(subjects)), POLLUTANTS, values, everyone_else(subjects)), faults)
