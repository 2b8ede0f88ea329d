import numpy as np
import pytest

from fastdup.errors import ConfigError
from fastdup.index import Metric
from fastdup.index.metrics import cosine_equivalent, raw_similarities, similarities_from_raw


@pytest.mark.parametrize(
    ("metric", "distance", "similarity"),
    [
        (Metric.COSINE, 0.25, 0.75),
        (Metric.COSINE, 1.5, -0.5),
        (Metric.EUCLIDEAN, 2.0, 0.5),
        (Metric.SQUARED_EUCLIDEAN, 2.0, 0.5),
        (Metric.MANHATTAN, np.sqrt(2 * 2 * 8 / np.pi), 0.5),
        (Metric.MANHATTAN, 0.0, 1.0),
        (Metric.EUCLIDEAN, np.inf, 0.0),
    ],
)
def test_distances_become_the_similarities_of_the_documented_formula(
    metric: Metric, distance: float, similarity: float
) -> None:
    found = raw_similarities(np.array([distance]), metric, 8)
    np.testing.assert_allclose(found, [similarity], rtol=0, atol=1e-15)


def test_manhattan_estimates_the_euclidean_distance_of_gaussian_differences() -> None:
    differences = np.random.default_rng(0).standard_normal((200, 576)) / 20
    euclidean = raw_similarities((differences**2).sum(axis=1), Metric.EUCLIDEAN, 576)
    manhattan = raw_similarities(np.abs(differences).sum(axis=1), Metric.MANHATTAN, 576)
    np.testing.assert_allclose(manhattan, euclidean, atol=0.03)
    assert abs((manhattan - euclidean).mean()) < 0.003


def test_similarities_lie_between_zero_and_one() -> None:
    assert similarities_from_raw([-1.0, -0.1, 0.0, 0.5, 1.0]).tolist() == [0, 0, 0, 0.5, 1]


@pytest.mark.parametrize("metric", ["euclidean", "squared_euclidean"])
def test_rows_of_length_one_have_the_same_cosine_equivalent_for_all_metrics(metric: str) -> None:
    cosines = np.array([1.0, 0.99, 0.5, 0.0, -0.5, -1.0])
    raw = 1 / (1 + (2 - 2 * cosines) / 2)
    np.testing.assert_allclose(cosine_equivalent(raw, metric), cosines, atol=1e-15)
    np.testing.assert_allclose(cosine_equivalent(cosines, "cosine"), cosines)


def test_rows_too_far_apart_to_have_length_one_have_cosine_minus_one() -> None:
    assert cosine_equivalent([0.0, 1e-9, 0.3], Metric.MANHATTAN).tolist() == [-1, -1, -1]


def test_a_cosine_that_rounding_took_out_of_its_range_is_brought_back() -> None:
    assert cosine_equivalent([1.0 + 1e-9, -1.0 - 1e-9, 0.5], "cosine").tolist() == [1, -1, 0.5]
    assert cosine_equivalent([1.0 + 1e-9], "euclidean").tolist() == [1]


def test_a_misspelt_distance_is_refused_with_the_one_meant() -> None:
    with pytest.raises(ConfigError, match=r"'euclidian' is unknown.*type distance='euclidean'"):
        Metric.of("euclidian")
