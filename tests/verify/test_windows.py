"""Sums and maxima over windows of a flat picture are those of its rows and columns."""

import numpy as np
import pytest

from fastdup.verify.windows import REACH, box_sum, centre, local_maximum


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize(("of_windows", "expected"), [(box_sum, np.sum), (local_maximum, np.max)])
def test_windows_are_placed_at_their_first_pixel(of_windows, expected, dtype):
    pixels = np.random.default_rng(0).integers(0, 256, (11, 17)).astype(dtype)
    found = of_windows(pixels.ravel(), 17)
    assert found.dtype == dtype
    for y in range(REACH, 11 - REACH):
        for x in range(REACH, 17 - REACH):
            window = pixels[y - REACH : y + REACH + 1, x - REACH : x + REACH + 1]
            assert found[y * 17 + x - centre(17)] == expected(window)
