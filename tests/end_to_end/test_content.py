"""A run makes rows for content beside the features: the same bytes however it went."""

import json
import shutil

import numpy as np
import pytest

import fastdup
from fastdup.clustering import kmeans
from fastdup.content_rows import WIDTH
from fastdup.errors import ConfigError
from fastdup.image_search import search_images
from fastdup.index import Metric
from fastdup.runs import FinishedRun
from fastdup.runs.content_space import ContentSpace
from fastdup.runs.near_content import near_each_image
from fastdup.scale import Scale
from found_by_content import assert_found_by_content
from pictures import jpeg, scene

N_PICTURES = 40
#: Of copies; they do not depend on the rows for content.
OF_COPIES = ("features.dat", "similarity.csv", "connected_components.csv", "component_info.csv")


def run(folder, out, **options):
    assert fastdup.run(folder, out, verify="none", **options) == 0
    return out


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    folder = tmp_path_factory.mktemp("content") / "album"
    folder.mkdir()
    for i in range(N_PICTURES):
        (folder / f"{i:02}.jpg").write_bytes(jpeg(scene(i, (64, 48))))
    shutil.copy(folder / "01.jpg", folder / "31-copy.jpg")
    return folder


@pytest.fixture(scope="module")
def whole(album):
    return run(album, album.parent / "whole", num_threads=2)


def content_of(out):
    return (out / "content.dat").read_bytes()


def test_there_is_a_row_for_each_good_image(whole):
    finished = FinishedRun(whole)
    width = json.loads((whole / "features.dat.journal").read_bytes().splitlines()[0])["content"]
    rows = np.fromfile(whole / "content.dat", "<f4").reshape(-1, width["dim"])
    assert len(rows) == len(finished.paths) == N_PICTURES + 1
    first, copy = (finished.row_of[str(whole.parent / f"album/{n}.jpg")] for n in ("01", "31-copy"))
    assert (rows[first] == rows[copy]).all()


def test_growth_and_parts_give_the_same_bytes(album, whole, tmp_path):
    grown = tmp_path / "album"
    shutil.copytree(album, grown)
    kept = (grown / "05.jpg").read_bytes()
    (grown / "05.jpg").unlink()
    run(grown, tmp_path / "grown", num_threads=1)
    (grown / "05.jpg").write_bytes(kept)
    run(grown, tmp_path / "grown", num_threads=1)
    assert content_of(tmp_path / "grown") == content_of(whole)
    for name, (start, stop) in {"a": (0, 17), "b": (17, N_PICTURES + 9)}.items():
        run(album, tmp_path / name, run_mode=1, min_offset=start, max_offset=stop)
    fastdup.merge([tmp_path / "a", tmp_path / "b"], tmp_path / "merged")
    assert content_of(tmp_path / "merged") == content_of(whole)


def test_copies_are_the_same_without_them(album, whole, tmp_path):
    without = run(album, tmp_path / "without", content=False)
    assert not (without / "content.dat").exists()
    for name in OF_COPIES:
        assert (without / name).read_bytes() == (whole / name).read_bytes()
    assert (without / "outlier_scores.csv").read_bytes() != (
        whole / "outlier_scores.csv"
    ).read_bytes()


def test_a_folder_without_them_goes_on_without_and_a_line_says_so(album, tmp_path, caplog):
    run(album, tmp_path, content=False)
    before = (tmp_path / "features.dat").read_bytes()
    caplog.set_level("INFO", logger="fastdup")
    run(album, tmp_path)
    assert [r.message for r in caplog.records if "no rows for content" in r.message]
    assert (tmp_path / "features.dat").read_bytes() == before
    assert not (tmp_path / "content.dat").exists()
    assert not ContentSpace.of_run(FinishedRun(tmp_path)).has_content


def test_what_was_found_is_put_in_the_order_of_all(whole):
    finished = FinishedRun(whole)
    space = ContentSpace.of_run(finished)
    n_others = N_PICTURES - 1  # two of the images are the same
    whole_order, among_found = (
        space.near(n_others, lambda: finished.self_join(n_others), finished.scale, 1, **only).near
        for only in ({}, {"only_found": True})
    )
    np.testing.assert_array_equal(whole_order.indices, among_found.indices)
    np.testing.assert_allclose(whole_order.similarities, among_found.similarities, atol=1e-6)


def test_a_search_by_content_goes_by_both_rows(album, whole, caplog):
    query = str(album / "07.jpg")
    assert_found_by_content(whole, query)
    with pytest.raises(ConfigError, match="by='colour'"):
        search_images(str(whole), [query], 3, "colour")


def test_clusters_by_content_have_centres_of_both_rows(whole):
    widths = [
        kmeans(whole, 4, by=by, n_iterations=2).centres.shape[1] for by in ("copies", "content")
    ]
    assert widths == [576, 576 + WIDTH]


def test_a_copy_is_not_near_to_an_image_by_its_content(whole):
    finished = FinishedRun(whole)
    near = near_each_image(finished, 5)
    first, copy = (finished.row_of[str(whole.parent / f"album/{n}.jpg")] for n in ("01", "31-copy"))
    assert near.kinds[copy] == near.kinds[first] == first
    assert not np.isin(near.indices[[first, copy]], [first, copy]).any()


def test_clusters_and_samples_by_content_go_by_these_rows(whole):
    finished = FinishedRun(whole)
    clusters = fastdup.kmeans(whole, 4, by="content")
    rows = ContentSpace.of_run(finished)[:]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert (rows @ clusters.centres.T).argmax(axis=1).tolist() == clusters.numbers.tolist()
    chosen = fastdup.sample(whole, 99, by="content")
    assert chosen.n_different == N_PICTURES  # the copy is counted once
    assert chosen.paths != fastdup.sample(whole, 99).paths


def test_without_rows_for_content_there_are_no_clusters_by_content(tmp_path):
    fastdup.save_binary_feature(tmp_path, ["/a", "/b"], np.eye(2))
    assert fastdup.run("", tmp_path, run_mode=2) == 0
    with pytest.raises(fastdup.ConfigError, match="have no rows for content"):
        fastdup.kmeans(tmp_path, 1, by="content")


def test_more_than_10_000_images_are_searched_by_their_content_alone():
    rng = np.random.default_rng(8)
    features = rng.normal(size=(10_100, 576)).astype(np.float32)
    content = np.tile(rng.normal(size=(505, WIDTH)), (20, 1)) + rng.normal(0, 0.2, (10_100, WIDTH))
    space = ContentSpace(features, content.astype(np.float32))

    def no_other_search():
        raise AssertionError("the rows for copies are not asked")

    found = space.near(5, no_other_search, Scale(Metric.COSINE), 1).near
    is_of_kind = found.indices % 505 == np.arange(10_100)[:, None] % 505
    assert is_of_kind.mean() > 0.95
