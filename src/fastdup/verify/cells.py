"""Means over the cells of a grid, and cells that touch gathered into regions."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float32]

#: Grey levels by which the pixels of a cell of one colour differ, at most.
_FLAT = 24


def cell_means(values: NDArray[np.generic], side: int) -> Grey:
    """Return the mean of each whole cell of `side` × `side` pixels, a (rows, columns) array."""
    rows, columns = values.shape[0] // side, values.shape[1] // side
    cut = values[: rows * side, : columns * side].astype(np.float32)
    sums = np.add.reduceat(cut, np.arange(0, columns * side, side), axis=1)
    sums = np.add.reduceat(sums, np.arange(0, rows * side, side), axis=0)
    return np.asarray(sums / (side * side), np.float32)


def cell_deviations(levels: NDArray[np.generic], side: int) -> Grey:
    """Return the standard deviation of the levels in each whole cell."""
    grey = levels.astype(np.float32)
    mean = cell_means(grey, side)
    variance = np.maximum(cell_means(grey * grey, side) - mean * mean, 0)
    return np.asarray(np.sqrt(variance))


def flat_cells(picture: NDArray[np.uint8], side: int) -> NDArray[np.bool_]:
    """Return which whole cells of an RGB picture are of one colour, but for what saving leaves."""
    rows, columns = (length // side for length in picture.shape[:2])
    cells = picture[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
    steps = cells.max(axis=(1, 3)).astype(np.int16) - cells.min(axis=(1, 3))
    return np.asarray(steps.max(2) <= _FLAT)


def whole_cells(inside: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Return which cells of `side` × `side` pixels are inside with all their pixels.

    Those at the right and at the bottom may be smaller, as `PIL.Image.reduce` has them.
    """
    covered = np.asarray(Image.fromarray(inside).convert("L").reduce(side))
    return np.asarray(covered == 255)


def clusters(flags: NDArray[np.bool_], gap: int) -> Iterator[NDArray[np.int64]]:
    """Yield the (m, 2) rows and columns of flagged cells that lie within `gap` cells of each other.

    In the order of their first cell, from the top; the cells of each in this order, too.
    """
    cells = np.argwhere(flags)
    if not len(cells):
        return
    lowest = _lowest_linked(cells, flags.shape, gap)
    order = np.argsort(lowest, kind="stable")
    (ends,) = np.nonzero(np.diff(lowest[order]))
    yield from np.split(cells[order], ends + 1)


def _lowest_linked(cells: NDArray[np.int64], shape: tuple[int, ...], gap: int) -> NDArray[np.int64]:
    """Return for each cell the lowest number of those that it is linked to, over others if need be.

    Every group of cells is hooked to the lowest one that any of them is near to, until none moves.
    """
    numbers = np.full((shape[0] + 2 * gap, shape[1] + 2 * gap), len(cells))
    rows, columns = cells.T
    lowest = np.arange(len(cells))
    while True:
        numbers[rows + gap, columns + gap] = lowest
        near = _least_around(numbers, gap)[rows, columns]
        if np.array_equal(near, lowest):
            return lowest
        np.minimum.at(lowest, lowest.copy(), near)
        lowest = lowest[lowest]


def _least_around(numbers: NDArray[np.int64], gap: int) -> NDArray[np.int64]:
    """Return the least number within `gap` rows and columns of each that is so far from the rim."""
    for _ in range(2):  # rows, then columns
        shifted = [numbers[at : len(numbers) - 2 * gap + at] for at in range(2 * gap + 1)]
        numbers = np.minimum.reduce(shifted).T
    return numbers
