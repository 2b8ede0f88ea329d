"""Sums and maxima over small square windows, by a few whole-array operations."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

#: Side of the windows, in pixels.
SIDE = 5


def box_sum(values: Grey) -> Grey:
    """Return the sum of each 5 × 5 window, an array two smaller on each side."""
    return _five(np.add, _five(np.add, values, 0), 1)


def local_maximum(values: Grey) -> Grey:
    """Return the largest value of each 5 × 5 window, an array two smaller on each side."""
    return _five(np.maximum, _five(np.maximum, values, 0), 1)


def _five(combine: Callable[[Grey, Grey], Grey], values: Grey, axis: int) -> Grey:
    """Combine windows of five along an axis, by pairs, then fours, then the fifth."""
    pairs = combine(_cut(values, axis, 0, 1), _cut(values, axis, 1, 0))
    fours = combine(_cut(pairs, axis, 0, 2), _cut(pairs, axis, 2, 0))
    return combine(_cut(fours, axis, 0, 1), _cut(values, axis, 4, 0))


def _cut(values: Grey, axis: int, first: int, last: int) -> Grey:
    """Return the values without the first and last few along an axis."""
    chosen = slice(first, values.shape[axis] - last)
    return values[chosen] if axis == 0 else values[:, chosen]
