"""Whether small pictures show other shapes: icons, cards and signs that differ in a few pixels.

Where pictures are compared cell by cell, what lies a pixel beside its place counts as the same. In
a picture of a hundred pixels that is a spade for a club.
"""

import numpy as np
from PIL import Image

from fastdup.arrays import BoolArray
from fastdup.verify.changes import Changes

#: Longest side of the grid up to which its maps are exact to a part of a pixel.
_SMALL = 200
#: Levels by which a pixel differs where another shape is, and how many such pixels there are; the
#: same of one square of four. Of 991 copies of pictures of 48 to 200 pixels by ten edits, two
#: have so many: one resized by the nearest pixel, one of 32 colours; no square differs by more
#: than 53. Cards of 72 x 100 pixels with a spade in place of a club have 68 to 91 such pixels, the
#: letters O and Q at 32 pixels a square of 147.
_LEVELS, _FEWEST, _LEVELS_OF_FOUR = 50, 20, 90


def show_other_shapes(changes: Changes, inside: BoolArray) -> bool:
    """Return whether two small pictures that seem the same differ clearly in some pixels.

    Parameters
    ----------
    changes : Changes
    inside : (h, w) bool array
        Pixels to look at.
    """
    if changes.equal is None or max(inside.shape) > _SMALL:
        return False
    one, other = (level.astype(np.int16) for level in (changes.equal.one, changes.equal.other))
    steps = np.where(inside, np.abs(one - other), 0).astype(np.uint8)
    of_four = np.asarray(Image.fromarray(steps).reduce(2))
    return int((steps > _LEVELS).sum()) >= _FEWEST or bool((of_four > _LEVELS_OF_FOUR).any())
