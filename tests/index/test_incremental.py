"""A search that goes on from an earlier one finds what a search from the start finds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastdup.index import SearchOptions, self_join
from fastdup.index.brute_force import BruteForce
from fastdup.index.faiss import FaissIndex
from fastdup.index.ivf.provider import IvfJoin
from fastdup.index.join import SearchFiles, SelfJoin

Change = Callable[[np.ndarray], np.ndarray]


def rows(n_rows: int = 300, dim: int = 8) -> np.ndarray:
    """Rows of which some are copies of others, some tie, and one is zero."""
    rng = np.random.default_rng(0)
    features = rng.integers(-2, 3, (n_rows, dim)).astype(np.float32)
    features[[3, 50, 51]] = features[7]
    features[9] = 0
    return features


def appended(features: np.ndarray) -> np.ndarray:
    return np.concatenate([features, np.random.default_rng(1).random((9, 8), np.float32)])


def inserted(features: np.ndarray) -> np.ndarray:
    new = np.random.default_rng(2).integers(-2, 3, (9, 8)).astype(np.float32)
    return np.insert(features, [0, 4, 9, 9, 100, 200, 299, 300, 300], new, axis=0)


def removed(features: np.ndarray) -> np.ndarray:
    return np.delete(features, [0, 3, 20, 150, len(features) - 1], axis=0)


def replaced(features: np.ndarray) -> np.ndarray:
    return removed(inserted(features))


def copied(features: np.ndarray) -> np.ndarray:
    return np.concatenate([features[[200, 9]], features, features[[7, 120]]])


def turned_round(features: np.ndarray) -> np.ndarray:
    return features[::-1].copy()


def another(features: np.ndarray) -> np.ndarray:
    return np.random.default_rng(3).random(features.shape, np.float32)


def few(features: np.ndarray) -> np.ndarray:
    return features[:2]


CHANGES = [appended, inserted, removed, replaced, copied, turned_round, another, few, np.copy]


def join(
    features: np.ndarray,
    k: int = 3,
    cache: Path | None = None,
    index: Path | None = None,
    **options: str,
) -> SelfJoin:
    return self_join(features, k, SearchOptions(**options), files=SearchFiles(index, cache))


def assert_same(found: Any, expected: Any) -> None:
    assert np.array_equal(found.neighbours.indices, expected.neighbours.indices)
    assert np.array_equal(found.neighbours.similarities, expected.neighbours.similarities)
    assert found.description == expected.description


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "manhattan"])
@pytest.mark.parametrize("change", CHANGES)
def test_an_exact_search_that_goes_on_finds_what_a_new_one_finds(
    change: Change, metric: str, tmp_path: Path
) -> None:
    path = tmp_path / "known"
    join(rows(), 3, distance=metric, cache=path)
    for features in (change(rows()), rows(), change(change(rows()))):
        found = join(features, 3, distance=metric, cache=path)
        assert_same(found, join(features, 3, distance=metric))


def test_what_was_there_is_compared_with_the_new_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []
    search = BruteForce.search

    def counted(self: BruteForce, queries: Any, *args: Any, **options: Any) -> Any:
        compared.append(len(queries) * len(self.rows))
        return search(self, queries, *args, **options)

    features = np.random.default_rng(0).random((400, 8), np.float32)
    path = tmp_path / "known"
    join(features[:390], 2, cache=path)
    monkeypatch.setattr(BruteForce, "search", counted)
    join(features, 2, cache=path)
    assert 0 < sum(compared) <= 10 * 400 + 2 * 390 * 10


def directions(n_rows: int) -> np.ndarray:
    return np.random.default_rng(5).standard_normal((n_rows, 16)).astype(np.float32)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of rows of all self-joins from the start."""
    sizes: list[int] = []
    build = IvfJoin.build
    monkeypatch.setattr(
        IvfJoin, "build", lambda self, rows: (sizes.append(len(rows)), build(self, rows))[1]
    )
    return sizes


def test_a_self_join_that_goes_on_searches_new_rows_and_such_as_lost_a_neighbour(
    tmp_path: Path, built: list[int]
) -> None:
    features, path = directions(2000), tmp_path / "known"
    join(features[:1980], 3, cache=path, provider="ivf_join")
    for changed in (features, features[5:], np.delete(features, [9, 700], axis=0), features):
        found = join(changed, 3, cache=path, provider="ivf_join")
        assert_same(found, join(changed, 3, provider="ivf_join"))
    assert built == [1980, 2000, 1995, 1998, 2000]  # by those without a cache


