"""Rows compared with one another, each two once."""

import numpy as np
import pytest

from fastdup.executors import LocalExecutor
from fastdup.index.metrics import Metric
from fastdup.index.rows import Rows
from fastdup.index.symmetric import symmetric_self_join
from fastdup.progress import SilentProgress


class Counting(SilentProgress):
    """Adds up the steps."""

    total = 0

    def advance(self, count: int) -> None:
        self.total += count


@pytest.mark.parametrize("n_rows", [1, 2, 63, 64, 65, 500])
@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("block_rows", [0, 30, 64])
def test_each_row_gets_its_nearest(n_rows: int, n_threads: int, block_rows: int) -> None:
    features = np.random.default_rng(n_rows).standard_normal((n_rows, 24)).astype(np.float32)
    progress, n_kept = Counting(), min(4, n_rows)
    rows = Rows(features, Metric.COSINE)
    nearest = symmetric_self_join(rows, n_kept, LocalExecutor(n_threads), progress, block_rows)
    assert progress.total == n_rows
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    distances = 1 - unit @ unit.T
    np.fill_diagonal(distances, 0)
    assert np.array_equal(nearest.indices, np.argsort(distances, axis=1)[:, :n_kept])
    np.testing.assert_allclose(nearest.distances, np.sort(distances)[:, :n_kept], atol=1e-4)


def test_of_rows_that_are_as_near_the_first_are_kept() -> None:
    features = np.repeat(np.eye(4, dtype=np.float32), 10, axis=0)
    rows = Rows(features, Metric.COSINE)
    nearest = symmetric_self_join(rows, 3, LocalExecutor(2), SilentProgress(), block_rows=8)
    first = np.repeat(np.arange(0, 40, 10), 10)[:, None]
    assert np.array_equal(nearest.indices, first + np.arange(3))
