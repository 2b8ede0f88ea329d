"""Points that can be found again in a copy: bright and dark spots, and the ends of edges.

The picture bends there the same way in four directions, up or down. The least of the four second
differences is the strength of a point, as Moravec (1980) took the least of four first ones. It
changes only its sign in the negative, and is a matter of a few operations on small integers.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.verify.pyramid import Pyramid
from fastdup.verify.windows import centre, local_maximum

#: How far off the pixels lie that a point is compared with, along the axes and along the diagonals.
_STRAIGHT, _DIAGONAL = 3, 2
#: Least strength of a point, in sums of 25 grey levels.
_LEAST = 100
#: Points are spread: each cell of so many pixels gives its strongest few before any gives more.
_CELL, _PER_CELL = 64, 8
#: Bits of a place in a sorted list, and those of a strength.
_PLACE_BITS, _STRENGTH_BITS = 24, 16


class Points(NamedTuple):
    """Points of the levels of a pyramid.

    Attributes
    ----------
    places : (m,) int64 array
        Number of the pixel on the sheet, row by row.
    level : (m,) int64 array
        Which level it belongs to.
    x, y : (m,) int64 arrays
        The pixel of that level.
    off_x, off_y : (m,) float32 arrays
        Where between the pixels the point lies: from -0.5 to 0.5 to the right and down.
    strength : (m,) int16 array
    """

    places: NDArray[np.int64]
    level: NDArray[np.int64]
    x: NDArray[np.int64]
    y: NDArray[np.int64]
    off_x: NDArray[np.float32]
    off_y: NDArray[np.float32]
    strength: NDArray[np.int16]

    def chosen(self, which: NDArray[np.generic]) -> "Points":
        """Return some of the points, by number or by a flag for each."""
        return Points(*(values[which] for values in self))


def find_points(smooth: NDArray[np.int16], levels: Pyramid, margin: int) -> Points:
    """Return all points of a pyramid, row by row of its sheet.

    Parameters
    ----------
    smooth : (n,) int16 array
        Sums of 5 × 5 pixels of the sheet, as `box_sum` returns them.
    levels : Pyramid
    margin : int
        At least 8: no point lies nearer to a border of its level.
    """
    width = levels.sheet.shape[1]
    strength = _strength(smooth, width)
    highest = local_maximum(strength, width)
    inner = strength[centre(width) :][: len(highest)]
    peaks = np.flatnonzero((inner == highest) & (inner >= _LEAST)) + centre(width)
    places = peaks + (centre(width) + _STRAIGHT * (width + 1))
    level = _levels_within(levels, margin).ravel()[places]
    heights = strength[peaks]
    # Of two pixels that are as high, the peak is the second one, with the first half a pixel off.
    is_last = (strength[peaks + 1] < heights) & (strength[peaks + width] < heights)
    is_point = (level >= 0) & is_last
    peaks, places, level = peaks[is_point], places[is_point], level[is_point].astype(np.int64)
    y, x = np.divmod(places, width)
    left, top = levels.corners[level].T
    offs = _peak_offset(strength, peaks, 1), _peak_offset(strength, peaks, width)
    return Points(places, level, x - left, y - top, *offs, strength[peaks])


def _levels_within(levels: Pyramid, margin: int) -> NDArray[np.int8]:
    """Return the number of the level of each pixel of the sheet, -1 in the margins."""
    found = np.full(levels.sheet.shape, -1, np.int8)
    sides = zip(levels.corners.tolist(), levels.sizes.tolist(), strict=True)
    for number, ((left, top), (width, height)) in enumerate(sides):
        rows, columns = (
            slice(start + margin, start + length - margin)
            for start, length in ((top, height), (left, width))
        )
        found[rows, columns] = number
    return found


def _peak_offset(
    strength: NDArray[np.int16], peaks: NDArray[np.int64], step: int
) -> NDArray[np.float32]:
    """Return where the parabola through each peak and its neighbours is highest."""
    before, at, after = (strength[peaks + places].astype(np.float32) for places in (-step, 0, step))
    found: NDArray[np.float32] = (after - before) / (2 * np.maximum(2 * at - before - after, 1))
    return found


def _strength(smooth: NDArray[np.int16], width: int) -> NDArray[np.int16]:
    """Return the strength of each pixel but those `_STRAIGHT` rows and columns from the ends."""
    reach = _STRAIGHT * (width + 1)
    middle = smooth[reach : len(smooth) - reach]
    steps = (_STRAIGHT, _STRAIGHT * width, _DIAGONAL * (width + 1), _DIAGONAL * (width - 1))
    least = _around(smooth, reach, steps[0])
    most, sums = least.copy(), np.empty_like(least)
    for step in steps[1:]:
        _around(smooth, reach, step, out=sums)
        np.minimum(least, sums, out=least)
        np.maximum(most, sums, out=most)
    twice = np.add(middle, middle, out=sums)
    least -= twice
    found: NDArray[np.int16] = np.maximum(least, np.subtract(twice, most, out=most), out=most)
    return found


def _around(
    smooth: NDArray[np.int16], reach: int, step: int, out: NDArray[np.int16] | None = None
) -> NDArray[np.int16]:
    """Return the sum of the two pixels that lie a step before and after each one."""
    after, before = smooth[reach + step :], smooth[reach - step :]
    n_pixels = len(smooth) - 2 * reach
    found: NDArray[np.int16] = np.add(after[:n_pixels], before[:n_pixels], out=out)
    return found


def spread(points: Points, n_wanted: int) -> Points:
    """Return about the strongest points, spread over each level.

    The strongest few of each cell come first, then the next few of each, until there are enough.
    """
    n_found = len(points.places)
    if n_found <= n_wanted:
        return points
    cells = (points.level << 16) + (points.y // _CELL << 8) + points.x // _CELL
    order = _strongest_first(cells, points.strength)
    ordered = cells[order]
    rounds = np.empty_like(cells)
    rounds[order] = (np.arange(n_found) - np.searchsorted(ordered, ordered)) // _PER_CELL
    return points.chosen(np.sort(_strongest_first(rounds, points.strength)[:n_wanted]))


def _strongest_first(groups: NDArray[np.int64], strength: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the order by group, within one by strength, and then by place."""
    # One sort of whole numbers takes a tenth of the time of a sort by three keys.
    weakness = np.iinfo(np.int16).max - strength.astype(np.int64)
    keys = (((groups << _STRENGTH_BITS) + weakness) << _PLACE_BITS) + np.arange(len(groups))
    return np.sort(keys) & ((1 << _PLACE_BITS) - 1)
