"""Rounding as the standards ask for it, exact on decimals.

GB/T 8170 rounds a value that lies exactly half-way to the even neighbour, and rounds once, from the raw value.
Binary floats cannot hold most decimals (2.675 is a little less than 2.675), so they are refused rather than guessed at.
"""

from __future__ import annotations

from decimal import MAX_PREC, ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from fractions import Fraction
from math import ceil
from typing import TypeAlias

# What the functions of this room take as a number. A mean of seven values has no finite decimal form: it is a Fraction.
Number: TypeAlias = Decimal | int | str | Fraction

# Wide enough for any value that has a finite decimal form here; quantize() raises beyond its context's precision.
_WIDE = Context(prec=min(MAX_PREC, 10_000))


def exact(value: Decimal | int | str) -> Decimal:
    """Return `value` as a finite Decimal.

    Raises TypeError for floats and booleans, ValueError for text that is no number and for NaN or infinity.
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise TypeError(f"rounding needs a Decimal, an int or a decimal text, not {type(value).__name__} {value!r}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a decimal number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return number


def ratio(value: Number) -> Fraction:
    """Return `value` as an exact Fraction; raises TypeError for floats and booleans, ValueError for what is no number.

    >>> ratio("0.35")
    Fraction(7, 20)
    """
    return value if isinstance(value, Fraction) else Fraction(exact(value))


def round_half_even(value: Number, places: int = 0) -> Decimal:
    """Round to `places` decimals as GB/T 8170 does (half to even); negative places round to tens, hundreds ...

    >>> round_half_even("2.5"), round_half_even("3.5"), round_half_even("2.51"), round_half_even("0.125", 2)
    (Decimal('2'), Decimal('4'), Decimal('3'), Decimal('0.12'))
    """
    if isinstance(value, Fraction):
        return _placed(round(value * Fraction(10) ** places), places)
    return _quantise(exact(value), places, ROUND_HALF_EVEN)


def round_up(value: Number, places: int = 0) -> Decimal:
    """Round towards plus infinity, as the air quality index does: 50.0001 becomes 51.

    >>> round_up("50.0001"), round_up("50.0")
    (Decimal('51'), Decimal('50'))
    """
    if isinstance(value, Fraction):
        return _placed(ceil(value * Fraction(10) ** places), places)
    return _quantise(exact(value), places, ROUND_CEILING)


def _placed(whole: int, places: int) -> Decimal:
    """Return `whole` * 10^-places with `places` decimals; Python rounds a Fraction half to even, exactly."""
    return _quantise(Decimal(whole).scaleb(-places, context=_WIDE), places, ROUND_HALF_EVEN)


def _quantise(number: Decimal, places: int, mode: str) -> Decimal:
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=mode, context=_WIDE)
    # A whole result of rounding to tens reads 120, not 1.2E+2; and minus nought is nought.
    plain = rounded.quantize(Decimal(1), context=_WIDE) if places < 0 else rounded
    return abs(plain) if plain.is_zero() else plain
