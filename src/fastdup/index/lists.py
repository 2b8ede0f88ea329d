"""Rows cut into lists of alike ones by k-means, and the lists that lie nearest to a row.

The lists are made and compared on the first of the rows' principal axes. Centres of lists lie
almost wholly in the space of a quarter of them: nothing is lost, and most of the work is saved.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.executors import Executor
from fastdup.index.axes import whole
from fastdup.index.distances import use_one_omp_thread
from fastdup.index.group_by import group_by
from fastdup.index.parallel import for_each
from fastdup.index.rows import spans

Matrix = NDArray[np.float32]

#: Lists among which a row chooses those that it visits.
MOST_PROBES = 12
#: Lists that a row of a million visits on average; among fewer rows visits cost less.
_MEAN_PROBES = 3
_MORE_PROBES = 6

#: Rows that a row meets at least, for each one that it is to find.
_MET_PER_FOUND = 4

#: So many lists are searched by codes of their centres; fewer, or narrower ones, by the centres.
_CODED_FROM = 2048
_CODED_AXES = 64
#: Lists that the codes propose for each one wanted, at least so many; compared by their centres.
_PROPOSED = 2
_LEAST_PROPOSED = 4
#: Enough for the codes, which only propose; faiss would take three times as many.
_CODE_ITERATIONS = 8
_SAMPLE_PER_LIST = 30
_LEAST_SAMPLE = 3
_CELLS_SAMPLE = 20_000
_ITERATIONS = 6
#: Of each round of Lloyd's algorithm: every so many rows of the sample.
_REFINED_BY = (2, 1)
_BLOCK_LISTS = 256
_BLOCK_ROWS = 4096
_SEED = 20


@dataclass(frozen=True)
class Lists:
    """The centres of lists, and how far from its own list a row looks for neighbours.

    Attributes
    ----------
    centres : (n_lists, c) float32 array
        On the first c principal axes of the rows.
    slack : float
        A row visits the lists whose squared distance exceeds that of the nearest one by no more:
        a row between lists visits many, one amid its list no other.
    """

    centres: Matrix
    slack: float = np.inf

    def __len__(self) -> int:
        return len(self.centres)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the codes, which any process can make again."""
        return {"centres": self.centres, "slack": self.slack}

    @property
    def n_axes(self) -> int:
        """Axes on which the centres lie."""
        return int(self.centres.shape[1])

    def probes(self, projected: NDArray[Any], executor: Executor) -> NDArray[np.int32]:
        """Return the lists near each of m rows, nearest first.

        Parameters
        ----------
        projected : (m, p) array
            Rows on their principal axes, as they are stored.
        executor : Executor

        Returns
        -------
        (m, at most MOST_PROBES) int32 array
            ~list, which is negative, where a list is too far to be visited; see `visited`.
        """
        found = np.empty((len(projected), min(MOST_PROBES, len(self))), np.int32)
        work = _Assignment(self, projected)
        for span, lists in executor.run(work, spans(len(projected), _BLOCK_ROWS)):
            found[slice(*span)] = lists
        return found

    def nearest(self, rows: Matrix, n_wanted: int) -> tuple[Matrix, NDArray[np.int64]]:
        """Return the squared distances and the numbers of the lists nearest to rows (m, c)."""
        import faiss

        use_one_omp_thread()
        if len(self) < _CODED_FROM or self.n_axes < _CODED_AXES:
            distances, found = faiss.knn(rows, self.centres, n_wanted)
        else:
            n_proposed = max(_LEAST_PROPOSED, _PROPOSED * n_wanted)
            search = faiss.IndexRefineSearchParameters()
            search.k_factor = n_proposed / n_wanted
            distances, found = self._codes.search(rows, n_wanted, params=search)
        return distances, found

    @cached_property
    def _codes(self) -> Any:
        """The centres in codes of 4 bits for 2 axes, which are compared many at a time."""
        import faiss

        use_one_omp_thread()
        index: Any = faiss.index_factory(self.n_axes, f"PQ{self.n_axes // 2}x4fs,RFlat")
        codes: Any = faiss.downcast_index(index.base_index)
        codes.pq.cp.niter = _CODE_ITERATIONS
        index.train(self.centres)
        index.add(self.centres)
        return index


@dataclass(frozen=True)
class _Assignment:
    """Returns the lists near each of a block of rows."""

    lists: Lists
    projected: NDArray[Any]

    def __call__(self, span: tuple[int, int]) -> NDArray[np.int32]:
        lists = self.lists
        block = np.ascontiguousarray(whole(self.projected[slice(*span)])[:, : lists.n_axes])
        distances, found = lists.nearest(block, min(MOST_PROBES, len(lists)))
        too_far = distances - distances[:, :1] > lists.slack
        return np.where(too_far, ~found, found).astype(np.int32)


