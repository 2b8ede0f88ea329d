import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from fastdup.index import Metric, SearchOptions, self_join
from fastdup.index.base import Candidates
from fastdup.index.rerank import exact_similarities, rerank
from fastdup.index.rows import Rows

METRICS = list(Metric)


def gaussian(n_rows: int, dim: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n_rows, dim)).astype(np.float32)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dim", [1, 2, 7, 130, 576])
def test_a_row_has_similarity_exactly_one_with_itself(metric: Metric, dim: int) -> None:
    rows = Rows(gaussian(200, dim), metric)
    raw = exact_similarities(rows, rows, np.arange(200)[:, None])
    assert (raw == 1.0).all()


@pytest.mark.parametrize("metric", METRICS)
def test_a_similarity_depends_on_the_two_rows_alone(metric: Metric) -> None:
    rows = Rows(gaussian(60, 576), metric)
    everyone = np.tile(np.arange(60), (60, 1))
    raw = exact_similarities(rows, rows, everyone, n_threads=2)
    assert np.array_equal(raw, raw.T)
    for one, other in [(17, 42), (42, 17)]:
        alone = exact_similarities(rows, rows.choose(np.array([one])), np.array([[other]]))
        assert alone[0, 0] == raw[one, other]


def test_similarities_are_the_same_when_a_file_is_read_part_by_part(
    tmp_path: Path,
) -> None:
    gaussian(3000, 20).tofile(tmp_path / "features")
    features = np.memmap(tmp_path / "features", np.float32, "r").reshape(-1, 20)[500:]
    rows = Rows(features, Metric.COSINE)
    positions = np.random.default_rng(1).integers(-1, len(rows), (len(rows), 4))
    expected = exact_similarities(rows, rows, positions)
    queries = rows.choose(np.arange(0, len(rows), 3))
    expected_of_queries = exact_similarities(rows, queries, positions[::3])
    by_parts = exact_similarities(rows, rows, positions, tile_rows=700)
    assert np.array_equal(by_parts, expected)
    by_parts = exact_similarities(rows, queries, positions[::3], tile_rows=700)
    assert np.array_equal(by_parts, expected_of_queries)
    assert np.array_equal(expected_of_queries, expected[::3])


@pytest.mark.parametrize("metric", METRICS)
def test_rows_closer_than_float32_resolves_are_ranked_exactly(metric: Metric) -> None:
    # Forty rows far from 0 that differ in the last digits, and others to fill some blocks.
    features = gaussian(600, 32) * 10
    features[100:140] = 1000 + np.float32(1e-3) * gaussian(40, 32, seed=1)
    found = self_join(features, 5, SearchOptions(distance=metric.value)).neighbours
    rows = Rows(features, metric)
    raw = exact_similarities(rows, rows, np.tile(np.arange(600), (600, 1)))
    np.fill_diagonal(raw, -np.inf)
    columns = np.broadcast_to(np.arange(600), raw.shape)
    best = np.lexsort((columns, -raw.round(12)), axis=1)[:, :5]
    kept = np.take_along_axis(raw, best, axis=1)
    np.testing.assert_allclose(found.similarities, kept, rtol=0, atol=2e-12)


def test_a_provider_that_might_have_missed_a_neighbour_is_not_trusted() -> None:
    rows = Rows(gaussian(50, 8), Metric.EUCLIDEAN)
    wrong = Candidates(np.tile(np.array([48, 49]), (50, 1)), np.zeros(50))
    right = rerank(rows, rows, Candidates(np.tile(np.arange(50), (50, 1))), 2)
    found = rerank(rows, rows, wrong, 2)
    assert np.array_equal(found.indices, right.indices)


def test_brute_force_needs_little_memory_however_many_rows_there_are() -> None:
    features = gaussian(12_000, 4)  # all pairs would take 576 MB
    tracemalloc.start()
    try:
        self_join(features, 2)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 150e6


@pytest.mark.parametrize("scale", [1e-25, 1e-10, 1e14])
@pytest.mark.parametrize("metric", METRICS)
def test_very_small_and_large_features_are_compared_as_any_others(
    metric: Metric, scale: float
) -> None:
    features = (gaussian(300, 16) * scale).astype(np.float32)
    found = self_join(features, 1, SearchOptions(distance=metric.value)).neighbours
    assert (found.indices >= 0).all()
    x = features.astype(np.float64)
    for row in (0, 150, 299):
        if metric is Metric.COSINE:
            near = x @ x[row] / np.linalg.norm(x, axis=1)
        else:
            order = 1 if metric is Metric.MANHATTAN else 2
            near = -np.linalg.norm(x - x[row], axis=1, ord=order)
        near[row] = -np.inf
        if scale > 1e-25 or metric is Metric.COSINE:
            raw_are_distinct = len(set(found.similarities.ravel())) > 200
            assert found.indices[row, 0] == near.argmax() or not raw_are_distinct


def test_the_layout_of_the_matrix_does_not_matter() -> None:
    features = gaussian(300, 24)
    plain = self_join(features, 3).neighbours
    wide = np.zeros((300, 48), np.float32)
    wide[:, ::2] = features
    for other in (np.asfortranarray(features), wide[:, ::2], features.astype(np.float64)):
        assert np.array_equal(self_join(other, 3).neighbours.similarities, plain.similarities)
