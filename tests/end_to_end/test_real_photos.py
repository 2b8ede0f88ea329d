"""The main job on real photos, which are no part of the repository: without them, a skip."""

import csv
import json
import os
import subprocess
import sys

import pytest

import fastdup
from pictures import EVALS, PHOTOS
from trees import tree


def plant(photos, out):
    """Plant two copies of each photo: images/ and truth.csv."""
    folder = out / "photos"
    folder.mkdir()
    for photo in photos:
        (folder / photo.name).symlink_to(photo)
    make = [sys.executable, EVALS / "make_copies.py", out, folder, "--seed", "3", "--per", "2"]
    subprocess.run(make, check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def real_photos():
    photos = PHOTOS / "test"
    if not (photos.is_dir() and EVALS.is_dir()):
        pytest.skip("the real photos and their maker of copies are not beside this clone")
    return sorted(photo for photo in photos.iterdir() if photo.is_file())


@pytest.fixture(scope="module")
def planted(real_photos, tmp_path_factory):
    """100 photos of many kinds with their copies."""
    every = len(real_photos) // 100
    return plant(real_photos[::every][:100], tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def work(planted):
    """A run over them."""
    return run_of(planted, planted / "out")


@pytest.fixture(scope="module")
def planted_in_one_kind(real_photos, tmp_path_factory):
    """100 photos of clothes on few floors with their copies."""
    clothes = [photo for photo in real_photos if photo.name.startswith("clothing_")]
    return plant(clothes[:100], tmp_path_factory.mktemp("clothes"))


def run_of(planted, work):
    assert fastdup.run(planted / "images", work, threshold=0.0, nearest_neighbors_k=5) == 0
    return work


def scores(planted, work):
    score = [sys.executable, EVALS / "score.py", planted / "truth.csv", work / "similarity.csv"]
    options = ["--threshold", "0.85", "--json"]
    done = subprocess.run([*score, *options], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[0])


def test_planted_copies_are_found(planted, work):
    figures = scores(planted, work)
    assert figures["uAP"] >= 0.97
    assert figures["P_at_T"] >= 0.99
    assert figures["R_at_T"] >= 0.9


def test_few_look_alikes_are_taken_for_copies(planted_in_one_kind, tmp_path):
    figures = scores(planted_in_one_kind, run_of(planted_in_one_kind, tmp_path))
    assert figures["uAP"] >= 0.97
    assert figures["P_at_T"] >= 0.95
    assert figures["R_at_T"] >= 0.9


def test_every_real_photo_is_decoded(planted, work):
    paths, _ = fastdup.load_binary_feature(work)
    assert len(paths) == len(os.listdir(planted / "images"))


def test_cleaned_photos_come_back_as_they_were(planted, work, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    before = tree(planted / "images")
    report = fastdup.clean(work, threshold=0.85, apply=True)
    kept = report.plan.kept()
    assert report.applied.n_done == len(report.plan.removals()) > 33
    with open(planted / "truth.csv", newline="") as file:
        originals = {row["original"] for row in csv.DictReader(file)}
    for step in report.plan.removals():
        assert step.kept in kept
        assert not os.path.exists(step.path)
        assert os.path.basename(step.path) not in originals
    assert fastdup.undo(work).n_restored == report.applied.n_done
    assert tree(planted / "images") == before
