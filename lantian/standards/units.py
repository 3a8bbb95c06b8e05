"""Units of measurement (`data/units.toml`): their dimension, spellings, names and exact conversion."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Any

from lantian.standards.rounding import exact

_CONTEXT = Context(prec=28)


class UnknownUnitError(ValueError):
    """No unit has this code or spelling."""


class IncompatibleUnitsError(ValueError):
    """The two units measure different things."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: `base value = value * factor + offset` in the base unit of its dimension."""

    code: str
    dimension: str
    factor: Fraction
    offset: Fraction
    zh: str
    en: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    name: str
    base: str
    zh: str
    en: str


class UnitSystem:
    """All units of one data file, found by code or by any spelling."""

    def __init__(self, units: Iterable[Unit], dimensions: Iterable[Dimension]) -> None:
        self.dimensions: Mapping[str, Dimension] = {one.name: one for one in dimensions}
        self.units: dict[str, Unit] = {}
        self._spellings: dict[str, Unit] = {}
        for one in units:
            self._add(one)
        for dimension in self.dimensions.values():
            self._check_base(dimension)

    def _add(self, one: Unit) -> None:
        if one.dimension not in self.dimensions:
            raise ValueError(f"unit {one.code!r}: unknown dimension {one.dimension!r}")
        if one.factor <= 0:
            raise ValueError(f"unit {one.code!r}: the factor must be above 0")
        for spelling in (one.code, *one.aliases):
            if not _fold(spelling):
                raise ValueError(f"unit {one.code!r}: an empty spelling would give a unit to numbers without one")
            owner = self._spellings.setdefault(_fold(spelling), one)
            if owner is not one:
                raise ValueError(f"spelling {spelling!r} belongs to both {owner.code!r} and {one.code!r}")
        self.units[one.code] = one

    def _check_base(self, dimension: Dimension) -> None:
        base = self.units.get(dimension.base)
        if base is None or base.dimension != dimension.name or base.factor != 1 or base.offset != 0:
            raise ValueError(f"dimension {dimension.name!r}: {dimension.base!r} is not its base unit with factor 1")

    def get(self, spelling: str) -> Unit:
        """Return the unit of a code or spelling; raises UnknownUnitError."""
        found = self._spellings.get(_fold(spelling))
        if found is None:
            raise UnknownUnitError(f"unknown unit {spelling!r}; known units: {', '.join(self.units)}")
        return found

    def convert(self, value: Decimal | int | str, source: str, target: str) -> Decimal:
        """Convert exactly, then round to 28 significant digits; raises UnknownUnitError, IncompatibleUnitsError."""
        here, there = self.get(source), self.get(target)
        if here.dimension != there.dimension:
            raise IncompatibleUnitsError(
                f"{here.code} measures {here.dimension}, {there.code} measures {there.dimension}: no conversion"
            )
        number = exact(value)
        if here is there:
            return number
        result = (Fraction(number) * here.factor + here.offset - there.offset) / there.factor
        return _decimal(result)


def _decimal(number: Fraction) -> Decimal:
    quotient = _CONTEXT.divide(Decimal(number.numerator), Decimal(number.denominator))
    # 1E+4 and 10000 are equal, but only one of them can be shown.
    return quotient.quantize(Decimal(1)) if quotient == quotient.to_integral_value() else quotient.normalize(_CONTEXT)


def _fold(spelling: str) -> str:
    """Half-width, superscripts lowered, no spaces, one kind of micro sign and of middle dot."""
    text = unicodedata.normalize("NFKC", spelling).replace("μ", "µ").translate(_DOTS)
    return "".join(text.split())


_DOTS = str.maketrans({"•": "·", "∙": "·", "⋅": "·", "・": "·", "*": "·", "\u00b5": "µ"})


def read_units(text: str) -> UnitSystem:
    """Build a unit system from TOML text; raises ValueError when the data contradict themselves."""
    data = tomllib.loads(text)
    dimensions = [Dimension(name, row["base"], row["zh"], row["en"]) for name, row in data["dimension"].items()]
    return UnitSystem([_unit(row) for row in data["unit"]], dimensions)


def _unit(row: dict[str, Any]) -> Unit:
    return Unit(
        code=row["code"],
        dimension=row["dimension"],
        factor=Fraction(row["factor"]),
        offset=Fraction(row.get("offset", "0")),
        zh=row["zh"],
        en=row["en"],
        aliases=tuple(row["aliases"]),
    )


@lru_cache(maxsize=1)
def system() -> UnitSystem:
    """The units of this project."""
    return read_units(resources.files(__package__).joinpath("data/units.toml").read_text(encoding="utf-8"))


def unit(spelling: str) -> Unit:
    """Return the unit of a code or spelling (`"吨/月·平方公里"`, `"mg/m³"`); raises UnknownUnitError.

    >>> unit("蒸吨").code, unit("mg/m³").code
    ('t/h', 'mg/m3')
    """
    return system().get(spelling)


def convert(value: Decimal | int | str, source: str, target: str) -> Decimal:
    """Convert `value` from one unit to another of the same dimension; raises UnknownUnitError, IncompatibleUnitsError.

    >>> convert(30, "万千瓦", "MW"), convert("2.5", "mg/m3", "µg/m3")
    (Decimal('300'), Decimal('2500'))
    """
    return system().convert(value, source, target)
