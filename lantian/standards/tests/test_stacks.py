"""Stack limits against tables typed apart from the data files; ammonia, ultra-low, oxygen and HJ 75; every refusal."""

import datetime as dt
import doctest
import json
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from lantian.cli import main
from lantian.standards import cems, oxygen, stacks
from lantian.standards.arrays.oxygen import STATUSES, convert_oxygen_array
from lantian.standards.cems import capture, day_valid, hour_valid, minute_valid, month_valid, substitution, ultra_low
from lantian.standards.oxygen import Oxygen, convert_oxygen
from lantian.standards.stacks import (
    FLAGS,
    UnknownProcessError,
    ammonia_slip,
    binding_limits,
    stack_limits,
    stack_processes,
)
from lantian.standards.tables import Confidence

DAY = dt.date(2020, 6, 5)

# process, fuel, flags, then PM/SO2/NOx of the binding limits, their oxygen, and how sure (read in the texts, or in the notes)
EXPECTED = """
boiler       coal  existing                 80/400/400  9    V
boiler       coal  -                        50/300/300  9    V
boiler       oil   -                        30/200/250  3.5  V
boiler       gas   -                        20/50/200   3.5  V
boiler       coal  special_limits           30/200/200  9    V
boiler       oil   special_limits           30/100/200  3.5  V
boiler       gas   special_limits           20/50/150   3.5  V
boiler       gas   existing                 30/100/400  3.5  V
power_boiler coal  -                        30/100/100  6    V
power_boiler coal  existing                 30/200/100  6    V
power_boiler coal  special_limits           20/50/100   6    V
power_boiler gas   -                        5/35/100    3    V
gas_turbine  gas   -                        5/35/50     15   V
power_boiler coal  ultra_low                10/35/50    6    R-M
gas_turbine  gas   ultra_low                5/35/50     15   V
sinter_head  -     ultra_low                10/35/50    16   R-H
pellet_shaft -     ultra_low                10/35/50    16   R-H
pellet_grate -     ultra_low                10/35/50    18   R-H
coke_chimney -     ultra_low                10/30/150   8    R-H
hot_stove    -     ultra_low                10/50/200   -    R-H
reheating    -     ultra_low                10/50/200   8    R-M
steel_other  -     ultra_low                10/50/200   -    V
coke_chimney -     -                        30/50/500   -    R-H
coke_chimney -     special_limits           15/30/150   -    R-H
alumina_clinker - -                         100/400/-   -    V
alumina_roaster - -                         50/400/-    -    V
alumina_roaster - special_limits            10/100/100  -    R-M
alumina_raw  -     -                        50/-/-      -    V
alumina_storage -  -                        30/-/-      -    V
brick_kiln   -     -                        30/300/200  8.6  R-M
ceramic_kiln -     -                        30/50/180   18   R-M
cement_kiln  -     -                        30/200/400  10   R-M
forging_furnace -  key_region               30/200/300  -    R-H
refractory_kiln -  -                        -/-/-       -    -
"""


@pytest.mark.parametrize("line", [line for line in EXPECTED.splitlines() if line])
def test_the_limits_of_2020(line: str) -> None:
    process, fuel, flags, values, at, sure = line.split()
    found = stack_limits(process, DAY, fuel="" if fuel == "-" else fuel, flags=() if flags == "-" else flags.split(","))
    for pollutant, value in zip(("PM", "SO2", "NOx"), values.split("/"), strict=True):
        binding = [one for one in binding_limits(found, pollutant) if str(one.oxygen or "-") == at]
        assert [str(one.value) for one in binding] == ([] if value == "-" else [value]), pollutant
    binding = [one.confidence for one in found if one.binding and str(one.oxygen or "-") == at]
    assert max(binding, key=tuple(Confidence).index, default="-") == sure


