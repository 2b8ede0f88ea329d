"""The coarse quantiser: the centroids of the inverted lists, and which lists a row probes."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.executors import Executor
from fastdup.index.distances import use_one_omp_thread
from fastdup.index.ivf.codes import to_float32
from fastdup.index.rows import spans

Matrix = NDArray[np.float32]

#: Lists that a row probes at most.
MAX_NPROBE = 12
#: Lists that a row of a million probes on average; among fewer rows probes cost less.
_MEAN_NPROBE = 3
_MOST_MEAN_NPROBE = 6
#: Rows with which a row is compared at least, for each one that it is to find.
_COMPARED_PER_FOUND = 4

#: So many centroids, of so many dimensions, are searched by product quantisation; fewer, or shorter
#: ones, one by one.
_PQ_LEAST_CENTROIDS = 2048
_PQ_LEAST_DIMENSIONS = 64
#: Centroids re-ranked for each one wanted, and at least.
_PQ_RERANKED = 2
_PQ_LEAST_RERANKED = 4
#: Enough for codes that only propose; faiss would take three times as many.
_PQ_ITERATIONS = 8
_BLOCK_ROWS = 4096


@dataclass(frozen=True)
class ProbePlan:
    """The lists nearest to each of m rows, and how many of them it probes.

    Attributes
    ----------
    lists : (m, p) int32 array
        Nearest first; p is at most `MAX_NPROBE`.
    nprobe : (m,) int8 array
        Row i probes the lists ``lists[i, :nprobe[i]]``.
    """

    lists: NDArray[np.int32]
    nprobe: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.lists)

    def take(self, rows: IntArray) -> "ProbePlan":
        """Return the plan of some rows, in their order."""
        return ProbePlan(self.lists[rows], self.nprobe[rows])

    def is_probed(self, part: slice = slice(None)) -> BoolArray:
        """Return which of the `lists` are probed: (m, p)."""
        return np.arange(self.lists.shape[1]) < self.nprobe[part, None]

    def comparing_enough(self, sizes: IntArray, n_found: int) -> "ProbePlan":
        """Return the plan in which rows that would be compared with too few others probe all lists.

        Parameters
        ----------
        sizes : (n_lists,) int64 array
            Rows in each list.
        n_found : int
            Rows that each row is to find.
        """
        nprobe = self.nprobe.copy()
        for span in spans(len(self), _BLOCK_ROWS):
            part = slice(*span)
            n_compared = np.where(self.is_probed(part), sizes[self.lists[part]], 0).sum(axis=1)
            nprobe[part][n_compared < _COMPARED_PER_FOUND * n_found] = self.lists.shape[1]
        return ProbePlan(self.lists, nprobe)


@dataclass(frozen=True)
class CoarseQuantiser:
    """The centroids of the inverted lists, and how far from its own list a row probes others.

    Attributes
    ----------
    centroids : (n_lists, c) float32 array
        On the first c principal components.
    slack : float
        A row probes the lists whose squared distance exceeds that of the nearest one by no more:
        a row between lists probes many, one close to its own centroid no other.
    """

    centroids: Matrix
    slack: float = np.inf

    def __len__(self) -> int:
        return len(self.centroids)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the product quantiser, which any process can train again."""
        return {"centroids": self.centroids, "slack": self.slack}

    @property
    def n_components(self) -> int:
        """Principal components that the centroids have."""
        return int(self.centroids.shape[1])

    def plan(self, projected: NDArray[Any], step: float, executor: Executor) -> ProbePlan:
        """Return which lists each of m rows probes.

        Parameters
        ----------
        projected : (m, p) array
            Projected rows, as they are stored.
        step : float
            Of their codes; 0 where they are stored as float32.
        executor : Executor
        """
        lists = np.empty((len(projected), min(MAX_NPROBE, len(self))), np.int32)
        plan = ProbePlan(lists, np.empty(len(projected), np.int8))
        work = _Planning(self, projected, step)
        for span, part in executor.run(work, spans(len(projected), _BLOCK_ROWS)):
            plan.lists[slice(*span)], plan.nprobe[slice(*span)] = part.lists, part.nprobe
        return plan

    def nearest(self, rows: Matrix, n_wanted: int) -> tuple[Matrix, IntArray]:
        """Return the squared distances and the numbers of the lists nearest to rows (m, c)."""
        import faiss

        use_one_omp_thread()
        if len(self) < _PQ_LEAST_CENTROIDS or self.n_components < _PQ_LEAST_DIMENSIONS:
            distances, found = faiss.knn(rows, self.centroids, n_wanted)
        else:
            n_reranked = max(_PQ_LEAST_RERANKED, _PQ_RERANKED * n_wanted)
            search = faiss.IndexRefineSearchParameters()
            search.k_factor = n_reranked / n_wanted
            distances, found = self._pq.search(rows, n_wanted, params=search)
        return distances, found

    @cached_property
    def _pq(self) -> Any:
        """An index of the centroids: 4-bit codes for 2 dimensions each, and the centroids.

        The codes are scanned in vector registers, many at a time (André et al. 2017); what they
        propose is re-ranked by the centroids.
        """
        import faiss

        use_one_omp_thread()
        index: Any = faiss.index_factory(self.n_components, f"PQ{self.n_components // 2}x4fs,RFlat")
        codes: Any = faiss.downcast_index(index.base_index)
        codes.pq.cp.niter = _PQ_ITERATIONS
        index.train(self.centroids)
        index.add(self.centroids)
        return index


@dataclass(frozen=True)
class _Planning:
    """Returns the plan of a block of rows. Picklable."""

    quantiser: CoarseQuantiser
    projected: NDArray[Any]
    step: float

    def __call__(self, span: tuple[int, int]) -> ProbePlan:
        n_components, n_wanted = self.quantiser.n_components, min(MAX_NPROBE, len(self.quantiser))
        block = to_float32(self.projected[slice(*span), :n_components], self.step)
        distances, lists = self.quantiser.nearest(np.ascontiguousarray(block), n_wanted)
        is_near = distances - distances[:, :1] <= self.quantiser.slack  # distances ascend
        return ProbePlan(lists.astype(np.int32), is_near.sum(axis=1, dtype=np.int8))


def mean_nprobe(n_rows: int) -> int:
    """Return how many lists a row of `n_rows` probes on average."""
    wanted = round(_MEAN_NPROBE * math.sqrt(math.sqrt(1e6 / n_rows)))
    return min(_MOST_MEAN_NPROBE, max(_MEAN_NPROBE, wanted))
