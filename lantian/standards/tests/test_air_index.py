"""The Air Quality Index against a table worked by another program from another copy of the numbers, and its rules.

`data/iaqi_worked.csv`: every break point and both neighbours, for both standards; made with integer arithmetic in awk from
the project's fact sheet, which was typed from the printed tables apart from the TOML files.
"""

import csv
import datetime as dt
import doctest
import itertools
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.standards import air_index, levels
from lantian.standards.air_index import (
    NotInReportError,
    UnknownReportError,
    aqi,
    iaqi,
    ladder,
    report_items,
    round_concentration,
)
from lantian.standards.levels import level_of, sensitive_groups
from lantian.standards.pollutants import UnknownPollutantError, core_codes
from lantian.standards.provenance import uncertain, weakest
from lantian.standards.regimes import Regime, regime_named
from lantian.standards.tables import Confidence

OLD, NEW, FINAL = regime_named("2012"), regime_named("2026-transition"), regime_named("2026-final")
WORKED = list(csv.DictReader((Path(__file__).parent / "data/iaqi_worked.csv").open(encoding="utf-8")))
ITEMS = ["SO2_24h", "SO2_1h", "NO2_24h", "NO2_1h", "CO_24h", "CO_1h", "O3_8h", "O3_1h", "PM10_24h", "PM2.5_24h"]
DAY = {"SO2": 20, "NO2": 30, "CO": "0.8", "O3": 120, "PM10": 90, "PM2.5": 40}
HOUR = {"SO2": 20, "NO2": 30, "CO": "0.8", "O3": 120, "PM10": 90, "PM2.5": 40}


def _law(standard: str) -> Regime:
    return {"HJ 633-2012": OLD, "HJ 633-2026": NEW}[standard]


@pytest.mark.parametrize("row", WORKED, ids=lambda row: "-".join(row.values()))
def test_every_break_point_and_both_neighbours(row: dict[str, str]) -> None:
    expected = int(row["iaqi"]) if row["iaqi"] else None
    assert iaqi(_law(row["standard"]), row["item"], row["concentration"]) == expected


def test_the_worked_table_has_every_break_point() -> None:
    for law, standard in ((OLD, "HJ 633-2012"), (NEW, "HJ 633-2026")):
        for code in ITEMS:
            one = air_index.item(code)
            points = {step.value for _, step in ladder(law, one.pollutant, one.period)}
            worked = {
                Decimal(row["concentration"]) for row in WORKED if row["item"] == code and row["standard"] == standard
            }
            assert points <= worked
            assert len(points) in (5, 6, 8)


def test_the_final_limits_keep_the_index_of_2026() -> None:
    for row in WORKED:
        if row["standard"] == "HJ 633-2026":
            assert iaqi(FINAL, row["item"], row["concentration"]) == int(row["iaqi"])


def test_hourly_particles_use_the_daily_column() -> None:
    for law in (OLD, NEW):
        for concentration in (35, 76, 150, 601):
            for particle in ("PM10", "PM2.5"):
                assert iaqi(law, f"{particle}_1h", concentration) == iaqi(law, f"{particle}_24h", concentration)


def test_binary_floats_would_be_one_too_high_here() -> None:
    """CO 2.2 mg/m3 is exactly 55; (2.2 - 2) / 2 in floats is a little more than 0.1, which rounding up turns into 56."""
    assert iaqi(NEW, "CO_24h", "2.2") == 55
    with pytest.raises(TypeError, match="float"):
        iaqi(NEW, "CO_24h", 2.2)


@pytest.mark.parametrize(
    ("name", "raw", "rounded"),
    [
        ("PM2.5", "35.5", "36"), ("PM2.5", "34.5", "34"), ("PM2.5", "34.50001", "35"), ("SO2", "0.5", "0"),
        ("CO", "0.25", "0.2"), ("CO", "0.35", "0.4"), ("CO", "0.2500001", "0.3"), ("CO", "4", "4.0"),
    ],
)  # fmt: skip
def test_concentrations_are_rounded_once_half_to_even(name: str, raw: str, rounded: str) -> None:
    assert str(round_concentration(NEW, name, raw)) == rounded
    assert round_concentration(OLD, name, Fraction(raw)) == Decimal(rounded)


