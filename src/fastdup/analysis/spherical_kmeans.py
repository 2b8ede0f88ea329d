"""k-means by the cosine: clusters of rows that point the same way, for any number of rows.

After Dhillon and Modha, "Concept decompositions for large sparse text data using clustering",
Machine Learning 42, 2001; the centres are moved by faiss.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fastdup.arrays import FloatArray, IntArray
from fastdup.index.distances import use_one_omp_thread
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, releasing_pages, spans

#: Rows to train with: so many for each cluster, at least and at most, but not more than
#: `_MOST_TRAINED` in all if the least allows that.
_LEAST_PER_CLUSTER, _MOST_PER_CLUSTER, _MOST_TRAINED = 30, 256, 200_000
#: Rows that are put into clusters together.
_BLOCK_ROWS = 2048
_SEED = 0


class Clusters(NamedTuple):
    """Which cluster each of n rows is in, the largest cluster first; ties by their first row.

    Attributes
    ----------
    numbers : (n,) int64 array
        The cluster of each row, from 0.
    distances : (n,) float64 array
        Cosine distance of each row to the centre of its cluster, 0 to 2.
    centres : (c, d) float64 array
        Of length 1.
    counts : (c,) int64 array
        Rows in each cluster.
    """

    numbers: IntArray
    distances: FloatArray
    centres: FloatArray
    counts: IntArray

    def nearest(self, n_each: int) -> IntArray:
        """Return the rows nearest to each centre: one cluster after the other, nearest first."""
        order = np.lexsort((np.arange(len(self.numbers)), self.distances, self.numbers))
        starts = np.cumsum(self.counts) - self.counts
        rank = np.arange(len(order)) - starts[self.numbers[order]]
        return np.asarray(order[rank < n_each])


def find_clusters(
    rows: Rows, n_clusters: int, n_iterations: int = 20, n_threads: int = 1
) -> Clusters:
    """Return `n_clusters` clusters of the rows, the same for any number of threads.

    Large collections are trained with a part of their rows, so the memory does not grow with them.

    Parameters
    ----------
    rows : Rows
        n rows, for the cosine. An all-zero one is at distance 1 from every centre.
    n_clusters : int
        From 1 to n.
    n_iterations : int
        How often the centres are moved, at least 1.
    n_threads : int
    """
    n_rows = len(rows)
    trained = rows.take(_trained_rows(n_rows, n_clusters))
    centres = _train(np.asarray(trained, np.float32), n_clusters, n_iterations)
    numbers, distances = np.empty(n_rows, np.int64), np.empty(n_rows)

    def assign(span: tuple[int, int]) -> int:
        products = rows.take(slice(*span)).astype(np.float64) @ centres.T
        nearest = products.argmax(axis=1)
        numbers[slice(*span)] = nearest
        distances[slice(*span)] = np.clip(1 - products[np.arange(len(nearest)), nearest], 0, 2)
        return span[1] - span[0]

    with threadpool_limits(limits=1, user_api="blas"):  # the threads are here
        blocks = spans(n_rows, _BLOCK_ROWS)
        for_each(assign, blocks, n_threads, on_done=releasing_pages(rows.features))
    return _largest_first(numbers, distances, centres)


def _trained_rows(n_rows: int, n_clusters: int) -> IntArray:
    most = max(_LEAST_PER_CLUSTER * n_clusters, min(_MOST_PER_CLUSTER * n_clusters, _MOST_TRAINED))
    if n_rows <= most:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(_SEED).choice(n_rows, most, replace=False))


def _train(rows: NDArray[np.float32], n_clusters: int, n_iterations: int) -> FloatArray:
    import faiss

    use_one_omp_thread()  # several would add up in another order
    kmeans = faiss.Kmeans(
        rows.shape[1],
        n_clusters,
        niter=n_iterations,
        seed=_SEED,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=max(_MOST_PER_CLUSTER, -(-len(rows) // n_clusters)),
    )
    kmeans.train(np.ascontiguousarray(rows))
    return np.asarray(kmeans.centroids, np.float64)


def _largest_first(numbers: IntArray, distances: FloatArray, centres: FloatArray) -> Clusters:
    counts = np.bincount(numbers, minlength=len(centres))
    first = np.full(len(centres), len(numbers))
    np.minimum.at(first, numbers, np.arange(len(numbers)))
    order = np.lexsort((first, -counts))
    new_number = np.empty(len(order), np.int64)
    new_number[order] = np.arange(len(order))
    return Clusters(new_number[numbers], distances, centres[order], counts[order])
