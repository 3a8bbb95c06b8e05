"""A value has a number or a reason, never both; verdicts, gaps, capture, trends."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.indicators.value import (
    Freshness,
    Reason,
    ReasonCode,
    Trend,
    Value,
    Verdict,
    capture_of,
    compare,
    direction,
    gap,
)

numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=3)
counts = st.integers(0, 10_000)


def value(number: Decimal | int | None, **more: object) -> Value:
    reason = None if number is not None else Reason(ReasonCode.NO_ENTRY, "none")
    exact = None if number is None else Decimal(number)
    return Value(exact, "%", rule_version="2020.1", reason=reason, **more)  # type: ignore[arg-type]


@given(st.none() | numbers, st.booleans())
def test_exactly_one_of_number_and_reason(number, with_reason):
    reason = Reason(ReasonCode.NO_ENTRY, "none") if with_reason else None
    if (number is None) == (reason is None):
        with pytest.raises(ValueError, match="number or a reason"):
            Value(number, "%", rule_version="1", reason=reason)
    else:
        assert Value(number, "%", rule_version="1", reason=reason).has_number is (number is not None)


@given(counts, counts)
def test_capture_is_a_share_and_n_never_exceeds_what_was_expected(n, expected):
    if n > expected:
        with pytest.raises(ValueError, match="above the expected"):
            Value.of(1, "%", n=n, n_expected=expected, rule_version="1")
    else:
        made = Value.of(1, "%", n=n, n_expected=expected, rule_version="1")
        assert made.capture is None if expected == 0 else 0 <= made.capture <= 1
        assert made.capture == capture_of(n, expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": Decimal("NaN")},
        {"number": Decimal("Infinity")},
        {"number": 3.5},
        {"n": -1},
        {"capture": Decimal("1.2")},
        {"rule_version": ""},
    ],
)
def test_what_cannot_be_a_value_is_refused(wrong):
    with pytest.raises(ValueError, match=r".+"):
        Value(**{"number": Decimal(1), "unit": "%", "rule_version": "1", **wrong})


def test_a_value_cannot_be_changed():
    with pytest.raises(AttributeError):
        value(1).number = Decimal(2)  # type: ignore[misc]


@given(numbers, st.sampled_from(["<=", ">=", "==", "=", "<", ">"]), numbers)
def test_verdict_and_gap_agree(number, comparator, target):
    verdict, lacking = compare(value(number), comparator, target), gap(value(number), comparator, target)
    assert verdict in (Verdict.MET, Verdict.NOT_MET)
    if lacking > 0:
        assert verdict == Verdict.NOT_MET
    if lacking < 0:
        assert verdict == Verdict.MET


def test_what_is_missing_or_partial_proves_nothing():
    assert compare(value(None), ">=", Decimal(0)) == Verdict.UNKNOWN
    assert compare(value(100, partial=True), ">=", Decimal(0)) == Verdict.UNKNOWN
    assert gap(value(None), ">=", Decimal(0)) is None


def test_an_unknown_comparator_is_no_verdict():
    with pytest.raises(ValueError, match="unknown comparator"):
        compare(value(1), "~", Decimal(1))


@given(numbers, numbers, st.sampled_from(["up", "down"]))
def test_swapping_the_good_direction_swaps_better_and_worse(before, now, good):
    other = {"up": "down", "down": "up"}[good]
    swap = {Trend.BETTER: Trend.WORSE, Trend.WORSE: Trend.BETTER, Trend.SAME: Trend.SAME}
    assert direction(value(before), value(now), other) == swap[direction(value(before), value(now), good)]


def test_no_trend_without_two_numbers_or_a_good_direction():
    assert direction(value(None), value(1), "up") == Trend.UNKNOWN
    assert direction(value(1), value(2), "none") == Trend.CHANGED


def test_freshness_says_nothing_by_itself():
    assert value(1).freshness == Freshness.UNKNOWN
