"""Keys of distance and slot, reverse neighbours and stored rows, by value."""

import numpy as np
import pytest

from fastdup.index.ivf.codes import code_step, storage_dtype, to_float32, to_storage
from fastdup.index.ivf.keys import NO_KEY, pack_keys, slots_of, smallest_keys
from fastdup.index.ivf.reverse import with_reverse_neighbours
from fastdup.index.metrics import Metric


def test_keys_sort_by_distance_and_then_by_slot() -> None:
    distances = np.array([[0.5, 0.0, 2.0, 0.5, 1e-30]], np.float32)
    keys = pack_keys(distances, np.array([[7, 9, 1, 3, 2**31]]))
    keys[0, 2] = NO_KEY
    assert slots_of(smallest_keys(keys, 3)).tolist() == [[9, 2**31, 3]]
    assert slots_of(smallest_keys(keys, 9)).tolist() == [[9, 2**31, 3, 7, -1]]


def test_a_pair_found_by_one_row_counts_for_both() -> None:
    found = [[1, 2], [0, -1], [3, -1], [2, 0]]  # slot 2 was found by 0 and 3, slot 0 by 1 and 3
    distances = np.array([[0.5, 0.7], [0.5, 0], [0.1, 0], [0.1, 0.4]], np.float32)
    keys = pack_keys(distances, np.maximum(found, 0))
    keys[np.array(found) < 0] = NO_KEY
    for n_threads in (1, 2):
        merged = slots_of(with_reverse_neighbours(keys, n_threads))
        assert merged.tolist() == [[3, 1], [0, -1], [3, 0], [2, 0]]


def test_codes_have_seven_bits_and_are_rounded_to_the_nearest() -> None:
    rows = np.array([[0.63, -0.63, 0.0, 0.014, -0.016, 0.9]], np.float32)
    step = code_step(rows[:, :5], Metric.COSINE)
    assert step == pytest.approx(0.01)
    codes = to_storage(rows, step)
    assert codes.dtype == storage_dtype(step) == np.int8
    assert codes.tolist() == [[63, -63, 0, 1, -2, 63]]
    expected = [[0.63, -0.63, 0, 0.01, -0.02, 0.63]]
    np.testing.assert_allclose(to_float32(codes, step), expected, atol=1e-6)


def test_rows_of_other_metrics_are_stored_as_they_are() -> None:
    rows = np.array([[1e-9, 3.0, -700.0]], np.float32)
    assert code_step(rows, Metric.EUCLIDEAN) == 0
    assert storage_dtype(0) is np.float32
    assert to_float32(to_storage(rows, 0), 0).tolist() == rows.tolist()
