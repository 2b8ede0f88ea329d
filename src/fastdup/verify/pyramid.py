"""A picture at smaller and smaller scales: 1, 2/3, 1/2, 1/3, 1/4, 1/6 of its size."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: No side is shrunk below so many pixels.
_MIN_SIDE = 8
#: Levels that lie beside each other on a sheet, from the top down.
_ROWS = ((0,), (1, 3), (2, 4, 5))
#: The width of a sheet is a multiple of this, so that there are few widths.
_STEP = 16


class Pyramid(NamedTuple):
    """The levels of a picture on one sheet, so that one operation works on all of them.

    Attributes
    ----------
    sheet : (h, w) uint8 array
        Grey levels; 0 beside the levels.
    sizes, corners : (n, 2) int64 arrays
        Width and height of each level, and x and y of its upper left pixel; the largest first.
    scales : (n, 2) float64 array
        Pixels of the picture for one of the level, along x and y.
    """

    sheet: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    corners: NDArray[np.int64]
    scales: NDArray[np.float64]


def pyramid(grey: Image.Image, n_levels: int, least_side: int) -> Pyramid:
    """Return the levels of a picture that have `least_side` pixels along both sides.

    Each pixel is the mean of those that it stands for, in a level before it. So all levels together
    take little more than the second one.

    Parameters
    ----------
    grey : PIL image, mode L
    n_levels : int
        At most so many, up to 6.
    least_side : int
    """
    levels: list[Image.Image] = []
    for number in range(n_levels):
        level = _level(grey, levels, number)
        if min(level.size) < least_side:
            break
        levels.append(level)
    corners, width, height = [(0, 0)] * len(levels), 1, 0
    for row in _ROWS:
        left, top = 0, height
        for number in (number for number in row if number < len(levels)):
            corners[number] = left, top
            left, height = left + levels[number].width, max(height, top + levels[number].height)
        width = max(width, left)
    sheet = Image.new("L", (-(-width // _STEP) * _STEP, max(1, height)))
    for level, corner in zip(levels, corners, strict=True):
        sheet.paste(level, corner)
    sizes = np.array([level.size for level in levels], np.int64).reshape(-1, 2)
    scales = np.ones(sizes.shape)
    scales[1:2] = np.array(grey.size) / sizes[1:2]
    for number in range(2, len(levels)):  # of an odd side, the last pixel stands for half a one
        scales[number] = 2 * scales[number - 2]
    return Pyramid(np.asarray(sheet), sizes, np.array(corners, np.int64), scales)


def _level(grey: Image.Image, before: list[Image.Image], number: int) -> Image.Image:
    if number == 0:
        return grey
    if number > 1:
        return before[number - 2].reduce(2)
    width, height = (max(1, round(side / 1.5)) for side in grey.size)
    return grey.resize((width, height), Image.Resampling.BILINEAR)


def shrunk(image: Image.Image, longest: int, reducing_gap: float = 1.0) -> Image.Image:
    """Return a picture whose longest side has `longest` pixels; the same object if it has fewer.

    Parameters
    ----------
    image : PIL image
    longest : int
    reducing_gap : float
        See `PIL.Image.Image.resize`: the larger, the closer to exact, and the slower.
    """
    factor = longest / max(image.size)
    if factor >= 1:
        return image
    width, height = (max(_MIN_SIDE, round(side * factor)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=reducing_gap)
