"""The register's rules of place: 20,000 boilers against 50 plants beside the loop over every pair, points in areas, figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from lantian.sources.rules.geo import PlaceIndex, metres, within

BOILERS, PLANTS, RADIUS, AREAS = 20_000, 50, 15_000.0, 15
SAMPLE = 2_000  # boilers that the loop over every pair really looks at: all of them would take minutes
LEAST_RATIO, MOST_SECONDS, MOST_LOCATE = 20.0, 1.0, 0.5


def run() -> bool:
    """Print seconds and ratios; tell whether the limits held and both ways found the same pairs."""
    rng = np.random.default_rng(4)
    boilers = np.column_stack((rng.uniform(110.9, 114.0, BOILERS), rng.uniform(38.1, 39.7, BOILERS)))
    plants = np.column_stack((rng.uniform(110.9, 114.0, PLANTS), rng.uniform(38.1, 39.7, PLANTS)))
    within(boilers[:10], plants, RADIUS)  # PROJ opens once
    found, quick = _best(lambda: within(boilers, plants, RADIUS))
    naive, slow = _timed(lambda: _naive(boilers[:SAMPLE], plants))
    slow *= BOILERS / SAMPLE
    same = {(one.point, one.centre) for one in found if one.point < SAMPLE} == naive
    print(f"{BOILERS:,} boilers x {PLANTS} plants: {len(found):,} pairs within {RADIUS / 1000:g} km")
    print(
        f"box, then geodesic: {quick:.3f} s (limit {MOST_SECONDS:g})   every pair by itself: {slow:.1f} s (from {SAMPLE:,})"
    )
    print(f"ratio {slow / quick:.0f} (limit {LEAST_RATIO:g}), same pairs: {'yes' if same else 'NO'}")
    index = PlaceIndex({f"{n:02}": shapely.buffer(shapely.Point(*plants[n]), 0.4, 64) for n in range(AREAS)})
    _codes, locate = _best(lambda: index.locate(boilers))
    print(f"{BOILERS:,} points in {AREAS} areas: {locate:.3f} s (limit {MOST_LOCATE:g})")
    return same and quick <= MOST_SECONDS and slow / quick >= LEAST_RATIO and locate <= MOST_LOCATE


def _naive(boilers: Any, plants: Any) -> set[tuple[int, int]]:
    return {
        (at, to)
        for at, (lon, lat) in enumerate(boilers.tolist())
        for to, (plant_lon, plant_lat) in enumerate(plants.tolist())
        if metres(lon, lat, plant_lon, plant_lat) <= RADIUS
    }


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    found = call()
    return found, time.perf_counter() - start


def _best(call: Callable[[], Any], times: int = 3) -> tuple[Any, float]:
    """What a call returned, and the shortest time of several."""
    tries = [_timed(call) for _ in range(times)]
    return tries[0][0], min(seconds for _found, seconds in tries)
