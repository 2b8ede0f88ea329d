"""What every provider of neighbours promises, compared by value with plain NumPy in float64."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from fastdup.index import Metric, Neighbours, Provider, Resources, SearchOptions, self_join
from fastdup.index.dedupe import dedupe_rows
from fastdup.index.provider_choice import choose_provider, make_provider, register_provider
from fastdup.index.rows import Rows
from packages import install
from toy_provider import ToyProvider

METRICS = [metric.value for metric in Metric]
K = 3


def reference_similarities(features: NDArray[Any], metric: str) -> NDArray[np.float64]:
    """Return all raw similarities (n, n) by the formulas in the documentation of `Metric`."""
    x = features.astype(np.float64)
    raw = np.empty((len(x), len(x)))
    for row, out in zip(x, raw, strict=True):
        if metric == "cosine":
            lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(row)
            out[:] = np.divide(x @ row, lengths, out=np.zeros(len(x)), where=lengths > 0)
        elif metric == "manhattan":
            e = np.abs(x - row).sum(axis=1) * np.sqrt(np.pi / (2 * x.shape[1]))
            out[:] = 1 / (1 + e**2 / 2)
        else:
            out[:] = 1 / (1 + ((x - row) ** 2).sum(axis=1) / 2)
    return raw


def reference_neighbours(features: NDArray[Any], k: int, metric: str) -> Neighbours:
    """Return the true neighbours; similarities that rounding alone tells apart count as equal."""
    raw = reference_similarities(features, metric)
    np.fill_diagonal(raw, -np.inf)
    n = len(features)
    columns = np.broadcast_to(np.arange(n), (n, n))
    order = np.lexsort((columns, -raw.round(12)), axis=1)[:, : min(k, n - 1)]
    indices, similarities = np.full((n, k), -1), np.zeros((n, k))
    indices[:, : order.shape[1]] = order
    similarities[:, : order.shape[1]] = np.take_along_axis(raw, order, axis=1)
    return Neighbours(indices, similarities)


def clustered(n_rows: int = 700, dim: int = 24, *, seed: int = 5) -> NDArray[np.float32]:
    """Return rows in groups of about seven alike ones, not of length 1."""
    random = np.random.default_rng(seed)
    centres = 2 * random.standard_normal((n_rows // 7 + 1, dim))
    rows = centres[random.integers(0, len(centres), n_rows)]
    return (rows + 0.2 * random.standard_normal((n_rows, dim))).astype(np.float32)


def with_copies() -> NDArray[np.float32]:
    features = clustered(300)
    features[[10, 50, 51, 299]] = features[7]
    features[[20, 21]] = features[19]
    return features


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a `metric` for each one that the provider knows."""
    if "metric" in metafunc.fixturenames:
        metafunc.parametrize("metric", metafunc.cls.metrics)


