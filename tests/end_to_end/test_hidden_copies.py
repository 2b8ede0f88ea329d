"""Copies that are no neighbours of their original are found by other views of the pictures."""

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

import fastdup
from composites import grid_of, page_with, phone_screen
from pictures import jpeg, textured_scene

N_PICTURES = 12


def grey_negative(picture):
    return ImageOps.invert(ImageOps.grayscale(picture)).convert("RGB")


def grid(picture):
    return grid_of([textured_scene(106), picture, textured_scene(107), textured_scene(108)])


def page(picture):
    return page_with(picture, 320, (280, 400))


def dotted(picture):
    grey = np.asarray(picture.convert("L"), np.float32) / 255
    y, x = np.mgrid[: picture.height, : picture.width] * (2 * np.pi / 5 / np.sqrt(2))
    screen = 0.5 + 0.25 * (np.cos(x + y) + np.cos(x - y))
    values = (((grey - screen) * 8 + 0.5).clip(0, 1) * 255).astype(np.uint8)
    return Image.fromarray(values).convert("RGB")


def covered(picture):
    picture = picture.copy()
    ImageDraw.Draw(picture).rectangle((100, 60, 300, 220), fill="black")
    return picture


NEGATIVES = {"0-negative": (0, ImageOps.invert), "2-grey": (2, grey_negative)}
SHOWN = {"4-grid": (4, grid), "5-page": (5, page), "6-screen": (6, phone_screen)}
WORN = {"9-dots": (9, dotted), "7-covered": (7, covered)}
COPIES = NEGATIVES | SHOWN | WORN
COPY = ("edited", "part_of", "altered")
#: What a run writes that depends on the views.
RESULTS = ("similarity.csv", "verdicts.csv", ".verdicts.known", ".insets.known", ".restored.known")


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


@pytest.fixture(scope="module")
def judged(album):
    out = album.parent / "judged"
    assert fastdup.run(album, out, verify="auto", num_threads=1) == 0
    return out


@pytest.mark.parametrize("name", COPIES)
def test_copies_that_are_no_neighbours_are_found(name, judged):
    original = str(COPIES[name][0])
    allowed = ("edited", "part_of", "altered") if name in SHOWN else ("edited",)
    assert verdicts_of(judged)[frozenset({name, original})] in allowed


def test_worn_pictures_are_seen_as_they_may_have_been(judged):
    lines = (judged / ".restored.known").read_bytes().splitlines()[1:]
    views = {os.path.basename(uri).split(".")[0]: rows for uri, *_, rows in map(json.loads, lines)}
    assert all(views[name] for name in WORN)


def test_negatives_join_groups(album, judged, tmp_path):
    for name, (number, _) in NEGATIVES.items():
        assert {name, str(number)} in groups_of(judged)
    assert fastdup.run(album, tmp_path / "plain", verify="none") == 0
    assert not any({"0", "0-negative"} <= group for group in groups_of(tmp_path / "plain"))
    assert not (tmp_path / "plain/.insets.known").exists()
    assert not (tmp_path / "plain/.restored.known").exists()


def test_they_are_found_in_another_set_whichever_set_shows_the_other(album, tmp_path):
    sets = tmp_path / "originals", tmp_path / "copies"
    for folder, names in zip(sets, (map(str, range(N_PICTURES)), COPIES), strict=True):
        folder.mkdir()
        for name in names:
            os.link(album / f"{name}.jpg", folder / f"{name}.jpg")
    expected = {(name, str(number)) for name, (number, _) in COPIES.items()}
    for train, test in (sets, sets[::-1]):
        out = tmp_path / train.name[:4]
        assert fastdup.run(train, out, test_dir=test, verify="auto") == 0
        with open(out / "verdicts.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        found = {tuple(Path(row[end]).stem for end in ("from", "to")) for row in rows}
        assert {os.path.basename(os.path.dirname(row["from"])) for row in rows} == {test.name}
        assert expected <= {pair if test is sets[1] else pair[::-1] for pair in found}


def test_a_later_run_looks_at_new_pictures_only(album, judged, tmp_path):
    some = tmp_path / "some"
    shutil.copytree(album, some)
    (some / "6-screen.jpg").unlink()
    assert fastdup.run(some, tmp_path / "out", verify="auto") == 0
    before = (tmp_path / "out/.insets.known").read_bytes()
    shutil.copy2(album / "6-screen.jpg", some)
    assert fastdup.run(some, tmp_path / "out", verify="auto") == 0
    after = (tmp_path / "out/.insets.known").read_bytes()
    assert after.startswith(before)
    assert [json.loads(line)[0] for line in after[len(before) :].splitlines()] == [
        str(some / "6-screen.jpg")
    ]
    assert verdicts_of(tmp_path / "out") == verdicts_of(judged)


def test_judging_later_finds_what_judging_at_once_finds(album, judged, tmp_path):
    assert fastdup.run(album, tmp_path / "out", verify="none") == 0
    assert fastdup.run("", tmp_path / "out", run_mode=2, verify="auto", num_threads=3) == 0
    for name in RESULTS:
        assert (tmp_path / "out" / name).read_bytes() == (judged / name).read_bytes()


def test_a_low_threshold_hides_no_copies(tmp_path):
    folder = tmp_path / "grids"
    folder.mkdir()
    pictures = [textured_scene(number, (160, 120)) for number in range(200, 280)]
    for number, picture in enumerate(pictures[:48]):
        others = (pictures[(number * step + 5) % 32 + 48] for step in (3, 5, 7))
        (folder / f"{number:02}.jpg").write_bytes(jpeg(picture))
        shown = grid_of([*others, picture], side=120)
        (folder / f"{number:02}-grid.jpg").write_bytes(jpeg(shown))
    found = {}
    for threshold in (0.85, 0.0):
        out = tmp_path / str(threshold)
        assert fastdup.run(folder, out, threshold=threshold, nearest_neighbors_k=5) == 0
        found[threshold] = {pair for pair, verdict in verdicts_of(out).items() if verdict in COPY}
    assert len(found[0.85]) > 40
    assert found[0.85] <= found[0.0]
