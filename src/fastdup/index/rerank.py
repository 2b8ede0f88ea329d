"""Candidates re-ranked by their exact similarities: float64, pair by pair, each pair once."""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.config.machine import available_memory
from fastdup.index.base import Candidates, Neighbours, Resources
from fastdup.index.brute_force import BruteForce, search_all_pairs
from fastdup.index.group_by import group_by
from fastdup.index.metrics import Metric, raw_similarities
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans

logger = logging.getLogger(__name__)

#: So few numbers at a time stay in the processor's cache.
_VALUES_PER_STEP = 1 << 17
_PAIRS_PER_TASK = 8192
_MIRROR_VALUES = 1 << 18
#: Part of the memory that rows read ahead may take, so that a file larger than the memory is read
#: in order, not row by row: two such parts are needed at a time.
_TILE_SHARE = 6

_SORT_ROWS = 8192

Positions = IntArray


def rerank(
    rows: Rows, queries: Rows, candidates: Candidates, k: int, *, n_threads: int = 1
) -> Neighbours:
    """Return the k nearest candidates of each query, by their exact similarities.

    A query that is one of the rows is left out of its own candidates. A query is searched again,
    in float64, where its candidates do not do: where they are fewer than the neighbours there
    are, or where a provider gave cutoffs and rounding, or a tie, leaves it open whether a row
    left out should have been among them.
    """
    found = _by_exact_similarity(rows, queries, candidates.positions, k, n_threads)
    (again,) = np.nonzero(_lacking(rows, queries, found) | _open(rows, candidates, found))
    if len(again):
        logger.debug("%d rows of %d are searched again in float64", len(again), len(queries))
        chosen, n_wanted = queries.choose(again), k + 1 + BruteForce.margin
        threads = Resources(n_threads=n_threads)
        closed = search_all_pairs(rows, chosen, n_wanted, threads, precise=True)
        better = _by_exact_similarity(rows, chosen, closed.positions, k, n_threads)
        found.indices[again], found.similarities[again] = better.indices, better.similarities
    return found


