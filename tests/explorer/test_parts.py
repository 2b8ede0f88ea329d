"""Components, maps, caches and tables, each by itself."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from fastdup.analysis.components import distinct_pairs
from fastdup.analysis.pairs import Pairs
from fastdup.errors import MissingExtraError
from fastdup.explorer.collection import load_collection
from fastdup.explorer.component_index import components_by_threshold
from fastdup.explorer.map import evenly, project
from fastdup.explorer.pictures import Pictures
from fastdup.report.gallery_rows import no_finding
from pictures import jpeg, scene


def reference_components(pairs: Pairs, n_images: int, threshold: float) -> set[frozenset[int]]:
    """Return the components by joining sets one pair at a time."""
    groups = {row: {row} for row in range(n_images)}
    for one, other, similarity in zip(*pairs, strict=True):
        if similarity >= threshold and groups[one] is not groups[other]:
            joined = groups[one] | groups[other]
            for row in joined:
                groups[row] = joined
    return {frozenset(group) for group in groups.values() if len(group) > 1}


@pytest.mark.parametrize("seed", range(3))
def test_components_at_any_threshold_are_those_of_joining_pair_by_pair(seed):
    rng = np.random.default_rng(seed)
    n_images, n_pairs = 300, 400
    low = rng.integers(0, n_images - 1, n_pairs)
    high = low + rng.integers(1, np.minimum(20, n_images - low))
    similarities = np.round(rng.random(n_pairs), 2)
    pairs = distinct_pairs(Pairs(low, high, similarities))
    order = np.argsort(-pairs.similarities, kind="stable")
    pairs = Pairs(*(values[order] for values in pairs))
    at = components_by_threshold(pairs, n_images)
    for threshold in (0, 0.25, 0.5, 0.77, 0.99, 1):
        index = at(threshold)
        found = [frozenset(index.members(c).tolist()) for c in range(index.n_components)]
        assert set(found) == reference_components(pairs, n_images, threshold)
        for number, component in enumerate(found):
            assert all(index.component_of(row) == number for row in component)


def test_strict_components_at_any_threshold_are_copies_of_one_image():
    chain = Pairs(np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4]), np.array([0.9, 0.8, 0.7, 0.6]))

    def members(similarity, threshold):
        at = components_by_threshold(
            chain, 5, similarity=lambda _, others: np.full(len(others), similarity)
        )(threshold)
        return [at.members(component).tolist() for component in range(at.n_components)]

    assert [members(0, threshold) for threshold in (0.6, 0.7, 0.85)] == [
        [[0, 1, 2], [3, 4]],
        [[0, 1, 2]],
        [[0, 1]],
    ]
    assert members(0.65, 0.6) == [[0, 1, 2, 3, 4]]
    assert members(0.65, 0.7) == [[0, 1, 2]]


def test_bytes_to_spare_are_those_beyond_the_largest_file():
    pairs = Pairs(np.array([0, 1, 3]), np.array([1, 2, 4]), np.array([0.9, 0.9, 0.9]))
    index = components_by_threshold(pairs, 6)(0.5)
    sizes = np.array([10.0, 30.0, 20.0, 5.0, 5.0, 1000.0])
    assert index.spare(sizes).tolist() == [30, 5]
    none = components_by_threshold(pairs, 6)(0.95)
    assert (none.n_components, none.spare(sizes).tolist()) == (0, [])


def test_the_map_keeps_what_is_near_together_and_is_the_same_each_time():
    features, rows = three_clusters(), np.arange(60)
    points = project(features, rows, by="pca")
    assert points.min() >= 0
    assert points.max() <= 1
    centres = points.reshape(3, 20, 2).mean(axis=1)
    spread = np.abs(points.reshape(3, 20, 2) - centres[:, None]).max()
    assert np.linalg.norm(centres[0] - centres[1]) > 20 * spread
    np.testing.assert_array_equal(points, project(features, rows, by="pca"))


def three_clusters() -> np.ndarray:
    features = np.random.default_rng(0).normal(0, 0.01, (60, 16)).astype(np.float32)
    features[:20, 0] += 5
    features[20:40, 1] += 3
    features[40:, 2] += 1
    return features


def test_a_map_by_umap_keeps_neighbourhoods():
    pytest.importorskip("umap")
    points = project(three_clusters(), np.arange(60), by="umap")
    centres = points.reshape(3, 20, 2).mean(axis=1)
    for number, cluster in enumerate(points.reshape(3, 20, 2)):
        distances = np.linalg.norm(cluster[:, None] - centres, axis=2)
        assert (distances.argmin(axis=1) == number).all()


def test_without_umap_its_map_names_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtraError, match=r"pip install umap-learn"):
        project(three_clusters(), np.arange(60), by="umap")


@pytest.mark.parametrize("shape", [(0, 8), (1, 8), (5, 1)])
def test_a_map_of_almost_nothing_is_in_the_middle(shape):
    points = project(np.zeros(shape, np.float32), np.arange(shape[0]), by="pca")
    assert points.tolist() == [[0.5, 0.5]] * shape[0]


def test_a_map_of_images_that_are_all_the_same_is_one_point():
    points = project(np.ones((9, 8), np.float32), np.arange(9), by="pca")
    assert np.abs(points - 0.5).max() < 1e-3


def test_a_part_is_chosen_evenly():
    assert evenly(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert evenly(1_000_000, 5).tolist() == [0, 249999, 499999, 749999, 999999]


def test_pictures_are_remembered_within_bounds(tmp_path):
    paths = []
    for seed in range(6):
        paths.append(str(tmp_path / f"{seed}.jpg"))
        Path(paths[-1]).write_bytes(jpeg(scene(seed)))
    pictures = Pictures(paths, no_finding)
    sizes = [len(pictures.jpeg(row, 320)) for row in range(6)]
    small = Pictures(paths, no_finding, cache_bytes=sizes[4] + sizes[5])
    for row in range(6):
        small.jpeg(row, 320)
    for path in paths:
        Path(path).unlink()
    assert small.jpeg(5, 320) == pictures.jpeg(5, 320)
    assert not isinstance(small.jpeg(0, 320), bytes)
    small.forget()
    assert not isinstance(small.jpeg(5, 320), bytes)


def test_features_of_ones_own_have_no_statistics_and_are_shown(work, tmp_path):
    shutil.copytree(work, tmp_path / "out")
    for name in ("stats.csv", "features.dat.listing"):
        (tmp_path / "out" / name).unlink()
    collection = load_collection(str(tmp_path / "out"))
    assert (collection.stats, len(collection.mtimes_ns)) == ({}, 0)
    assert collection.n_images == 13


def test_pairs_that_are_no_copies_are_listed_and_join_nothing():
    pairs = Pairs(np.array([0, 1, 3]), np.array([1, 2, 4]), np.array([0.97, 0.95, 0.9]))
    index = components_by_threshold(pairs, 5, np.array([True, False, True]))(0.85)
    assert index.pairs.sources.tolist() == [0, 1, 3]
    assert index.members(0).tolist() == [0, 1]
    assert index.members(1).tolist() == [3, 4]
    assert index.n_components == 2
