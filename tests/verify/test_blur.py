"""Pictures of which one is blurred: equally blurred by a filter, and judged by what is left."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.agreement import compare_detail
from fastdup.verify.blur import equally_blurred
from fastdup.verify.registration import overlay
from pictures import reopened, textured_scene

SIZE = (480, 360)


def moved(picture, length=32, degrees=25):
    """Return a picture as a camera shows it that moved while it was taken."""
    along = np.linspace(-length / 2, length / 2, length)
    steps = zip(
        along * np.cos(np.radians(degrees)), along * np.sin(np.radians(degrees)), strict=True
    )
    return mean_of_shifted(picture, list(steps))


def out_of_focus(picture, radius=9):
    """Return a picture of which each point is a disc."""
    places = np.argwhere(np.hypot(*np.mgrid[-9:10, -9:10]) <= radius) - 9
    return mean_of_shifted(picture, places.tolist())


def mean_of_shifted(picture, shifts):
    rim = 32
    values = np.pad(np.asarray(picture, np.float32), ((rim, rim), (rim, rim), (0, 0)), mode="edge")
    total = np.zeros((picture.height, picture.width, 3), np.float32)
    for x, y in shifts:
        top, left = rim + round(y), rim + round(x)
        total += values[top : top + picture.height, left : left + picture.width]
    return Image.fromarray((total / len(shifts)).round().astype(np.uint8))


def judged(first, second):
    return judge(Picture(first, first.size), Picture(second, second.size))


def with_sign(picture, letters):
    """Return the picture with a large sign in it."""
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    draw.rectangle((140, 110, 340, 250), fill="white")
    draw.text((160, 120), letters, fill="black", font_size=100)
    return picture


BLURS = [moved, out_of_focus]


@pytest.mark.parametrize("seed", [12, 13])
@pytest.mark.parametrize("blur", BLURS)
def test_a_strongly_blurred_copy_is_edited_and_blurred(blur, seed):
    picture = textured_scene(seed, SIZE)
    copy = reopened(blur(picture), 90)
    found, back = judged(picture, copy), judged(copy, picture)
    assert found.verdict == back.verdict == Verdict.EDITED
    assert "blurred" in found.kinds
    assert "sharper" in back.kinds


@pytest.mark.parametrize("blur", BLURS)
def test_another_picture_blurred_only_looks_alike(blur):
    copy = reopened(blur(textured_scene(12, SIZE)), 90)
    assert judged(textured_scene(11, SIZE), copy).verdict == Verdict.LOOK_ALIKE


def test_another_sign_in_a_blurred_copy_is_no_copy():
    picture = textured_scene(12, SIZE)
    sharp, copy = with_sign(picture, "482"), moved(with_sign(picture, "MAX"), 16)
    assert judged(sharp, copy).verdict in {Verdict.ALTERED, Verdict.LOOK_ALIKE}


def test_the_sharper_picture_is_filtered_whichever_comes_first():
    picture = textured_scene(12, SIZE)
    pictures = picture, moved(picture)
    for first, second in (pictures, pictures[::-1]):
        aligned = overlay(first, second, np.eye(3))
        assert compare_detail(aligned).same < 0.5
        assert compare_detail(equally_blurred(aligned)).same > 0.95


def test_no_filter_makes_one_texture_of_another():
    rng = np.random.default_rng(3)
    one, other = (rng.integers(0, 256, (360, 480, 3), dtype=np.uint8) for _ in range(2))
    blurred = moved(Image.fromarray(other), 9)
    assert equally_blurred(overlay(Image.fromarray(one), blurred, np.eye(3))) is None


def test_too_small_an_overlap_is_not_filtered():
    picture = textured_scene(12, SIZE)
    beside = np.array([[1.0, 0, 0.9], [0, 1, 0], [0, 0, 1]])
    assert equally_blurred(overlay(picture, moved(picture), beside)) is None
