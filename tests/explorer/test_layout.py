"""The layout of the map: neighbours are neighbours again."""

import numpy as np

from fastdup.explorer.collection import load_collection
from fastdup.explorer.layout import lay_out
from fastdup.explorer.map import NEIGHBOURS, PCA, CollectionMap, project
from fastdup.explorer.map_points import keep_points, read_points
from fastdup.index.join import self_join
from runs_watched import until

K = 10


def clustered(n_clusters=100, n_each=12, d=48, seed=3):
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 1, (n_clusters, d))
    rows = np.repeat(centres, n_each, axis=0) + rng.normal(0, 0.3, (n_clusters * n_each, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def kept_share(places, indices):
    """Return the share of the nearest others that are nearest on the plane as well."""
    far = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    near = np.argsort(far, axis=1)[:, :K]
    both = [len(np.intersect1d(*pair)) for pair in zip(near, indices, strict=True)]
    return sum(both) / indices.size


def test_more_neighbours_are_kept_than_by_principal_components():
    features = clustered()
    indices = self_join(features, K).neighbours.indices
    rows = np.arange(len(features))
    plain = project(features, rows, by=PCA)
    laid = project(features, rows, by=NEIGHBOURS, indices=indices)
    assert kept_share(laid, indices) > max(0.6, 2 * kept_share(plain, indices))
    assert (laid.min(), laid.max()) == (0, 1)


def test_the_layout_is_the_same_each_time_and_finite_for_identical_images():
    start = np.zeros((50, 2))
    indices = np.array([[(row + 1) % 50, -1] for row in range(50)])
    first = lay_out(start, indices)
    assert np.isfinite(first).all()
    assert len(np.unique(first, axis=0)) == 50
    assert np.array_equal(first, lay_out(start, indices))


def test_few_images_stay_where_they_are():
    start = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert np.array_equal(lay_out(start, np.array([[1], [0]])), start)
    assert lay_out(np.zeros((0, 2)), np.zeros((0, 1), int)).shape == (0, 2)
    assert project(np.ones((1, 4), np.float32), np.arange(1), by=NEIGHBOURS).tolist() == [
        [0.5, 0.5]
    ]


def made(work):
    chart = CollectionMap(load_collection(str(work)))
    return until(lambda: chart.points(NEIGHBOURS), lambda points: points is not None)


def test_a_map_that_took_long_is_there_at_once_the_next_time_while_the_rows_are_the_same(fresh):
    first = made(fresh)
    work, n_images = load_collection(str(fresh)).work, len(first.rows)
    keep_points(work, NEIGHBOURS, n_images, first._replace(places=first.places[::-1]))
    assert np.array_equal(made(fresh).places, first.places[::-1])
    kept = fresh / ".map.known"
    whole = kept.read_bytes()
    for damaged in (whole[:-1], b"", whole * 2):
        kept.write_bytes(damaged)
        assert read_points(work, NEIGHBOURS, n_images) is None
    kept.write_bytes(whole)
    assert read_points(work, "umap", n_images) is None
    (fresh / "features.dat").touch()
    assert np.array_equal(made(fresh).places, first.places)
