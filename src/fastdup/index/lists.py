"""Rows cut into lists of alike ones by k-means, and the lists that lie nearest to a row.

The lists are made and compared on the rows' principal axes. Centres of lists lie almost wholly in
the space of the first quarter of them: nothing is lost, and three quarters of the work are saved.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fastdup.executors import Executor
from fastdup.index.distances import use_one_omp_thread
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans

Matrix = NDArray[np.float32]

_AXES_SHARE = 4
_LEAST_AXES = 32
_AXES_SAMPLE = 20_000
_SAMPLE_PER_LIST = 40
_ITERATIONS = 6
_REFINEMENTS = 2
_BLOCK_ROWS = 8192
_SEED = 20


@dataclass(frozen=True)
class Lists:
    """The centres of lists, on the principal axes of the rows.

    Attributes
    ----------
    axes : (d, p) float32 array
        Principal axes, one per column.
    centres : (n_lists, p) float32 array
    """

    axes: Matrix
    centres: Matrix

    def __len__(self) -> int:
        return len(self.centres)

    def nearest(self, rows: Rows, n_wanted: int, executor: Executor) -> NDArray[np.int32]:
        """Return the lists nearest to each of m rows, nearest first: (m, n_wanted) int32."""
        found = np.empty((len(rows), n_wanted), np.int32)
        work = _Assignment(self, rows, n_wanted)
        for span, lists in executor.run(work, spans(len(rows), _BLOCK_ROWS)):
            found[slice(*span)] = lists
        return found


@dataclass(frozen=True)
class _Assignment:
    """Returns the lists nearest to each of a block of rows."""

    lists: Lists
    rows: Rows
    n_wanted: int

    def __call__(self, span: tuple[int, int]) -> NDArray[np.int32]:
        import faiss

        use_one_omp_thread()
        block = self.rows.take(slice(*span)) @ self.lists.axes
        found = faiss.knn(block, self.lists.centres, self.n_wanted)[1]
        return np.asarray(found, np.int32)


def train_lists(rows: Rows, n_lists: int, n_threads: int) -> Lists:
    """Return about `n_lists` lists for `rows`, from a sample of them; the same on every call.

    Two levels of k-means make the first centres, a few rounds of Lloyd's algorithm over all of them
    the final ones.

    Parameters
    ----------
    rows : Rows
        At least one.
    n_lists : int
        From 1 to the number of rows.
    n_threads : int
        Has no influence on the result.
    """
    n_sample = min(len(rows), n_lists * _SAMPLE_PER_LIST)
    chosen = np.sort(np.random.default_rng(_SEED).permutation(len(rows))[:n_sample])
    axes = _principal_axes(rows.take(chosen[:: max(1, n_sample // _AXES_SAMPLE)]))
    sample = np.empty((n_sample, axes.shape[1]), np.float32)

    def project(span: tuple[int, int]) -> int:
        sample[slice(*span)] = rows.take(chosen[slice(*span)]) @ axes
        return 0

    for_each(project, spans(n_sample, _BLOCK_ROWS), n_threads)
    centres = _two_levels(sample, n_lists, n_threads)
    for _ in range(_REFINEMENTS):
        centres = _refined(sample, centres, n_threads)
    return Lists(axes, centres)


def _principal_axes(rows: NDArray[np.floating[Any]]) -> Matrix:
    """Return the axes of largest variance, a quarter of them all."""
    n_axes = min(rows.shape[1], max(_LEAST_AXES, -(-rows.shape[1] // _AXES_SHARE)))
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    with threadpool_limits(limits=1, user_api="blas"):  # so that the sums have one order
        _, axes = np.linalg.eigh(centred.T @ centred)  # ascending
    return np.ascontiguousarray(axes[:, -n_axes:], np.float32)


def _two_levels(sample: Matrix, n_lists: int, n_threads: int) -> Matrix:
    """Cut the sample into cells and each cell into lists, as many as its share of the sample."""
    cells = _k_means(sample[:: max(1, len(sample) // _AXES_SAMPLE)], round(n_lists**0.5))
    label = _labels(sample, cells, n_threads)
    order = np.argsort(label, kind="stable")
    ends = np.searchsorted(label[order], np.arange(len(cells) + 1))
    centres: list[Matrix] = [np.zeros((0, sample.shape[1]), np.float32)] * len(cells)

    def cut(cell: int) -> int:
        members = sample[order[ends[cell] : ends[cell + 1]]]
        if len(members):
            centres[cell] = _k_means(members, max(1, round(n_lists * len(members) / len(sample))))
        return 0

    for_each(cut, range(len(cells)), n_threads, prepare=use_one_omp_thread)
    return np.concatenate(centres)


def _k_means(rows: Matrix, n_centres: int) -> Matrix:
    """Return the centres that faiss finds, on one thread."""
    import faiss

    use_one_omp_thread()
    clustering = faiss.Clustering(rows.shape[1], int(min(n_centres, len(rows))))
    clustering.niter, clustering.seed = _ITERATIONS, _SEED
    clustering.min_points_per_centroid = 1
    clustering.max_points_per_centroid = _SAMPLE_PER_LIST * 2
    clustering.train(np.ascontiguousarray(rows), faiss.IndexFlatL2(rows.shape[1]))
    centres = faiss.vector_to_array(clustering.centroids)
    return np.asarray(centres.reshape(-1, rows.shape[1]), np.float32)


def _refined(sample: Matrix, centres: Matrix, n_threads: int) -> Matrix:
    """Return the means of the rows that are nearest to each centre."""
    label = _labels(sample, centres, n_threads)
    order = np.argsort(label, kind="stable")
    used, starts = np.unique(label[order], return_index=True)
    sums = np.add.reduceat(sample[order], starts, axis=0)
    moved = centres.copy()
    moved[used] = sums / np.diff([*starts, len(sample)])[:, None]
    return moved


def _labels(sample: Matrix, centres: Matrix, n_threads: int) -> NDArray[np.int64]:
    import faiss

    label = np.empty(len(sample), np.int64)

    def assign(span: tuple[int, int]) -> int:
        label[slice(*span)] = faiss.knn(sample[slice(*span)], centres, 1)[1][:, 0]
        return 0

    for_each(assign, spans(len(sample), _BLOCK_ROWS), n_threads, prepare=use_one_omp_thread)
    return label
