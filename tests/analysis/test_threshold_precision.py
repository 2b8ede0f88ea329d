import numpy as np
import pytest

from fastdup.analysis.proportion import wilson_interval
from fastdup.analysis.threshold_precision import count_pairs, surplus

#: Copies at 0.9 and 0.95, others at 0.5 and 0.9, one of which nobody knows at 0.7.
VALUES = np.array([0.95, 0.9, 0.9, 0.7, 0.5])
IS_COPY = np.array([True, True, False, True, False])
IS_KNOWN = np.array([True, True, True, False, True])


def test_the_precision_at_each_threshold_is_that_worked_out_by_hand():
    counts = count_pairs(VALUES, IS_COPY, IS_KNOWN)
    assert counts.thresholds[900] == 0.9
    places = [0, 600, 900, 901, 951]
    assert counts.copies[places].tolist() == [2, 2, 2, 1, 0]
    assert counts.others[places].tolist() == [2, 1, 1, 0, 0]
    assert counts.unknown[places].tolist() == [1, 1, 0, 0, 0]
    assert counts.precision(900) == pytest.approx((2 / 3, *wilson_interval(2, 3)))
    # The unknown pair counts as no copy, and at the upper end as one.
    precision, low, high = counts.precision(600)
    assert (precision, low, high) == (0.5, wilson_interval(2, 4)[0], wilson_interval(3, 4)[1])
    assert counts.precision(951) == (None, 0, 1)


def test_the_lowest_threshold_of_a_precision_is_found_and_few_pairs_are_never_sure():
    counts = count_pairs(VALUES, IS_COPY, IS_KNOWN)
    assert counts.thresholds[counts.lowest(0.6)] == 0.701
    assert counts.thresholds[counts.lowest(1)] == 0.901
    assert counts.lowest(0.9, surely=True) is None
    assert counts.lowest(0.2, surely=True) is not None


def test_one_file_of_each_group_stays_the_largest():
    sizes = np.array([10, 30, 20, 5, 7])
    assert surplus(np.array([0, 1]), np.array([1, 2]), sizes) == (2, 30)
    assert surplus(np.empty(0, np.int64), np.empty(0, np.int64), sizes) == (0, 0)
