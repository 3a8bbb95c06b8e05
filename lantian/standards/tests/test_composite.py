"""Composite index and ranking: published figures, ties, properties."""

import csv
import datetime as dt
import doctest
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.standards import composite, ranking
from lantian.standards.composite import (
    IncompleteError,
    composite_index,
    composite_interval,
    variants,
)
from lantian.standards.provenance import uncertain, weakest
from lantian.standards.ranking import rank, rank_by_change, rank_by_index
from lantian.standards.regimes import regime_at, regime_named
from lantian.standards.tables import Confidence, NoSuchEntryError

OLD, NEW, FINAL = regime_named("2012"), regime_named("2026-transition"), regime_named("2026-final")
DATA = Path(__file__).parent / "data"
SIX = ["SO2", "NO2", "CO", "O3", "PM10", "PM2.5"]


# -- composite index ------------------------------------------------------------------------------------------------
PUBLISHED = list(csv.DictReader((DATA / "composite_published.csv").open(encoding="utf-8")))


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["index"])
def test_published_composite_indices(row: dict[str, str]) -> None:
    """The published means are rounded: the index from them may differ in its last digit, within what rounding allows."""
    law = regime_at(dt.date.fromisoformat(row["period"]))
    means_of = {name: row[name] for name in SIX}
    found = composite_index(law, means_of)
    low, high = composite_interval(law, means_of)
    assert low <= Fraction(row["index"]) <= high
    assert abs(found.published - Decimal(row["index"])) <= Decimal("0.02")
    assert sum(found.shares.values()) == 1
    for pair in filter(None, row["shares"].split(";")):
        name, share = pair.split()
        assert float(found.shares[name] * 100) == pytest.approx(float(share), abs=0.35)
    if row["shares"]:
        assert found.main == ("O3",)


def test_the_rounded_means_give_the_figures_of_the_note() -> None:
    assert [str(composite_index(OLD, {n: row[n] for n in SIX}).published) for row in PUBLISHED] == ["4.84", "4.49"]


AT_LIMIT = {"SO2": 60, "NO2": 40, "PM10": 70, "PM2.5": 35, "CO": 4, "O3": 160}


def test_the_limits_of_the_index_change_with_the_law() -> None:
    assert composite_index(OLD, AT_LIMIT).value == 6
    assert composite_index(OLD, AT_LIMIT).main == tuple(SIX)
    assert composite_index(NEW, AT_LIMIT).value == 4 + Fraction(70, 60) + Fraction(35, 30)
    assert composite_index(FINAL, AT_LIMIT).value == 2 + 3 + Fraction(40, 30) + Fraction(70, 50) + Fraction(35, 25)
    assert str(composite_index(NEW, AT_LIMIT).single("pm25")) == "1.167"
    assert composite_index(NEW, AT_LIMIT).formula == "SO2/60 + NO2/40 + CO/4 + O3/160 + PM10/60 + PM2.5/30"


def test_the_weighted_variant_is_marked_uncertain() -> None:
    assert variants(OLD) == ("unweighted",)
    weighted = composite_index(NEW, AT_LIMIT, variant="weighted-2026")
    assert weighted.value == 1 + 2 + 1 + 2 + Fraction(70, 60) + 3 * Fraction(35, 30)
    assert weighted.formula == "SO2/60 + 2 × NO2/40 + CO/4 + 2 × O3/160 + PM10/60 + 3 × PM2.5/30"
    assert any(one.note.startswith("UNCERTAIN") for one in uncertain(weighted))
    assert uncertain(composite_index(OLD, AT_LIMIT)) == ()
    with pytest.raises(NoSuchEntryError, match="there are: unweighted"):
        composite_index(OLD, AT_LIMIT, variant="weighted-2026")


