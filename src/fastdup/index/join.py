"""The neighbours of every row among the others, and of other rows among them."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import ConfigError, NeighbourError
from fastdup.index.base import Neighbours, Resources
from fastdup.index.brute_force import BruteForce, search_all_pairs
from fastdup.index.cache import SearchCache, search_key
from fastdup.index.dedupe import DistinctRows, dedupe_rows, expand_duplicates
from fastdup.index.distinct_search import DistinctSearch
from fastdup.index.incremental import update_neighbours
from fastdup.index.metrics import Metric
from fastdup.index.provider_choice import (
    EXACT_LIMIT_OF_OTHERS,
    SearchOptions,
    choose_provider,
    make_provider,
)
from fastdup.index.rerank import rerank
from fastdup.index.rows import Rows, check_values, squared_norms

logger = logging.getLogger(__name__)

#: A search of fewer rows takes seconds, and stays on this machine.
SHARED_FROM = 20_000

#: Most neighbours of a row that are kept where all close ones are wanted, of few rows and of many.
MOST_NEIGHBOURS, MOST_NEIGHBOURS_OF_MANY = 100, 16
_MANY = 100_000


@dataclass(frozen=True)
class SearchFiles:
    """What a search leaves for the next one.

    Attributes
    ----------
    index : Path or None
        Where the index goes when the provider keeps one. It holds every row under its row number.
    cache : Path or None
        Where an exact search, or one by a stored index, leaves what it found, so that the next one
        compares only what is new, or searches the index again, with the same result.
    """

    index: Path | None = None
    cache: Path | None = None


@dataclass(frozen=True)
class SelfJoin:
    """The neighbours of every row, and who found them.

    Attributes
    ----------
    metric : Metric
        What the raw similarities measure.
    description : str
        One line for people: "brute_force (exact): 12,000 images".
    distinct : DistinctRows
        Which rows are copies of each other.
    of_distinct : Neighbours
        Of the u different rows, k each, numbered as in `distinct`; raw similarities.
    zero_row : int
        Which different row is all zero, for cosine; -1 for none.
    """

    metric: Metric
    description: str
    distinct: DistinctRows
    of_distinct: Neighbours
    zero_row: int = -1

    @property
    def neighbours(self) -> Neighbours:
        """Of n rows, k each, itself not counted; raw similarities. Made on request."""
        k = self.of_distinct.indices.shape[1]
        return expand_duplicates(self.distinct, self.of_distinct, k, zero_row=self.zero_row)

    def narrowed(self, k: int) -> "SelfJoin":
        """Return the same with the first k neighbours of each row."""
        indices, similarities = self.of_distinct
        return replace(self, of_distinct=Neighbours(indices[:, :k], similarities[:, :k]))


def most_neighbours(n_rows: int) -> int:
    """Return how many neighbours of a row are kept where all close ones are wanted."""
    return MOST_NEIGHBOURS if n_rows <= _MANY else MOST_NEIGHBOURS_OF_MANY


def self_join(
    features: NDArray[Any],
    k: int,
    options: SearchOptions | None = None,
    resources: Resources | None = None,
    files: SearchFiles | None = None,
) -> SelfJoin:
    """Return the k nearest other rows of each row.

    Rows that are the same are searched as one, so that thousands of copies cost nothing; and the
    candidates of a provider are re-ranked by similarities computed in float64. Hence the result is
    the same for any number of threads, and differs between providers only in the neighbours that
    an approximate one misses.

    Parameters
    ----------
    features : (n, d) array
        Read as float32, in blocks, and not modified; may be a ``np.memmap``. n may be 0.
    k : int
        At least 1.
    options : SearchOptions, optional
        By default ``auto`` and the cosine.
    resources : Resources, optional
        By default one thread.
    files : SearchFiles, optional
        By default nothing is left.

    Raises
    ------
    ConfigError
        The options make no sense, or not for these features.
    NeighbourError
        The features are no matrix of finite numbers, or the provider fails.
    WorkDirError
        The index or the cache cannot be written.
    """
    options, resources = options or SearchOptions(), resources or Resources()
    files = files or SearchFiles()
    _check_shape(features, k)
    options.check(features.shape[1])
    norms = squared_norms(features, resources.n_threads)
    check_values(features, options.metric, norms)
    cache = SearchCache(files.cache)
    distinct = dedupe_rows(features, resources.n_threads, norms)
    n_distinct = len(distinct.first)
    choice = choose_provider(options, n_distinct)
    if resources.workers.is_distributed and n_distinct < SHARED_FROM:
        resources = replace(resources, executor=None)
    provider = make_provider(choice.name, options, resources)
    search = DistinctSearch(features, distinct, options.metric, resources, norms)
    found = search.run(provider, k, files.index, cache, choice.reason)
    reason = f", {choice.reason}" if choice.reason else ""
    description = f"{provider.describe()}: {len(features):,} images{reason}"
    logger.debug("neighbours by %s", description)
    return SelfJoin(options.metric, description, distinct, found, search.zero_row)


def nearest(
    features: NDArray[Any],
    queries: NDArray[Any],
    k: int,
    *,
    distance: str = "cosine",
    n_threads: int = 1,
) -> Neighbours:
    """Return the k rows of `features` nearest to each row of `queries`, exactly.

    Parameters
    ----------
    features : (n, d) array
    queries : (q, d) array
        Rows of their own: one that equals a row of `features` has it for a neighbour.
    k : int
        At least 1.
    distance : str
        See `Metric`.
    n_threads : int
        At least 1.

    Raises
    ------
    ConfigError, NeighbourError
        As for `self_join`.
    """
    metric, threads = Metric.of(distance), Resources(n_threads=n_threads)
    for matrix in (features, queries):
        _check_shape(matrix, k)
        check_values(matrix, metric, squared_norms(matrix, n_threads))
    if features.shape[1] != queries.shape[1]:
        raise NeighbourError(
            f"the queries have width {queries.shape[1]}, the features {features.shape[1]}: "
            "extract both with the same model"
        )
    rows = Rows(features, metric)
    # A view is another object: so that queries taken from `features` may find themselves.
    query_rows = Rows(queries.view(), metric)
    candidates = search_all_pairs(rows, query_rows, k + BruteForce.margin, threads)
    return rerank(rows, query_rows, candidates, k, n_threads=n_threads)


def nearest_rows(rows: Rows, queries: Rows, k: int, resources: Resources) -> Neighbours:
    """Return the k nearest of `rows` for each query: of many rows, nearly all of those.

    Parameters
    ----------
    rows, queries : Rows
        Of the same width and metric; not the same.
    k : int
        At least 1.
    resources : Resources
        The provider is the one that ``auto`` takes for queries among so many rows.
    """
    if resources.workers.is_distributed and len(rows) < SHARED_FROM:
        resources = replace(resources, executor=None)
    options = SearchOptions(distance=rows.metric.value, exact_limit=EXACT_LIMIT_OF_OTHERS)
    provider = make_provider(choose_provider(options, len(rows)).name, options, resources)
    provider.build(rows)
    candidates = provider.search(queries, k + provider.margin)
    provider.close()
    return rerank(rows, queries, candidates, k, n_threads=resources.n_threads)


def nearest_to_each(
    rows: Rows,
    queries: Rows,
    k: int,
    resources: Resources,
    digests: NDArray[np.uint64],
    known: Path | None,
) -> Neighbours:
    """Return the k nearest of `rows` for the query of each row, as `nearest_rows` does.

    Of so few rows that this is exact, only what is new since the last search is compared; the
    result is the same.

    Parameters
    ----------
    rows, queries : Rows
        As many; not the same.
    k : int
        At least 1.
    resources : Resources
    digests : (n, 2) uint64 array
        Fingerprints of all that determines a row and its query.
    known : Path or None
        The file that keeps what was found; None for none.
    """
    if known is None or len(rows) > EXACT_LIMIT_OF_OTHERS:
        return nearest_rows(rows, queries, k, resources)
    cache, key = SearchCache(known), search_key("queries", rows.metric.name, rows.dim, k)
    cached = cache.take(key)
    found = None
    if cached is not None:
        if np.array_equal(cached.digests, digests):
            return Neighbours(cached.indices, cached.similarities)
        found = update_neighbours(
            rows, digests, cached, k, BruteForce(), replace(resources, executor=None), queries
        )
    found = found or nearest_rows(rows, queries, k, resources)
    cache.save(key, digests, found)
    return found


def _check_shape(features: NDArray[Any], k: int) -> None:
    if features.ndim != 2 or not features.shape[1]:
        raise NeighbourError(
            f"features are a matrix of n rows and d columns, not of shape {features.shape}"
        )
    if k < 1:
        raise ConfigError(
            f"nearest_neighbors_k={k} is too small: type nearest_neighbors_k=1 or more"
        )
