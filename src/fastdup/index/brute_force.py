"""Exact neighbours by comparing every row with every other, a block with a block at a time."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fastdup.errors import ConfigError
from fastdup.index.base import Candidates, Provider, Resources
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

#: Queries in one task; more of them among many rows, which are made ready again for each task.
_QUERY_ROWS = 512
_MANY_ROWS = 20_000
_MORE_QUERY_ROWS = 4096


@dataclass(frozen=True)
class BruteForceOptions:
    """Options of `BruteForce`; none has an influence on the result.

    Attributes
    ----------
    block_rows : int
        Rows compared at a time with as many others, at most `MAX_COLUMNS`; 0: by their number.
    """

    block_rows: int = 0

    def __post_init__(self) -> None:
        """Check the values."""
        if not 0 <= self.block_rows <= MAX_COLUMNS:
            raise ConfigError(f"block_rows={self.block_rows!r}: it must be from 0 to {MAX_COLUMNS}")


class BruteForce(Provider):
    """Compares all pairs; its memory is about 80 MB per thread, for any number of rows."""

    name = "brute_force"
    options_class: ClassVar[type[BruteForceOptions]] = BruteForceOptions
    exact: ClassVar[bool] = True
    margin: ClassVar[int] = 2  # where more are as near as that, the search is done in float64

    def build(self, rows: Rows) -> None:
        """Keep `rows`; there is no index."""
        self.rows = rows

    def search(self, queries: Rows, n_candidates: int, *, precise: bool = False) -> Candidates:
        """Return the `n_candidates` nearest rows of each query.

        With `precise` the products are float64, twice as slow: then distances that differ by
        less than 1 in 10**12 count as equal and the lower index comes first.
        """
        n_kept = min(n_candidates, len(self.rows))
        if n_kept and queries is self.rows and queries.metric is Metric.COSINE and not precise:
            nearest = symmetric_self_join(
                queries,
                n_kept,
                self.resources.workers,
                self.resources.progress,
                self.options.block_rows,
            )
        else:
            nearest = self._of_queries(queries, n_kept, precise=precise)
        is_all = n_kept == len(self.rows)
        return Candidates(
            nearest.indices, np.full(len(queries), np.inf) if is_all else nearest.bounds
        )

    def _of_queries(self, queries: Rows, n_kept: int, *, precise: bool) -> TopK:
        nearest = TopK(len(queries), n_kept)
        n_block = self.options.block_rows
        work = _Comparison(self.rows, queries, n_kept, n_block or MAX_COLUMNS, precise=precise)
        n_chosen = _MORE_QUERY_ROWS if len(self.rows) >= _MANY_ROWS else _QUERY_ROWS
        tasks = spans(len(queries), n_block or n_chosen) if n_kept else []
        for span, found in self.resources.workers.run(work, tasks):
            part = slice(*span)
            nearest.indices[part], nearest.distances[part] = found.indices, found.distances
            self.resources.progress.advance(span[1] - span[0])
        return nearest


def search_all_pairs(
    rows: Rows,
    queries: Rows,
    n_candidates: int,
    resources: Resources | None = None,
    *,
    precise: bool = False,
) -> Candidates:
    """Return the `n_candidates` nearest of `rows` for each query; see `BruteForce.search`."""
    provider = BruteForce(resources=resources)
    provider.build(rows)
    return provider.search(queries, n_candidates, precise=precise)


@dataclass(frozen=True)
class _Comparison:
    """Compares a block of queries with all rows."""

    rows: Rows
    queries: Rows
    n_kept: int
    n_columns: int
    precise: bool

    def __call__(self, span: tuple[int, int]) -> TopK:
        is_fused = self.rows.metric is Metric.COSINE and not self.precise
        return self._fused(slice(*span)) if is_fused else self._by_blocks(slice(*span))

    def _by_blocks(self, span: slice) -> TopK:
        if self.rows.metric is not Metric.COSINE:
            use_one_omp_thread()
        block = self.queries.take(span, precise=self.precise)
        nearest = TopK(len(block), self.n_kept)
        spans_of_rows = spans(len(self.rows), self.n_columns)
        # The block around the queries themselves goes first: similar images are listed together,
        # and with a good bound from the start few distances of the other blocks are looked at.
        spans_of_rows.sort(key=lambda columns: not columns[0] <= span.start < columns[1])
        for start, stop in spans_of_rows:
            rows = self.rows.take(slice(start, stop), precise=self.precise)
            distances = distance_lower_bounds(block, rows, self.rows.metric)
            nearest.add(distances, np.arange(start, stop))
        return nearest

    def _fused(self, span: slice) -> TopK:
        """Pick the nearest while multiplying."""
        block = self.queries.take(span)
        nearest = TopK(len(block), self.n_kept)
        for start, stop in spans(len(self.rows), self.n_columns):
            rows = self.rows.take(slice(start, stop))
            products, ids = topk_inner_products(block, rows, self.n_kept)
            distances = cosine_distance_lower_bounds(products, rows.shape[1])
            nearest.add_sorted(distances, ids + start)
        return nearest
