"""The main job on real photos, which are no part of the repository: without them, a skip."""

import json
import os
import subprocess
import sys

import pytest

import fastdup
from pictures import EVALS, PHOTOS


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """150 real photos with two planted copies each: images/ and truth.csv."""
    photos = PHOTOS / "test"
    if not (photos.is_dir() and EVALS.is_dir()):
        pytest.skip("the real photos and their maker of copies are not beside this clone")
    out = tmp_path_factory.mktemp("planted")
    make = [sys.executable, EVALS / "make_copies.py", out, photos]
    options = ["--seed", "3", "--per", "2", "--limit", "150"]
    subprocess.run([*make, *options], check=True, capture_output=True)
    return out


def test_planted_copies_are_found(planted, tmp_path):
    assert fastdup.run(planted / "images", tmp_path, threshold=0.0, nearest_neighbors_k=5) == 0
    score = [sys.executable, EVALS / "score.py", planted / "truth.csv", tmp_path / "similarity.csv"]
    options = ["--threshold", "0.85", "--json"]
    done = subprocess.run([*score, *options], check=True, capture_output=True, text=True)
    scores = json.loads(done.stdout.splitlines()[0])
    assert scores["uAP"] >= 0.93
    assert scores["P_at_T"] >= 0.99
    assert scores["R_at_T"] >= 0.75


def test_every_real_photo_is_decoded(planted, tmp_path):
    assert fastdup.run(planted / "images", tmp_path, run_mode=1) == 0
    paths, _ = fastdup.load_binary_feature(tmp_path)
    assert len(paths) == len(os.listdir(planted / "images"))
