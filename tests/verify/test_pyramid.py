"""A pyramid has levels of 1, 2/3, 1/2, 1/3, … of the size, beside each other on one sheet."""

import numpy as np
import pytest
from PIL import Image

from fastdup.verify.pyramid import pyramid, shrunk
from pictures import textured_scene


def levels_of(levels):
    """Return the pixels of each level."""
    places = zip(levels.corners.tolist(), levels.sizes.tolist(), strict=True)
    return [levels.sheet[y : y + height, x : x + width] for (x, y), (width, height) in places]


def test_levels_have_their_sizes():
    found = pyramid(Image.new("L", (240, 120)), 6, 20)
    sizes = [(240, 120), (160, 80), (120, 60), (80, 40), (60, 30), (40, 20)]
    assert found.sizes.tolist() == [list(size) for size in sizes]


@pytest.mark.parametrize(("least_side", "n_levels"), [(121, 0), (81, 1), (60, 3), (1, 6)])
def test_levels_end_before_they_are_too_small(least_side, n_levels):
    assert len(pyramid(Image.new("L", (240, 120)), 6, least_side).sizes) == n_levels


@pytest.mark.parametrize("size", [(241, 121), (121, 241), (251, 188), (99, 98)])
def test_levels_lie_beside_each_other_and_show_the_same(size):
    grey = textured_scene(1, size).convert("L").point(lambda level: max(1, level))
    levels = pyramid(grey, 6, 5)
    assert len(levels.sizes) == 6
    assert np.array_equal(levels_of(levels)[0], np.asarray(grey))
    assert (levels.sheet > 0).sum() == levels.sizes.prod(1).sum()
    for level, scale in zip(levels_of(levels), levels.scales, strict=True):
        # Each pixel, but for the last ones, is the mean of the part of the picture under it.
        width, height = level.shape[1] - 1, level.shape[0] - 1
        box = (0, 0, width * scale[0], height * scale[1])
        part = grey.resize((width, height), Image.Resampling.HAMMING, box)
        assert np.abs(np.asarray(part, np.int16) - level[:-1, :-1]).mean() < 2


def test_a_picture_is_shrunk_but_never_enlarged():
    picture = textured_scene(1, (400, 200))
    assert shrunk(picture, 100).size == (100, 50)
    assert shrunk(picture, 400) is picture
    assert shrunk(picture, 500) is picture
    assert shrunk(picture.resize((400, 3)), 100).size == (100, 8)
