"""Rounding: worked cases, and agreement with whole-number arithmetic that shares no code with it."""

import doctest
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.standards import rounding
from lantian.standards.rounding import round_half_even, round_up

# Worked by hand after the rule "four down, six up, five to the even unless something follows".
CASES = [
    ("12.1498", 1, "12.1"),
    ("12.1498", 0, "12"),
    ("1268", -2, "1300"),
    ("1.050", 1, "1.0"),
    ("0.350", 1, "0.4"),
    ("0.3501", 1, "0.4"),
    ("2.500", 0, "2"),
    ("3.5", 0, "4"),
    ("-36.5", 0, "-36"),
    ("-0.029", 1, "0.0"),
    ("2.675", 2, "2.68"),
    ("2.665", 2, "2.66"),
    ("25", -1, "20"),
    ("35", -1, "40"),
    ("99.5", 0, "100"),
]


@pytest.mark.parametrize(("raw", "places", "expected"), CASES)
def test_half_to_even(raw: str, places: int, expected: str) -> None:
    assert str(round_half_even(raw, places)) == expected


def test_rounding_in_two_steps_differs_so_it_must_be_done_once() -> None:
    assert round_half_even("7.4551", 0) == 7
    assert round_half_even(round_half_even(round_half_even("7.4551", 2), 1), 0) == 8


def _by_fractions(value: Decimal, places: int) -> Fraction:
    scaled = Fraction(value) * Fraction(10) ** places
    floor = scaled.numerator // scaled.denominator
    rest = scaled - floor
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and floor % 2 == 1)
    return Fraction(floor + up) / Fraction(10) ** places


finite = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)


@given(finite, st.integers(-3, 12))
def test_agrees_with_fractions(value: Decimal, places: int) -> None:
    assert Fraction(round_half_even(value, places)) == _by_fractions(value, places)


@given(finite, st.integers(0, 6))
def test_round_up_is_the_smallest_not_below(value: Decimal, places: int) -> None:
    result = round_up(value, places)
    step = Decimal(1).scaleb(-places)
    assert Fraction(result) >= Fraction(value) > Fraction(result) - Fraction(step)


def test_very_long_numbers_lose_nothing() -> None:
    assert round_half_even("9" * 60 + ".5") == Decimal("1" + "0" * 60)


@pytest.mark.parametrize("bad", [2.5, True, None])
def test_floats_are_refused(bad: object) -> None:
    with pytest.raises(TypeError, match="rounding needs"):
        round_half_even(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", ["", "abc", "NaN", "Infinity"])
def test_what_is_no_number_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        round_up(bad)


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(rounding).failed == 0
