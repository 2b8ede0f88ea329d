"""Pictures without points are copies when their pixels agree; pages and plain ones never do."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.pixel_agreement import pixels_agree
from fastdup.verify.registration import overlay
from pictures import jpeg, opened_jpeg, textured_scene


def sky(seed, size=(480, 360)):
    """Return smooth clouds."""
    source = np.random.default_rng(seed)
    coarse = Image.fromarray(source.integers(60, 230, (4, 5, 3), np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def agree(first, second):
    return pixels_agree(overlay(first, second, np.eye(3)))


@pytest.mark.parametrize("seed", range(3))
def test_smooth_pictures_agree_with_their_copies_alone(seed):
    assert agree(sky(seed), opened_jpeg(jpeg(sky(seed), 60)))
    assert agree(sky(seed), sky(seed).resize((64, 48)))
    assert not agree(sky(seed), sky(seed + 10))


def test_plain_pictures_and_pages_are_not_asked():
    plain = Image.new("RGB", (200, 150), (90, 90, 90))
    assert not agree(plain, plain)
    page = Image.new("RGB", (200, 150), "white")
    ImageDraw.Draw(page).text((20, 40), "a page", "black", ImageFont.load_default(size=40))
    assert not agree(page, page)


@pytest.mark.parametrize("seed", range(11, 16))
def test_a_thumbnail_of_64_pixels_is_the_same_picture(seed):
    scene = textured_scene(seed, (480, 360))
    small = opened_jpeg(jpeg(scene.resize((64, 48), Image.Resampling.LANCZOS), 85))
    found = judge(Picture(scene, scene.size), Picture(small, small.size))
    assert found.verdict == Verdict.SAME_PICTURE
    other = textured_scene(seed + 20, (480, 360))
    assert judge(Picture(other, other.size), Picture(small, small.size)).verdict == "look_alike"