def sort_neighbours(indices: IntArray, raw: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """Return the k most similar of each row, ties by lower index, padded with -1 and 0.0.

    Parameters
    ----------
    indices : (n, m) int64 array
    raw : (n, m) float64 array
        -inf where there is no neighbour.
    k : int
    """
    order = np.lexsort((indices, -raw), axis=1)[:, :k]
    kept, values = Neighbours.none(len(indices), k)
    kept[:, : order.shape[1]] = np.take_along_axis(indices, order, axis=1)
    values[:, : order.shape[1]] = np.take_along_axis(raw, order, axis=1)
    none = np.isneginf(values)
    kept[none], values[none] = -1, 0.0
    return kept, values


def _lacking(rows: Rows, queries: Rows, found: Neighbours) -> BoolArray:
    """Return which queries have fewer neighbours than there are rows to be neighbours."""
    n_others = len(rows) - (queries.features is rows.features)
    n_wanted = min(found.indices.shape[1], max(n_others, 0))
    return np.asarray((found.indices[:, :n_wanted] < 0).any(axis=1))


def _open(rows: Rows, candidates: Candidates, found: Neighbours) -> BoolArray:
    """Return for which queries a row beyond the cutoff may be as near as the last neighbour."""
    if candidates.cutoffs is None:
        return np.zeros(len(found.indices), bool)
    at_cutoff = raw_similarities(candidates.cutoffs, rows.metric, rows.dim)
    return np.isfinite(candidates.cutoffs) & (found.similarities[:, -1] <= at_cutoff)


def _by_exact_similarity(
    rows: Rows, queries: Rows, positions: IntArray, k: int, n_threads: int
) -> Neighbours:
    if queries.features is rows.features:
        itself = (positions >= 0) & (rows.ids[positions] == queries.ids[:, None])
        positions = np.where(itself, -1, positions)
    raw = exact_similarities(rows, queries, positions, n_threads)
    found = Neighbours(np.empty((len(queries), k), np.int64), np.empty((len(queries), k)))

    def sort(span: tuple[int, int]) -> None:
        part = slice(*span)
        kept = sort_neighbours(positions[part], raw[part], k)
        found.indices[part], found.similarities[part] = kept

    for_each(sort, spans(len(queries), _SORT_ROWS), n_threads)
    return found


def exact_similarities(
    rows: Rows,
    queries: Rows,
    positions: Positions,
    n_threads: int = 1,
    *,
    tile_rows: int | None = None,
) -> FloatArray:
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
    tile_rows : int, optional
        Rows of a mapped file that are read ahead at a time; by default a part of the memory.

    Returns
    -------
    (q, m) float64 array
        -inf where the position is -1.
    """
    raw = np.full(positions.size, -np.inf)
    mirrors = _mirrors(positions, n_threads) if queries is rows else None
    wanted = positions.ravel() >= 0 if mirrors is None else (positions.ravel() >= 0) & (mirrors < 0)
    (places,) = np.nonzero(wanted)
    n_tile = tile_rows or _tile_rows(rows.dim)
    for part in _by_tiles(rows, queries, positions, places, n_tile):
        found, of_query = positions.ravel()[part], part // positions.shape[1]
        raw[part] = _of_pairs(rows, queries, found, of_query, n_threads)
    if mirrors is not None:
        (mirrored,) = np.nonzero(mirrors >= 0)
        raw[mirrored] = raw[mirrors[mirrored]]
    return raw.reshape(positions.shape)


def _mirrors(positions: Positions, n_threads: int) -> Positions:
    """Return where the same pair stands the other way round, in a lower row; else -1."""
    n_each = positions.shape[1]
    mirrors = np.full(positions.shape, -1, np.int64)

    def look(span: tuple[int, int]) -> None:
        found = positions[slice(*span)]
        own = np.arange(*span)[:, None]
        back = positions[found] == own[:, :, None]
        is_there = back.any(axis=2) & (found >= 0) & (found < own)
        mirrors[slice(*span)][is_there] = (found * n_each + back.argmax(axis=2))[is_there]

    n_per_block = max(1, _MIRROR_VALUES // max(1, n_each * n_each))
    for_each(look, spans(len(positions), n_per_block), n_threads)
    return mirrors.ravel()


def _by_tiles(
    rows: Rows, queries: Rows, positions: Positions, places: Positions, n_tile: int
) -> Iterator[Positions]:
    """Yield the places of pairs, part by part: those of two tiles that were read ahead."""
    n_tiles = -(-len(rows) // n_tile)
    if n_tiles <= 1:
        yield places
        return
    found, of_query = positions.ravel()[places], places // positions.shape[1]
    first, second = of_query // n_tile, found // n_tile
    if queries is rows:
        first, second = np.minimum(first, second), np.maximum(first, second)
    # To and fro, so that the tile that was read last is the first to be read again.
    second = np.where(first % 2, n_tiles - 1 - second, second)
    tiles = first * n_tiles + second
    order, starts = group_by(tiles, int(tiles.max(initial=-1)) + 1)
    for part in filter(len, np.split(order, starts[1:-1])):
        tile = found[part[0]] // n_tile
        rows.read_ahead(tile * n_tile, (tile + 1) * n_tile)
        if queries is rows:
            tile = of_query[part[0]] // n_tile
            rows.read_ahead(tile * n_tile, (tile + 1) * n_tile)
        yield places[part]
        rows.release_pages()


def _tile_rows(dim: int) -> int:
    return max(1, available_memory() // _TILE_SHARE // (4 * dim))


def _of_pairs(
    rows: Rows, queries: Rows, found: Positions, of_query: Positions, n_threads: int
) -> FloatArray:
    values = np.empty(len(found))
    n_step = max(1, _VALUES_PER_STEP // rows.dim)

    def compute(span: tuple[int, int]) -> None:
        # One for all steps: to take new memory for each may take longer than all else.
        terms = np.empty((min(n_step, span[1] - span[0]), rows.dim))
        for start in range(*span, n_step):
            part = slice(start, min(start + n_step, span[1]))
            out = terms[: part.stop - start]
            values[part] = _compare(rows, queries, found[part], of_query[part], out)

    for_each(compute, spans(len(found), _PAIRS_PER_TASK), n_threads)
    return values


def _compare(
    rows: Rows, queries: Rows, found: Positions, of_query: Positions, terms: FloatArray
) -> FloatArray:
    """Return the similarities of some pairs; their terms are computed in `terms`."""
    terms[:] = rows.stored(found)
    query = queries.stored(of_query)
    if rows.metric is Metric.COSINE:
        products = np.multiply(terms, query, out=terms).sum(axis=-1) + 0.0  # no −0.0
        return _cosines(products, rows.squared_norms[found], queries.squared_norms[of_query])
    np.subtract(terms, query, out=terms)
    if rows.metric is Metric.MANHATTAN:
        np.abs(terms, out=terms)
    else:
        np.multiply(terms, terms, out=terms)
    return raw_similarities(terms.sum(axis=-1), rows.metric, rows.dim)


def _cosines(products: FloatArray, norms: NDArray[Any], other_norms: NDArray[Any]) -> FloatArray:
    # √(s·s) is exactly s, hence a row has cosine exactly 1 with itself.
    lengths = np.sqrt(norms * other_norms)
    return np.asarray(np.clip(products / np.where(lengths == 0, 1.0, lengths), -1.0, 1.0))
