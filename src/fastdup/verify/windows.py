"""Sums and maxima over small square windows, by a few operations on a flat array.

The pixels of a picture follow each other row by row, so the pixel below is `width` places further
on. One operation on the flat array takes a third of the time of one on its rows. The price: windows
that stretch over the end of a row hold pixels of two rows. Nobody may use those.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

#: Pixels on each side of the middle one.
REACH = 2
Numbers = TypeVar("Numbers", bound=np.generic)


def box_sum(values: NDArray[Numbers], width: int) -> NDArray[Numbers]:
    """Return the sum of each 5 × 5 window; place `i` is the window around `i + centre(width)`.

    Parameters
    ----------
    values : (n,) array
        Pixels, row by row; their type must hold the sums.
    width : int
        Pixels of a row.
    """
    return _five(np.add, _five(np.add, values, width), 1)


def local_maximum(values: NDArray[Numbers], width: int) -> NDArray[Numbers]:
    """Return the largest value of each 5 × 5 window, placed as in `box_sum`."""
    return _five(np.maximum, _five(np.maximum, values, width), 1)


def centre(width: int) -> int:
    """Return how many places the middle of a window lies behind its first pixel."""
    return REACH * (width + 1)


def _five(combine: np.ufunc, values: NDArray[Numbers], step: int) -> NDArray[Numbers]:
    """Combine five values a step apart: by pairs, then fours, then the fifth."""
    pairs = combine(values[:-step], values[step:])
    fours = combine(pairs[: -2 * step], pairs[2 * step :])[:-step]
    found: NDArray[Numbers] = combine(fours, values[4 * step :], out=fours)
    return found
