"""Sorting by small numbers."""

import numpy as np
import pytest

from fastdup.index.group_by import radix_argsort


@pytest.mark.parametrize("n_labels", [1, 2, 300, 65_536, 65_537, 5_000_000, 1 << 33])
@pytest.mark.parametrize("n_rows", [0, 1, 20_000])
def test_order_of_is_the_stable_order(n_rows: int, n_labels: int) -> None:
    labels = np.random.default_rng(1).integers(0, n_labels, n_rows)
    labels[: n_rows // 2 : 3] = n_labels - 1  # many ties
    assert np.array_equal(radix_argsort(labels, n_labels), np.argsort(labels, kind="stable"))


def test_order_of_takes_narrow_numbers() -> None:
    labels = np.array([2, 0, 1, 2, 0], np.int32)
    assert radix_argsort(labels, 3).tolist() == [1, 4, 2, 0, 3]


def test_order_of_nothing_is_nothing() -> None:
    assert radix_argsort(np.zeros(0, np.int64), 0).tolist() == []
