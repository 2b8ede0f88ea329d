"""Blur, sharpening and noise, from either side; what saving and resizing do is none of these."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from fastdup.verify.fine_detail import compare_sharpness, describe_fine_detail
from pictures import jpeg, opened_jpeg, photo

SIZE = (480, 360)


def detail_of(first, second, inside=None):
    one, other = (opened_jpeg(jpeg(picture, 92)).convert("L") for picture in (first, second))
    inside = np.ones((one.height, one.width), bool) if inside is None else inside
    sharpness = compare_sharpness(one, other, inside)
    return describe_fine_detail(sharpness, scale=1.0, enlarged=1.0, is_turned=False, is_toned=False)


def with_noise(picture):
    grain = np.random.default_rng(0).normal(0, 18, (*SIZE[::-1], 3))
    return Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))


#: Name → edit, what it is, and what it is seen from the copy.
EDITS = {
    "nothing": (lambda p: p, "", ""),
    "little quality": (lambda p: opened_jpeg(jpeg(p, 30)), "", ""),
    "a little blur": (lambda p: p.filter(ImageFilter.GaussianBlur(0.5)), "", ""),
    "blur": (lambda p: p.filter(ImageFilter.GaussianBlur(2)), "blurred", "sharper"),
    "sharpening": (lambda p: p.filter(ImageFilter.UnsharpMask(3, 200, 2)), "sharpened", "softer"),
    "noise": (with_noise, "noisy", "less noisy"),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_was_done_to_fine_detail_is_named_from_either_side(name):
    edit, there, back = EDITS[name]
    picture = photo(3, SIZE).filter(ImageFilter.GaussianBlur(0.6))
    assert detail_of(picture, edit(picture)) == there
    assert detail_of(edit(picture), picture) == back


def test_only_what_both_show_counts():
    picture = photo(3, SIZE)
    copy = picture.filter(ImageFilter.GaussianBlur(2))
    copy.paste(picture.crop((0, 0, 240, 360)), (0, 0))
    inside = np.zeros(SIZE[::-1], bool)
    assert detail_of(picture, copy, inside) == ""
    inside[:, :236] = True
    assert detail_of(picture, copy, inside) == ""
    assert detail_of(picture, copy, ~inside) == "blurred"


@pytest.mark.parametrize("size", [(1, 1), (40, 200), (200, 40), (63, 63)])
def test_of_small_and_plain_pictures_nothing_is_said(size):
    small = Image.new("RGB", size, (90, 60, 30))
    assert detail_of(small, small) == ""
    assert detail_of(photo(1, size), photo(1, size)) == ""