class NeighboursContract:
    """Inherit it, set `options`, and `recall` where neighbours may be missed."""

    options: ClassVar[dict[str, Any]]
    metrics: ClassVar[list[str]] = METRICS
    recall: ClassVar[float] = 1.0

    def join(
        self, features: NDArray[Any], k: int = K, *, distance: str = "cosine", n_threads: int = 1
    ) -> Neighbours:
        options = SearchOptions(distance=distance, **self.options)
        return self_join(features, k, options, Resources(n_threads=n_threads)).neighbours

    def assert_right(self, features: NDArray[Any], found: Neighbours, metric: str) -> None:
        """Compare with the reference: every value, and the indices as far as `recall` asks."""
        k = found.indices.shape[1]
        raw = reference_similarities(features, metric)
        true = reference_neighbours(features, k, metric)
        assert np.array_equal(found.indices < 0, true.indices < 0)
        rows = np.arange(len(features))[:, None]
        present = found.indices >= 0
        values = np.where(present, raw[rows, found.indices], 0.0)
        np.testing.assert_allclose(found.similarities, values, rtol=0, atol=1e-12)
        assert not (found.indices == rows).any(), "a row is its own neighbour"
        assert all(len(set(ids[ids >= 0])) == (ids >= 0).sum() for ids in found.indices)
        as_near = found.similarities >= true.similarities - 1e-12
        assert as_near.mean() >= self.recall
        if self.recall == 1.0:
            assert np.array_equal(found.indices, true.indices)

    def test_indices_and_values_are_those_of_the_reference(self, metric: str) -> None:
        features = clustered()
        self.assert_right(features, self.join(features, distance=metric), metric)

    def test_copies_are_found_first_and_have_similarity_one(self, metric: str) -> None:
        features = with_copies()
        found = self.join(features, distance=metric)
        self.assert_right(features, found, metric)
        assert found.indices[50].tolist() == [7, 10, 51]
        assert found.similarities[50].tolist() == [1.0, 1.0, 1.0]
        assert found.indices[7].tolist() == [10, 50, 51]
        assert found.indices[20][:2].tolist() == [19, 21]

    def test_a_zero_row_is_a_row_like_any_other_but_has_cosine_zero(self, metric: str) -> None:
        features = clustered(200)
        features[[0, 5]] = 0.0
        features[9] = -0.0
        found = self.join(features, distance=metric)
        self.assert_right(features, found, metric)
        if metric == "cosine":
            assert found.indices[5].tolist() == [0, 1, 2]
            assert found.similarities[5].tolist() == [0.0, 0.0, 0.0]
        else:
            assert found.similarities[5][:2].tolist() == [1.0, 1.0]

    def test_rows_that_point_apart_keep_a_negative_cosine(self) -> None:
        features = np.zeros((3, 24), np.float32)
        features[:, :2] = [[1, 0], [-1, 0.5], [-1, -0.75]]
        found = self.join(features, 2)
        self.assert_right(features, found, "cosine")
        assert (found.similarities[0] < 0).all()

    @pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 12])
    def test_few_rows_have_as_many_neighbours_as_there_are(self, n_rows: int, metric: str) -> None:
        features = clustered(n_rows)
        found = self.join(features, 5, distance=metric)
        assert found.indices.shape == found.similarities.shape == (n_rows, 5)
        assert found.indices.dtype == np.int64
        assert found.similarities.dtype == np.float64
        assert ((found.indices >= 0).sum(axis=1) == min(5, max(n_rows - 1, 0))).all()
        if n_rows:
            self.assert_right(features, found, metric)

    def test_ten_thousand_equal_rows_are_all_neighbours(self, metric: str) -> None:
        features = np.ones((10_000, 8), np.float32)
        found = self.join(features, 2, distance=metric)
        assert found.indices[0].tolist() == [1, 2]
        assert found.indices[1].tolist() == [0, 2]
        assert (found.indices[2:] == [0, 1]).all()
        assert (found.similarities == 1.0).all()

    def test_the_input_is_left_as_it_is(self) -> None:
        features = with_copies()
        features[3] = 0
        before = features.copy()
        features.flags.writeable = False
        self.join(features)
        assert features.tobytes() == before.tobytes()

    def test_any_number_of_threads_gives_the_same_bytes(self, metric: str) -> None:
        features = clustered(1300)
        one, *others = [self.join(features, distance=metric, n_threads=n) for n in (1, 2, 4)]
        for other in others:
            assert one.indices.tobytes() == other.indices.tobytes()
            assert one.similarities.tobytes() == other.similarities.tobytes()

    def test_a_memory_mapped_file_gives_the_same_as_an_array(self, tmp_path: Path) -> None:
        features = with_copies()
        features.tofile(tmp_path / "features.dat")
        mapped = np.memmap(tmp_path / "features.dat", np.float32, "r", shape=features.shape)
        assert self.join(mapped).indices.tobytes() == self.join(features).indices.tobytes()

    def test_what_was_saved_and_loaded_answers_the_same(self, metric: str, tmp_path: Path) -> None:
        features = with_copies()
        rows = Rows(features, Metric(metric), dedupe_rows(features).first)
        others = Rows(clustered(20, seed=6), Metric(metric))
        built, loaded = self.provider(), self.provider()
        built.build(rows)
        built.save(tmp_path / "index")
        loaded.load(tmp_path / "index", rows)
        assert [path.name for path in tmp_path.iterdir()] == ["index"]
        for queries in (rows, others):
            before, after = built.search(queries, 9), loaded.search(queries, 9)
            assert np.array_equal(before.positions, after.positions)
            assert (before.cutoffs is None) == (after.cutoffs is None)
            if before.cutoffs is not None:
                assert np.array_equal(before.cutoffs, after.cutoffs)

    def provider(self) -> Provider:
        options = SearchOptions(**self.options)
        return make_provider(choose_provider(options, n_rows=300).name, options)


