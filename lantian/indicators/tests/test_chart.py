"""The chart's arithmetic: gaps stay gaps, everything stays on the paper."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lantian.indicators.chart import HEIGHT, WIDTH, draw

numbers = st.decimals(min_value=-(10**6), max_value=10**6, places=2)


def test_without_a_number_there_is_no_chart():
    assert draw([("a", None), ("b", None)]) is None
    assert draw([]) is None


def test_a_missing_value_interrupts_the_line():
    chart = draw([("a", Decimal(1)), ("b", Decimal(2)), ("c", None), ("d", Decimal(3)), ("e", Decimal(4))])
    assert [len(run) for run in chart.lines] == [2, 2]
    assert len(chart.points) == 4
    assert len(chart.paths) == 2


@given(st.lists(st.none() | numbers, min_size=1, max_size=30), st.lists(numbers, max_size=3))
def test_everything_stays_on_the_paper(values, targets):
    chart = draw([(str(at), number) for at, number in enumerate(values)], targets)
    if chart is None:
        assert not any(number is not None for number in values)
        return
    for point in chart.points:
        assert 0 <= point.x <= WIDTH
        assert 0 <= point.y <= HEIGHT
    assert all(0 <= tick.at <= HEIGHT for tick in (*chart.y_ticks, *chart.targets))
    assert 2 <= len(chart.y_ticks) <= 8


@given(st.lists(numbers, min_size=2, max_size=10, unique=True))
def test_a_larger_number_is_drawn_higher(values):
    chart = draw([(str(at), number) for at, number in enumerate(values)])
    by_number = sorted(zip(values, chart.points, strict=True), key=lambda pair: pair[0])
    heights = [point.y for _number, point in by_number]
    assert heights == sorted(heights, reverse=True)
