"""Units: an independent list of conversions, spellings met in plans, and refusals."""

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.standards import units
from lantian.standards.units import IncompatibleUnitsError, UnknownUnitError, convert, read_units, system, unit

# (value, from, value, to), each from a definition and not from the data file
KNOWN = [
    ("30", "万千瓦", "300", "MW"),
    ("1400", "万吨", "14000000", "t"),
    ("2.5", "mg/m3", "2500", "µg/m3"),
    ("10", "蒸吨", "10", "t/h"),
    ("15", "公里", "15000", "m"),
    ("9", "吨/月·平方公里", "9", "t/(km2·30d)"),
    ("15", "亩", "10000", "m2"),
    ("0", "°C", "273.15", "K"),
    ("1013.25", "hPa", "101.325", "kPa"),
    ("24", "h", "1", "d"),
    ("90", "min", "1.5", "h"),
    ("1.5", "亿元", "15000", "万元"),
    ("5", "‰", "0.5", "%"),
    ("12", "公顷", "0.12", "km2"),
    ("3", "万吨标准煤", "30000", "tce"),
    ("1.25", "亿kWh", "12500", "万kWh"),
    ("8", "毫米", "0.008", "m"),
]

SPELLINGS = {
    "mg/m³": "mg/m3",
    "mg / m3": "mg/m3",
    "％": "%",
    "μg/m³": "µg/m3",
    "吨／（月·平方公里）": "t/(month·km2)",
    "吨/月•平方公里": "t/(month·km2)",
    "蒸吨/小时": "t/h",
    "℃": "°C",
    "百分点": "pp",
}


@pytest.mark.parametrize(("value", "source", "expected", "target"), KNOWN)
def test_known_conversions_both_ways(value: str, source: str, expected: str, target: str) -> None:
    assert convert(value, source, target) == Decimal(expected)
    assert convert(expected, target, source) == Decimal(value)


@pytest.mark.parametrize(("spelling", "code"), SPELLINGS.items())
def test_spellings(spelling: str, code: str) -> None:
    assert unit(spelling).code == code


@given(st.sampled_from(sorted(system().units)), st.decimals(-(10**9), 10**9, places=4))
def test_every_unit_converts_to_its_base_and_back(code: str, value: Decimal) -> None:
    base = system().dimensions[unit(code).dimension].base
    assert abs(convert(convert(value, code, base), base, code) - value) < Decimal("1e-12")


def test_every_unit_has_both_names() -> None:
    assert all(one.zh and one.en for one in [*system().units.values(), *system().dimensions.values()])


def test_different_dimensions_are_refused() -> None:
    with pytest.raises(IncompatibleUnitsError, match=r"家 measures enterprises, 辆 measures vehicles"):
        convert(3, "家", "辆")
    with pytest.raises(IncompatibleUnitsError):
        convert(3, "%", "pp")


def test_unknown_units_are_refused() -> None:
    with pytest.raises(UnknownUnitError, match="unknown unit '斤'"):
        unit("斤")


DIMENSION = '[dimension]\nmass = { base = "t", zh = "质量", en = "mass" }\n'
TONNE = '[[unit]]\ncode = "t"\ndimension = "mass"\nfactor = "1"\nzh = "吨"\nen = "t"\naliases = ["吨"]\n'


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (TONNE.replace('"t"', '"kg"'), "belongs to both 't' and 'kg'"),
        (TONNE.replace('"t"', '"kg"').replace("mass", "length").replace("吨", "x"), "unknown dimension 'length'"),
        (TONNE.replace('"t"', '"kg"').replace('"1"', '"0"').replace("吨", "x"), "factor must be above 0"),
    ],
)
def test_contradictions_in_the_data_are_refused(extra: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_units(DIMENSION + TONNE + extra)


def test_a_number_without_a_unit_gets_none() -> None:
    """An empty alias once made every bare number ten thousand tonnes."""
    with pytest.raises(UnknownUnitError):
        unit("")
    with pytest.raises(ValueError, match="empty spelling"):
        read_units(DIMENSION + TONNE.replace('["吨"]', '["吨", " "]'))


def test_a_dimension_needs_its_base_unit() -> None:
    with pytest.raises(ValueError, match="not its base unit"):
        read_units(DIMENSION.replace('"t"', '"kg"') + TONNE)


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(units).failed == 0