def visited(probes: NDArray[np.int32], sizes: NDArray[np.int64], n_found: int) -> NDArray[np.int32]:
    """Return the lists that each row visits: the far ones too where it would meet too few rows.

    Parameters
    ----------
    probes : (m, p) int32 array
        As `Lists.probes` returns them.
    sizes : (n_lists,) int64 array
        Rows in each list.
    n_found : int
        Rows that each row is to find.

    Returns
    -------
    (m, p) int32 array
        Negative where there is no visit.
    """
    visits = probes.copy()
    for start, stop in spans(len(probes), _BLOCK_ROWS):
        block = visits[start:stop]
        n_met = np.where(block < 0, 0, sizes[block]).sum(axis=1)
        few = n_met < _MET_PER_FOUND * n_found
        block[few] = np.where(block[few] < 0, ~block[few], block[few])
    return visits


def mean_probes(n_rows: int) -> int:
    """Return how many lists a row of `n_rows` visits on average."""
    wanted = round(_MEAN_PROBES * math.sqrt(math.sqrt(1e6 / n_rows)))
    return min(_MORE_PROBES, max(_MEAN_PROBES, wanted))


def train_lists(sample: Matrix, n_lists: int, n_probes: int, n_threads: int) -> Lists:
    """Return about `n_lists` lists for rows like those of the sample; the same on every call.

    Two levels of k-means make the first centres, a few rounds of Lloyd's algorithm over all of them
    the final ones.

    Parameters
    ----------
    sample : (m, c) float32 array
        At least one row; some `_SAMPLE_PER_LIST` for each list are wanted.
    n_lists : int
        From 1 to the number of rows.
    n_probes : int
        Lists that a row visits on average.
    n_threads : int
        Has no influence on the result.
    """
    centres = _two_levels(sample, n_lists, n_threads)
    for stride in _REFINED_BY:
        centres = _refined(sample[::stride], centres, n_threads)
    lists = Lists(centres)
    n_wanted = min(MOST_PROBES, len(lists))
    few = np.ascontiguousarray(sample[:: max(1, len(sample) // _CELLS_SAMPLE)])
    distances, _ = lists.nearest(few, n_wanted)
    if n_wanted <= n_probes:
        return lists
    slack = np.quantile(distances - distances[:, :1], n_probes / n_wanted)
    return Lists(centres, float(slack))


def sample_positions(n_rows: int, n_lists: int) -> NDArray[np.int64]:
    """Return which of `n_rows` rows to make the lists from, ascending."""
    n_sample = min(n_rows, n_lists * _SAMPLE_PER_LIST)
    return np.sort(np.random.default_rng(_SEED).permutation(n_rows)[:n_sample])


def _two_levels(sample: Matrix, n_lists: int, n_threads: int) -> Matrix:
    """Cut the sample into cells and each cell into lists, as many as its share of the sample."""
    few = sample[:: max(1, len(sample) // _CELLS_SAMPLE)]
    cells = Lists(_k_means(few, round(n_lists**0.5)))
    label = _labels(sample, cells, n_threads)
    order, ends = group_by(label, len(cells))
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
    """Return the means of the rows that are nearest to each centre, if it has more than a few."""
    label = _labels(sample, Lists(centres), n_threads)
    order, starts = group_by(label, len(centres))
    means = np.zeros_like(centres)

    def average(span: tuple[int, int]) -> int:
        first, last = starts[span[0]], starts[span[1]]
        (used,) = np.nonzero(np.diff(starts[span[0] : span[1] + 1]))
        used += span[0]
        if len(used):
            sums = np.add.reduceat(sample[order[first:last]], starts[used] - first, axis=0)
            means[used] = sums / (starts[used + 1] - starts[used])[:, None]
        return 0

    for_each(average, spans(len(centres), _BLOCK_LISTS), n_threads)
    sizes = np.diff(starts)
    return np.asarray(means[sizes >= min(_LEAST_SAMPLE, sizes.max())])


def _labels(sample: Matrix, lists: Lists, n_threads: int) -> NDArray[np.int64]:
    label = np.empty(len(sample), np.int64)

    def assign(span: tuple[int, int]) -> int:
        block = np.ascontiguousarray(sample[slice(*span)])
        label[slice(*span)] = lists.nearest(block, 1)[1][:, 0]
        return 0

    for_each(assign, spans(len(sample), _BLOCK_ROWS), n_threads)
    return label