def test_limits_are_looked_up_by_the_day() -> None:
    clinker = lambda day: [str(one.value) for one in stack_limits("alumina_clinker", day, flags={"existing"})]  # noqa: E731
    assert clinker(dt.date(2009, 1, 1)) == []
    assert "200" in clinker(dt.date(2011, 6, 1))
    assert clinker(dt.date(2012, 1, 1)) == ["100", "400"]
    brick = {day.year: stack_limits("brick_kiln", day) for day in (dt.date(2020, 12, 31), dt.date(2021, 1, 1))}
    assert [(str(one.value), str(one.oxygen)) for one in binding_limits(brick[2020], "SO2")] == [("300", "8.6")]
    assert [(str(one.value), str(one.oxygen)) for one in binding_limits(brick[2021], "SO2")] == [("150", "18")]
    assert stack_limits("sinter_head", dt.date(2019, 4, 21), flags={"ultra_low"})[0].scheme.id == "gb28662-new"


def test_what_was_not_seen_is_never_sure() -> None:
    """The coking standard of 2024 was not seen: its carried-over values carry the lowest confidence."""
    for pollutant in ("PM", "SO2", "NOx"):
        now = binding_limits(stack_limits("coke_chimney", dt.date(2026, 6, 1)), pollutant)
        assert [one.confidence for one in now] == [Confidence.RECALLED_LOW]
        assert not binding_limits(stack_limits("coke_chimney", dt.date(2026, 6, 1)), pollutant, sure=True)


def test_the_standard_of_a_province_holds_there_only() -> None:
    there = stack_limits("boiler", DAY, fuel="gas", region="140000")
    elsewhere = stack_limits("boiler", DAY, fuel="gas", region="410000")
    assert [str(one.value) for one in binding_limits(there, "NOx")] == ["50"]
    assert [str(one.value) for one in binding_limits(elsewhere, "NOx")] == ["200"]
    assert [one.confidence for one in binding_limits(there, "NOx")] == [Confidence.RECALLED_LOW]
    sure = binding_limits(there, "NOx", sure=True)
    assert [(str(one.value), one.scheme.id) for one in sure] == [("200", "gb13271-new")]
    assert not binding_limits(stack_limits("boiler", dt.date(2020, 4, 30), fuel="gas", region="14"), "NOx")[
        0
    ].scheme.provinces


def test_a_permit_may_be_stricter_but_not_milder() -> None:
    stricter = stack_limits("boiler", DAY, fuel="coal", permit={"NOx": Decimal(150)})
    assert [(str(one.value), one.scheme.id, one.oxygen) for one in binding_limits(stricter, "NOx")] == [
        ("150", "permit", Decimal(9))
    ]
    milder = stack_limits("boiler", DAY, fuel="coal", permit={"NOx": Decimal(400)})
    assert [str(one.value) for one in binding_limits(milder, "NOx")] == ["300"]
    assert [one.conflict for one in milder if one.scheme.id == "permit"] == [True]
    alone = stack_limits("refractory_kiln", DAY, permit={"PM": Decimal(20)})
    assert [(str(one.value), one.oxygen, one.binding) for one in alone] == [("20", None, True)]
    for wrong in (Decimal(0), Decimal(-3), Decimal("NaN")):
        with pytest.raises(ValueError, match="above 0"):
            stack_limits("boiler", DAY, fuel="coal", permit={"NOx": wrong})
    with pytest.raises(ValueError, match="unknown pollutant"):
        stack_limits("boiler", DAY, fuel="coal", permit={"dust": Decimal(1)})


def test_every_process_answers_or_says_what_it_needs() -> None:
    for process in stack_processes().values():
        if process.fuels:
            with pytest.raises(UnknownProcessError, match="needs a fuel"):
                stack_limits(process.id, DAY)
        for fuel in process.fuels or ("",):
            found = stack_limits(process.id, DAY, fuel=fuel, flags=set(FLAGS) - {"existing"})
            assert all(one.value > 0 and one.unit == "mg/m3" for one in found)
            assert found, f"no limit at all is known for {process.id}"
    assert stack_limits("boiler", DAY, fuel="biomass") == stack_limits("boiler", DAY, fuel="coal")
    with pytest.raises(UnknownProcessError, match="no process 'kiln'"):
        stack_limits("kiln", DAY)
    with pytest.raises(ValueError, match="unknown flag"):
        stack_limits("boiler", DAY, fuel="coal", flags={"lax"})
    with pytest.raises(TypeError):
        stack_limits("boiler", dt.datetime(2020, 6, 5), fuel="coal")


