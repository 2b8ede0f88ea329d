"""Exact neighbours by comparing every row with every other, a block with a block at a time."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import ArrayProvider, Candidates
from fastdup.index.distances import (
    cosine_distance_lower_bounds,
    distance_lower_bounds,
    use_one_omp_thread,
)
from fastdup.index.matmul import topk_inner_products
from fastdup.index.metrics import Metric
from fastdup.index.rows import Rows, spans
from fastdup.index.symmetric import symmetric_self_join
from fastdup.index.topk import MAX_COLUMNS, TopK
from fastdup.progress import Progress

#: Queries in one task; more of them among many rows, which are made ready again for each task.
_QUERY_ROWS = 512
_MANY_ROWS = 20_000
_MORE_QUERY_ROWS = 4096


class BruteForce(ArrayProvider):
    """Compares all pairs; its memory is about 80 MB per thread, for any number of rows."""

    name = "brute_force"
    exact: ClassVar[bool] = True
    margin: ClassVar[int] = 2  # where more are as near as that, the search is done in float64

    def build(self, rows: Rows) -> None:
        """Remember `rows`; there is no index."""
        self._rows = rows

    def search(self, queries: Rows, n_candidates: int, *, precise: bool = False) -> Candidates:
        """Return the `n_candidates` nearest rows of each query.

        With `precise` the products are float64, twice as slow: then distances that differ by
        less than 1 in 10**12 count as equal and the lower index comes first.
        """
        n_kept = min(n_candidates, len(self._rows))
        if n_kept and queries is self._rows and queries.metric is Metric.COSINE and not precise:
            nearest = symmetric_self_join(queries, n_kept, self._executor, self._progress)
        else:
            nearest = self._of_queries(queries, n_kept, precise=precise)
        is_all = n_kept == len(self._rows)
        return Candidates(
            nearest.indices, np.full(len(queries), np.inf) if is_all else nearest.bounds
        )

    def _of_queries(self, queries: Rows, n_kept: int, *, precise: bool) -> TopK:
        nearest = TopK(len(queries), n_kept)
        work = _Comparison(self._rows, queries, n_kept, precise=precise)
        n_each = _MORE_QUERY_ROWS if len(self._rows) >= _MANY_ROWS else _QUERY_ROWS
        tasks = spans(len(queries), n_each) if n_kept else []
        for span, found in self._executor.run(work, tasks):
            part = slice(*span)
            nearest.indices[part], nearest.distances[part] = found.indices, found.distances
            self._progress.advance(span[1] - span[0])
        return nearest

    def _state(self) -> dict[str, NDArray[Any]]:
        return {}

    def _set_state(self, state: dict[str, NDArray[Any]]) -> None:
        pass


def search_all_pairs(
    rows: Rows,
    queries: Rows,
    n_candidates: int,
    *,
    n_threads: int,
    progress: Progress | None = None,
    precise: bool = False,
) -> Candidates:
    """Return the `n_candidates` nearest of `rows` for each query; see `BruteForce.search`."""
    provider = BruteForce(n_threads=n_threads, progress=progress)
    provider.build(rows)
    return provider.search(queries, n_candidates, precise=precise)


@dataclass(frozen=True)
class _Comparison:
    """Compares a block of queries with all rows."""

    rows: Rows
    queries: Rows
    n_kept: int
    precise: bool

    def __call__(self, span: tuple[int, int]) -> TopK:
        is_fused = self.rows.metric is Metric.COSINE and not self.precise
        return self._fused(slice(*span)) if is_fused else self._by_blocks(slice(*span))

    def _by_blocks(self, span: slice) -> TopK:
        if self.rows.metric is not Metric.COSINE:
            use_one_omp_thread()
        block = self.queries.take(span, precise=self.precise)
        nearest = TopK(len(block), self.n_kept)
        spans_of_rows = spans(len(self.rows), MAX_COLUMNS)
        # The block around the queries themselves goes first: listings keep alike images together,
        # and with a good bound from the start few distances of the other blocks are looked at.
        spans_of_rows.sort(key=lambda columns: not columns[0] <= span.start < columns[1])
        for start, stop in spans_of_rows:
            rows = self.rows.take(slice(start, stop), precise=self.precise)
            distances = distance_lower_bounds(block, rows, self.rows.metric)
            nearest.offer(distances, np.arange(start, stop))
        return nearest

    def _fused(self, span: slice) -> TopK:
        """Pick the nearest while multiplying."""
        block = self.queries.take(span)
        nearest = TopK(len(block), self.n_kept)
        for start, stop in spans(len(self.rows), MAX_COLUMNS):
            rows = self.rows.take(slice(start, stop))
            products, ids = topk_inner_products(block, rows, self.n_kept)
            distances = cosine_distance_lower_bounds(products, rows.shape[1])
            nearest.offer_sorted(distances, ids + start)
        return nearest
