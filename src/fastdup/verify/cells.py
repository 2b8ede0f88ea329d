"""Means over the cells of a grid, and cells that touch gathered into regions."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]


def cell_means(values: NDArray[np.generic], side: int) -> Grey:
    """Return the mean of each whole cell of `side` × `side` pixels, a (rows, columns) array."""
    rows, columns = values.shape[0] // side, values.shape[1] // side
    cut = values[: rows * side, : columns * side].astype(np.float32)
    sums = np.add.reduceat(cut, np.arange(0, columns * side, side), axis=1)
    sums = np.add.reduceat(sums, np.arange(0, rows * side, side), axis=0)
    return np.asarray(sums / (side * side), np.float32)


def clusters(flags: NDArray[np.bool_], gap: int) -> Iterator[NDArray[np.int64]]:
    """Yield the (m, 2) rows and columns of flagged cells that lie within `gap` cells of each other.

    In the order of their first cell, from the top.
    """
    left = flags.copy()
    for row, column in zip(*(axis.tolist() for axis in np.nonzero(flags)), strict=True):
        if not left[row, column]:
            continue
        left[row, column] = False
        cells, waiting = [], [(row, column)]
        while waiting:
            y, x = waiting.pop()
            cells.append((y, x))
            top, start = max(0, y - gap), max(0, x - gap)
            near = left[top : y + gap + 1, start : x + gap + 1]
            rows, columns = np.nonzero(near)
            near[:] = False
            waiting += zip((rows + top).tolist(), (columns + start).tolist(), strict=True)
        yield np.array(cells)