def test_ammonia_slip() -> None:
    got = {kind: ammonia_slip(kind, DAY) for kind in ("scr", "sncr", "scr+sncr")}
    assert {kind: str(rule.value) for kind, rule in got.items() if rule} == {
        "scr": "2.5",
        "sncr": "8",
        "scr+sncr": "3.8",
    }
    assert ammonia_slip("", DAY) is None
    assert ammonia_slip("scrubber", DAY) is None


# --- oxygen


@pytest.mark.parametrize(
    ("value", "measured", "reference", "expected"),
    [
        ("100", "9", "9", Fraction(100)),
        ("100", "15", "9", Fraction(200)),
        ("35", "12.3", "16", Fraction(1750, 87)),
        ("0", "18.999", "9", Fraction(0)),
        (50.0, 18.99, 9, Fraction(50 * 12 * 100, 201)),
        ("50", "0", "3.5", Fraction(50) * Fraction(35, 2) / 21),
    ],
)
def test_the_formula_is_exact(value, measured, reference, expected) -> None:
    assert convert_oxygen(value, measured, reference, DAY).status is Oxygen.CONVERTED
    assert convert_oxygen(value, measured, reference, DAY).value == expected


@pytest.mark.parametrize(
    ("value", "measured", "reference", "status"),
    [
        ("50", "19", 9, Oxygen.STOPPED),
        ("50", "20.9", 9, Oxygen.STOPPED),
        ("50", "21", 9, Oxygen.STOPPED),
        ("50", "22", 9, Oxygen.STOPPED),
        ("50", "22.01", 9, Oxygen.INVALID),
        ("50", "-0.1", 9, Oxygen.INVALID),
        ("50", float("nan"), 9, Oxygen.INVALID),
        ("50", float("inf"), 9, Oxygen.INVALID),
        ("50", "abc", 9, Oxygen.INVALID),
        ("50", None, 9, Oxygen.MISSING),
        (None, "9", 9, Oxygen.MISSING),
        ("-1", "9", 9, Oxygen.INVALID),
        ("-1", "9", None, Oxygen.INVALID),
        (float("nan"), "9", 9, Oxygen.INVALID),
        (None, None, None, Oxygen.MISSING),
    ],
)
def test_a_broken_input_never_makes_a_number(value, measured, reference, status) -> None:
    assert convert_oxygen(value, measured, reference, DAY) == oxygen.Converted(None, status)


def test_without_a_reference_the_value_stands_whatever_the_oxygen() -> None:
    assert convert_oxygen("42", None, None, DAY) == oxygen.Converted(Fraction(42), Oxygen.AS_MEASURED)
    assert convert_oxygen("42", "20.9", None, DAY).value == 42


@pytest.mark.parametrize("reference", [19, 21, -1, float("nan"), "much"])
def test_an_impossible_reference_is_a_mistake(reference) -> None:
    with pytest.raises(ValueError, match="reference oxygen"):
        convert_oxygen(50, 9, reference, DAY)


_amounts = st.one_of(st.floats(-5, 5000), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0]))
_oxygen = st.one_of(st.floats(-2, 25), st.sampled_from([math.nan, math.inf, 19.0, 18.999999999999996, 0.0, 21.0, 22.0]))


@given(st.lists(st.tuples(_amounts, _oxygen), max_size=30), st.sampled_from([None, 3.5, 8.6, 9.0, 16.0, 18.0]))
def test_arrays_do_as_single_values_do(pairs, reference) -> None:
    values, measured = (np.array([pair[side] for pair in pairs], dtype=float) for side in (0, 1))
    got, status = convert_oxygen_array(values, measured, reference, DAY)
    for at, (value, read) in enumerate(pairs):
        one = convert_oxygen(None if math.isnan(value) else value, None if math.isnan(read) else read, reference, DAY)
        assert STATUSES[status[at]] is one.status, (value, read)
        if one.value is None:
            assert math.isnan(got[at])
        else:
            assert got[at] == pytest.approx(float(one.value), rel=1e-9, abs=1e-12)


@given(st.decimals(0, 5000, places=2), st.decimals(0, "18.99", places=2), st.decimals(0, "18.9", places=1))
def test_more_air_means_a_higher_converted_value(value, measured, reference) -> None:
    one = convert_oxygen(value, measured, reference, DAY).value
    assert one is not None
    assert (one >= Fraction(value)) == (measured >= reference or value == 0)
    back = one * (21 - Fraction(measured)) / (21 - Fraction(reference))
    assert back == Fraction(value)