def test_the_daily_report_of_2012_has_seven_items_and_of_2026_six() -> None:
    assert [one.code for one in report_items(OLD, "day").values()] == [
        "SO2_24h", "NO2_24h", "CO_24h", "O3_8h", "O3_1h", "PM10_24h", "PM2.5_24h",
    ]  # fmt: skip
    assert list(report_items(OLD, "day")) == ["SO2", "NO2", "CO", "O3", "O3_1h", "PM10", "PM2.5"]
    assert list(report_items(NEW, "day")) == list(report_items(NEW, "hour")) == list(core_codes())
    with pytest.raises(UnknownReportError, match="day, hour"):
        report_items(NEW, "hour-as-written")


def test_the_old_daily_index_counts_the_highest_hour_of_ozone() -> None:
    result = aqi(OLD, "day", {**DAY, "O3_1h": 301})
    assert (result.aqi, result.primary, result.iaqi["O3"], result.iaqi["O3_1h"]) == (151, ("O3",), 67, 151)
    with pytest.raises(NotInReportError, match="O3_1h"):
        aqi(NEW, "day", {**DAY, "O3_1h": 301})


def test_sulphur_dioxide_above_its_hourly_table() -> None:
    assert aqi(NEW, "hour", {**HOUR, "SO2": 801}).aqi == 200
    old = aqi(OLD, "hour", {**HOUR, "SO2": 801})
    assert (old.aqi, old.not_computed, "SO2" in old.iaqi) == (70, ("SO2",), False)
    with_day = aqi(OLD, "hour", {**HOUR, "SO2": 801, "SO2_24h": 476})
    assert (with_day.aqi, with_day.primary, with_day.not_computed) == (151, ("SO2",), ())
    assert aqi(OLD, "hour", {**HOUR, "SO2_24h": 2000}).aqi == 70, "the daily mean only steps in above 800"


def test_ozone_above_its_eight_hour_table() -> None:
    assert aqi(NEW, "day", {**DAY, "O3": 801}).aqi == 300
    old = aqi(OLD, "day", {**DAY, "O3": 801, "O3_1h": 900})
    assert (old.aqi, old.iaqi["O3"], old.primary) == (350, 350, ("O3",))
    assert aqi(OLD, "day", {**DAY, "O3": 801}).not_computed == ("O3",)


def test_the_text_of_2012_differs_from_its_practice() -> None:
    written = aqi(OLD, "hour-as-written", {"O3_8h": 216, "PM2.5_24h": 75, "PM10": 50})
    assert (written.aqi, written.primary, written.iaqi["O3_8h"]) == (151, ("O3",), 151)
    assert aqi(OLD, "hour", {"PM2.5": 36}).used != written.used
    assert weakest(aqi(OLD, "hour", {"PM2.5": 36})) is Confidence.RECALLED_MEDIUM


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"PM2.5": 36, "PM10": 52}, ("PM2.5",)),  # 52 and 51
        ({"PM2.5": 75, "PM10": 150}, ("PM10", "PM2.5")),
        ({"PM2.5": 35, "PM10": 50}, ()),
        ({"NO2": 80, "CO": 4, "SO2": 150}, ("SO2", "NO2", "CO")),
    ],
)
def test_primary_pollutants_tie_together_and_none_up_to_50(values: dict[str, int], expected: tuple[str, ...]) -> None:
    assert aqi(OLD, "day", values).primary == expected


def test_exceeding_pollutants_are_a_term_of_2012_only() -> None:
    values = {**DAY, "PM2.5": 76, "PM10": 300}
    assert aqi(OLD, "day", values).exceeding == ("PM10", "PM2.5")
    assert aqi(NEW, "day", values).exceeding == ()


