"""k-means: trains the coarse quantiser, the same one for any number of threads.

The centroids are made and compared on the leading principal components only. Centroids, being
means, lie almost wholly in the space of a quarter of the components: nothing is lost, and most of
the work is saved.
"""

import math

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index.distances import use_one_omp_thread
from fastdup.index.group_by import group_by
from fastdup.index.ivf.quantiser import MAX_NPROBE, CoarseQuantiser
from fastdup.index.parallel import for_each
from fastdup.index.rows import spans

Matrix = NDArray[np.float32]

#: Lists per square root of the number of rows: then finding the lists of a row and comparing it
#: with their rows take about the same time.
_LISTS_PER_ROOT = 6
_SAMPLE_PER_LIST = 30
#: A centroid with fewer rows of the sample is dropped.
_LEAST_SAMPLE = 3
#: Rows of the sample from which the cells of the first level, and the slack, are found.
_CELLS_SAMPLE = 20_000
_ITERATIONS = 6
#: Of each round of Lloyd's algorithm over all centroids: every so many rows of the sample.
_LLOYD_STRIDES = (2, 1)
_BLOCK_LISTS = 256
_BLOCK_ROWS = 4096
_SEED = 20


def n_lists_for(n_rows: int) -> int:
    """Return how many inverted lists `n_rows` rows are to have: 1 to `n_rows`."""
    return max(1, min(n_rows, round(_LISTS_PER_ROOT * math.sqrt(n_rows))))


def sample_positions(n_rows: int, n_lists: int) -> IntArray:
    """Return which of `n_rows` rows to train with, ascending: `_SAMPLE_PER_LIST` for each list."""
    n_sample = min(n_rows, n_lists * _SAMPLE_PER_LIST)
    return np.sort(np.random.default_rng(_SEED).permutation(n_rows)[:n_sample])


def train_quantiser(sample: Matrix, n_lists: int, nprobe: int, n_threads: int) -> CoarseQuantiser:
    """Return a quantiser of about `n_lists` lists for rows like those of the sample.

    Two levels of k-means make the first centroids, a few rounds of Lloyd's algorithm over all of
    them the final ones.

    Parameters
    ----------
    sample : (m, c) float32 array
        At least one row; see `sample_positions`.
    n_lists : int
        From 1 to the number of rows.
    nprobe : int
        Lists that a row is to probe on average.
    n_threads : int
        Has no influence on the result.
    """
    centroids = _two_levels(sample, n_lists, n_threads)
    for stride in _LLOYD_STRIDES:
        centroids = _lloyd_round(sample[::stride], centroids, n_threads)
    quantiser = CoarseQuantiser(centroids)
    n_wanted = min(MAX_NPROBE, len(quantiser))
    few = np.ascontiguousarray(sample[:: max(1, len(sample) // _CELLS_SAMPLE)])
    if n_wanted <= nprobe:
        return quantiser
    distances, _ = _nearest(few, quantiser, n_wanted, n_threads)
    slack = np.quantile(distances - distances[:, :1], nprobe / n_wanted)
    return CoarseQuantiser(centroids, float(slack))


def _two_levels(sample: Matrix, n_lists: int, n_threads: int) -> Matrix:
    """Cut the sample into cells, and each cell into lists, as many as its share of the sample."""
    few = sample[:: max(1, len(sample) // _CELLS_SAMPLE)]
    cells = CoarseQuantiser(_k_means(few, round(n_lists**0.5)))
    order, starts = group_by(_nearest_centroid(sample, cells, n_threads), len(cells))
    centroids: list[Matrix] = [np.zeros((0, sample.shape[1]), np.float32)] * len(cells)

    def cut(cell: int) -> None:
        members = sample[order[starts[cell] : starts[cell + 1]]]
        if len(members):
            n_centroids = max(1, round(n_lists * len(members) / len(sample)))
            centroids[cell] = _k_means(members, n_centroids)

    for_each(cut, range(len(cells)), n_threads, prepare=use_one_omp_thread)
    return np.concatenate(centroids)


def _k_means(rows: Matrix, n_centroids: int) -> Matrix:
    """Return the centroids that faiss finds, on one thread."""
    import faiss

    use_one_omp_thread()
    clustering = faiss.Clustering(rows.shape[1], int(min(n_centroids, len(rows))))
    clustering.niter, clustering.seed = _ITERATIONS, _SEED
    clustering.min_points_per_centroid = 1
    clustering.max_points_per_centroid = _SAMPLE_PER_LIST * 2
    clustering.train(np.ascontiguousarray(rows), faiss.IndexFlatL2(rows.shape[1]))
    centroids = faiss.vector_to_array(clustering.centroids)
    return np.asarray(centroids.reshape(-1, rows.shape[1]), np.float32)


def _lloyd_round(sample: Matrix, centroids: Matrix, n_threads: int) -> Matrix:
    """Return the means of the rows nearest to each centroid; those of too few rows are dropped."""
    nearest = _nearest_centroid(sample, CoarseQuantiser(centroids), n_threads)
    order, starts = group_by(nearest, len(centroids))
    means = np.zeros_like(centroids)

    def average(span: tuple[int, int]) -> None:
        first, last = starts[span[0]], starts[span[1]]
        (used,) = np.nonzero(np.diff(starts[span[0] : span[1] + 1]))
        used += span[0]
        if len(used):
            sums = np.add.reduceat(sample[order[first:last]], starts[used] - first, axis=0)
            means[used] = sums / (starts[used + 1] - starts[used])[:, None]

    for_each(average, spans(len(centroids), _BLOCK_LISTS), n_threads)
    sizes = np.diff(starts)
    return np.asarray(means[sizes >= min(_LEAST_SAMPLE, sizes.max())])


def _nearest_centroid(sample: Matrix, quantiser: CoarseQuantiser, n_threads: int) -> IntArray:
    """Return the number of the centroid nearest to each row."""
    return _nearest(sample, quantiser, 1, n_threads)[1][:, 0]


def _nearest(
    sample: Matrix, quantiser: CoarseQuantiser, n_wanted: int, n_threads: int
) -> tuple[Matrix, IntArray]:
    """Return the squared distances and the numbers of the centroids nearest to each row."""
    distances = np.empty((len(sample), n_wanted), np.float32)
    found = np.empty((len(sample), n_wanted), np.int64)

    def look(span: tuple[int, int]) -> None:
        part = slice(*span)
        block = np.ascontiguousarray(sample[part])
        distances[part], found[part] = quantiser.nearest(block, n_wanted)

    for_each(look, spans(len(sample), _BLOCK_ROWS), n_threads)
    return distances, found