# --- HJ 75, HJ 212 and ultra-low


@pytest.mark.parametrize(
    ("captured", "gap", "hours"),
    [
        ("1", 1, 180), ("0.90", 24, 180), ("0.90", 25, 720), ("0.8999", 24, 2160), ("0.75", 1, 2160), ("0.75", 100, 2160),
        ("0.7499", 1, None), ("0", 1, None),
    ],
)  # fmt: skip
def test_substitution(captured: str, gap: int, hours: int | None) -> None:
    got = substitution(Decimal(captured), gap, DAY)
    assert got.hours == hours
    assert got.used
    assert all(rule.confidence is not Confidence.VERIFIED for rule in got.used)


def test_substitution_refuses_what_cannot_be() -> None:
    assert substitution(None, 5, DAY).hours is None
    for captured, gap in ((Decimal("1.01"), 1), (Decimal("-0.1"), 1), (Decimal(1), 0)):
        with pytest.raises(ValueError):
            substitution(captured, gap, DAY)


def test_validity() -> None:
    assert [minute_valid(11, DAY), minute_valid(12, DAY)] == [False, True]
    assert [hour_valid(44, DAY), hour_valid(45, DAY)] == [False, True]
    assert [day_valid(19, DAY), day_valid(20, DAY)] == [False, True]
    assert [month_valid(24, DAY), month_valid(25, DAY), month_valid(23, dt.date(2020, 2, 1))] == [False, True, True]
    assert capture(0, 0) is None
    assert capture(9, 10) == Decimal("0.9")
    for call in (lambda: capture(11, 10), lambda: hour_valid(61, DAY), lambda: day_valid(-1, DAY)):
        with pytest.raises(ValueError):
            call()


def test_ultra_low_counts_valid_hours_only() -> None:
    judged = ultra_low([True] * 95 + [False] * 5 + [None] * 40, DAY)
    assert (judged.kept, judged.valid, judged.share, judged.met) == (95, 100, Fraction(95, 100), True)
    assert ultra_low([True] * 94 + [False] * 6, DAY).met is False
    none = ultra_low([None] * 720, DAY)
    assert (none.share, none.met, none.valid) == (None, None, 0)


# --- the command


def test_the_command_lists_limits_and_marks_what_binds() -> None:
    got = CliRunner().invoke(
        main, ["limits", "--date", "2020-06-05", "--stack", "boiler", "--fuel", "gas", "--region", "14"]
    )
    assert got.exit_code == 0, got.output
    lines = got.output.splitlines()
    assert [line.split()[1:3] for line in lines if line.startswith("*")] == [["PM", "5"], ["SO2", "35"], ["NOx", "50"]]
    assert "R-L" in lines[1]
    data = json.loads(
        CliRunner().invoke(main, ["limits", "--date", "2020-06-05", "--stack", "sinter_head", "--flag", "ultra_low", "--json"]).output
    )  # fmt: skip
    binding = {one["pollutant"]: one for one in data["limits"] if one["binding"] and one["oxygen"] == "16"}
    assert {name: one["value"] for name, one in binding.items()} == {"PM": "10", "SO2": "35", "NOx": "50"}
    assert all(cited["clause"] and cited["source"] for one in data["limits"] for cited in one["cited"])


@pytest.mark.parametrize(
    "arguments", [["--stack", "oven"], ["--stack", "boiler"], ["--stack", "boiler", "--fuel", "coal", "--flag", "x"],
                  ["--stack", "boiler", "--fuel", "coal", "--pollutant", "O3"]],
)  # fmt: skip
def test_the_command_refuses_with_what_is_known(arguments: list[str]) -> None:
    got = CliRunner().invoke(main, ["limits", "--date", "2020-06-05", *arguments])
    assert got.exit_code == 2
    assert "known" in got.output or "needs a fuel" in got.output


def test_the_command_lists_the_processes() -> None:
    got = CliRunner().invoke(main, ["limits", "--date", "2020-06-05", "--stack", "list", "--lang", "en"])
    assert "brick_kiln" in got.output


def test_examples() -> None:
    for module in (stacks, oxygen, cems):
        assert doctest.testmod(module).failed == 0
