import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastdup.config.aliases import NN_PROVIDER_ALIASES
from fastdup.config.providers import PROVIDERS
from fastdup.errors import ConfigError, NeighbourError, WorkDirError
from fastdup.index import (
    Metric,
    Provider,
    Resources,
    SearchOptions,
    nearest,
    nearest_rows,
    self_join,
)
from fastdup.index.provider_choice import (
    EXACT_LIMIT,
    EXACT_LIMIT_OF_OTHERS,
    choose_provider,
    make_provider,
)
from fastdup.index.rows import Rows
from fastdup.progress import SilentProgress


def gaussian(n_rows: int = 100, dim: int = 8) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n_rows, dim)).astype(np.float32)


class CountingProgress(SilentProgress):
    def __init__(self) -> None:
        self.stages: list[list[Any]] = []

    def start(self, stage: str, total: int | None = None) -> None:
        self.stages.append([stage, total, 0])

    def advance(self, steps: int = 1) -> None:
        self.stages[-1][2] += steps


def test_the_table_of_providers_is_alphabetical_and_names_classes_that_exist() -> None:
    assert list(PROVIDERS.table) == sorted(PROVIDERS.table)
    for name in PROVIDERS.table:
        provider = make_provider(name)
        assert isinstance(provider, Provider)
        assert provider.name == type(provider).name == name


def test_importing_the_package_imports_no_faiss() -> None:
    code = "import sys, fastdup.index; sys.exit('faiss' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("provider", "distance", "n_rows", "name", "reason"),
    [
        ("auto", "cosine", EXACT_LIMIT, "brute_force", ""),
        ("auto", "cosine", EXACT_LIMIT + 1, "ivf_join", "more than 20,000 different images"),
        ("auto", "euclidean", EXACT_LIMIT_OF_OTHERS, "brute_force", ""),
        (
            "auto",
            "euclidean",
            EXACT_LIMIT_OF_OTHERS + 1,
            "ivf_join",
            "more than 100,000 different images",
        ),
        (
            "auto",
            "manhattan",
            EXACT_LIMIT_OF_OTHERS + 1,
            "faiss",
            "more than 100,000 different images",
        ),
        ("brute_force", "cosine", EXACT_LIMIT + 1, "brute_force", ""),
        ("faiss", "cosine", 10, "faiss", ""),
        ("ivf_join", "cosine", 10, "ivf_join", ""),
        ("clusters", "cosine", 10, "ivf_join", "asked for as clusters, which finds the same"),
        ("ball_tree", "cosine", 1, "brute_force", "asked for as ball_tree, which finds the same"),
    ],
)
def test_the_provider_follows_the_options_and_the_number_of_rows(
    provider: str, distance: str, n_rows: int, name: str, reason: str
) -> None:
    choice = choose_provider(SearchOptions(provider=provider, distance=distance), n_rows)
    assert (choice.name, choice.reason) == (name, reason)


@pytest.mark.parametrize(
    ("options", "description"),
    [
        ({}, "brute_force (exact): 1,200 images"),
        (
            {"exact_limit": 1000},
            "ivf_join (approximate): 1,200 images, more than 1,000 different images",
        ),
        ({"provider": "ivf_join"}, "ivf_join (approximate): 1,200 images"),
        (
            {"provider": "ball_tree"},
            "brute_force (exact): 1,200 images, asked for as ball_tree, which finds the same",
        ),
    ],
)
def test_the_description_says_who_searched_and_why(
    options: dict[str, Any], description: str
) -> None:
    assert self_join(gaussian(1200), 1, SearchOptions(**options)).description == description