def test_own_weights_are_marked_as_such() -> None:
    mine = composite_index(NEW, AT_LIMIT, weights={"SO2": 1, "NO2": 1, "CO": 0, "O3": 1, "PM10": 1, "pm25": "2.5"})
    assert mine.value == 3 + Fraction(70, 60) + Fraction(5, 2) * Fraction(35, 30)
    assert (mine.variant, weakest(mine)) == ("own", Confidence.RECALLED_LOW)
    assert mine.formula == "SO2/60 + NO2/40 + 0 × CO/4 + O3/160 + PM10/60 + 2.5 × PM2.5/30"
    for wrong in ({"SO2": 1}, {**dict.fromkeys(SIX, 1), "SO2": -1}):
        with pytest.raises(ValueError, match="own weights"):
            composite_index(NEW, AT_LIMIT, weights=wrong)


def test_wrong_input_of_the_index_is_refused() -> None:
    with pytest.raises(IncompleteError, match="missing: CO, O3"):
        composite_index(OLD, {**AT_LIMIT, "CO": None, "O3": None})
    with pytest.raises(ValueError, match="negative: -1"):
        composite_index(OLD, {**AT_LIMIT, "CO": -1})
    with pytest.raises(ValueError, match=r"PM2\.5 is given twice"):
        composite_index(OLD, {**AT_LIMIT, "pm25": 1})
    with pytest.raises(ValueError, match="has no TSP"):
        composite_index(OLD, {**AT_LIMIT, "TSP": 1})
    with pytest.raises(TypeError, match="float"):
        composite_index(OLD, {**AT_LIMIT, "CO": 1.4})  # type: ignore[dict-item]


AMOUNTS = st.lists(st.decimals(0, 1000, places=2), min_size=6, max_size=6)


@given(AMOUNTS, st.permutations(SIX), st.integers(1, 9))
def test_the_index_is_linear_and_does_not_mind_the_order(amounts: list[Decimal], order: list[str], factor: int) -> None:
    values = dict(zip(SIX, amounts, strict=True))
    whole = composite_index(NEW, values)
    assert composite_index(NEW, {name: values[name] for name in order}).value == whole.value
    assert composite_index(NEW, {name: value * factor for name, value in values.items()}).value == whole.value * factor
    assert whole.value == sum(whole.singles.values())


# -- ranking --------------------------------------------------------------------------------------------------------
RANKS = list(csv.DictReader((DATA / "county_ranks_published.csv").open(encoding="utf-8")))


@pytest.mark.parametrize("month", ["2020-11", "2020-12"])
def test_published_ranks_of_fourteen_counties_with_their_ties(month: str) -> None:
    rows = [row for row in RANKS if row["month"] == month]
    ranked = {one.place: one.rank for one in rank_by_index(OLD, {row["place"]: row["index"] for row in rows})}
    assert ranked == {row["place"]: int(row["rank"]) for row in rows}
    changed = {one.place: one.rank for one in rank({row["place"]: row["change"] for row in rows}, decimals=1)}
    assert changed == {row["place"]: int(row["change_rank"]) for row in rows}


def test_equal_figures_share_a_rank_and_the_next_skips() -> None:
    figures = {f"p{n}": n for n in range(11)} | {"x": "11.004", "y": 11, "z": 12, "none": None}
    ranked = {one.place: one.rank for one in rank(figures, decimals=2)}
    assert (ranked["x"], ranked["y"], ranked["z"], "none" in ranked) == (12, 12, 14, False)
    assert [one.rank for one in rank({"a": 1, "b": 2, "c": 2}, decimals=0, descending=True)] == [1, 1, 3]


def test_change_ranks_the_best_improvement_first() -> None:
    now = {"a": "4.50", "b": "5.00", "c": "6.06", "d": 5}
    before = {"a": 5, "b": 5, "c": 6, "e": 1}
    ranked = rank_by_change(OLD, now, before)
    assert [(one.place, str(one.value), one.rank) for one in ranked] == [
        ("a", "-10.0", 1),
        ("b", "0.0", 2),
        ("c", "1.0", 3),
    ]
    with pytest.raises(ValueError, match="against 0"):
        ranking.change(1, 0)


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 5), max_size=12))
def test_a_rank_counts_the_better_places(figures: dict[str, int]) -> None:
    for one in rank(figures, decimals=0):
        assert one.rank == 1 + sum(value < one.value for value in figures.values())


@pytest.mark.parametrize("module", [composite, ranking])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
