"""Copies that are no neighbours of their original are found by other views of the pictures."""

import csv
import os

import pytest
from PIL import ImageOps

import fastdup
from pictures import jpeg, textured_scene

N_PICTURES = 12


def grey_negative(picture):
    return ImageOps.invert(ImageOps.grayscale(picture)).convert("RGB")


COPIES = {"0-negative": (0, ImageOps.invert), "2-grey": (2, grey_negative)}


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hidden") / "album"
    folder.mkdir()
    for number in range(N_PICTURES):
        (folder / f"{number}.jpg").write_bytes(jpeg(textured_scene(number)))
    for name, (number, edit) in COPIES.items():
        (folder / f"{name}.jpg").write_bytes(jpeg(edit(textured_scene(number))))
    return folder


def verdicts_of(folder):
    """Return {name, name} → verdict."""
    with open(folder / "verdicts.csv", newline="") as file:
        return {
            frozenset(os.path.basename(row[end]).split(".")[0] for end in ("from", "to")): row[
                "verdict"
            ]
            for row in csv.DictReader(file)
        }


def groups_of(folder):
    """Return the groups, each a set of names."""
    groups = {}
    with open(folder / "connected_components.csv", newline="") as file:
        for row in csv.DictReader(file):
            name = os.path.basename(row["filename"]).split(".")[0]
            groups.setdefault(row["component_id"], set()).add(name)
    return list(groups.values())


def test_negatives_are_copies(album, tmp_path):
    assert fastdup.run(album, tmp_path / "out", verify="auto", num_threads=1) == 0
    verdicts = verdicts_of(tmp_path / "out")
    for name, (number, _) in COPIES.items():
        assert verdicts[frozenset({name, str(number)})] == "edited"
        assert {name, str(number)} in groups_of(tmp_path / "out")
    assert fastdup.run(album, tmp_path / "plain", verify="none") == 0
    assert groups_of(tmp_path / "plain") == []


def test_negatives_are_found_in_another_set(album, tmp_path):
    train = tmp_path / "train"
    train.mkdir()
    for number in range(N_PICTURES):
        os.link(album / f"{number}.jpg", train / f"{number}.jpg")
    test = tmp_path / "test"
    test.mkdir()
    for name in COPIES:
        os.link(album / f"{name}.jpg", test / f"{name}.jpg")
    assert fastdup.run(train, tmp_path / "out", test_dir=test, verify="auto") == 0
    with open(tmp_path / "out/similarity.csv", newline="") as file:
        found = {
            tuple(os.path.basename(row[end]) for end in ("from", "to"))
            for row in csv.DictReader(file)
        }
    assert {("0-negative.jpg", "0.jpg"), ("2-grey.jpg", "2.jpg")} <= found


def test_any_number_of_threads_finds_the_same(album, tmp_path):
    names = ("similarity.csv", "verdicts.csv", ".verdicts.known")
    for n_threads in (1, 3):
        out = tmp_path / str(n_threads)
        assert fastdup.run(album, out, verify="auto", num_threads=n_threads) == 0
    one, three = ([(tmp_path / n / name).read_bytes() for name in names] for n in "13")
    assert one == three
