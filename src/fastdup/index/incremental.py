"""A finished search, brought up to date with rows that were added or removed."""

import logging

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.index.base import Candidates, Neighbours, Provider, Resources
from fastdup.index.brute_force import BruteForce, search_all_pairs
from fastdup.index.cache import CachedSearch
from fastdup.index.digests import find_digests
from fastdup.index.metrics import raw_similarities
from fastdup.index.rerank import exact_similarities, rerank, sort_neighbours
from fastdup.index.rows import Rows

logger = logging.getLogger(__name__)


def update_neighbours(
    rows: Rows,
    digests: NDArray[np.uint64],
    cached: CachedSearch,
    k: int,
    provider: Provider,
    resources: Resources,
    queries: Rows | None = None,
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
        Their fingerprints.
    cached : CachedSearch
        Of a search for `k` neighbours of each row. What an approximate one missed stays missed.
    k : int
    provider : Provider
        Of that search: says how the new rows, and such as lost a neighbour, are compared.
    resources : Resources
    queries : Rows, optional
        The query of each row, which changes with the row, after an exact search; by default the
        rows themselves.
    """
    queries = rows if queries is None else queries
    before = find_digests(digests, cached.digests)
    (kept,) = np.nonzero(before >= 0)
    if (np.diff(before[kept]) <= 0).any():
        return None
    found = _carried_over(cached, before, kept, k)
    (new,) = np.nonzero(before < 0)
    has_lost = ((cached.indices[before[kept]] >= 0) & (found.indices[kept] < 0)).any(axis=1)
    to_search = np.sort(np.concatenate([new, kept[has_lost]]))
    logger.debug("of %d rows %d are new, %d are searched", len(rows), len(new), len(to_search))
    if cached.state:
        n_candidates = k + 1 + provider.margin
        pairs = provider.compare_new(rows, before, to_search, cached.state, n_candidates)
        if pairs is None:
            return None
        chosen, n_threads = queries.choose(to_search), resources.n_threads
        _put(found, to_search, rerank(rows, chosen, pairs.candidates, k, n_threads=n_threads))
        _merge(rows, found, pairs.rows, pairs.others, n_threads)
        resources.progress.advance(len(rows))
        return found
    if len(to_search) > provider.most_updated(len(rows)):
        return None
    _compare_with_all(rows, queries, found, to_search, new, kept[~has_lost], k, resources)
    return found


def _compare_with_all(
    rows: Rows,
    queries: Rows,
    found: Neighbours,
    to_search: IntArray,
    new: IntArray,
    same: IntArray,
    k: int,
    resources: Resources,
) -> None:
    """Search the rows `to_search` among all, and for the rows `same` among the `new`, exactly."""
    _put(found, to_search, _search(rows, queries.choose(to_search), k, resources))
    closer = same[_may_be_closer(rows.choose(new), queries.choose(same), same, found, resources)]
    threads = Resources(n_threads=resources.n_threads)  # these rows were counted already
    chosen = queries.choose(closer)
    candidates = _with_the_new(rows, chosen, closer, new, found, k, threads)
    _put(found, closer, rerank(rows, chosen, candidates, k, n_threads=threads.n_threads))


def _merge(
    rows: Rows, found: Neighbours, receivers: IntArray, others: IntArray, n_threads: int
) -> None:
    """Put `others` among the neighbours `found` of the rows `receivers`, where they are nearer."""
    order = np.argsort(receivers, kind="stable")
    receivers, others = receivers[order], others[order]
    queries = rows.choose(receivers)
    raw = exact_similarities(rows, queries, others[:, None], n_threads)[:, 0]
    last = found.similarities[receivers, -1]
    gains = (found.indices[receivers, -1] < 0) | (raw >= last)
    receivers, others, raw = receivers[gains], others[gains], raw[gains]
    changed, n_each = np.unique(receivers, return_counts=True)
    k = found.indices.shape[1]
    known = found.indices[changed]
    known_raw = np.where(known < 0, -np.inf, found.similarities[changed])
    # Each row has its k known neighbours first, then the new ones, in a table of equal widths.
    places = np.arange(len(receivers)) - np.repeat(np.cumsum(n_each) - n_each, n_each)
    within = np.repeat(np.arange(len(changed)), n_each)
    width = k + int(n_each.max(initial=0))
    indices, values = np.full((len(changed), width), -1), np.full((len(changed), width), -np.inf)
    indices[:, :k], values[:, :k] = known, known_raw
    indices[within, k + places], values[within, k + places] = others, raw
    _put(found, changed, Neighbours(*sort_neighbours(indices, values, k)))


def _put(found: Neighbours, places: IntArray, better: Neighbours) -> None:
    found.indices[places], found.similarities[places] = better.indices, better.similarities


def _carried_over(cached: CachedSearch, before: IntArray, kept: IntArray, k: int) -> Neighbours:
    """Return the cached neighbours under the rows' places now; -1 where one is gone."""
    now = np.full(len(cached.digests) + 1, -1, np.int64)  # what is -1 stays -1
    now[before[kept]] = kept
    found = Neighbours.none(len(before), k)
    found.indices[kept] = now[cached.indices[before[kept]]]
    found.similarities[kept] = cached.similarities[before[kept]]
    return found


def _may_be_closer(
    new_rows: Rows, queries: Rows, same: IntArray, found: Neighbours, resources: Resources
) -> BoolArray:
    """Return which of the rows `same` may have a new row as near as the last neighbour they had."""
    if not len(new_rows):
        resources.progress.advance(len(same))
        return np.zeros(len(same), bool)
    nearest = search_all_pairs(new_rows, queries, 1, resources)
    positions = nearest.positions
    closest = exact_similarities(new_rows, queries, positions, resources.n_threads)[:, 0]
    if nearest.cutoffs is not None:
        others = raw_similarities(nearest.cutoffs, queries.metric, queries.dim)
        closest = np.maximum(closest, np.where(np.isfinite(nearest.cutoffs), others, -np.inf))
    has_room = found.indices[same, -1] < 0
    return np.asarray(has_room | (closest >= found.similarities[same, -1]))


def _search(rows: Rows, queries: Rows, k: int, resources: Resources) -> Neighbours:
    candidates = search_all_pairs(rows, queries, k + 1 + BruteForce.margin, resources)
    return rerank(rows, queries, candidates, k, n_threads=resources.n_threads)


def _with_the_new(
    rows: Rows,
    queries: Rows,
    closer: IntArray,
    new: IntArray,
    found: Neighbours,
    k: int,
    resources: Resources,
) -> Candidates:
    """Return, for the rows `closer`, the neighbours `found` and the nearest of the `new` rows."""
    n_wanted = k + 1 + BruteForce.margin
    nearest = search_all_pairs(rows.choose(new), queries, n_wanted, resources)
    positions = np.where(nearest.positions < 0, -1, new[nearest.positions] if len(new) else -1)
    both = np.concatenate([found.indices[closer], positions], axis=1)
    return Candidates(both, nearest.cutoffs)
