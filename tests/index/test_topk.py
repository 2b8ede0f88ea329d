import numpy as np
import pytest

from fastdup.index.distances import distance_lower_bounds
from fastdup.index.metrics import Metric
from fastdup.index.topk import TopK, smallest


def test_the_smallest_of_each_row_are_found_with_ties_by_lower_column() -> None:
    distances = np.array([[3.0, 1.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    values, ids = smallest(distances, np.array([10, 11, 12, 13]), 2)
    assert np.sort(ids, axis=1).tolist() == [[11, 13], [10, 11]]
    assert np.sort(values, axis=1).tolist() == [[1, 1], [0, 0]]


def test_differences_below_one_in_a_million_millions_are_ties() -> None:
    _, ids = smallest(np.array([[0.5 + 1e-16, 0.5, 0.5 - 1e-16]]), np.arange(3), 1)
    assert ids.tolist() == [[0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", ["add", "add_overlapping"])
def test_blocks_added_one_by_one_give_the_same_as_all_at_once(method: str, dtype: type) -> None:
    random = np.random.default_rng(0)
    distances = random.random((20, 900)).astype(dtype)
    nearest = TopK(20, 7)
    for start in (300, 0, 600):
        ids = np.arange(start, start + 300)
        getattr(nearest, method)(distances[:, start : start + 300], ids)
    expected = np.argsort(distances, axis=1)[:, :7]
    assert np.array_equal(nearest.indices, expected)
    np.testing.assert_allclose(
        nearest.distances, np.take_along_axis(distances, expected, axis=1), rtol=1e-11
    )


def test_an_id_added_again_is_kept_once() -> None:
    nearest = TopK(1, 3)
    nearest.add_overlapping(np.array([[0.5, 0.1]]), np.array([4, 7]))
    nearest.add_overlapping(np.array([[0.1, 0.3, 0.5]]), np.array([7, 9, 4]))
    assert nearest.indices.tolist() == [[7, 9, 4]]


def test_what_was_never_added_is_minus_one_at_infinity() -> None:
    nearest = TopK(1, 3)
    nearest.add(np.array([[0.5]], np.float32), np.array([4]))
    assert nearest.indices.tolist() == [[4, -1, -1]]
    assert nearest.bounds.tolist() == [np.inf]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("spread", [1.0, 1e-3, 1e-6])
def test_optimistic_distances_are_never_too_large_and_hardly_too_small(
    metric: Metric, spread: float, dtype: type
) -> None:
    random = np.random.default_rng(0)
    rows = (3 + spread * random.standard_normal((150, 576))).astype(dtype)
    precise = rows.astype(np.longdouble)
    if metric is Metric.COSINE:
        precise /= np.sqrt((precise**2).sum(axis=1))[:, None]
        rows = precise.astype(dtype)
        true = 1 - precise @ precise.T
    elif metric is Metric.MANHATTAN:
        true = np.abs(precise[:, None] - precise[None]).sum(axis=2)
    else:
        true = ((precise[:, None] - precise[None]) ** 2).sum(axis=2)
    found = distance_lower_bounds(rows[:50], rows, metric)
    assert found.dtype == dtype
    assert (found >= 0).all()
    assert (found <= true[:50] + 1e-17).all()  # for what the reference itself rounds
    slack = 150 * np.finfo(dtype).eps * (1.0 if metric is Metric.COSINE else true.max())
    assert (true[:50] - found <= slack).all()
