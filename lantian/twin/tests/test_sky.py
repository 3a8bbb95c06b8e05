"""Weather hangs together, plumes go with the wind, and stations see what stacks emit."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from lantian.twin import make_city
from lantian.twin.sky import Chimney, Station, Weather, plume, weather

START = dt.datetime(2020, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def still(direction: float, stability: int, wind: float = 3.0, mixing: float = 800.0) -> Weather:
    one = np.ones(1)
    return Weather(wind * one, direction * one, 20 * one, 50 * one, mixing * one, np.array([stability]))


def at(east_metres: float, north_metres: float) -> Station:
    return Station("S", "A", 100 + east_metres / (111_320 * np.cos(np.radians(35))), 35 + north_metres / 110_540, 1.0)


STACK = Chimney(100.0, 35.0, 60.0, {"so2": np.array([10.0])})


def test_a_plume_goes_where_the_wind_goes():
    west = still(270, 3)  # from the west
    assert plume(STACK, at(3000, 0), west, "so2")[0] > 1
    assert plume(STACK, at(-3000, 0), west, "so2")[0] == 0
    assert plume(STACK, at(3000, 0), west, "so2")[0] > 5 * plume(STACK, at(3000, 900), west, "so2")[0]
    assert plume(STACK, at(0, 3000), still(180, 3), "so2")[0] > 1


def test_a_plume_keeps_its_mass():
    """Across a plane 5 km downwind flows what the stack emits, once it fills the mixing layer evenly."""
    sky = still(270, 1, wind=4.0, mixing=300.0)
    across = np.arange(-6000, 6001, 50)
    found = np.array([plume(STACK, at(20_000, float(y)), sky, "so2")[0] for y in across])
    through = found.sum() * 50 * 300 * 4.0 / 1e6
    assert through == pytest.approx(10.0, rel=0.35)


def test_more_emission_means_more_at_the_ground_and_wind_thins_it():
    twice = Chimney(100.0, 35.0, 60.0, {"so2": np.array([20.0])})
    one, two = (plume(each, at(3000, 0), still(270, 3), "so2")[0] for each in (STACK, twice))
    assert two == pytest.approx(2 * one)
    assert plume(STACK, at(3000, 0), still(270, 3, wind=6.0), "so2")[0] == pytest.approx(one / 2)


def test_weather_is_possible_and_has_days_and_nights():
    sky = weather(7, int(START.timestamp()) // 60 + 480, 24 * 60)
    clock = np.arange(24 * 60) % 24
    assert 0.3 <= sky.wind.min() <= sky.wind.max() <= 14
    assert ((sky.direction >= 0) & (sky.direction < 360)).all()
    assert sky.mixing[clock == 13].mean() > 2 * sky.mixing[clock == 3].mean()
    assert sky.temperature[clock == 14].mean() > sky.temperature[clock == 5].mean() + 4
    assert (sky.stability[clock == 2] >= 3).all()
    assert (sky.stability[clock == 12] <= 3).all()


def test_stations_see_more_when_treatment_is_off():
    """The same hours with and without people who cheat: the air near them differs."""
    honest, cheating = (make_city(7, 60, 3, START, cheating=share) for share in (0.0, 1.0))
    totals = []
    for city in (honest, cheating):
        found = city.ambient(city.start, city.end)
        assert found.columns == ["source", "place", "quantity", "valid_from", "valid_to", "value", "flag", "known_at"]
        assert found.height == len(city.stations) * 3 * 72
        assert found["value"].min() >= 0
        totals.append(found.filter(pl.col("quantity") == "a21026-Avg")["value"].mean())
    assert totals[1] > 1.01 * totals[0]
