"""A pyramid has levels of 1, 2/3, 1/2, 1/3, … of the size, and the picture's brightness."""

import numpy as np
import pytest
from PIL import Image

from fastdup.verify.pyramid import pyramid
from pictures import textured_scene


def test_levels_have_their_sizes():
    shapes = [level.shape for level in pyramid(Image.new("L", (240, 120)), 6, 20)]
    assert shapes == [(120, 240), (80, 160), (60, 120), (40, 80), (30, 60), (20, 40)]


@pytest.mark.parametrize(("least_side", "n_levels"), [(121, 0), (81, 1), (60, 3), (1, 6)])
def test_levels_end_before_they_are_too_small(least_side, n_levels):
    assert len(list(pyramid(Image.new("L", (240, 120)), 6, least_side))) == n_levels


@pytest.mark.parametrize("size", [(241, 121), (250, 188), (99, 98)])
def test_levels_show_the_same(size):
    grey = textured_scene(1, size).convert("L")
    cells = [
        np.asarray(Image.fromarray(level).resize((8, 8), Image.Resampling.BILINEAR), np.int16)
        for level in pyramid(grey, 5, 10)
    ]
    assert len(cells) == 5
    assert max(np.abs(cells[0] - other).mean() for other in cells[1:]) < 1
