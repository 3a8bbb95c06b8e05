"""Splitting a city's number: sums, means, equal shares; Decimal throughout."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.plan.rules.splits import check_split, suggest_even

D = Decimal
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6)


@pytest.mark.parametrize(
    ("target", "comparator", "method", "shares", "verdict", "difference"),
    [
        ("1400", ">=", "sum", ["700", "700"], "adds_up", "0"),
        ("1400", ">=", "sum", ["700", "701"], "stricter", "1"),
        ("1400", ">=", "sum", ["700", "699.5"], "short", "-0.5"),
        ("100", "<=", "sum", ["40", "50"], "stricter", "-10"),
        ("100", "<=", "sum", ["60", "50"], "over", "10"),
        ("100", "=", "sum", ["60", "50"], "differs", "10"),
        ("100", "==", "sum", ["50", "50"], "adds_up", "0"),
        ("80", ">=", "same", ["80", "80"], "adds_up", "0"),
        ("80", ">=", "same", ["80", "70"], "short", "-10"),
        ("80", ">=", "same", ["80", "90"], "stricter", "10"),
        ("90", ">=", "mean", ["80", "100"], "adds_up", "0"),
        ("90", ">=", "mean", ["80", "90"], "short", "-5"),
        ("10", "range", "sum", ["4", "5"], "differs", "-1"),
    ],
)
def test_verdicts(target, comparator, method, shares, verdict, difference):
    outcome = check_split(D(target), comparator, method, {str(i): D(s) for i, s in enumerate(shares)})
    assert (outcome.verdict, outcome.difference) == (verdict, D(difference))
    assert outcome.ok == (verdict in ("adds_up", "stricter"))


def test_nothing_is_not_a_split():
    outcome = check_split(D(5), ">=", "sum", {})
    assert (outcome.verdict, outcome.reached, outcome.ok) == ("empty", None, False)


def test_areas_that_differ_are_named():
    outcome = check_split(D(80), ">=", "same", {"a": D(80), "b": D(79), "c": D(85)})
    assert outcome.off == ("b",)
    assert outcome.verdict == "short"


def test_thirds_of_hundred_add_up_but_a_cent_too_little_does_not():
    thirds = {name: D("33.333333") for name in "abc"}
    assert check_split(D(100), "=", "sum", thirds).verdict == "adds_up"
    assert check_split(D(100), "=", "sum", {name: D("33.33") for name in "abc"}).verdict == "differs"


@given(st.lists(amounts, min_size=1, max_size=16))
def test_the_exact_sum_always_adds_up(shares):
    outcome = check_split(sum(shares), "=", "sum", {str(i): s for i, s in enumerate(shares)})
    assert outcome.verdict == "adds_up"
    assert outcome.reached == sum(shares)


@given(st.lists(amounts, min_size=1, max_size=16), st.sampled_from(["sum", "mean", "same"]), amounts)
def test_turning_the_comparator_turns_short_into_stricter(shares, method, target):
    named = {str(i): s for i, s in enumerate(shares)}
    more, less = (check_split(target, c, method, named) for c in (">=", "<="))
    if method != "same":
        assert {more.verdict, less.verdict} in ({"adds_up"}, {"stricter", "over"}, {"short", "stricter"})
        assert more.difference == less.difference


@given(st.decimals(min_value=0, max_value=10**6, places=2), st.integers(1, 16))
def test_even_shares_add_up(target, count):
    shares = suggest_even(target, count, "sum")
    assert sum(shares) == target
    assert len(shares) == count
    assert suggest_even(target, count, "same") == [target] * count


def test_no_areas_no_shares():
    assert suggest_even(D(5), 0, "sum") == []
