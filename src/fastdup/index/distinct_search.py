"""The search among groups of identical rows, one row standing for each."""

import logging
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import WorkDirError
from fastdup.index.base import Neighbours, Provider
from fastdup.index.cache import SearchCache, search_key
from fastdup.index.dedupe import DistinctRows
from fastdup.index.digests import row_digests
from fastdup.index.faiss import FaissIndex
from fastdup.index.incremental import update_neighbours
from fastdup.index.metrics import Metric
from fastdup.index.rerank import rerank, sort_neighbours
from fastdup.index.rows import Rows
from fastdup.progress import Progress

logger = logging.getLogger(__name__)

#: What is added to the name of an index for the one without the copies of indexed rows.
_DISTINCT = ".distinct"


class DistinctSearch:
    """The search for the nearest groups of each group of identical rows.

    A row that is all zero has cosine 0 with everything: no provider can place it, so it is kept
    away from them and offered to every other row as a neighbour of similarity 0.

    Parameters
    ----------
    features : (n, d) array
    groups : DistinctRows
    metric : Metric
    n_threads : int
    progress : Progress
    norms : (n,) float64 array, optional
        The `squared_norms` of the features, where they are known.

    Attributes
    ----------
    zero_group : int
        The group of the rows that are all zero; -1 for none.
    """

    def __init__(
        self,
        features: NDArray[Any],
        groups: DistinctRows,
        metric: Metric,
        *,
        n_threads: int,
        progress: Progress,
        norms: NDArray[np.float64] | None = None,
    ) -> None:
        self._features, self._metric, self._groups = features, metric, groups
        self._n_threads, self._progress = n_threads, progress
        rows = Rows(features, metric, groups.first, None if norms is None else norms[groups.first])
        self.zero_group = -1
        if metric is Metric.COSINE and (rows.squared_norms == 0).any():
            self.zero_group = int(np.argmin(rows.squared_norms))
            rest = np.flatnonzero(rows.squared_norms)
            rows = rows.choose(rest)
        self._rows = rows

    @cached_property
    def _digests(self) -> NDArray[np.uint64]:
        """The content of each row that is searched."""
        return row_digests(self._features, self._n_threads, self._rows.ids)

    def run(self, provider: Provider, k: int) -> Neighbours:
        """Return the k nearest groups of each group; those of the zero group are left out."""
        provider.build(self._rows)
        found = self._ask(provider, k)
        provider.close()
        return self._by_group(found, k)

    def exactly(self, provider: Provider, k: int, cache: SearchCache) -> Neighbours:
        """Do the same with an exact provider, or bring an earlier search up to date."""
        search = search_key("exact", self._metric.name, self._rows.dim, k)
        known = cache.load(search)
        found = None
        if known is not None:
            self._progress.start("neighbours", len(self._rows))
            found = update_neighbours(
                *(self._rows, self._digests, known, k),
                n_threads=self._n_threads,
                progress=self._progress,
            )
            self._progress.finish()
        if found is None:
            provider.build(self._rows)
            found = self._ask(provider, k)
        cache.save(search, self._digests, found)
        return self._by_group(found, k)

    def by_index(
        self, provider: FaissIndex, k: int, index_path: Path | None, cache: SearchCache
    ) -> Neighbours:
        """Do the same with an index, which is written to `index_path`, or read from there.

        What is stored there holds every row under its row number. Where some are copies of others,
        the index without them, which is the one to search, lies beside it.
        """
        if index_path is None:
            return self.run(provider, k)
        rest = self._rest()
        lean_path = index_path.with_name(f".{index_path.name}{_DISTINCT}")
        if self._read(provider, lean_path if len(rest) else index_path, cache):
            return self._by_group(self._ask(provider, k), k)
        cache.clear()
        provider.build(self._rows)
        found = self._ask(provider, k)
        lean_path.unlink(missing_ok=True)
        if len(rest):
            if cache.is_kept:
                provider.save(lean_path)
            provider.add_rest(rest)
        provider.save(index_path)
        cache.save(self._search_by(provider), self._digests)
        return self._by_group(found, k)

    def _read(self, provider: FaissIndex, path: Path, cache: SearchCache) -> bool:
        """Read the index of exactly these rows, if it is the one that was written."""
        known = cache.load(self._search_by(provider))
        if known is None or not np.array_equal(known.digests, self._digests):
            return False
        try:
            provider.load(path, self._rows)
        except WorkDirError as exc:
            logger.warning("%s; it is made again", exc)
            return False
        return True

    def _search_by(self, provider: Provider) -> str:
        """Name the index of exactly these rows, whoever they are copies of."""
        return search_key(
            provider.describe(), self._metric.name, self._rows.dim, self._groups.of_row
        )

    def _rest(self) -> Rows:
        """Return the rows that are kept away from the search."""
        everything = np.arange(len(self._features), dtype=np.int64)
        ids = np.setdiff1d(everything, self._rows.ids, assume_unique=True)
        return Rows(self._features, self._metric, ids)

    def _ask(self, provider: Provider, k: int) -> Neighbours:
        self._progress.start("neighbours", len(self._rows))
        candidates = provider.search(self._rows, k + 1 + provider.margin)
        found = rerank(self._rows, self._rows, candidates, k, n_threads=self._n_threads)
        self._progress.finish()
        return found

    def _by_group(self, found: Neighbours, k: int) -> Neighbours:
        """Return `found`, numbered by group, with the zero group among the neighbours."""
        if self.zero_group < 0:
            return found
        n_groups = len(self._rows) + 1
        (numbers,) = np.nonzero(np.arange(n_groups) != self.zero_group)
        indices = np.full((n_groups, k), -1, np.int64)
        similarities = np.zeros((n_groups, k))
        known = np.where(found.indices < 0, -1, numbers[found.indices])
        raw = np.where(found.indices < 0, -np.inf, found.similarities)
        zero = np.full((len(numbers), 1), self.zero_group)
        indices[numbers], similarities[numbers] = sort_neighbours(
            np.concatenate([known, zero], axis=1),
            np.concatenate([raw, np.zeros((len(numbers), 1))], axis=1),
            k,
        )
        return Neighbours(indices, similarities)
