"""How areas make the city: sums, means, weights, and what is too thin to judge."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.indicators.pooling import METHODS, Part, method_for, pool
from lantian.standards.units import system

numbers = st.decimals(min_value=-1000, max_value=1000, places=2)
parts = st.lists(st.builds(Part, st.text(max_size=3), numbers, st.integers(1, 500)), min_size=1, max_size=16)


def test_every_dimension_has_a_method():
    assert {method_for(dimension.base) for dimension in system().dimensions.values()} <= set(METHODS)


@given(parts, st.sampled_from(["mean", "weighted"]))
def test_a_mean_lies_among_its_parts(some, method):
    found = pool(method, some, expected=len(some))
    numbers_ = [part.number for part in some]
    slack = Decimal("1e-20")
    assert min(numbers_) - slack <= found.number <= max(numbers_) + slack
    assert not found.partial


@given(parts, st.integers(0, 30))
def test_a_sum_with_a_part_missing_is_partial(some, missing):
    found = pool("sum", some, expected=len(some) + missing)
    assert found.number == sum(part.number for part in some)
    assert found.partial is (missing > 0)
    assert (found.n, found.expected) == (len(some), len(some) + missing)


@given(parts, st.integers(0, 30), st.decimals(min_value=0, max_value=1, places=2))
def test_a_mean_is_partial_below_the_wanted_share(some, missing, share):
    found = pool("mean", some, expected=len(some) + missing, min_capture=share)
    assert found.partial is (Decimal(len(some)) / (len(some) + missing) < share)


def test_weights_are_not_invented():
    found = pool(
        "weighted", [Part("a", Decimal(1), 5), Part("b", Decimal(2), None), Part("c", Decimal(3), 0)], expected=3
    )
    assert found.number is None
    assert found.without_weight == ("b", "c")


@pytest.mark.parametrize("method", ["none", "median", ""])
def test_what_cannot_be_pooled_is_refused(method):
    with pytest.raises(ValueError, match="nothing to pool"):
        pool(method, [Part("a", Decimal(1))], expected=1)
    with pytest.raises(ValueError, match="nothing to pool"):
        pool("mean", [], expected=1)
