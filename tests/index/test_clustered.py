"""The scalable self-join over lists of alike rows: what it finds, and that it goes on."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastdup.index import Neighbours, self_join
from fastdup.index.meetings import Comparison

SEARCH = """
import sys
import numpy as np
from fastdup.index import join, providers, workspace

providers.EXACT_LIMIT, join._RESUMES_FROM, workspace._SAVE_EVERY_S = 0, 0, 0.0
features = np.memmap(sys.argv[1], np.float32, "r").reshape(-1, 32)
found = join.self_join(features, 3, scratch=join.Path(sys.argv[2])).neighbours
np.savez(sys.argv[3], indices=found.indices, similarities=found.similarities)
"""


@pytest.fixture(autouse=True)
def _from_the_first_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastdup.index.providers.EXACT_LIMIT", 0)
    monkeypatch.setattr("fastdup.index.join._RESUMES_FROM", 0)
    monkeypatch.setattr("fastdup.index.workspace._SAVE_EVERY_S", 0.0)


def families(n_rows: int = 4000, dim: int = 32, seed: int = 1) -> NDArray[np.float32]:
    """Return rows in families of five; the further members are less alike."""
    rng = np.random.default_rng(seed)
    heads = rng.standard_normal((n_rows // 5, dim))
    rows = np.repeat(heads, 5, axis=0)
    rows += np.tile([0, 0.1, 0.2, 0.4, 0.6], n_rows // 5)[:, None] * rng.standard_normal(rows.shape)
    return rows[rng.permutation(len(rows))].astype(np.float32)


def assert_same(one: Neighbours, other: Neighbours) -> None:
    assert one.indices.tobytes() == other.indices.tobytes()
    assert one.similarities.tobytes() == other.similarities.tobytes()


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_close_pairs_are_found(distance: str, monkeypatch: pytest.MonkeyPatch) -> None:
    features = families(10_000)
    found = self_join(features, 2, distance=distance).neighbours
    monkeypatch.undo()
    true = self_join(features, 2, distance=distance).neighbours
    close = true.similarities >= (0.85 if distance == "cosine" else 0.5)
    hits = (true.indices[:, :, None] == found.indices[:, None, :]).any(axis=2)
    assert close.mean() > 0.5
    assert hits[close].mean() >= 0.99


class InterruptionError(Exception):
    """Stands for the end of the process."""


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the comparison of lists fail after so many calls."""
    calls = iter(range(after))
    compare = Comparison._compare
    monkeypatch.setattr("fastdup.index.meetings._VISITS_PER_TASK", 1)  # one list per task

    def failing(self: Comparison, *arguments: Any) -> Any:
        if next(calls, None) is None:
            raise InterruptionError
        return compare(self, *arguments)

    monkeypatch.setattr(Comparison, "_compare", failing)


def test_an_interrupted_search_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features, scratch = families(), tmp_path / "scratch"
    whole = self_join(features, 3).neighbours
    with monkeypatch.context() as patch:
        interrupt(patch, after=100)
        with pytest.raises(InterruptionError):
            self_join(features, 3, scratch=scratch)
    assert int((scratch / "done").read_text()) >= 90
    with monkeypatch.context() as patch:
        patch.setattr("fastdup.index.clustered.train_lists", None)  # not called again
        interrupt(patch, after=330)  # of about 379 lists
        assert_same(self_join(features, 3, scratch=scratch).neighbours, whole)
    assert not scratch.exists()


def test_a_search_interrupted_when_it_ranks_compares_no_list_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features, scratch = families(), tmp_path / "scratch"
    whole = self_join(features, 3).neighbours
    with monkeypatch.context() as patch:
        patch.setattr("fastdup.index.distinct_search.rerank", None)
        with pytest.raises(TypeError):
            self_join(features, 3, scratch=scratch)
    with monkeypatch.context() as patch:
        interrupt(patch, after=20)  # what was done in the last moment may be done again
        assert_same(self_join(features, 3, scratch=scratch).neighbours, whole)
    assert not scratch.exists()


def test_what_is_left_of_another_search_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    with monkeypatch.context() as patch:
        interrupt(patch, after=100)
        with pytest.raises(InterruptionError):
            self_join(families(seed=2), 3, scratch=scratch)
    features = families()
    assert_same(
        self_join(features, 3, scratch=scratch).neighbours, self_join(features, 3).neighbours
    )


def test_a_search_killed_at_random_moments_ends_with_the_same_bytes(tmp_path: Path) -> None:
    families(10_000).tofile(tmp_path / "features")
    names = ("features", "scratch", "found.npz")
    command = [sys.executable, "-c", SEARCH, *(str(tmp_path / name) for name in names)]
    rng = np.random.default_rng(3)
    for _ in range(6):
        process = subprocess.Popen(command)
        time.sleep(rng.uniform(0.3, 1.2))
        process.kill()
        process.wait()
    subprocess.run(command, check=True)
    features = np.fromfile(tmp_path / "features", np.float32).reshape(-1, 32)
    with np.load(tmp_path / "found.npz") as found:
        assert_same(Neighbours(**found), self_join(features, 3).neighbours)
