"""Bars, ticks and words of charts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fastdup.run_report.histograms import (
    BASE,
    TOP,
    WIDTH,
    doubling_histogram,
    even_histogram,
    widening_histogram,
)

NUMBERS = st.lists(st.floats(0, 1e9), min_size=1, max_size=50)


@given(NUMBERS)
def test_every_value_is_counted_once_and_no_bar_leaves_the_drawing(numbers):
    values = np.array(numbers)
    for chart in (
        widening_histogram("t", "n", values, str),
        doubling_histogram("t", "n", values, str),
        even_histogram("t", "n", values, (0.0, 100.0), 7, str),
    ):
        assert sum(bar.n for bar in chart.bars) == len(numbers)
        for bar in chart.bars:
            assert TOP - 0.01 <= bar.y <= BASE
            assert bar.x >= 0
            assert bar.x + bar.width <= WIDTH
            assert (bar.height > 0) == (bar.n > 0)
        assert chart.ticks[0].x == 0
        assert chart.ticks[-1].x == WIDTH


def test_a_chart_says_in_words_where_most_values_are():
    values = np.array([3.0, 3.5, 30.0])
    chart = widening_histogram("Size", "files", values, "{:.0f}".format)
    assert chart.words == "Size of 3 files: most, 2, from 2 to 5"
    assert [bar.n for bar in chart.bars] == [2, 0, 0, 1]


def test_without_values_there_is_no_chart():
    assert even_histogram("t", "n", np.empty(0), (0, 1), 3, str) is None
    assert widening_histogram("t", "n", np.empty(0), str) is None
    assert doubling_histogram("t", "n", np.empty(0), str) is None
