"""Lists of alike rows: which of them a row visits."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fastdup.executors import LocalExecutor
from fastdup.index.lists import Lists, mean_probes, train_lists, visited


def drawn(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def squared_distances(rows: NDArray[np.float32], lists: Lists) -> NDArray[np.float64]:
    centres = lists.centres.astype(np.float64)
    return ((rows[:, None].astype(np.float64) - centres[None]) ** 2).sum(axis=2)


def test_lists_are_the_same_for_any_number_of_threads_and_hold_more_than_a_few_rows() -> None:
    rows = drawn(4000, 32)
    one, four = (train_lists(rows, 60, 3, n_threads) for n_threads in (1, 4))
    assert one.centres.tobytes() == four.centres.tobytes()
    assert one.slack == four.slack
    assert 55 <= len(one) <= 65
    assert np.bincount(squared_distances(rows, one).argmin(axis=1)).min() >= 3


def test_a_row_visits_its_own_list_and_those_hardly_farther() -> None:
    rows = drawn(4000, 32)
    lists = train_lists(rows, 60, 3, 2)
    probes = lists.probes(rows, LocalExecutor(2))
    distances = squared_distances(rows, lists)
    assert np.array_equal(probes[:, 0], distances.argmin(axis=1))
    farther = np.take_along_axis(distances, np.maximum(probes, ~probes), axis=1)
    farther -= distances.min(axis=1, keepdims=True)
    assert farther[probes >= 0].max() <= lists.slack + 1e-4
    assert farther[probes < 0].min() >= lists.slack - 1e-4
    assert abs((probes >= 0).sum() / len(rows) - 3) < 0.1


@pytest.mark.parametrize("n_axes", [64, 144])
def test_codes_find_nearly_all_lists_between_which_a_row_lies(n_axes: int) -> None:
    lists = Lists(drawn(3000, n_axes))
    pairs = np.random.default_rng(1).permutation(3000)[:1000].reshape(-1, 2)
    rows = lists.centres[pairs].mean(axis=1) + 0.2 * drawn(500, n_axes, seed=2)
    distances, found = lists.nearest(rows, 8)
    expected = np.take_along_axis(squared_distances(rows, lists), found, axis=1)
    np.testing.assert_allclose(distances, expected, rtol=1e-4)
    assert (np.diff(distances, axis=1) >= 0).all()
    assert (pairs[:, :, None] == found[:, None, :]).any(axis=2).mean() > 0.98


def test_a_row_that_would_meet_too_few_visits_far_lists_too() -> None:
    probes = np.array([[0, ~1, ~2], [1, 0, ~2]], np.int32)
    assert visited(probes, np.array([3, 40, 40]), 5).tolist() == [[0, 1, 2], [1, 0, ~2]]


def test_few_rows_visit_more_lists() -> None:
    visits = [mean_probes(n_rows) for n_rows in (1, 10_000, 100_000, 500_000, 1_000_000, 10**9)]
    assert visits == [6, 6, 5, 4, 3, 3]
