"""Copies of which little looks the same: dark ones, negatives in part, dots of a print, covers."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from fastdup.verify import Picture, Verdict, judge
from pictures import reopened, textured_scene

SIZE = (480, 360)


def judged(first, second):
    return judge(Picture(first, first.size), Picture(second, second.size))


def darkened(picture):
    """Return the picture with a fifth of its brightness."""
    return picture.point(lambda value: round(value * 0.2))


def photocopied(picture):
    """Return a grey picture with little between black and white, and with grain."""
    grey = np.asarray(ImageOps.grayscale(picture), np.float32)
    grain = np.random.default_rng(6).normal(0, 12, grey.shape)
    values = ((grey - 70) * 1.7 + grain).clip(0, 255).astype(np.uint8)
    return Image.fromarray(values).convert("RGB")


def solarised(picture):
    """Return the picture with its lighter half as a negative."""
    return ImageOps.solarize(picture, 128)


def dotted(picture):
    """Return a print of black dots, 5 pixels apart and larger where the picture is darker."""
    grey = np.asarray(ImageOps.grayscale(picture), np.float32) / 255
    y, x = np.mgrid[: picture.height, : picture.width] * (2 * np.pi / 5)
    screen = 0.5 + 0.25 * (np.cos(x) + np.cos(y))
    values = (((grey - screen) * 4 + 0.5).clip(0, 1) * 255).astype(np.uint8)
    return Image.fromarray(values).convert("RGB")


def roughly_dotted(picture):
    """Return a print of hard dots on a slanted grid, in dark grey on brown paper."""
    grey = np.asarray(ImageOps.grayscale(picture), np.float32) / 255
    y, x = np.mgrid[: picture.height, : picture.width] * (2 * np.pi / 6 / np.sqrt(2))
    screen = 0.5 + 0.25 * (np.sin(x + y) + np.sin(x - y))
    ink = ((grey - screen) * 8 + 0.5).clip(0, 1)[:, :, None]
    values = ink * [235, 232, 222] + (1 - ink) * [40, 38, 43]
    return Image.fromarray(values.astype(np.uint8))


def coarsely_dotted(picture):
    """Return a print of hard dots 12 pixels apart, in black on white."""
    grey = np.asarray(ImageOps.grayscale(picture), np.float32) / 255
    y, x = np.mgrid[: picture.height, : picture.width] * (2 * np.pi / 12 / np.sqrt(2))
    screen = 0.5 + 0.25 * (np.sin(x + y) + np.sin(x - y))
    ink = ((grey - screen) * 8 + 0.5).clip(0, 1) * 255
    return Image.fromarray(ink.astype(np.uint8)).convert("RGB")


def with_moire(picture):
    """Return a photo of a print, in which its raster and that of the camera made waves."""
    y, x = (np.linspace(-1, 1, side) for side in (picture.height, picture.width))
    wave = 25 * np.sin(80 * x + 45 * y[:, None] + 4 * x * y[:, None])
    soft = picture.filter(ImageFilter.GaussianBlur(1.2))
    values = np.asarray(soft, np.float32) * 0.9 + wave[:, :, None]
    values += np.random.default_rng(7).normal(0, 8, values.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def covered(picture):
    """Return the picture with a black box over a quarter of it."""
    return with_box(picture, (100, 60, 340, 240))


def mostly_covered(picture):
    """Return the picture with a black box over two fifths of it."""
    return with_box(picture, (60, 40, 340, 290))


def with_box(picture, box):
    picture = picture.copy()
    ImageDraw.Draw(picture).rectangle(box, fill="black")
    return picture


PRINTS = [photocopied, dotted, roughly_dotted, coarsely_dotted, with_moire]
EDITS = [darkened, solarised, *PRINTS, covered, mostly_covered]


@pytest.mark.parametrize("seed", [12, 13])
@pytest.mark.parametrize("edit", EDITS)
def test_a_hard_copy_is_edited_whichever_picture_comes_first(edit, seed):
    picture = textured_scene(seed, SIZE)
    copy = reopened(edit(picture), 88)
    assert judged(copy, picture).verdict == Verdict.EDITED
    assert judged(picture, copy).verdict == Verdict.EDITED


@pytest.mark.parametrize("edit", EDITS)
def test_a_hard_copy_of_another_picture_only_looks_alike(edit):
    copy = reopened(edit(textured_scene(12, SIZE)), 88)
    assert judged(copy, textured_scene(11, SIZE)).verdict == Verdict.LOOK_ALIKE


def flag(ground):
    """Return a black flag, small, on a plain ground."""
    picture = Image.new("RGB", (400, 400), ground)
    draw = ImageDraw.Draw(picture)
    for row in range(7):
        draw.rectangle((150, 130 + 20 * row, 250, 138 + 20 * row), fill="black")
        draw.rectangle((150 + 14 * row, 130, 156 + 14 * row, 190), fill="black")
    return reopened(picture)


@pytest.mark.parametrize("grounds", [("white", "orange"), ("orange", "white"), ("gold", "tomato")])
def test_a_flag_on_another_ground_is_no_copy_whichever_comes_first(grounds):
    first, second = map(flag, grounds)
    assert judged(first, second).verdict == Verdict.LOOK_ALIKE


def shirt(colour):
    """Return a shirt of one colour, drawn on white."""
    picture = Image.new("RGB", (360, 400), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(110, 60), (250, 60), (350, 150), (300, 200), (60, 200), (10, 150)], fill=colour)
    draw.rectangle((100, 120, 260, 360), fill=colour)
    return picture


@pytest.mark.parametrize("colours", [("teal", "firebrick"), ("firebrick", "navy")])
def test_a_print_of_dots_of_one_shirt_is_no_copy_of_another(colours):
    first, second = map(shirt, colours)
    copy = reopened(coarsely_dotted(second), 88)
    assert judged(first, copy).verdict == Verdict.LOOK_ALIKE
