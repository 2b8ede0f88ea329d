import numpy as np
import pytest

from fastdup.analysis.nearest_others import NearestOthers, nearest_others
from fastdup.analysis.outliers import N_NEAREST, score_outliers


def among(rows, kinds=None):
    """Return the 24 nearest others of each row by cosine, as a search gives them."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -2)
    indices = np.argsort(-cosines, axis=1, kind="stable")[:, : min(24, len(rows) - 1)]
    values = np.take_along_axis(cosines, indices, axis=1)
    return nearest_others(np.arange(len(rows)) if kinds is None else kinds, indices, values)


def cloud(n_rows, rng, spread=0.1, n_dims=20):
    """Return rows around one direction."""
    rows = rng.normal(0, spread, (n_rows, n_dims))
    rows[:, 0] += 1
    return rows


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_what_differs_from_all_others_stands_apart(rng):
    rows = cloud(80, rng)
    rows[[7, 50]] = np.eye(20)[[5, 9]]
    found = score_outliers(among(rows))
    assert np.flatnonzero(found.is_apart).tolist() == [7, 50]
    assert sorted(found.order()[:2].tolist()) == [7, 50]
    assert found.nearest[7] not in (7, 50)


def test_hardly_anything_stands_apart_in_a_collection_of_one_kind(rng):
    assert score_outliers(among(cloud(300, rng))).is_apart.sum() <= 3


def test_nothing_stands_apart_where_all_differ(rng):
    assert not score_outliers(among(rng.normal(size=(300, 40)))).is_apart.any()


def test_nothing_stands_apart_where_all_are_equally_near():
    rows = np.eye(60)
    rows[:, 0] += 0.5
    assert not score_outliers(among(rows)).is_apart.any()


def test_copies_do_not_hide_what_stands_apart(rng):
    rows = cloud(83, rng)
    rows[80:] = np.eye(20)[5] + rng.normal(0, 0.01, (3, 20))
    kinds = np.append(np.arange(80), [80, 80, 80])
    found = score_outliers(among(rows, kinds))
    assert np.flatnonzero(found.is_apart).tolist() == [80, 81, 82]
    assert (found.nearest[80:] < 80).all()


def test_a_small_odd_series_stands_apart_together(rng):
    rows = cloud(84, rng)
    rows[80:] = np.eye(20)[5] + rng.normal(0, 0.05, (4, 20))
    assert np.flatnonzero(score_outliers(among(rows)).is_apart).tolist() == [80, 81, 82, 83]


@pytest.mark.parametrize(("n_rows", "has_enough"), [(29, False), (30, True)])
def test_few_images_are_only_ordered(n_rows, has_enough, rng):
    rows = cloud(n_rows, rng)
    rows[3] = np.eye(20)[5]
    found = score_outliers(among(rows))
    assert found.has_enough == has_enough
    assert np.flatnonzero(found.is_apart).tolist() == ([3] if has_enough else [])
    assert found.order()[0] == 3
    assert len(found.order()) == n_rows


def test_copies_count_as_one_of_the_images_that_are_enough(rng):
    rows = cloud(60, rng)
    rows[30:] = rows[:30]
    kinds = np.append(np.arange(30), np.arange(30))
    assert score_outliers(among(rows, kinds)).has_enough
    kinds[[29, 59]] = 28
    assert not score_outliers(among(rows, kinds)).has_enough


def test_the_score_is_the_mean_over_twenty_and_over_fewer_in_small_collections():
    values = np.linspace(1, 0, 24)
    for n_rows, n_asked in ((400, N_NEAREST), (31, 10), (7, 2), (2, 1)):
        near = NearestOthers(
            np.arange(n_rows), np.ones((n_rows, 24), np.int64), np.tile(values, (n_rows, 1))
        )
        found = score_outliers(near)
        np.testing.assert_allclose(found.means, values[:n_asked].mean())
        np.testing.assert_allclose(found.similarities, 1)


def test_images_without_others_have_no_score():
    none = np.full((3, 4), -1)
    found = score_outliers(nearest_others(np.zeros(3, np.int64), none, np.zeros((3, 4))))
    assert np.isnan(found.means).all()
    assert not len(found.order())
    assert not len(found.lowest(1.0))
    empty = nearest_others(np.zeros(0, np.int64), none[:0], np.zeros((0, 4)))
    assert not len(score_outliers(empty).order())


@pytest.mark.parametrize(
    ("share", "expected"), [(0, []), (0.49, [2]), (0.5, [2, 0]), (1, [2, 0, 3, 1])]
)
def test_a_share_is_of_those_that_stand_apart_most(share, expected):
    near = NearestOthers(
        np.arange(4), np.array([[1], [0], [0], [0]]), np.array([[0.3], [0.9], [0.1], [0.4]])
    )
    assert score_outliers(near).lowest(share).tolist() == expected


def test_equal_scores_are_not_divided():
    near = NearestOthers(np.arange(3), np.array([[1], [0], [0]]), np.full((3, 1), 0.4))
    assert score_outliers(near).lowest(0.34).tolist() == []
    assert score_outliers(near).lowest(1).tolist() == [0, 1, 2]


def test_each_other_picture_counts_once_and_own_copies_not_at_all():
    kinds = np.array([0, 1, 1, 0, 4])
    indices = np.array([[3, 2, 1, 4]] + [[-1] * 4] * 4)
    values = np.array([[0.9, 0.8, 0.7, 0.6]] + [[0.0] * 4] * 4)
    near = nearest_others(kinds, indices, values)
    assert near.indices[0].tolist() == [2, 4, -1, -1]
    assert near.values[0].tolist() == [0.8, 0.6, 0, 0]


def test_many_rows_are_looked_at_in_parts_with_one_result(rng):
    kinds = rng.integers(0, 3000, 9000)
    kinds = np.minimum(kinds, np.arange(9000))
    indices = rng.integers(-1, 9000, (9000, 6))
    values = -np.sort(-rng.random((9000, 6)), axis=1)
    whole = nearest_others(kinds, indices, values)
    for row in (0, 4095, 4096, 8999):
        expected, seen = [], {int(kinds[row])}
        for near in indices[row].tolist():
            if near >= 0 and int(kinds[near]) not in seen:
                seen.add(int(kinds[near]))
                expected.append(near)
        assert whole.indices[row].tolist() == expected + [-1] * (6 - len(expected))
