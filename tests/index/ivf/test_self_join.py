"""The self-join of codes: which lists a row is compared with, and the nearest of all pairs."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from backwards import Backwards
from fastdup.executors import LocalExecutor
from fastdup.index.ivf.homes import HomeComparison, homes_of
from fastdup.index.ivf.keys import slots_of
from fastdup.index.ivf.lists import fill_lists
from fastdup.index.ivf.nearby import ListRanking, NearbyLists
from fastdup.index.ivf.nearest_pairs import NO_BOUND, NearestPairs, Pairs
from fastdup.index.ivf.quantiser import ProbePlan
from fastdup.index.ivf.scratch import FolderScratch, Scratch

N_ROWS, DIM, N_LISTS = 6000, 16, 40


def drawn(*shape: int, seed: int = 0) -> NDArray[np.int8]:
    values = 20 * np.random.default_rng(seed).standard_normal(shape)
    return np.clip(np.rint(values), -63, 63).astype(np.int8)


@pytest.fixture
def ranking() -> ListRanking:
    return ListRanking(drawn(N_ROWS, DIM), drawn(N_LISTS, DIM, seed=1))


def nearness(ranking: ListRanking) -> NDArray[np.float64]:
    """Return what orders as the distances from each row to each centroid do: (rows, lists)."""
    centroids = ranking.centroids.astype(np.float64)
    return ranking.codes.astype(np.float64) @ centroids.T - (centroids**2).sum(axis=1) // 2


def test_each_row_is_in_the_nearest_list_and_compared_with_others_that_stand_out(
    ranking: ListRanking,
) -> None:
    ranking = ranking.calibrated(N_ROWS // 5)
    nearby, near = ranking.rank(LocalExecutor(2)), nearness(ranking)
    assert np.array_equal(nearby.own, near.argmax(axis=1))
    middle = 0.3 * near.max(axis=1) + 0.7 * near.mean(axis=1)
    stands_out = (near - middle[:, None]) / near.std(axis=1)[:, None] - ranking.level
    n_compared = 0
    for number in range(N_LISTS):
        rows = nearby.of_list(number)
        assert (np.diff(rows) > 0).all()
        is_there = np.isin(np.arange(N_ROWS), rows)
        is_other = nearby.own != number
        assert not is_there[~is_other].any(), "the own list is compared at home"
        assert is_there[is_other & (stands_out[:, number] > 1e-3)].all()
        assert not is_there[stands_out[:, number] < -1e-3].any()
        n_compared += len(rows)
    assert abs(n_compared / N_ROWS / (N_LISTS / 5) - 1) < 0.2


def test_few_rows_are_compared_with_all_lists(ranking: ListRanking) -> None:
    nearby = ranking.calibrated(N_ROWS).rank(LocalExecutor(1))
    assert len(nearby.rows) == N_ROWS * (N_LISTS - 1)


def test_any_number_of_threads_ranks_the_lists_the_same(ranking: ListRanking) -> None:
    ranking = ranking.calibrated(N_ROWS // 5)
    one, *others = map(ranking.rank, [LocalExecutor(1), LocalExecutor(3), Backwards(2)])
    for other in others:
        assert all(map(np.array_equal, one, other))


def test_a_plan_gives_each_list_the_rows_that_probe_it() -> None:
    plan = ProbePlan(np.array([[0, 2], [2, 1], [1, 2]], np.int32), np.array([2, 1, 2], np.int8))
    nearby = NearbyLists.of_plan(plan, 3)
    assert nearby.own.tolist() == [0, 2, 1]
    assert [nearby.of_list(number).tolist() for number in range(3)] == [[], [], [0, 2]]


def test_a_home_has_the_lists_around_until_it_has_enough_rows(ranking: ListRanking) -> None:
    lists = fill_lists(ranking.rank(LocalExecutor(1)).own, N_LISTS)
    centroids = ranking.centroids.astype(np.int64)
    for number, home in enumerate(homes_of(ranking.centroids, lists)):
        near = centroids @ centroids[number] - (centroids**2).sum(axis=1) // 2
        near[number] = near.max() + 1
        assert home.tolist() == np.argsort(-near, kind="stable")[: len(home)].tolist()
        assert lists.sizes[home].sum() >= 512 > lists.sizes[home[:-1]].sum()


def test_at_home_each_row_finds_the_nearest_of_all_rows_there(ranking: ListRanking) -> None:
    lists = fill_lists(ranking.rank(LocalExecutor(1)).own, N_LISTS)
    codes, homes = ranking.codes[lists.order], homes_of(ranking.centroids, lists)
    keys = HomeComparison(codes, lists.starts, homes, 4)((3, 6))
    start = int(lists.starts[3])
    assert len(keys) == lists.starts[6] - start
    at_home = np.concatenate([np.arange(*lists.slots(i)) for i in homes[3]])
    products = codes[start].astype(np.int64) @ codes[at_home].astype(np.int64).T
    best = np.sort(products)[::-1][:4]
    assert (codes[slots_of(keys)[0]].astype(np.int64) @ codes[start]).tolist() == best.tolist()


def pairs_among(codes: NDArray[np.int8], n_pairs: int) -> Pairs:
    first, second = np.random.default_rng(2).integers(0, len(codes), (2, n_pairs)).astype(np.int32)
    kept = first != second
    first, second = first[kept], second[kept]
    products = (codes[first].astype(np.int32) * codes[second]).sum(axis=1, dtype=np.int32)
    return Pairs(first, second, products)


def brute(codes: NDArray[np.int8], pairs: Pairs, k: int) -> list[list[int]]:
    """Return the k rows with the largest products of each, ties by slot, one after the other."""
    found: list[set[tuple[int, int]]] = [set() for _ in codes]
    for first, second, product in zip(*(array.tolist() for array in pairs), strict=True):
        found[first].add((-product, second))
        found[second].add((-product, first))
    return [[slot for _, slot in sorted(others)[:k]] for others in found]


@pytest.mark.parametrize("n_parts", [1, 7])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_the_nearest_of_all_pairs_are_kept_however_they_are_added(
    n_parts: int, n_threads: int
) -> None:
    codes, k = drawn(5000, 8), 3
    pairs = pairs_among(codes, 30_000)
    nearest = NearestPairs(8, np.full((len(codes), k), 2**64 - 1, np.uint64))
    assert (nearest.bounds() == NO_BOUND).all()
    for part in [*range(n_parts), 0]:  # the first ones twice
        nearest.merge([Pairs(*(array[part::n_parts] for array in pairs))], n_threads)
    found = [[slot for slot in row if slot >= 0] for row in slots_of(nearest.keys).tolist()]
    assert found == brute(codes, pairs, k)
    full = (slots_of(nearest.keys) >= 0).all(axis=1)
    last = slots_of(nearest.keys)[full, -1]
    products = (codes[full].astype(np.int32) * codes[last]).sum(axis=1, dtype=np.int32)
    assert np.array_equal(nearest.bounds()[full], products)


def test_to_merge_no_pairs_changes_nothing() -> None:
    nearest = NearestPairs(8, np.full((3, 2), 2**64 - 1, np.uint64))
    nearest.merge([], 1)
    nearest.merge([Pairs.none()], 1)
    assert (slots_of(nearest.keys) == -1).all()


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_an_array_that_was_stored_is_there_in_a_folder_only(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("scratch") / "of-a-search"
    make: dict[str, Callable[[], Scratch]] = {
        "memory": Scratch,
        "folder": lambda: FolderScratch(folder, "a search"),
    }
    scratch = make[kind]()
    assert scratch.load("nearest") is None
    scratch.store("nearest", np.arange(5))
    scratch.record(3)
    again = make[kind]()
    stored = again.load("nearest")
    assert (stored is not None and stored.tolist() == [0, 1, 2, 3, 4]) == (kind == "folder")
    assert again.n_done() == (3 if kind == "folder" else 0)