@pytest.mark.parametrize("provider", PROVIDERS.table)
def test_progress_counts_every_row_once(provider: str) -> None:
    progress = CountingProgress()
    resources = Resources(n_threads=2, progress=progress)
    self_join(gaussian(1500), 2, SearchOptions(provider=provider), resources)
    stages = [["index", 1500, 1500]] if provider == "faiss" else []
    assert progress.stages == [*stages, ["neighbours", 1500, 1500]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"provider": "annoy"}, "no neighbour provider 'annoy': choose from .*faiss"),
        ({"distance": "hamming"}, "distance='hamming' is unknown"),
        ({"faiss_param": "foo=1"}, "'foo=1' is not one of"),
        (
            {"provider": "ivf_join", "distance": "manhattan"},
            "distance='manhattan' is not known to nn_provider='ivf_join': choose from cosine",
        ),
        ({"provider": "lsh", "nn_options": "a=1"}, "there is no option 'a'; it has none"),
        ({"provider": "lsh", "nn_options": "a"}, "'a' has no value; type 'a=1'"),
        (
            {"provider": "ivf_join", "nn_options": "scratch_form=1"},
            "no option 'scratch_form'; did you mean 'scratch_from'",
        ),
        (
            {"provider": "ivf_join", "nn_options": "probes_per_task=many"},
            "probes_per_task must be a number, not 'many'",
        ),
        ({"provider": "brute_force", "nn_options": "block_rows=-1"}, "it must be from 0 to 4096"),
    ],
)
def test_unknown_options_are_refused(options: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SearchOptions(**options).check()
    with pytest.raises(ConfigError, match=message):
        self_join(gaussian(), 2, SearchOptions(**options))


@pytest.mark.parametrize(("alias", "name"), NN_PROVIDER_ALIASES.items())
def test_another_name_of_a_provider_finds_the_same(alias: str, name: str) -> None:
    found = self_join(gaussian(300), 3, SearchOptions(provider=alias)).neighbours
    own = self_join(gaussian(300), 3, SearchOptions(provider=name)).neighbours
    assert found.indices.tobytes() == own.indices.tobytes()
    assert found.similarities.tobytes() == own.similarities.tobytes()


@pytest.mark.parametrize(("k", "n_threads"), [(0, 1), (2, 0), (-1, 1)])
def test_counts_below_one_are_refused(k: int, n_threads: int) -> None:
    with pytest.raises(ConfigError, match="is too small"):
        self_join(gaussian(), k, resources=Resources(n_threads=n_threads))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("metric", list(Metric))
def test_a_value_that_is_not_finite_is_refused_with_its_row(metric: Metric, value: float) -> None:
    features = gaussian()
    features[42, 3] = value
    with pytest.raises(NeighbourError, match="row 42 of the features"):
        self_join(features, 2, SearchOptions(distance=metric.value))


def test_values_whose_square_float32_cannot_hold_are_refused() -> None:
    features = gaussian()
    features[7] = 1e20
    with pytest.raises(NeighbourError, match="row 7 of the features"):
        self_join(features, 2, SearchOptions(distance="euclidean"))
    assert (self_join(features, 2).neighbours.indices >= 0).all()


@pytest.mark.parametrize("shape", [(4,), (4, 0), (2, 2, 2)])
def test_what_is_no_matrix_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(NeighbourError, match="matrix"):
        self_join(np.zeros(shape, np.float32), 2)


@pytest.mark.parametrize("metric", list(Metric))
def test_queries_find_the_nearest_rows_and_may_find_themselves(metric: Metric) -> None:
    features = gaussian(300)
    features[200] = features[10]
    queries = features[[10, 20]]
    found = nearest(features, queries, 2, distance=metric.value)
    assert found.indices[0].tolist() == [10, 200]
    assert found.similarities[0].tolist() == [1.0, 1.0]
    assert (found.indices[1, 0], found.similarities[1, 0]) == (20, 1.0)
    assert nearest(features, features, 1, distance=metric.value).indices[20, 0] == 20


def test_queries_among_few_rows_or_none_find_what_there_is() -> None:
    queries = gaussian(2)
    assert nearest(gaussian(1), queries, 3).indices.tolist() == [[0, -1, -1], [0, -1, -1]]
    assert nearest(gaussian(0), queries, 3).indices.tolist() == [[-1] * 3] * 2
    assert nearest(gaussian(5), gaussian(0), 3).indices.shape == (0, 3)


def test_queries_of_another_width_are_refused() -> None:
    with pytest.raises(NeighbourError, match="the queries have width 4, the features 8"):
        nearest(gaussian(), gaussian(dim=4), 1)


@pytest.mark.parametrize("name", ["brute_force", "ivf_join", "lsh"])
def test_a_stored_index_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    rows = Rows(gaussian(), Metric.COSINE)
    path = tmp_path / "index"
    other = make_provider("lsh" if name != "lsh" else "brute_force")
    other.build(rows)
    other.save(path)
    with pytest.raises(WorkDirError, match=f"is not a {name} index"):
        make_provider(name).load(path, rows)
    path.write_bytes(b"nonsense")
    with pytest.raises(WorkDirError, match=f"is not a {name} index"):
        make_provider(name).load(path, rows)


def test_a_place_that_cannot_be_written_to_is_an_error_of_the_work_dir(tmp_path: Path) -> None:
    provider = make_provider("brute_force")
    provider.build(Rows(gaussian(), Metric.COSINE))
    with pytest.raises(WorkDirError, match="cannot be written"):
        provider.save(tmp_path / "missing" / "index")


def test_the_nearest_rows_of_queries_are_found_by_any_number_of_threads() -> None:
    features, queries = gaussian(900), np.random.default_rng(1).standard_normal((40, 8))
    expected = nearest(features, queries, 5)
    for n_threads in (1, 3):
        rows = Rows(features, Metric.COSINE), Rows(queries, Metric.COSINE)
        found = nearest_rows(*rows, 5, Resources(n_threads=n_threads))
        assert np.array_equal(found.indices, expected.indices)
        assert np.array_equal(found.similarities, expected.similarities)
