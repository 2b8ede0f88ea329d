"""Exact neighbours by comparing every row with every other, a block with a block at a time."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import ArrayProvider, Candidates
from fastdup.index.distances import (
    optimistic_cosine_distances,
    optimistic_distances,
    use_one_omp_thread,
)
from fastdup.index.metrics import Metric
from fastdup.index.nearest import MAX_COLUMNS, Nearest
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans

_QUERY_ROWS = 512

# From so many rows on, faiss, which picks the nearest while it multiplies, is worth its import.
_FUSED_FROM = 20_000
_FUSED_ROWS = 4096


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
        positions = np.full((len(queries), min(n_candidates, len(self._rows))), -1, np.int64)
        cutoffs = np.full(len(queries), np.inf)
        is_cosine = self._rows.metric is Metric.COSINE
        is_fused = is_cosine and not precise and len(self._rows) >= _FUSED_FROM

        def search_span(span: tuple[int, int]) -> int:
            if is_fused:
                nearest = self._nearest_fused(queries, slice(*span), positions.shape[1])
            else:
                nearest = self._nearest(queries, slice(*span), positions.shape[1], precise)
            positions[slice(*span)] = nearest.indices
            if positions.shape[1] < len(self._rows):
                cutoffs[slice(*span)] = nearest.bounds
            return span[1] - span[0]

        if positions.size:
            for_each(
                search_span,
                spans(len(queries), _FUSED_ROWS if is_fused else _QUERY_ROWS),
                self._n_threads,
                on_done=self._progress.advance,
                prepare=use_one_omp_thread if is_fused or not is_cosine else None,
            )
        return Candidates(positions, cutoffs)

    def _nearest(self, queries: Rows, span: slice, n_kept: int, precise: bool) -> Nearest:
        block = queries.take(span, precise=precise)
        nearest = Nearest(len(block), n_kept)
        spans_of_rows = spans(len(self._rows), MAX_COLUMNS)
        # The block around the queries themselves goes first: listings keep alike images together,
        # and with a good bound from the start few distances of the other blocks are looked at.
        spans_of_rows.sort(key=lambda columns: not columns[0] <= span.start < columns[1])
        for start, stop in spans_of_rows:
            rows = self._rows.take(slice(start, stop), precise=precise)
            distances = optimistic_distances(block, rows, self._rows.metric)
            nearest.offer(distances, np.arange(start, stop))
        return nearest

    def _nearest_fused(self, queries: Rows, span: slice, n_kept: int) -> Nearest:
        import faiss

        block = queries.take(span)
        nearest = Nearest(len(block), n_kept)
        for start, stop in spans(len(self._rows), _FUSED_ROWS):
            rows = self._rows.take(slice(start, stop))
            n_wanted = min(n_kept, stop - start)
            products, ids = faiss.knn(block, rows, n_wanted, metric=faiss.METRIC_INNER_PRODUCT)
            nearest.merge(optimistic_cosine_distances(products, rows.shape[1]), ids + start)
        return nearest

    def _state(self) -> dict[str, NDArray[Any]]:
        return {}

    def _set_state(self, state: dict[str, NDArray[Any]]) -> None:
        pass
