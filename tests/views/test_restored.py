"""Worn pictures as they may have been: covers are filled from around, dots of a print vanish."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fastdup.embed import Embedder
from fastdup.models import load_spec
from fastdup.views import without_cover, without_dots, worn_scores
from pictures import reopened, textured_scene

SIZE = (400, 300)


def dotted(picture):
    """Return a print of black dots on a slanted grid, larger where the picture is darker."""
    grey = np.asarray(picture.convert("L"), np.float32) / 255
    y, x = np.mgrid[: picture.height, : picture.width] * (2 * np.pi / 5 / np.sqrt(2))
    screen = 0.5 + 0.25 * (np.cos(x + y) + np.cos(x - y))
    values = (((grey - screen) * 8 + 0.5).clip(0, 1) * 255).astype(np.uint8)
    return reopened(Image.fromarray(values).convert("RGB"), 88)


def covered(picture, box=(100, 60, 300, 220), colour="black"):
    picture = picture.copy()
    ImageDraw.Draw(picture).rectangle(box, fill=colour)
    return reopened(picture, 88)


def features_of(pictures):
    embedder = Embedder(load_spec())
    found = embedder.embed([embedder.prepare(picture) for picture in pictures])
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("wear", "restore", "gain"),
    [(dotted, without_dots, 0.01), (covered, lambda picture: without_cover(picture)[0], 0.05)],
)
def test_a_restored_picture_is_nearer_to_what_it_was(wear, restore, gain):
    pictures = [textured_scene(seed, SIZE) for seed in range(6)]
    worn = [wear(picture) for picture in pictures]
    rows, of_worn = features_of(pictures), features_of(worn)
    restored = features_of([restore(picture) for picture in worn])
    before, after = ((rows * of_copies).sum(axis=1) for of_copies in (of_worn, restored))
    assert after.mean() > before.mean() + gain


@pytest.mark.parametrize("colour", ["black", "white", (30, 90, 200)])
@pytest.mark.parametrize("box", [(100, 60, 300, 220), (0, 0, 180, 150), (0, 200, 399, 299)])
def test_a_cover_is_filled_with_what_is_around(box, colour):
    picture = Image.new("RGB", SIZE, (120, 140, 90))
    noise = np.random.default_rng(1).normal(0, 15, (300, 400, 3))
    picture = Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))
    found = np.asarray(without_cover(covered(picture, box, colour))[0], np.int16)
    left, top, right, bottom = (round(0.8 * side) for side in box)  # shrunk to 320 pixels
    inside = found[top:bottom, left:right]
    assert np.abs(inside - [120, 140, 90]).mean() < 6


@pytest.mark.parametrize(
    ("box", "part"),
    [
        ((240, 150, 399, 299), (0, 0, 240, 300)),
        ((0, 0, 180, 150), (180, 0, 400, 300)),
        ((100, 180, 300, 299), (0, 0, 400, 180)),
    ],
)
def test_the_largest_part_beside_a_cover_is_seen_too(box, part):
    picture = textured_scene(1, SIZE)
    _, beside = without_cover(covered(picture, box))
    expected = picture.crop(part).resize(beside.size)
    assert np.abs(np.asarray(beside, np.int16) - np.asarray(expected, np.int16)).mean() < 15
    assert abs(beside.width / beside.height - (part[2] - part[0]) / (part[3] - part[1])) < 0.05


def test_pictures_that_are_not_worn_are_not_restored():
    for seed in range(4):
        assert without_dots(textured_scene(seed, SIZE)) is None
    noise = np.random.default_rng(2).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    assert without_cover(Image.fromarray(noise)) == []
    assert without_cover(Image.new("RGB", (5, 3))) == []


def test_plain_pictures_have_no_cover():
    assert without_cover(Image.new("RGB", SIZE, "white")) == []


def test_worn_pictures_are_known_by_their_features():
    pictures = [textured_scene(seed, SIZE) for seed in range(12)]
    for edit, least in ((dotted, 0.5), (covered, 0.7), (lambda picture: picture, None)):
        rows = features_of([edit(picture) for picture in pictures])
        share = (worn_scores(rows, np.arange(len(rows))) >= 0).mean()
        assert share <= 0.3 if least is None else share >= least
