import numpy as np

from fastdup.analysis.spherical_kmeans import find_clusters
from fastdup.index import Metric, Rows


def rows_around(*directions, each, seed=0):
    rng = np.random.default_rng(seed)
    rows = [
        np.eye(8)[d] + rng.normal(0, 0.02, (n, 8)) for d, n in zip(directions, each, strict=True)
    ]
    return Rows(np.concatenate(rows).astype(np.float32), Metric.COSINE)


def test_what_points_the_same_way_is_one_cluster_and_the_largest_comes_first():
    found = find_clusters(rows_around(0, 1, 2, each=(5, 9, 7)), 3)
    assert found.numbers.tolist() == [2] * 5 + [0] * 9 + [1] * 7
    assert found.counts.tolist() == [9, 7, 5]
    assert np.abs(found.centres).argmax(axis=1).tolist() == [1, 2, 0]
    assert found.distances.max() < 0.05
    near = found.nearest(2)
    assert found.numbers[near].tolist() == [0, 0, 1, 1, 2, 2]
    assert found.distances[near[0]] == found.distances[5:14].min()


def test_the_clusters_are_the_same_for_any_number_of_threads_and_with_a_part_of_the_rows():
    rows = rows_around(0, 1, 2, 3, each=(2000, 1500, 1000, 500))  # more than are trained with
    one, many = (find_clusters(rows, 4, n_threads=n) for n in (1, 3))
    assert all(np.array_equal(a, b) for a, b in zip(one, many, strict=True))
    assert one.counts.tolist() == [2000, 1500, 1000, 500]


def test_more_clusters_than_different_rows_leave_some_empty():
    rows = Rows(np.array([[1, 0], [1, 0], [0, 1]], np.float32), Metric.COSINE)
    found = find_clusters(rows, 3)
    assert found.counts.tolist() == [2, 1, 0]
    assert found.nearest(5).tolist() == [0, 1, 2]
