import numpy as np
import pytest

from fastdup.index import Resources, SearchOptions, self_join
from fastdup.index.lsh import HyperplaneHashing
from fastdup.index.metrics import Metric
from fastdup.index.rows import Rows


def near_duplicates(n_rows: int, dim: int, *, offset: float) -> np.ndarray:
    """Return rows half of which have a near duplicate, not one of them at the origin."""
    random = np.random.default_rng(3)
    rows = random.standard_normal((n_rows, dim)) + offset
    half = n_rows // 2
    noise = random.uniform(0.05, 0.5, (half, 1)) * random.standard_normal((half, dim))
    rows[half : 2 * half] = rows[:half] + noise
    return rows.astype(np.float32)


@pytest.mark.parametrize("offset", [0.0, 0.7])
def test_near_duplicates_among_twenty_thousand_rows_are_found(offset: float) -> None:
    features = near_duplicates(20_000, 48, offset=offset)
    threads = Resources(n_threads=2)
    true = self_join(features, 1, SearchOptions(provider="brute_force"), threads).neighbours
    found = self_join(features, 1, SearchOptions(provider="lsh"), threads).neighbours
    alike = true.similarities >= 0.85
    assert alike.sum() > 10_000
    assert (found.indices[alike] == true.indices[alike]).mean() >= 0.95
    assert (found.indices >= 0).all()


def test_an_outlier_far_from_everything_still_has_a_nearest_row() -> None:
    features = near_duplicates(3000, 16, offset=0)
    features[5] *= -40
    features[6] += 300
    for metric in ("cosine", "euclidean", "manhattan"):
        found = self_join(features, 3, SearchOptions(provider="lsh", distance=metric))
        assert (found.neighbours.indices >= 0).all()


def test_rows_that_hash_into_one_bucket_are_compared_in_blocks() -> None:
    random = np.random.default_rng(0)
    features = (1 + 1e-5 * random.standard_normal((9000, 4))).astype(np.float32)
    rows = Rows(features, Metric.COSINE)
    provider = HyperplaneHashing(resources=Resources(n_threads=2))
    provider.build(rows)
    assert (provider.search(rows, 5).positions >= 0).all()
