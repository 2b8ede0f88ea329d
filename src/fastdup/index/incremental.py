"""A finished search, brought up to date with rows that were added or removed."""

import logging

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.index.base import Candidates, Neighbours, Resources
from fastdup.index.brute_force import BruteForce, search_all_pairs
from fastdup.index.cache import CachedSearch
from fastdup.index.digests import find_digests
from fastdup.index.metrics import raw_similarities
from fastdup.index.rerank import exact_similarities, rerank
from fastdup.index.rows import Rows

logger = logging.getLogger(__name__)


def update_neighbours(
    rows: Rows,
    digests: NDArray[np.uint64],
    cached: CachedSearch,
    k: int,
    resources: Resources,
    most_searched: int,
) -> Neighbours | None:
    """Return the k nearest of each row, with only the new pairs compared; None if not worth it.

    A row that was there keeps its neighbours, unless one is gone or a new row may be as near.
    After an exact search, the result is that of one from the start: similarities depend on the two
    rows alone, and rows that were there have kept their order, which decides between equal ones.

    Parameters
    ----------
    rows : Rows
        u different rows.
    digests : (u, 2) uint64 array
        Their content.
    cached : CachedSearch
        Of a search for `k` neighbours of each row. What an approximate one missed stays missed;
        the new rows, and what is near to them, are found exactly.
    k : int
    resources : Resources
    most_searched : int
        New rows, and such as lost a neighbour, up to which it is worth it.
    """
    before = find_digests(digests, cached.digests)
    (kept,) = np.nonzero(before >= 0)
    if (np.diff(before[kept]) <= 0).any():
        return None
    found = _carried_over(cached, before, kept, k)
    (new,) = np.nonzero(before < 0)
    has_lost = ((cached.indices[before[kept]] >= 0) & (found.indices[kept] < 0)).any(axis=1)
    same = kept[~has_lost]
    to_search = np.sort(np.concatenate([new, kept[has_lost]]))
    if len(to_search) > most_searched:
        return None
    _put(found, to_search, _search(rows, rows.choose(to_search), k, resources))
    closer = same[_may_be_closer(rows, same, new, found, resources)]
    logger.debug("of %d rows %d are new, %d may be closer", len(rows), len(new), len(closer))
    threads = Resources(n_threads=resources.n_threads)  # these rows were counted already
    candidates = _with_the_new(rows, closer, new, found, k, threads)
    queries = rows.choose(closer)
    _put(found, closer, rerank(rows, queries, candidates, k, n_threads=threads.n_threads))
    return found


def _put(found: Neighbours, places: IntArray, better: Neighbours) -> None:
    found.indices[places], found.similarities[places] = better.indices, better.similarities


def _carried_over(cached: CachedSearch, before: IntArray, kept: IntArray, k: int) -> Neighbours:
    """Return the cached neighbours under the rows' places now; -1 where one is gone."""
    now = np.full(len(cached.digests) + 1, -1, np.int64)  # what is -1 stays -1
    now[before[kept]] = kept
    indices, similarities = np.full((len(before), k), -1, np.int64), np.zeros((len(before), k))
    indices[kept] = now[cached.indices[before[kept]]]
    similarities[kept] = cached.similarities[before[kept]]
    return Neighbours(indices, similarities)


def _may_be_closer(
    rows: Rows, same: IntArray, new: IntArray, found: Neighbours, resources: Resources
) -> BoolArray:
    """Return which of the rows `same` may have a new row as near as the last neighbour they had."""
    if not len(new):
        resources.progress.advance(len(same))
        return np.zeros(len(same), bool)
    new_rows, queries = rows.choose(new), rows.choose(same)
    nearest = search_all_pairs(new_rows, queries, 1, resources)
    positions = nearest.positions
    closest = exact_similarities(new_rows, queries, positions, resources.n_threads)[:, 0]
    if nearest.cutoffs is not None:
        others = raw_similarities(nearest.cutoffs, rows.metric, rows.dim)
        closest = np.maximum(closest, np.where(np.isfinite(nearest.cutoffs), others, -np.inf))
    has_room = found.indices[same, -1] < 0
    return np.asarray(has_room | (closest >= found.similarities[same, -1]))


def _search(rows: Rows, queries: Rows, k: int, resources: Resources) -> Neighbours:
    candidates = search_all_pairs(rows, queries, k + 1 + BruteForce.margin, resources)
    return rerank(rows, queries, candidates, k, n_threads=resources.n_threads)


def _with_the_new(
    rows: Rows, closer: IntArray, new: IntArray, found: Neighbours, k: int, resources: Resources
) -> Candidates:
    """Return, for the rows `closer`, the neighbours `found` and the nearest of the `new` rows."""
    n_wanted = k + 1 + BruteForce.margin
    nearest = search_all_pairs(rows.choose(new), rows.choose(closer), n_wanted, resources)
    positions = np.where(nearest.positions < 0, -1, new[nearest.positions] if len(new) else -1)
    both = np.concatenate([found.indices[closer], positions], axis=1)
    return Candidates(both, nearest.cutoffs)