class TestBruteForce(NeighboursContract):
    options: ClassVar = {"provider": "brute_force"}


class TestBruteForceInManyBlocks(NeighboursContract):
    """As for tens of thousands of rows."""

    options: ClassVar = {"provider": "brute_force", "nn_options": "block_rows=64"}


class TestAuto(NeighboursContract):
    options: ClassVar = {"provider": "auto"}


class TestBallTree(NeighboursContract):
    """A name that means brute force, which finds the same."""

    options: ClassVar = {"provider": "ball_tree"}


class TestIvfJoin(NeighboursContract):
    options: ClassVar = {"provider": "ivf_join"}
    metrics: ClassVar = [metric for metric in METRICS if metric != "manhattan"]
    recall: ClassVar = 0.97


class TestIvfJoinInAFolder(TestIvfJoin):
    """With too little memory for a copy of the rows."""

    @pytest.fixture(autouse=True)
    def _scratch(self, tmp_path: Path) -> None:
        self.scratch = tmp_path / "scratch"

    def join(
        self, features: NDArray[Any], k: int = K, *, distance: str = "cosine", n_threads: int = 1
    ) -> Neighbours:
        resources = Resources(n_threads=n_threads, max_memory_bytes=1, scratch=self.scratch)
        options = SearchOptions(distance=distance, **self.options)
        found = self_join(features, k, options, resources).neighbours
        assert not self.scratch.exists()
        return found


class TestHyperplaneHashing(NeighboursContract):
    options: ClassVar = {"provider": "lsh"}
    recall: ClassVar = 0.95


class TestFaissHNSW(NeighboursContract):
    options: ClassVar = {"provider": "faiss", "faiss_mode": "HNSW32"}
    recall: ClassVar = 0.99


class TestFaissFlat(NeighboursContract):
    options: ClassVar = {"provider": "faiss", "faiss_mode": "Flat"}
    recall: ClassVar = 0.999


class TestFaissIVF(NeighboursContract):
    options: ClassVar = {
        "provider": "faiss",
        "faiss_mode": "IVF16,Flat",
        "faiss_param": "nprobe=8",
    }
    recall: ClassVar = 0.97


class TestFaissCompressed(NeighboursContract):
    """Candidates come from short codes, and yet the values are exact.

    `fs` codes are learnt a hundred times faster than others, which `tests/index` has.
    """

    options: ClassVar = {
        "provider": "faiss",
        "faiss_mode": "IVF8,PQ8x4fs",
        "faiss_param": "nprobe=8",
    }
    metrics: ClassVar = [metric for metric in METRICS if metric != "manhattan"]
    recall: ClassVar = 0.9


class TestFaissReduced(TestFaissCompressed):
    options: ClassVar = {"provider": "faiss", "faiss_mode": "PCA16,Flat"}


class TestRegisteredProvider(NeighboursContract):
    """A provider of somebody else's, registered by a call."""

    options: ClassVar = {"provider": "toy", "nn_options": "spare=6"}

    @pytest.fixture(autouse=True)
    def _registered(self) -> None:
        register_provider("toy", ToyProvider)


class TestInstalledProvider(NeighboursContract):
    """The same, declared by an installed package."""

    options: ClassVar = {"provider": "toy_package"}

    @pytest.fixture(autouse=True)
    def _installed(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        folder = tmp_path_factory.mktemp("site")
        install(folder, "toy-package", "toy_package = toy_provider:ToyProvider")
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(folder)
            yield
