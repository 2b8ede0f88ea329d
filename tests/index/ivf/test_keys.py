"""Keys of distance and slot, reverse neighbours and stored rows, by value."""

import numpy as np

from fastdup.index.ivf.bfloat16 import BFLOAT16, to_float32, to_storage
from fastdup.index.ivf.keys import NO_KEY, pack_keys, slots_of, smallest_keys
from fastdup.index.ivf.reverse import with_reverse_neighbours


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


def test_bfloat16_keeps_eight_bits_rounded_to_the_nearest() -> None:
    rows = np.array([[1.0, -0.5, 0.0, 1 + 2**-7, 1 + 2**-9, 1 + 3 * 2**-9]], np.float32)
    stored = to_storage(rows, BFLOAT16)
    assert stored.itemsize == 2
    assert to_float32(stored).tolist() == [[1.0, -0.5, 0.0, 1 + 2**-7, 1.0, 1 + 2**-7]]
    assert to_float32(to_storage(rows, np.float32)).tolist() == rows.tolist()