def test_of_a_self_join_that_has_missed_pairs_those_of_new_rows_are_all_found(
    tmp_path: Path, built: list[int]
) -> None:
    features, path = directions(9000), tmp_path / "known"
    join(features[:8990], 5, cache=path, provider="ivf_join")
    found = join(features, 5, cache=path, provider="ivf_join").neighbours
    true = join(features, 5, provider="brute_force").neighbours
    assert built == [8990]
    assert np.array_equal(found.indices[8990:], true.indices[8990:])
    for row, others in enumerate(true.indices):
        assert set(others[others >= 8990]) <= set(found.indices[row])


def test_a_self_join_of_which_too_much_is_new_starts_anew(tmp_path: Path, built: list[int]) -> None:
    features, path = directions(900), tmp_path / "known"
    join(features[:500], 2, cache=path, provider="ivf_join")
    join(features, 2, cache=path, provider="ivf_join")
    join(features[:880], 2, cache=path, provider="ivf_join")
    assert built == [500, 900]


def test_the_more_rows_the_fewer_of_a_hundred_may_be_new() -> None:
    shares = [IvfJoin().most_updated(n) / n for n in (1000, 20_000, 100_000, 1_000_000)]
    assert shares[0] == 0.4
    assert 0.05 < shares[1] < 0.1
    assert 0.01 < shares[2] < 0.02
    assert 0.001 < shares[3] < 0.002


@pytest.mark.parametrize("change", ["k", "distance", "spoilt", "foreign"])
def test_what_is_known_of_another_search_is_not_used(change: str, tmp_path: Path) -> None:
    path = tmp_path / "known"
    before: dict[str, Any] = {"k": 3, "distance": "cosine"}
    options = before | {"k": {"k": 4}, "distance": {"distance": "euclidean"}}.get(change, {})
    join(rows(), **before, cache=path)
    if change == "spoilt":
        path.write_bytes(path.read_bytes()[:-30])
    if change == "foreign":
        path.unlink()
        np.savez(path.with_suffix(".npz"), search=np.array("x"))
        path.with_suffix(".npz").rename(path)
    found = join(rows(), **options, cache=path)
    assert_same(found, join(rows(), **options))


@pytest.mark.parametrize("faiss_mode", ["HNSW32", "IVF8,Flat", "Flat"])
@pytest.mark.parametrize("has_copies", [True, False])
def test_an_index_is_read_again_when_the_rows_are_the_same(
    faiss_mode: str, has_copies: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = rows() if has_copies else np.random.default_rng(0).random((300, 8), np.float32)
    options: dict[str, Any] = {"provider": "faiss", "faiss_mode": faiss_mode}
    kept = {"index": tmp_path / "faiss.index", "cache": tmp_path / "known"}
    first = join(features, 3, **options, **kept)
    built: list[int] = []
    build = FaissIndex.build
    monkeypatch.setattr(
        FaissIndex, "build", lambda self, rows: (built.append(len(rows)), build(self, rows))[1]
    )
    assert_same(join(features, 3, **options, **kept), first)
    assert join(features, 2, **options, **kept).neighbours.indices.shape[1] == 2
    assert not built
    join(appended(features), 3, **options, **kept)
    assert len(built) == 1


@pytest.mark.parametrize("harm", ["missing", "cut", "another"])
def test_an_index_that_is_gone_or_spoilt_is_made_again(
    harm: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    features, path = np.random.default_rng(0).random((300, 8), np.float32), tmp_path / "faiss.index"
    options: dict[str, Any] = {"provider": "faiss", "cache": tmp_path / "known"}
    first = join(features, 3, **options, index=path)
    size = path.stat().st_size
    if harm == "missing":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    else:
        join(features[:20], 3, provider="faiss", index=path)
    assert_same(join(features, 3, **options, index=path), first)
    assert ("it is made again" in caplog.text) == (harm != "missing")
    assert path.stat().st_size == size


def test_copies_that_belong_to_another_row_now_are_stored_anew(tmp_path: Path) -> None:
    faiss = pytest.importorskip("faiss")
    features = np.random.default_rng(0).random((20, 8), np.float32)
    kept = {"index": tmp_path / "faiss.index", "cache": tmp_path / "known"}
    for original in (0, 1):
        again = np.concatenate([features, features[[original]]])
        join(again, 2, provider="faiss", **kept)
        _, ids = faiss.read_index(str(kept["index"])).search(
            again[[original]] / np.linalg.norm(again[original]), 2
        )
        assert set(ids[0]) == {original, 20}
