"""Whether two pictures that seem the same differ clearly in some pixels: a digit, a suit of cards.

Where pictures are compared cell by cell, what lies a pixel beside its place counts as the same, and
a cell must differ as a whole. In small pictures and small letters that makes a club of a spade, and
a 7 of a 1.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.arrays import BoolArray
from fastdup.verify.cells import cell_deviations
from fastdup.verify.changes import CELL, Changes
from fastdup.verify.registration import Aligned

Grey8 = NDArray[np.uint8]

#: Longest side of the grid up to which its maps are exact to a part of a pixel.
_SMALL = 200
#: Levels by which a pixel differs where another shape is, and how many such pixels there are; the
#: same of one square of four. Of 991 copies of pictures of 48 to 200 pixels by ten edits, two
#: have so many: one resized by the nearest pixel, one of 32 colours; no square differs by more
#: than 53. Cards of 72 x 100 pixels with a spade in place of a club have 68 to 91 such pixels, the
#: letters O and Q at 32 pixels a square of 147.
_LEVELS, _FEWEST, _LEVELS_OF_FOUR = 50, 20, 90
#: Levels of a square of four pixels in one cell, and how many times what nearly all cells with
#: texture stay below; levels that are always usual. Of 852 copies of photos, pages, tables and
#: drawings by 26 edits, maps a pixel wrong among them, those with 40 levels reach 1.9 times; pages
#: and scans with another digit of 5 to 14 pixels of height are at 3.1 to 12.
_LEVELS_OF_CELL, _TIMES, _ALWAYS_USUAL, _NEARLY_ALL = 40, 2.5, 4, 0.98
#: Share of these levels below which a cell stays once both are in one tone and equally sharp.
_SURELY_LESS = 0.75
#: Deviation of the levels in a cell with texture, and how many such cells are needed.
_TEXTURE, _LEAST_CELLS = 5.0, 50


def may_differ_in_some_pixels(aligned: Aligned) -> bool:
    """Return whether it is worth while to find the changes of two pictures that seem the same.

    Without that they are not yet in one tone and equally sharp, which makes them differ less.
    """
    smooth = [
        np.asarray(Image.fromarray(picture).convert("L").filter(ImageFilter.BoxBlur(1)))
        for picture in (aligned.first, aligned.second)
    ]
    steps = _steps(smooth[0], smooth[1], aligned.inside)
    return int(_of_four(steps).max(initial=0)) >= _SURELY_LESS * _LEVELS_OF_CELL


def differ_in_some_pixels(changes: Changes, inside: BoolArray) -> bool:
    """Return whether two pictures that seem the same differ clearly in some pixels.

    Parameters
    ----------
    changes : Changes
    inside : (h, w) bool array
        Pixels to look at.
    """
    if changes.equal is None:
        return False
    one, other = changes.equal.one, changes.equal.other
    of_pixels = _steps(one, other, inside)
    of_four = _of_four(of_pixels)
    if max(inside.shape) <= _SMALL:
        n_other = int((of_pixels > _LEVELS).sum())
        if n_other >= _FEWEST or (of_four > _LEVELS_OF_FOUR).any():
            return True
    return int(of_four.max(initial=0)) >= _LEVELS_OF_CELL and _stands_out(of_four, one, other)


def _steps(one: Grey8, other: Grey8, inside: BoolArray) -> Grey8:
    """Return by how many levels each pixel differs; by none where it is not looked at."""
    return np.where(inside, np.abs(one.astype(np.int16) - other), 0).astype(np.uint8)


def _of_four(steps: Grey8) -> Grey8:
    """Return the mean of each square of four pixels."""
    return np.asarray(Image.fromarray(steps).reduce(2))


def _stands_out(of_four: Grey8, one: Grey8, other: Grey8) -> bool:
    """Return whether one cell differs by far more than nearly all with texture do."""
    texture = np.maximum(cell_deviations(one, CELL), cell_deviations(other, CELL))
    rows, columns = texture.shape
    side = CELL // 2
    squares = of_four[: rows * side, : columns * side].reshape(rows, side, columns, side)
    of_cells = squares.max((1, 3))
    with_texture = of_cells[texture > _TEXTURE]
    if len(with_texture) < _LEAST_CELLS:
        return False
    usual = float(np.quantile(with_texture, _NEARLY_ALL)) + _ALWAYS_USUAL
    return bool(with_texture.max() > max(_LEVELS_OF_CELL - 1, _TIMES * usual))
