"""Approximate neighbours by locality-sensitive hashing: rows are compared if they share a bucket.

The hash of a row is on which side of some random hyperplanes it lies, as in Charikar, "Similarity
estimation techniques from rounding algorithms", STOC 2002. A bucket is searched together with
those that differ in one bit, as in Lv et al., "Multi-probe LSH", VLDB 2007.
"""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index.base import Candidates, Provider
from fastdup.index.distances import distance_lower_bounds, use_one_omp_thread
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans
from fastdup.index.topk import MAX_COLUMNS, TopK

_SEED = 20_231
_BUCKET_ROWS = 64
_SAMPLE_ROWS = 4096
_MIN_TABLES = 6
_MAX_TABLES = 32
_NEAR_SIMILARITY = 0.85
_MISS_RATE = 0.01


class HyperplaneHashing(Provider):
    """Several hash tables: so many that near duplicates share a bucket in one of them.

    The number of bits and tables is chosen for the rows at hand such that two rows of similarity
    0.85 share a bucket, or two that differ in one bit, in at least one table with probability
    0.99. A row that finds too few candidates in this way is compared with the rows of the buckets
    around its own in order of hash as well, so that an outlier finds a nearest row too.
    """

    name = "lsh"
    exact: ClassVar[bool] = False

    def build(self, rows: Rows) -> None:
        """Draw the hyperplanes and hash `rows`."""
        sample = rows.take(np.arange(0, len(rows), max(1, len(rows) // _SAMPLE_ROWS)))
        centre = sample.mean(axis=0) if len(sample) else np.zeros(rows.dim)
        n_bits, n_tables = _choose_size(len(rows), sample - centre, rows.metric)
        random = np.random.default_rng(_SEED)
        planes = random.standard_normal((n_tables, n_bits, rows.dim)).astype(np.float32)
        # Through the centre of the rows and not through 0: features that are never negative would
        # all lie on the same side of most hyperplanes through 0.
        offsets = (planes * centre.astype(np.float32)).sum(axis=2)
        self.rows = rows
        self.restore({"planes": planes, "offsets": offsets})

    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        """Return the `n_candidates` nearest rows of each query in its buckets."""
        topk = TopK(len(queries), min(n_candidates, len(self.rows)))
        if topk.indices.size:
            codes = self._codes if queries is self.rows else self._hash(queries)
            for table in range(len(codes)):
                self._search_table(queries, codes[table], table, topk)
            self._fill(queries, codes[0], topk)
        return Candidates(topk.indices)

    def _hash(self, rows: Rows) -> IntArray:
        """Return the bucket of each of `rows` in each table; shape (tables, m)."""
        n_tables, n_bits, dim = self._planes.shape
        codes = np.zeros((n_tables, len(rows)), np.int64)
        weights = 1 << np.arange(n_bits, dtype=np.int64)
        planes = self._planes.reshape(-1, dim)

        def hash_span(span: tuple[int, int]) -> int:
            sides = rows.take(slice(*span)) @ planes.T > self._offsets.ravel()
            bits = sides.reshape(len(sides), n_tables, n_bits)
            codes[:, slice(*span)] = (bits * weights).sum(axis=2).T
            return span[1] - span[0]

        for_each(hash_span, spans(len(rows)), self.resources.n_threads)
        return codes

    def _search_table(self, queries: Rows, codes: IntArray, table: int, topk: TopK) -> None:
        probes = np.concatenate([[0], 1 << np.arange(self._planes.shape[1])])

        def search_bucket(bucket: IntArray) -> int:
            found = self._in_buckets(table, codes[bucket[0]] ^ probes)
            self._compare(queries, bucket, found, topk)
            return len(bucket) if table == 0 else 0

        self._for_each(search_bucket, _by_value(np.arange(len(queries)), codes))

    def _fill(self, queries: Rows, codes: IntArray, topk: TopK) -> None:
        """Compare the queries that found too few with the rows around their bucket."""
        n_around = max(4 * topk.indices.shape[1], 4 * _BUCKET_ROWS)
        (poor,) = np.nonzero(topk.indices[:, -1] < 0)

        def search_around(bucket: IntArray) -> None:
            middle = int(np.searchsorted(self._sorted_codes[0], codes[bucket[0]]))
            start = max(0, min(middle - n_around // 2, len(self.rows) - n_around))
            found = np.sort(self._order[0][start : start + n_around])
            self._compare(queries, bucket, found, topk)

        self._for_each(search_around, _by_value(poor, codes[poor]))

    def _for_each(self, work: Callable[[IntArray], int | None], buckets: list[IntArray]) -> None:
        prepare = use_one_omp_thread if self.rows.metric is Metric.MANHATTAN else None
        for_each(
            work,
            buckets,
            self.resources.n_threads,
            on_done=self.resources.progress.advance,
            prepare=prepare,
        )

    def _in_buckets(self, table: int, codes: IntArray) -> IntArray:
        """Return the positions of the rows in the buckets `codes`, ascending."""
        sorted_codes, order = self._sorted_codes[table], self._order[table]
        starts = np.searchsorted(sorted_codes, codes)
        stops = np.searchsorted(sorted_codes, codes, side="right")
        return np.sort(np.concatenate([order[a:b] for a, b in zip(starts, stops, strict=True)]))

    def _compare(
        self, queries: Rows, of_queries: IntArray, with_rows: IntArray, topk: TopK
    ) -> None:
        for first, last in spans(len(with_rows), MAX_COLUMNS):
            rows = self.rows.take(with_rows[first:last])
            for start, stop in spans(len(of_queries), MAX_COLUMNS // 4):
                part = of_queries[start:stop]
                distances = distance_lower_bounds(queries.take(part), rows, queries.metric)
                topk.add_overlapping(distances, with_rows[first:last], part)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the hyperplanes."""
        return {"planes": self._planes, "offsets": self._offsets}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take up the hyperplanes, and hash the rows."""
        self._planes, self._offsets = state["planes"], state["offsets"]
        self._codes = self._hash(self.rows)
        self._order = np.argsort(self._codes, axis=1, kind="stable")
        self._sorted_codes = np.take_along_axis(self._codes, self._order, axis=1)


def _by_value(positions: IntArray, codes: IntArray) -> list[IntArray]:
    """Return the `positions` that share a code, one array for each code."""
    if not len(positions):
        return []
    order = np.argsort(codes, kind="stable")
    borders = np.flatnonzero(np.diff(codes[order])) + 1
    return np.split(positions[order], borders)


def _choose_size(n_rows: int, centred: NDArray[Any], metric: Metric) -> tuple[int, int]:
    """Return the numbers of bits and tables, for `centred`, a sample of the rows."""
    same_side = _same_side(centred, metric)
    for n_bits in range(round(math.log2(max(n_rows / _BUCKET_ROWS, 1))), 1, -1):
        part = max(1 - _collision_probability(n_bits, same_side), 1e-9)
        if part**_MAX_TABLES <= _MISS_RATE:
            return n_bits, max(_MIN_TABLES, math.ceil(math.log(_MISS_RATE) / math.log(part)))
    return 1, 1  # hashes of one bit differ in one bit at most: all rows are compared


def _collision_probability(n_bits: int, same_side: float) -> float:
    """Return how probably two hashes of `n_bits` differ in one bit at most."""
    one_off: float = n_bits * (1 - same_side) * same_side ** max(n_bits - 1, 0)
    return float(same_side**n_bits) + one_off


def _same_side(centred: NDArray[Any], metric: Metric) -> float:
    """Return how probably a hyperplane leaves two rows of similarity 0.85 on the same side.

    That is 1 − angle/π, the angle being seen from the centre of the rows. A tenth of the rows
    lies nearer to it than reckoned with, and sees a larger angle.
    """
    s = _NEAR_SIMILARITY
    squared = 2 * (1 - s) if metric is Metric.COSINE else 2 * (1 / s - 1)
    if not len(centred):
        return 1.0
    lengths = np.quantile((centred.astype(np.float64) ** 2).sum(axis=1), 0.1)
    cosine = 1 - squared / (2 * lengths) if lengths > 0 else -1.0
    return 1 - math.acos(max(-1.0, min(1.0, float(cosine)))) / math.pi
