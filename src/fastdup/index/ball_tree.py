"""Exact neighbours by a tree of balls: leaves too far away are never compared."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import ArrayProvider, Candidates
from fastdup.index.distances import distance_lower_bounds, use_one_omp_thread
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans
from fastdup.index.topk import TopK

_LEAF_ROWS = 256
_SAMPLE_ROWS = 1024


class BallTree(ArrayProvider):
    """Splits the rows in halves until some hundred are left, and keeps each leaf's ball.

    Queries go through it a leaf at a time, visiting the leaves in the order of a lower bound of
    their distance, until no leaf can hold anything nearer than what was found. That saves much
    when images come in groups of alike ones, and nothing when all are about as far apart.

    The geometry is euclidean (of rows of length 1 for cosine), or of ‖a − b‖₁ for manhattan.
    """

    name = "ball_tree"
    exact: ClassVar[bool] = True

    def build(self, rows: Rows) -> None:
        """Split `rows` and measure the ball of each leaf."""
        self._rows = rows
        self._leaves = _split(rows)
        self._centres = np.zeros((len(self._leaves), rows.dim), np.float32)
        self._radii = np.zeros(len(self._leaves))
        for number, leaf in enumerate(self._leaves):
            block = rows.take(leaf).astype(np.float64)
            self._centres[number] = block.mean(axis=0)
            self._radii[number] = _lengths(block - self._centres[number], rows.metric).max()

    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        """Return the `n_candidates` nearest rows of each query."""
        positions = np.full((len(queries), min(n_candidates, len(self._rows))), -1, np.int64)
        cutoffs = np.full(len(queries), np.inf)

        def search_leaf(leaf: NDArray[np.int64]) -> int:
            nearest = self._nearest(queries.take(leaf), positions.shape[1])
            positions[leaf] = nearest.indices
            if positions.shape[1] < len(self._rows):
                cutoffs[leaf] = nearest.bounds
            return len(leaf)

        if positions.size:
            for_each(
                search_leaf,
                self._leaves if queries is self._rows else _split(queries),
                self._n_threads,
                on_done=self._progress.advance,
                prepare=use_one_omp_thread if queries.metric is Metric.MANHATTAN else None,
            )
        return Candidates(positions, cutoffs)

    def _nearest(self, block: NDArray[np.floating[Any]], n_kept: int) -> TopK:
        nearest = TopK(len(block), n_kept)
        bounds = self._lower_bounds(block)
        nearest_bound = bounds.min(axis=0)
        for number in np.argsort(nearest_bound, kind="stable"):
            if nearest_bound[number] >= nearest.bounds.max():
                break
            (active,) = np.nonzero(bounds[:, number] < nearest.bounds)
            if len(active):
                leaf = self._leaves[number]
                rows = self._rows.take(leaf)
                distances = distance_lower_bounds(block[active], rows, self._rows.metric)
                nearest.offer_again(distances, leaf, active)
        return nearest

    def _lower_bounds(self, block: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return for each query and leaf a distance that no row of the leaf comes below."""
        metric = self._rows.metric
        if metric is Metric.MANHATTAN:
            to_centre = distance_lower_bounds(block, self._centres, metric).astype(np.float64)
            return np.maximum(to_centre - self._radii * (1 + 1e-9), 0)
        squared = distance_lower_bounds(
            block.astype(np.float64), self._centres.astype(np.float64), Metric.EUCLIDEAN
        )
        bounds = np.maximum(np.sqrt(squared) - self._radii * (1 + 1e-9), 0) ** 2
        # Rows of length 1: 1 − cos = e²/2, but for what float32 rounded off their length.
        return np.maximum(bounds / 2 - 1e-6, 0) if metric is Metric.COSINE else bounds

    def _state(self) -> dict[str, NDArray[Any]]:
        sizes = np.array([len(leaf) for leaf in self._leaves], np.int64)
        order = np.concatenate([np.empty(0, np.int64), *self._leaves])
        return {"order": order, "sizes": sizes, "centres": self._centres, "radii": self._radii}

    def _set_state(self, state: dict[str, NDArray[Any]]) -> None:
        ends = np.cumsum(state["sizes"])
        self._leaves = np.split(state["order"], ends[:-1]) if len(ends) else []
        self._centres, self._radii = state["centres"], state["radii"]


def _split(rows: Rows) -> list[NDArray[np.int64]]:
    """Return the positions of each leaf, ascending within a leaf."""
    if not len(rows):
        return []
    leaves = []
    pending = [np.arange(len(rows), dtype=np.int64)]
    while pending:
        positions = pending.pop()
        if len(positions) <= _LEAF_ROWS:
            leaves.append(positions)
            continue
        along = _project(rows, positions, _direction(rows, positions))
        # Halves of the same size: so the tree is shallow even if the rows are as good as equal.
        order = np.argsort(along, kind="stable")
        middle = len(positions) // 2
        pending.append(np.sort(positions[order[middle:]]))
        pending.append(np.sort(positions[order[:middle]]))
    return leaves


def _direction(rows: Rows, positions: NDArray[np.int64]) -> NDArray[np.floating[Any]]:
    """Return the direction between two rows that lie far apart, from a sample."""
    step = max(1, len(positions) // _SAMPLE_ROWS)
    sample = rows.take(positions[::step])
    one_end = sample[np.argmax(_lengths(sample - sample.mean(axis=0), Metric.EUCLIDEAN))]
    other_end = sample[np.argmax(_lengths(sample - one_end, Metric.EUCLIDEAN))]
    return np.asarray(other_end - one_end)


def _project(
    rows: Rows, positions: NDArray[np.int64], direction: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    blocks = (rows.take(positions[start:stop]) for start, stop in spans(len(positions)))
    # No BLAS: its sums would depend on how many threads it takes, and the leaves on its sums.
    return np.concatenate([(block * direction).sum(axis=1) for block in blocks])


def _lengths(differences: NDArray[np.floating[Any]], metric: Metric) -> NDArray[np.floating[Any]]:
    if metric is Metric.MANHATTAN:
        return np.asarray(np.abs(differences).sum(axis=1))
    return np.asarray(np.sqrt((differences * differences).sum(axis=1)))