def test_missing_items_are_reported_in_2012() -> None:
    result = aqi(OLD, "day", {"PM2.5": 36, "SO2": None})
    assert (result.aqi, result.missing) == (52, ("SO2", "NO2", "CO", "O3", "O3_1h", "PM10"))
    nothing = aqi(OLD, "hour", {})
    assert (nothing.aqi, nothing.highest, nothing.level, nothing.mark) == (None, None, None, "NA")


def test_missing_items_hide_a_low_index_in_2026() -> None:
    low, high = {"PM2.5": 60}, {"PM2.5": 61}
    assert (aqi(NEW, "day", low).aqi, aqi(NEW, "day", low).mark, aqi(NEW, "day", low).highest) == (None, "NA", 100)
    assert aqi(NEW, "day", low).iaqi == {"PM2.5": 100}
    assert aqi(NEW, "day", low).primary == ()
    assert (aqi(NEW, "day", high).aqi, aqi(NEW, "day", high).primary) == (101, ("PM2.5",))
    assert aqi(NEW, "day", {**DAY, "CO": None}).aqi is None
    assert aqi(NEW, "day", DAY).aqi == 79


def test_what_the_plan_does_not_monitor() -> None:
    five = {name: value for name, value in DAY.items() if name != "CO"}
    assert aqi(NEW, "day", five, unmonitored=["CO"]).aqi is None
    excused = aqi(NEW, "day", five, exempt=["CO"])
    assert (excused.aqi, excused.missing, excused.unmonitored) == (79, (), ("CO",))
    with pytest.raises(NotInReportError, match="said to be unmonitored"):
        aqi(NEW, "day", DAY, exempt=["CO"])


def test_wrong_values_are_refused() -> None:
    with pytest.raises(ValueError, match=r"PM2\.5 is negative: -1"):
        aqi(OLD, "day", {"PM2.5": -1})
    with pytest.raises(UnknownPollutantError, match="known pollutants: SO2"):
        aqi(OLD, "day", {"PM1": 5})
    with pytest.raises(NotInReportError, match=r"no item PM2\.5_1h"):
        aqi(OLD, "day", {"PM2.5_1h": 5})
    with pytest.raises(NotInReportError, match="O3 is given twice"):
        aqi(OLD, "day", {"O3": 5, "O3_8h": 6})
    with pytest.raises(NotInReportError, match="no item TSP"):
        aqi(OLD, "day", {"TSP": 5})
    with pytest.raises(TypeError, match="float"):
        aqi(OLD, "day", {"PM2.5": 0.5})
    with pytest.raises(UnknownReportError, match="no report 'month'"):
        aqi(OLD, "month", {})


def test_names_of_items_are_understood_in_their_usual_spellings() -> None:
    assert aqi(OLD, "day", {"pm25": 36, "臭氧": 10, "PM10_24h": 10}).iaqi == {"O3": 5, "PM10": 10, "PM2.5": 52}


def test_a_result_says_which_of_its_numbers_are_not_certain() -> None:
    assert uncertain(aqi(NEW, "day", DAY)) == ()
    old = {(one.key[0], one.confidence.value) for one in uncertain(aqi(OLD, "day", {**DAY, "PM10": 700}))}
    assert old == {("decimals.default", "R-M"), ("decimals.CO", "R-M"), ("cap", "V1")}
    values = {one.value for one in aqi(NEW, "day", {"PM2.5": 61}).used if one.key[0] == "PM2.5"}
    assert values == {60, 115}


# -- properties -----------------------------------------------------------------------------------------------------
CONCENTRATIONS = st.decimals(min_value=0, max_value=5000, places=3)


@given(st.sampled_from([OLD, NEW]), st.sampled_from(ITEMS), CONCENTRATIONS, CONCENTRATIONS)
def test_more_is_never_better(law: Regime, code: str, one: Decimal, two: Decimal) -> None:
    low, high = iaqi(law, code, min(one, two)), iaqi(law, code, max(one, two))
    if low is not None and high is not None:
        assert 0 <= low <= high <= 500


