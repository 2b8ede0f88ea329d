"""Similarities in float64, pair by pair, and the neighbours that they make of candidates."""

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import Candidates, Neighbours
from fastdup.index.brute_force import BruteForce, compare_all
from fastdup.index.metrics import Metric, raw_similarities
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans

logger = logging.getLogger(__name__)

_VALUES_PER_BLOCK = 1 << 21


def exact_similarities(
    rows: Rows, queries: Rows, positions: NDArray[np.int64], n_threads: int = 1
) -> NDArray[np.float64]:
    """Return the raw similarity of each query with each of its candidates.

    Computed in float64 from the float32 rows, by the same additions in the same order for every
    pair: the result depends on the two rows alone, is the same both ways round, and is exactly
    1.0 for rows that are the same (0.0 for rows that are all zero, when the metric is cosine).

    Parameters
    ----------
    rows : Rows
    queries : Rows
        Of the same width and metric.
    positions : (q, m) int64 array
        Positions in `rows`; -1 for none.
    n_threads : int

    Returns
    -------
    (q, m) float64 array
        -inf where the position is -1.
    """
    raw = np.full(positions.shape, -np.inf)

    def compute(span: tuple[int, int]) -> int:
        part = slice(*span)
        raw[part] = _compare(rows, queries, part, positions[part])
        return span[1] - span[0]

    if raw.size:
        n_per_block = max(1, _VALUES_PER_BLOCK // (positions.shape[1] * rows.dim))
        blocks = spans(len(queries), n_per_block)
        if len(blocks) == 1:  # starting a thread takes longer than comparing a few rows
            compute(blocks[0])
        else:
            for_each(compute, blocks, n_threads)
    raw[positions < 0] = -np.inf
    return raw


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
    return Neighbours(*sort_neighbours(positions, raw, k))


def _compare(
    rows: Rows, queries: Rows, part: slice, positions: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the raw similarities of a few queries with their candidates; -1 counts as row 0."""
    chosen = np.maximum(positions, 0)
    query = queries.raw(part).astype(np.float64)[:, None, :]
    other = rows.raw(chosen.ravel()).astype(np.float64).reshape(*chosen.shape, rows.dim)
    if rows.metric is Metric.COSINE:
        return _cosines(query, other, queries.squared_norms[part, None], rows.squared_norms[chosen])
    other -= query
    terms = np.abs(other) if rows.metric is Metric.MANHATTAN else other * other
    return raw_similarities(terms.sum(axis=-1), rows.metric, rows.dim)


def _cosines(
    query: NDArray[Any], other: NDArray[Any], query_norms: NDArray[Any], other_norms: NDArray[Any]
) -> NDArray[np.float64]:
    other *= query
    # √(s·s) is exactly s, hence a row has cosine exactly 1 with itself.
    lengths = np.sqrt(query_norms * other_norms)
    cosines = other.sum(axis=-1) / np.where(lengths == 0, 1.0, lengths)
    return np.asarray(np.clip(cosines, -1.0, 1.0))
