"""The arrays' way from hours to figures equals the exact scalar functions of the standards, fraction by fraction."""

import datetime as dt
import random
from fractions import Fraction

import numpy as np
import pytest

from lantian.air.assessing.assess import assess
from lantian.air.assessing.days import daily_values, period_item
from lantian.air.assessing.figures import number
from lantian.air.assessing.hours import DECIMALS, Hours
from lantian.air.assessing.tally import day_indices, tally
from lantian.observations.model import InputVersion
from lantian.standards import assessed_percentile, composite_index, day_mean, mda8, regime_named
from lantian.standards.arrays import MISSING
from lantian.standards.means import period_mean
from lantian.standards.pollutants import core_codes

FIRST = dt.date(2020, 2, 27)


def invented(seed, places=2, days=9):
    """Hours of many sizes with gaps of many lengths; the last day has none."""
    chance = random.Random(seed)
    values = np.full((places, len(core_codes()), days, 24), MISSING, dtype=np.int64)
    for place, item, day in np.ndindex(values.shape[:3]):
        share = chance.choice([1.0, 0.95, 0.85, 0.75, 0.3]) if day < days - 1 else 0
        top = chance.choice([5, 400, 90_000, 400_000])
        for hour in range(24):
            if chance.random() < share:
                values[place, item, day, hour] = chance.randrange(top)
    names = tuple(f"p{n}" for n in range(places))
    return Hours(names, core_codes(), FIRST, values, InputVersion(0, -1, None))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("regime", ["2012", "2026-transition"])
def test_days_and_periods_equal_the_scalar_functions(seed, regime):
    law, hours = regime_named(regime), invented(seed)
    days = daily_values(law, hours)
    for item, code in enumerate(core_codes()):
        found = period_item(law, code, days.daily[code])
        for place in range(len(hours.places)):
            raw = [
                [None if one == MISSING else Fraction(int(one), 10**DECIMALS) for one in day]
                for day in hours.values[place, item]
            ]
            each = [mda8(law, day) if code == "O3" else day_mean(law, code, day) for day in raw]
            expected = [one.counted for one in each]
            assert [days.daily[code].fraction(place, day) for day in range(len(raw))] == expected
            assert found.mean.fraction(place) == period_mean(expected).value
            assert found.percentile.fraction(place) == assessed_percentile(law, code, expected).value
            assert found.n[place] == sum(one is not None for one in expected)
            assert found.hours[place] == sum(one is not None for day in raw for one in day)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("regime", ["2012", "2026-transition"])
def test_the_tally_of_many_places_equals_their_assessments(seed, regime):
    days = daily_values(regime_named(regime), invented(seed, places=4, days=15))
    index, counted = day_indices(days).aqi, tally(days)
    for at, place in enumerate(days.places):
        found = assess(days, place)
        each = [None if one.index is None else one.index.aqi for one in found.days]
        assert [None if one == MISSING else int(one) for one in index[at]] == each
        expected = (found.with_index, found.good, found.heavy)
        assert (counted.with_index[at], counted.good[at], counted.heavy[at]) == expected


def test_an_assessment_joins_them():
    law, hours = regime_named("2012"), invented(3)
    found = assess(daily_values(law, hours), "p1")
    six = {code: one.percentile if code in ("CO", "O3") else one.mean for code, one in found.items.items()}
    assert found.composite is not None
    assert found.composite.value == composite_index(law, six).value
    assert found.expected == len(found.days) == 9
    assert found.days[-1].index is None
    assert found.good + sum(n for level, n in found.levels.items() if level > 2) == found.with_index
    assert found.heavy == sum(n for level, n in found.levels.items() if level > 4)


def test_numbers_are_rounded_once_as_assessed():
    law = regime_named("2012")
    assert [number(law, "PM2.5", Fraction(one, 2)) for one in (69, 71)] == [34, 36]
    assert number(law, "CO", Fraction(125, 100)) == 1.2
    assert number(law, "CO", None) is None
    assert isinstance(number(law, "SO2", Fraction(5)), int)