@given(st.sampled_from([OLD, NEW]), st.permutations(list(DAY)), st.lists(CONCENTRATIONS, min_size=6, max_size=6))
def test_the_order_of_items_does_not_matter(law: Regime, order: list[str], amounts: list[Decimal]) -> None:
    values = dict(zip(DAY, amounts, strict=True))
    assert aqi(law, "day", {name: values[name] for name in order}) == aqi(law, "day", values)


@given(st.sampled_from([OLD, NEW]), st.lists(CONCENTRATIONS, min_size=6, max_size=6))
def test_the_index_is_the_highest_of_its_parts(law: Regime, amounts: list[Decimal]) -> None:
    result = aqi(law, "day", dict(zip(DAY, amounts, strict=True)))
    assert result.highest == max(result.iaqi.values(), default=None)
    if result.aqi is not None:
        assert result.level is not None
        assert max(result.level.low, 0) <= max(result.aqi, result.level.low) <= result.level.high
        assert set(result.primary) == (
            {name for name, one in result.iaqi.items() if one == result.aqi} if result.aqi > 50 else set()
        )


@given(st.sampled_from(ITEMS), st.integers(0, 5000))
def test_the_unit_does_not_matter(code: str, tenths: int) -> None:
    """Scaling the concentration and every break point together leaves the index as it is."""
    one = air_index.item(code)
    steps = [(low, Fraction(entry.value) * 1000) for low, entry in ladder(NEW, one.pollutant, one.period)]
    amount = Fraction(round_concentration(NEW, one.pollutant, Fraction(tenths, 10))) * 1000
    inside = [
        -((-(high - low) * (amount - below)) // (above - below)) + low
        for (low, below), (high, above) in itertools.pairwise(steps)
        if below <= amount <= above
    ]
    if inside:
        assert iaqi(NEW, code, Fraction(tenths, 10)) == inside[0]


# -- levels ---------------------------------------------------------------------------------------------------------
LEVELS = """
0 1 优 #00E400
50 1 优 #00E400
51 2 良 #FFFF00
100 2 良 #FFFF00
101 3 轻度污染 #FF7E00
150 3 轻度污染 #FF7E00
151 4 中度污染 #FF0000
200 4 中度污染 #FF0000
201 5 重度污染 #99004C
300 5 重度污染 #99004C
301 6 严重污染 #7E0023
500 6 严重污染 #7E0023
"""


@pytest.mark.parametrize("law", [OLD, NEW], ids=["2012", "2026"])
@pytest.mark.parametrize("line", LEVELS.strip().split("\n"))
def test_levels(law: Regime, line: str) -> None:
    number, level, name, colour = line.split()
    one = level_of(law, int(number))
    assert (one.number, one.zh, one.hex, one.advice_source) == (int(level), name, colour, "Lantian")
    assert one.advice_zh
    assert one.advice_en


def test_levels_are_refused_outside_the_scale() -> None:
    for wrong in (-1, 501):
        with pytest.raises(ValueError, match=r"outside 0\.\.500"):
            level_of(OLD, wrong)
    with pytest.raises(TypeError):
        level_of(OLD, 50.5)  # type: ignore[arg-type]


def test_sensitive_groups_are_named_since_2026() -> None:
    assert sensitive_groups(OLD, "O3") is None
    groups = sensitive_groups(NEW, "CO")
    assert groups is not None
    assert (groups.above, groups.zh) == (100, "心血管系统疾病患者")
    assert all(sensitive_groups(NEW, code) for code in core_codes())
    assert sensitive_groups(NEW, "TSP") is None


@pytest.mark.parametrize("module", [air_index, levels])
def test_examples(module: object) -> None:
    assert doctest.testmod(module, extraglobs={"dt": dt}).failed == 0  # type: ignore[arg-type]
