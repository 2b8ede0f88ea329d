"""The search among different rows: of identical ones, one stands for all."""

import logging
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray
from fastdup.errors import WorkDirError
from fastdup.index.base import Neighbours, Provider, Resources
from fastdup.index.cache import SearchCache, search_key
from fastdup.index.dedupe import DistinctRows
from fastdup.index.digests import row_fingerprints
from fastdup.index.incremental import update_neighbours
from fastdup.index.metrics import Metric
from fastdup.index.rerank import rerank, sort_neighbours
from fastdup.index.rows import Rows

logger = logging.getLogger(__name__)

#: Of more rows, no approximate result is kept: the lists are found in another way.
MOST_KEPT = 4_000_000

#: What is added to the name of an index for the one without the copies of indexed rows.
_DISTINCT = ".distinct"


class DistinctSearch:
    """The search for the nearest different rows of each different row.

    A row that is all zero has cosine 0 with everything: no provider can place it, so it is kept
    away from them and offered to every other row as a neighbour of similarity 0.

    Parameters
    ----------
    features : (n, d) array
    distinct : DistinctRows
    metric : Metric
    resources : Resources
    norms : (n,) float64 array, optional
        The `squared_norms` of the features, where they are known.

    Attributes
    ----------
    zero_row : int
        Which of the different rows is all zero, for cosine; -1 for none.
    """

    def __init__(
        self,
        features: NDArray[Any],
        distinct: DistinctRows,
        metric: Metric,
        resources: Resources,
        norms: FloatArray | None = None,
    ) -> None:
        self._features, self._metric, self._distinct = features, metric, distinct
        self._reason = ""
        self._n_threads, self._progress = resources.n_threads, resources.progress
        first = distinct.first
        rows = Rows(features, metric, first, None if norms is None else norms[first])
        self.zero_row = -1
        if metric is Metric.COSINE and (rows.squared_norms == 0).any():
            self.zero_row = int(np.argmin(rows.squared_norms))
            rows = rows.choose(np.flatnonzero(rows.squared_norms))
        self._rows = rows

    def run(
        self,
        provider: Provider,
        k: int,
        index_path: Path | None,
        cache: SearchCache,
        reason: str = "",
    ) -> Neighbours:
        """Return the k nearest of each different row; none for the one that is all zero.

        What an earlier search left is used where it makes no difference to the result.

        Parameters
        ----------
        provider : Provider
            Neither built nor loaded yet.
        k : int
        index_path : Path or None
            Where the index goes, if the provider keeps one. What is stored there holds every row
            under its row number. Where some are copies of others, the index without them, which is
            the one to search, lies beside it.
        cache : SearchCache
        reason : str
            Why the provider was chosen; empty when the user asked for it.
        """
        self._reason = reason
        if provider.keeps_index and index_path is not None:
            found = self._by_index(provider, k, index_path, cache)
        elif provider.exact or (provider.keeps_result and len(self._rows) < MOST_KEPT):
            found = self._by_cache(provider, k, cache)
        else:
            found = self._from_the_start(provider, k)
        provider.close()
        return self._with_zero_row(found, k)

    def _from_the_start(self, provider: Provider, k: int) -> Neighbours:
        provider.announce(len(self._rows), self._rows.dim, self._reason)
        provider.build(self._rows)
        return self._search(provider, k)

    def _by_cache(self, provider: Provider, k: int, cache: SearchCache) -> Neighbours:
        """Update the cached result of such a search, or search from the start."""
        kind = "exact" if provider.exact else provider.describe()
        key = search_key(kind, self._metric.name, self._rows.dim, k)
        cached = cache.take(key)
        if cached is not None and np.array_equal(cached.digests, self._digests):
            return Neighbours(cached.indices, cached.similarities)
        found = None
        if cached is not None:
            self._progress.start("neighbours", len(self._rows))
            resources = Resources(n_threads=self._n_threads, progress=self._progress)
            found = update_neighbours(self._rows, self._digests, cached, k, provider, resources)
            self._progress.finish()
            cached = None  # it is large
        if found is None:
            found = self._from_the_start(provider, k)
        if cache.is_kept:
            cache.save(key, self._digests, found, provider.kept())
        return found

    def _by_index(
        self, provider: Provider, k: int, index_path: Path, cache: SearchCache
    ) -> Neighbours:
        """Search the stored index, or build and store it."""
        rest = self._rest()
        lean_path = index_path.with_name(f".{index_path.name}{_DISTINCT}")
        if self._load_index(provider, lean_path if len(rest) else index_path, cache):
            return self._search(provider, k)
        cache.clear()
        found = self._from_the_start(provider, k)
        lean_path.unlink(missing_ok=True)
        if len(rest):
            if cache.is_kept:
                provider.save(lean_path)
            provider.add_rest(rest)
        provider.save(index_path)
        if cache.is_kept:
            cache.save(self._index_key(provider), self._digests)
        return found

    def _load_index(self, provider: Provider, path: Path, cache: SearchCache) -> bool:
        """Read the index of exactly these rows, if it is the one that was written."""
        cached = cache.take(self._index_key(provider))
        if cached is None or not np.array_equal(cached.digests, self._digests):
            return False
        if not path.exists():  # removed with other results, of the same rows by chance
            return False
        try:
            provider.load(path, self._rows)
        except WorkDirError as exc:
            logger.warning("%s; it is made again", exc)
            return False
        return True

    def _index_key(self, provider: Provider) -> str:
        """Return the key of the index of exactly these rows, copies included."""
        inverse = self._distinct.inverse
        return search_key(provider.describe(), self._metric.name, self._rows.dim, inverse)

    @cached_property
    def _digests(self) -> NDArray[np.uint64]:
        """The fingerprint of each row that is searched."""
        return row_fingerprints(self._features, self._n_threads, self._rows.ids)

    def _rest(self) -> Rows:
        """Return the rows that are kept away from the search."""
        everything = np.arange(len(self._features), dtype=np.int64)
        ids = np.setdiff1d(everything, self._rows.ids, assume_unique=True)
        return Rows(self._features, self._metric, ids)

    def _search(self, provider: Provider, k: int) -> Neighbours:
        self._progress.start("neighbours", len(self._rows))
        candidates = provider.search(self._rows, k + 1 + provider.margin)
        found = rerank(self._rows, self._rows, candidates, k, n_threads=self._n_threads)
        self._progress.finish()
        return found

    def _with_zero_row(self, found: Neighbours, k: int) -> Neighbours:
        """Return `found`, with the zero row among the rows and their neighbours."""
        if self.zero_row < 0:
            return found
        n_distinct = len(self._rows) + 1
        (numbers,) = np.nonzero(np.arange(n_distinct) != self.zero_row)
        every = Neighbours.none(n_distinct, k)
        others = np.where(found.indices < 0, -1, numbers[found.indices])
        raw = np.where(found.indices < 0, -np.inf, found.similarities)
        zero = np.full((len(numbers), 1), self.zero_row)
        every.indices[numbers], every.similarities[numbers] = sort_neighbours(
            np.concatenate([others, zero], axis=1),
            np.concatenate([raw, np.zeros((len(numbers), 1))], axis=1),
            k,
        )
        return every
