"""A model for content makes the second row; copies stay with the built-in one."""

import json
import shutil

import numpy as np
import pytest

import fastdup
from fastdup.image_search import search_images
from fastdup.runs import FinishedRun
from fastdup.runs.content_space import ContentSpace
from found_by_content import assert_found_by_content
from onnx_models import make_model
from pictures import jpeg, scene

N_PICTURES, DIM = 36, 12


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with an album, a model for content larger than the built-in one, and another."""
    place = tmp_path_factory.mktemp("content_model")
    (place / "album").mkdir()
    for i in range(N_PICTURES):
        (place / f"album/{i:02}.jpg").write_bytes(jpeg(scene(i, (320, 240))))
    make_model(place / "kinds.onnx", side=128, dim=DIM, element_type="uint8")
    make_model(place / "other.onnx", side=32, dim=DIM + 1, element_type="uint8")
    return place


def run(place, out, model="kinds", album="album", **options):
    if model:
        options["content_model"] = place / f"{model}.onnx"
    assert fastdup.run(place / album, out, verify="none", **options) == 0
    return out


@pytest.fixture(scope="module")
def whole(place):
    return run(place, place / "whole", num_threads=2)


def rows_of(out):
    return (out / "features.dat").read_bytes(), (out / "content.dat").read_bytes()


def test_it_makes_the_rows_for_content_and_leaves_copies_as_they_are(place, whole, tmp_path):
    rows = np.fromfile(whole / "content.dat", "<f4").reshape(N_PICTURES, DIM)
    assert np.isfinite(rows).all()
    config = json.loads((whole / "config.json").read_text())
    assert config["options"]["content_model"] == str(place / "kinds.onnx")
    assert config["model"]["content"]["name"] == "kinds.onnx"
    counted = run(place, tmp_path, model=None)
    for name in ("features.dat", "similarity.csv", "connected_components.csv"):
        assert (counted / name).read_bytes() == (whole / name).read_bytes()
    assert ContentSpace.of_run(FinishedRun(whole))[:].shape == (N_PICTURES, 576 + DIM)


def test_growth_and_parts_give_the_same_bytes(place, whole, tmp_path):
    shutil.copytree(place / "album", tmp_path / "album")
    kept = (tmp_path / "album/05.jpg").read_bytes()
    (tmp_path / "album/05.jpg").unlink()
    run(place, tmp_path / "grown", album=tmp_path / "album", num_threads=1)
    (tmp_path / "album/05.jpg").write_bytes(kept)
    run(place, tmp_path / "grown", album=tmp_path / "album", num_threads=1)
    assert rows_of(tmp_path / "grown") == rows_of(whole)
    for name, (start, stop) in {"a": (0, 17), "b": (17, N_PICTURES + 9)}.items():
        run(place, tmp_path / name, run_mode=1, min_offset=start, max_offset=stop)
    fastdup.merge([tmp_path / "a", tmp_path / "b"], tmp_path / "merged")
    assert rows_of(tmp_path / "merged") == rows_of(whole)


def test_rows_of_another_model_are_not_kept(place, whole, tmp_path, caplog):
    shutil.copytree(whole, tmp_path / "out")
    out = run(place, tmp_path / "out", "other")
    assert np.fromfile(out / "content.dat", "<f4").size == N_PICTURES * (DIM + 1)
    assert fastdup.run("", out, run_mode=2, content_model=place / "kinds.onnx") == 1
    assert "did not make the rows for content" in caplog.text
    run(place, out, "kinds")
    assert rows_of(out) == rows_of(whole)


def test_a_search_by_content_asks_the_same_model(place, whole, tmp_path):
    query = str(place / "album/07.jpg")
    assert_found_by_content(whole, query)
    shutil.copytree(whole, tmp_path / "out")
    config = json.loads((whole / "config.json").read_text())
    config["options"]["content_model"] = str(place / "other.onnx")
    (tmp_path / "out/config.json").write_text(json.dumps(config))
    with pytest.raises(fastdup.WorkDirError, match=r"another model than other\.onnx"):
        search_images(str(tmp_path / "out"), [query], 3, "content")


def test_a_preset_that_is_not_downloaded_is_named(place, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path))
    out = tmp_path / "out"
    assert fastdup.run(place / "album", out, content_model="dinov2s") == 1
    assert "fastdup models download dinov2-small" in caplog.text
