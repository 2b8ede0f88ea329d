"""A self-join that goes on from its lists: what it compares, what it finds, and after a kill."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fastdup.index import Neighbours, Resources, SearchOptions, self_join
from fastdup.index.ivf import growth, provider
from fastdup.index.ivf.provider import IvfJoin
from fastdup.index.ivf.self_join import ListScan
from fastdup.index.join import SearchFiles

N_ROWS, K = 6000, 5

JOIN = """
import sys
import numpy as np
from pathlib import Path
from fastdup.index import SearchOptions, self_join
from fastdup.index.join import SearchFiles
features, cache, out = map(Path, sys.argv[1:])
rows = np.fromfile(features, np.float32).reshape(-1, 48)
found = self_join(rows, 5, SearchOptions(provider="ivf_join"), files=SearchFiles(cache=cache))
np.save(out, found.neighbours.indices)
"""


@pytest.fixture
def n_compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lists so short that a row is compared with a tenth of all; how many pairs of rows were."""
    monkeypatch.setattr(provider, "N_COMPARED", 600)
    monkeypatch.setattr(growth, "N_COMPARED_WITH_NEW", 1200)
    compared: list[int] = []
    scan = ListScan.__call__

    def counted(self: ListScan, span: tuple[int, int]) -> object:
        sizes = np.diff(self.starts)
        compared.append(sum(sizes[i] * len(self.nearby.of_list(i)) for i in range(*span)))
        return scan(self, span)

    monkeypatch.setattr(ListScan, "__call__", counted)
    return compared


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of rows of all searches from the start."""
    sizes: list[int] = []
    build = IvfJoin.build
    monkeypatch.setattr(
        IvfJoin, "build", lambda self, rows: (sizes.append(len(rows)), build(self, rows))[1]
    )
    return sizes


def families(n_rows: int = N_ROWS, seed: int = 0) -> np.ndarray:
    """Rows in families of about ten, in any order: the same for the same seed, however many."""
    rng = np.random.default_rng(seed)
    middles = rng.standard_normal((N_ROWS // 10, 48))
    rows = middles[rng.integers(len(middles), size=2 * N_ROWS)]
    rows += 0.8 * rng.standard_normal(rows.shape)
    return rows[:n_rows].astype(np.float32)


def join(
    features: np.ndarray, cache: Path | None = None, n_threads: int = 1, name: str = "ivf_join"
) -> Neighbours:
    files, resources = SearchFiles(cache=cache), Resources(n_threads=n_threads)
    return self_join(features, K, SearchOptions(provider=name), resources, files).neighbours


def share_found(found: Neighbours, true: Neighbours) -> float:
    """Return which share of the close pairs was found."""
    close = np.where(true.similarities >= 0.5, true.indices, -2)
    is_found = (close[:, :, None] == found.indices[:, None]).any(axis=2)
    return float(is_found.sum() / (close >= 0).sum())


def grown(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the features with 1 % more, spread evenly."""
    new = families(2 * N_ROWS)[N_ROWS:][rng.permutation(N_ROWS)[: len(features) // 100]]
    return np.insert(features, rng.integers(0, len(features), len(new)), new, axis=0)


def shrunk(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.delete(features, rng.permutation(len(features))[:40], axis=0)


def changed(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    features = features.copy()
    places = rng.permutation(len(features))[:30]
    features[places] = features[np.roll(places, 1)] + 0.3 * rng.standard_normal((30, 48))
    return features


def test_after_changes_nearly_all_close_pairs_are_found_as_by_a_new_search(
    tmp_path: Path, built: list[int], n_compared: list[int]
) -> None:
    features, path, rng = families(), tmp_path / "known", np.random.default_rng(1)
    join(features, path)
    for change in (grown, shrunk, changed, grown):
        features = change(features, rng)
        found = join(features, path)
        true = join(features, name="brute_force")
        assert share_found(found, true) >= 0.995
        assert share_found(found, true) >= share_found(join(features), true) - 0.001
        of_true = dict(enumerate(map(dict, map(zip, true.indices, true.similarities))))
        for row in range(0, len(features), 50):
            for other, value in zip(found.indices[row], found.similarities[row], strict=True):
                assert of_true[row].get(other, value) == value
    assert len(built) == 5, "the first, and those to compare with"


def test_one_row_of_a_hundred_costs_few_comparisons(
    tmp_path: Path, built: list[int], n_compared: list[int]
) -> None:
    features, path = families(), tmp_path / "known"
    join(features, path)
    n_first = sum(n_compared)
    n_compared.clear()
    join(grown(features, np.random.default_rng(1)), path)
    assert 0 < sum(n_compared) < 0.04 * n_first
    assert built == [N_ROWS]


def test_nothing_new_costs_no_comparison_and_leaves_the_file(
    tmp_path: Path, n_compared: list[int]
) -> None:
    features, path = families(), tmp_path / "known"
    first = join(features, path)
    before = path.read_bytes()
    n_compared.clear()
    again = join(features, path)
    assert not n_compared
    assert path.read_bytes() == before
    assert np.array_equal(again.indices, first.indices)
    assert np.array_equal(again.similarities, first.similarities)


def test_any_number_of_threads_finds_and_leaves_the_same_bytes(
    tmp_path: Path, n_compared: list[int]
) -> None:
    results, rng = [], np.random.default_rng(2)
    more = changed(shrunk(grown(families(), rng), rng), rng)
    for n_threads in (1, 3):
        path = tmp_path / f"known-{n_threads}"
        join(families(), path, n_threads)
        found = join(more, path, n_threads)
        results.append((found.indices.tobytes(), found.similarities.tobytes(), path.read_bytes()))
    assert results[0] == results[1]


def test_a_collection_that_has_grown_by_a_quarter_gets_new_lists(
    tmp_path: Path, built: list[int]
) -> None:
    features, path = families(2 * N_ROWS), tmp_path / "known"
    sizes = (1000, 1100, 1200, 1300, 1400, 1500)
    for n_rows in sizes:
        join(features[:n_rows], path)
    assert built == [1000, 1400], "300 of 1300 rows were added, then 400 of 1400"


def test_many_copies_of_a_new_row_are_found_by_what_is_near_to_it(tmp_path: Path) -> None:
    features, path = families(2000), tmp_path / "known"
    near = features[7] + 0.01 * np.random.default_rng(1).standard_normal((60, 48))
    join(features, path)
    more = np.concatenate([features, near.astype(np.float32), features[[8, 8]]])
    found, true = join(more, path), join(more, name="brute_force")
    assert (found.indices[7] >= 2000).all()
    assert np.array_equal(found.indices[8, :2], true.indices[8, :2])
    assert share_found(found, true) >= share_found(join(more), true)


@pytest.mark.parametrize("harm", ["codes", "centroids", "bounds"])
def test_lists_that_do_not_fit_are_made_anew(harm: str, tmp_path: Path, built: list[int]) -> None:
    features, path = families(2000), tmp_path / "known"
    join(features[:1990], path)
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays[f"state_{harm}"] = arrays[f"state_{harm}"][:-1]
    with path.open("wb") as file:
        np.savez(file, **arrays)
    found = join(features, path)
    assert built == [1990, 2000]
    assert np.array_equal(found.indices, join(features).indices)


def test_an_update_killed_at_random_moments_ends_with_the_same_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    features = families()
    more = changed(grown(features, rng), rng)
    more.tofile(tmp_path / "features")
    expected_path, path = tmp_path / "expected", tmp_path / "known"
    for cache in (expected_path, path):
        join(features, cache)
    expected = join(more, expected_path)
    places = [tmp_path / name for name in ("features", "known", "found.npy")]
    command = [sys.executable, "-c", JOIN, *map(str, places)]
    for _ in range(4):
        process = subprocess.Popen(command)
        time.sleep(rng.uniform(0.3, 1.5))
        process.kill()
        process.wait()
    subprocess.run(command, check=True)
    assert np.array_equal(np.load(tmp_path / "found.npy"), expected.indices)
    assert path.read_bytes() == expected_path.read_bytes()
