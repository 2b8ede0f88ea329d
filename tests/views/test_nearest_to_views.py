"""What is near to a view of each picture: after changes, only what is new is compared."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fastdup.index import Neighbours, Resources
from fastdup.index.brute_force import BruteForce
from fastdup.index.digests import row_fingerprints
from fastdup.views import nearest_to_each_view, nearest_to_views

N, K = 400, 4
SIGNS = np.where(np.arange(24) % 3, 1, -1).astype(np.float16)


def pictures(n: int = N, seed: int = 0) -> np.ndarray:
    """Rows of which some are near to the views of others, and some tie."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(-3, 4, (n, 24)).astype(np.float32)
    rows[n // 2 :] = rows[: n - n // 2] * SIGNS + rng.integers(0, 2, (n - n // 2, 24))
    rows[:, 0] = 1
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16)


def inserted(rows: np.ndarray) -> np.ndarray:
    return np.insert(rows, [0, 7, 7, 200, len(rows)], pictures(5, seed=1), axis=0)


def removed(rows: np.ndarray) -> np.ndarray:
    return np.delete(rows, [0, 30, 31, len(rows) - 1], axis=0)


def replaced(rows: np.ndarray) -> np.ndarray:
    rows = rows.copy()
    rows[[3, 77, 300]] = pictures(3, seed=2)
    return rows


def turned_round(rows: np.ndarray) -> np.ndarray:
    return rows[::-1].copy()


def few(rows: np.ndarray) -> np.ndarray:
    return rows[:3]


def found(rows: np.ndarray, known: Path | None = None, n_threads: int = 1) -> Neighbours:
    digests = row_fingerprints(rows, 1)
    resources = Resources(n_threads=n_threads)
    return nearest_to_each_view(rows * SIGNS, rows, K, resources, digests, known)


def anew(rows: np.ndarray) -> Neighbours:
    every = np.arange(len(rows))
    return nearest_to_views(rows * SIGNS, every, rows, every, K, Resources())


def assert_same(one: Neighbours, other: Neighbours) -> None:
    assert np.array_equal(one.indices, other.indices)
    assert np.array_equal(one.similarities, other.similarities)


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("change", [inserted, removed, replaced, turned_round, few, np.copy])
def test_after_a_change_the_result_is_that_of_a_new_search(
    change: Callable[[np.ndarray], np.ndarray], n_threads: int, tmp_path: Path
) -> None:
    rows, path = pictures(), tmp_path / "known"
    assert_same(found(rows, path, n_threads), anew(rows))
    for changed in (change(rows), rows, change(change(rows))):
        assert_same(found(changed, path, n_threads), anew(changed))


def test_only_what_is_new_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, path = pictures(), tmp_path / "known"
    found(rows, path)
    compared: list[int] = []
    search = BruteForce.search

    def counted(self: BruteForce, queries: object, *args: object, **options: object) -> object:
        compared.append(len(queries) * len(self.rows))
        return search(self, queries, *args, **options)

    monkeypatch.setattr(BruteForce, "search", counted)
    found(rows, path)
    assert not compared
    found(inserted(rows), path)
    assert 0 < sum(compared) < 4 * 5 * N


def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    rows, path = pictures(), tmp_path / "known"
    found(rows, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert_same(found(inserted(rows), path), anew(inserted(rows)))
    found(rows, path)
    assert path.read_bytes() == whole


def test_without_pictures_nothing_is_found(tmp_path: Path) -> None:
    assert found(pictures()[:0], tmp_path / "known").indices.shape == (0, K)
