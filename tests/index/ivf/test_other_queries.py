"""Queries that are not among the rows are searched some at a time."""

import tracemalloc

import numpy as np

from fastdup.index import Metric, Rows
from fastdup.index.ivf.provider import IvfJoin

K = 20


def vectors(n, seed):
    return np.random.default_rng(seed).normal(size=(n, 16)).astype(np.float32)


def test_a_query_more_takes_little_memory_and_finds_the_same():
    provider = IvfJoin()
    provider.build(Rows(vectors(4000, 0), Metric.COSINE))
    queries, found, peaks = vectors(80_000, 1), [], []
    for n_queries in (40_000, 80_000):
        rows = Rows(queries[:n_queries], Metric.COSINE)
        tracemalloc.start()
        found.append(provider.search(rows, K).positions)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert np.array_equal(np.sort(found[0][:100]), np.sort(found[1][:100]))
    of_each = (peaks[1] - peaks[0]) / 40_000
    assert of_each < 2 * found[0][0].nbytes
