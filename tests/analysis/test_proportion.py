import pytest

from fastdup.analysis.proportion import wilson_interval


def test_the_interval_is_that_worked_out_by_hand():
    # 9 of 10: (0.9 + 0.19207 ± 1.959964 √(0.009 + 0.0096036)) / 1.384146
    assert wilson_interval(9, 10) == pytest.approx((0.59585, 0.98212), abs=1e-5)


def test_nothing_counted_says_nothing_and_all_right_is_not_certain():
    assert wilson_interval(0, 0) == (0, 1)
    low, high = wilson_interval(50, 50)
    assert (low, high) == pytest.approx((0.92865, 1), abs=1e-5)  # 1 / (1 + 3.841459 / 50)
    assert wilson_interval(0, 50) == pytest.approx((0, 1 - low))
