"""The coarse quantiser: its centroids, and which lists a row probes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fastdup.executors import LocalExecutor
from fastdup.index.ivf.kmeans import n_lists_for, train_quantiser
from fastdup.index.ivf.quantiser import CoarseQuantiser, ProbePlan, mean_nprobe


def drawn(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def squared_distances(rows: NDArray[np.float32], to: CoarseQuantiser) -> NDArray[np.float64]:
    centroids = to.centroids.astype(np.float64)
    return ((rows[:, None].astype(np.float64) - centroids[None]) ** 2).sum(axis=2)


def test_any_number_of_threads_trains_the_same_lists_which_hold_more_than_a_few_rows() -> None:
    rows = drawn(4000, 32)
    one, four = (train_quantiser(rows, 60, 3, n_threads) for n_threads in (1, 4))
    assert one.centroids.tobytes() == four.centroids.tobytes()
    assert one.slack == four.slack
    assert 55 <= len(one) <= 65
    assert np.bincount(squared_distances(rows, one).argmin(axis=1)).min() >= 3


def test_a_row_probes_its_own_list_and_those_hardly_farther() -> None:
    rows = drawn(4000, 32)
    quantiser = train_quantiser(rows, 60, 3, 2)
    plan = quantiser.plan(rows, 0.0, LocalExecutor(2))
    distances = squared_distances(rows, quantiser)
    assert np.array_equal(plan.lists[:, 0], distances.argmin(axis=1))
    farther = np.take_along_axis(distances, plan.lists, axis=1)
    farther -= distances.min(axis=1, keepdims=True)
    is_probed = plan.is_probed()
    assert farther[is_probed].max() <= quantiser.slack + 1e-4
    assert farther[~is_probed].min() >= quantiser.slack - 1e-4
    assert abs(plan.nprobe.mean() - 3) < 0.1


@pytest.mark.parametrize("n_components", [64, 144])
def test_product_quantisation_finds_nearly_all_lists_between_which_a_row_lies(
    n_components: int,
) -> None:
    quantiser = CoarseQuantiser(drawn(3000, n_components))
    pairs = np.random.default_rng(1).permutation(3000)[:1000].reshape(-1, 2)
    rows = quantiser.centroids[pairs].mean(axis=1) + 0.2 * drawn(500, n_components, seed=2)
    distances, found = quantiser.nearest(rows, 8)
    expected = np.take_along_axis(squared_distances(rows, quantiser), found, axis=1)
    np.testing.assert_allclose(distances, expected, rtol=1e-4)
    assert (np.diff(distances, axis=1) >= 0).all()
    assert (pairs[:, :, None] == found[:, None, :]).any(axis=2).mean() > 0.98


def test_a_row_that_would_be_compared_with_too_few_others_probes_far_lists_too() -> None:
    plan = ProbePlan(np.array([[0, 1, 2], [1, 0, 2]], np.int32), np.array([1, 2], np.int8))
    enough = plan.comparing_enough(np.array([3, 40, 40]), 5)
    assert enough.nprobe.tolist() == [3, 2]
    assert enough.is_probed().tolist() == [[True, True, True], [True, True, False]]
    assert plan.nprobe.tolist() == [1, 2]


def test_few_rows_probe_more_lists() -> None:
    nprobe = [mean_nprobe(n_rows) for n_rows in (1, 10_000, 100_000, 500_000, 1_000_000, 10**9)]
    assert nprobe == [6, 6, 5, 4, 3, 3]


def test_the_number_of_lists_grows_with_the_square_root_of_the_number_of_rows() -> None:
    n_lists = [n_lists_for(n_rows) for n_rows in (1, 20, 1200, 10_000, 1_000_000)]
    assert n_lists == [1, 20, 208, 600, 6000]
