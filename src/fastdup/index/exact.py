"""The neighbours that candidates make, by their exact similarities."""

import logging

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import Candidates, Neighbours
from fastdup.index.brute_force import BruteForce, compare_all
from fastdup.index.metrics import raw_similarities
from fastdup.index.pairs import exact_similarities
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans

logger = logging.getLogger(__name__)

_SORT_ROWS = 8192


def rank(
    rows: Rows,
    queries: Rows,
    candidates: Candidates,
    k: int,
    *,
    n_threads: int = 1,
) -> Neighbours:
    """Return the k nearest candidates of each query, by their exact similarities.

    A query that is one of the rows is left out of its own candidates. A query is searched again,
    in float64, where its candidates do not do: where they are fewer than the neighbours there
    are, or where a provider gave cutoffs and rounding, or a tie, leaves it open whether a row
    left out should have been among them.
    """
    found = _rank(rows, queries, candidates.positions, k, n_threads)
    (again,) = np.nonzero(_lacking(rows, queries, found) | _open(rows, candidates, found))
    if len(again):
        logger.debug("%d rows of %d are searched again in float64", len(again), len(queries))
        chosen, n_wanted = queries.choose(again), k + 1 + BruteForce.margin
        closed = compare_all(rows, chosen, n_wanted, n_threads=n_threads, precise=True)
        better = _rank(rows, chosen, closed.positions, k, n_threads)
        found.indices[again], found.similarities[again] = better.indices, better.similarities
    return found


def sort_neighbours(
    indices: NDArray[np.int64], raw: NDArray[np.float64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the k most similar of each row, ties by lower index, padded with -1 and 0.0.

    Parameters
    ----------
    indices : (n, m) int64 array
    raw : (n, m) float64 array
        -inf where there is no neighbour.
    k : int
    """
    order = np.lexsort((indices, -raw), axis=1)[:, :k]
    kept = np.full((len(indices), k), -1, np.int64)
    values = np.zeros((len(indices), k))
    kept[:, : order.shape[1]] = np.take_along_axis(indices, order, axis=1)
    values[:, : order.shape[1]] = np.take_along_axis(raw, order, axis=1)
    none = np.isneginf(values)
    kept[none], values[none] = -1, 0.0
    return kept, values


def _lacking(rows: Rows, queries: Rows, found: Neighbours) -> NDArray[np.bool_]:
    """Tell which queries have fewer neighbours than there are rows to be neighbours."""
    n_others = len(rows) - (queries.features is rows.features)
    n_wanted = min(found.indices.shape[1], max(n_others, 0))
    return np.asarray((found.indices[:, :n_wanted] < 0).any(axis=1))


def _open(rows: Rows, candidates: Candidates, found: Neighbours) -> NDArray[np.bool_]:
    """Tell for which queries a row beyond the cutoff may be as near as the last neighbour."""
    if candidates.cutoffs is None:
        return np.zeros(len(found.indices), bool)
    at_cutoff = raw_similarities(candidates.cutoffs, rows.metric, rows.dim)
    return np.isfinite(candidates.cutoffs) & (found.similarities[:, -1] <= at_cutoff)


def _rank(
    rows: Rows, queries: Rows, positions: NDArray[np.int64], k: int, n_threads: int
) -> Neighbours:
    if queries.features is rows.features:
        itself = (positions >= 0) & (rows.ids[positions] == queries.ids[:, None])
        positions = np.where(itself, -1, positions)
    raw = exact_similarities(rows, queries, positions, n_threads)
    found = Neighbours(np.empty((len(queries), k), np.int64), np.empty((len(queries), k)))

    def sort(span: tuple[int, int]) -> int:
        part = slice(*span)
        kept = sort_neighbours(positions[part], raw[part], k)
        found.indices[part], found.similarities[part] = kept
        return 0

    for_each(sort, spans(len(queries), _SORT_ROWS), n_threads)
    return found
