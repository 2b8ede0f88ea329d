"""Points that can be found again in a copy: bright and dark spots, and the ends of edges.

The picture bends there the same way in four directions, up or down. The least of the four second
differences is the strength of a point, as Moravec (1980) took the least of four first ones. It
changes only its sign in the negative, and is a matter of a few operations on small integers.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.verify.windows import REACH, centre, local_maximum

#: How far off the pixels lie that a point is compared with, along the axes and along the diagonals.
_STRAIGHT, _DIAGONAL = 3, 2
#: Pixels on each side of a point that its strength, and that of its neighbours, is made of.
_REACH = 2 * REACH + _STRAIGHT
#: Least strength of a point, in sums of 25 grey levels.
_LEAST = 100
#: Points are spread: each cell of so many pixels gives its strongest few before any gives more.
_CELL, _PER_CELL = 64, 8
#: Bits of a place in a sorted list, and those of a strength.
_PLACE_BITS, _STRENGTH_BITS = 24, 16


class Points(NamedTuple):
    """Points of one level of a pyramid.

    Attributes
    ----------
    x, y : (m,) int64 arrays
        In pixels of the level.
    off_x, off_y : (m,) float32 arrays
        Where between the pixels the point lies: from -0.5 to 0.5 to the right and down.
    strength : (m,) int16 array
    """

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    off_x: NDArray[np.float32]
    off_y: NDArray[np.float32]
    strength: NDArray[np.int16]


def find_points(smooth: NDArray[np.int16], size: tuple[int, int], margin: int) -> Points:
    """Return all points of a level, row by row.

    Parameters
    ----------
    smooth : (n,) int16 array
        Sums of 5 × 5 pixels, as `box_sum` returns them.
    size : (int, int)
        Width and height of the level, in pixels.
    margin : int
        At least `_REACH`: no point lies nearer to a border.
    """
    width, height = size
    n_skipped = margin - _REACH
    smooth = smooth[n_skipped * width : len(smooth) - n_skipped * width]
    strength = _strength(smooth, width)
    highest = local_maximum(strength, width)
    inner = strength[centre(width) :][: len(highest)]
    peaks = np.flatnonzero((inner == highest) & (inner >= _LEAST)) + centre(width)
    heights = strength[peaks]
    # Of two pixels that are as high, the peak is the second one, with the first half a pixel off.
    is_last = (strength[peaks + 1] < heights) & (strength[peaks + width] < heights)
    y, x = np.divmod(peaks + centre(width) + _STRAIGHT * (width + 1), width)
    y += n_skipped
    is_inside = (x >= margin) & (x < width - margin) & (y >= margin) & (y < height - margin)
    is_point = is_inside & is_last
    x, y, peaks = x[is_point], y[is_point], peaks[is_point]
    offs = _peak_offset(strength, peaks, 1), _peak_offset(strength, peaks, width)
    return Points(x, y, *offs, strength[peaks])


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
    twice = middle + middle
    directions = (_STRAIGHT, _STRAIGHT * width, _DIAGONAL * (width + 1), _DIAGONAL * (width - 1))
    least, most = twice, twice
    for number, step in enumerate(directions):
        bend = smooth[reach + step :][: len(middle)] + smooth[reach - step :][: len(middle)]
        bend -= twice
        least = np.minimum(least, bend) if number else bend
        most = np.maximum(most, bend) if number else bend
    found: NDArray[np.int16] = np.maximum(least, -most)
    return found


def spread(levels: list[Points], n_wanted: int) -> list[Points]:
    """Return about the strongest points of all levels, spread over each.

    The strongest few of each cell come first, then the next few of each, until there are enough.
    """
    counts = [len(points.x) for points in levels]
    if sum(counts) <= n_wanted:
        return levels
    cells = np.concatenate(
        [
            (number << 16) + (points.y // _CELL << 8) + points.x // _CELL
            for number, points in enumerate(levels)
        ]
    )
    strength = np.concatenate([points.strength for points in levels])
    order = _strongest_first(cells, strength)
    ordered = cells[order]
    rounds = np.empty_like(cells)
    rounds[order] = (np.arange(len(order)) - np.searchsorted(ordered, ordered)) // _PER_CELL
    is_chosen = np.zeros(len(order), bool)
    is_chosen[_strongest_first(rounds, strength)[:n_wanted]] = True
    return [
        Points(*(values[chosen] for values in points))
        for points, chosen in zip(levels, np.split(is_chosen, np.cumsum(counts[:-1])), strict=True)
    ]


def _strongest_first(groups: NDArray[np.int64], strength: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the order by group, within one by strength, and then by place."""
    # One sort of whole numbers takes a tenth of the time of a sort by three keys.
    weakness = np.iinfo(np.int16).max - strength.astype(np.int64)
    keys = (((groups << _STRENGTH_BITS) + weakness) << _PLACE_BITS) + np.arange(len(groups))
    return np.sort(keys) & ((1 << _PLACE_BITS) - 1)
